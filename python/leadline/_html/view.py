"""What the templates show, made from a report's JSON."""

from __future__ import annotations

import math
from typing import Any

from . import section, words

Json = dict[str, Any]

N_ALONE = 3  # headlines in the contrast box

#: Provenance that the first page shows, with its name in plain words; the first key present counts.
IDENTITY = (
    ("Model", ("model.name",)),
    ("Data", ("data.test.name", "data.name")),
    ("Samples", ("data.test.size", "data.size")),
    ("Task", ("model.task", "task")),
    ("Suite", ("suite",)),
    ("Seed", ("seed",)),
    ("Device", ("device",)),
    ("Library", ("leadline.version",)),
)
ORDER = ("not_met", "doubtful", "undecided", "not_measured", "no_limit", "met")


def summary(report: Json) -> Json:
    """What page one and the notebook share."""
    facts = {entry["name"]: entry["value"] for entry in report["provenance"]}
    identity = []
    for label, keys in IDENTITY:
        value = next((facts[key] for key in keys if facts.get(key)), None)
        if value is not None:
            value = words.number(int(value)) if label == "Samples" and value.isdigit() else value
            identity.append({"label": label, "value": value})
    counts = words.count_of(verdict["outcome"] for verdict in report["verdicts"])
    return {
        "title": words.title(report),
        "kind": report["kind"],
        "created": words.moment(report["created"]),
        "partial": report["partial"],
        "partial_why": report["partial_why"],
        "identity": identity,
        "counts": [
            {"outcome": name, "text": text, "n": counts.get(name, 0)}
            for name, text in words.OUTCOMES.items()
        ],
        "limits": words.limits(report),
        "timing": report["policy"]["timing"] if report["policy"] else None,
        "verdicts": [_verdict(report, verdict) for verdict in report["verdicts"]],
        "questions": [
            section.question_view(report, i, f) for i, f in enumerate(report["findings"], start=1)
        ],
    }


def page(report: Json) -> Json:
    """The whole page."""
    made = summary(report)
    made.update(
        contrast=_contrast(report),
        gaps=[_gap(report, gap) for gap in words.gaps(report)],
        doubts=_doubts(report),
        findings=[
            section.section_view(report, i, f) for i, f in enumerate(report["findings"], start=1)
        ],
        policy=report["policy"],
        provenance=report["provenance"],
        costs=_costs(report),
        schema=report["schema"],
    )
    return made


def alone(finding: Json) -> Json:
    """A finding that is not part of a report."""
    nowhere = {"verdicts": [], "findings": [finding]}
    return {
        "title": words.question_of(finding),
        "section": section.section_view(nowhere, None, finding),
    }


def _anchor(report: Json, finding: Json) -> str:
    return f"finding-{report['findings'].index(finding) + 1}"


def _verdict(report: Json, verdict: Json) -> Json:
    requirement = verdict["requirement"]
    named = words.full_names(report).get(requirement["estimate"], (None, None))[1]
    unit = named["unit"] if named else ""
    estimate = verdict["estimate"]
    measured, interval = words.measured(estimate, unit) if estimate else ("", "")
    label = named["label"] if named else ""
    owner = words.owner_of(report, requirement["estimate"])
    return {
        "outcome": verdict["outcome"],
        "text": words.OUTCOMES[verdict["outcome"]],
        "name": requirement["name"] or label or requirement["estimate"],
        "estimate": requirement["estimate"],
        "limit": words.requirement_text(requirement, unit),
        "reason": words.ended(requirement["reason"]),
        "measured": measured,
        "interval": interval,
        "between": words.between(interval) if interval else "",
        "why": words.sentence(verdict["why"]),
        "more": None if verdict["more_samples"] is None else words.number(verdict["more_samples"]),
        "anchor": _anchor(report, owner) if owner else None,
    }


def _contrast(report: Json) -> Json | None:
    alone = words.accuracy_alone(report)
    if not alone:
        return None
    says = []
    outcomes = words.count_of(verdict["outcome"] for verdict in report["verdicts"])
    if report["verdicts"]:
        parts = [
            f"{outcomes[key]} {text}" for key, text in words.OUTCOMES.items() if key in outcomes
        ]
        n = len(report["verdicts"])
        says.append(f"Of {n} limit{'s' if n > 1 else ''}: {', '.join(parts)}.")
    lights = [(words.light_of(report, finding), finding) for finding in report["findings"]]
    worrying = [
        (light, finding)
        for light, finding in lights
        if light in ("not_met", "doubtful", "undecided")
    ]
    worrying.sort(key=lambda pair: ORDER.index(pair[0]))
    for light, finding in worrying[:N_ALONE]:
        prefix = "Not to be trusted: " if light == "doubtful" else ""
        says.append(prefix + words.headline(finding))
    if not worrying:
        plain = words.plain_accuracy(report)
        told = [
            words.headline(finding)
            for light, finding in lights
            if light != "not_measured"
            and finding["consequence"]
            and all(named["estimate"] is not plain for named in finding["estimates"])
        ]
        says += told[:N_ALONE]
    missing = sum(light == "not_measured" for light, _ in lights)
    if missing:
        says.append(
            f"{missing} question{'s have' if missing > 1 else ' has'} no answer, "
            f"out of {len(lights)} asked."
        )
    if not says:
        says.append("Every question has an answer that no check speaks against.")
    return {"alone": alone, "says": says}


def _gap(report: Json, gap: Json) -> Json:
    finding = gap["finding"]
    return {
        "what": gap["what"],
        "why": gap["why"],
        "remedies": [section.remedy_view(remedy) for remedy in finding["remedies"]]
        if finding
        else [],
        "anchor": _anchor(report, finding) if finding else None,
    }


def _doubts(report: Json) -> list[Json]:
    found = []
    for finding in report["findings"]:
        labels = {named["name"]: named["label"] or named["name"] for named in finding["estimates"]}
        for check in words.failed_checks(finding):
            every = not check["applies_to"] or "*" in check["applies_to"]
            covers = [labels.get(n, n) for n in check["applies_to"] if n != "headline"]
            found.append(
                {
                    "question": words.question_of(finding),
                    "anchor": _anchor(report, finding),
                    "name": words.check_name(check["name"]),
                    "why": check["why"],
                    "remedy": words.sentence(check["remedy"]),
                    "covers": "every number of this answer" if every else "; ".join(covers),
                }
            )
    return found


def _costs(report: Json) -> list[Json]:
    seconds = [float(finding["cost"]["seconds"]) for finding in report["findings"]]
    top = max((value for value in seconds if math.isfinite(value)), default=0.0) or 1.0
    return [
        {
            "probe": finding["probe"],
            "share": round(min(value / top, 1.0) * 100, 1),
            **section.cost_view(finding),
        }
        for finding, value in zip(report["findings"], seconds, strict=True)
    ]
