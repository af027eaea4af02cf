"""A small SVG writer: every attribute and text is escaped, colours come from the page's CSS."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """``tag("rect", x=1, class_="bar")``; ``_`` in a name becomes ``-``, a trailing one vanishes."""
    head = Markup(name)
    for key, value in attributes.items():
        if value is None:
            continue
        shown = coordinate(value) if isinstance(value, float) else value
        head += Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), shown)
    if not children:
        return Markup("<{}/>").format(head)
    body = Markup("").join(escape(child) for child in children)
    return Markup("<{0}>{1}</{2}>").format(head, body, Markup(name))


def coordinate(value: float) -> str:
    """Two decimals: a hundredth of a pixel."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def path(points: Sequence[tuple[float, float] | None], step: bool = False) -> str:
    """Path data through points; None lifts the pen."""
    parts: list[str] = []
    down = False
    for point in points:
        if point is None:
            down = False
            continue
        x, y = (coordinate(value) for value in point)
        if not down:
            parts.append(f"M{x} {y}")
        elif step:
            parts.append(f"H{x}V{y}")
        else:
            parts.append(f"L{x} {y}")
        down = True
    return "".join(parts)


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers inside [low, high]."""
    if not high > low:
        return [low]
    raw = (high - low) / about
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Decades inside [low, high]; 2 and 5 too where there are few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    within = [10.0**e for e in range(first, last + 1) if low * 0.999 <= 10.0**e <= high * 1.001]
    if len(within) > 7:
        return within[:: math.ceil(len(within) / 6)]
    if len(within) >= 3:
        return within
    every = [m * 10.0**e for e in range(first, last + 1) for m in (1, 2, 5)]
    return [tick for tick in every if low * 0.999 <= tick <= high * 1.001] or [low, high]
