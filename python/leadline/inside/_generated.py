"""The core half of leadline.inside, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from leadline._catalog import CatalogProbe

__all__ = ["LinearProbe"]


class LinearProbe(CatalogProbe):
    """How well a linear classifier reads the label, or a column of the table, off a layer.

    Args:
        layer: Layer whose activations are read; empty: the one before the last.
        column: Categorical column of the table to read off; empty: the label.
        penalty: L2 penalty on standardised features. At least 0.
        max_samples: Samples to fit on, at most. In samples. At least 10.
        max_features: Wider activations are averaged over their trailing dimensions, then
            refused. At least 1.

    Example:
        >>> from leadline.inside import LinearProbe
        >>> LinearProbe()
        LinearProbe()
    """

    _half = "core"
    _name = "linear_probe"

    def __init__(
        self,
        *,
        layer: str = "",
        column: str = "",
        penalty: float = 0.001,
        max_samples: int = 5000,
        max_features: int = 2048,
    ) -> None:
        super().__init__(
            layer=layer,
            column=column,
            penalty=penalty,
            max_samples=max_samples,
            max_features=max_features,
        )
