"""The core half of leadline.uncertainty, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from numpy.typing import ArrayLike

from leadline._arguments import checked_call
from leadline._catalog import CatalogMetric, CatalogProbe, once
from leadline._core import Estimate

__all__ = [
    "Calibration",
    "ExpectedCalibrationError",
    "MaximumCalibrationError",
    "expected_calibration_error",
    "maximum_calibration_error",
]


class ExpectedCalibrationError(CatalogMetric):
    """Mean distance of confidence from the share right, by bin of confidence.

    Args:
        bins: Number of bins of equal width. In [1, 10000].
        exact: False: keep a mergeable histogram of confidence in place of the bins, from
            which the risk-coverage area comes too; the error bound is part of the estimate.
        bits: Size of that histogram: at most 2^bits bins. Means nothing with exact. In [8,
            20].
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.uncertainty import ExpectedCalibrationError
        >>> ExpectedCalibrationError()
        ExpectedCalibrationError()
    """

    _half = "core"
    _name = "expected_calibration_error"

    def __init__(
        self, *, bins: int = 15, exact: bool = True, bits: int = 16, level: float = 0.95
    ) -> None:
        super().__init__(bins=bins, exact=exact, bits=bits, level=level)


@checked_call
def expected_calibration_error(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    bins: int = 15,
    exact: bool = True,
    bits: int = 16,
    level: float = 0.95,
) -> Estimate:
    """Mean distance of confidence from the share right, by bin of confidence.

    One call of `ExpectedCalibrationError`: the same options, the same Estimate.
    """
    return once(
        ExpectedCalibrationError(bins=bins, exact=exact, bits=bits, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MaximumCalibrationError(CatalogMetric):
    """Largest distance of confidence from the share right, by bin of confidence.

    Args:
        bins: Number of bins of equal width. In [1, 10000].
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.uncertainty import MaximumCalibrationError
        >>> MaximumCalibrationError()
        MaximumCalibrationError()
    """

    _half = "core"
    _name = "maximum_calibration_error"

    def __init__(self, *, bins: int = 15, level: float = 0.95) -> None:
        super().__init__(bins=bins, level=level)


@checked_call
def maximum_calibration_error(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    bins: int = 15,
    level: float = 0.95,
) -> Estimate:
    """Largest distance of confidence from the share right, by bin of confidence.

    One call of `MaximumCalibrationError`: the same options, the same Estimate.
    """
    return once(
        MaximumCalibrationError(bins=bins, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Calibration(CatalogProbe):
    """Can its confidence be taken at its word? ECE, MCE and the reliability curve.

    Args:
        bins: Number of bins of equal width. In [2, 1000].

    Example:
        >>> from leadline.uncertainty import Calibration
        >>> Calibration()
        Calibration()
    """

    _half = "core"
    _name = "calibration"

    def __init__(self, *, bins: int = 15) -> None:
        super().__init__(bins=bins)
