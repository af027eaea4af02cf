"""Whether the intervals that probes report hold the truth as often as they say, by simulation.

Each world draws data whose true value is known, lets the probe measure it, and looks whether the
95 % interval holds the truth. Everything goes through `evaluate`, as a user's numbers do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

import leadline

from .worlds import softmax

Truth = dict[str, float]  # by name of the estimate


@dataclass(frozen=True)
class World:
    name: str
    sizes: tuple[int, ...]
    truth: Callable[[], Truth]
    draw: Callable[[int, int], leadline.Finding]  # (n, seed)

    def coverage(self, n: int, runs: int, first: int = 0) -> dict[str, tuple[int, int]]:
        """By estimate: how often covered, of how many that gave an interval."""
        truth = self.truth()
        hits = {name: [0, 0] for name in truth}
        for seed in range(first, first + runs):
            finding = self.draw(n, seed)
            found = {named.name: named.estimate for named in finding.estimates}
            for name, value in truth.items():
                estimate = found[name]
                if not estimate.ok or estimate.lower is None:
                    continue
                hits[name][0] += estimate.lower - 1e-12 <= value <= estimate.upper + 1e-12
                hits[name][1] += 1
        return {name: (covered, given) for name, (covered, given) in hits.items()}


WORLDS: list[World] = []


def measure(probe: leadline.Probe, model: Any, data: Any, seed: int, **more: Any):
    report = leadline.evaluate(model, data, suite=probe, seed=seed, progress=False, **more)
    assert report.findings[0].status == "ok", report.findings[0].why
    return report.findings[0]


def same(x: Any) -> Any:
    return x


# ------------------------------------------------------------------ calibration


def calibration_world(name: str, gap: Callable[[np.ndarray], np.ndarray]) -> World:
    """Two classes, confidence uniform on [0.5, 1): right with probability confidence - gap."""

    @lru_cache
    def truth() -> Truth:
        c = 0.5 + (np.arange(10**5) + 0.5) / 2e5
        g = gap(c)
        bins = np.minimum((c * 15).astype(int), 14)
        of_bin = np.array([g[bins == b].mean() for b in np.unique(bins)])
        share = np.array([(bins == b).mean() for b in np.unique(bins)])
        return {
            "ece": float((share * abs(of_bin)).sum()),
            "mce": float(abs(of_bin).max()),
            "overconfidence": float(g.mean()),
        }

    def draw(n: int, seed: int):
        rng = np.random.default_rng([seed, 51])
        c = rng.uniform(0.5, 1, n)
        right = rng.random(n) < c - gap(c)
        called = rng.integers(0, 2, n)
        p = np.where(called[:, None] == np.arange(2), c[:, None], 1 - c[:, None])
        data = leadline.Dataset(p, np.where(right, called, 1 - called))
        return measure(leadline.uncertainty.Calibration(), same, data, seed, output="probabilities")

    return World(f"calibration, {name}", (300, 1000, 4000), truth, draw)


WORLDS += [
    calibration_world("calibrated", lambda c: 0 * c),
    calibration_world("too sure by 0.1", lambda c: 0 * c + 0.1),
    calibration_world("wrong near 0.7", lambda c: np.where((c > 2 / 3) & (c < 11 / 15), 0.3, 0.0)),
]


# ------------------------------------------------------------------ task: log loss and Brier


def losses_world(name: str, heat: float, spread: float, flips: float = 0.0) -> World:
    """Three classes with random logits; the model divides them by `heat`; some labels are random."""

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        z = rng.normal(0, spread, (n, 3))
        y = (z + rng.gumbel(size=z.shape)).argmax(1)
        return z / heat, np.where(rng.random(n) < flips, rng.integers(0, 3, n), y)

    @lru_cache
    def truth() -> Truth:
        z, y = sample(np.random.default_rng(1), 4 * 10**5)
        p = softmax(z)
        at = p[np.arange(len(y)), y]
        return {
            "log_loss": float(-np.log(at).mean()),
            "brier": float(((p**2).sum(1) - 2 * at + 1).mean()),
        }

    def draw(n: int, seed: int):
        x, y = sample(np.random.default_rng([seed, 52]), n)
        data = leadline.Dataset(x, y)
        return measure(leadline.metrics.Task(), same, data, seed, output="logits")

    return World(f"task, {name}", (100, 300, 1000), truth, draw)


WORLDS += [
    losses_world("calibrated", 1.0, 2.0),
    losses_world("too sure", 0.5, 2.0),
    losses_world("very sure, 1 label in 100 wrong", 1.0, 12.0, 0.01),
]


# ------------------------------------------------------------------ noise with repeats


def noise_world(repeats: int, sigma: float) -> World:
    """x ~ N(0, 1), the class is its sign: noise turns atan(sigma) / pi of the answers."""
    turned = math.atan(sigma) / math.pi
    key = f"{{sigma={sigma:g}}}"

    def draw(n: int, seed: int):
        x = np.random.default_rng([seed, 53]).normal(size=(n, 1))
        probe = leadline.robustness.GaussianNoise(sigmas=[sigma], repeats=repeats)
        data = leadline.Dataset(x, (x[:, 0] > 0).astype(np.int64))
        return measure(probe, lambda x: np.concatenate([-x, x], 1), data, seed, output="logits")

    return World(
        f"gaussian_noise, sigma {sigma:g}, {repeats} repeats",
        (50, 200, 1000),
        lambda: {"accuracy" + key: 1 - turned, "flip_rate" + key: turned},
        draw,
    )


WORLDS += [noise_world(repeats, sigma) for repeats in (1, 4, 16) for sigma in (0.1, 0.5)]


# ------------------------------------------------------------------ permutation importance


def importance_world(repeats: int, weights: tuple[float, ...] = (2.0, 1.0, 0.0)) -> World:
    """Logistic regression on independent normal columns, with its true weights as the model."""
    w = np.array(weights)

    def loss(score: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.logaddexp(0, np.where(y == 1, -score, score))

    @lru_cache
    def truth() -> Truth:
        rng = np.random.default_rng(2)
        x = rng.normal(size=(4 * 10**5, len(w)))
        y = rng.random(len(x)) < 1 / (1 + np.exp(-x @ w))
        before, out = loss(x @ w, y), {}
        for f in range(len(w)):
            moved = x @ w + w[f] * (np.roll(x[:, f], 1) - x[:, f])
            out[f"importance{{feature={f}}}"] = float((loss(moved, y) - before).mean())
        return {**out, "baseline_loss": float(before.mean())}

    def draw(n: int, seed: int):
        rng = np.random.default_rng([seed, 54])
        x = rng.normal(size=(n, len(w)))
        y = (rng.random(n) < 1 / (1 + np.exp(-x @ w))).astype(np.int64)
        probe = leadline.explain.PermutationImportance(repeats=repeats)

        def model(rows: np.ndarray) -> np.ndarray:
            return np.stack([np.zeros(len(rows)), rows @ w], 1)

        return measure(probe, model, leadline.Dataset(x, y), seed, output="logits")

    return World(f"permutation_importance, {repeats} repeats", (50, 200, 1000), truth, draw)


WORLDS += [importance_world(1), importance_world(5), importance_world(20)]


# ------------------------------------------------------------------ out of distribution


def foreign_world(apart: float, n_foreign: int) -> World:
    """Scores N(apart, 1) of known samples and N(0, 1) of foreign ones."""

    def phi(z: float) -> float:
        return 0.5 * (1 + math.erf(z / math.sqrt(2)))

    def truth() -> Truth:
        return {
            "auroc{ood=far}": phi(apart / math.sqrt(2)),
            "fpr95{ood=far,positive=id}": 1 - phi(apart - 1.6448536269514722),
        }

    def draw(n: int, seed: int):
        rng = np.random.default_rng([seed, 55])
        known, foreign = rng.normal(apart, 1, n), rng.normal(0, 1, n_foreign)

        def rows(values: np.ndarray) -> np.ndarray:
            return np.stack([values, np.full(len(values), -60.0)], 1)

        also = {"ood/far": leadline.Dataset(rows(foreign))}
        return measure(
            leadline.ood.Energy(),
            same,
            leadline.Dataset(rows(known)),
            seed,
            also=also,
            output="logits",
        )

    return World(f"ood, apart {apart:g}, {n_foreign} foreign", (100, 300, 1000), truth, draw)


WORLDS += [foreign_world(a, m) for a in (1.0, 3.0) for m in (100, 500)]
