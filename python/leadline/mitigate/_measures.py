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
    """One pass over the data and the attacks, those of one threat as one."""
    import leadline
    from leadline.evaluation import make_suite

    suite: dict[str, Any] = {"accuracy": "accuracy"}
    joined, not_run = _as_one(name, model, data, attacks)
    for attack in joined:
        suite[_kind(attack) if _kind(attack) not in suite else f"{_kind(attack)}_{len(suite)}"] = (
            attack
        )
    report = leadline.evaluate(
        model, data, suite=make_suite(suite), progress=False, title=name, **options
    )
    told = [f for f in report.findings if f.probe != "accuracy"]
    done = [f for f in told if f.status == "ok"]
    if not done:
        why = "; ".join(f"{f.probe}: {f.why}" for f in report.findings if f.status != "ok")
        raise _core.CapabilityError(
            "mitigate.compare", f"'{name}' to be attacked", why or "no attack", "see the reasons"
        )
    label = n_classes(model, data, options.get("output")) - 1 if _rejects(model) else None
    ids, correct, rejected, fooled_at = _core.attacked(report, name, label)
    return Measured(
        name,
        model,
        report,
        ids,
        correct,
        rejected,
        np.array(fooled_at),  # examples of the baseline are tried on it as well
        done,
        label,
        not_run=not_run + [f"{f.probe}: {f.why}" for f in told if f.status != "ok"],
    )


def _kind(attack: Any) -> str:
    info = attack.info()
    return str(info["name"] if isinstance(info, dict) else info.name)


def _as_one(
    name: str, model: Any, data: Dataset, attacks: Sequence[Any]
) -> tuple[list[Any], list[str]]:
    """The attacks that this model can bear as one, so that their checks judge what all of them
    left standing; and why others cannot run. Probes that are no attacks, and attacks of unequal
    threats, stay on their own."""
    from leadline._mixins import AttackMethods
    from leadline.robustness import Ensemble

    offered = _subject(model, data).info().access
    given = {*offered.split(", "), *(["labels"] if "outputs" in offered else [])}
    able: list[Any] = []
    alone: list[Any] = []
    not_run: list[str] = []
    kinds = [(attack, isinstance(attack, AttackMethods)) for attack in attacks]
    for attack, is_attack in kinds:
        if not is_attack:
            alone.append(attack)
        elif set(attack.info().access.split(", ")) <= given:
            able.append(attack)
        else:
            not_run.append(
                f"{_kind(attack)}: it needs {attack.info().access}, and '{name}' offers {offered} only"
            )
    if len(able) < 2:
        return [*able, *alone], not_run
    sizes = [{k: int(v) for k, v in a.options().items() if k.endswith("_samples")} for a in able]
    limits = [s["max_samples"] for s in sizes if s["max_samples"] > 0]
    checks = max(s["check_samples"] for s in sizes)
    try:
        joint = Ensemble(able, max_samples=min(limits, default=0), check_samples=checks)
    except _core.ValueError:
        return [*able, *alone], not_run
    return [joint, *alone], not_run


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
        of.model, given, suite="accuracy", progress=False, **options
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
        applies_to=["headline", "robust_accuracy", "gain"],
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
            failed[m.name].append(all_run_check(m))
    return failed


def all_run_check(m: Measured) -> Check:
    """Whether it was attacked with all that the others were."""
    return Check(
        "all_attacks_run",
        "fail" if m.not_run else "pass",
        why=f"'{m.name}' was attacked with less than the others: " + "; ".join(m.not_run)
        if m.not_run
        else f"'{m.name}' was attacked with all that the others were",
        remedy="attack all models alike, with what each of them gives: "
        "attacks=lambda threat, eot: [robustness.Square(threat)]"
        if m.not_run
        else "",
        applies_to=["headline", "robust_accuracy", "gain"],
    )


def accepted_ece_change(m: Measured, base: Measured, data: Dataset, how: Any) -> Estimate:
    """Calibration error of a model that rejects, over the samples that it accepts, minus that of the
    baseline on the same samples. The confidence is that of its classes, given that it accepts. Fact:
    coverage, the share accepted."""
    import leadline

    accepted = m.ids[~m.rejected]
    if len(accepted) < 2:
        return Estimate.absent("undefined", f"{len(accepted)} samples were accepted")
    batch = data.batch(accepted.tolist())
    kind = dict(m.report.provenance)["model.output"]

    def sides(model: Any, name: str) -> Any:
        subject = _subject(model, data)
        return leadline.as_model(
            lambda x: _given_accepted(subject, x, m.rejects, kind),
            name=name,
            output="probabilities",
            arrays="numpy",
        )

    found = leadline.compare(
        sides(base.model, "baseline"),
        sides(m.model, m.name),
        leadline.Dataset(np.asarray(batch.x), np.asarray(batch.target)),
        replicates=how.replicates,
        seed=how.seed,
        level=how.level,
        progress=False,
    )
    change: Estimate = found["calibration.ece"].difference
    return change.with_fact("coverage", len(accepted) / len(m.ids))


def _given_accepted(subject: Any, x: Any, k: int | None, kind: str) -> np.ndarray:
    """Probabilities of the first `k` classes, given that it is one of them."""
    scores = np.asarray(subject.forward(x).output.numpy(), dtype=np.float64)[:, :k]
    if kind != "probabilities":
        scores = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(scores / scores.sum(1, keepdims=True))


def _subject(model: Any, data: Dataset) -> Any:
    from leadline.models import as_model

    return as_model(model, arrays=data.array_kind)


def multiply_adds_ratio(m: Measured, base: Measured, data: Dataset) -> Estimate:
    """Multiplications with addition of a forward of one sample over those of the baseline: counted."""
    one = data.batch(base.ids[:1].tolist()).inputs
    counts = [
        subject.multiply_adds(one) if hasattr(subject, "multiply_adds") else None
        for subject in (_subject(m.model, data), _subject(base.model, data))
    ]
    if counts[0] is None or not counts[1]:
        return Estimate.absent("not_measured", "its operators cannot be seen")
    return Estimate.of(counts[0] / counts[1], 1, "counted, not estimated")


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
