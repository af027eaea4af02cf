"""Worlds for metrics whose intervals have no closed form: the truth is an integral over the law."""

from __future__ import annotations

import math

import numpy as np

import leadline
from leadline import metrics

from .coverage import World


def normal_cdf(z: np.ndarray) -> np.ndarray:
    return np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in z])


def normal_quantile(p: np.ndarray) -> np.ndarray:
    """By bisection."""
    low, high = np.full(len(p), -9.0), np.full(len(p), 9.0)
    for _ in range(60):
        middle = (low + high) / 2
        below = normal_cdf(middle) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


# ------------------------------------------------------------------ area over the logarithm of FPR


def log_auc_world(apart: float, positives: float) -> World:
    """Negatives N(0, 1), positives N(apart, 1): TPR = Phi(apart - z) where 1 - Phi(z) = FPR."""

    def truth() -> dict[str, float]:
        at = np.linspace(math.log(0.01), math.log(0.3), 2001)
        tpr = normal_cdf(apart + normal_quantile(np.exp(at)))
        return {"log_auc": float(((tpr[1:] + tpr[:-1]) / 2).mean())}

    def draw(n: int, seed: int) -> leadline.Finding:
        rng = np.random.default_rng([seed, 61])
        target = (rng.random(n) < positives).astype(np.int64)
        metric = metrics.LogAuc(min_fpr=0.01, max_fpr=0.3)
        metric.update(rng.normal(size=n) + apart * target, target)
        return metric.describe()

    name = f"log_auc, apart {apart:g}, {positives:.0%} positives"
    return World(name, (500, 2000, 10_000), truth, draw)


# ------------------------------------------------------------------ area under risk and coverage


def risk_world(gap: float) -> World:
    """Confidence c uniform on [0.5, 1), right with probability c - gap: of the surest share t,
    t / 4 + gap are wrong."""

    def draw(n: int, seed: int) -> leadline.Finding:
        rng = np.random.default_rng([seed, 62])
        c = rng.uniform(0.5, 1, n)
        metric = metrics.AreaUnderRiskCoverage()
        metric.update(c, (rng.random(n) < c - gap).astype(np.int64))
        return metric.describe()

    return World(
        f"area_under_risk_coverage, too sure by {gap:g}",
        (100, 500, 2000),
        lambda: {"area_under_risk_coverage": 1 / 8 + gap},
        draw,
    )


# ------------------------------------------------------------------ rank correlation with weights


def weighted_rank_world(kind: str, rho: float) -> World:
    """Normal pairs of correlation rho. Weights: 'free' of the data, or 'importance', of pairs drawn
    with a standard deviation of 1.3 in x and weighed back to 1."""
    truth = {
        "spearman_correlation": 6 / math.pi * math.asin(rho / 2),
        "kendall_tau": 2 / math.pi * math.asin(rho),
    }

    def draw_of(metric: leadline.Metric):
        def draw(n: int, seed: int) -> leadline.Finding:
            rng = np.random.default_rng([seed, 63])
            x = rng.normal(size=n) * (1.3 if kind == "importance" else 1.0)
            y = rho * x + math.sqrt(1 - rho * rho) * rng.normal(size=n)
            ratio = 1.3 * np.exp(-(x**2) / 2 + (x / 1.3) ** 2 / 2)
            one = metric.fresh()
            one.update(x, y, weights=ratio if kind == "importance" else rng.uniform(0.2, 2, n))
            return one.describe()

        return draw

    def draw(n: int, seed: int) -> leadline.Finding:
        both = [metrics.SpearmanCorrelation(), metrics.KendallTau()]
        found = draw_of(both[0])(n, seed)
        for named in draw_of(both[1])(n, seed).estimates:
            found.add(named.name, named.estimate, better=named.better)
        return found

    name = f"rank correlation {rho:g}, weights {kind}"
    return World(name, (50, 200, 1000), lambda: truth, draw)


WORLDS = [log_auc_world(a, p) for a, p in ((1.0, 0.5), (2.0, 0.5), (2.0, 0.1))]
WORLDS += [risk_world(gap) for gap in (0.0, 0.2)]
WORLDS += [weighted_rank_world(k, r) for k in ("free", "importance") for r in (0.0, 0.5, 0.9)]
