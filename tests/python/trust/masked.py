"""Eleven ways to mask a gradient, and the check of an attack that should speak up about each.

The world is that of `planted_torch`: rows of 16 values near 0.5, class 1 begins at a shift of 0.03 of
their mean. Each model is as easily misled as `honest` there, and hides it from the gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from leadline import robustness as rb

from .planted_torch import (
    _rows,
    _shift,
    _two,
    backwards,
    company,
    detached,
    honest,
    infinite,
    noisy,
    rounded,
    saturated,
    shattered,
)
from .worlds import Case, results

Score = Callable[[Any], Any]


@dataclass(frozen=True)
class Masking:
    """A model whose gradient misleads; `checks`: any of them is the one that should fail."""

    how: str
    score: Score
    checks: tuple[str, ...]


def one_hot(x: Any) -> Any:
    """Only the decision is given: scores -1 and 1."""
    return torch.sign(honest(x)) + 0 * x.sum(1)


def thermometer(x: Any) -> Any:
    """Each value is read by how many of 32 thresholds it exceeds (Buckman et al. 2018)."""
    levels = torch.linspace(0, 1, 33, dtype=x.dtype)[1:]
    code = (x.unsqueeze(-1) > levels).to(x.dtype) + 0 * x.unsqueeze(-1)
    return 20 * (_shift(code.mean(-1) + 0.5 / 32) - 0.03)


class _Drawn(torch.autograd.Function):
    """The value is right, the gradient is noise that is the same for the same input."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        (x,) = ctx.saved_tensors
        return gradient.abs() * torch.sin(1e4 * x)


def drawn(x: Any) -> Any:
    return 20 * (_shift(_Drawn.apply(x)) - 0.03)


#: An ensemble whose attacks without gradients bring down what the others left says so by the second.
FLAT = ("gradients_not_zero", "black_box_not_stronger")
MASKINGS = [
    Masking("the input is rounded", rounded, FLAT),
    Masking("the input becomes a thermometer code", thermometer, FLAT),
    Masking("preprocessing off the graph", detached, FLAT),
    Masking("a saturated unit", saturated, FLAT),
    Masking("only the decision is given", one_hot, FLAT),
    Masking("a ripple shatters the gradient", shattered, ("gradients_match_differences",)),
    Masking("the gradient is noise", drawn, ("gradients_match_differences",)),
    Masking("the gradient points the wrong way", backwards, ("gradients_match_differences",)),
    Masking("the gradient is not finite", infinite, ("gradients_finite",)),
    Masking("noise inside the model", noisy, ("decisions_repeat",)),
    Masking("answers depend on the batch", company, ("rows_independent",)),
]

L2 = {"norm": "l2", "eps": [0.2]}
LINF = {"norm": "linf", "eps": [0.05]}
#: Every attack that climbs gradients, in a norm of its own.
ATTACKS: dict[str, Callable[[], Any]] = {
    "fgsm": lambda: rb.Fgsm(**LINF),
    "pgd": lambda: rb.Pgd(**LINF, steps=20),
    "apgd": lambda: rb.Apgd(**L2, steps=20),
    "auto_attack": lambda: rb.AutoAttack(**LINF, check_samples=64),
    "fab": lambda: rb.Fab(**LINF, steps=10),
    "deep_fool": lambda: rb.DeepFool(**L2),
    "carlini_wagner": lambda: rb.CarliniWagner(**L2, steps=20, searches=2),
    "ddn": lambda: rb.Ddn(**L2, steps=20),
    "fmn": lambda: rb.Fmn(**L2, steps=20),
    "ead": lambda: rb.Ead(norm="l1", eps=[0.8], steps=20, searches=2),
    "brendel_bethge": lambda: rb.BrendelBethge(**L2, steps=20),
}


def case(attack: str, masking: Masking, seed: int, n: int = 64) -> Case:
    torch.manual_seed(seed)
    return Case(
        ATTACKS[attack](), _two(masking.score), _rows(seed, n), options={"output": "logits"}
    )


def outcome(attack: str, masking: Masking, seed: int) -> str:
    """ "flagged" by the check that should, so clearly that it would stay failed in a large report;
    "right": at least 95 % of the rows fell (in truth all can); else "missed"."""
    finding = case(attack, masking, seed).finding(seed)
    found = results(finding)
    failed = [
        check
        for name in masking.checks
        for check in found.get(name, [])
        if check.result == "fail" and (check.p_value is None or check.p_value < 1e-3)
    ]
    if failed:
        return "flagged"
    accuracy = [e.estimate.value for e in finding.estimates if e.name.startswith("accuracy{")]
    return "right" if max(accuracy) <= 0.05 else "missed"
