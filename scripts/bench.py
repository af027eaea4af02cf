"""Run every benchmark, say which peers are missing and how long each took.

Usage: bench.py [NAME...]

Every script in benchmarks/ prints its own figures, each against its peers in the same run. A peer that is
not installed is left out with a sentence; a script that fails does not keep the others from running.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def packages(nodes: list[ast.stmt]) -> set[str]:
    """Names of the packages that these statements import, not counting Python's own."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names)


def peers_of(source: str) -> set[str]:
    """What a script imports below its top level: it can do without."""
    tree = ast.parse(source)
    needed = packages(tree.body) | {"leadline"}
    return packages([n for n in ast.walk(tree) if isinstance(n, ast.stmt)]) - needed


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="benchmarks to run; all without one")
    names = parser.parse_args(arguments).names
    scripts = sorted((ROOT / "benchmarks").glob("*.py"))
    unknown = set(names) - {script.stem for script in scripts}
    if unknown:
        known = ", ".join(script.stem for script in scripts)
        parser.error(f"expected benchmarks among {known}, got {', '.join(sorted(unknown))}")
    failed = []
    for script in scripts:
        if names and script.stem not in names:
            continue
        print(f"== {script.stem}", flush=True)
        missing = [
            p for p in sorted(peers_of(script.read_text())) if not importlib.util.find_spec(p)
        ]
        if missing:
            print(
                f"not installed here and left out: {', '.join(missing)} "
                "(pip install them, or run with an environment that has them: make bench PYTHON=...)",
                flush=True,
            )
        begin = time.monotonic()
        done = subprocess.run([sys.executable, script], check=False)
        print(f"-- {script.stem}: {time.monotonic() - begin:.0f} s\n", flush=True)
        if done.returncode != 0:
            failed.append(script.stem)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
