"""The core half of leadline.robustness, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from collections.abc import Sequence

from leadline._catalog import CatalogProbe

__all__ = ["GaussianNoise"]


class GaussianNoise(CatalogProbe):
    """Does random noise on the input change its answers?

    Args:
        sigmas: Standard deviations of the noise. In input units. Above 0.
        repeats: Draws a sample and sigma. At least 1.
        max_samples: Most samples to visit, chosen by key; 0: all. At least 0.

    Example:
        >>> from leadline.robustness import GaussianNoise
        >>> GaussianNoise()
        GaussianNoise()
    """

    _half = "core"
    _name = "gaussian_noise"

    def __init__(
        self,
        *,
        sigmas: float | Sequence[float] = (0.02, 0.05, 0.1, 0.2),
        repeats: int = 1,
        max_samples: int = 0,
    ) -> None:
        super().__init__(sigmas=sigmas, repeats=repeats, max_samples=max_samples)
