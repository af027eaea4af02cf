"""Curves, grids, tables and exhibits as the templates show them."""

from __future__ import annotations

from typing import Any

from . import grid, picture, plot, words

Json = dict[str, Any]

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
