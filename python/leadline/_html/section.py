"""One finding as the templates show it: its answer, its numbers, its checks, its cost."""

from __future__ import annotations

import re
from typing import Any

from . import plot, words
from .block import block_view

Json = dict[str, Any]

N_SHOWN = 12  # estimates, flags: the rest unfold


def question_view(report: Json, index: int, finding: Json) -> Json:
    light = words.light_of(report, finding)
    failed = finding["status"] == "failed"
    return {
        "light": light,
        "text": "Could not be measured" if failed else words.LIGHTS[light],
        "question": words.question_of(finding),
        "headline": words.headline(finding),
        "why": words.sentence(finding["why"]),
        "consequence": finding["consequence"],
        "remedies": [remedy_view(remedy) for remedy in finding["remedies"]],
        "doubts": [] if light == "not_measured" else words.headline_doubts(finding),
        "beside": words.doubted_beside(finding),
        "anchor": f"finding-{index}",
    }


def remedy_view(remedy: Json) -> Json:
    call = remedy["call"]
    is_page = call.startswith(("https://", "http://"))
    return {
        "text": words.sentence(remedy["text"]),
        "call": "" if is_page else call,
        "page": call if is_page else "",
    }


def section_view(report: Json, index: int | None, finding: Json) -> Json:
    """`index`: its number in the report; None where it stands alone."""
    made = question_view(report, index or 1, finding)
    blocks = [block_view(block) for block in finding["blocks"]]
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
                "pictured": flag["id"] in shown,
            }
            for flag in finding["flags"]
        ],
        warnings=finding["warnings"],
        options=finding["options"],
        cost=cost_view(finding),
    )
    return made


def _estimates(report: Json, finding: Json) -> list[Json]:
    scales = _scales(finding["estimates"])
    limits: dict[str, list[float]] = {}
    for verdict in report["verdicts"]:
        requirement = verdict["requirement"]
        limits.setdefault(requirement["estimate"], []).append(float(requirement["limit"]))
    rows = []
    for named in finding["estimates"]:
        probe = finding["probe"]  # empty for a metric by itself
        full = f"{probe}.{named['name']}" if probe else named["name"]
        scale = scales[_kind_of(named)]
        rows.append(_estimate(finding, named, full, scale, limits.get(full, [])))
    return rows


def _kind_of(named: Json) -> tuple[str, str]:
    """What shares a scale: a unit; without one, the same quantity at its settings and slices."""
    unit = str(named["unit"])
    return (unit, "") if unit else ("", re.split(r"[{@]", named["name"])[0])


def _scales(estimates: list[Json]) -> dict[tuple[str, str], tuple[float, float] | None]:
    """The scale of each kind; [0, 1] for those that lie inside it and have no unit."""
    scales = {}
    for kind in {_kind_of(named) for named in estimates}:
        same = [named for named in estimates if _kind_of(named) == kind]
        same = [named for named in same if named["estimate"]["lower"] is not None] or same
        scales[kind] = plot.bar_scale(same)
    return scales


def _estimate(
    finding: Json, named: Json, full: str, scale: tuple[float, float] | None, limits: list[float]
) -> Json:
    estimate = named["estimate"]
    ok = estimate["status"] == "ok"
    value, interval = words.measured(estimate, named["unit"])
    label = named["label"] or named["name"]
    spoken = f"{label}: {value}" + (f", {words.between(interval)}" if interval else "")
    drawn = ok and (interval or limits)  # a fact of the run is no place on a line
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
        "doubts": [
            words.check_name(c["name"]) for c in words.failed_checks(finding, named["name"])
        ],
        "bar": plot.interval_bar(estimate, scale, limits, spoken) if drawn and scale else None,
    }


def _check(check: Json) -> Json:
    evidence = check["evidence"]
    told = check["p_value"] is None or "p = " in check["why"]
    seen = ""
    if evidence is not None:
        value, interval = words.measured(evidence)
        seen = value + (f", {words.between(interval)}" if interval else "")
    return {
        "name": words.check_name(check["name"]),
        "result": check["result"],
        "text": {"pass": "passed", "fail": "failed", "not_run": "not run"}[check["result"]],
        "why": check["why"],
        "remedy": words.sentence(check["remedy"]) if check["result"] != "pass" else "",
        "evidence": seen,
        "p_value": None if told else words.number(check["p_value"], 2),
    }


def cost_view(finding: Json) -> Json:
    cost = finding["cost"]
    peak = words.measured({"value": cost["peak_bytes"], "lower": None, "upper": None}, "bytes")
    return {
        "seconds": words.duration(float(cost["seconds"])),
        "forwards": words.number(cost["forwards"]),
        "backwards": words.number(cost["backwards"]),
        "peak": peak[0] if cost["peak_bytes"] else "–",
    }
