"""Write docs/catalog.md, the list of everything leadline ships, from the catalog itself.

Usage: catalog_page.py [--check]

With --check nothing is written, and a page that differs is an error.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs/catalog.md"
HEAD = """# Catalog

Everything that can be asked for by name, in C++, Python, policies and on the command line. Written by `make docs`.
"""


def default_text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def range_text(option: dict[str, Any]) -> str:
    """`> 0`, `[0, 1)`, `linf, l2`, or nothing."""
    if option["choices"]:
        return ", ".join(option["choices"])
    low, high = option["minimum"], option["maximum"]
    if low is not None and high is not None:
        left = "(" if option["exclusive_minimum"] else "["
        right = ")" if option["exclusive_maximum"] else "]"
        return f"{left}{low:g}, {high:g}{right}"
    if low is not None:
        return f"{'>' if option['exclusive_minimum'] else '>='} {low:g}"
    if high is not None:
        return f"{'<' if option['exclusive_maximum'] else '<='} {high:g}"
    return ""


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def section(entry: dict[str, Any]) -> list[str]:
    aliases = f", also `{'`, `'.join(entry['aliases'])}`" if entry["aliases"] else ""
    lines = [f"### `{entry['name']}`", "", f"{entry['kind'].capitalize()}{aliases}. {entry['doc']}"]
    if entry["options"]:
        lines += [
            "",
            "| option | type | default | range | meaning |",
            "| --- | --- | --- | --- | --- |",
        ]
    for option in entry["options"]:
        unit = f" In {option['unit']}." if option["unit"] else ""
        cells = [
            f"`{option['name']}`",
            option["type"],
            default_text(option["default"]),
            range_text(option),
            option["doc"] + unit,
        ]
        lines.append("| " + " | ".join(cell(text) for text in cells) + " |")
    return [*lines, ""]


def page(entries: list[dict[str, Any]]) -> str:
    lines = [HEAD]
    for room in sorted({entry["room"] for entry in entries}):
        lines += [f"## {room}", ""]
        for entry in sorted(
            (e for e in entries if e["room"] == room), key=lambda e: (e["kind"], e["name"])
        ):
            lines += section(entry)
    return "\n".join(lines).rstrip("\n") + "\n"


def main(arguments: list[str]) -> int:
    import leadline

    shipped = [entry for entry in leadline.catalog() if entry["half"] in ("core", "torch")]
    text = page(shipped)
    if "--check" not in arguments:
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        print(
            "docs/catalog.md: expected it to equal the catalog, got a difference (run `make docs`)"
        )
        return 1
    print(f"catalog page: {len(shipped)} entries")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
