"""Compile every public header alone; core headers must stay cheap.

Usage: check_headers.py [--build DIR] [-j N]

A header that compiles alone includes what it uses. Cost is user time, compared with `<Eigen/Dense>` in
the same run, so that the budget means the same on any machine. Headers whose text, and whose includes'
text, did not change since they last passed are skipped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "include"
COMPILER = re.compile(r"(\+\+|clang|gcc)(-[\d.]+)?$")  # behind the words of a launcher
BUDGET = 3.0  # times the cost of <Eigen/Dense>, for headers outside the torch halves


def closure(header: Path, seen: set[Path] | None = None) -> set[Path]:
    """`header` and every leadline header that it includes, directly or not."""
    seen = set() if seen is None else seen
    if header in seen or not header.exists():
        return seen
    seen.add(header)
    for name in re.findall(r'#\s*include\s*[<"](leadline/[^>"]+)[>"]', header.read_text()):
        closure(INCLUDE / name, seen)
    return seen


def compile_flags(build: Path, target: str) -> list[str]:
    """Include, define and language flags with which `target` is compiled in `build`; [] without it."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        command = shlex.split(entry["command"])
        if f"CMakeFiles/{target}.dir/" not in entry["command"]:
            continue
        flags, keep_next = [], False
        for word in command:
            if keep_next or re.match(r"-(I|D|std=|isystem.+)", word):
                flags.append(word)
                keep_next = False
            elif word == "-isystem":
                flags.append(word)
                keep_next = True
        compiler = next(word for word in command if COMPILER.search(word))
        return [compiler, *flags]
    return []


def compile_alone(flags: list[str], include: str) -> tuple[float, str]:
    """User seconds and the error text ("" when it compiles) of a unit with nothing but `include`, twice."""
    with (
        tempfile.NamedTemporaryFile("w", suffix=".cpp") as unit,
        tempfile.TemporaryFile("w+") as errors,
    ):
        unit.write(f"#include {include}\n#include {include}\n")
        unit.flush()
        process = subprocess.Popen(
            [*flags, "-fsyntax-only", "-Wall", "-Wextra", unit.name], stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        text = errors.read()
    return usage.ru_utime, text if process.returncode or "warning:" in text else ""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/dev")
    parser.add_argument("-j", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    core_flags = compile_flags(options.build, "leadline_core")
    torch_flags = compile_flags(options.build, "leadline_torch")
    store = options.build / "headers_passed.json"
    passed = set(json.loads(store.read_text())) if store.exists() else set()

    def digest(header: Path, flags: list[str]) -> str:
        text = "".join(str(f.relative_to(ROOT)) + f.read_text() for f in sorted(closure(header)))
        return hashlib.sha256((" ".join(flags) + text).encode()).hexdigest()

    jobs = []
    for header in sorted((INCLUDE / "leadline").rglob("*.hpp")):
        name = header.relative_to(INCLUDE).as_posix()
        is_torch = name.startswith("leadline/torch/") or name == "leadline/torch.hpp"
        flags = torch_flags if is_torch else core_flags
        if flags and (key := digest(header, flags)) not in passed:
            jobs.append((name, is_torch, flags, key))

    unit_cost, _ = compile_alone(core_flags, "<Eigen/Dense>") if jobs else (1.0, "")
    with ThreadPoolExecutor(options.j) as pool:
        results = list(pool.map(lambda job: compile_alone(job[2], f'"{job[0]}"'), jobs))
    failed = 0
    for (name, is_torch, _, key), (seconds, error) in zip(jobs, results, strict=True):
        if error:
            print(f"{name}: expected it to compile alone and without warnings, got\n{error}")
        elif not is_torch and name != "leadline/leadline.hpp" and seconds > BUDGET * unit_cost:
            print(
                f"{name}: expected at most {BUDGET:g} x <Eigen/Dense> ({BUDGET * unit_cost:.1f} s), "
                f"got {seconds:.1f} s (include less, or move bodies to src)"
            )
        else:
            passed.add(key)
            continue
        failed += 1
    store.write_text(json.dumps(sorted(passed)))
    for (name, *_), (seconds, _) in sorted(zip(jobs, results, strict=True), key=lambda r: -r[1][0])[
        :5
    ]:
        print(f"{seconds:6.2f} s  {name}")
    print(f"headers: {len(jobs)} compiled, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
