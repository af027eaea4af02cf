"""What a report says in plain words. ``src/report/words.cpp`` says the same in Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

Json = dict[str, Any]

#: How a finding can stand: symbol and words. A colour of judgement only where somebody set a limit.
LIGHTS = {
    "met": "Limit met",
    "not_met": "Limit not met",
    "undecided": "Undecided",
    "no_limit": "Measured, no limit set",
    "doubtful": "Not to be trusted",
    "not_measured": "Not measured",
}
OUTCOMES = {
    "met": "met",
    "not_met": "not met",
    "undecided": "undecided",
    "not_measured": "not measured",
}
COMPARISONS = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}


def spaced(name: str) -> str:
    """``not_measured`` -> ``not measured``."""
    return name.replace("_", " ")


def check_name(name: str) -> str:
    """``enough_samples{ood=digits}`` -> ``enough samples (ood: digits)``."""
    base, brace, settings = name.partition("{")
    if not brace or not settings.endswith("}"):
        return spaced(name)
    return f"{spaced(base)} ({settings[:-1].replace('=', ': ').replace(',', ', ')})"


def ordinal(n: int) -> str:
    """2nd, 3rd, 11th."""
    if n % 100 in (11, 12, 13):
        return f"{n}th"
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th') }"


def ended(text: str) -> str:
    """With a full stop at the end."""
    return text if not text or text[-1] in ".!?" else text + "."


def sentence(text: str) -> str:
    """With a capital at the beginning and a full stop at the end."""
    return ended(text[:1].upper() + text[1:])


def moment(text: str) -> str:
    """ISO 8601 as "21 November 2026, 10:00 UTC"; other text as it is."""
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    zone = " UTC" if when.utcoffset() is not None and not when.utcoffset() else ""
    return f"{when.day} {when:%B %Y, %H:%M}{zone}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def real(value: Any) -> float | None:
    """A number of the JSON: infinities are strings there, null is no value."""
    if value is None:
        return None
    return float(value)  # float("-inf") reads the strings


def number(value: Any, digits: int = 4) -> str:
    """Significant digits; integers whole, in groups of three from five digits on."""
    x = real(value)
    if x is None or math.isnan(x):
        return "–"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if x == math.floor(x) and abs(x) < 1e15:
        text = f"{x:.0f}" if abs(x) < 1e4 else f"{x:,.0f}".replace(",", "\u202f")
    else:
        text = f"{x:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}"
    return text.replace("-", "−")


_SCALES = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "bytes": ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "bytes")),
}


def scale_of(unit: str, value: float) -> tuple[float, str]:
    """Divisor and name of the unit that shows ``value`` with few digits."""
    scales = _SCALES.get(unit)
    if scales is None:
        return 1.0, unit
    for factor, name in scales:
        if abs(value) >= factor:
            return factor, name
    return scales[0] if value == 0 else scales[-1]


def decimals_for(value: float, lower: float | None, upper: float | None) -> int | None:
    """Decimals that show the interval with two significant digits; None where none fits."""
    if lower is None or upper is None or not math.isfinite(upper - lower) or upper <= lower:
        return None
    width = (upper - lower) / 2
    if abs(value) >= 1e7 or width < 1e-7:
        return None
    return max(0, min(6, 1 - math.floor(math.log10(width))))


def measured(estimate: Json, unit: str = "") -> tuple[str, str]:
    """Value and interval as text: ("0.912", "0.906 to 0.918"); the second may be empty."""
    value = real(estimate["value"])
    if value is None:
        return spaced(estimate["status"]), ""
    factor, name = scale_of(unit, value)
    lower, upper = (real(estimate[end]) for end in ("lower", "upper"))
    decimals = decimals_for(
        value / factor,
        None if lower is None else lower / factor,
        None if upper is None else upper / factor,
    )

    def show(x: float) -> str:
        if decimals is None or not math.isfinite(x):
            return number(x / factor)
        return f"{x / factor:.{decimals}f}".replace("-", "−")

    suffix = f"\u00a0{name}" if name else ""
    interval = "" if lower is None or upper is None else f"{show(lower)} to {show(upper)}"
    return show(value) + suffix, interval


def between(interval: str) -> str:
    """The second text of `measured` in a sentence: "between 0.906 and 0.918"."""
    return "between " + interval.replace(" to ", " and ")


def full_names(report: Json) -> dict[str, tuple[Json, Json]]:
    """Full name of each estimate -> its finding and entry."""
    return {
        f"{finding['probe']}.{named['name']}": (finding, named)
        for finding in report["findings"]
        for named in finding["estimates"]
    }


def owner_of(report: Json, full_name: str) -> Json | None:
    """The finding whose estimate a full name means; the longest probe id wins."""
    fitting = [f for f in report["findings"] if full_name.startswith(f["probe"] + ".")]
    return max(fitting, key=lambda f: len(f["probe"]), default=None)


def failed_checks(finding: Json, local_name: str | None = None) -> list[Json]:
    """The failed checks of a finding, or those that cover one estimate."""
    failed = [check for check in finding["checks"] if check["result"] == "fail"]
    if local_name is None:
        return failed
    return [c for c in failed if not c["applies_to"] or {"*", local_name} & set(c["applies_to"])]


def _without_settings(name: str) -> str:
    """``accuracy{eps=0.1}@sex=f`` -> ``accuracy@sex=f``."""
    return re.sub(r"\{[^}]*\}", "", name, count=1)


def headline_doubts(finding: Json) -> list[Json]:
    """The failed checks that speak against the headline: those of the whole finding, of "headline",
    and of the first estimate at any of its settings, for that is what a headline reads."""
    failed = failed_checks(finding)
    estimates = finding["estimates"]
    if not estimates or estimates[0]["estimate"]["status"] != "ok":
        return failed
    read = {"*", "headline", _without_settings(estimates[0]["name"])}
    return [
        check
        for check in failed
        if not check["applies_to"] or read & {_without_settings(n) for n in check["applies_to"]}
    ]


def doubted_beside(finding: Json) -> str:
    """The doubted estimates in plain words, where the headline is not in doubt."""
    if finding["status"] != "ok" or headline_doubts(finding):
        return ""
    doubted = [
        named["label"] or named["name"]
        for named in finding["estimates"]
        if failed_checks(finding, named["name"])
    ]
    more = [f"{len(doubted) - 3} more"] if len(doubted) > 3 else []
    return "; ".join(doubted[:3] + more)


def light_of(report: Json, finding: Json) -> str:
    """The worst that verdicts, checks and status say of a finding."""
    if finding["status"] != "ok":
        return "not_measured"
    outcomes = {
        verdict["outcome"]
        for verdict in report["verdicts"]
        if owner_of(report, verdict["requirement"]["estimate"]) is finding
    }
    if "not_met" in outcomes:
        return "not_met"
    if headline_doubts(finding):
        return "doubtful"
    if outcomes - {"met"}:
        return "undecided"
    return "met" if outcomes else "no_limit"


def title(report: Json) -> str:
    """The title, else the model and the data."""
    if report["title"]:
        return str(report["title"])
    facts = {entry["name"]: entry["value"] for entry in report["provenance"]}
    model = facts.get("model.name", "")
    data = facts.get("data.test.name", "") or facts.get("data.name", "")
    if not model:
        return "Report"
    return f"{model} on {data}" if data else str(model)


def question_of(finding: Json) -> str:
    return str(finding["question"] or finding["probe"])


def headline(finding: Json) -> str:
    """The headline, or why there is none."""
    if finding["status"] == "ok":
        return finding["headline"] or "No summary was written for this question."
    said = "The measurement failed" if finding["status"] == "failed" else "Not measured"
    return f"{said}: {finding['why']}" if finding["why"] else f"{said}."


def limits(report: Json) -> str:
    """When the limits were set."""
    policy = report["policy"]
    if policy is None and report["verdicts"]:
        return "The limit below belongs to the question that was asked; no policy was set."
    if policy is None:
        return "No limits were set, so this report measures but does not judge."
    name = f" ({policy['name']})" if policy["name"] else ""
    if policy["timing"] == "before":
        when = f", on {moment(policy['locked_at'])}" if policy["locked_at"] else ""
        return f"The limits{name} were set before anyone looked at the results{when}."
    if policy["timing"] == "after":
        return (
            f"The limits{name} were set after the results had been seen. "
            "Limits chosen this way can be fitted to the results."
        )
    return f"It is not known whether the limits{name} were set before the results were seen."


def _because(why: str, status: str) -> str:
    return why or spaced(status)


def gaps(report: Json) -> list[Json]:
    """All that was asked for and not measured: what, why, and the remedies."""
    found = []
    for finding in report["findings"]:
        if finding["status"] != "ok":
            why = _because(finding["why"], finding["status"])
            found.append({"what": question_of(finding), "why": why, "finding": finding})
            continue
        for named in finding["estimates"]:
            estimate = named["estimate"]
            if estimate["status"] != "ok":
                what = named["label"] or f"{finding['probe']}.{named['name']}"
                why = _because(estimate["why"], estimate["status"])
                found.append({"what": what, "why": why, "finding": None})
    known = full_names(report)
    for verdict in report["verdicts"]:
        requirement = verdict["requirement"]
        if verdict["outcome"] == "not_measured" and requirement["estimate"] not in known:
            what = requirement["name"] or requirement["estimate"]
            why = _because(verdict["why"], "not_measured")
            found.append({"what": what, "why": why, "finding": None})
    return found


def in_100(value: float) -> str:
    text = f"{value * 100:.1f}"
    return text[:-2] if text.endswith(".0") else text


def plain_accuracy(report: Json) -> Json | None:
    """The accuracy over all samples and unchanged inputs, if it was measured."""
    known = full_names(report)
    # Where one is "clean", the other "accuracy" beside it is of changed inputs.
    names = ["task.accuracy"]
    names += [
        name for end in (".clean_accuracy", ".accuracy") for name in known if name.endswith(end)
    ]
    for name in names:
        if name in known and known[name][1]["estimate"]["status"] == "ok":
            found: Json = known[name][1]["estimate"]
            return found
    return None


def accuracy_alone(report: Json) -> str:
    """The sentence that a report of accuracy alone would have been; "" where there is none."""
    estimate = plain_accuracy(report)
    if estimate is None:
        return ""
    text = f"{in_100(estimate['value'])} in 100 are right"
    lower, upper = (real(estimate[end]) for end in ("lower", "upper"))
    if lower is not None and upper is not None:
        text += f" (between {in_100(lower)} and {in_100(upper)})"
    return text + "."


def count_of(items: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


def requirement_text(requirement: Json, unit: str = "") -> str:
    """ "at least 0.9 for sex=f"."""
    factor, name = scale_of(unit, float(requirement["limit"]))
    text = (
        f"{COMPARISONS[requirement['comparison']]} {number(float(requirement['limit']) / factor)}"
    )
    if name:
        text += f"\u00a0{name}"
    return text + (f" for {requirement['slice']}" if requirement["slice"] else "")


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
