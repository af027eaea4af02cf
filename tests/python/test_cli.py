"""The command line: exit codes, reports, errors in one line."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import toys

import leadline
from leadline import cli


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = toys.data()
    x = np.concatenate([b.x for b in data.open()])
    y = np.concatenate([b.target for b in data.open()])
    np.savez("d.npz", x=x, y=y)
    (tmp_path / "my_models.py").write_text(
        "import toys\n\ndef box(x):\n    return toys.logits(x).argmax(1)\n"
    )
    sys.modules.pop("my_models", None)
    return tmp_path


def call(*arguments: str) -> int:
    try:
        cli.main([str(a) for a in arguments])
    except SystemExit as exit:
        return int(exit.code or 0)
    return 0


def policy(limit: float) -> str:
    leadline.Policy("p").require("accuracy.accuracy", at_least=limit).save("p.toml")
    return "p.toml"


BASE = ["evaluate", "my_models:box", "d.npz", "--suite", "accuracy", "--output", "labels"]


def test_without_a_policy_it_reports_and_exits_with_0(place, capsys):
    assert call(*BASE, "--out", "run") == 0
    assert json.loads((place / "run/report.json").read_text())["findings"]
    assert (place / "run/report.html").exists() and "read correctly" in capsys.readouterr().out


def test_bounds_are_declared_in_the_shell_or_in_the_file(place, capsys):
    arguments = ["evaluate", "my_models:box", "d.npz", "--suite", "attach", "--output", "labels"]
    assert call(*arguments, "--bounds", "-9,9", "--out", "run") == 0
    checks = leadline.Report.load(place / "run/report.json").finding("attach").checks
    assert next(c.result for c in checks if c.name == "inputs_within_bounds") == "pass"
    assert call(*arguments, "--bounds", "wide") == 2
    assert "--bounds 0,1" in capsys.readouterr().err
    file = dict(np.load("d.npz"))
    np.savez("known.npz", **file, bounds=[-9.0, 9.0], class_names=["a", "b", "c"])
    known = leadline.Dataset("known.npz").info()
    assert known.bounds == (-9.0, 9.0) and known.class_names == ["a", "b", "c"]


@pytest.mark.parametrize(("limit", "code"), [(0.5, 0), (0.99, 1)])
def test_the_exit_code_is_the_verdict(place, limit, code):
    assert call(*BASE, "--policy", policy(limit), "--quiet") == code


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "my_models:none", "d.npz"],
        ["evaluate", "my_models:box", "none.npz"],
        [*BASE, "--policy", "none.toml"],
        [*BASE, "--also", "fit"],
        ["report", "none.json"],
    ],
)
def test_an_error_is_one_line_and_exit_code_2(place, capsys, arguments):
    assert call(*arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("leadline: ") and "Traceback" not in err and "expected" in err


def test_catalog_policy_lock_and_report_work(place, capsys):
    assert call("catalog", "--no-torch", "--kind", "metric") == 0
    assert "f1" in capsys.readouterr().out
    assert call("policy", "lock", policy(0.5)) == 0 and leadline.Policy.load("p.toml").locked
    assert call("policy", "lock", "p.toml") == 2
    assert call(*BASE, "--out", "run", "--quiet") == 0
    assert call("report", "run/report.json", "--html", "again.html") == 0
    assert (place / "again.html").stat().st_size > 1000
