"""Functions of the room: each gives an `Estimate` or a `Finding`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from leadline import _core
from leadline._core import Estimate, Finding

__all__ = [
    "cost_curve",
    "decision_curve",
    "generalization_gap",
    "learning_curve",
    "never_event_samples",
    "never_events",
    "operating_point",
    "unpaired_difference",
]


def never_events(events: int, n: int, *, level: float = 0.95) -> Estimate:
    """The rate of something that must never happen: none in `n` still has an upper bound.

    Args:
        events: how often it happened.
        n: samples, at least 1.
        level: one-sided; the rate is above `upper` in at most 1 - level of cases.

    Example:
        >>> import leadline
        >>> round(leadline.decisions.never_events(0, 300).upper, 5)
        0.00994
    """
    return _core.never_events(events, n, level)


def never_event_samples(limit: float, *, level: float = 0.95) -> int:
    """How many samples without an event show that its rate is below `limit`.

    Example:
        >>> import leadline
        >>> leadline.decisions.never_event_samples(0.01)
        299
    """
    return _core.never_event_samples(limit, level)


def operating_point(
    choose: tuple[Any, Any],
    judge: tuple[Any, Any],
    *,
    rule: str = "least_cost",
    at_least: float = 0.9,
    false_alarm_cost: float = 1.0,
    miss_cost: float = 1.0,
    level: float = 0.95,
) -> Finding:
    """Chooses a threshold on one set of samples and judges it on another.

    Args:
        choose: (scores [n], target [n] of 0 and 1): the threshold is chosen on these.
        judge: (scores, target): the intervals are of these, which had no part in the choice.
        rule: "least_cost", "sensitivity", "specificity", "precision" (at least `at_least`) or "youden".
        at_least: the share that the rule asks for.
        false_alarm_cost: of acting on a negative.
        miss_cost: of not acting on a positive.
        level: of the intervals.

    Returns:
        A `Finding`: threshold, sensitivity, specificity, false_alarm_rate, precision, cost, optimism.

    Example:
        >>> import leadline, numpy
        >>> rng = numpy.random.default_rng(0); y = numpy.arange(400) % 2; s = y + rng.normal(size=400)
        >>> point = leadline.decisions.operating_point((s[:200], y[:200]), (s[200:], y[200:]),
        ...                                            rule="sensitivity", at_least=0.9)
        >>> point["sensitivity"].n
        100
    """
    return _core.operating_point(
        *choose,
        *judge,
        rule=rule,
        at_least=at_least,
        false_alarm_cost=false_alarm_cost,
        miss_cost=miss_cost,
        level=level,
    )


def cost_curve(
    scores: Any,
    target: Any,
    *,
    false_alarm_cost: float = 1.0,
    miss_cost: float = 1.0,
    folds: int = 5,
    level: float = 0.95,
) -> Finding:
    """Expected cost against the threshold; the least cost is judged by cross-fitting.

    Args:
        scores: [n], of the positive class.
        target: [n] of 0 and 1.
        false_alarm_cost: of acting on a negative.
        miss_cost: of not acting on a positive.
        folds: parts; each is paid for at the threshold that the others choose.
        level: of the intervals.

    Example:
        >>> import leadline
        >>> found = leadline.decisions.cost_curve([0.1, 0.4, 0.6, 0.9] * 20, [0, 0, 1, 1] * 20, miss_cost=9)
        >>> found["theory"].value, found["least_cost"].value
        (0.1, 0.0)
    """
    return _core.cost_curve(
        scores,
        target,
        false_alarm_cost=false_alarm_cost,
        miss_cost=miss_cost,
        folds=folds,
        level=level,
    )


def decision_curve(
    probabilities: Any, target: Any, *, thresholds: Iterable[float] = (), level: float = 0.95
) -> Finding:
    """Net benefit over thresholds, beside acting on all and on nobody (Vickers and Elkin 2006).

    Args:
        probabilities: [n] of the event, in [0, 1].
        target: [n] of 0 and 1.
        thresholds: in (0, 1); default 0.01, 0.02, ..., 0.99.
        level: of the pointwise bands.

    Example:
        >>> import leadline
        >>> found = leadline.decisions.decision_curve([0.1, 0.2, 0.7, 0.9] * 10, [0, 0, 1, 1] * 10,
        ...                                           thresholds=[0.5])
        >>> found["net_benefit{threshold=0.5}"].value
        0.5
    """
    return _core.decision_curve(probabilities, target, thresholds=list(thresholds), level=level)


def unpaired_difference(first: Estimate, second: Estimate) -> Estimate:
    """Difference of two independent estimates, second - first, with an interval from theirs.

    Example:
        >>> import leadline
        >>> e = leadline.Estimate
        >>> round(leadline.decisions.unpaired_difference(e.rate(80, 100), e.rate(90, 100)).lower, 4)
        0.0001
    """
    return _core.unpaired_difference(first, second)


def generalization_gap(
    train: Estimate, test: Estimate, *, better: str = "higher", allowed: float = 0.05
) -> Finding:
    """How much worse a model is on new samples than on those it learned from.

    Args:
        train: the metric on training samples.
        test: the same metric on new samples.
        better: "higher" or "lower", of the metric.
        allowed: gap that is still accepted; a check fails where a larger one is shown.

    Example:
        >>> import leadline
        >>> e = leadline.Estimate
        >>> leadline.decisions.generalization_gap(e.rate(100, 100), e.rate(75, 100))["gap"].value
        0.25
    """
    return _core.generalization_gap(train, test, better=better, allowed=allowed)


def learning_curve(
    data: Any,
    target: Any = None,
    *,
    fit: Callable[[Any, Any], Any] | None = None,
    judge: tuple[Any, Any] | None = None,
    metric: Any = None,
    sizes: Sequence[int] | None = None,
    better: str | None = None,
    goal: float | None = None,
    seed: int = 0,
    draws: int = 200,
) -> Finding:
    """A metric against the number of samples, with a power law and the size that reaches a goal.

    Three ways to call it: a list of (size, `Estimate`); scores and target without `fit`: the metric on
    growing random parts, nothing is trained; x and y with `fit` and `judge`: a model is trained on each
    part and judged on the same held-out samples.

    Args:
        data: [(size, Estimate), ...], or scores [n, ...], or inputs x [n, ...] to train on.
        target: labels [n].
        fit: takes (x, y), gives a function from inputs to scores, or an object with `predict_proba` or
            `predict`.
        judge: (x, y) to judge each trained model on.
        metric: a `Metric`; default accuracy.
        sizes: ascending; default eight from n / 50 to n.
        better: "higher" or "lower"; default what the metric says.
        goal: value of the metric whose size is asked for.
        seed: of the parts and the refits.
        draws: refits behind the intervals of asymptote and size.

    Example:
        >>> import leadline
        >>> e = leadline.Estimate
        >>> points = [(n, e.rate(int(1e4 * (0.95 - n**-0.5)), 10000)) for n in (50, 100, 200, 400, 800)]
        >>> found = leadline.decisions.learning_curve(points, goal=0.93)
        >>> round(found["asymptote"].value, 2)
        0.95
    """
    if target is None:
        return _core.learning_curve(
            [(float(n), value) for n, value in data],
            better=better or "higher",
            goal=goal,
            seed=seed,
            draws=draws,
        )
    from leadline import metrics

    chosen = metric if metric is not None else metrics.Accuracy()
    x, y = np.asarray(data), np.asarray(target)
    if len(x) != len(y):
        raise _core.ShapeError(
            "learning_curve", f"{len(x)} labels", str(len(y)), "pass one label a sample"
        )
    if (fit is None) != (judge is None):
        raise _core.ValueError(
            "learning_curve",
            "fit and judge together",
            "one of them",
            "judge=(x, y) are held-out samples",
        )
    order = np.random.default_rng(seed).permutation(len(x))
    steps = sizes or np.unique(np.geomspace(max(2, len(x) / 50), len(x), 8).astype(int))
    points = []
    for size in steps:
        if not 1 <= size <= len(x):
            raise _core.ValueError(
                "learning_curve", f"sizes in [1, {len(x)}]", str(size), "ask for fewer samples"
            )
        rows = order[: int(size)]
        fresh = chosen.fresh()
        if fit is None or judge is None:
            fresh.update(x[rows], y[rows])
        else:
            fresh.update(_scores(fit(x[rows], y[rows]), judge[0]), np.asarray(judge[1]))
        points.append((float(size), fresh.compute()))
    return _core.learning_curve(
        points,
        better=better or chosen.info().better,
        goal=goal,
        seed=seed,
        draws=draws,
    )


def _scores(model: Any, x: Any) -> Any:
    for name in ("predict_proba", "predict"):
        if hasattr(model, name):
            return getattr(model, name)(x)
    return model(x)
