"""The core half of leadline.explain, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from typing import Literal

from leadline._catalog import CatalogProbe

__all__ = ["PermutationImportance"]


class PermutationImportance(CatalogProbe):
    """Which columns does it lean on? Rise of the loss when a column is shuffled.

    Args:
        loss: The loss whose rise is measured. One of automatic, log_loss, zero_one,
            squared_error.
        repeats: Shuffles a column. At least 1.
        max_samples: Most samples to visit, chosen by key; 0: all. At least 0.

    Example:
        >>> from leadline.explain import PermutationImportance
        >>> PermutationImportance()
        PermutationImportance()
    """

    _half = "core"
    _name = "permutation_importance"

    def __init__(
        self,
        *,
        loss: Literal["automatic", "log_loss", "zero_one", "squared_error"] = "automatic",
        repeats: int = 5,
        max_samples: int = 0,
    ) -> None:
        super().__init__(loss=loss, repeats=repeats, max_samples=max_samples)
