"""The model under noise, and what is proven of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from leadline import _core
from leadline._arguments import checked_call, number, whole
from leadline.models import as_model

__all__ = ["SmoothedCertificates", "SmoothedPredictions", "Smoothing"]


@dataclass(frozen=True, eq=False)
class SmoothedCertificates:
    """Certificates of n rows, one array a field.

    Attributes:
        label: the answer; -1 where it abstains.
        radius: L2 radius inside which the answer is proven, in input units; 0 where it abstains.
        p_lower: lower bound of the probability of the chosen class under noise.
        chosen: the class that the first draws chose, also where it abstains.
        agreed, draws: of `draws` draws, those that gave `chosen`.
    """

    label: np.ndarray
    radius: np.ndarray
    p_lower: np.ndarray
    chosen: np.ndarray
    agreed: np.ndarray
    draws: np.ndarray

    def __len__(self) -> int:
        return len(self.label)


@dataclass(frozen=True, eq=False)
class SmoothedPredictions:
    """Answers of n rows, one array a field.

    Attributes:
        label: the answer; -1 where it abstains.
        p_value: that the two most frequent classes are equally likely.
        first, second, draws: of `draws` draws, those for the two most frequent classes.
    """

    label: np.ndarray
    p_value: np.ndarray
    first: np.ndarray
    second: np.ndarray
    draws: np.ndarray

    def __len__(self) -> int:
        return len(self.label)


class Smoothing:
    """A model that answers by vote over Gaussian noise (Cohen et al. 2019).

    If the most frequent class has probability p > 1/2 under N(0, sigma^2), the vote is the same for
    every input nearer than sigma * normal_quantile(p), whatever the model is. Needs labels only.
    Noise is keyed by (seed, row, draw): the same for any batch size.

    Args:
        model: as `leadline.as_model` takes it.
        sigma: standard deviation of the noise, in input units.
        output: what the model's numbers are: "logits", "probabilities", "labels"; default: as it says.

    Example:
        >>> import leadline, numpy
        >>> smooth = leadline.robustness.Smoothing(lambda x: x, sigma=0.5, arrays="numpy")
        >>> found = smooth.certify(numpy.array([[0.0, 1.0]], dtype=numpy.float32), n=2000)
        >>> int(found.label[0]), bool(0.5 < found.radius[0] < 0.5**0.5)
        (1, True)
    """

    @checked_call
    def __init__(
        self, model: Any, *, sigma: float, output: str | None = None, arrays: str = "torch"
    ) -> None:
        self.sigma = number("Smoothing", "sigma", sigma, "0.25")
        self._output = output or "unknown"
        self._model = (
            model
            if isinstance(model, _core.Subject)
            else as_model(model, output=output, arrays=arrays)
        )

    def __repr__(self) -> str:
        return f"Smoothing({self._model!r}, sigma={self.sigma})"

    @checked_call
    def certify(
        self,
        x: Any,
        *,
        n: int = 100_000,
        n0: int = 100,
        alpha: float = 0.001,
        early_stop: bool = False,
        radii: float | Iterable[float] = (),
        tolerance: float = 0.1,
        seed: int = 0,
        batch_size: int = 256,
        ids: Sequence[int] = (),
    ) -> SmoothedCertificates:
        """The answer for each row of `x` and the radius inside which it is proven.

        Args:
            x: floats [n, ...].
            n: draws behind a certificate; the most of them with `early_stop`.
            n0: draws that choose the class.
            alpha: probability that the certificate of a row is wrong.
            early_stop: stop when it is clear, by a confidence sequence: the same alpha, fewer
                forwards, a slightly smaller radius.
            radii: with early_stop: stop once each of these is proven or out of reach.
            tolerance: with early_stop and no radii: stop once all draws left could add at most
                tolerance * sigma to the radius.
            seed: of the noise.
            batch_size: draws a forward.
            ids: numbers of the rows, which key the noise; default: 0, 1, ...

        Raises:
            leadline.ValueError: n draws can certify nothing at this alpha, or not one of the radii.
            leadline.CapabilityError: inputs that are no floats.
        """
        wanted = [radii] if isinstance(radii, (int, float)) else list(radii)
        return SmoothedCertificates(
            **_core.smoothing_certify(
                self._model,
                x,
                sigma=self.sigma,
                output=self._output,
                n=whole("Smoothing.certify", "n", n, 1),
                n0=whole("Smoothing.certify", "n0", n0, 1),
                alpha=number("Smoothing.certify", "alpha", alpha, "0.001"),
                early_stop=bool(early_stop),
                radii=[number("Smoothing.certify", "radii", r, "0.5") for r in wanted],
                tolerance=number("Smoothing.certify", "tolerance", tolerance, "0.1"),
                seed=seed,
                batch_size=whole("Smoothing.certify", "batch_size", batch_size, 1),
                ids=[int(i) for i in ids],
            )
        )

    @checked_call
    def predict(
        self,
        x: Any,
        *,
        n: int = 1000,
        alpha: float = 0.001,
        seed: int = 0,
        batch_size: int = 256,
        ids: Sequence[int] = (),
    ) -> SmoothedPredictions:
        """The most frequent answer of each row of `x`; abstains (-1) where it is not sure.

        Args:
            x: floats [n, ...].
            n: draws.
            alpha: of the two-sided binomial test between the two most frequent classes.
            seed: of the noise.
            batch_size: draws a forward.
            ids: numbers of the rows, which key the noise; default: 0, 1, ...

        Raises:
            leadline.ValueError: n draws would always abstain.
        """
        return SmoothedPredictions(
            **_core.smoothing_predict(
                self._model,
                x,
                sigma=self.sigma,
                output=self._output,
                n=whole("Smoothing.predict", "n", n, 1),
                alpha=number("Smoothing.predict", "alpha", alpha, "0.001"),
                seed=seed,
                batch_size=whole("Smoothing.predict", "batch_size", batch_size, 1),
                ids=[int(i) for i in ids],
            )
        )
