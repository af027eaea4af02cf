"""Curves, grids, tables and exhibits as the templates show them."""

from __future__ import annotations

from typing import Any

from . import grid, picture, plot, words

Json = dict[str, Any]

MIN_FOREST = 3  # rows with an interval from which a column is drawn too
SMALL = 96  # pixels up to which a picture is enlarged without smoothing


def block_view(block: Json) -> Json:
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
    rows: list[list[Any]] = [[_cell(cell) for cell in row] for row in block["rows"]]
    columns = list(block["columns"])
    drawn = _forest(block)
    if drawn:
        at, bars = drawn
        columns.insert(at + 1, "")
        numeric.insert(at + 1, False)
        for row, bar in zip(rows, bars, strict=True):
            row.insert(at + 1, bar)
    return {
        "type": "table",
        "block": block,
        "columns": columns,
        "rows": rows,
        "numeric": numeric,
        "forest": block["columns"][drawn[0]] if drawn else "",
    }


def _forest(block: Json) -> tuple[int, list[Any]] | None:
    """One column of estimates drawn on a common scale: that of differences, else the first.

    Returns:
        Its place and a bar a row; None where fewer than three rows have an interval.
    """
    places = [
        j for j, name in enumerate(block["columns"]) if _interval_rows(block, j) >= MIN_FOREST
    ]
    if not places:
        return None
    signed = [j for j in places if "difference" in block["columns"][j]]
    at = signed[0] if signed else places[0]
    cells = [row[at] for row in block["rows"]]
    scale = plot.forest_scale([c["estimate"] for c in cells if _has_interval(c)], bool(signed))
    bars = []
    for row, cell in zip(block["rows"], cells, strict=True):
        if not _has_interval(cell):
            bars.append("")
            continue
        spoken = f"{row[0]}: {_cell(cell)}" if isinstance(row[0], str) else _cell(cell)
        bars.append(
            plot.interval_bar(
                cell["estimate"], scale, [0.0] if signed else [], spoken, "interval forest"
            )
        )
    return at, bars


def _has_interval(cell: Any) -> bool:
    return (
        isinstance(cell, dict)
        and "estimate" in cell
        and cell["estimate"]["status"] == "ok"
        and words.real(cell["estimate"]["lower"]) is not None
    )


def _interval_rows(block: Json, column: int) -> int:
    return sum(_has_interval(row[column]) for row in block["rows"])


def _cell(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dict):
        if "number" in cell:
            return words.number(cell["number"])
        value, interval = words.measured(cell["estimate"])
        kept = interval.replace(" ", "\u00a0")  # a narrow column breaks before it, not within
        return f"{value} ({kept})" if interval else value
    return words.number(cell)


def _exhibit(block: Json) -> Json:
    made = {
        "type": "exhibit",
        "kind": block["kind"],
        "id": block["id"],
        "title": block["title"],
        "caption": block["caption"].removeprefix(f"sample {block['id']}, "),  # said beside it
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
