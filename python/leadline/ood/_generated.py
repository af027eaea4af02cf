"""The core half of leadline.ood, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from leadline._catalog import CatalogProbe

__all__ = ["Energy", "Mahalanobis"]


class Energy(CatalogProbe):
    """How well the energy of the logits tells foreign inputs from familiar ones.

    Args:
        temperature: T in T * logsumexp(logits / T). Above 0.

    Example:
        >>> from leadline.ood import Energy
        >>> Energy()
        Energy()
    """

    _half = "core"
    _name = "energy"

    def __init__(self, *, temperature: float = 1.0) -> None:
        super().__init__(temperature=temperature)


class Mahalanobis(CatalogProbe):
    """How well the distance to the nearest class in feature space tells foreign inputs from familiar ones.

    Args:
        layer: Layer whose activations are scored; empty: the one before the last.
        max_features: Refuse wider layers: the covariance takes 8 * features^2 bytes. At
            least 1.

    Example:
        >>> from leadline.ood import Mahalanobis
        >>> Mahalanobis()
        Mahalanobis()
    """

    _half = "core"
    _name = "mahalanobis"

    def __init__(self, *, layer: str = "", max_features: int = 2048) -> None:
        super().__init__(layer=layer, max_features=max_features)
