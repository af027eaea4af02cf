"""Check that the umbrella headers reach every public header; with --fix, add what is missing.

`leadline/leadline.hpp` reaches everything outside the torch halves and nothing inside them,
`leadline/torch.hpp` everything inside.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^#include "(leadline/[^"]+)"$', re.MULTILINE)


def reached(include: Path, name: str, seen: set[str] | None = None) -> set[str]:
    """Names of all leadline headers that `name` includes, directly or not, and `name`."""
    seen = set() if seen is None else seen
    if name not in seen and (include / name).exists():
        seen.add(name)
        for inner in INCLUDE.findall((include / name).read_text()):
            reached(include, inner, seen)
    return seen


def missing(include: Path, umbrella: str) -> list[str]:
    """The public headers that `umbrella` should reach and does not."""
    names = {p.relative_to(include).as_posix() for p in (include / "leadline").rglob("*.hpp")}
    names -= {"leadline/leadline.hpp", "leadline/torch.hpp"}
    is_torch = umbrella.endswith("torch.hpp")
    wanted = {name for name in names if name.startswith("leadline/torch/") == is_torch}
    return sorted(wanted - reached(include, umbrella))


def add(file: Path, names: list[str]) -> None:
    text = file.read_text() if file.exists() else f'#pragma once\n\n#include "{names[0]}"\n'
    listed = sorted({*INCLUDE.findall(text), *names})
    first, last = text.index('#include "leadline/'), text.rindex('#include "leadline/')
    last = text.index("\n", last) + 1
    block = "".join(f'#include "{name}"\n' for name in listed)
    file.write_text(text[:first] + block + text[last:])


def main(arguments: list[str]) -> int:
    include, problems = ROOT / "include", 0
    for umbrella in ("leadline/leadline.hpp", "leadline/torch.hpp"):
        names = missing(include, umbrella)
        if names and "--fix" in arguments:
            add(include / umbrella, names)
            names = []
        for name in names:
            print(f"{umbrella}: expected it to reach {name} (run `make format`)")
        problems += len(names)
    if not problems:
        print("umbrellas: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
