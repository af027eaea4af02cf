"""Which checks the sources can report, read from the sources."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[3] / "src"
NAME = r'"([a-z]+(?:_[a-z0-9]+)*)'
PATTERNS = [
    re.compile(pattern)
    for pattern in (
        r"\.name = " + NAME + r'",\s*\.result',  # a braced Check
        r"Check \w+\{\s*(?:\.name = )?" + NAME + '"',
        r"\b\w+_check\(\s*" + NAME + '"',
        r"\bCheck\(\s*" + NAME + '"',  # in Python
        r"^\s*(?:check|\w+)\.name = " + NAME + r'(?:"|\{)',
    )
]
# Comparisons and decisions are no probes: their tests lie beside them in tests/cpp.
NO_PROBE = ("engine/compare", "decisions/")
NO_CHECK = re.compile(r"\b(?:info|about|series|points|named|entry|right|changed|share)\.name = ")


def checks_in(text: str) -> set[str]:
    """Ids of the checks that a C++ source makes; only files that make any are read."""
    if "Check" not in text:
        return set()
    kept = "\n".join(line for line in text.splitlines() if not NO_CHECK.search(line))
    return {found for pattern in PATTERNS for found in re.findall(pattern.pattern, kept, re.M)}


def checks_in_sources() -> dict[str, set[str]]:
    """By file of a probe below `src`, the ids of its checks."""
    found = {
        str(path.relative_to(SOURCES)): checks_in(path.read_text())
        for path in sorted(SOURCES.rglob("*.cpp"))
    }
    found.update(
        (f"torch/mitigate/{path.name}", checks_in(path.read_text()))  # in Python, needs torch
        for path in sorted((SOURCES.parent / "python/leadline/mitigate").glob("*.py"))
    )
    return {path: names for path, names in found.items() if names and not path.startswith(NO_PROBE)}
