"""The core half of leadline.fairness, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from collections.abc import Sequence

from leadline._catalog import CatalogProbe

__all__ = ["Fairness"]


class Fairness(CatalogProbe):
    """Are groups treated alike? Every measure by group, the gaps between groups and what equal treatment would show.

    Args:
        groups: Columns of the data's table; none: every column of categories or texts with
            2 to 50 levels.
        positive: Class of the favourable decision; unset: 1 of two classes, and with more
            classes only accuracy and calibration are compared. At least 0.
        min_support: A group with fewer samples gets a status, not a value. In samples. At
            least 2.
        depth: Attributes joined at once. In [1, 3].

    Example:
        >>> from leadline.fairness import Fairness
        >>> Fairness()
        Fairness()
    """

    _half = "core"
    _name = "fairness"

    def __init__(
        self,
        *,
        groups: Sequence[str] = (),
        positive: int | None = None,
        min_support: int = 30,
        depth: int = 2,
    ) -> None:
        super().__init__(groups=groups, positive=positive, min_support=min_support, depth=depth)
