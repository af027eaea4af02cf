"""What is measured of one model, and of a pair of models on the same samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from leadline import _core, stats
from leadline._core import Check, Dataset, Estimate, Finding, Report

#: Share of what the attack left standing that other means may fool without casting doubt on it.
TOLERATED = 0.02
#: A stand-in gradient need not agree with differences: that is what it is for.
STAND_IN = "gradients_match_differences"


@dataclass
class Measured:
    """One model: its report, and per sample id what came of it."""

    name: str
    model: Any
    report: Report
    ids: np.ndarray
    correct: np.ndarray  # bool [n], clean
    rejected: np.ndarray  # bool [n], clean
    fooled_at: np.ndarray  # smallest budget that misleads [n]; 0: misread when clean
    attacks: list[Finding]
    rejects: int | None = None  # the class that means "rejected"
    carried: Check | None = None  # how the attack on the baseline does against it
    not_run: list[str] = field(default_factory=list)

    def robust(self, eps: float) -> np.ndarray:
        """Read correctly and not misled within `eps` [n]."""
        return ~(self.fooled_at <= eps * (1 + 1e-9))

    @property
    def stand_in(self) -> bool:
        return bool(getattr(self.model, "stand_in_gradient", False))


def n_classes(model: Any, data: Dataset, output: str | None) -> int:
    """Classes that the model gives, "rejected" among them."""
    from leadline.models import as_model

    first = data.batch([0]).x
    subject: Any = as_model(model, output=output, arrays=data.array_kind)
    return int(np.asarray(subject.forward(first).output.numpy()).shape[1])


def run(
    name: str, model: Any, data: Dataset, attacks: Sequence[Any], options: dict[str, Any]
) -> Measured:
    """One pass over the data and the attacks."""
    import leadline

    suite = {"accuracy": "accuracy"}
    for attack in attacks:
        kind = attack.info()["name"] if isinstance(attack.info(), dict) else attack.info().name
        suite[kind if kind not in suite else f"{kind}_{len(suite)}"] = attack
    report = leadline.evaluate(model, data, suite=suite, progress=False, title=name, **options)
    told = [f for f in report.findings if f.probe != "accuracy"]
    done = [f for f in told if f.status == "ok"]
    columns = report.samples
    if not done or "correct" not in columns:
        why = "; ".join(f"{f.probe}: {f.why}" for f in report.findings if f.status != "ok")
        raise _core.CapabilityError(
            "mitigate.compare", f"'{name}' to be attacked", why or "no attack", "see the reasons"
        )
    fooled = np.stack([columns[f"{f.probe}.fooled_at"] for f in done]).min(0)
    seen = ~np.isnan(fooled)
    order = np.argsort(columns["id"][seen], kind="stable")

    def pick(column: np.ndarray) -> np.ndarray:
        return np.asarray(column[seen][order])

    label = n_classes(model, data, options.get("output")) - 1 if _rejects(model) else None
    return Measured(
        name,
        model,
        report,
        pick(columns["id"]),
        pick(columns["correct"]) > 0.5,
        pick(columns["prediction"]) == (-1 if label is None else label),
        pick(fooled),
        done,
        label,
        not_run=[f"{f.probe}: {f.why}" for f in told if f.status != "ok"],
    )


def _rejects(model: Any) -> bool:
    return bool(getattr(model, "rejects", False))


def carry_over(
    moved: Any, of: Measured, data: Dataset, eps: float, options: dict[str, Any]
) -> Check:
    """Tries the examples that mislead the baseline; what they fool counts, and is held against the
    attack on the model itself."""
    import leadline

    given = leadline.Dataset(moved, data.batch(of.ids.tolist()).target)
    samples = leadline.evaluate(
        of.model, given, suite=["accuracy"], progress=False, **options
    ).samples
    order = np.argsort(samples["id"], kind="stable")
    wrong = samples["correct"][order] < 0.5
    if of.rejects is not None:
        wrong &= samples["prediction"][order] != of.rejects
    standing = of.robust(eps)
    k, n = int((standing & wrong).sum()), int(standing.sum())
    evidence = Estimate.rate(k, n) if n else Estimate.absent("empty", "nothing was left standing")
    bound = stats.proportion_interval(k, n, method="clopper_pearson", level=0.98) if n else None
    stronger = bound is not None and (bound.lower or 0) > TOLERATED
    of.fooled_at[standing & wrong] = np.minimum(of.fooled_at[standing & wrong], eps)
    return Check(
        "transfer_not_stronger",
        "fail" if stronger else "pass" if n else "not_run",
        why=f"of {n} samples that withstood the attack on '{of.name}' itself {k} fell to examples made "
        f"for the baseline (more than {TOLERATED:.0%} at 99 % confidence would be too many)",
        remedy="the attack does not see through the defence: give it a gradient that does "
        "(mitigate.Transformed with straight-through rounding), or more steps and restarts",
        applies_to=["robust_accuracy", "gain"],
        evidence=evidence,
    )


def failures(measured: Sequence[Measured]) -> dict[str, list[Check]]:
    """Failed checks of each model's attacks, with one Holm correction over all models."""
    listed = [
        (m.name, check)
        for m in measured
        for finding in m.attacks
        for check in finding.checks
        if not (m.stand_in and check.name == STAND_IN)
    ]
    p = [check.p_value for _, check in listed if check.p_value is not None]
    adjusted = iter(stats.holm(p) if p else [])
    failed: dict[str, list[Check]] = {m.name: [] for m in measured}
    for name, check in listed:
        over = check.p_value is None or next(adjusted) <= 0.05
        if check.result == "fail" and over:
            failed[name].append(check)
    for m in measured:
        if m.not_run:
            failed[m.name].append(_incomplete(m))
    return failed


