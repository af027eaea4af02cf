"""Defences around a model, each with the attack that sees through it.

A defence is a `torch.nn.Module`. What an adaptive attacker would do belongs to it: gradients flow
through everything that rounds, a detector is a class of its own that the attack must evade, a random
defence says how many draws to average.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from leadline import _core
from leadline._arguments import number, whole
from leadline._load import torch_half

__all__ = [
    "BitDepth",
    "Defence",
    "Detector",
    "JpegLike",
    "MedianFilter",
    "Resize",
    "Smoothed",
    "Transformed",
]


class Defence(nn.Module):
    """A model behind a defence; derive one's own from it.

    Args:
        model: an `nn.Module` that gives logits.

    Attributes:
        adaptive: how an attack sees through it, for the report.
        stand_in_gradient: the gradient is a stand-in for one that does not exist (straight through
            rounding); it need not agree with differences.
        eot_samples: gradients that an attack averages; above 1 for defences that draw random numbers.
        rejects: the last class means "rejected".
    """

    adaptive = "its own gradient"
    stand_in_gradient = False
    eot_samples = 1
    rejects = False

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        if not isinstance(model, nn.Module):
            raise _core.TypeError(
                type(self).__name__,
                "a torch.nn.Module that gives logits",
                type(model).__name__,
                "wrap a callable in a module",
            )
        self.model = model
        self.training = model.training


class Transformed(Defence):
    """Inputs go through `transform` first.

    Args:
        model: that gives logits.
        transform: inputs to inputs, differentiable, or with a gradient of its own that sees through.
        stand_in_gradient: that gradient is such a stand-in.
        eot_samples: draws to average where `transform` is random.
    """

    def __init__(
        self,
        model: nn.Module,
        transform: Callable[[torch.Tensor], torch.Tensor],
        *,
        stand_in_gradient: bool = False,
        eot_samples: int = 1,
    ) -> None:
        super().__init__(model)
        self.transform = transform
        self.stand_in_gradient = stand_in_gradient
        self.eot_samples = whole("Transformed", "eot_samples", eot_samples, 1)
        if stand_in_gradient:
            self.adaptive = "straight through the transform (BPDA)"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits [n, k]."""
        scores: torch.Tensor = self.model(self.transform(x))
        return scores


class BitDepth(Transformed):
    """Inputs rounded to 2^bits levels (feature squeezing, Xu et al. 2018).

    Args:
        model: that gives logits.
        bits: a value.
        bounds: least and greatest value.

    Example:
        >>> import torch
        >>> from leadline import mitigate
        >>> squeezed = mitigate.BitDepth(torch.nn.Identity(), bits=1)
        >>> x = torch.tensor([[0.2, 0.7]], requires_grad=True)
        >>> squeezed(x).tolist(), torch.autograd.grad(squeezed(x).sum(), x)[0].tolist()
        ([[0.0, 1.0]], [[1.0, 1.0]])
    """

    def __init__(
        self, model: nn.Module, *, bits: int = 3, bounds: tuple[float, float] = (0.0, 1.0)
    ) -> None:
        self.bits, half = whole("BitDepth", "bits", bits, 1), torch_half()
        super().__init__(
            model, lambda x: half.bit_depth(x, self.bits, bounds), stand_in_gradient=True
        )


class MedianFilter(Transformed):
    """The median of each window of pictures [n, c, h, w].

    Args:
        model: that gives logits.
        size: of the window, odd.
    """

    def __init__(self, model: nn.Module, *, size: int = 3) -> None:
        self.size, half = whole("MedianFilter", "size", size, 3), torch_half()
        super().__init__(model, lambda x: half.median_filter(x, self.size))


class JpegLike(Transformed):
    """Pictures [n, c, h, w] through the loss of JPEG: cosine transform by blocks, rounded by its table.

    Args:
        model: that gives logits.
        quality: in [1, 100].
        bounds: least and greatest value.
    """

    def __init__(
        self, model: nn.Module, *, quality: int = 75, bounds: tuple[float, float] = (0.0, 1.0)
    ) -> None:
        self.quality, half = whole("JpegLike", "quality", quality, 1), torch_half()
        super().__init__(
            model, lambda x: half.jpeg_like(x, self.quality, bounds), stand_in_gradient=True
        )


class Resize(Transformed):
    """Pictures [n, c, h, w] made smaller and as large again, bilinear.

    Args:
        model: that gives logits.
        scale: of each side, in (0, 1).
    """

    def __init__(self, model: nn.Module, *, scale: float = 0.5) -> None:
        self.scale, half = number("Resize", "scale", scale, "0.5"), torch_half()
        super().__init__(model, lambda x: half.resize(x, self.scale))


