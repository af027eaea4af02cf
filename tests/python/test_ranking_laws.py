"""Laws of the ranking metrics over random inputs: order alone counts, parts merge, labels turn round."""

from __future__ import annotations

import numpy as np
import pytest

from leadline import metrics

hypothesis = pytest.importorskip("hypothesis")
st = pytest.importorskip("hypothesis.strategies")

KINDS = [
    metrics.Auroc,
    metrics.AveragePrecision,
    metrics.Aupr,
    metrics.FprAtTpr,
    metrics.TprAtFpr,
    metrics.EqualErrorRate,
    metrics.SpecificityAtSensitivity,
]
SETTINGS = hypothesis.settings(max_examples=40, deadline=None)
# Few distinct scores, so that ties are common; both groups are there.
rows = st.lists(st.tuples(st.integers(-6, 6), st.integers(0, 1)), min_size=0, max_size=40).map(
    lambda pairs: np.array([(1, 0), (0, 1), *pairs], dtype=float).T
)


def value(kind, scores, target, **columns):
    metric = kind()
    metric.update(scores, target.astype(int), **columns)
    return metric.compute().value


@SETTINGS
@hypothesis.given(rows=rows, data=st.data())
def test_order_of_rows_and_monotone_transforms_change_nothing(rows, data):
    scores, target = rows
    order = np.array(data.draw(st.permutations(range(len(scores)))))
    for kind in KINDS:
        plain = value(kind, scores, target)
        assert value(kind, scores[order], target[order]) == pytest.approx(plain, abs=1e-13)
        assert value(kind, np.exp(scores / 3) - 9, target) == pytest.approx(plain, abs=1e-13)
        assert value(kind, scores**3, target) == pytest.approx(plain, abs=1e-13)


@SETTINGS
@hypothesis.given(rows=rows, cut=st.integers(0, 42))
def test_parts_in_any_order_are_the_whole(rows, cut):
    scores, target = rows[0], rows[1].astype(int)
    for kind in KINDS:
        for options in ({}, {"keep": 0}):
            whole, a, b = kind(**options), kind(**options), kind(**options)
            whole.update(scores, target)
            a.update(scores[:cut], target[:cut])
            b.update(scores[cut:], target[cut:])
            b.merge(a)
            assert b.compute() == whole.compute()


@SETTINGS
@hypothesis.given(rows=rows)
def test_a_weight_of_two_is_a_second_copy(rows):
    scores, target = rows
    for kind in KINDS:
        twice = value(kind, np.r_[scores, scores], np.r_[target, target])
        weights = np.full(len(scores), 2.0)
        assert value(kind, scores, target, weights=weights) == pytest.approx(twice, abs=1e-12)


@SETTINGS
@hypothesis.given(rows=rows)
def test_turned_labels_and_turned_scores(rows):
    scores, target = rows
    plain = value(metrics.Auroc, scores, target)
    assert value(metrics.Auroc, scores, 1 - target) == pytest.approx(1 - plain, abs=1e-13)
    assert value(metrics.Auroc, -scores, 1 - target) == pytest.approx(plain, abs=1e-13)
    e = value(metrics.EqualErrorRate, scores, target)
    assert value(metrics.EqualErrorRate, -scores, 1 - target) == pytest.approx(e, abs=1e-13)


@SETTINGS
@hypothesis.given(rows=rows, bits=st.integers(8, 12))
def test_the_bound_of_the_histogram_holds_the_exact_value(rows, bits):
    scores, target = rows[0] / 7 + rows[0] ** 2 / 1000, rows[1].astype(int)
    for kind in KINDS:
        exact, bounded = kind(), kind(keep=0, bits=bits)
        exact.update(scores, target)
        bounded.update(scores, target)
        e, b = exact.compute(), bounded.compute()
        assert abs(b.value - e.value) <= b.error_bound + 1e-12
        assert b.lower is None or b.lower - 1e-12 <= e.value <= b.upper + 1e-12


@SETTINGS
@hypothesis.given(rows=rows)
def test_an_interval_holds_its_value_and_stays_in_range(rows):
    scores, target = rows[0], rows[1].astype(int)
    for kind in KINDS:
        metric = kind()
        metric.update(scores, target)
        e = metric.compute()
        low, high = metric.info().range
        assert e.lower is None or low <= e.lower <= e.value <= e.upper <= high
