"""Functions of the room: each gives a `Finding`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from leadline import _core
from leadline._core import Estimate, Finding

__all__ = ["disagreement", "pareto_front"]


def pareto_front(
    candidates: Mapping[str, Mapping[str, Estimate]],
    *,
    better: Mapping[str, str],
    units: Mapping[str, str] | None = None,
    draws: Mapping[str, Any] | None = None,
    n_draws: int = 4000,
    seed: int = 0,
) -> Finding:
    """The Pareto front of estimates, with the probability of each candidate to be on it.

    Args:
        candidates: name -> metric -> `Estimate`.
        better: metric -> "higher" or "lower"; its order is that of the table.
        units: metric -> unit, for the plots.
        draws: name -> joint replicates [replicates, metrics], from a bootstrap of the same samples;
            without it each value is drawn from its interval on its own.
        n_draws: where `draws` is not given.
        seed: of the draws.

    Returns:
        A `Finding`: `on_front_probability{candidate=...}`, a table, a scatter for each pair of metrics.

    Example:
        >>> import leadline
        >>> e = leadline.Estimate
        >>> found = leadline.tradeoffs.pareto_front(
        ...     {"small": {"accuracy": e.rate(900, 1000), "ms": e.of(1.0, 1)},
        ...      "large": {"accuracy": e.rate(950, 1000), "ms": e.of(9.0, 1)},
        ...      "old": {"accuracy": e.rate(800, 1000), "ms": e.of(3.0, 1)}},
        ...     better={"accuracy": "higher", "ms": "lower"})
        >>> found["on_front_probability{candidate=old}"].value
        0.0
    """
    given = []
    for name, values in candidates.items():
        missing = [metric for metric in better if metric not in values]
        if missing:
            raise _core.ValueError(
                "pareto_front",
                f"an estimate of '{missing[0]}' for '{name}'",
                ", ".join(values) or "none",
                "give each metric of better= for each candidate",
            )
        given.append((name, [values[metric] for metric in better]))
    axes = [
        (metric, direction, (units or {}).get(metric, "")) for metric, direction in better.items()
    ]
    joint = [] if draws is None else [np.asarray(draws[name], dtype=float) for name in candidates]
    return _core.pareto_front(given, axes, draws=joint, n_draws=n_draws, seed=seed)


def disagreement(
    scores: Mapping[str, Mapping[str, Mapping[str, Any]]],
    *,
    better: Mapping[str, str] | str = "higher",
    replicates: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Finding:
    """Do benchmarks and metrics agree on the order of models?

    Args:
        scores: model -> benchmark -> metric -> one number, or the values of its items (the same items for
            each model).
        better: metric -> "higher" or "lower", or one word for all.
        replicates: of the item bootstrap.
        seed: of the bootstrap.
        level: of the intervals.

    Returns:
        A `Finding`: sign_agreement, kendall_tau_b, friedman, mean_rank, variance_share, share_first_ahead.

    Example:
        >>> import leadline
        >>> scores = {"x": {"b1": {"acc": 0.9}, "b2": {"acc": 0.8}, "b3": {"acc": 0.7}},
        ...           "y": {"b1": {"acc": 0.8}, "b2": {"acc": 0.7}, "b3": {"acc": 0.9}}}
        >>> round(leadline.tradeoffs.disagreement(scores)["sign_agreement"].value, 3)
        0.333
    """
    models = list(scores)
    if not models:
        raise _core.ValueError("disagreement", "at least 2 models", "none", "pass {model: {...}}")
    specifications = []
    for benchmark, metrics in scores[models[0]].items():
        for metric in metrics:
            rows = []
            for model in models:
                try:
                    rows.append(np.atleast_1d(np.asarray(scores[model][benchmark][metric], float)))
                except KeyError:
                    raise _core.ValueError(
                        "disagreement",
                        f"'{metric}' on '{benchmark}' for each model",
                        f"none for '{model}'",
                        "leave out what was not measured for all",
                    ) from None
            if len({len(row) for row in rows}) != 1:
                raise _core.ShapeError(
                    "disagreement",
                    f"as many items of '{benchmark}' for each model",
                    ", ".join(str(len(row)) for row in rows),
                    "score the same items",
                )
            direction = better if isinstance(better, str) else better.get(metric, "higher")
            specifications.append((benchmark, metric, direction, np.stack(rows)))
    return _core.disagreement(models, specifications, replicates=replicates, seed=seed, level=level)
