"""Ranking metrics from Python: scikit-learn as the oracle, and properties over drawn inputs."""

from __future__ import annotations

import numpy as np
import pytest

import leadline
from leadline import metrics

rng = np.random.default_rng(0)
TARGET = rng.integers(0, 2, 400)
SCORES = rng.normal(size=400) + TARGET
TIED = SCORES.round()
WEIGHTS = rng.random(400) * rng.integers(0, 3, 400)
CLASSES = rng.integers(0, 4, 300)
TABLE = rng.normal(size=(300, 4)).round(1)
TABLE[np.arange(300), CLASSES] += 1


def test_the_usage_of_the_issue_works_as_written():
    scores, target = SCORES, TARGET
    e = metrics.auroc(scores, target)
    assert e.method == "delong, logit" and e.lower < e.value < e.upper
    assert metrics.Auroc().fresh().compute().status == "empty"
    assert repr(metrics.AveragePrecision(level=0.9)) == "AveragePrecision(level=0.9)"


@pytest.mark.parametrize("scores", [SCORES, TIED, SCORES.astype("float32"), np.zeros(400)])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_scikit_learn_agrees_to_the_last_digits(scores, weights):
    sk = pytest.importorskip("sklearn.metrics")
    w = {"sample_weight": weights}
    ours = {"weights": weights}
    assert metrics.auroc(scores, TARGET, **ours).value == pytest.approx(
        sk.roc_auc_score(TARGET, scores, **w), abs=1e-12
    )
    assert metrics.average_precision(scores, TARGET, **ours).value == pytest.approx(
        sk.average_precision_score(TARGET, scores, **w), abs=1e-12
    )
    if len(np.unique(scores)) > 1:
        assert metrics.auroc(scores, TARGET, max_fpr=0.2, **ours).value == pytest.approx(
            sk.roc_auc_score(TARGET, scores, max_fpr=0.2, **w), abs=1e-12
        )
    precision, recall, _ = sk.precision_recall_curve(TARGET, scores, **w)
    assert metrics.aupr(scores, TARGET, **ours).value == pytest.approx(
        sk.auc(recall, precision), abs=1e-12
    )
    fpr, tpr, _ = sk.roc_curve(TARGET, scores, drop_intermediate=False, **w)
    assert metrics.fpr_at_tpr(scores, TARGET, **ours).value == pytest.approx(
        fpr[np.argmax(tpr >= 0.95 - 1e-12)], abs=1e-12
    )
    assert metrics.tpr_at_fpr(scores, TARGET, fpr=0.1, **ours).value == pytest.approx(
        tpr[fpr <= 0.1 + 1e-12][-1], abs=1e-12
    )
    assert metrics.precision_at_recall(scores, TARGET, recall=0.8, **ours).value == pytest.approx(
        precision[recall >= 0.8 - 1e-12].max(), abs=1e-12
    )


def test_scikit_learn_agrees_on_many_classes():
    sk = pytest.importorskip("sklearn.metrics")
    p = np.exp(TABLE)
    p /= p.sum(1, keepdims=True)
    for contrast, multi in (("one_vs_rest", "ovr"), ("one_vs_one", "ovo")):
        ours = metrics.auroc(p, CLASSES, contrast=contrast)
        assert ours.value == pytest.approx(
            sk.roc_auc_score(CLASSES, p, multi_class=multi), abs=1e-12
        )
        assert ours.facts["classes_averaged"] == 4
    ours = metrics.auroc(p, CLASSES, average="weighted")
    want = sk.roc_auc_score(CLASSES, p, multi_class="ovr", average="weighted")
    assert ours.value == pytest.approx(want, abs=1e-12)
    several = (TABLE > 1).astype(int)
    for name, peer in (
        ("auroc", "roc_auc_score"),
        ("average_precision", "average_precision_score"),
    ):
        for average in ("macro", "weighted"):
            assert getattr(metrics, name)(TABLE, several, average=average).value == pytest.approx(
                getattr(sk, peer)(several, TABLE, average=average), abs=1e-12
            )


def test_curves_are_those_of_scikit_learn_with_no_point_dropped():
    sk = pytest.importorskip("sklearn.metrics")
    fpr, tpr, thresholds = metrics.roc_curve(TIED, TARGET)
    want = sk.roc_curve(TARGET, TIED, drop_intermediate=False)
    for ours, theirs in zip((fpr, tpr, thresholds), want, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-14)
    curve = metrics.precision_recall_curve(TIED, TARGET, band="pointwise")
    precision, recall, at = sk.precision_recall_curve(TARGET, TIED)
    np.testing.assert_allclose(curve.precision[::-1], precision, atol=1e-14)
    np.testing.assert_allclose(curve.recall[::-1], recall, atol=1e-14)
    np.testing.assert_allclose(curve.thresholds[:0:-1], at)
    assert (curve.lower <= curve.precision).all() and (curve.precision <= curve.upper).all()
    assert metrics.roc_curve(SCORES, TARGET, band="none").lower is None
    with pytest.raises(leadline.ValueError, match="pointwise"):
        metrics.roc_curve(SCORES, TARGET, band="wide")
    with pytest.raises(leadline.ShapeError, match="one column"):
        metrics.roc_curve(TABLE, CLASSES)
    with pytest.raises(leadline.ValueError, match="both groups"):
        metrics.roc_curve(SCORES, np.ones(400, int))


