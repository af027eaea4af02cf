"""The torch half of leadline.attribution, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from leadline._catalog import CatalogProbe
from leadline._mixins import Attribute

__all__ = ["IntegratedGradients", "Saliency"]


class IntegratedGradients(Attribute, CatalogProbe):
    """Which parts of the input the predicted class rests on, with proof that it adds up.

    Args:
        steps: Gauss-Legendre points on the path. At least 1.
        baseline: Every input value of the baseline. In input units.
        chunk_rows: Path points a model call; 0: about 400 kB of input. At least 0.
        max_samples: Samples explained, drawn at random; 0: all. At least 0.
        share: Share of the input that the deletion test removes. In (0, 1).

    Example:
        >>> from leadline.attribution import IntegratedGradients
        >>> IntegratedGradients()
        IntegratedGradients()
    """

    _half = "torch"
    _name = "integrated_gradients"

    def __init__(
        self,
        *,
        steps: int = 50,
        baseline: float = 0.0,
        chunk_rows: int = 0,
        max_samples: int = 64,
        share: float = 0.1,
    ) -> None:
        super().__init__(
            steps=steps,
            baseline=baseline,
            chunk_rows=chunk_rows,
            max_samples=max_samples,
            share=share,
        )


class Saliency(Attribute, CatalogProbe):
    """Which input values the predicted class reacts to most.

    Args:
        absolute: Size of the gradient; off: with its sign.
        baseline: What the deletion test puts in place. In input units.
        max_samples: Samples explained, drawn at random; 0: all. At least 0.
        share: Share of the input that the deletion test removes. In (0, 1).

    Example:
        >>> from leadline.attribution import Saliency
        >>> Saliency()
        Saliency()
    """

    _half = "torch"
    _name = "saliency"

    def __init__(
        self,
        *,
        absolute: bool = True,
        baseline: float = 0.0,
        max_samples: int = 64,
        share: float = 0.1,
    ) -> None:
        super().__init__(absolute=absolute, baseline=baseline, max_samples=max_samples, share=share)
