"""Fail when a Markdown page links to, or names in backticks, a file of the tree that does not exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
NAMED = re.compile(
    r"`((?:scripts|include|src|bindings|docs|tests|cmake|python|examples|benchmarks)/[\w./-]+)`"
)


def broken(page: Path, root: Path) -> Iterator[str]:
    """What `page` points to and is not there."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("mailto:"):
            if not (page.parent / target).exists():
                yield f"link to {target}"
    for name in NAMED.findall(text):
        if not (root / name).exists():
            yield f"`{name}`"


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    problems = 0
    for name in listed:
        for problem in broken(ROOT / name, ROOT) if (ROOT / name).exists() else ():
            print(f"{name}: {problem} does not exist")
            problems += 1
    print(f"docs: {len(listed)} pages, {problems} broken references")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