@pytest.mark.parametrize("seed", range(20))
def test_ranking_sees_order_alone_and_the_bound_holds(seed):
    draw = np.random.default_rng(seed)
    n = int(draw.integers(10, 300))
    target = draw.integers(0, 2, n)
    target[:2] = 0, 1
    scores = draw.normal(size=n) * draw.choice([1e-3, 1, 1e4])
    if seed % 2:
        scores = scores.round(int(draw.integers(0, 2)))
    order = draw.permutation(n)
    for name in ("auroc", "average_precision", "aupr", "fpr_at_tpr", "equal_error_rate"):
        one = getattr(metrics, name)
        e = one(scores, target)
        assert one(scores[order], target[order]).value == pytest.approx(e.value, abs=1e-13)
        assert one(np.arctan(scores / 1e5) * 3, target).value == pytest.approx(e.value, abs=1e-13)
        twice = one(np.r_[scores, scores], np.r_[target, target])
        assert one(scores, target, weights=np.full(n, 2.0)).value == pytest.approx(
            twice.value, abs=1e-12
        )
        bounded = one(scores, target, keep=0)
        assert abs(bounded.value - e.value) <= bounded.error_bound + 1e-12
        assert bounded.lower <= e.value <= bounded.upper
    e = metrics.auroc(scores, target).value
    assert metrics.auroc(scores, 1 - target).value == pytest.approx(1 - e, abs=1e-13)
    assert metrics.auroc(-scores, 1 - target).value == pytest.approx(e, abs=1e-13)
    assert metrics.auroc(scores, target, positive=0).value == pytest.approx(1 - e, abs=1e-13)


def test_parts_merge_to_the_whole_exact_and_bounded():
    for options in ({}, {"keep": 0}, {"keep": 0, "scale": "probability"}, {"keep": 250}):
        p = 1 / (1 + np.exp(-SCORES))
        whole, a, b = (metrics.Auroc(**options) for _ in range(3))
        whole.update(p, TARGET)
        a.update(p[:130], TARGET[:130])
        b.update(p[130:], TARGET[130:])
        b.merge(a)
        assert b.compute() == whole.compute()
        again = whole.fresh()
        again.load(whole.save())
        assert again.compute() == whole.compute()


def test_a_wide_bound_is_said_with_the_remedy():
    near_one = 1 - 1e-7 / (1 + np.exp(-SCORES))
    metric = metrics.Auroc(keep=0)
    metric.update(near_one, TARGET)
    checks = {c.name: c for c in metric.describe().checks}
    assert checks["auroc_error_bound_is_small"].result == "fail"
    assert "exact=True" in checks["auroc_error_bound_is_small"].remedy
    declared = metrics.auroc(near_one, TARGET, keep=0, scale="probability")
    assert declared.error_bound < 0.02
    with pytest.raises(leadline.ValueError, match=r"probabilities in \[0, 1\]"):
        metrics.auroc(SCORES, TARGET, scale="probability")


def test_a_detector_gives_four_numbers_at_once():
    metric = metrics.Detection()
    metric.update(SCORES, TARGET)
    named = {e.name: e.estimate for e in metric.describe().estimates}
    assert named["auroc"].value == pytest.approx(metrics.auroc(SCORES, TARGET).value, abs=1e-14)
    assert named["fpr_at_tpr{tpr=0.95}"].value == metrics.fpr_at_tpr(SCORES, TARGET).value
    assert named["aupr_of_negatives"].value == pytest.approx(
        metrics.aupr(-SCORES, 1 - TARGET).value, abs=1e-13
    )


def test_the_bootstrap_agrees_with_delong():
    a = metrics.auroc(SCORES, TARGET)
    b = metrics.auroc(SCORES, TARGET, interval="bootstrap", replicates=2000)
    assert b.value == a.value and b.method == "poisson bootstrap, percentile"
    assert abs(a.lower - b.lower) < 0.01 and abs(a.upper - b.upper) < 0.01
    assert (
        metrics.auroc(SCORES, TARGET, interval="bootstrap", weights=WEIGHTS).status == "undefined"
    )


def test_real_data_breast_cancer():
    datasets = pytest.importorskip("sklearn.datasets")
    sk = pytest.importorskip("sklearn.metrics")
    x, y = datasets.load_breast_cancer(return_X_y=True)
    for column in range(0, 30, 7):
        e = metrics.auroc(-x[:, column], y)
        assert e.value == pytest.approx(sk.roc_auc_score(y, -x[:, column]), abs=1e-12)
        bounded = metrics.auroc(-x[:, column], y, keep=0)
        assert abs(bounded.value - e.value) <= bounded.error_bound


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("positive", [1, 0])
def test_a_large_batch_of_bounded_scores_counts_as_its_parts_and_is_refused_whole(dtype, positive):
    rng = np.random.default_rng(12)
    n = 70_001
    target = rng.integers(0, 2, n)
    scores = (rng.normal(size=n) + target).astype(dtype)
    whole, parts = (metrics.Auroc(keep=0, positive=positive) for _ in range(2))
    whole.update(scores, target)
    for first in range(0, n, 1000):
        parts.update(scores[first : first + 1000], target[first : first + 1000])
    assert whole.compute() == parts.compute() and whole.save() == parts.save()
    broken, label = scores.copy(), target.copy()
    broken[30_001], label[39_999] = np.nan, 2
    with pytest.raises(leadline.ValueError, match="NaN at row 30001"):
        whole.update(broken, target)
    with pytest.raises(leadline.ValueError, match="2 at row 39999"):
        whole.update(scores, label)
    assert whole.compute() == parts.compute()
    whole.update(scores, target, weights=np.full(n, 2.0))
    assert whole.compute().facts["n_effective"] < 2 * n
    probabilities = metrics.Auroc(keep=0, scale="probability")
    with pytest.raises(leadline.ValueError, match=r"probabilities in \[0, 1\], got"):
        probabilities.update(scores, target)
    assert probabilities.compute().status == "empty"
