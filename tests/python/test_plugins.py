"""A third-party package with one model, data set, probe and metric shows up everywhere."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

import leadline
from leadline import plugins

PACKAGE = Path(__file__).parent / "third_party_plugin"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The package as pip leaves it: importable, with its entry points in a dist-info folder."""
    text = (PACKAGE / "pyproject.toml").read_text()
    points = text.partition('[project.entry-points."leadline.plugins"]')[2].replace('"', "")
    info = tmp_path / "acme_probes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-probes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{plugins.GROUP}]{points}")
    monkeypatch.syspath_prepend(str(PACKAGE))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    plugins.load_all.cache_clear()
    yield
    plugins.load_all.cache_clear()
    sys.modules.pop("acme_probes", None)


def test_plugins_are_in_catalog_suite_report_and_policy(installed):
    kinds = {e["name"]: e["kind"] for e in leadline.catalog(torch=False) if e["half"] == "plugin"}
    assert kinds == {
        "acme_model": "model",
        "acme_data": "dataset",
        "acme_probe": "probe",
        "acme_metric": "metric",
    }
    model = leadline.catalogs.make("acme_model", threshold=0.4)
    policy = leadline.Policy("p").require("acme_probe.positive", at_least=0.5)
    policy.require("agreement.agreement", at_least=0.9)
    report = leadline.evaluate(
        model,
        leadline.catalogs.make("acme_data"),
        suite=["acme_probe", "acme_metric", "accuracy"],
        policy=policy,
        progress=False,
    )
    assert report["agreement.agreement"].value == report["accuracy.accuracy"].value == 1.0
    assert [v.outcome for v in report.verdicts] == ["met", "met"]
    assert report.fact("model.name") == "threshold"


def test_a_plugin_that_cannot_be_loaded_is_a_warning(installed, monkeypatch):
    class Point:
        name, dist = "broken", None

        def load(self):
            raise RuntimeError("no such symbol")

    monkeypatch.setattr(plugins, "entry_points", lambda group: [Point()])
    plugins.load_all.cache_clear()
    with pytest.warns(UserWarning, match="no such symbol"):
        assert plugins.load_all() == {}
