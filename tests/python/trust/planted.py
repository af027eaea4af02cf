"""One failure planted for every check: the registry that the tests and docs/trust.md read.

`PLANTED` holds a row a check of a probe. A check that no row names fails `test_trust.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import leadline

from .worlds import HAS_TORCH, Case, blobs, softmax


@dataclass(frozen=True)
class Planted:
    """How a check is made to fail. `cpp` names the test case where Python cannot plant it."""

    probe: str
    check: str
    how: str
    n: str
    make: Callable[[int], Case] | None
    cpp: str = ""

    @property
    def key(self) -> str:
        return f"{self.probe}.{self.check}"


PLANTED: list[Planted] = []


def plant(probe: str, check: str, how: str, n: str) -> Callable:
    def keep(make: Callable[[int], Case]) -> Callable[[int], Case]:
        PLANTED.append(Planted(probe, check, how, n, make))
        return make

    return keep


LOGITS = {"output": "logits"}


# ---------------------------------------------------------------------------- attach


def attach(model: Any, data: leadline.Dataset, output: str = "logits") -> Case:
    return Case(leadline.engine.Attach(), model, data, options={"output": output})


@plant("attach", "outputs_finite", "NaN where a feature is in its upper tail", "200 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 200)

    def model(x: np.ndarray) -> np.ndarray:
        return np.where(x[:, :1] > np.quantile(world.x[:, 0], 0.97), np.nan, world.logits(x))

    return attach(model, world.dataset())


@plant("attach", "outputs_match_classes", "one class name too many", "200 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 200)
    names = [f"class {k}" for k in range(len(world.centres) + 1)]
    return attach(world.logits, leadline.Dataset(world.x, world.y, class_names=names))


@plant("attach", "logits_are_not_probabilities", "softmax declared as logits", "200 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 200)
    return attach(lambda x: softmax(world.logits(x)), world.dataset())


def _bytes(seed: int, scale: float) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (200, 8)).astype(np.float64) * scale


def _grey(x: np.ndarray) -> np.ndarray:
    return np.stack([x.mean(1), 1 - x.mean(1)], 1)


@plant("attach", "inputs_within_bounds", "bytes, or normalised values, in [0, 1]", "200 samples")
def _(seed: int) -> Case:
    x = _bytes(seed, 1.0)
    x = x if seed % 2 else (x - x.mean()) / x.std()
    return attach(_grey, leadline.Dataset(x, bounds=(0.0, 1.0)))


@plant("attach", "inputs_fill_bounds", "divided by 255 twice", "200 samples")
def _(seed: int) -> Case:
    return attach(_grey, leadline.Dataset(_bytes(seed, 1 / 255**2), bounds=(0.0, 1.0)))


@plant("attach", "deterministic", "noise of 1 % of the logits inside the model", "200 samples")
def _(seed: int) -> Case:
    world, rng = blobs(seed, 200), np.random.default_rng(seed)

    def model(x: np.ndarray) -> np.ndarray:
        z = world.logits(x)
        return z * (1 + 0.01 * rng.normal(size=z.shape))

    return attach(model, world.dataset())


@plant("attach", "rows_independent", "features centred over the batch", "200 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 200)
    return attach(lambda x: world.logits(np.asarray(x) - np.mean(x, axis=0)), world.dataset())


# ---------------------------------------------------------------------------- task, calibration


@plant("task", "enough_samples_per_class", "a class of 10 samples", "300 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 400)
    rare = np.flatnonzero(world.y == 1)
    keep = np.setdiff1d(np.arange(400), rare[10:])[:300]
    data = leadline.Dataset(world.x[keep], world.y[keep])
    return Case(leadline.metrics.Task(), world.logits, data, options=LOGITS)


@plant("task", "labels_match_outputs", "labels off by one, or two classes swapped", "300 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 300, k=4, spread=2.5)
    order = [1, 2, 3, 0] if seed % 2 else [0, 2, 1, 3]
    data = leadline.Dataset(world.x, np.array(order)[world.y])
    return Case(leadline.metrics.Task(), world.logits, data, options=LOGITS)


@plant("task", "predicts_more_than_one_class", "weights that were not loaded: zeros", "300 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 300)
    data = world.dataset()
    return Case(leadline.metrics.Task(), lambda x: 0 * world.logits(x), data, options=LOGITS)


def calibration(model: Any, data: leadline.Dataset, output: str = "logits") -> Case:
    probe = leadline.uncertainty.Calibration()
    return Case(probe, model, data, options={"output": output})


@plant("calibration", "enough_samples_per_bin", "200 samples in 15 bins", "200 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 200)
    return calibration(world.logits, world.dataset())


@plant(
    "calibration",
    "outputs_are_not_probabilities_already",
    "softmax declared as logits",
    "300 samples",
)
def _(seed: int) -> Case:
    world = blobs(seed, 300)
    return calibration(lambda x: softmax(world.logits(x)), world.dataset())


@plant("calibration", "confidence_is_graded", "one-hot answers as probabilities", "300 samples")
def _(seed: int) -> Case:
    world = blobs(seed, 300)

    def model(x: np.ndarray) -> np.ndarray:
        return np.eye(len(world.centres))[world.logits(x).argmax(1)]

    return calibration(model, world.dataset(), "probabilities")


# ---------------------------------------------------------------------------- fairness


def fairness(world: Any, groups: list[str | None]) -> Case:
    data = leadline.Dataset(world.x, world.y, table={"sex": groups})
    return Case(leadline.fairness.Fairness(), world.logits, data, options=LOGITS)


def _sexes(seed: int, n: int) -> list[str | None]:
    return ["f" if g else "m" for g in np.random.default_rng([seed, 12]).integers(0, 2, n)]


@plant("fairness", "enough_samples_per_group", "a third group of 20 samples", "400 samples")
def _(seed: int) -> Case:
    return fairness(blobs(seed, 400), ["x"] * 20 + _sexes(seed, 380))


@plant(
    "fairness",
    "enough_of_each_label_per_group",
    "20 samples of one label in a group, of the other as many as usual",
    "400 samples",
)
def _(seed: int) -> Case:
    world = blobs(seed, 400, k=2)
    groups, label = np.array(_sexes(seed, 400)), seed % 2
    rare = np.flatnonzero((world.y == label) & (groups == "f"))
    groups[rare[20:]] = "m"
    return fairness(world, groups.tolist())


@plant("fairness", "groups_are_known", "15 % of the groups are missing", "400 samples")
def _(seed: int) -> Case:
    return fairness(blobs(seed, 400), [None] * 60 + _sexes(seed, 340))


# ---------------------------------------------------------------------------- noise


def noise(model: Any, data: leadline.Dataset) -> Case:
    return Case(leadline.robustness.GaussianNoise(sigmas=[0.1, 0.3]), model, data, options=LOGITS)


# ---------------------------------------------------------------------------- smoothing


@plant("smoothing", "votes_repeat", "a batch that votes as one: its mean decides", "40 samples")
@plant(
    "smoothing",
    "smoothing_not_contradicted",
    "a batch that votes as one: its mean decides",
    "40 samples",
)
def _(seed: int) -> Case:
    world = blobs(seed, 40, k=3, d=4)

    def model(x: np.ndarray) -> np.ndarray:
        return np.tile(world.logits(x).mean(0), (len(x), 1))

    probe = leadline.robustness.RandomizedSmoothing(sigma=2.5, radii=[1.0], n=1000, max_samples=12)
    return Case(probe, model, world.dataset(), options=LOGITS)


@plant(
    "gaussian_noise",
    "zero_noise_equals_clean",
    "a random model, or inputs outside bounds that clip them",
    "200 samples",
)
def _(seed: int) -> Case:
    world, rng = blobs(seed, 200, k=2), np.random.default_rng(seed)
    if seed % 2:
        low, high = np.quantile(world.x, [0.4, 0.6])
        return noise(world.logits, world.dataset(bounds=(float(low), float(high))))
    return noise(lambda x: world.logits(x) + rng.normal(0, 4, (len(x), 2)), world.dataset())


@plant(
    "gaussian_noise",
    "accuracy_does_not_rise_with_noise",
    "a model that reads exact values and is wrong on them",
    "200 samples",
)
def _(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, 200)
    x = np.where(y[:, None] == 1, 4.0, -4.0) * np.ones((1, 2))

    def model(rows: np.ndarray) -> np.ndarray:
        rows = np.asarray(rows)
        exact = np.all(rows == np.round(rows), axis=1)
        score = np.where(exact, -rows[:, 0], rows[:, 0])
        return np.stack([-score, score], 1)

    return noise(model, leadline.Dataset(x, y))


# ---------------------------------------------------------------------------- out of distribution


def energy(data: leadline.Dataset, foreign: np.ndarray, w: np.ndarray) -> Case:
    also = {"ood/far": leadline.Dataset(foreign)}
    return Case(leadline.ood.Energy(), lambda x: np.asarray(x) @ w, data, also, LOGITS)


def _normal(seed: int, n: int, d: int = 3, draw: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, 11, draw]).normal(size=(n, d))


@plant("energy", "enough_samples", "20 foreign samples", "200 and 20 samples")
def _(seed: int) -> Case:
    return energy(
        leadline.Dataset(_normal(seed, 200) + 2), _normal(seed, 20, draw=1) - 2, np.eye(3)
    )


@plant(
    "energy",
    "separates_the_right_way_round",
    "foreign samples with larger logits",
    "200 and 100 samples",
)
def _(seed: int) -> Case:
    return energy(leadline.Dataset(_normal(seed, 200)), _normal(seed, 100, draw=1) + 1.5, np.eye(3))


@plant("energy", "known_halves_look_alike", "scores that drift along the file", "400 samples")
def _(seed: int) -> Case:
    drift = np.linspace(0, 2, 400)[:, None]
    return energy(
        leadline.Dataset(_normal(seed, 400) + drift), _normal(seed, 100, draw=1) - 6, np.eye(3)
    )


@plant("energy", "scores_differ", "a model whose logits are constant", "200 samples")
def _(seed: int) -> Case:
    return energy(
        leadline.Dataset(_normal(seed, 200)), _normal(seed, 100, draw=1), np.zeros((3, 3))
    )


# ---------------------------------------------------------------------------- cost, importance


@plant(
    "latency",
    "latency_is_steady",
    "a model that slows down to eight times, bit by bit",
    "400 queries",
)
def _(seed: int) -> Case:
    world, calls = blobs(seed, 100), [0]

    def model(x: np.ndarray) -> np.ndarray:
        calls[0] += 1
        until = time.perf_counter() + 1e-4 * (1 + min(calls[0], 420) / 60)
        while time.perf_counter() < until:
            pass
        return world.logits(x)

    probe = leadline.cost.Latency(queries=400, batch_size=20, seconds=60)
    return Case(probe, model, world.dataset(), options=LOGITS)


PLANTED.append(
    Planted(
        "latency",
        "clock_resolves_latency",
        "a model that answers in less than 100 steps of the clock",
        "1024 queries",
        None,
        "an answer quicker than the clock can tell is caught",
    )
)


def importance(model: Any, data: leadline.Dataset, repeats: int = 4, **options: Any) -> Case:
    probe = leadline.explain.PermutationImportance(repeats=repeats)
    return Case(probe, model, data, options={**LOGITS, **options})


@plant(
    "permutation_importance",
    "shadow_column_is_unimportant",
    "a model that draws random numbers",
    "200 samples",
)
def _(seed: int) -> Case:
    world, rng = blobs(seed, 200, k=2), np.random.default_rng(seed)
    return importance(
        lambda x: world.logits(x) + 0.1 * rng.normal(size=(len(x), 2)), world.dataset()
    )


@plant(
    "permutation_importance",
    "repeats_agree",
    "a model that forgets while it is used",
    "200 samples",
)
def _(seed: int) -> Case:
    world, seen = blobs(seed, 200, k=2, d=3), [0]

    def model(x: np.ndarray) -> np.ndarray:
        seen[0] += len(x)
        return 3 * world.logits(x) * np.exp(-seen[0] / 700)

    return importance(model, world.dataset(), batch_size=200)


@plant(
    "permutation_importance",
    "model_beats_chance",
    "labels that have nothing to do with the inputs",
    "200 samples",
)
def _(seed: int) -> Case:
    world = blobs(seed, 200)
    y = np.random.default_rng([seed, 9]).permutation(world.y)
    return importance(world.logits, leadline.Dataset(world.x, y))


from . import planted_stress  # noqa: E402, F401  (adds its rows)

if HAS_TORCH:
    from . import mitigations, planted_torch  # noqa: E402, F401  (add their rows)
from . import planted_behaviour  # noqa: E402, F401  (adds its rows)
