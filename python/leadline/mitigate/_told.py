"""A comparison in words, tables and curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadline import _core
from leadline._core import Check, Curve, Estimate, Finding, Remedy, Series, TableBlock
from leadline.mitigate._measures import Measured, all_run_check
from leadline.mitigate.result import MitigationRow

#: Estimates of a row, and which direction is good.
ESTIMATES = {
    "robust_accuracy": "higher",
    "gain": "higher",
    "accuracy": "higher",
    "accuracy_change": "higher",
    "ece_change": "lower",
    "worst_group_change": "higher",
    "explanation_agreement": "neither",
    "cost_ratio": "lower",
    "multiply_adds_ratio": "lower",
    "false_rejections": "lower",
}


def _points(estimate: Estimate) -> str:
    """A change in words: "+12 points (between +3 and +21)"."""
    if not estimate.ok:
        return "an unknown number of points"
    value, lower, upper = (
        None if v is None else f"{round(100 * v):+d}"
        for v in (estimate.value, estimate.lower, estimate.upper)
    )
    return f"{value} points" + ("" if lower is None else f" (between {lower} and {upper})")


def _listed(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]


def _headline(rows: Sequence[MitigationRow], base: Estimate) -> str:
    gains = [row for row in rows if row.outcome == "gains"]
    doubtful = [row.name for row in rows if not row.trusted]
    if gains:
        best = gains[0]
        text = (
            f"'{best.name}' is read correctly under attack in about {100 * best.robust_accuracy.value:.0f} "
            f"of 100 samples, the baseline in {100 * base.value:.0f}: {_points(best.gain)}; when nothing is "
            f"attacked its accuracy changes by {_points(best.accuracy_change)}."
        )
    else:
        text = "No mitigation is shown to withstand the attack better than the baseline."
    if doubtful:
        text += f" What is measured of {_listed(doubtful)} is not to be trusted: the attack on it failed its checks."
    return text


def _cost(ratio: Estimate) -> str:
    if not ratio.ok or ratio.lower is None or ratio.upper is None:
        return "cost unknown"
    if ratio.lower <= 1 <= ratio.upper:
        return "at about the same cost"
    return f"at {ratio.value:.1f} times the cost"


def _consequence(rows: Sequence[MitigationRow]) -> str:
    gains = [row for row in rows if row.outcome == "gains"]
    if not gains:
        return "An attacker who knows the mitigation gets about as far as without it."
    prices = [
        f"{row.name}: {_points(row.accuracy_change)} of accuracy, " + _cost(row.cost_ratio)
        for row in gains
    ]
    return "What a gain costs: " + "; ".join(prices) + "."


def _remedies(rows: Sequence[MitigationRow]) -> list[Remedy]:
    found = []
    if any(not row.trusted for row in rows):
        found.append(
            Remedy(
                "Give the defence a gradient that sees through it and compare again; until then take it "
                "for no defence.",
                "mitigate.Transformed(net, transform, stand_in_gradient=True)",
            )
        )
    gains = [row for row in rows if row.outcome == "gains"]
    if gains:
        found.append(
            Remedy(
                f"Judge '{gains[0].name}' by the published protocol, and by a proof, before relying on it.",
                "robustness.AutoAttack(threat).evaluate(model, data)",
            )
        )
    else:
        found.append(
            Remedy(
                "Train against the attack that matters: it is the one mitigation that held in the literature.",
                "mitigate.PgdTraining(threat).fit(net, data, epochs=..., optimizer=...)",
            )
        )
    return found


def _table(rows: Sequence[MitigationRow], base: Measured, robust: Estimate) -> TableBlock:
    none = None
    head = [base.name, robust, none, none, Estimate.rate(int(base.correct.sum()), len(base.ids))]
    body: list[list[Any]] = [[*head, *6 * [none], "baseline"]]
    for row in rows:
        body.append(
            [
                row.name,
                row.robust_accuracy,
                row.gain,
                row.gain.facts["p_holm"],
                row.accuracy,
                row.accuracy_change,
                row.ece_change,
                row.worst_group_change,
                row.explanation_agreement,
                row.cost_ratio,
                row.multiply_adds_ratio if row.multiply_adds_ratio.ok else none,
                row.outcome,
            ]
        )
    columns = ["model", "under attack", "gain", "p (Holm)", "accuracy", "change of accuracy"]
    columns += ["change of ECE", "change of worst group", "explanations agree"]
    columns += ["time ratio", "multiply-adds ratio"]
    return TableBlock(
        "Benefit and price",
        [*columns, "outcome"],
        body,
        note="Changes are model minus baseline on the same samples. A gain that is not to be trusted "
        "is one that the attack did not get through to. The ECE of a model that rejects is over what it "
        "accepts.",
    )


def _belief(rows: Sequence[MitigationRow]) -> TableBlock:
    return TableBlock(
        "How the attack saw through each",
        ["model", "adaptive attack", "checks that failed"],
        [[r.name, r.adaptive, ", ".join(c.name for c in r.doubts) or "none"] for r in rows],
    )


def _by_budget(measured: Sequence[Measured], budgets: Sequence[float], level: float) -> Curve:
    series = []
    for m in measured:
        points = [Estimate.rate(int(m.correct.sum()), len(m.ids), level=level)]
        points += [Estimate.rate(int(m.robust(e).sum()), len(m.ids), level=level) for e in budgets]
        series.append(
            Series(
                m.name,
                [0.0, *budgets],
                [p.value for p in points],
                lower=[float(p.lower or 0) for p in points],
                upper=[float(p.upper or 0) for p in points],
            )
        )
    return Curve(
        "Accuracy under attack",
        series,
        x_label="budget (input units)",
        y_label="share read correctly",
        level=level,
    )


def _trade(rows: Sequence[MitigationRow], level: float) -> Curve:
    series = [
        Series(
            row.name + ("" if row.trusted else " (not to be trusted)"),
            [row.accuracy_change.value],
            [row.gain.value],
            lower=[float(row.gain.lower or 0)],
            upper=[float(row.gain.upper or 0)],
            style="points",
        )
        for row in rows
        if row.accuracy_change.ok
    ]
    return Curve(
        "Benefit against price",
        series,
        x_label="change of accuracy when nothing is attacked",
        y_label="change of accuracy under attack",
        level=level,
    )


def overview(
    rows: Sequence[MitigationRow],
    measured: Sequence[Measured],
    budgets: Sequence[float],
    level: float,
) -> Finding:
    """What is best, the table and the curves; the baseline is the first of `measured`."""
    base = measured[0]
    robust = Estimate.rate(int(base.robust(budgets[-1]).sum()), len(base.ids), level=level)
    finding = Finding(headline=_headline(rows, robust), consequence=_consequence(rows))
    finding.add(
        "baseline_robust_accuracy", robust, better="higher", label="share right under attack"
    )
    for remedy in _remedies(rows):
        finding.add_remedy(remedy)
    finding.add_block(_table(rows, base, robust))
    finding.add_block(_belief(rows))
    finding.add_block(_by_budget(measured, budgets, level))
    finding.add_block(_trade(rows, level))
    for m in measured:
        for why in m.not_run:
            finding.warn(f"'{m.name}' was attacked with less: {why}")
    return finding


def row_finding(row: MitigationRow, measured: Measured, base: Sequence[Check]) -> Finding:
    """One mitigation: its estimates, and the checks that its gain rests on."""
    finding = Finding(
        headline=f"Under attack '{row.name}' is read correctly in about "
        f"{100 * row.robust_accuracy.value:.0f} of 100 samples: {_points(row.gain)} against the "
        f"baseline, with p = {row.gain.facts['p_holm']:.2g} after Holm's correction.",
        consequence=f"When nothing is attacked its accuracy changes by {_points(row.accuracy_change)}.",
    )
    for name, better in ESTIMATES.items():
        estimate = getattr(row, name)
        if estimate.ok:
            finding.add(name, estimate, better=better)
    own = [
        c
        for c in row.doubts[: len(row.doubts) - len(base)]
        if c is not measured.carried and c.name != "all_attacks_run"
    ]
    finding.add_check(
        _belief_check("attack_can_be_believed", own, ["headline", "robust_accuracy", "gain"])
    )
    finding.add_check(_belief_check("baseline_can_be_believed", base, ["headline", "gain"]))
    finding.add_check(all_run_check(measured))
    if measured.carried is not None:
        finding.add_check(measured.carried)
    return finding


def _belief_check(name: str, failed: Sequence[Check], covers: list[str]) -> Check:
    return Check(
        name,
        "fail" if failed else "pass",
        why="; ".join(f"{c.name}: {c.why}" for c in failed)
        or "no check of the attack failed, with one Holm correction over all models",
        remedy=failed[0].remedy if failed else "",
        applies_to=covers,
    )


class _Run(_core.ProbeRun):
    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding

    def next_pass(self) -> None:
        return None

    def finish(self, session: Any) -> Finding:
        return self._finding


class Told(_core.Probe):
    """A finding that is made already, as a probe: gives it a report with provenance."""

    def __init__(self, finding: Finding, question: str) -> None:
        super().__init__()
        self._finding, self._question = finding, question

    def info(self) -> Any:
        """Name and question."""
        return {"name": "mitigation", "question": self._question, "access": "labels"}

    def start(self, session: Any) -> Any:
        """The run that gives the finding."""
        return _Run(self._finding)
