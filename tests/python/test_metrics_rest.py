"""The metrics that complete scikit-learn's and torchmetrics' lists, against scikit-learn and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

import leadline
from leadline import metrics

sk = pytest.importorskip("sklearn.metrics")

SEEDS = range(4)
WEIGHTED = pytest.mark.parametrize("weighted", [False, True])


def weights_of(rng, n, weighted):
    w = rng.random(n) + 0.1 if weighted else None
    return {"weights": w}, {"sample_weight": w}


@WEIGHTED
@pytest.mark.parametrize("seed", SEEDS)
def test_losses_of_positive_numbers(seed, weighted):
    rng = np.random.default_rng(seed)
    y = rng.gamma(2, 2, 70)
    x = y * rng.lognormal(0, 0.3, 70)
    ours, theirs = weights_of(rng, 70, weighted)
    for name, peer in [
        ("mean_squared_log_error", sk.mean_squared_log_error),
        ("root_mean_squared_log_error", sk.root_mean_squared_log_error),
        ("explained_variance", sk.explained_variance_score),
    ]:
        e = getattr(metrics, name)(x, y, **ours)
        assert e.value == pytest.approx(peer(y, x, **theirs), abs=1e-12), name
        assert e.lower < e.value < e.upper
    for power in (-0.5, 0, 1, 1.5, 2, 3):
        e = metrics.tweedie_deviance(x, y, power=power, **ours)
        want = sk.mean_tweedie_deviance(y, x, power=power, **theirs)
        assert e.value == pytest.approx(want, rel=1e-10, abs=1e-12), power
    counts = rng.poisson(2, 70)
    e = metrics.tweedie_deviance(x, counts, power=1, **ours)
    assert e.value == pytest.approx(sk.mean_poisson_deviance(counts, x, **theirs))
    w = np.ones(70) if ours["weights"] is None else ours["weights"]
    e = metrics.weighted_mean_absolute_percentage_error(x, y, **ours)
    assert e.value == pytest.approx((w * abs(x - y)).sum() / (w * abs(y)).sum())
    e = metrics.symmetric_mean_absolute_percentage_error(x, y, **ours)
    assert e.value == pytest.approx(np.average(2 * abs(x - y) / (x + y), weights=w))
    e = metrics.log_cosh_error(x, y, **ours)
    assert e.value == pytest.approx(np.average(np.log(np.cosh(x - y)), weights=w))


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_of_a_loss_that_are_explained(seed):
    rng = np.random.default_rng(seed)
    y = rng.gamma(2, 2, 80)
    x = y * rng.lognormal(0, 0.3, 80)
    for quantile in (0.1, 0.5, 0.9):
        e = metrics.pinball_skill(x, y, quantile=quantile)
        assert e.value == pytest.approx(sk.d2_pinball_score(y, x, alpha=quantile), abs=1e-12)
        assert e.lower < e.value < e.upper
    assert metrics.pinball_skill(x, y).value == pytest.approx(sk.d2_absolute_error_score(y, x))
    for power in (0, 1, 2):
        e = metrics.tweedie_skill(x, y, power=power)
        assert e.value == pytest.approx(sk.d2_tweedie_score(y, x, power=power), abs=1e-12)
    assert metrics.tweedie_skill(x, y).value == pytest.approx(metrics.r2(x, y).value)


@WEIGHTED
@pytest.mark.parametrize("seed", SEEDS)
def test_skill_of_probabilities(seed, weighted):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(90, 3))
    y = np.r_[np.arange(3), (logits + rng.gumbel(size=logits.shape)).argmax(1)[3:]]
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    ours, theirs = weights_of(rng, 90, weighted)
    e = metrics.log_loss_skill(p, y, **ours)
    assert e.value == pytest.approx(sk.d2_log_loss_score(y, p, **theirs), abs=1e-12)
    assert e.lower < e.value < e.upper
    e = metrics.brier_skill(p, y, **ours)
    assert e.value == pytest.approx(sk.d2_brier_score(y, p, **theirs), abs=1e-12)
    a, b, whole = (metrics.BrierSkill() for _ in range(3))
    whole.update(p, y, **ours)
    for part, rows in ((a, slice(0, 40)), (b, slice(40, 90))):
        part.update(p[rows], y[rows], weights=None if not weighted else ours["weights"][rows])
    a.merge(b)
    assert a.compute().value == pytest.approx(whole.compute().value, abs=1e-13)
    assert a.compute().lower == pytest.approx(whole.compute().lower, abs=1e-12)


def test_the_interval_of_a_skill_covers():
    truth, hit = None, 0
    for seed in range(301):
        rng = np.random.default_rng(seed)
        n = 200_000 if truth is None else 200
        p = rng.beta(2, 2, n)
        y = (rng.random(n) < p).astype(int)
        e = metrics.brier_skill(p, y, task="binary")
        if truth is None:
            truth = e.value
        else:
            hit += e.lower <= truth <= e.upper
    assert hit >= 273  # 0.95 of 300, less three standard errors


@WEIGHTED
@pytest.mark.parametrize("seed", SEEDS)
def test_label_ranking(seed, weighted):
    rng = np.random.default_rng(seed)
    target = (rng.random((60, 5)) < 0.4).astype(int)
    target[:, 0] |= target.sum(1) == 0
    target[:, 1] &= target.sum(1) < 5
    scores = (target * 0.4 + rng.random((60, 5))).round(1)
    ours, theirs = weights_of(rng, 60, weighted)
    for name, peer in [
        ("coverage_error", sk.coverage_error),
        ("label_ranking_average_precision", sk.label_ranking_average_precision_score),
        ("label_ranking_loss", sk.label_ranking_loss),
    ]:
        e = getattr(metrics, name)(scores, target, **ours)
        assert e.value == pytest.approx(peer(target, scores, **theirs), abs=1e-12), name
        assert e.lower <= e.value <= e.upper
    grade = rng.integers(0, 4, (60, 5)) + np.eye(5, dtype=int)[rng.integers(0, 5, 60)]
    for k in (0, 1, 3):
        e = metrics.ndcg(scores, grade, k=k, **ours)
        assert e.value == pytest.approx(sk.ndcg_score(grade, scores, k=k or None, **theirs))
        e = metrics.ndcg(scores, grade, k=k, normalise=False, **ours)
        assert e.value == pytest.approx(sk.dcg_score(grade, scores, k=k or None, **theirs))


def test_samples_without_a_label_are_counted_not_scored():
    target = np.array([[1, 0, 0], [0, 0, 0], [1, 1, 1]])
    scores = np.array([[0.1, 0.9, 0.5], [0.3, 0.2, 0.1], [0.3, 0.2, 0.1]])
    e = metrics.label_ranking_loss(scores, target)
    assert e.value == 1 and e.facts["samples_undefined"] == 2
    e = metrics.label_ranking_average_precision(scores, target)
    assert e.value == pytest.approx((1 / 3 + 1) / 2) and e.facts["samples_undefined"] == 1
    none = metrics.coverage_error(scores[1:2], target[1:2])
    assert none.status == "undefined" and none.why == "no sample has a label"
    known = metrics.label_ranking_loss(scores, np.where(scores == 0.9, -1, target), ignore_index=-1)
    assert known.value == 1 and known.n == 1
    with pytest.raises(leadline.ValueError, match="of 0 and 1, got 2 at row 0, label 0"):
        metrics.coverage_error(scores, target * 2)
    with pytest.raises(leadline.ShapeError, match="one column a label"):
        metrics.coverage_error(scores[:, 0], target[:, 0])
    with pytest.raises(leadline.ValueError, match="relevances >= 0"):
        metrics.ndcg(scores, -target)


@WEIGHTED
@pytest.mark.parametrize("seed", SEEDS)
def test_likelihood_ratios_and_adjusted_balance(seed, weighted):
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, 80)
    label = np.where(rng.random(80) < 0.8, target, 1 - target)
    ours, theirs = weights_of(rng, 80, weighted)
    plus, minus = sk.class_likelihood_ratios(target, label, **theirs)
    for name, want in (("positive", plus), ("negative", minus)):
        e = getattr(metrics, f"{name}_likelihood_ratio")(label, target, **ours)
        assert e.value == pytest.approx(want, abs=1e-12)
        assert e.lower < e.value < e.upper and e.method == "katz"
    e = metrics.balanced_accuracy(label, target, adjusted=True, **ours)
    assert e.value == pytest.approx(
        sk.balanced_accuracy_score(target, label, adjusted=True, **theirs), abs=1e-12
    )
    assert (
        e.value
        == pytest.approx(metrics.informedness(label, target, average="binary", **ours).value)
        or weighted
    )


def test_likelihood_ratios_without_a_false_alarm_say_so():
    e = metrics.positive_likelihood_ratio([1, 0, 0], [1, 1, 0])
    assert e.status == "undefined" and e.why == "no sample of another class was called so"
    e = metrics.negative_likelihood_ratio([1, 1, 0], [1, 1, 0])
    assert e.value == 0 and e.upper > 0 and e.method == "koopman"
    assert metrics.positive_likelihood_ratio([1], [1]).status == "undefined"


def test_what_a_loss_is_not_defined_for_is_named():
    with pytest.raises(
        leadline.ValueError, match="numbers above -1, got prediction 1 and target -1"
    ):
        metrics.mean_squared_log_error([1.0], [-1.0])
    with pytest.raises(leadline.ValueError, match="predictions above 0.*at row 1"):
        metrics.tweedie_deviance([1.0, 0.0], [1.0, 1.0], power=1)
    with pytest.raises(leadline.ValueError, match="targets above 0"):
        metrics.tweedie_skill([1.0], [0.0], power=2)
    with pytest.raises(leadline.ValueError, match=r"power outside \(0, 1\), got 0.5"):
        metrics.TweedieDeviance(power=0.5)
    assert metrics.log_loss_skill([[1.0, 0.0]], [1]).status == "undefined"
    assert metrics.brier_skill([[0.9, 0.1]], [0]).why == "all samples are of one class"


def checks_of(metric):
    return {c.name: c for c in metric.describe().checks}


def test_an_interval_that_does_not_hold_its_level_here_is_said():
    few = metrics.Accuracy()
    few.update([0] * 200, [0] * 198 + [1] * 2)
    check = checks_of(few)["interval_valid{of=accuracy}"]
    assert check.result == "fail" and "198 of 200" in check.why and "clopper" in check.remedy
    sure = metrics.Accuracy(interval="clopper_pearson")
    sure.update([0] * 200, [0] * 198 + [1] * 2)
    assert checks_of(sure)["interval_valid{of=accuracy}"].result == "pass"
    many = metrics.Accuracy()
    many.update([0] * 200, [0] * 180 + [1] * 20)
    assert checks_of(many)["interval_valid{of=accuracy}"].result == "pass"


def test_a_mean_of_rare_large_losses_is_said_to_be_uncertain():
    y = np.r_[np.zeros(396), np.full(4, 9.0)]
    rare = metrics.MeanAbsoluteError()
    rare.update(np.full(400, 0.01), y)
    check = checks_of(rare)["interval_valid{of=mean_absolute_error}"]
    assert check.result == "fail" and "skewed" in check.why
    stats = pytest.importorskip("scipy.stats")
    losses = np.abs(y - 0.01)
    e = rare.compute()
    assert e.facts["skewness"] == pytest.approx(stats.skew(losses))
    assert e.facts["kurtosis"] == pytest.approx(stats.kurtosis(losses))
    rng = np.random.default_rng(0)
    plain = metrics.MeanAbsoluteError()
    plain.update(rng.normal(size=400), rng.normal(size=400))
    assert checks_of(plain)["interval_valid{of=mean_absolute_error}"].result == "pass"


@pytest.mark.parametrize("name", ["mean_squared_error", "brier"])
def test_the_shape_of_losses_merges(name):
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 3000)
    p = rng.beta(1, 3, 3000)
    options = {"task": "binary"} if name == "brier" else {}
    parts = [leadline.catalogs.make(name, **options) for _ in range(3)]
    whole = leadline.catalogs.make(name, **options)
    whole.update(p, y)
    for part, rows in zip(parts, (slice(0, 7), slice(7, 1500), slice(1500, 3000)), strict=True):
        part.update(p[rows], y[rows])
    parts[2].merge(parts[0])
    parts[2].merge(parts[1])
    for fact in ("skewness", "kurtosis"):
        assert parts[2].compute().facts[fact] == pytest.approx(
            whole.compute().facts[fact], abs=1e-9
        )
