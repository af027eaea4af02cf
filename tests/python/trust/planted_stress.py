"""Failures planted for the checks of `corruption_benchmark` and `stress`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import leadline

from .planted import plant
from .worlds import Case

LABELS = {"output": "labels"}
rb = leadline.robustness


def halves(
    seed: int, n: int = 120, draw: int = 0, channels: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of 16 x 16 whose left or right half is brighter; bright and noisy by the seed."""
    rng = np.random.default_rng([seed, 21, draw])
    y = rng.integers(0, 2, n)
    x = rng.normal(0.5, 0.04 + 0.02 * (seed % 3), (n, channels, 16, 16))
    gap = (0.05 + 0.05 * (seed % 4)) * np.where(y == 1, 1, -1) * rng.uniform(0.2, 1, n)
    x[..., :8] -= gap[:, None, None, None]
    x[..., 8:] += gap[:, None, None, None]
    return np.clip(x, 0, 1).astype(np.float32), y


def brighter_half(x: np.ndarray) -> np.ndarray:
    return (x[..., 8:].mean((1, 2, 3)) > x[..., :8].mean((1, 2, 3))).astype(int)


def benchmark(model: Any, x: np.ndarray, y: np.ndarray, bounds: tuple[float, float] = (0.0, 1.0)):
    probe = rb.CorruptionBenchmark(
        corruptions=["gaussian_noise", "zoom_blur", "fog"], severities=[1, 5]
    )
    return Case(probe, model, leadline.Dataset(x, y, bounds=bounds), options=LABELS)


def rows(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, 22])
    x = rng.normal(size=(n, 3)) * [1, 10, 100]
    return x, (x[:, 0] + 0.3 * rng.normal(size=n) > 0).astype(int)


def sign(x: np.ndarray) -> np.ndarray:
    return (np.asarray(x)[:, 0] > 0).astype(int)


def orders(seed: int, n: int = 200) -> tuple[Any, leadline.Dataset]:
    """Orders to open or shut, some of which hide the verb; read by its letters."""
    rng = np.random.default_rng([seed, 23])
    y = rng.integers(0, 2, n)
    verbs = [f"please {('open', 'shut')[k]} " if rng.random() < 0.9 else "" for k in y]
    said = [f"{verb}valve {i}" for i, verb in enumerate(verbs)]
    reader = rb.TextClassifier(lambda texts: [int("shut" in t) for t in texts])
    return reader, leadline.Dataset(rb.text_rows(said), y, modality="text")


def changed_by(change: Callable, seed: int, model: Any = sign, **options: Any) -> Case:
    x, y = rows(seed)
    probe = rb.transformation_stress({"own": change}, severities=[1, 3])
    return Case(probe, model, leadline.Dataset(x, y, **options), options=LABELS)


def _random(seed: int) -> Callable[[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    return lambda x: rng.integers(0, 2, len(x))


@plant("corruption_benchmark", "severity_zero_equals_clean", "a random model", "120 samples")
def _(seed: int) -> Case:
    return benchmark(_random(seed), *halves(seed))


@plant("corruption_benchmark", "inputs_change", "blank images", "60 samples")
def _(seed: int) -> Case:
    level = np.random.default_rng(seed).uniform(0.2, 0.8, (60, 1, 1, 1)).astype(np.float32)
    return benchmark(brighter_half, np.ones((60, 3, 16, 16), np.float32) * level, np.zeros(60, int))


@plant(
    "corruption_benchmark",
    "accuracy_does_not_rise_with_severity",
    "a model that is wrong where the channels are equal",
    "120 samples",
)
def _(seed: int) -> Case:
    x, y = halves(seed, channels=1)

    def model(x: np.ndarray) -> np.ndarray:
        clean = (x[:, 0] == x[:, 1]).all((1, 2))
        return np.where(clean, 1 - brighter_half(x), brighter_half(x))

    return benchmark(model, np.repeat(x, 3, axis=1), y)


@plant(
    "corruption_benchmark", "inputs_fill_the_bounds", "[0, 1] declared as [0, 255]", "120 samples"
)
def _(seed: int) -> Case:
    return benchmark(brighter_half, *halves(seed), bounds=(0.0, 255.0))


@plant(
    "stress",
    "severity_zero_equals_clean",
    "a change at severity 0, or a random model",
    "200 samples",
)
def _(seed: int) -> Case:
    if seed % 2:
        return changed_by(lambda x, ids, severity, seed: x + 1 + severity, seed)
    return changed_by(lambda x, ids, severity, seed: x + severity, seed, _random(seed))


@plant("stress", "inputs_change", "a transformation that does nothing", "200 samples")
def _(seed: int) -> Case:
    return changed_by(lambda x, ids, severity, seed: x, seed)


@plant(
    "stress", "accuracy_does_not_rise_with_severity", "a model of mirrored inputs", "200 samples"
)
def _(seed: int) -> Case:
    return changed_by(
        lambda x, ids, severity, seed: -x if severity else x, seed, lambda x: 1 - sign(x)
    )


@plant("stress", "inputs_stay_in_bounds", "a transformation that leaves the bounds", "200 samples")
def _(seed: int) -> Case:
    return changed_by(
        lambda x, ids, severity, seed: x + 500 * severity, seed, bounds=(-600.0, 600.0)
    )


@plant("stress", "inputs_fill_the_bounds", "bounds twenty times too wide", "200 samples")
def _(seed: int) -> Case:
    return changed_by(lambda x, ids, severity, seed: x + severity, seed, bounds=(-9e3, 9e3))
