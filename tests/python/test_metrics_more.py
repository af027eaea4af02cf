"""Weights of order statistics, several outputs, top k, bounded calibration, and torchmetrics' rest."""

from __future__ import annotations

import json
import pathlib
import pickle

import numpy as np
import pytest

import leadline
from leadline import metrics, stats, uncertainty

sk = pytest.importorskip("sklearn.metrics")
scipy_stats = pytest.importorskip("scipy.stats")

PEER = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "torchmetrics.json").read_text())
SEEDS = range(4)
ORDERED = ("kendall_tau", "spearman_correlation", "concordance_index", "median_absolute_error")


def pairs(seed: int, n: int = 60):
    """Numbers with ties and whole weights, some 0."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 12, n).astype(float)
    x = np.round(y + rng.normal(0, 4, n))
    return x, y, rng.integers(0, 4, n).astype(float)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_weight_of_two_is_the_sample_twice(seed):
    x, y, w = pairs(seed)
    times = w.astype(int)
    for name in (*ORDERED, "pinball_skill", "tweedie_skill"):
        of = getattr(metrics, name)
        weighted = of(x, y, weights=w)
        repeated = of(np.repeat(x, times), np.repeat(y, times))
        assert weighted.value == pytest.approx(repeated.value, abs=1e-12), name
        assert of(x, y, weights=w * 0.37).value == pytest.approx(weighted.value, abs=1e-12), name
        assert weighted.facts["n_effective"] == pytest.approx(w.sum() ** 2 / (w**2).sum()), name
        assert weighted.lower <= weighted.value <= weighted.upper, name


@pytest.mark.parametrize("seed", SEEDS)
def test_weighted_order_statistics_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    x, y, w = rng.normal(size=70), rng.normal(size=70), rng.random(70)
    found = metrics.median_absolute_error(x, y, weights=w).value
    assert found == pytest.approx(sk.median_absolute_error(y, x, sample_weight=w), abs=1e-12)
    for quantile in (0.2, 0.5, 0.9):
        found = metrics.pinball_skill(x, y, quantile=quantile, weights=w).value
        want = sk.d2_pinball_score(y, x, alpha=quantile, sample_weight=w)
        assert found == pytest.approx(want, abs=1e-12)
    a, b = np.abs(x) + 0.1, np.abs(y) + 0.1
    for power in (0, 1, 2):
        found = metrics.tweedie_skill(a, b, power=power, weights=w).value
        want = sk.d2_tweedie_score(b, a, power=power, sample_weight=w)
        assert found == pytest.approx(want, abs=1e-12)


def test_equal_weights_change_nothing_and_none_at_all_is_undefined():
    x, y, _ = pairs(1)
    for name in ORDERED:
        of = getattr(metrics, name)
        plain, equal = of(x, y), of(x, y, weights=np.full(len(x), 2.5))
        assert equal.value == pytest.approx(plain.value, abs=1e-12), name
        assert of(x, y, weights=np.zeros(len(x))).status == "undefined", name
    assert metrics.kendall_tau(x, y).value == pytest.approx(
        scipy_stats.kendalltau(x, y).statistic, abs=1e-12
    )
    with pytest.raises(leadline.ValueError, match="a maximum has no weighted form"):
        metrics.max_error(x, y, weights=np.ones(len(x)))


def test_weighted_order_statistics_merge_save_and_load():
    x, y, w = pairs(2)
    for kind in (metrics.KendallTau, metrics.MedianAbsoluteError, metrics.PinballSkill):
        whole, a, b = kind(), kind(), kind()
        whole.update(x, y, weights=w)
        a.update(x[:20], y[:20], weights=w[:20])
        b.update(x[20:], y[20:], weights=w[20:])
        a.merge(b)
        again = kind()
        again.load(a.save())
        assert again.compute().value == pytest.approx(whole.compute().value, abs=1e-12)
        plain = kind()  # a batch without weights counts 1 a sample
        plain.update(x[:20], y[:20])
        plain.update(x[20:], y[20:], weights=w[20:])
        want = kind()
        want.update(x, y, weights=np.r_[np.ones(20), w[20:]])
        assert plain.compute().value == pytest.approx(want.compute().value, abs=1e-12)


@pytest.mark.parametrize("name", ["kendall_tau", "concordance_index", "median_absolute_error"])
def test_the_interval_of_a_weighted_order_statistic_covers(name):
    of = getattr(metrics, name)

    def drawn(seed, n):
        rng = np.random.default_rng(seed)
        y = rng.normal(size=n)
        return y + rng.normal(size=n), y, rng.gamma(2, 1, n)

    x, y, w = drawn(10_000, 40_000)
    truth = of(x, y, weights=w).value
    hits = 0
    for seed in range(200):
        x, y, w = drawn(seed, 150)
        e = of(x, y, weights=w)
        hits += e.lower <= truth <= e.upper
    assert hits >= 180  # 190 are expected; three standard errors below are 181


# Metrics of several outputs, and their peers.
OF_OUTPUTS = {
    "mean_absolute_error": sk.mean_absolute_error,
    "mean_squared_error": sk.mean_squared_error,
    "root_mean_squared_error": sk.root_mean_squared_error,
    "median_absolute_error": sk.median_absolute_error,
    "r2": sk.r2_score,
    "explained_variance": sk.explained_variance_score,
    "pinball_loss": sk.mean_pinball_loss,
}


@pytest.mark.parametrize("seed", SEEDS)
def test_several_outputs_are_averaged_as_scikit_learn_does(seed):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(50, 3)) * [1, 2, 5]
    x, w = y + rng.normal(size=(50, 3)), rng.random(50)
    for name, peer in OF_OUTPUTS.items():
        found = getattr(metrics, name)(x, y, weights=w)
        assert found.value == pytest.approx(peer(y, x, sample_weight=w), abs=1e-12), name
        assert found.lower <= found.value <= found.upper
        assert found.facts["outputs_averaged"] == 3
        metric = getattr(leadline.metrics, type_of(name))(multioutput="raw_values")
        metric.update(x, y, weights=w)
        assert metric.compute().status == "undefined"
        each = peer(y, x, sample_weight=w, multioutput="raw_values")
        finding = metric.describe()
        for j, want in enumerate(each):
            assert finding[f"{name}{{output={j}}}"].value == pytest.approx(want, abs=1e-12), name
    for name, peer in (("r2", sk.r2_score), ("explained_variance", sk.explained_variance_score)):
        found = getattr(metrics, name)(x, y, weights=w, multioutput="variance_weighted").value
        want = peer(y, x, sample_weight=w, multioutput="variance_weighted")
        assert found == pytest.approx(want, abs=1e-12)


def test_weights_of_outputs_average_values_and_limits_as_scikit_learn():
    rng = np.random.default_rng(4)
    y = rng.normal(size=(80, 3)) * [1.0, 3.0, 0.2]
    x = y + rng.normal(size=(80, 3)) * [0.3, 1.0, 0.1]
    w, of_outputs = rng.random(80), [0.5, 0.2, 1.3]
    for name, peer in OF_OUTPUTS.items():
        twin = getattr(metrics, name)
        found = twin(x, y, weights=w, multioutput=of_outputs)
        want = peer(y, x, sample_weight=w, multioutput=of_outputs)
        assert found.value == pytest.approx(want, abs=1e-12), name
        each = [twin(x[:, j], y[:, j], weights=w) for j in range(3)]
        for side in ("lower", "upper"):
            limits = [getattr(one, side) for one in each]
            assert getattr(found, side) == pytest.approx(np.average(limits, weights=of_outputs))
        assert twin(x, y, weights=w, output_weights=of_outputs).value == found.value


def test_weights_of_outputs_survive_pickles_and_are_refused_where_they_do_not_fit():
    rng = np.random.default_rng(5)
    y = rng.normal(size=(20, 2))
    x = y + rng.normal(size=(20, 2))
    metric = metrics.MeanSquaredError(multioutput=np.array([1.0, 3.0]))
    assert repr(metric) == "MeanSquaredError(output_weights=[1.0, 3.0])"
    metric.update(x, y)
    assert pickle.loads(pickle.dumps(metric)).compute() == metric.compute()
    with pytest.raises(leadline.ShapeError, match="2 output_weights, one an output, got 3"):
        metrics.mean_squared_error(x, y, multioutput=[1, 1, 1])
    for bad, text in (([0.0, 0.0], "above 0"), ([-1.0, 2.0], ">= 0"), ([np.inf, 1.0], "finite")):
        with pytest.raises(leadline.ValueError, match=text):
            metrics.MeanSquaredError(multioutput=bad)
    with pytest.raises(leadline.ValueError, match="multioutput"):
        metrics.R2(output_weights=[1.0, 2.0], multioutput="variance_weighted")


def type_of(name: str) -> str:
    return {"r2": "R2"}.get(name, "".join(part.capitalize() for part in name.split("_")))


def test_several_outputs_merge_and_refuse_what_does_not_fit():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(30, 2))
    x = y + rng.normal(size=(30, 2))
    whole, a, b = (metrics.R2() for _ in range(3))
    whole.update(x, y)
    a.update(x[:11], y[:11])
    b.update(x[11:], y[11:])
    a.merge(b)
    again = metrics.R2()
    again.load(a.save())
    assert again.compute().value == pytest.approx(whole.compute().value, abs=1e-12)
    with pytest.raises(leadline.ShapeError, match="2 outputs as before"):
        a.update(x[:, 0], y[:, 0])
    with pytest.raises(leadline.ShapeError, match="'predicted' of shape"):
        metrics.r2(x, y[:, :1])
    with pytest.raises(leadline.ValueError, match="variance_weighted"):
        metrics.MeanSquaredError(multioutput="variance_weighted")
    y[3, 1] = np.nan
    with pytest.raises(leadline.ValueError, match="row 3"):
        whole.update(x, y)
    assert whole.compute().n == 30


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_of_class_ratios_is_that_of_torchmetrics(k):
    of = PEER["classes"]
    scores = np.array(of["scores"]).reshape(-1, of["n_classes"])
    target = np.array(of["target"])
    for name in ("precision", "recall", "f1", "specificity"):
        for average in ("macro", "micro", "weighted"):
            found = getattr(metrics, name)(scores, target, top_k=k, average=average)
            want = of[f"{name}_{average}_top{k}"]
            assert found.value == pytest.approx(want, abs=1e-6), (name, average)
    assert metrics.recall(scores, target, top_k=k, average="micro").value == pytest.approx(
        metrics.top_k_accuracy(scores, target, k=k).value, abs=1e-12
    )


def test_top_k_needs_scores_of_more_classes():
    scores, target = np.random.default_rng(0).random((6, 3)), np.array([0, 1, 2, 0, 1, 2])
    with pytest.raises(leadline.ValueError, match="top_k below the 3 classes"):
        metrics.f1(scores, target, top_k=3)
    with pytest.raises(leadline.ValueError, match="task 'multiclass'"):
        metrics.F1(task="binary", top_k=2)
    with pytest.raises(leadline.Error):
        metrics.f1(target, target, top_k=2)  # decisions do not say what came second


def test_hinge_losses_are_those_of_torchmetrics():
    of = PEER["classes"]
    scores = np.array(of["probabilities"]).reshape(-1, of["n_classes"])
    target = np.array(of["target"])
    for squared, form in ((False, "plain"), (True, "squared")):
        for contrast in ("crammer_singer", "one_vs_all"):
            found = metrics.hinge_loss(scores, target, squared=squared, contrast=contrast)
            assert found.value == pytest.approx(of[f"hinge_{contrast}_{form}"], abs=1e-6)


def test_distances_and_divergences_are_those_of_torchmetrics():
    of = PEER["rows"]
    p, q = (np.array(of[name]).reshape(-1, 4) for name in ("p", "q"))
    assert metrics.kl_divergence(q, p).value == pytest.approx(of["kl"], abs=1e-6)
    assert metrics.jensen_shannon_divergence(q, p).value == pytest.approx(of["js"], abs=1e-6)
    assert metrics.cosine_similarity(q, p).value == pytest.approx(of["cosine"], abs=1e-6)
    for power in (1, 2, 3.5):
        found = metrics.minkowski_distance(of["x"], of["y"], p=power)
        assert found.value == pytest.approx(of[f"minkowski_{power}"], abs=1e-5)
        assert found.lower <= found.value <= found.upper
    w = np.random.default_rng(0).random(len(of["x"]))
    distance = pytest.importorskip("scipy.spatial.distance")
    found = metrics.minkowski_distance(of["x"], of["y"], p=3, weights=w).value
    assert found == pytest.approx(distance.minkowski(of["x"], of["y"], p=3, w=w), abs=1e-9)


def test_what_is_no_distribution_is_refused_by_how_much():
    p = np.array([[0.5, 0.5], [0.2, 0.8]])
    with pytest.raises(leadline.ValueError, match="0.1 off, at row 1"):
        metrics.kl_divergence(p + [[0, 0], [0.1, 0]], p)
    with pytest.raises(leadline.ValueError, match="apply softmax"):
        metrics.jensen_shannon_divergence(p * 3, p)
    with pytest.raises(leadline.ValueError, match="rows that are not all 0"):
        metrics.cosine_similarity(p * 0, p)
    none = metrics.kl_divergence([[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]])
    assert none.status == "undefined" and none.facts["n_infinite"] == 1


def test_log_auc_is_that_of_torchmetrics_and_its_histogram_holds_it():
    of = PEER["curves"]
    scores, target = np.array(of["scores"]), np.array(of["target"])
    for low, high in ((0.001, 0.1), (0.02, 0.5)):
        options = {"min_fpr": low, "max_fpr": high}
        exact = metrics.log_auc(scores, target, **options)
        assert exact.value == pytest.approx(of[f"log_auc_{low}_{high}"], abs=1e-5)
        bounded = metrics.log_auc(scores, target, keep=0, scale="probability", **options)
        assert abs(bounded.value - exact.value) <= bounded.error_bound + 1e-12
    with pytest.raises(leadline.ValueError, match="min_fpr < max_fpr"):
        metrics.LogAuc(min_fpr=0.2)


def risk_coverage(confidence, right):
    """Mean over k of the share of wrong answers among the k surest, without ties."""
    order = np.argsort(-confidence)
    wrong = np.cumsum(~np.asarray(right, bool)[order])
    return float((wrong / np.arange(1, len(order) + 1)).mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_risk_coverage_is_exact_or_within_its_bound(seed):
    rng = np.random.default_rng(seed)
    confidence = rng.random(3000)
    right = rng.random(3000) < confidence
    want = risk_coverage(confidence, right)
    exact = metrics.area_under_risk_coverage(confidence, right.astype(int))
    assert exact.value == pytest.approx(want, abs=1e-12)
    assert exact.lower < want < exact.upper and exact.facts["exact"] == 1
    bounded = metrics.area_under_risk_coverage(
        confidence, right.astype(int), keep=0, scale="probability"
    )
    assert abs(bounded.value - want) <= bounded.error_bound < 0.02
    assert bounded.lower <= bounded.value - bounded.error_bound
    ties = metrics.area_under_risk_coverage(np.full(4, 0.5), np.array([1, 0, 1, 1]))
    assert ties.value == pytest.approx(0.25)  # any order, on average
    assert metrics.area_under_risk_coverage(confidence, np.ones(3000, int)).value == 0


@pytest.mark.parametrize("weighted", [False, True])
def test_bounded_calibration_error_holds_the_exact_one(weighted):
    rng = np.random.default_rng(5)
    p = rng.random(20_000)
    right = (rng.random(20_000) < p**1.3).astype(int)
    w = rng.random(20_000) if weighted else None
    exact, bounded = (
        uncertainty.ExpectedCalibrationError(),
        uncertainty.ExpectedCalibrationError(exact=False),
    )
    for metric in (exact, bounded):
        metric.update(p, right, weights=w)
    a, b = exact.compute(), bounded.compute()
    assert abs(a.value - b.value) <= b.error_bound < 0.02
    assert b.lower <= a.lower + 1e-3 and b.upper >= a.upper - 1e-3
    assert "widened by the error bound" in b.method
    parts = [uncertainty.ExpectedCalibrationError(exact=False) for _ in range(2)]
    for part, rows in zip(parts, (slice(0, 7000), slice(7000, None)), strict=True):
        part.update(p[rows], right[rows], weights=None if w is None else w[rows])
    parts[1].merge(parts[0])
    again = uncertainty.ExpectedCalibrationError(exact=False)
    again.load(parts[1].save())
    assert again.compute().value == pytest.approx(b.value, abs=1e-12)
    found = bounded.describe()["area_under_risk_coverage"]
    if not weighted:
        assert abs(found.value - risk_coverage(p, right)) <= found.error_bound


def test_the_histogram_by_itself_gives_every_curve_with_its_bound():
    rng = np.random.default_rng(3)
    p = rng.random(5000)
    right = rng.random(5000) < p
    a, b = (stats.ScoreHistogram(scale="probability") for _ in range(2))
    a.add(p[:2000], right[:2000])
    b.add(p[2000:], right[2000:])
    a.merge(b)
    assert a.n == 5000
    value, bound = a.auroc()
    assert abs(value - sk.roc_auc_score(right, p)) <= bound
    value, bound = a.area_under_risk_coverage()
    assert abs(value - risk_coverage(p, right)) <= bound
    value, bound = a.expected_calibration_error(bins=10)
    exact = uncertainty.expected_calibration_error(p, right.astype(int), bins=10).value
    assert abs(value - exact) <= bound
    with pytest.raises(leadline.ValueError, match="probabilities in"):
        a.add([0.2, 1.5], [0, 1])
    with pytest.raises(leadline.ValueError, match="NaN"):
        a.add([np.nan], [1])
    with pytest.raises(leadline.ShapeError):
        a.add([0.1, 0.2], [1])
    with pytest.raises(leadline.ValueError, match="scale 'probability'"):
        stats.ScoreHistogram().expected_calibration_error()
