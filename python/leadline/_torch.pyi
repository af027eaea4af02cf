# Written by scripts/stubs.py: change the bindings, then `make generate`.
"""
The LibTorch half of leadline: models, and what touches their graph.
"""

from __future__ import annotations

import collections.abc
import typing

import torch

import leadline._core

__all__: list[str] = [
    "AdversarialTraining",
    "FastTraining",
    "FlippedBit",
    "FreeTraining",
    "LinearBounds",
    "OverfittingWatch",
    "PgdTraining",
    "TorchModel",
    "TradesTraining",
    "Trainee",
    "as_model",
    "attribute",
    "bit_depth",
    "catalog",
    "from_torch",
    "jpeg_like",
    "median_filter",
    "rejection_sharpness",
    "rejection_threshold",
    "resize",
    "smoothing_noise",
    "suspicion",
    "to_torch",
    "vote_shares",
    "with_rejection",
]

class _Held:
    def __enter__(self) -> None: ...
    def __exit__(self, *args: typing.Any) -> None: ...

class _Vjp:
    def __call__(self, d_output: leadline._core.Tensor) -> leadline._core.Tensor: ...

class TorchModel(leadline._core.Model):
    """
    A model on LibTorch: see `as_model`.
    """
    def call(
        self,
        x: torch.Tensor,
        *,
        extras: dict[str, typing.Any] = {},
        taps: collections.abc.Sequence[str] = [],
        graph: bool = False,
    ) -> dict[str, typing.Any]:
        """
        Runs the model on tensor `x`: a dict[str, typing.Any] of output, extras and activations. `graph=True` keeps the autograd graph.
        """
    def hold(self) -> _Held:
        """
        A context: evaluation mode inside, everything left as found after it.
        """
    def parameters(self) -> dict[str, typing.Any]:
        """
        Parameters by name; empty when they cannot be reached.
        """
    def pullback(
        self, inputs: leadline._core.Inputs, taps: collections.abc.Sequence[str] = []
    ) -> tuple[leadline._core.Outputs, _Vjp]:
        """
        Outputs, and the function from d loss / d output to d loss / d input. The model is held until that function is dropped.
        """
    @property
    def device(self) -> torch.device: ...

class FlippedBit:
    """
    One bit of one value of a floating tensor, flipped inside a `with` block.

    The bits as they were are put back at its end, also after an exception. `element` counts row-major,
    `bit` from the least significant.
    """
    def __enter__(self) -> FlippedBit: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(self, parameter: torch.Tensor, element: int, bit: int) -> None: ...

class LinearBounds:
    def __init__(self, model: typing.Any, example: torch.Tensor) -> None: ...
    def margins(
        self,
        x: torch.Tensor,
        y: torch.Tensor,
        eps: torch.Tensor,
        *,
        method: str,
        norm: str,
        bounds: tuple[float, float] | None,
        alpha_steps: int,
        alpha_inner: bool,
        rounding: bool,
    ) -> torch.Tensor: ...
    def outputs(
        self,
        x: torch.Tensor,
        eps: torch.Tensor,
        *,
        method: str,
        norm: str,
        bounds: tuple[float, float] | None,
        alpha_steps: int,
        alpha_inner: bool,
        rounding: bool,
    ) -> tuple[torch.Tensor, torch.Tensor]: ...
    def radius(
        self,
        x: torch.Tensor,
        y: torch.Tensor,
        *,
        largest: float,
        steps: int,
        method: str,
        norm: str,
        bounds: tuple[float, float] | None,
        alpha_steps: int,
        alpha_inner: bool,
        rounding: bool,
    ) -> torch.Tensor: ...
    @property
    def n_classes(self) -> int: ...

class Trainee:
    """
    A torch.nn.Module in training: as the loop calls it, and as attacks see it.
    """
    def __init__(self, net: typing.Any) -> None: ...

