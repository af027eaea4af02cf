"""compare(): real data, stored runs, the command line, and an independent reference."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import leadline
from leadline import cli

sklearn = pytest.importorskip("sklearn")
from sklearn import datasets, linear_model, metrics, neighbors, preprocessing  # noqa: E402


@pytest.fixture(scope="module")
def digits():
    """Two models of the digits and the samples they never saw, with a group a third each."""
    x, y = datasets.load_digits(return_X_y=True)
    x = preprocessing.MinMaxScaler().fit_transform(x)
    old = neighbors.KNeighborsClassifier(3).fit(x[:900], y[:900])
    new = linear_model.LogisticRegression(max_iter=300).fit(x[:900], y[:900])
    table = {"third": np.array(["a", "b", "c"])[np.arange(len(x) - 900) % 3]}
    return old, new, leadline.Dataset(x[900:], y[900:], table=table), x[900:], y[900:]


def compared(digits, **options):
    old, new, data, _, _ = digits
    return leadline.compare(
        old.predict_proba,
        new.predict_proba,
        data,
        output="probabilities",
        progress=False,
        **options,
    )


def test_the_usage_line(digits):
    found = compared(digits, margin=0.01)
    old, new, _, x, y = digits
    a, b = old.predict(x) == y, new.predict(x) == y
    assert found.verdict in ("better", "worse", "equivalent", "undecided")
    assert found["task.accuracy"].difference.value == pytest.approx(b.mean() - a.mean(), abs=1e-12)
    assert found.flips.worse.tolist() == np.flatnonzero(a & ~b).tolist()
    assert found.flips.better.tolist() == np.flatnonzero(~a & b).tolist()
    assert found.report.kind == "compare" and "slices.accuracy@third=a" in found.metrics


def test_metrics_are_those_of_scikit_learn(digits):
    found = compared(digits, metrics=[leadline.metrics.Recall()])
    old, new, _, x, y = digits
    for model, side in ((old, "a"), (new, "b")):
        label, p = model.predict(x), model.predict_proba(x)
        assert getattr(found["task.balanced_accuracy"], side).value == pytest.approx(
            metrics.balanced_accuracy_score(y, label), abs=1e-12
        )
        assert getattr(found["task.f1{average=macro}"], side).value == pytest.approx(
            metrics.f1_score(y, label, average="macro"), abs=1e-12
        )
        assert getattr(found["task.recall"], side).value == pytest.approx(
            metrics.recall_score(y, label, average="macro"), abs=1e-12
        )
        wanted = ((p - np.eye(10)[y]) ** 2).sum(1).mean()
        assert getattr(found["task.brier"], side).value == pytest.approx(wanted, abs=1e-9)
    assert found["task.recall"].p_value == pytest.approx(
        found["task.balanced_accuracy"].p_value, abs=1e-12
    )


def test_the_bootstrap_agrees_with_a_loop_over_resamples(digits):
    found = compared(digits)["task.f1{average=macro}"].difference
    old, new, _, x, y = digits
    a, b = old.predict(x), new.predict(x)
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(150):
        rows = rng.integers(0, len(y), len(y))
        draws.append(
            metrics.f1_score(y[rows], b[rows], average="macro")
            - metrics.f1_score(y[rows], a[rows], average="macro")
        )
    low, high = np.quantile(draws, [0.025, 0.975])
    width = high - low
    assert found.lower == pytest.approx(low, abs=0.25 * width)
    assert found.upper == pytest.approx(high, abs=0.25 * width)


def test_flipped_samples_are_shown_as_pictures(digits):
    old, new, _, x, y = digits
    images = x.reshape(-1, 1, 8, 8).astype(np.float32)
    data = leadline.Dataset(
        images, y, bounds=(0.0, 1.0), class_names=[f"digit {k}" for k in range(10)]
    )
    found = leadline.compare(
        lambda z: old.predict_proba(np.asarray(z).reshape(len(z), -1)),
        lambda z: new.predict_proba(np.asarray(z).reshape(len(z), -1)),
        data,
        output="probabilities",
        progress=False,
    )
    flips = found.report.finding("flips")
    shown = [block for block in flips.blocks if isinstance(block, leadline.Exhibit)]
    assert shown and all(exhibit.images[0].shape[:2] == (8, 8) for exhibit in shown)
    assert shown[0].title.startswith("got worse: is digit ")
    assert {exhibit.id for exhibit in shown} <= set(found.flips.worse) | set(found.flips.better)
    assert {flag.id for flag in flips.flags} == set(found.flips.worse)


def test_columns_with_too_many_values_are_named(digits):
    old, new, _, x, y = digits
    data = leadline.Dataset(
        x, y, table={"third": np.arange(len(y)) % 3, "age": np.arange(len(y)) / 7}
    )
    found = leadline.compare(
        old.predict_proba, new.predict_proba, data, output="probabilities", progress=False
    )
    slices = found.report.finding("slices")
    assert any("age" in warning for warning in slices.warnings)
    assert "slices.accuracy@third=0" in found.metrics


def test_auroc_of_a_binary_task_has_a_delong_p_value():
    x, y = datasets.load_breast_cancer(return_X_y=True)
    x = preprocessing.StandardScaler().fit_transform(x)
    few = linear_model.LogisticRegression(max_iter=500).fit(x[:200, :3], y[:200])
    all_ = linear_model.LogisticRegression(max_iter=500).fit(x[:200], y[:200])
    found = leadline.compare(
        lambda z: few.predict_proba(z[:, :3]),
        all_.predict_proba,
        (x[200:], y[200:]),
        output="probabilities",
        progress=False,
    )
    auroc = found["task.auroc"]
    assert auroc.test == "DeLong" and auroc.p_value < 0.05
    assert auroc.b.value == pytest.approx(
        metrics.roc_auc_score(y[200:], all_.predict_proba(x[200:])[:, 1]), abs=1e-12
    )
    assert found.verdict == "better"


def test_mcnemar_is_that_of_the_binomial(digits):
    stats = pytest.importorskip("scipy.stats")
    found = compared(digits, test="exact")
    b, c = len(found.flips.worse), len(found.flips.better)
    assert found["task.accuracy"].p_value == pytest.approx(
        stats.binomtest(min(b, c), b + c, 0.5).pvalue, abs=1e-12
    )


@pytest.fixture
def runs(digits, tmp_path):
    old, new, data, x, y = digits
    for name, model in (("a", old), ("b", new)):
        leadline.evaluate(
            model.predict_proba, data, suite=["accuracy"], output="probabilities", progress=False
        ).save(tmp_path / f"{name}.json")
    np.savez(tmp_path / "d.npz", x=x, y=y)
    return tmp_path


def test_stored_runs_compare_as_the_models_do(digits, runs):
    stored = leadline.compare(runs / "a.json", runs / "b.json", margin=0.05)
    direct = compared(digits, margin=0.05)
    assert stored.verdict == direct.verdict
    for name in stored.metrics:
        assert str(stored[name].difference) == str(direct[name].difference)
    stored.save(runs / "ab.json")
    again = leadline.ModelComparison.load(runs / "ab.json")
    assert again.flips.worse.tolist() == direct.flips.worse.tolist()
    stored.save(runs / "ab.html")
    assert "got worse" in (runs / "ab.html").read_text()


def call(*arguments) -> int:
    try:
        cli.main([str(a) for a in arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_exit_code_of_the_command_line(runs, capsys):
    a, b = runs / "a.json", runs / "b.json"
    direct = leadline.compare(a, b, margin=0.01)
    codes = {"better": 0, "equivalent": 0, "worse": 1, "undecided": 2}
    assert call("compare", a, b, "--margin", "0.01") == codes[direct.verdict]
    assert direct.verdict in capsys.readouterr().out
    assert (
        call("compare", a, b, "--margin", "0.5", "--slices", "third", "--out", runs / "ab.json")
        == 0
    )
    assert (runs / "ab.json").exists()
    assert call("compare", a, b) == codes[leadline.compare(a, b).verdict]
    assert call("compare", a, runs / "none.json") == 3
    assert call("compare", a, b, "--margin", "-1") == 3
    assert call("compare", a, b, "--no-such-option") == 3
    assert "margin >= 0" in capsys.readouterr().err


def test_a_history_is_kept_over_nights(runs):
    a = runs / "a.json"
    gate = runs / "gate.json"
    for night in range(3):
        found = leadline.compare(a, a, history=gate, names=("old", "new"))
        assert (
            found.verdict != "worse"
            and f"night {night + 1}" in found.report.finding("gate").headline
        )
    nights = leadline.NightlyGate.load(gate).nights
    assert [night.fresh for night in nights] == [True, False, False]


def test_other_samples_are_refused_with_the_number(digits, runs):
    old, _, _, x, y = digits
    leadline.evaluate(
        old.predict_proba,
        (x[:500], y[:500]),
        suite=["accuracy"],
        output="probabilities",
        progress=False,
    ).save(runs / "c.json")
    with pytest.raises(ValueError, match="397 samples only in"):
        leadline.compare(runs / "a.json", runs / "c.json")
    with pytest.raises(TypeError, match="two models, or two stored runs"):
        leadline.compare(runs / "a.json", old.predict_proba, (x, y))
    (runs / "a.samples.bin").unlink()
    with pytest.raises(leadline.StoreError, match="keep the .samples.bin file"):
        leadline.compare(runs / "a.json", runs / "b.json")


def test_only_metrics_are_compared_by(digits):
    for wrong, shown in ((["accuracy", "attach"], "got the probe 'attach'"), ([3], "got int")):
        with pytest.raises(leadline.TypeError, match=shown):
            compared(digits, metrics=wrong)


def test_reports_show_their_samples(runs):
    report = leadline.Report.load(runs / "a.json")
    samples = report.samples
    assert set(samples) >= {"id", "target", "prediction", "confidence", "correct", "table.third"}
    assert samples["correct"].mean() == report["accuracy.accuracy"].value


def test_many_models_are_ranked(digits):
    old, new, data, x, y = digits
    report = leadline.compare_many(
        {
            "knn": old.predict_proba,
            "logistic": new.predict_proba,
            "zero": lambda z: np.eye(10)[0 * z[:, 0].astype(int)],
        },
        data,
        output="probabilities",
        progress=False,
    )
    assert report["ranking.accuracy{model=knn}"].value == pytest.approx(
        (old.predict(x) == y).mean()
    )
    stats = pytest.importorskip("scipy.stats")
    columns = [m.predict(x) == y for m in (old, new)] + [y == 0]
    wanted = stats.friedmanchisquare(*[1.0 * c for c in columns])
    assert report["ranking.friedman"].value == pytest.approx(wanted.statistic, rel=1e-9)


@pytest.mark.skipif("torch" not in sys.modules, reason="torch is imported by other tests only")
def test_two_modules_are_compared():
    import torch

    torch.manual_seed(0)
    net = torch.nn.Linear(4, 3)
    found = leadline.compare(net, net, (torch.randn(50, 4), torch.arange(50) % 3), progress=False)
    assert found.verdict == "undecided" and len(found.flips.worse) == 0
