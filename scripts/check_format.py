"""Check (or with --fix, apply) clang-format over every tracked C++ file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = (".hpp", ".cpp")


def main(arguments: list[str]) -> int:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    files = [name for name in listed if name.endswith(SUFFIXES) and (ROOT / name).exists()]
    action = ["-i"] if "--fix" in arguments else ["--dry-run", "-Werror"]
    result = subprocess.run(
        ["clang-format", "--style=file", *action, *files], cwd=ROOT, capture_output=True, text=True
    )
    if result.returncode != 0:
        wrong = sorted(
            {line.split(":")[0] for line in result.stderr.splitlines() if "error:" in line}
        )
        print(result.stderr if not wrong else "\n".join(f"{name}: not formatted" for name in wrong))
        print("format: expected clang-format to change nothing (run `make format`)")
    else:
        print(f"format: {len(files)} C++ files ok")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
