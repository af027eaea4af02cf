"""Rare failure rates against OpenTURNS and plain draws, weight flips and tests of behaviour against their floor.

`python benchmarks/behaviour.py [--repeats 20]`, one thread. A ratio of times is of the same run; the floor of
a probe is the forwards that it cannot do without, in the same batches.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import leadline
from leadline import robustness as rb

T = 4.753424308822899  # P(N(0, 1) > T) = 1e-6
RATE, DIMENSION = 1e-6, 20
W = np.full(DIMENSION, DIMENSION**-0.5)


class Counted:
    """The performance function of a half-space, with the rows that it was asked."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, z: Any) -> np.ndarray:
        z = np.asarray(z)
        self.rows += len(z)
        return z @ W - T


def seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.process_time()
    value = run()
    return time.process_time() - begin, value


def ours(seed: int) -> tuple[float, bool, int]:
    performance = Counted()
    found = rb.splitting(performance, DIMENSION, seed=seed).rate
    return found.value, found.lower <= RATE <= found.upper, performance.rows


def openturns(seed: int) -> tuple[float, bool, int]:
    """Subset sampling of OpenTURNS with ten times the points and as many steps of its chains: rows alike."""
    import openturns as ot

    ot.RandomGenerator.SetSeed(seed)
    performance = Counted()
    function = ot.PythonFunction(
        DIMENSION, 1, func_sample=lambda z: performance(z)[:, None], func=None
    )
    event = ot.ThresholdEvent(
        ot.CompositeRandomVector(function, ot.RandomVector(ot.Normal(DIMENSION))),
        ot.GreaterOrEqual(),
        0.0,
    )
    algorithm = ot.SubsetSampling(event, 2.0, 0.1)
    algorithm.setBlockSize(500)
    algorithm.setMaximumOuterSampling(100)
    algorithm.run()
    result = algorithm.getResult()
    p, half = result.getProbabilityEstimate(), result.getConfidenceLength(0.95) / 2
    return p, abs(p - RATE) <= half, performance.rows


def rare(repeats: int) -> None:
    contenders: dict[str, Callable[[int], tuple[float, bool, int]]] = {"leadline": ours}
    try:
        import openturns as ot  # noqa: F401

        contenders["OpenTURNS"] = openturns
    except ImportError:
        pass
    print(f"half-space in {DIMENSION} dimensions, rate {RATE:g}, {repeats} runs each")
    spent = {}
    for name, run in contenders.items():
        took, found = seconds(lambda run=run: [run(seed) for seed in range(repeats)])
        values = np.array([value for value, _, _ in found]) / RATE
        rows = np.mean([rows for _, _, rows in found])
        error = math.sqrt(np.mean((values - 1) ** 2))
        spent[name] = took
        # Plain draws reach the relative error e with (1 - p) / (p e^2) rows.
        plain = (1 - RATE) / (RATE * error**2)
        print(
            f"  {name:10s} mean / truth {values.mean():.3f}  relative error {error:.3f}  "
            f"intervals that cover {np.mean([c for _, c, _ in found]):.2f}  rows {rows:.0f}  "
            f"plain draws for that error {plain / rows:.0f} x as many  seconds a run {took / repeats:.3f}"
        )
    if len(spent) == 2:
        print(f"  time, ours / theirs: {spent['leadline'] / spent['OpenTURNS']:.2f}")


def closed_forms(repeats: int) -> None:
    """Relative error of the defaults, and of half the points with twice the moves, where the rate is known."""
    from scipy import stats

    def worlds(rate: float) -> dict[str, tuple[Callable[[Any], np.ndarray], int]]:
        def along(d: int) -> np.ndarray:
            return np.full(d, d**-0.5)

        beyond, both = stats.norm.isf(rate), stats.norm.isf(rate / 2)
        radius = stats.chi2.isf(rate, 20)
        return {
            "half-space, d = 2": (lambda z: z @ along(2) - beyond, 2),
            "half-space, d = 20": (lambda z: z @ along(20) - beyond, 20),
            "half-space, d = 200": (lambda z: z @ along(200) - beyond, 200),
            "two half-spaces, d = 20": (lambda z: np.abs(z @ along(20)) - both, 20),
            "outside of a ball, d = 20": (lambda z: (z**2).sum(1) - radius, 20),
        }

    print(f"relative error over {2 * repeats} runs, and intervals that cover")
    for rate in (1e-3, 1e-4, 1e-6, 1e-8):
        for name, (score, d) in worlds(rate).items():
            row = []
            for design in ({}, {"particles": 500, "moves": 10}):
                found = [
                    rb.splitting(lambda z, f=score: f(np.asarray(z)), d, seed=seed, **design)
                    for seed in range(2 * repeats)
                ]
                values = np.array([f.rate.value if f.rate.ok else 0.0 for f in found]) / rate
                cover = np.mean([f.rate.ok and f.rate.lower <= rate <= f.rate.upper for f in found])
                rows = np.mean([f.rows for f in found])
                row.append(
                    f"{math.sqrt(np.mean((values - 1) ** 2)):.3f} ({cover:.2f}, {rows:.0f} rows)"
                )
            print(
                f"  {rate:g} {name:26} defaults {row[0]}, 500 points and 10 moves {row[1]}",
                flush=True,
            )


def against_floor(repeats: int) -> None:
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10))
    x, y = torch.randn(2000, 64), torch.randint(0, 10, (2000,))
    data = leadline.Dataset(x, y)

    def evaluate(probe: leadline.Probe) -> float:
        def run() -> leadline.Report:
            return leadline.evaluate(net, data, suite=[probe], output="logits", progress=False)

        return min(seconds(run)[0] for _ in range(repeats))

    def floor(rows: int, size: int) -> float:
        def run() -> None:
            with torch.no_grad():
                for _ in range(rows // size):
                    net(x[:size])

        return min(seconds(run)[0] for _ in range(repeats))

    flips = 4 * 32 * 4
    probe = rb.WeightFaults(flips=4, max_samples=64)
    ratio = evaluate(probe) / floor(64 * (flips + 2), 64)
    print(f"weight_faults, {flips} flips, 64 samples: {ratio:.2f} x its forwards")
    tests = [
        rb.Expectation(f"t{k}", change=lambda x, k=k: x + 0.01 * (k + 1), tolerance=0.1)
        for k in range(5)
    ]
    ratio = evaluate(rb.Expectations(tests)) / floor(2000 * 6, 128)
    print(f"expectations, 5 tests, 2000 samples: {ratio:.2f} x its forwards")
    ratio = evaluate(rb.ServingFaults(max_samples=0)) / floor(2000 * 12, 128)
    print(f"serving_faults, 5 faults, 2000 samples: {ratio:.2f} x its forwards")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    repeats = parser.parse_args().repeats
    rare(repeats)
    closed_forms(repeats)
    against_floor(3)


if __name__ == "__main__":
    main()
