"""Where the model does worst, and whether its probabilities mean the same in every group."""

from __future__ import annotations

from typing import Any, Literal

from leadline import _core

GroupCalibration = _core.GroupCalibration
SliceSearch = _core.SliceSearch


def find_weak_slices(
    table: Any,
    loss: Any,
    *,
    depth: int = 2,
    bins: int = 4,
    min_support: int = 50,
    top: int = 10,
    correction: Literal["permutation", "split"] = "permutation",
    permutations: int = 199,
    level: float = 0.95,
    seed: int = 0,
) -> SliceSearch:
    """Searches segments of a table for a loss above that of the rest, corrected for the search.

    Every level of every column and every pair of levels of two columns is a segment; numbers are cut
    at quantiles.

    Args:
        table: columns by sample: a dict, a DataFrame or a `leadline.Table`.
        loss: [n], 1 for a mistake and 0 else, or any finite loss.
        depth: columns joined at once, 1 or 2.
        bins: quantile bins of a column of numbers.
        min_support: least size of a segment.
        top: segments reported at most.
        correction: "permutation": p-values against the largest statistic of the whole search on
            shuffled losses; "split": found on one half, judged and estimated on the other.
        permutations: shuffles; the least p-value is 1 / (permutations + 1).
        level: of the intervals; `significant` are those with p-values of at most 1 - level.
        seed: of the shuffles or of the split.

    Raises:
        leadline.ShapeError: another number of losses than rows.
        leadline.ValueError: a loss that is not finite, options out of range.

    Example:
        >>> from leadline import fairness
        >>> sex = ["f", "m"] * 200
        >>> wrong = [1 if i % 2 == 0 and i % 3 == 0 else 0 for i in range(400)]
        >>> found = fairness.find_weak_slices({"sex": sex}, wrong)
        >>> found.significant[0].name, found.n_searched
        ('sex=f', 2)
    """
    options = {
        "depth": depth,
        "bins": bins,
        "min_support": min_support,
        "top": top,
        "correction": correction,
        "permutations": permutations,
        "level": level,
        "seed": seed,
    }
    return _core.find_weak_slices(table, loss, options)
