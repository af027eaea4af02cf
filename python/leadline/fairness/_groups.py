"""Metrics by group and gaps between groups, over arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from leadline import _core
from leadline._core import Estimate, Metric

Gap = _core.Gap
GroupCounts = _core.GroupCounts
GroupFrame = _core.GroupFrame
GroupReport = _core.GroupReport

Rate = Literal[
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "positive_predictive_value",
    "negative_predictive_value",
    "base_rate",
    "accuracy",
]


def by_group(
    metric: Metric | Sequence[Metric],
    *arrays: Any,
    groups: Any,
    sample_weight: Any = None,
    ids: Any = None,
    min_support: int = 30,
    depth: int = 2,
    level: float = 0.95,
    seed: int = 0,
    **named: Any,
) -> Any:
    """A metric overall and by group, in one pass.

    Args:
        metric: any metric of the catalog or written in Python; a list gives a list of reports.
        arrays: what the metric reads, in its order: scores or decisions, then target.
        groups: attribute name -> one value a sample (categories, integers, texts), a DataFrame or a
            `leadline.Table`; a single array is the attribute "group". None and NaN are missing: the
            sample counts overall and in the groups of its other attributes.
        sample_weight: one weight >= 0 a sample.
        ids: sample ids, for metrics that resample by id.
        min_support: groups with fewer samples get a status instead of a value.
        depth: attributes joined at once; 2 adds every pair ("sex=f,age=young").
        level: of gaps and shrunk values; groups use the metric's own level.
        seed: of the simulated gap under parity.
        named: further columns by name.

    Returns:
        A `GroupReport`, or a list of them: `report["sex=f"]`, `report.gap("sex")`, `report.worst("sex")`.

    Raises:
        leadline.ShapeError: columns, groups or weights of different lengths.
        leadline.TypeError: groups of floats; bin them with `quantile_bins`.
        leadline.ValueError: more than 4096 levels, negative weights, whatever the metric refuses.

    Example:
        >>> from leadline import fairness, metrics
        >>> prediction, target = [1, 1, 0, 0] * 25, [1, 0, 0, 1] * 25
        >>> sex = ["f", "f", "m", "m"] * 25
        >>> report = fairness.by_group(metrics.Accuracy(), prediction, target, groups={"sex": sex})
        >>> report["sex=f"]
        Estimate(0.5 [0.3664, 0.6336], n = 50)
        >>> report.gap("sex").value
        0.0
    """
    frame = _core.GroupFrame(metric, min_support=min_support, depth=depth, level=level, seed=seed)
    frame.update(*arrays, groups=groups, weights=sample_weight, ids=ids, **named)
    reports = frame.compute()
    return reports if isinstance(metric, (list, tuple)) else reports[0]


def _counts(prediction: Any, target: Any, groups: Any, sample_weight: Any) -> GroupCounts:
    if isinstance(prediction, GroupCounts):
        return prediction
    counts = GroupCounts()
    counts.update(prediction, target, groups=groups, weights=sample_weight)
    return counts


def group_rates(
    rate: Rate,
    prediction: Any,
    target: Any = None,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
) -> dict[str, Estimate]:
    """A rate of the decisions by group: group -> Estimate with its Wilson interval.

    Args:
        rate: which one, e.g. "true_positive_rate".
        prediction: decisions [n], scores [n, n_classes], or a `GroupCounts` (then no other array).
        target: true labels [n]; selection rates need none.
        groups: as in `by_group`.
        sample_weight: one weight >= 0 a sample.
        by: an attribute, or several as "sex,age" for their intersections; "": all of them.
        positive: class of the favourable decision; unset: 1 of two classes.
        level: of the intervals.
        min_support: a rate over fewer samples is not measured.
    """
    counts = _counts(prediction, target, groups, sample_weight)
    return counts.rates(rate, by=by, positive=positive, min_support=min_support, level=level)


def demographic_parity_difference(
    prediction: Any,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    seed: int = 0,
) -> Gap:
    """Largest minus smallest selection rate, max_g P(pred = 1 | g) - min_g P(pred = 1 | g).

    Args: as `equalized_odds_difference`, without targets.

    Example:
        >>> from leadline import fairness
        >>> gap = fairness.demographic_parity_difference(
        ...     [1] * 30 + [0] * 70 + [1] * 60 + [0] * 40, groups=["a"] * 100 + ["b"] * 100)
        >>> gap.highest, round(gap.value, 3), round(gap.lower, 3), round(gap.upper, 3)
        ('group=b', 0.3, 0.163, 0.422)
    """
    return _core.demographic_parity_difference(
        _counts(prediction, None, groups, sample_weight),
        by=by,
        positive=positive,
        level=level,
        min_support=min_support,
        reference=reference,
        seed=seed,
    )


def demographic_parity_ratio(
    prediction: Any,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    seed: int = 0,
) -> Gap:
    """Smallest over largest selection rate; the fact `four_fifths_rule` says whether 80 % is met.

    The fact is 1 when the whole interval is at or above 0.8, 0 when it is below, absent while the
    data leave it undecided.
    """
    return _core.demographic_parity_ratio(
        _counts(prediction, None, groups, sample_weight),
        by=by,
        positive=positive,
        level=level,
        min_support=min_support,
        seed=seed,
    )


def equalized_odds_difference(
    prediction: Any,
    target: Any = None,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    aggregate: Literal["max", "mean", "signed"] = "max",
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    seed: int = 0,
) -> Gap:
    """Gaps of the true and of the false positive rate as one (Hardt et al. 2016).

    Args:
        prediction: decisions [n], scores [n, n_classes], or a `GroupCounts` (then no other array).
        target: true labels [n].
        groups: as in `by_group`.
        sample_weight: one weight >= 0 a sample.
        aggregate: "max" of the two gaps, their "mean", or "signed": mean of the signed differences to
            the `reference` group, of the group where it is largest.
        by: an attribute, or several as "sex,age" for their intersections; "": all of them.
        positive: class of the favourable decision; unset: 1 of two classes.
        level: of the interval.
        min_support: groups whose rate is over fewer samples are left out.
        reference: "" compares all groups with each other; a group ("sex=m") compares each to it.
        seed: of the simulated gap under parity.
    """
    return _core.equalized_odds_difference(
        _counts(prediction, target, groups, sample_weight),
        aggregate=aggregate,
        by=by,
        positive=positive,
        level=level,
        min_support=min_support,
        reference=reference,
        seed=seed,
    )


def equal_opportunity_difference(
    prediction: Any,
    target: Any = None,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    seed: int = 0,
) -> Gap:
    """Largest minus smallest true positive rate (Hardt et al. 2016). Args: as `equalized_odds_difference`."""
    return _core.equal_opportunity_difference(
        _counts(prediction, target, groups, sample_weight),
        by=by,
        positive=positive,
        level=level,
        min_support=min_support,
        reference=reference,
        seed=seed,
    )


def predictive_parity_difference(
    prediction: Any,
    target: Any = None,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    seed: int = 0,
) -> Gap:
    """Largest minus smallest positive predictive value. Args: as `equalized_odds_difference`."""
    return _core.predictive_parity_difference(
        _counts(prediction, target, groups, sample_weight),
        by=by,
        positive=positive,
        level=level,
        min_support=min_support,
        reference=reference,
        seed=seed,
    )


def accuracy_difference(
    prediction: Any,
    target: Any = None,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    by: str = "",
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    seed: int = 0,
) -> Gap:
    """Largest minus smallest share of right decisions. Args: as `equalized_odds_difference`."""
    return _core.accuracy_difference(
        _counts(prediction, target, groups, sample_weight),
        by=by,
        level=level,
        min_support=min_support,
        reference=reference,
        seed=seed,
    )


def worst_group_accuracy(
    prediction: Any,
    target: Any = None,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    by: str = "",
    level: float = 0.95,
    min_support: int = 30,
    seed: int = 0,
) -> Gap:
    """The least share of right decisions of any group (Sagawa et al. 2020); `lowest` names it.

    The fact `null_worst` is what equal groups of these sizes would have shown.
    """
    return _core.worst_group_accuracy(
        _counts(prediction, target, groups, sample_weight),
        by=by,
        level=level,
        min_support=min_support,
        seed=seed,
    )


def differential_fairness(
    prediction: Any,
    *,
    groups: Any = None,
    sample_weight: Any = None,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    seed: int = 0,
) -> Gap:
    """Smoothed empirical differential fairness, epsilon (Foulds et al. 2018, arXiv:1807.08362)."""
    return _core.differential_fairness(
        _counts(prediction, None, groups, sample_weight),
        by=by,
        positive=positive,
        level=level,
        min_support=min_support,
        seed=seed,
    )


def _outcomes(prediction: Any, target: Any, sample_weight: Any) -> GroupCounts:
    if isinstance(prediction, GroupCounts):
        return prediction
    import numpy as np

    one_group = np.zeros(len(prediction), dtype=np.int64)
    return _counts(prediction, target, one_group, sample_weight)


def generalized_entropy(
    prediction: Any,
    target: Any = None,
    *,
    alpha: float = 2.0,
    sample_weight: Any = None,
    positive: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Generalized entropy of the benefit prediction - target + 1 (Speicher et al. 2018); 0 is equal.

    Example:
        >>> from leadline import fairness
        >>> fairness.generalized_entropy([0, 1, 1, 1, 1, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 1, 1, 0, 0, 0]).value
        0.125
    """
    counts = _outcomes(prediction, target, sample_weight)
    return _core.generalized_entropy(counts, alpha, positive, level)