class Smoothed(Defence):
    """The vote of a model over Gaussian noise, as `robustness.Smoothing` takes it.

    Gives log shares of the votes; an attack climbs the mean probability (Salman et al. 2019). The
    noise is the same for every input, and the attacker knows it: a bound from below for what noise
    drawn anew would give. Certificates are those of `robustness.Smoothing(model, sigma)`.

    Args:
        model: that gives logits.
        sigma: standard deviation of the noise, in input units.
        draws: votes.
        seed: of the noise.
    """

    adaptive = "the mean probability over the noise, which the attacker knows"
    stand_in_gradient = True

    def __init__(self, model: nn.Module, *, sigma: float, draws: int = 32, seed: int = 0) -> None:
        super().__init__(model)
        self.sigma = number("Smoothed", "sigma", sigma, "0.25")
        self.draws, self.seed = whole("Smoothed", "draws", draws, 1), seed
        torch_half().smoothing_noise([1], 1, self.sigma, self.seed)  # refuses what is wrong
        self._noise: dict[Any, torch.Tensor] = {}

    def _noise_for(self, x: torch.Tensor) -> torch.Tensor:
        key = (tuple(x.shape[1:]), x.dtype, x.device)
        if key not in self._noise:
            noise = torch_half().smoothing_noise(
                list(x.shape[1:]), self.draws, self.sigma, self.seed
            )
            self._noise = {key: noise.to(device=x.device, dtype=x.dtype)}
        return self._noise[key]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Log shares of the votes [n, k], half a vote for each class on top."""
        noisy = (x.unsqueeze(1) + self._noise_for(x)).flatten(0, 1)
        shares: torch.Tensor = torch_half().vote_shares(self.model(noisy), self.draws)
        return shares


Score = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
SCORES = ("feature_squeezing", "energy", "confidence")


class Detector(Defence):
    """A model that rejects what looks like an attack: logits [n, k + 1], the last class "rejected".

    The threshold is set by `fit` on inputs of its own, so that at most `false_reject_rate` of further
    honest inputs are rejected (in the mean over such sets); what it is on test data, `compare` says.
    An attack must mislead the model and evade the detector at once: it climbs both.

    Args:
        model: that gives logits.
        score: larger where it suspects more: "feature_squeezing" (how far the probabilities move when
            the input is rounded to 4 bits and, for pictures, smoothed by a median; Xu et al. 2018),
            "energy" (minus the log of the summed exponentials; Liu et al. 2020), "confidence" (one
            minus the largest probability), or a differentiable function of (x, logits).
        false_reject_rate: of honest inputs.
        bounds: least and greatest input value, for the rounding.

    Example:
        >>> import torch
        >>> from leadline import mitigate
        >>> _ = torch.manual_seed(0)
        >>> detector = mitigate.Detector(torch.nn.Linear(4, 3), score="confidence")
        >>> detector.fit(torch.rand(100, 4))(torch.rand(5, 4)).shape
        torch.Size([5, 4])
    """

    rejects = True

    def __init__(
        self,
        model: nn.Module,
        *,
        score: str | Score = "feature_squeezing",
        false_reject_rate: float = 0.05,
        bounds: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        super().__init__(model)
        self.false_reject_rate = number("Detector", "false_reject_rate", false_reject_rate, "0.05")
        if not callable(score) and score not in SCORES:
            raise _core.ValueError(
                "Detector",
                f"score to be one of {', '.join(SCORES)} or a function of (x, logits)",
                repr(score),
                "use one of these",
            )
        self.score: Score = (
            score
            if callable(score)
            else lambda x, z: torch_half().suspicion(score, self.model, x, z, self.bounds)
        )
        self.stand_in_gradient = score == "feature_squeezing"
        self.bounds = bounds
        self.adaptive = "climbs the wrong classes and away from the class of rejection"
        self.threshold: float | None = None
        self.sharpness = 1.0

    def fit(self, x: Any) -> Detector:
        """Sets the threshold from honest inputs [n, ...] that are used for nothing else."""
        modes = [(module, module.training) for module in self.modules()]
        self.eval()
        scores, logits = [], []
        with torch.no_grad():
            for part in torch.split(torch.as_tensor(x), 256):
                logits.append(self.model(part))
                scores.append(self.score(part, logits[-1]))
        for module, training in modes:
            module.training = training
        half, found = torch_half(), torch.cat(scores)
        self.threshold = half.rejection_threshold(found, self.false_reject_rate)
        self.sharpness = half.rejection_sharpness(found, torch.cat(logits))
        return self

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits [n, k + 1]."""
        if self.threshold is None:
            raise _core.ValueError(
                "Detector", "a threshold", "none", "call fit(x) with honest inputs first"
            )
        logits = self.model(x)
        score = self.score(x, logits)
        made: torch.Tensor = torch_half().with_rejection(
            logits, score, self.threshold, self.sharpness
        )
        return made
