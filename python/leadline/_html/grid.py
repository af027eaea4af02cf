"""Grids: confusion counts and heat maps, readable from two to a hundred names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from . import picture, words
from .svg import tag

Json = dict[str, Any]

MAX_PRINTED = 20  # names up to which each cell prints its number
MAX_CELLS = 24  # names up to which each cell is its own shape; beyond, one picture
N_LARGEST = 12
MAX_NAME = 16


def _values(block: Json) -> NDArray[np.float64]:
    shape = (len(block["row_names"]), len(block["col_names"]))
    flat = [math.nan if v is None else float(v) for v in block["values"]]
    return np.array(flat, float).reshape(shape)


def shares(block: Json, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shade of each cell in [0, 1]: the share of its row for counts, else of the range."""
    if values.size == 0:
        return values
    if block["counts"]:
        total = np.nansum(values, axis=1, keepdims=True)
        out: NDArray[np.float64] = np.divide(
            values, total, out=np.zeros_like(values), where=total > 0
        )
        return out
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    return np.clip((values - low) / (high - low if high > low else 1.0), 0, 1)


def _short(name: str) -> str:
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"


def _axis_names(block: Json, left: float, top: float, cell: float, every: int) -> list[Markup]:
    parts = []
    for i, name in enumerate(block["row_names"]):
        if i % every == 0:
            y = top + (i + 0.5) * cell + 4
            parts.append(
                tag("text", _short(name), x=left - 6, y=y, class_="tick", text_anchor="end")
            )
    for j, name in enumerate(block["col_names"]):
        if j % every == 0:
            x = left + (j + 0.5) * cell + 4
            turn = f"rotate(-48 {x:.1f} {top - 7:.1f})"
            parts.append(tag("text", _short(name), x=x, y=top - 7.0, class_="tick", transform=turn))
    return parts


def _printed(value: float, counts: bool) -> str:
    if math.isnan(value):
        return ""
    return words.number(value) if counts else words.number(value, 2)


def _cells(
    block: Json, values: NDArray[np.float64], left: float, top: float, cell: float
) -> list[Markup]:
    parts = []
    shade = shares(block, values)
    printed = max(values.shape) <= MAX_PRINTED
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            at = {"x": left + j * cell, "y": top + i * cell}
            known = not math.isnan(values[i, j])
            opacity = float(shade[i, j]) ** 0.6 if known else 0.0
            inner = {"width": cell - 1, "height": cell - 1, "rx": 2.0}
            parts.append(tag("rect", **at, **inner, class_="cell" if known else "cell none"))
            if opacity > 0:
                parts.append(tag("rect", **at, **inner, class_="fill", fill_opacity=opacity))
            if printed and known:
                middle = {"x": at["x"] + (cell - 1) / 2, "y": at["y"] + cell / 2 + 3.5}
                kind = "number light" if opacity > 0.55 else "number"
                kind += " zero" if values[i, j] == 0 else ""
                text = _printed(float(values[i, j]), block["counts"])
                parts.append(tag("text", text, **middle, class_=kind, text_anchor="middle"))
    return parts


def largest_off_diagonal(block: Json, values: NDArray[np.float64]) -> list[Json]:
    """The most frequent mix-ups of a square grid of counts."""
    if not block["counts"] or block["row_names"] != block["col_names"]:
        return []
    total = np.nansum(values, axis=1)
    wrong = np.nan_to_num(values.copy())
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:N_LARGEST]
    found = []
    for flat in order:
        i, j = divmod(int(flat), values.shape[1])
        if wrong[i, j] > 0:
            found.append(
                {
                    "row": block["row_names"][i],
                    "col": block["col_names"][j],
                    "count": words.number(wrong[i, j]),
                    "of": words.number(total[i]),
                    "share": f"{100 * wrong[i, j] / total[i]:.1f}",
                }
            )
    return found


def grid(block: Json) -> Json:
    """A grid block ready for the template: SVG and the largest mix-ups."""
    values = _values(block)
    n_rows, n_cols = values.shape
    side = max(n_rows, n_cols, 1)
    cell = (
        56.0
        if side <= 4
        else 34.0
        if side <= 12
        else 26.0
        if side <= MAX_CELLS
        else max(6.0, 640 / side)
    )
    longest = max((len(_short(n)) for n in block["row_names"] + block["col_names"]), default=1)
    left, top = 24 + longest * 6.6, 32 + longest * 5.2
    width, height = left + n_cols * cell + 20 + longest * 2, top + n_rows * cell + 8
    spoken = f"{block['title']}: {n_rows} by {n_cols} cells"
    if side <= MAX_CELLS:
        body = _cells(block, values, left, top, cell)
    else:
        image = picture.uri(picture.heat(shares(block, values)))
        size = {"width": n_cols * cell, "height": n_rows * cell}
        body = [
            tag(
                "image",
                href=image,
                x=left,
                y=top,
                **size,
                class_="pixels",
                preserveAspectRatio="none",
            )
        ]
    every = max(1, math.ceil(13 / cell))
    labels = _axis_names(block, left, top, cell, every)
    turned = f"rotate(-90 10 {top + n_rows * cell / 2:.1f})"
    names = [
        tag("text", block["row_label"], x=10.0, y=top + n_rows * cell / 2, class_="name",
            text_anchor="middle", transform=turned),
        tag("text", block["col_label"], x=left + n_cols * cell / 2, y=12.0, class_="name",
            text_anchor="middle"),
    ]  # fmt: skip
    return {
        "type": "grid",
        "block": block,
        "svg": tag("svg", tag("title", spoken), *body, *labels, *names,
                   viewBox=f"0 0 {width:.0f} {height:.0f}", class_="grid", role="img",
                   style=f"width:{width:.0f}px", aria_label=spoken),
        "large": side > MAX_PRINTED,
        "every": every,
        "every_text": words.ordinal(every),
        "largest": largest_off_diagonal(block, values),
        "table": _table(block, values) if side <= MAX_PRINTED else None,
    }  # fmt: skip


def _table(block: Json, values: NDArray[np.float64]) -> Json:
    rows = [
        [name, *(_printed(float(v), block["counts"]) for v in row)]
        for name, row in zip(block["row_names"], values, strict=True)
    ]
    return {"head": ["", *block["col_names"]], "rows": rows}
