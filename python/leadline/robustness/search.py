"""Where a model fails most, and how rarely it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from leadline import _core
from leadline._core import Estimate, FailureSearchResult, Finding, SplittingResult
from leadline.evaluation import evaluate

__all__ = [
    "FailureSearch",
    "Parameter",
    "failure_search",
    "monte_carlo",
    "search_failures",
    "splitting",
]

Simulate = Callable[[Mapping[str, np.ndarray], np.ndarray], Any]


@dataclass(frozen=True)
class Parameter:
    """A number in [low, high], drawn evenly on its scale; with categories, one of them."""

    name: str
    low: float = 0.0
    high: float = 1.0
    scale: Literal["linear", "log"] = "linear"
    categories: Sequence[str] = ()

    def __post_init__(self) -> None:
        named = self.categories
        if isinstance(named, str) or (not isinstance(named, tuple) and len(named) == 0):
            raise _core.ValueError(
                f"Parameter['{self.name}']",
                "a list of at least two categories",
                repr(named),
                'pass categories=["old", "new"], or leave it out for a number',
            )


def _named(parameters: Sequence[Parameter], points: np.ndarray) -> dict[str, np.ndarray]:
    """Points [n, parameters] as one array a parameter; categories as their names."""
    return {
        p.name: np.asarray(p.categories)[points[:, k].astype(int)] if p.categories else points[:, k]
        for k, p in enumerate(parameters)
    }


def _records(parameters: Sequence[Parameter]) -> list[dict[str, Any]]:
    return [{**asdict(p), "categories": list(p.categories)} for p in parameters]


class FailureSearch(_core.FailureSearch):
    """The probe that searches for the conditions under which a model fails most often.

    Successive halving, the cross-entropy method and random search spend the same number of rows; what
    each finds is measured on samples and draws that no search has seen.

    Args:
        parameters: what varies.
        simulate: (parameter -> values [n], inputs [n, ...]) -> the inputs under those conditions.
        budget: most trials (model rows) of all searches and measurements together.
        region_volume: volume of a region, as a share of the space of the numbers.
        confirm_share: share of the budget that measures the regions found.
        version: of the simulation: part of the run identity.

    Raises:
        leadline.ValueError: a parameter that is no range, a name twice.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        simulate: Simulate,
        *,
        budget: int = 20000,
        region_volume: float = 0.02,
        confirm_share: float = 0.25,
        version: str = "",
    ) -> None:
        space = list(parameters)
        if not callable(simulate):
            raise _core.TypeError(
                "FailureSearch",
                "a function (parameters, inputs) -> inputs",
                type(simulate).__name__,
                "pass simulate=lambda p, x: x * p['gain'][:, None]",
            )

        def run(x: Any, points: np.ndarray, ids: np.ndarray) -> Any:
            return simulate(_named(space, points), np.array(x))

        super().__init__(
            _records(space),
            run,
            {
                "budget": budget,
                "region_volume": region_volume,
                "confirm_share": confirm_share,
                "version": version,
            },
        )


def failure_search(
    model: Any,
    data: Any,
    parameters: Iterable[Parameter],
    simulate: Simulate,
    *,
    budget: int = 20000,
    region_volume: float = 0.02,
    confirm_share: float = 0.25,
    **options: Any,
) -> Finding:
    """Runs a `FailureSearch` and gives its finding.

    Args:
        model, data: as for `evaluate`.
        parameters, simulate, budget, region_volume, confirm_share: of `FailureSearch`.
        options: of `evaluate`: seed, batch_size, level, output, ...

    Example:
        >>> import leadline, numpy
        >>> rb = leadline.robustness
        >>> x = numpy.random.default_rng(0).normal(2, 1, (400, 1)); y = numpy.ones(400, int)
        >>> model = lambda x: numpy.concatenate([-x, x], 1)
        >>> found = rb.failure_search(
        ...     model, leadline.Dataset(x, y), [rb.Parameter("gain", -1, 1)],
        ...     lambda p, x: x * p["gain"][:, None], budget=4000, output="logits")
        >>> found["worst_failure_rate"].value > found["overall_failure_rate"].value
        True
    """
    probe = FailureSearch(
        parameters,
        simulate,
        budget=budget,
        region_volume=region_volume,
        confirm_share=confirm_share,
    )
    return evaluate(model, data, suite=probe, **{"progress": False, **options}).findings[0]


def search_failures(
    parameters: Iterable[Parameter],
    trial: Callable[[Mapping[str, np.ndarray], np.ndarray, bool], Any],
    *,
    budget: int = 20000,
    region_volume: float = 0.02,
    confirm_share: float = 0.25,
    seed: int = 0,
    level: float = 0.95,
) -> FailureSearchResult:
    """The same search over any function of the parameters.

    Args:
        parameters: what varies.
        trial: (parameter -> values [n], numbers of the draws [n], fresh) -> badness [n]; above 0 is a
            failure. The same number of a draw must give the same randomness.
        budget, region_volume, confirm_share: see `FailureSearch`.
        seed: of the points.
        level: of the intervals.

    Example:
        >>> from leadline.robustness import Parameter, search_failures
        >>> found = search_failures([Parameter("u")], lambda p, draw, fresh: p["u"] - 0.99, budget=4000)
        >>> found.worst.failure_rate.value > 10 * found.overall.value, found.rows <= 4000
        (True, True)
    """
    space = list(parameters)
    return _core.search_failures(
        _records(space),
        lambda points, draws, fresh: np.asarray(trial(_named(space, points), draws, fresh), float),
        {"budget": budget, "region_volume": region_volume, "confirm_share": confirm_share},
        seed,
        level,
    )


def splitting(
    performance: Callable[[np.ndarray], Any],
    dimension: int,
    *,
    particles: int = 500,
    keep: float = 0.1,
    max_levels: int = 12,
    moves: int = 10,
    repeats: int = 10,
    seed: int = 0,
    level: float = 0.95,
) -> SplittingResult:
    """P(performance(z) >= 0) for z ~ N(0, I), by multilevel splitting: reaches rates far below 1 / rows.

    The interval is asymptotic (log-normal over the repeats); `monte_carlo` is the one that is exact.

    Args:
        performance: [n, dimension] -> scores [n]; a failure where the score is at least 0.
        dimension: of z.
        particles: points a level.
        keep: share that survives a level.
        max_levels: levels after which a repeat gives up.
        moves: Metropolis moves of each point a level.
        repeats: independent repeats behind the interval.
        seed: of everything drawn.
        level: of the interval.

    Example:
        >>> from leadline.robustness import splitting
        >>> found = splitting(lambda z: z[:, 0] - 4.0, 2)  # 3.17e-5
        >>> found.rate.lower < 3.17e-5 < found.rate.upper
        True
    """
    options = {
        "particles": particles,
        "keep": keep,
        "max_levels": max_levels,
        "moves": moves,
        "repeats": repeats,
    }
    return _core.splitting(performance, dimension, options, seed, level)


def monte_carlo(
    performance: Callable[[np.ndarray], Any],
    dimension: int,
    samples: int,
    *,
    seed: int = 0,
    level: float = 0.95,
) -> Estimate:
    """The same rate from independent draws, Clopper-Pearson: covers with at least `level`, always.

    Args:
        performance, dimension: see `splitting`.
        samples: draws.
        seed: of the draws.
        level: of the interval.

    Example:
        >>> from leadline.robustness import monte_carlo
        >>> monte_carlo(lambda z: z[:, 0] - 1.0, 1, 2000).n
        2000
    """
    return _core.monte_carlo(performance, dimension, samples, seed, level)
