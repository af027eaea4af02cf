"""Fail when a room includes a room that scripts/layers.toml does not allow, or core reaches torch.

`stats <- core <- report <- engine`; leaf rooms <- core, stats, report; torch halves <- rooms.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
TORCH_HEADER = re.compile(r"^(torch|ATen|c10|caffe2)/|^leadline/torch(/|\.hpp$)")
BASE_HEADERS = {"config.hpp", "fwd.hpp"}


def room_of(path: str) -> str:
    """`torch/<room>` or `<room>` of a path below include/leadline, src or bindings/{core,torch}."""
    parts = path.split("/")
    if len(parts) == 1:
        return ""  # an umbrella header
    if parts[0] == "torch":
        return "torch/" + parts[1] if len(parts) > 2 else "torch"
    return parts[0]


def allowed_for(room: str, layers: dict) -> list[str]:
    extra = layers["extra"].get(room, [])
    if room in layers["trunk"]:
        return [room, *layers["trunk"][room], *extra]
    if room.startswith("torch/"):
        return [room, room.removeprefix("torch/"), *layers["torch"]["includes"], *extra]
    return [room, *layers["leaf"]["includes"], *extra]


def violations(path: str, text: str, layers: dict, private: set[str]) -> Iterator[str]:
    """Every forbidden include of the file `path` (relative to its include root) with its remedy.

    `private`: the headers below src, which are included by their path from there.
    """
    room = room_of(path)
    torch_allowed = path.startswith("torch/") or path == "torch.hpp"
    for _, target in INCLUDE.findall(text):
        if target in private:
            target = "leadline/" + target
        if TORCH_HEADER.match(target) and not torch_allowed:
            yield f"expected no torch header outside the torch halves, got {target} (move it to torch/{room or '<room>'})"
            continue
        if not target.startswith("leadline/"):
            continue
        inner = target.removeprefix("leadline/")
        if inner in BASE_HEADERS or room in ("", "torch"):
            continue
        target_room = room_of(inner)
        allowed = allowed_for(room, layers)
        if target_room == "" or (target_room not in allowed and inner not in allowed):
            yield (
                f"expected room '{room}' to include only {', '.join(allowed)}, got {target} "
                f"(include less, or add a line with its reason to [extra] in scripts/layers.toml)"
            )


def check(root: Path) -> list[str]:
    layers = tomllib.loads((root / "scripts/layers.toml").read_text())
    private = {p.relative_to(root / "src").as_posix() for p in (root / "src").rglob("*.hpp")}
    problems = []
    for base in ("include/leadline", "src"):
        for file in sorted((root / base).rglob("*.[hc]pp")) + sorted((root / base).rglob("*.inc")):
            path = file.relative_to(root / base).as_posix()
            for problem in violations(path, file.read_text(), layers, private):
                problems.append(f"{base}/{path}: {problem}")
    for file in sorted((root / "bindings").rglob("*.[hc]pp")):  # bindings see every room
        path = file.relative_to(root).as_posix()
        torch_allowed = path.startswith("bindings/torch/")
        for _, target in INCLUDE.findall(file.read_text()):
            if TORCH_HEADER.match(target) and not torch_allowed:
                problems.append(f"{path}: expected no torch header in bindings/core, got {target}")
    return problems


def main() -> int:
    problems = check(ROOT)
    for problem in problems:
        print(problem)
    if not problems:
        print("layers: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
