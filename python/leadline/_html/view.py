"""What the templates show, made from a report's JSON."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from . import grid, picture, plot, words

Json = dict[str, Any]

N_SHOWN = 12  # estimates, flags: the rest unfold
N_ALONE = 3  # headlines in the contrast box
SMALL = 96  # pixels up to which a picture is enlarged without smoothing

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


def moment(text: str) -> str:
    """ISO 8601 as "21 November 2026, 10:00 UTC"; other text as it is."""
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    zone = " UTC" if when.utcoffset() is not None and not when.utcoffset() else ""
    return f"{when.day} {when:%B %Y, %H:%M}{zone}"


def summary(report: Json) -> Json:
    """What page one and the notebook share."""
    facts = {entry["name"]: entry["value"] for entry in report["provenance"]}
    identity = []
    for label, keys in IDENTITY:
        value = next((facts[key] for key in keys if facts.get(key)), None)
        if value is not None:
            identity.append({"label": label, "value": value})
    counts = words.count_of(verdict["outcome"] for verdict in report["verdicts"])
    return {
        "title": report["title"] or "Report",
        "kind": report["kind"],
        "created": moment(report["created"]),
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
        "questions": [_question(report, i, f) for i, f in enumerate(report["findings"], start=1)],
    }


def page(report: Json) -> Json:
    """The whole page."""
    made = summary(report)
    made.update(
        contrast=_contrast(report),
        gaps=[_gap(report, gap) for gap in words.gaps(report)],
        doubts=_doubts(report),
        findings=[_section(report, i, f) for i, f in enumerate(report["findings"], start=1)],
        policy=report["policy"],
        provenance=report["provenance"],
        costs=_costs(report),
        schema=report["schema"],
    )
    return made


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
        "reason": requirement["reason"],
        "measured": measured,
        "interval": interval,
        "why": verdict["why"],
        "more": None if verdict["more_samples"] is None else words.number(verdict["more_samples"]),
        "anchor": _anchor(report, owner) if owner else None,
    }


def _question(report: Json, index: int, finding: Json) -> Json:
    light = words.light_of(report, finding)
    failed = finding["status"] == "failed"
    return {
        "light": light,
        "text": "Could not be measured" if failed else words.LIGHTS[light],
        "question": words.question_of(finding),
        "headline": words.headline(finding),
        "consequence": finding["consequence"],
        "remedies": [_remedy(remedy) for remedy in finding["remedies"]],
        "doubts": [] if light == "not_measured" else words.failed_checks(finding),
        "anchor": f"finding-{index}",
    }


def _remedy(remedy: Json) -> Json:
    call = remedy["call"]
    is_page = call.startswith(("https://", "http://"))
    return {
        "text": remedy["text"],
        "call": "" if is_page else call,
        "page": call if is_page else "",
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
        says.append(f"All {len(lights)} questions have an answer, and no check failed.")
    return {"alone": alone, "says": says}


def _gap(report: Json, gap: Json) -> Json:
    finding = gap["finding"]
    return {
        "what": gap["what"],
        "why": gap["why"],
        "remedies": [_remedy(remedy) for remedy in finding["remedies"]] if finding else [],
        "anchor": _anchor(report, finding) if finding else None,
    }


def _doubts(report: Json) -> list[Json]:
    found = []
    for finding in report["findings"]:
        labels = {named["name"]: named["label"] or named["name"] for named in finding["estimates"]}
        for check in words.failed_checks(finding):
            every = "*" in check["applies_to"]
            covers = [labels.get(name, name) for name in check["applies_to"]]
            found.append(
                {
                    "question": words.question_of(finding),
                    "anchor": _anchor(report, finding),
                    "name": words.spaced(check["name"]),
                    "why": check["why"],
                    "remedy": check["remedy"],
                    "covers": "every number of this answer" if every else "; ".join(covers),
                }
            )
    return found


def _section(report: Json, index: int, finding: Json) -> Json:
    made = _question(report, index, finding)
    blocks = [_block(block) for block in finding["blocks"]]
    order = {"fail": 0, "not_run": 1, "pass": 2}
    checks = sorted(finding["checks"], key=lambda check: order[check["result"]])
    exhibits = [block for block in blocks if block["type"] == "exhibit"]
    shown = {e["id"] for e in exhibits}
    made.update(
        index=index,
        probe=finding["probe"],
        kind=finding["kind"],
        estimates=_estimates(report, finding),
        n_shown=N_SHOWN,
        checks=[_check(check) for check in checks],
        blocks=[block for block in blocks if block["type"] != "exhibit"],
        exhibits=exhibits,
        flags=[
            {
                "id": flag["id"] if flag["id"] >= 0 else "–",
                "reason": flag["reason"],
                "severity": words.number(flag["severity"], 3),
                "pictured": flag["id"] in shown,
            }
            for flag in finding["flags"]
        ],
        warnings=finding["warnings"],
        options=finding["options"],
        cost=_cost(finding),
    )
    return made


def _estimates(report: Json, finding: Json) -> list[Json]:
    scales = {}
    for unit in {named["unit"] for named in finding["estimates"]}:
        same = [named for named in finding["estimates"] if named["unit"] == unit]
        scales[unit] = plot.bar_scale(same)
    limits: dict[str, list[float]] = {}
    for verdict in report["verdicts"]:
        requirement = verdict["requirement"]
        limits.setdefault(requirement["estimate"], []).append(float(requirement["limit"]))
    rows = []
    for named in finding["estimates"]:
        full = f"{finding['probe']}.{named['name']}"
        rows.append(_estimate(finding, named, full, scales[named["unit"]], limits.get(full, [])))
    return rows


def _estimate(
    finding: Json, named: Json, full: str, scale: tuple[float, float] | None, limits: list[float]
) -> Json:
    estimate = named["estimate"]
    ok = estimate["status"] == "ok"
    value, interval = words.measured(estimate, named["unit"])
    label = named["label"] or named["name"]
    spoken = f"{label}: {value}" + (f", between {interval}" if interval else "")
    percent = f"{float(estimate['level']) * 100:g}"
    method = words.spaced(estimate["method"])
    facts = [f"{words.spaced(k)} {words.number(v)}" for k, v in estimate["facts"].items()]
    bound = words.real(estimate["error_bound"]) or 0.0
    if bound > 0:
        facts.append(f"numerical error at most {words.number(bound, 2)}")
    return {
        "label": label,
        "full": full,
        "ok": ok,
        "value": value,
        "interval": interval,
        "level": percent,
        "method": method,
        "n": words.number(estimate["n"]),
        "why": estimate["why"],
        "better": named["better"],
        "facts": facts,
        "doubts": [words.spaced(c["name"]) for c in words.failed_checks(finding, named["name"])],
        "bar": plot.interval_bar(estimate, scale, limits, spoken) if ok and scale else None,
    }


def _check(check: Json) -> Json:
    evidence = check["evidence"]
    seen = ""
    if evidence is not None:
        value, interval = words.measured(evidence)
        seen = value + (f", between {interval}" if interval else "")
    return {
        "name": words.spaced(check["name"]),
        "result": check["result"],
        "text": {"pass": "passed", "fail": "failed", "not_run": "not run"}[check["result"]],
        "why": check["why"],
        "remedy": check["remedy"] if check["result"] != "pass" else "",
        "evidence": seen,
        "p_value": None if check["p_value"] is None else words.number(check["p_value"], 2),
    }


def _cost(finding: Json) -> Json:
    cost = finding["cost"]
    peak = words.measured({"value": cost["peak_bytes"], "lower": None, "upper": None}, "bytes")
    return {
        "seconds": words.duration(float(cost["seconds"])),
        "forwards": words.number(cost["forwards"]),
        "backwards": words.number(cost["backwards"]),
        "peak": peak[0] if cost["peak_bytes"] else "–",
    }


def _costs(report: Json) -> list[Json]:
    seconds = [float(finding["cost"]["seconds"]) for finding in report["findings"]]
    top = max((value for value in seconds if math.isfinite(value)), default=0.0) or 1.0
    return [
        {
            "probe": finding["probe"],
            "share": round(min(value / top, 1.0) * 100, 1),
            **_cost(finding),
        }
        for finding, value in zip(report["findings"], seconds, strict=True)
    ]


def _block(block: Json) -> Json:
    if block["type"] == "curve":
        return plot.curve(block)
    if block["type"] == "grid":
        return grid.grid(block)
    if block["type"] == "table":
        return _table(block)
    return _exhibit(block)


def _table(block: Json) -> Json:
    numeric = [
        all(not isinstance(row[j], str) for row in block["rows"])
        for j in range(len(block["columns"]))
    ]
    rows = [[_cell(cell) for cell in row] for row in block["rows"]]
    return {"type": "table", "block": block, "rows": rows, "numeric": numeric}


def _cell(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dict):
        if "number" in cell:
            return words.number(cell["number"])
        value, interval = words.measured(cell["estimate"])
        return f"{value} ({interval})" if interval else value
    return words.number(cell)


def _exhibit(block: Json) -> Json:
    made = {
        "type": "exhibit",
        "kind": block["kind"],
        "id": block["id"],
        "title": block["title"],
        "caption": block["caption"],
    }
    if block["kind"] == "image":
        made["pictures"] = _pictures(block)
        made["signed"] = any(p["signed"] for p in made["pictures"])
        return made
    weights = picture.scaled(block["overlay"]).tolist() if block["overlay"] else []
    made["signed"] = bool(weights)
    values = block["values"]
    made["parts"] = [
        {
            "label": label,
            "value": values[i] if i < len(values) else "",
            "weight": round(weights[i], 3) if i < len(weights) else None,
            "shown": words.number(block["overlay"][i], 2) if i < len(weights) else "",
        }
        for i, label in enumerate(block["labels"])
    ]
    return made


def _pictures(block: Json) -> list[Json]:
    images, labels = block["images"], block["labels"]
    made = []

    def add(pixels: picture.Pixels, label: str, signed: bool = False) -> None:
        height, width = pixels.shape[:2]
        about = f"{label or 'picture'}, {block['title']}".strip(", ")
        made.append(
            {
                "uri": picture.uri(pixels),
                "label": label,
                "alt": f"{about} ({width} by {height} pixels)",
                "small": max(width, height) <= SMALL,
                "width": width,
                "height": height,
                "signed": signed,
            }
        )

    for i, image in enumerate(images):
        add(picture.pixels_of(image), labels[i] if i < len(labels) else "")
    if len(images) == 2 and _same_shape(*images):
        pixels, largest = picture.difference(*images)
        add(pixels, f"difference, at most {largest} of 255", signed=True)
    if images and len(block["overlay"]) == images[0]["height"] * images[0]["width"]:
        add(picture.overlay(images[0], block["overlay"]), "what counted", signed=True)
    return made


def _same_shape(first: Json, second: Json) -> bool:
    return all(first[key] == second[key] for key in ("height", "width"))
