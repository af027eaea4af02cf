"""Laws of the metrics over random inputs, and what all of them share from Python."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import leadline
from leadline import metrics

hypothesis = pytest.importorskip("hypothesis")
st = pytest.importorskip("hypothesis.strategies")

DECISIONS = [
    "accuracy",
    "f1",
    "cohen_kappa",
    "matthews_correlation",
    "balanced_accuracy",
    "jaccard",
    "specificity",
    "hamming_loss",
    "geometric_mean",
    "informedness",
]
NUMBERS = [
    "mean_absolute_error",
    "r2",
    "pearson_correlation",
    "spearman_correlation",
    "kendall_tau",
    "concordance_correlation",
    "concordance_index",
    "median_absolute_error",
]
labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)
numbers = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=30)


def made(name: str):
    return leadline.catalogs.make(name)


def told(estimate):
    return (
        estimate.status,
        estimate.value if estimate.status == "ok" else None,
        estimate.lower,
        estimate.upper,
    )


def close(a, b):
    a, b = told(a), told(b)
    assert a[0] == b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        assert (x is None) == (y is None)
        assert x is None or x == pytest.approx(y, abs=1e-9)


@hypothesis.settings(max_examples=30, deadline=None)
@hypothesis.given(rows=labels, data=st.data())
def test_order_splits_and_counts_change_nothing(rows, data):
    a, b = np.array(rows).T
    order = np.array(data.draw(st.permutations(range(len(a)))))
    cut = data.draw(st.integers(0, len(a)))
    for name in DECISIONS:
        whole, mixed, first, second, counted, twice = (made(name) for _ in range(6))
        whole.update(a, b)
        mixed.update(a[order], b[order])
        first.update(a[:cut], b[:cut])
        second.update(a[cut:], b[cut:])
        second.merge(first)
        close(whole.compute(), mixed.compute())
        close(whole.compute(), second.compute())
        counted.update(a, b, counts=np.full(len(a), 2))
        twice.update(np.repeat(a, 2), np.repeat(b, 2))
        close(counted.compute(), twice.compute())


@hypothesis.settings(max_examples=30, deadline=None)
@hypothesis.given(rows=numbers, data=st.data())
def test_numbers_keep_the_same_laws(rows, data):
    check_numbers(
        rows, data.draw(st.permutations(range(len(rows)))), data.draw(st.integers(0, len(rows)))
    )


def test_a_residual_of_rounding_is_no_spread():
    check_numbers([(0, 2), (-3, -4), (-5, -4)], [0, 1, 2], 1)


def check_numbers(rows, order, cut):
    a, b = np.array(rows, dtype=float).T
    order = np.array(order)
    for name in NUMBERS:
        whole, mixed, second, first, counted, twice = (made(name) for _ in range(6))
        whole.update(a, b)
        mixed.update(a[order], b[order])
        first.update(a[:cut], b[:cut])
        second.update(a[cut:], b[cut:])
        second.merge(first)
        close(whole.compute(), mixed.compute())
        close(whole.compute(), second.compute())
        counted.update(a, b, counts=np.full(len(a), 2))
        twice.update(np.repeat(a, 2), np.repeat(b, 2))
        close(counted.compute(), twice.compute())


@pytest.mark.parametrize("name", DECISIONS)
def test_a_weight_of_two_moves_the_value_like_a_second_copy(name):
    rng = np.random.default_rng(4)
    target = rng.integers(0, 3, 60)
    label = np.where(rng.random(60) < 0.7, target, rng.integers(0, 3, 60))
    w = rng.integers(1, 3, 60)
    weighted, copied = made(name), made(name)
    weighted.update(label, target, weights=w.astype(float))
    copied.update(np.repeat(label, w), np.repeat(target, w))
    assert weighted.compute().value == pytest.approx(copied.compute().value, abs=1e-12)
    equal = made(name)
    equal.update(label, target, weights=np.full(60, 0.5))
    plain = made(name)
    plain.update(label, target)
    close(equal.compute(), plain.compute())  # the scale of importances does not matter


def test_the_usage_of_the_issue_works_as_written():
    rng = np.random.default_rng(0)
    scores, target = rng.random((50, 3)), rng.integers(0, 3, 50)
    c = metrics.MetricCollection(
        [metrics.Accuracy(), metrics.Recall(), metrics.F1(average="macro")]
    )
    c.update(scores, target)
    assert c.n_states == 2 and list(c) == ["accuracy", "recall", "f1"]
    assert c.compute()["f1"] == metrics.f1(scores, target)
    other = pickle.loads(pickle.dumps(c))
    other.merge(c)
    assert other["accuracy"].n == 100
    fresh = c.fresh()
    assert fresh["f1"].status == "empty"
    fresh.load(c.save())
    assert fresh.compute() == c.compute()
    with pytest.raises(leadline.ValueError, match="did you mean 'recall'"):
        c["recal"]


def test_a_collection_takes_names_mixed_readers_and_metrics_written_in_python():
    import toys

    p = np.array([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8]])
    c = metrics.MetricCollection({"right": metrics.Accuracy(), "loss": metrics.LogLoss()})
    c.update(p, [0, 1, 1], weights=[1.0, 2.0, 1.0])
    assert c["right"].value == 1 and c["loss"] == metrics.log_loss(p, [0, 1, 1], weights=[1, 2, 1])
    own = metrics.MetricCollection([toys.CountMean(weight=2.0), metrics.Accuracy()])
    own.update(prediction=np.array([0, 1, 1]), target=np.array([0, 1, 0]))
    assert own["accuracy"].value == pytest.approx(2 / 3)
    before = c.save()
    with pytest.raises(leadline.ValueError, match="LogLoss.update"):
        c.update(p * 2, [0, 1, 1])
    assert c.save() == before


def test_clusters_widen_the_interval_and_ignored_labels_drop_out():
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(30), 20)
    right = np.repeat(rng.random(30) < 0.6, 20) ^ (rng.random(600) < 0.1)
    target = rng.integers(0, 2, 600)
    label = np.where(right, target, 1 - target)
    plain = metrics.accuracy(label, target)
    robust = metrics.accuracy(label, target, clusters=cluster)
    assert robust.value == plain.value and robust.method == "cluster_jackknife"
    assert robust.upper - robust.lower > 2 * (plain.upper - plain.lower)
    ignoring = metrics.f1(label, np.where(cluster == 0, -100, target), ignore_index=-100)
    assert ignoring == metrics.f1(label[20:], target[20:])
    with pytest.raises(leadline.ValueError, match="weights or counts"):
        metrics.accuracy(label, target, weights=np.ones(600), counts=np.ones(600))
    with pytest.raises(leadline.ValueError, match="whole numbers"):
        metrics.accuracy(label, target, counts=np.full(600, 0.5))
    zero = metrics.accuracy(label, target, weights=np.zeros(600))
    assert zero.status == "undefined" and zero.why == "every weight is 0"


def test_a_result_carries_its_checks():
    m = metrics.F1()
    m.update([0, 1, 1, 2], [0, 1, 1, 2])
    checks = {c.name: c for c in m.describe().checks}
    assert (
        checks["support{of=f1}"].result == "fail"
        and "holds 1 samples" in checks["support{of=f1}"].why
    )
    assert checks["interval_valid{of=f1}"].result == "fail"
    m.update(np.tile([0, 1, 2], 20), np.tile([0, 1, 2], 20))
    assert all(c.result == "pass" for c in m.describe().checks)
    one = metrics.MatthewsCorrelation()
    one.update([0, 0], [0, 1])
    assert any(c.name.startswith("not_degenerate") for c in one.describe().checks)


def test_probabilities_that_do_not_sum_to_one_are_told_by_how_much():
    with pytest.raises(leadline.ValueError, match=r"got 1.25, \+0.25 off, at row 1"):
        metrics.log_loss([[0.5, 0.5], [0.5, 0.75]], [0, 1])
