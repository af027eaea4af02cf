"""evaluate() from Python: the engine with models, data, probes and metrics of one's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import toys

import leadline

ROOT = Path(__file__).resolve().parents[2]
QUIET = {"progress": False}


def names(report: leadline.Report) -> list[str]:
    return [f"{f.probe}:{f.status}" for f in report.findings]


def test_probes_and_metrics_of_ones_own_run_in_the_engine():
    data = toys.data()
    report = leadline.evaluate(
        toys.logits,
        data,
        suite=[toys.Errors(), toys.MeanOffset(), toys.NoisyVotes(scale=0.3), toys.CountMean()],
        also={"fit": toys.data(seed=1)},
        output="logits",
        **QUIET,
    )
    assert {s.split(":")[1] for s in names(report)} == {"ok"}, [f.why for f in report.findings]
    x = np.concatenate([b.x for b in data.open()])
    y = np.concatenate([b.target for b in data.open()])
    wrong = int((toys.logits(x).argmax(1) != y).sum())
    assert report["errors.rate"].value == pytest.approx(wrong / 300)
    assert report["count_mean.count_mean"].value == pytest.approx(1 - wrong / 300)
    assert report.finding("noisy_votes").options == [("scale", "0.3")]
    assert report.finding("errors").flags and report.finding("noisy_votes").cost.forwards == 600


def test_the_answer_does_not_depend_on_the_batch_size():
    def run(batch_size):
        suite = [toys.Errors(), toys.NoisyVotes(), toys.CountMean()]
        return leadline.evaluate(
            toys.logits, toys.data(), suite=suite, batch_size=batch_size, output="logits", **QUIET
        ).estimates

    assert run(7) == run(128)


def test_a_probe_that_raises_gives_a_failed_finding_and_the_run_goes_on():
    class Broken(toys.Errors):
        def info(self):
            return {"name": "broken", "question": "?"}

        def start(self, session):
            class Run(toys.ErrorsRun):
                def observe(self, context):
                    raise ZeroDivisionError("planted")

            return Run()

    report = leadline.evaluate(
        toys.logits, toys.data(), suite=[Broken(), toys.Errors()], output="logits", **QUIET
    )
    found = report.finding("broken")
    assert found.status == "failed" and "ZeroDivisionError: planted" in found.why
    assert "test_evaluate.py" in found.why and report["errors.rate"].ok


def test_a_lent_session_is_dead_after_the_call():
    kept = []

    class Keeps(toys.Errors):
        def start(self, session):
            kept.append(session)
            return super().start(session)

    leadline.evaluate(toys.logits, toys.data(), suite=[Keeps()], output="logits", **QUIET)
    with pytest.raises(leadline.ValueError, match="inside the call"):
        _ = kept[0].seed


def test_reports_save_load_and_show_themselves(tmp_path):
    policy = leadline.Policy("gate").require("errors.rate", at_most=0.9)
    report = leadline.evaluate(
        toys.logits, toys.data(), suite=[toys.Errors()], policy=policy, output="logits", **QUIET
    )
    assert [v.outcome for v in report.verdicts] == ["met"]
    for name in ("r.json", "r.html", "r.md"):
        report.save(tmp_path / name)
    again = leadline.Report.load(tmp_path / "r.json")
    assert again.to_dict() == report.to_dict() and "errors.rate" in again
    assert "<html" in (tmp_path / "r.html").read_text().lower()
    assert "errors" in str(report) or "misread" in str(report)
    assert "misread" in report._repr_html_()
    assert report.provenance["python.version"] == ".".join(map(str, sys.version_info[:3]))
    with pytest.raises(leadline.ValueError, match="errors.rate"):
        report["errors.rat"]


@pytest.mark.parametrize("name", ["r.html", "r.json", "r.md"])
def test_a_folder_that_is_not_there_is_a_store_error(tmp_path, name):
    report = leadline.Report.from_json(
        leadline.evaluate(
            toys.logits, toys.data(), suite=[toys.Errors()], output="logits", **QUIET
        ).to_json()
    )
    with pytest.raises(leadline.StoreError) as caught:
        report.save(tmp_path / "none" / name)
    assert isinstance(caught.value, OSError) and caught.value.remedy
    assert not list(tmp_path.rglob("*r.*"))


def nan_model(x):
    out = toys.logits(x)
    out[3] = np.nan
    return out


def text_model(x):
    return "cat"


def short_model(x):
    return toys.logits(x)[:-1]


def raising_model(x):
    raise RuntimeError("out of memory")


@pytest.mark.parametrize(
    ("model", "pattern"),
    [
        (nan_model, "finite|nan"),
        (text_model, "array"),
        (short_model, "row|300|128|127"),
        (raising_model, "out of memory"),
        (lambda x: None, "None"),
        (lambda x: np.zeros((len(x), 3, 2)), "shape|\\["),
    ],
)
def test_a_model_that_misbehaves_is_named_and_nothing_crashes(model, pattern):
    try:
        report = leadline.evaluate(
            model, toys.data(), suite=[toys.Errors()], output="logits", **QUIET
        )
    except leadline.Error as error:
        text = str(error)
    else:
        found = report.finding("errors")
        assert found.status == "failed"
        text = found.why
    import re

    assert re.search(pattern, text), text


def test_data_that_fails_at_batch_seven_is_a_data_error_or_a_partial_answer():
    class Fails(leadline.Dataset):
        def info(self):
            return {"size": 200, "name": "fails"}

        def batch(self, ids):
            self.calls = getattr(self, "calls", 0) + 1
            if self.calls >= 7:
                raise OSError("cable pulled")
            x = np.zeros((len(ids), 2))
            return x, np.zeros(len(ids), "int64")

    try:
        report = leadline.evaluate(
            toys.logits, Fails(), suite=[toys.Errors()], batch_size=10, output="logits", **QUIET
        )
    except leadline.DataError as error:
        assert "cable pulled" in str(error)
    else:
        text = (
            report.finding("errors").why
            + report.partial_why
            + " ".join(report.finding("errors").warnings)
        )
        assert "cable pulled" in text and report.finding("errors").status != "ok"


def test_what_is_no_model_suite_or_role_is_refused():
    data = toys.data()
    for model in (3, toys.logits.__class__, None):
        with pytest.raises(leadline.TypeError):
            leadline.evaluate(model, data, suite=[toys.Errors()], **QUIET)
    with pytest.raises(leadline.TypeError, match="Errors"):
        leadline.evaluate(toys.logits, data, suite=[toys.Errors], **QUIET)
    with pytest.raises(leadline.ValueError, match="accuracy"):
        leadline.evaluate(toys.logits, data, suite=["acuracy"], **QUIET)
    with pytest.raises(leadline.ValueError, match="pgd|twice|taken"):
        leadline.evaluate(toys.logits, data, suite=[toys.Errors(), toys.Errors()], **QUIET)


def test_a_black_box_of_labels_and_an_estimator_are_models():
    class Estimator:
        def predict_proba(self, x):
            e = np.exp(toys.logits(x))
            return e / e.sum(1, keepdims=True)

    boxed = leadline.evaluate(
        lambda x: toys.logits(x).argmax(1),
        toys.data(),
        suite=["accuracy"],
        output="labels",
        **QUIET,
    )
    scored = leadline.evaluate(Estimator(), toys.data(), suite=["accuracy"], **QUIET)
    assert boxed["accuracy.accuracy"].value == scored["accuracy.accuracy"].value > 0.8


def test_progress_is_called_with_plain_values():
    seen = []
    leadline.evaluate(
        toys.logits,
        toys.data(2000),
        suite=[toys.Errors()],
        batch_size=16,
        output="logits",
        progress=lambda *p: seen.append(p),
    )
    assert seen and all(isinstance(p[0], str) and isinstance(p[1], int) for p in seen)


def test_ctrl_c_gives_the_partial_report(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys, time
            sys.path.insert(0, sys.argv[1])
            import toys, leadline
            def slow(x):
                print("batch", flush=True)
                time.sleep(0.05)
                return toys.logits(x)
            report = leadline.evaluate(slow, toys.data(3000), suite=[toys.Errors()], batch_size=10,
                                       output="logits", progress=False)
            print("partial", report.partial, report["errors.rate"].n, flush=True)
            """
        )
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    process = subprocess.Popen(
        [sys.executable, str(script), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        # A test run in the background of a shell inherits SIGINT as ignored, and so would the child.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(5):
        assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    last = out.strip().splitlines()[-1]
    assert process.returncode == 0, err
    assert last.startswith("partial True") and 0 < int(last.split()[2]) < 3000


def test_a_model_that_changes_its_mode_is_restored_and_reported():
    torch = pytest.importorskip("torch")

    class Switching(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(4, 3)

        def forward(self, x):
            self.train()
            return self.linear(x)

    net = Switching().eval()
    rng = np.random.default_rng(0)
    data = leadline.Dataset(rng.normal(size=(40, 4)).astype(np.float32), rng.integers(0, 3, 40))
    report = leadline.evaluate(net, data, suite=[leadline.metrics.Task()], progress=False)
    assert "mode" in report.fact("model.note")
    assert not net.training and not net.linear.training


def test_a_list_of_probes_runs_with_the_checks_of_attach_and_a_single_one_alone():
    x = np.random.default_rng(0).random((60, 3)) * 255
    data = leadline.Dataset(x, (x[:, 0] > 127).astype(int), bounds=(0, 1))
    options = {"output": "labels", "progress": False}

    def model(x):
        return (x[:, 0] > 127).astype(int)

    report = leadline.evaluate(model, data, suite=["task"], **options)
    assert [f.probe for f in report.findings] == ["task", "attach"]
    assert "divide by 255" in str([r.text for r in report.finding("attach").remedies])
    alone = leadline.evaluate(model, data, suite="task", **options)
    listed = leadline.evaluation.make_suite(["task"])
    as_it_is = leadline.evaluate(model, data, suite=listed, **options)
    assert [f.probe for r in (alone, as_it_is) for f in r.findings] == ["task", "task"]
