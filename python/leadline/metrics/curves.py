"""ROC and precision-recall curves as arrays, with confidence bands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leadline import _core

__all__ = ["PrecisionRecallCurve", "RocCurve", "precision_recall_curve", "roc_curve"]

Floats = NDArray[np.float64]
Band = Literal["none", "pointwise", "simultaneous"]


@dataclass(frozen=True)
class RocCurve:
    """One point a distinct score, none dropped, from (0, 0) to (1, 1).

    Attributes:
        fpr, tpr: shares of the negatives and positives with a score of at least the threshold.
        thresholds: descending; the first is infinite.
        lower, upper: band of the true-positive rate at each `fpr`; None without a band.
        band, level: what the band promises, and with which coverage.
    """

    fpr: Floats
    tpr: Floats
    thresholds: Floats
    lower: Floats | None
    upper: Floats | None
    band: str
    level: float

    def __iter__(self) -> Iterator[Floats]:
        """As scikit-learn returns it: `fpr, tpr, thresholds = roc_curve(...)`."""
        return iter((self.fpr, self.tpr, self.thresholds))


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """One point a distinct score, none dropped, after the start (recall 0, precision 1).

    Attributes:
        precision, recall: at the threshold; recall rises along the arrays.
        thresholds: descending; the first is infinite.
        lower, upper: band of the precision at the threshold; None without a band.
        band, level: what the band promises, and with which coverage.
    """

    precision: Floats
    recall: Floats
    thresholds: Floats
    lower: Floats | None
    upper: Floats | None
    band: str
    level: float

    def __iter__(self) -> Iterator[Floats]:
        """`precision, recall, thresholds = precision_recall_curve(...)`."""
        return iter((self.precision, self.recall, self.thresholds))


def roc_curve(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    positive: int = 1,
    band: Band = "simultaneous",
    level: float = 0.95,
) -> RocCurve:
    """The ROC curve of one column of scores, exact, with a confidence band.

    Args:
        scores: [n], higher is more positive. No NaN.
        target: [n] of 0 and 1.
        weights: [n], at least 0.
        positive: which of the two labels is positive.
        band: "pointwise": each point by itself is covered with `level`; "simultaneous": the whole
            curve is, with at least `level` (Dvoretzky-Kiefer-Wolfowitz); "none".
        level: coverage of the band.

    Raises:
        leadline.ValueError: one class only, NaN, labels other than 0 and 1.

    Example:
        >>> from leadline.metrics import roc_curve
        >>> fpr, tpr, thresholds = roc_curve([0.9, 0.8, 0.3, 0.7, 0.1], [1, 1, 1, 0, 0])
        >>> tpr.round(2).tolist(), fpr.tolist()
        ([0.0, 0.33, 0.67, 0.67, 1.0, 1.0], [0.0, 0.0, 0.0, 0.5, 0.5, 1.0])
    """
    x, y, at, low, high = _arrays("roc_curve", scores, target, weights, positive, band, level)
    return RocCurve(x, y, at, low, high, band, level)


def precision_recall_curve(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    positive: int = 1,
    band: Band = "simultaneous",
    level: float = 0.95,
) -> PrecisionRecallCurve:
    """The precision-recall curve of one column of scores, exact, with a confidence band.

    Arguments and errors as `roc_curve`. The pointwise band is Wilson's interval of the precision at
    the threshold; the simultaneous one holds at the prevalence of the sample.

    Example:
        >>> from leadline.metrics import precision_recall_curve
        >>> curve = precision_recall_curve([4, 3, 2, 1], [1, 0, 1, 0], band="pointwise")
        >>> curve.precision.round(2).tolist(), curve.recall.tolist()
        ([1.0, 1.0, 0.5, 0.67, 0.5], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    x, y, at, low, high = _arrays(
        "precision_recall_curve", scores, target, weights, positive, band, level
    )
    return PrecisionRecallCurve(y, x, at, low, high, band, level)


def _arrays(name: str, *arguments: Any) -> Any:
    return getattr(_core, name)(*arguments)