def _incomplete(m: Measured) -> Check:
    return Check(
        "all_attacks_run",
        "fail",
        why=f"'{m.name}' was attacked with less than the others: " + "; ".join(m.not_run),
        remedy="attack all models alike, with what each of them gives: "
        "attacks=lambda threat, eot: [robustness.Square(threat)]",
        applies_to=["robust_accuracy", "gain"],
    )


def paired(first: np.ndarray, second: np.ndarray, level: float) -> tuple[Estimate, float]:
    """Rate of `first` minus that of `second` on the same samples, and McNemar's mid-p."""
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    both, neither = int((first & second).sum()), int((~first & ~second).sum())
    change = stats.paired_difference(both, only_first, only_second, neither, level=level)
    return change, stats.mcnemar_test(only_first, only_second).p_value


def worst_group_change(
    groups: np.ndarray, after: np.ndarray, before: np.ndarray, ids: np.ndarray, least: int, how: Any
) -> Estimate:
    """Accuracy of the worst group after minus that of the worst before; a paired bootstrap."""
    names, counts = np.unique(groups[~np.isnan(groups)], return_counts=True)
    names = names[counts >= least]
    if len(names) < 2:
        return Estimate.absent("undefined", f"fewer than two groups of at least {least} samples")
    member = groups[:, None] == names[None]
    columns = np.stack([member, member & after[:, None], member & before[:, None]], 2)

    def change(sums: Any, weight: float) -> float:
        n, a, b = np.asarray(sums).reshape(len(names), 3).T
        there = n > 0
        return float((a[there] / n[there]).min() - (b[there] / n[there]).min())

    boot = stats.PoissonBootstrap(
        columns=3 * len(names), replicates=how.replicates, seed=how.seed, stream="worst_group"
    )
    boot.add(ids, columns.reshape(len(ids), -1).astype(float))
    value = change(columns.sum(0).ravel(), len(ids))
    return boot.estimate(change, value=value, level=how.level)


def _ranks(values: np.ndarray) -> np.ndarray:
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[at]


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's, ties shared; NaN where one of them is constant."""
    x, y = _ranks(a.ravel()), _ranks(b.ravel())
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / size if size > 0 else float("nan")


def explanation_agreement(maps: Any, base: Any, level: float) -> Estimate:
    """Mean rank correlation of what two models rest their answers on, a sample at a time."""
    if maps is None or base is None:
        return Estimate.absent("not_measured", "a model without gradients cannot be explained so")
    each = np.array([rank_correlation(a, b) for a, b in zip(maps, base, strict=True)])
    each = each[np.isfinite(each)]
    if len(each) < 2:
        return Estimate.absent("undefined", "explanations without any difference between values")
    return stats.mean_interval(each, level=level)


def explain(probe: Any, model: Any, x: Any, y: Any) -> Any:
    """Sizes of the attributions of each sample, or None where there is no gradient."""
    try:
        return np.abs(np.asarray(probe.attribute(model, x, y).values))
    except (_core.CapabilityError, _core.TypeError):
        return None


def cost_ratio(
    after: Callable[[], Any], before: Callable[[], Any], repeats: int, level: float
) -> Estimate:
    """Seconds of one forward over those of the other, measured in turn, each time the best of three
    (others use the machine too); geometric mean of the ratios."""
    if repeats < 2:
        return Estimate.absent("not_measured", "timing was switched off")

    def seconds(call: Callable[[], Any]) -> float:
        took = []
        for _ in range(3):
            began = time.perf_counter()
            call()
            took.append(time.perf_counter() - began)
        return min(took)

    seconds(after), seconds(before)
    logs = np.log([seconds(after) / seconds(before) for _ in range(repeats)])
    mean = stats.mean_interval(logs, level=level)
    if mean.lower is None or mean.upper is None:
        return Estimate.absent("undefined", "no spread of the timings")
    value, lower, upper = (float(np.exp(v)) for v in (mean.value, mean.lower, mean.upper))
    return Estimate.with_interval(value, lower, upper, repeats, "t of log ratios", level)
