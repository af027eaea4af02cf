"""The same for probes that look into a torch model: attribution, features, a reader of a layer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

import leadline

from .coverage import Truth, World, measure
from .worlds import HAS_TORCH

if HAS_TORCH:
    import torch

WORLDS: list[World] = []


# ------------------------------------------------------------------ integrated gradients

WEIGHTS = np.array([1.0, -0.8, 0.6, 0.5, -0.4, 0.3, -0.2, 0.1, 0.05, 0.0])


def cubic() -> Any:
    """Two classes with scores -z and z, z = sum of w (x + x^3): every input acts for itself."""

    class Cubic(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            z = (x + x**3) @ torch.tensor(WEIGHTS, dtype=x.dtype)
            return torch.stack([-z, z], 1)

    return Cubic()


def attribution_world() -> World:
    """One step of quadrature: it finds 3/4 of the cubic part, so the residual is not 0."""

    @lru_cache
    def truth() -> Truth:
        x = np.random.default_rng(3).normal(size=(2 * 10**5, len(WEIGHTS)))
        parts = WEIGHTS * (x + x**3)
        sign = np.sign(parts.sum(1, keepdims=True))
        found, parts = sign * WEIGHTS * (x + 0.75 * x**3), sign * parts
        k = round(0.2 * len(WEIGHTS))
        top = np.argpartition(-found, k, axis=1)[:, :k]
        deletion = np.take_along_axis(parts, top, 1).sum(1).mean()
        random = parts.sum(1).mean() * k / len(WEIGHTS)
        return {
            "completeness_residual": float(
                abs((parts - found).sum(1)).mean() / abs(parts.sum(1)).mean()
            ),
            "deletion_drop": float(deletion),
            "random_drop": float(random),
            "faithfulness": float(deletion - random),
        }

    def draw(n: int, seed: int):
        x = np.random.default_rng([seed, 56]).normal(size=(n, len(WEIGHTS)))
        probe = leadline.attribution.IntegratedGradients(steps=1, share=0.2, max_samples=n)
        return measure(probe, cubic(), leadline.Dataset(x), seed, output="logits")

    return World("integrated_gradients, one step", (50, 200, 1000), truth, draw)


# ------------------------------------------------------------------ features of a layer


def layered(width: int, classes: int) -> Any:
    """Layer "0" hands the input on; what follows does not matter here."""
    net = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Linear(width, classes)).double()
    with torch.no_grad():
        net[1].weight.fill_(0.1)
        net[1].bias.copy_(torch.arange(classes))
    return net


CENTRES = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 3.0, 1.0]])
STRETCH = np.array([1.0, 0.7, 1.5])


def classes_of(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    y = rng.integers(0, len(CENTRES), n)
    return CENTRES[y] + STRETCH * rng.normal(size=(n, CENTRES.shape[1])), y


def foreign(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.array([1.5, 1.5, -1.0]) + 1.3 * rng.normal(size=(n, CENTRES.shape[1]))


def distance_world(n_foreign: int) -> World:
    """Squared distances to the nearest class of a given fit, which the truth is conditional on."""
    fit_x, fit_y = classes_of(np.random.default_rng(4), 3000)

    @lru_cache
    def truth() -> Truth:
        means = np.array([fit_x[fit_y == c].mean(0) for c in range(len(CENTRES))])
        within = fit_x - means[fit_y]
        whiten = np.linalg.cholesky(np.linalg.inv(within.T @ within / len(fit_x)))

        def nearest(x: np.ndarray) -> np.ndarray:
            return ((((x[:, None] - means) @ whiten) ** 2).sum(2)).min(1)

        rng = np.random.default_rng(5)
        known, far = nearest(classes_of(rng, 10**6)[0]), np.sort(nearest(foreign(rng, 10**6)))
        below = np.searchsorted(far, known) / len(far)  # foreign samples that are nearer
        return {
            "auroc{ood=far}": float(1 - below.mean()),
            "fpr95{ood=far,positive=id}": float((far <= np.quantile(known, 0.95)).mean()),
            "mean_squared_distance": float(known.mean()),
        }

    def draw(n: int, seed: int):
        rng = np.random.default_rng([seed, 57])
        x, y = classes_of(rng, n)
        also = {
            "fit": leadline.Dataset(fit_x, fit_y),
            "ood/far": leadline.Dataset(foreign(rng, n_foreign)),
        }
        probe = leadline.ood.Mahalanobis(layer="0")
        model = layered(CENTRES.shape[1], len(CENTRES))
        return measure(probe, model, leadline.Dataset(x, y), seed, also=also, output="logits")

    return World(f"mahalanobis, {n_foreign} foreign", (100, 300, 1000), truth, draw)


def reader_world() -> World:
    """Two classes of equal share; the truth belongs to the reader that this fit gives. Made-up
    answers are hit by half, whatever the reader says."""

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        y = np.arange(n) % 2
        return 1.5 * y[:, None] * np.array([1.0, 0.5, 0.0]) + rng.normal(size=(n, 3)), y

    fit = sample(np.random.default_rng(6), 600)

    @lru_cache
    def truth() -> Truth:
        from sklearn.linear_model import LogisticRegression

        # With 600 samples the penalty moves the boundary by less than a thousandth of accuracy.
        reader = LogisticRegression(C=1e3).fit(*fit)
        x, y = sample(np.random.default_rng(7), 2 * 10**5)
        accuracy = float(reader.score(x, y))
        return {"accuracy": accuracy, "control_accuracy": 0.5, "selectivity": accuracy - 0.5}

    def draw(n: int, seed: int):
        rng = np.random.default_rng([seed, 58])
        x, y = sample(rng, 4 * n)
        kept = rng.permutation(4 * n)[:n]  # so that the share of a class varies as it does in life
        also = {"fit": leadline.Dataset(*fit)}
        data = leadline.Dataset(x[kept], y[kept])
        probe = leadline.inside.LinearProbe(layer="0")
        return measure(probe, layered(3, 2), data, seed, also=also, output="logits")

    return World("linear_probe", (100, 300, 1000), truth, draw)


if HAS_TORCH:
    WORLDS += [attribution_world(), distance_world(100), distance_world(500), reader_world()]
