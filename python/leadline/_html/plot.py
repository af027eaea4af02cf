"""Curves with bands, and the small bars that show intervals."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

from . import words
from .svg import coordinate, log_ticks, nice_ticks, path, tag

Json = dict[str, Any]

WIDTH, HEIGHT = 480, 300
LEFT, RIGHT, TOP, BOTTOM = 54, 12, 12, 46
N_STYLES = 6  # colours and dashes of the style sheet
MAX_MARKERS = 40
MAX_TABLE = 60


class Axis:
    """Maps data to pixels."""

    def __init__(self, low: float, high: float, start: float, end: float, log: bool = False):
        self.log = log
        self.low, self.high = low, high
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.log:
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        share = (value - low) / (high - low)
        return self.start + min(max(share, -0.5), 1.5) * (self.end - self.start)

    def ticks(self) -> list[float]:
        return log_ticks(self.low, self.high) if self.log else nice_ticks(self.low, self.high)


def tick_text(value: float, ticks: list[float]) -> str:
    """Short, and with the same decimals along an axis."""
    largest = max((abs(tick) for tick in ticks), default=0)
    if largest >= 1e5 or (0 < largest < 1e-3):
        return words.number(value, 2)
    steps = [b - a for a, b in zip(ticks, ticks[1:], strict=False)]
    step = min(steps, default=1)
    decimals = 0 if step >= 1 else min(6, math.ceil(-math.log10(step) - 1e-9))
    if decimals and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
        decimals += 1  # a step of 2.5
    text = f"{value:.{decimals}f}"
    if (
        len({round(b / a, 3) for a, b in zip(ticks, ticks[1:], strict=False) if a > 0}) <= 2
        and step < 1
    ):
        text = f"{value:.6g}" if value else "0"
    return text.replace("-", "−")


def _points(series: Json, log: bool) -> list[Json]:
    """The points of a series; `drawn` is False where one lies outside what can be drawn."""
    banded = bool(series["lower"])
    points = []
    for i, x in enumerate(series["x"]):
        point = {"x": words.real(x), "y": words.real(series["y"][i])}
        for end in ("lower", "upper"):
            point[end] = words.real(series[end][i]) if banded else None
        px, py = point["x"], point["y"]
        shown = px is not None and py is not None and math.isfinite(px) and math.isfinite(py)
        drawn = shown and not (log and px is not None and px <= 0)
        points.append({**point, "drawn": drawn})
    return points


def _domain(values: list[float], log: bool, unit_interval: bool) -> tuple[float, float]:
    """Where an axis starts and ends: [0, 1] for shares, else the values with some air."""
    if not values:
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = min(values), max(values)
    if log:
        return (low, high) if high > low else (low / 2, high * 2)
    if unit_interval and low >= 0 and high <= 1 and high - low > 0.25:
        return 0.0, 1.0
    if high == low:
        pad = abs(high) * 0.1 or 1.0
        return low - pad, high + pad
    if low >= 0 and low < 0.35 * high:
        low = 0.0
    step = nice_ticks(low, high)
    unit = step[1] - step[0] if len(step) > 1 else high - low
    return math.floor(low / unit + 1e-9) * unit, math.ceil(high / unit - 1e-9) * unit


def _frame(x: Axis, y: Axis, block: Json) -> list[Markup]:
    parts = []
    x_ticks, y_ticks = x.ticks(), y.ticks()
    for value in y_ticks:
        at = y(value)
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at, class_="rule"))
        text = tick_text(value, y_ticks)
        parts.append(tag("text", text, x=LEFT - 8, y=at + 4, class_="tick", text_anchor="end"))
    for value in x_ticks:
        at, bottom = x(value), HEIGHT - BOTTOM
        parts.append(tag("line", x1=at, x2=at, y1=bottom, y2=bottom + 5, class_="axis"))
        text = words.number(value, 2) if x.log else tick_text(value, x_ticks)
        parts.append(tag("text", text, x=at, y=bottom + 19, class_="tick", text_anchor="middle"))
    bottom = HEIGHT - BOTTOM
    parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=bottom, y2=bottom, class_="axis"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        tag("text", block["x_label"], x=middle, y=HEIGHT - 6, class_="name", text_anchor="middle")
    )
    return parts


def _band(points: list[Json], x: Axis, y: Axis, style: str, shade: str) -> list[Markup]:
    banded = [
        p
        for p in points
        if p["drawn"] and all(p[e] is not None and math.isfinite(p[e]) for e in ("lower", "upper"))
    ]
    if not banded:
        return []
    if style == "points" or len(banded) == 1:
        return [
            tag(
                "path",
                d=f"M{coordinate(x(p['x']))} {coordinate(y(p['lower']))}"
                f"V{coordinate(y(p['upper']))}",
                class_=f"bar {shade}",
            )
            for p in banded
        ]
    upper = path([(x(p["x"]), y(p["upper"])) for p in banded], step=style == "step")
    back = [(x(p["x"]), y(p["lower"])) for p in banded]
    if style == "step":
        corners: list[tuple[float, float]] = []
        for before, after in zip(back, back[1:], strict=False):
            corners += [before, (after[0], before[1])]
        back = [*corners, back[-1]]
    lower = "".join(f"L{coordinate(px)} {coordinate(py)}" for px, py in reversed(back))
    return [tag("path", d=upper + lower + "Z", class_=f"band {shade}")]


#: Outlines around a point. Their number shares no divisor with that of the colours, so that shape and
#: colour together repeat only after 42 series.
SHAPES = (
    "m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0Z",  # circle
    "m-3-3h6v6h-6Z",  # square
    "m0-4l4 7h-8Z",  # triangle
    "m0-4.4l4.4 4.4l-4.4 4.4l-4.4-4.4Z",  # diamond
    "m0 4l4-7h-8Z",  # triangle upside down
    "m-1.4-4.2h2.8v2.8h2.8v2.8h-2.8v2.8h-2.8v-2.8h-2.8v-2.8h2.8Z",  # plus
    "m-2.9-4.9l2.9 2.9l2.9-2.9l2 2l-2.9 2.9l2.9 2.9l-2 2l-2.9-2.9l-2.9 2.9l-2-2l2.9-2.9l-2.9-2.9Z",  # cross
)


def _marker(kind: int, at: tuple[float, float], shade: str) -> Markup:
    """A shape a series, so that colour is never alone."""
    start = f"M{coordinate(at[0])} {coordinate(at[1])}"
    return tag("path", d=start + SHAPES[kind % len(SHAPES)], class_=f"dot {shade}")


def _series(
    index: int, series: Json, points: list[Json], x: Axis, y: Axis, marked: bool
) -> list[Markup]:
    """Lines are `marked` at their points unless other series of the plot are points."""
    shade = f"s{index % N_STYLES}"
    parts = _band(points, x, y, series["style"], shade)
    spots = [(x(p["x"]), y(p["y"])) if p["drawn"] else None for p in points]
    drawn = [spot for spot in spots if spot is not None]
    if series["style"] != "points" and len(drawn) > 1:
        parts.append(
            tag("path", d=path(spots, step=series["style"] == "step"), class_=f"line {shade}")
        )
    if series["style"] == "points" or (marked and len(drawn) <= MAX_MARKERS):
        parts += [_marker(index, spot, shade) for spot in drawn]
    return parts


def _legend_key(index: int, series: Json) -> Markup:
    shade = f"s{index % N_STYLES}"
    line = tag("path", d="M1 7H27", class_=f"line {shade}")
    key = [] if series["style"] == "points" else [line]
    return tag(
        "svg",
        *key,
        _marker(index, (14.0, 7.0), shade),
        viewBox="0 0 28 14",
        class_="key",
        aria_hidden="true",
    )


def _numbers(block: Json, all_points: list[list[Json]]) -> list[Json]:
    tables = []
    for series, points in zip(block["series"], all_points, strict=True):
        step = max(1, math.ceil(len(points) / MAX_TABLE))
        rows = [
            [words.number(point[key]) for key in ("x", "y", "lower", "upper")][
                : 4 if series["lower"] else 2
            ]
            for point in points[::step]
        ]
        head = [block["x_label"] or "x", block["y_label"] or "y"]
        head += ["lower", "upper"] if series["lower"] else []
        tables.append({"name": series["name"], "head": head, "rows": rows, "step": step})
    return tables


def curve(block: Json) -> Json:
    """A curve block ready for the template: SVG, legend, table of numbers, notes."""
    log = block["log_x"]
    all_points = [_points(series, log) for series in block["series"]]
    drawn = [point for points in all_points for point in points if point["drawn"]]
    ends = [p[e] for p in drawn for e in ("y", "lower", "upper")]
    ys = [value for value in ends if value is not None and math.isfinite(value)]
    xs = [point["x"] for point in drawn]
    if block["diagonal"]:
        xs, ys = [*xs, 0.0, 1.0], [*ys, 0.0, 1.0]
    x = Axis(*_domain_x(xs, log), LEFT + 6, WIDTH - RIGHT - 6, log)
    y = Axis(*_domain(ys, False, True), HEIGHT - BOTTOM, TOP)
    parts = _frame(x, y, block)
    if block["diagonal"]:
        low, high = max(x.low, y.low), min(x.high, y.high)
        ideal = path([(x(low), y(low)), (x(high), y(high))])
        parts.append(tag("path", d=ideal, class_="ideal"))
    drawn_series = list(enumerate(zip(block["series"], all_points, strict=True)))
    scattered = any(series["style"] == "points" for series in block["series"])
    for index, (series, points) in sorted(drawn_series, key=lambda s: s[1][0]["style"] == "points"):
        parts += _series(index, series, points, x, y, marked=not scattered)
    spoken = f"{block['title']}: {block['y_label']} against {block['x_label']}"
    return {
        "type": "curve",
        "block": block,
        "svg": tag(
            "svg",
            tag("title", spoken),
            *parts,
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            class_="plot",
            role="img",
            aria_label=spoken,
        ),
        "legend": [
            {"name": series["name"], "key": _legend_key(index, series)}
            for index, series in enumerate(block["series"])
        ],
        "banded": any(series["lower"] for series in block["series"]),
        "numbers": _numbers(block, all_points),
        "n_outside": sum(not point["drawn"] for points in all_points for point in points),
    }


def _domain_x(values: list[float], log: bool) -> tuple[float, float]:
    """The x axis ends where the data end."""
    if not values or log or max(values) == min(values):
        return _domain(values, log, False)
    return min(values), max(values)


def bar_scale(estimates: list[Json]) -> tuple[float, float] | None:
    """The common scale of intervals in one unit: [0, 1] where all are shares."""
    values = [
        value
        for named in estimates
        for end in ("value", "lower", "upper")
        if (value := words.real(named["estimate"][end])) is not None and math.isfinite(value)
    ]
    if not values:
        return None
    low, high = min(values), max(values)
    if low >= 0 and high <= 1 and not estimates[0]["unit"]:
        return 0.0, 1.0
    low = min(low, 0.0) if low > 0 and low < 0.5 * high else low
    pad = (high - low) * 0.05 or abs(high) * 0.1 or 1.0
    return low - (pad if low else 0), high + pad


def forest_scale(estimates: list[Json], through_zero: bool) -> tuple[float, float]:
    """The common scale of a forest: as wide as its intervals, and 0 where it is differences."""
    ends = [
        value
        for estimate in estimates
        for end in ("value", "lower", "upper")
        if (value := words.real(estimate[end])) is not None and math.isfinite(value)
    ]
    low, high = min(ends), max(ends)
    if through_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    pad = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    return low - pad, high + pad


def interval_bar(
    estimate: Json,
    scale: tuple[float, float],
    limits: list[float],
    spoken: str,
    kind: str = "interval",
) -> Markup:
    """Value, interval and limits on a line of 180 pixels."""
    axis = Axis(*scale, 4.0, 176.0)
    parts = [tag("line", x1=4, x2=176, y1=12, y2=12, class_="track")]
    lower, upper = (words.real(estimate[end]) for end in ("lower", "upper"))
    if lower is not None and upper is not None:
        start, end = (min(max(axis(v), 2.0), 178.0) for v in (lower, upper))
        width = max(end - start, 1.5)
        parts.append(tag("rect", x=start, y=7, width=width, height=10, rx=2, class_="span"))
    for limit in limits:
        if scale[0] <= limit <= scale[1]:
            at = axis(limit)
            parts.append(tag("line", x1=at, x2=at, y1=1, y2=23, class_="limit"))
    at = axis(float(estimate["value"]))
    parts.append(tag("circle", cx=at, cy=12, r=4, class_="value"))
    return tag(
        "svg",
        tag("title", spoken),
        *parts,
        viewBox="0 0 180 24",
        class_=kind,
        role="img",
        aria_label=spoken,
    )
