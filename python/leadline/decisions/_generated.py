"""The core half of leadline.decisions, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from numpy.typing import ArrayLike

from leadline._arguments import checked_call
from leadline._catalog import CatalogMetric, once
from leadline._core import Estimate

__all__ = [
    "ExpectedCost",
    "NetBenefit",
    "SeverityWeightedError",
    "expected_cost",
    "net_benefit",
    "severity_weighted_error",
]


class ExpectedCost(CatalogMetric):
    """Mean cost of a decision under a cost matrix.

    Args:
        cost: Cost of each decision, row-major [true class, decided class]; negative is a
            gain.
        interval: How the interval is made. One of t, empirical_bernstein.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.decisions import ExpectedCost
        >>> ExpectedCost()
        ExpectedCost()
    """

    _half = "core"
    _name = "expected_cost"

    def __init__(
        self,
        *,
        cost: float | Sequence[float] = (0.0, 1.0, 1.0, 0.0),
        interval: Literal["t", "empirical_bernstein"] = "t",
        level: float = 0.95,
    ) -> None:
        super().__init__(cost=cost, interval=interval, level=level)


@checked_call
def expected_cost(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    cost: float | Sequence[float] = (0.0, 1.0, 1.0, 0.0),
    interval: Literal["t", "empirical_bernstein"] = "t",
    level: float = 0.95,
) -> Estimate:
    """Mean cost of a decision under a cost matrix.

    One call of `ExpectedCost`: the same options, the same Estimate.
    """
    return once(
        ExpectedCost(cost=cost, interval=interval, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class SeverityWeightedError(CatalogMetric):
    """Error rate in which each sample counts by the severity of its class.

    Args:
        severity: How much a mistake on each true class matters, >= 0, one a class.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.decisions import SeverityWeightedError
        >>> SeverityWeightedError()
        SeverityWeightedError()
    """

    _half = "core"
    _name = "severity_weighted_error"

    def __init__(
        self, *, severity: float | Sequence[float] = (1.0, 1.0), level: float = 0.95
    ) -> None:
        super().__init__(severity=severity, level=level)


@checked_call
def severity_weighted_error(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    severity: float | Sequence[float] = (1.0, 1.0),
    level: float = 0.95,
) -> Estimate:
    """Error rate in which each sample counts by the severity of its class.

    One call of `SeverityWeightedError`: the same options, the same Estimate.
    """
    return once(
        SeverityWeightedError(severity=severity, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class NetBenefit(CatalogMetric):
    """Hits less false alarms at the odds of a threshold: the value of acting on the model.

    Args:
        threshold: Probability from which on one acts; its odds are what a false alarm costs
            in hits. In (0, 1).
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.decisions import NetBenefit
        >>> NetBenefit()
        NetBenefit()
    """

    _half = "core"
    _name = "net_benefit"

    def __init__(self, *, threshold: float = 0.5, level: float = 0.95) -> None:
        super().__init__(threshold=threshold, level=level)


@checked_call
def net_benefit(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    threshold: float = 0.5,
    level: float = 0.95,
) -> Estimate:
    """Hits less false alarms at the odds of a threshold: the value of acting on the model.

    One call of `NetBenefit`: the same options, the same Estimate.
    """
    return once(
        NetBenefit(threshold=threshold, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )
