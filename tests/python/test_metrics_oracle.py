"""Metrics of labels and numbers against scikit-learn and scipy: ties, weights, absent classes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import leadline
from leadline import metrics

sk = pytest.importorskip("sklearn.metrics")
stats = pytest.importorskip("scipy.stats")

SEEDS = range(6)


def drawn(seed: int, n: int = 83, classes: int = 5):
    """Decisions and targets; class 4 is rare or absent, class 3 may never be predicted."""
    rng = np.random.default_rng(seed)
    target = rng.choice(classes, n, p=[0.4, 0.3, 0.2, 0.08, 0.02])
    label = np.where(rng.random(n) < 0.6, target, rng.integers(0, 3, n))
    return label, target, rng.integers(1, 5, n).astype(float)


@pytest.mark.parametrize(("seed", "weighted"), list(itertools.product(SEEDS, (False, True))))
def test_class_ratios_and_their_averages(seed, weighted):
    label, target, weights = drawn(seed)
    w = weights if weighted else None
    ours = {"weights": w, "zero_division": "zero"}
    theirs = {"sample_weight": w, "zero_division": 0}
    for average in ("macro", "micro", "weighted"):
        for name, peer in [
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
            ("jaccard", sk.jaccard_score),
        ]:
            mine = getattr(metrics, name)(label, target, average=average, **ours).value
            assert mine == pytest.approx(peer(target, label, average=average, **theirs), abs=1e-12)
        mine = metrics.f_beta(label, target, beta=0.5, average=average, **ours).value
        want = sk.fbeta_score(target, label, beta=0.5, average=average, **theirs)
        assert mine == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize(("seed", "weighted"), list(itertools.product(SEEDS, (False, True))))
def test_metrics_of_the_whole_table(seed, weighted):
    label, target, weights = drawn(seed)
    w = weights if weighted else None
    pairs = [
        ("accuracy", sk.accuracy_score),
        ("balanced_accuracy", sk.balanced_accuracy_score),
        ("matthews_correlation", sk.matthews_corrcoef),
        ("zero_one_loss", sk.zero_one_loss),
        ("hamming_loss", sk.hamming_loss),
        ("exact_match", sk.accuracy_score),
    ]
    for name, peer in pairs:
        mine = getattr(metrics, name)(label, target, weights=w)
        assert mine.value == pytest.approx(peer(target, label, sample_weight=w), abs=1e-12), name
        assert mine.lower <= mine.value <= mine.upper
    for weighting in ("none", "linear", "quadratic"):
        mine = metrics.cohen_kappa(label, target, weighting=weighting, n_classes=5, weights=w).value
        want = sk.cohen_kappa_score(
            target,
            label,
            weights=None if weighting == "none" else weighting,
            labels=range(5),
            sample_weight=w,
        )
        assert mine == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_binary_metrics_from_scores_with_ties(seed):
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, 61)
    scores = (target * 0.3 + rng.random(61) * 0.7).round(1).astype("float32")
    label = (scores >= np.float32(0.5)).astype(int)
    for name, peer in [
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("f1", sk.f1_score),
        ("jaccard", sk.jaccard_score),
        ("accuracy", sk.accuracy_score),
        ("matthews_correlation", sk.matthews_corrcoef),
    ]:
        mine = getattr(metrics, name)(scores, target, task="binary").value
        assert mine == pytest.approx(peer(target, label), abs=1e-12)
    (tn, fp), (fn, tp) = sk.confusion_matrix(target, label)
    of = {
        name: getattr(metrics, name)(scores, target, task="binary").value
        for name in (
            "specificity",
            "negative_predictive_value",
            "false_positive_rate",
            "false_negative_rate",
            "informedness",
            "geometric_mean",
        )
    }
    assert of["specificity"] == pytest.approx(tn / (tn + fp))
    assert of["negative_predictive_value"] == pytest.approx(tn / (tn + fn))
    assert of["false_positive_rate"] == pytest.approx(fp / (fp + tn))
    assert of["false_negative_rate"] == pytest.approx(fn / (fn + tp))
    assert of["informedness"] == pytest.approx(tp / (tp + fn) + tn / (tn + fp) - 1)
    assert of["geometric_mean"] == pytest.approx((tp / (tp + fn) * tn / (tn + fp)) ** 0.5)


@pytest.mark.parametrize(("seed", "weighted"), list(itertools.product(SEEDS, (False, True))))
def test_multilabel_metrics(seed, weighted):
    rng = np.random.default_rng(seed)
    target = (rng.random((47, 6)) < [0.5, 0.4, 0.3, 0.2, 0.1, 0.0]).astype(int)
    scores = (target * 0.2 + rng.random((47, 6)) * 0.8).astype("float32")
    label = (scores >= 0.5).astype(int)
    w = rng.integers(1, 4, 47).astype(float) if weighted else None
    for average in ("macro", "micro", "weighted", "samples"):
        for name, peer in [
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
            ("jaccard", sk.jaccard_score),
        ]:
            for given in (scores, label):
                mine = getattr(metrics, name)(
                    given,
                    target,
                    task="multilabel",
                    average=average,
                    zero_division="zero",
                    weights=w,
                ).value
                want = peer(target, label, average=average, zero_division=0, sample_weight=w)
                assert mine == pytest.approx(want, abs=1e-12)
    for name, peer in [
        ("exact_match", sk.accuracy_score),
        ("hamming_loss", sk.hamming_loss),
        ("zero_one_loss", sk.zero_one_loss),
    ]:
        mine = getattr(metrics, name)(scores, target, task="multilabel", weights=w).value
        assert mine == pytest.approx(peer(target, label, sample_weight=w), abs=1e-12)


@pytest.mark.parametrize(("seed", "weighted"), list(itertools.product(SEEDS, (False, True))))
def test_losses_of_probabilities(seed, weighted):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(59, 4))
    target = np.concatenate([np.arange(4), rng.integers(0, 4, 55)])
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    w = rng.random(59) if weighted else None
    named = {"sample_weight": w}
    assert metrics.log_loss(p, target, weights=w).value == pytest.approx(
        sk.log_loss(target, p, **named)
    )
    y = (target == 1).astype(int)
    binary = metrics.brier(p[:, 1], y, task="binary", weights=w).value
    assert binary == pytest.approx(sk.brier_score_loss(y, p[:, 1], **named), abs=1e-12)
    both = np.stack([1 - p[:, 1], p[:, 1]], 1)
    assert metrics.brier(both, y, weights=w).value == pytest.approx(2 * binary, abs=1e-12)
    assert metrics.log_loss(p[:, 1], y, task="binary", weights=w).value == pytest.approx(
        sk.log_loss(y, p[:, 1], **named)
    )
    mine = metrics.hinge_loss(logits, target, weights=w).value
    assert mine == pytest.approx(sk.hinge_loss(target, logits, **named), abs=1e-12)
    mine = metrics.hinge_loss(logits[:, 0], y, task="binary", weights=w).value
    assert mine == pytest.approx(sk.hinge_loss(y, logits[:, 0], **named), abs=1e-12)


@pytest.mark.parametrize("method", ["corp", "binned"])
def test_the_terms_of_the_brier_score_add_up(method):
    rng = np.random.default_rng(1)
    p = rng.random(300).round(2)
    y = (rng.random(300) < p**1.5).astype(int)
    m = metrics.BrierDecomposition(method=method, task="binary", bins=10)
    m.update(p, y)
    t = {e.name.split("term=")[1][:-1]: e.estimate.value for e in m.describe().estimates}
    assert t["brier"] == pytest.approx(((p - y) ** 2).mean(), abs=1e-12)
    whole = t["miscalibration"] - t["discrimination"] + t["uncertainty"]
    whole += t.get("within_variance", 0) - 2 * t.get("within_covariance", 0)
    assert whole == pytest.approx(t["brier"], abs=1e-12)
    if method == "corp":
        isotonic = pytest.importorskip("sklearn.isotonic").IsotonicRegression(y_min=0, y_max=1)
        fitted = isotonic.fit_transform(p, y)
        assert t["miscalibration"] == pytest.approx(
            t["brier"] - ((fitted - y) ** 2).mean(), abs=1e-12
        )


@pytest.mark.parametrize(("seed", "weighted"), list(itertools.product(SEEDS, (False, True))))
def test_losses_of_numbers(seed, weighted):
    rng = np.random.default_rng(seed)
    y = rng.normal(100, 3, 71)
    x = y + rng.normal(0, 2, 71)
    w = rng.random(71) if weighted else None
    for name, peer in [
        ("mean_absolute_error", sk.mean_absolute_error),
        ("mean_squared_error", sk.mean_squared_error),
        ("root_mean_squared_error", sk.root_mean_squared_error),
        ("mean_absolute_percentage_error", sk.mean_absolute_percentage_error),
        ("r2", sk.r2_score),
    ]:
        mine = getattr(metrics, name)(x, y, weights=w)
        assert mine.value == pytest.approx(peer(y, x, sample_weight=w), rel=1e-11), name
        assert mine.lower < mine.value < mine.upper
    mine = metrics.pinball_loss(x, y, quantile=0.9, weights=w).value
    assert mine == pytest.approx(sk.mean_pinball_loss(y, x, alpha=0.9, sample_weight=w))
    assert metrics.median_absolute_error(x, y).value == sk.median_absolute_error(y, x)
    assert metrics.max_error(x, y).value == sk.max_error(y, x)


@pytest.mark.parametrize(("seed", "digits"), list(itertools.product(SEEDS, (0, 8))))
def test_correlations_with_and_without_ties(seed, digits):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=64).round(digits)
    x = (y + rng.normal(size=64)).round(digits)
    pearson = stats.pearsonr(x, y)
    mine = metrics.pearson_correlation(x, y)
    assert mine.value == pytest.approx(pearson.statistic, abs=1e-12)
    interval = pearson.confidence_interval(0.95)
    assert (mine.lower, mine.upper) == pytest.approx(interval, abs=1e-10)
    assert metrics.spearman_correlation(x, y).value == pytest.approx(
        stats.spearmanr(x, y).statistic, abs=1e-12
    )
    assert metrics.kendall_tau(x, y).value == pytest.approx(
        stats.kendalltau(x, y).statistic, abs=1e-12
    )
    apart = np.subtract.outer(y, y)
    same = np.sign(np.subtract.outer(x, x)) * np.sign(apart)
    index = ((same > 0) + 0.5 * ((same == 0) & (apart != 0))).sum() / (apart != 0).sum()
    assert metrics.concordance_index(x, y).value == pytest.approx(index, abs=1e-12)
    covariance = np.cov(x, y, bias=True)
    lin = 2 * covariance[0, 1] / (covariance.trace() + (x.mean() - y.mean()) ** 2)
    assert metrics.concordance_correlation(x, y).value == pytest.approx(lin, abs=1e-12)


def test_crps_of_ensembles_gaussians_and_quantiles():
    rng = np.random.default_rng(0)
    y, members = rng.normal(size=40), rng.normal(size=(40, 9))
    spread = np.abs(members[:, :, None] - members[:, None, :]).sum((1, 2))
    distance = np.abs(members - y[:, None]).mean(1)
    assert metrics.crps(members, y).value == pytest.approx((distance - spread / 162).mean())
    assert metrics.crps(members, y, fair=True).value == pytest.approx(
        (distance - spread / 144).mean()
    )
    m = metrics.Crps(forecast="gaussian")
    m.update(members[:, 0], np.full(40, 1.3), y)
    z = (y - members[:, 0]) / 1.3
    closed = 1.3 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - np.pi**-0.5)
    assert m.compute().value == pytest.approx(closed.mean(), abs=1e-12)
    levels = (np.arange(400) + 0.5) / 400
    q = metrics.Crps(forecast="quantiles", quantile_levels=levels)
    q.update(members[:, :1] + 1.3 * stats.norm.ppf(levels), y)
    assert q.compute().value == pytest.approx(closed.mean(), rel=2e-3)


def test_what_numbers_cannot_say_is_a_status():
    x = np.arange(5.0)
    for name in ("r2", "pearson_correlation", "spearman_correlation", "kendall_tau"):
        e = getattr(metrics, name)(x, np.ones(5))
        assert e.status == "undefined" and e.why == "all targets are equal"
    e = metrics.mean_absolute_percentage_error(x, x)
    assert e.status == "undefined" and e.facts["n_infinite"] == 1
    with pytest.raises(leadline.ValueError, match="'target' of finite numbers.*inf at row 1"):
        metrics.mean_absolute_error(x[:2], [0.0, np.inf])
    with pytest.raises(leadline.ValueError, match="a maximum has no weighted form"):
        metrics.max_error(x, x, weights=x)
