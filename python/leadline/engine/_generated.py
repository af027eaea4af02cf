"""The core half of leadline.engine, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from leadline._catalog import CatalogProbe

__all__ = ["Attach"]


class Attach(CatalogProbe):
    """Is the model wired to the data as declared? Finite outputs, bounds, independent rows, determinism.

    Args:
        rows: Samples forwarded again, alone and together, for determinism and row
            independence. In samples. In [2, 100000].

    Example:
        >>> from leadline.engine import Attach
        >>> Attach()
        Attach()
    """

    _half = "core"
    _name = "attach"

    def __init__(self, *, rows: int = 32) -> None:
        super().__init__(rows=rows)
