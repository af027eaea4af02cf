"""The intervals of the probes hold the truth as often as they say; docs/coverage.md has the figures."""

from __future__ import annotations

import pytest

from . import coverage, coverage_metrics, coverage_models
from .test_trust import binomial_cdf

# Where no interval that holds can be given, and the probe gives none: see docs/coverage.md.
WITHHELD = {("task, very sure, 1 label in 100 wrong", "log_loss")}
WORLDS = coverage.WORLDS + coverage_metrics.WORLDS + coverage_models.WORLDS
QUICK = [world for world in WORLDS if world.name in {
    "calibration, too sure by 0.1",
    "task, calibrated",
    "gaussian_noise, sigma 0.5, 4 repeats",
    "permutation_importance, 5 repeats",
    "ood, apart 1, 100 foreign",
    "integrated_gradients, one step",
    "linear_probe",
    "log_auc, apart 2, 50% positives",
    "area_under_risk_coverage, too sure by 0.2",
    "rank correlation 0.5, weights free",
}]  # fmt: skip


def too_few(covered: int, given: int, nominal: float = 0.92) -> bool:
    """Refuted at 3 points below the level: so few would be seen in 1 of 1000 such tests."""
    return binomial_cdf(covered, given, nominal) < 1e-3


def short(world: coverage.World, n: int, runs: int) -> dict[str, tuple[int, int]]:
    found = world.coverage(n, runs)
    known = {n: c for n, c in found.items() if (world.name, n) not in WITHHELD}
    assert all(given > runs / 2 for _, given in known.values()), found
    return {name: counts for name, counts in known.items() if too_few(*counts)}


@pytest.mark.parametrize("world", QUICK, ids=lambda world: world.name)
def test_intervals_cover_in_short(world):
    assert short(world, 200, 40) == {}


@pytest.mark.full
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_intervals_cover(world):
    for n in world.sizes:
        assert short(world, n, 400) == {}, n


def test_a_log_loss_that_hangs_on_rare_mistakes_gets_no_interval():
    world = next(w for w in coverage.WORLDS if (w.name, "log_loss") in WITHHELD)
    withheld = 0
    for seed in range(20):
        loss = world.draw(300, seed)["log_loss"]
        withheld += loss.lower is None
        assert (loss.lower is None) == loss.why.startswith("no interval"), loss.why
    assert withheld >= 19  # power 0.95
    sound = next(w for w in coverage.WORLDS if w.name == "task, calibrated")
    assert sound.draw(300, 1)["log_loss"].lower is not None


def test_the_test_of_coverage_can_fail():
    assert too_few(30, 40) and not too_few(37, 40)
