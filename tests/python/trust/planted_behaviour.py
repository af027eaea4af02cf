"""Planted failures of the tests of behaviour, the searches and the faults."""

from __future__ import annotations

from typing import Any

import numpy as np

import leadline
from leadline import robustness as rb

from .honest_behaviour import failure_rate, gain_search, mirrored, weight_net
from .planted import LOGITS, plant
from .worlds import HAS_TORCH, Case, blobs


def behave(model: Any, data: leadline.Dataset, test: rb.Expectation) -> Case:
    return Case(rb.Expectations([test]), model, data, options=LOGITS)


def _drawing(world: Any, seed: int, size: float = 1.0) -> Any:
    rng = np.random.default_rng(seed)

    def model(x: np.ndarray) -> np.ndarray:
        z = world.logits(x)
        return z + rng.normal(0, size, z.shape)

    return model


# ---------------------------------------------------------------------------- expectations


@plant(
    "expectations",
    "perturbation_changes_input",
    "a change of unit that forgets to change it",
    "300 samples",
)
def _(seed: int) -> Case:
    world = blobs(seed, 300)
    return behave(world.logits, world.dataset(), rb.Expectation("unit", change=lambda x: x * 1.0))


@plant(
    "expectations",
    "enough_applicable_samples",
    "a change for the top twentieth of 300 rows",
    "300 samples",
)
def _(seed: int) -> Case:
    world = blobs(seed, 300)
    edge = np.quantile(world.x[:, 0], 0.95)
    change = rb.on_rows(lambda row, rng: row + 0.1 if row[0] > edge else None)
    return behave(world.logits, world.dataset(), rb.Expectation("rare", change=change))


@plant("expectations", "answers_repeat", "noise added inside the model", "300 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 300)
    return behave(_drawing(world, seed), world.dataset(), mirrored())


# ---------------------------------------------------------------------------- failure search


@plant(
    "failure_search",
    "simulation_changes_input",
    "a simulation that ignores its parameter",
    "600 samples",
)
def _(seed: int) -> Case:
    return gain_search(seed, simulate=lambda p, x: x)


@plant("failure_search", "answers_repeat", "noise added inside the model", "600 samples")
def _(seed: int) -> Case:
    return gain_search(seed, model=_drawing(blobs(seed, 600), seed))


@plant("failure_search", "enough_fresh_samples", "40 samples to measure on", "80 samples")
def _(seed: int) -> Case:
    return gain_search(seed, n=80)


# ---------------------------------------------------------------------------- failure rate


@plant(
    "failure_rate",
    "splitting_agrees_with_monte_carlo",
    "a model that gets worse while it is used",
    "1 sample, 1000 draws",
)
def _(seed: int) -> Case:
    rows = [0]

    def model(x: np.ndarray) -> np.ndarray:
        rows[0] += len(x)
        s = np.asarray(x).sum(1) - (1.2 if rows[0] > 1010 else 0.0)
        return np.stack([np.zeros_like(s), s], 1)

    return failure_rate(seed, model, max_samples=1)


@plant(
    "failure_rate",
    "moves_are_accepted",
    "scores without any slope: a hash of the input",
    "4 samples",
)
def _(seed: int) -> Case:
    def model(x: np.ndarray) -> np.ndarray:
        u = np.modf(np.abs(np.sin(np.asarray(x) @ [12.9898e4, 78.233e4]) * 43758.5453))[0]
        return np.stack([np.zeros_like(u), u + 1e-9], 1)

    return failure_rate(seed, model)


@plant("failure_rate", "answers_repeat", "noise added inside the model", "4 samples")
def _(seed: int) -> Case:
    rng = np.random.default_rng(seed)

    def model(x: np.ndarray) -> np.ndarray:
        s = np.asarray(x).sum(1) + rng.normal(0, 0.2, len(x))
        return np.stack([np.zeros_like(s), s], 1)

    return failure_rate(seed, model)


# ---------------------------------------------------------------------------- faults


def serve(model: Any, data: leadline.Dataset) -> Case:
    return Case(rb.ServingFaults(), model, data, options=LOGITS)


@plant(
    "serving_faults",
    "recovers",
    "a running mean that keeps a NaN for ever",
    "200 samples",
)
def _(seed: int) -> Case:
    world, mean = blobs(seed, 200), [0.0]

    def model(x: np.ndarray) -> np.ndarray:
        mean[0] = 0.0 * mean[0] + 0.0 * float(np.mean(x))
        return world.logits(x) + mean[0]

    return serve(model, world.dataset())


@plant("serving_faults", "fault_changes_input", "samples that are all the same", "200 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 200)
    x = np.repeat(world.x[:1], 200, axis=0)
    return serve(world.logits, leadline.Dataset(x, world.y))


@plant("serving_faults", "clean_answers_repeat", "noise added inside the model", "200 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 200)
    return serve(_drawing(world, seed, 0.01), world.dataset())


if HAS_TORCH:

    @plant(
        "weight_faults",
        "weights_restored",
        "a model that moves its weights at each call",
        "100 samples",
    )
    def _(seed: int) -> Case:
        return weight_net(seed, learns=True)

    @plant(
        "weight_faults",
        "clean_answers_repeat",
        "a model that moves its weights at each call",
        "100 samples",
    )
    def _(seed: int) -> Case:
        return weight_net(seed, learns=True)