def theil_index(
    prediction: Any,
    target: Any = None,
    *,
    sample_weight: Any = None,
    positive: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Theil's index: `generalized_entropy` with alpha = 1."""
    return generalized_entropy(
        prediction, target, alpha=1.0, sample_weight=sample_weight, positive=positive, level=level
    )


def consistency(inputs: Any, prediction: Any, *, k: int = 5, level: float = 0.95) -> Estimate:
    """Whether similar samples get similar decisions (Zemel et al. 2013): 1 - mean |pred - its k neighbours|.

    Args:
        inputs: floats [n, d]; Euclidean distance, so scale the columns first.
        prediction: decisions in {0, 1} or scores in [0, 1], [n].
        k: neighbours, without the sample itself.
        level: of the interval.
    """
    return _core.consistency(inputs, prediction, k, level)


def quantile_bins(values: Any, bins: int = 4) -> list[str | None]:
    """Numbers as groups of about equal size, "[a, b)"; NaN is missing.

    Example:
        >>> from leadline import fairness
        >>> fairness.quantile_bins([1.0, 2.0, 3.0, 4.0], bins=2)
        ['[1, 2.5)', '[1, 2.5)', '[2.5, 4]', '[2.5, 4]']
    """
    return _core.quantile_bins(values, bins)
