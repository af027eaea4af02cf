"""Honest cases of the tests of behaviour, the searches and the faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import leadline
from leadline import robustness as rb

from .worlds import (
    HAS_TORCH,
    Case,
    blobs,
    labels_only,
    picture_net,
    pictures,
    table_net,
    table_rows,
)

LOGITS = {"output": "logits"}


def mirrored() -> rb.Expectation:
    """Small noise of a row's own."""
    change = rb.on_rows(lambda row, rng: row + 0.05 * rng.normal(size=row.shape))
    return rb.Expectation("noise", change=change, tolerance=0.3)


def _expectations(seed: int) -> Case:
    world = blobs(seed, 300)
    tests = [
        mirrored(),
        rb.Expectation("labels", "minimum_function"),
        rb.Expectation("shift", change=rb.edit(0, lambda v: v + 0.1)),
    ]
    if seed % 3 == 0:
        probe = rb.Expectations(tests[1:])
        return Case(probe, labels_only(world.logits), world.dataset(), options={"output": "labels"})
    return Case(rb.Expectations(tests), world.logits, world.dataset(), options=LOGITS)


def gain_search(
    seed: int,
    n: int = 600,
    model: Any = None,
    simulate: Callable[[Any, np.ndarray], Any] = lambda p, x: x * p["gain"][:, None],
) -> Case:
    """Inputs scaled by a gain from -1 to 2."""
    world = blobs(seed, n)
    probe = rb.FailureSearch([rb.Parameter("gain", -1, 2)], simulate, budget=3000)
    return Case(probe, model or world.logits, world.dataset(), options=LOGITS)


def failure_rate(seed: int, model: Any, **how: Any) -> Case:
    """Rows of two values around 1, of class 1."""
    x = 1 + 0.1 * np.random.default_rng(seed).uniform(size=(4, 2))
    probe = rb.FailureRate(size=1.2, particles=100, repeats=6, draws=1000, **how)
    return Case(probe, model, leadline.Dataset(x, np.ones(4, int)), options=LOGITS)


def _failure_rate(seed: int) -> Case:
    kind, size = (("gaussian", 0.3), ("uniform", 0.8))[seed % 2]
    world = blobs(seed, 100)
    probe = rb.FailureRate(
        perturbation=kind, size=size, max_samples=4, particles=100, repeats=6, draws=500
    )
    return Case(probe, world.logits, world.dataset(), options=LOGITS)


def _serving_faults(seed: int) -> Case:
    if HAS_TORCH and seed % 2:
        return Case(rb.ServingFaults(), picture_net(seed), pictures(seed, 200).dataset())
    world = blobs(seed, 200)
    return Case(rb.ServingFaults(), world.logits, world.dataset(), options=LOGITS)


def weight_net(seed: int, learns: bool = False) -> Case:
    """A trained network; one that `learns` moves its weights at each call."""
    import torch

    net = table_net(seed)
    if learns:

        class Learning(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.net = torch.nn.Linear(net[0].in_features, net[-1].out_features)

            def forward(self, x: Any) -> Any:
                self.net.weight.data.add_(0.01 * torch.randn_like(self.net.weight))
                return self.net(x)

        net = Learning()
    probe = rb.WeightFaults(flips=1, max_samples=16)
    return Case(probe, net, table_rows(seed, 100), options=LOGITS)


HONEST_BEHAVIOUR: dict[str, Callable[[int], Case]] = {
    "expectations": _expectations,
    "failure_search": gain_search,
    "failure_rate": _failure_rate,
    "serving_faults": _serving_faults,
}
if HAS_TORCH:
    HONEST_BEHAVIOUR["weight_faults"] = weight_net