class AdversarialTraining:
    """
    A loss of adversarial training.
    """
    def loss(self, trainee: Trainee, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor: ...
    @property
    def calls(self) -> int: ...
    @calls.setter
    def calls(self, arg1: int) -> None: ...
    @property
    def replays(self) -> int: ...

class PgdTraining(AdversarialTraining):
    """
    See leadline.mitigate.PgdTraining.
    """
    def __init__(
        self, like: leadline._core.Probe, steps: int, step_size: float | None, seed: int
    ) -> None: ...

class TradesTraining(AdversarialTraining):
    """
    See leadline.mitigate.TradesTraining.
    """
    def __init__(
        self,
        like: leadline._core.Probe,
        steps: int,
        step_size: float | None,
        beta: float,
        seed: int,
    ) -> None: ...

class FreeTraining(AdversarialTraining):
    """
    See leadline.mitigate.FreeTraining.
    """
    def __init__(self, like: leadline._core.Probe, replays: int) -> None: ...

class OverfittingWatch:
    """
    What `FastTraining.watch` saw.

    `collapsed`, and the check that says so; `single_step_accuracy` and `pgd_accuracy`: shares of the
    held-out rows left standing.
    """
    @property
    def check(self) -> leadline._core.Check: ...
    @property
    def collapsed(self) -> bool: ...
    @property
    def pgd_accuracy(self) -> leadline._core.Estimate: ...
    @property
    def single_step_accuracy(self) -> leadline._core.Estimate: ...

class FastTraining(AdversarialTraining):
    """
    See leadline.mitigate.FastTraining.
    """
    def __init__(
        self, like: leadline._core.Probe, step_share: float, watch_steps: int, seed: int
    ) -> None: ...
    def watch(self, trainee: Trainee, x: torch.Tensor, y: torch.Tensor) -> OverfittingWatch: ...

def as_model(
    model: typing.Any,
    *,
    name: str = "",
    output: str = "unknown",
    mode: str = "eval",
    primary: str = "",
    device: typing.Any = None,
    dtype: torch.dtype | None = None,
    gradients: bool = True,
    extras: str = "keywords",
    constants: dict[str, typing.Any] = {},
) -> typing.Any:
    """
    Make a model from what it is kept in.

    Args:
        model: an `nn.Module`, a callable on torch tensors, a path (`.pt` TorchScript, `.pt2`
            AOTInductor), or a leadline model, which is returned.
        name: for the report; default: the class, function or file name.
        output: what the numbers are: "logits", "probabilities", "labels", "values", "unknown".
        mode: "eval" while it is held, or "as_is" for models meant to be stochastic.
        primary: which named output is the answer; default: logits, output, scores, else the first.
        device, dtype: default: those of the parameters.
        gradients: False for a callable whose output carries no graph.
        extras: how further inputs are passed: "keywords" or "positions".
        constants: keywords of every call, e.g. {"sr": 16000}.

    Raises:
        leadline.TypeError: an object that is none of these.
        leadline.StoreError: a file that is no model, a pickle, a truncated file.
    """

def attribute(
    probe: leadline._core.Probe, model: typing.Any, x: typing.Any, target: typing.Any
) -> dict[str, typing.Any]:
    """
    Attributions of `x` [n, ...], of its kind (torch or NumPy) and in the dtype of the model,
    as a dict[str, typing.Any] of what `leadline.attribution.Attribution` holds.

    Args:
        probe: an IntegratedGradients or a Saliency.
        model: anything `as_model` takes.
        x: floating inputs [n, ...].
        target: classes [n] to explain, or one class for all.

    Raises:
        leadline.ValueError: a class that the model does not have.
        leadline.CapabilityError: integer inputs, or a model without a gradient.
        leadline.ShapeError, leadline.TypeError.
    """

def bit_depth(
    x: torch.Tensor, bits: int, bounds: tuple[float, float] = (0.0, 1.0)
) -> torch.Tensor: ...
def catalog() -> leadline._core.Catalog:
    """
    Everything shipped: the catalog of the core and that of the LibTorch half.
    """

def from_torch(tensor: torch.Tensor) -> leadline._core.Tensor:
    """
    A torch tensor as a leadline tensor, without a copy.
    """

def jpeg_like(
    x: torch.Tensor, quality: int = 75, bounds: tuple[float, float] = (0.0, 1.0)
) -> torch.Tensor: ...
def median_filter(x: torch.Tensor, size: int = 3) -> torch.Tensor: ...
def rejection_sharpness(scores: torch.Tensor, logits: torch.Tensor) -> float: ...
def rejection_threshold(scores: torch.Tensor, rate: float) -> float: ...
def resize(x: torch.Tensor, scale: float = 0.5) -> torch.Tensor: ...
def smoothing_noise(
    shape: collections.abc.Sequence[int], draws: int, sigma: float, seed: int
) -> torch.Tensor: ...
def suspicion(
    score: str,
    model: typing.Any,
    x: torch.Tensor,
    logits: torch.Tensor,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> torch.Tensor: ...
def to_torch(tensor: leadline._core.Tensor) -> torch.Tensor:
    """
    A leadline tensor as a torch tensor, without a copy.
    """

def vote_shares(scores: torch.Tensor, draws: int) -> torch.Tensor: ...
def with_rejection(
    logits: torch.Tensor, score: torch.Tensor, threshold: float, sharpness: float = 1.0
) -> torch.Tensor: ...
