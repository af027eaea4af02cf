"""Print the slowest translation units of a build directory; fail when one costs more than the limit.

Usage: slow_units.py BUILD_DIR [--limit SECONDS]

A unit over a minute is nearly always headers: split it, or include less. Ninja's log holds wall times,
which read high on a busy machine; a unit over the limit there is compiled once more and judged by its
processor time, which is kept beside the log for the next call.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

COMPILER = re.compile(r"(\+\+|clang|gcc)(-[\d.]+)?$")  # behind the words of a launcher


def unit_times(log: str) -> dict[str, tuple[float, str]]:
    """Wall seconds of the last build of each object file in a ninja log, and the key of that build."""
    times = {}
    for line in log.splitlines():
        fields = line.split("\t")
        if len(fields) >= 4 and fields[3].endswith((".o", ".obj", ".gch")):
            times[fields[3]] = ((int(fields[1]) - int(fields[0])) / 1000, "/".join(fields[2:]))
    return times


def processor_seconds(build: Path, unit: str) -> float:
    """Compiles `unit` again, past any compiler cache, and returns its user and system time."""
    commands = json.loads((build / "compile_commands.json").read_text())
    command = next(c["command"] for c in commands if f" -o {unit} " in c["command"])
    words = shlex.split(command)
    words = words[next((i for i, word in enumerate(words) if COMPILER.search(word)), 0) :]
    words[words.index("-o") + 1] = os.devnull
    process = subprocess.Popen(words, cwd=build, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--limit", type=float, default=60.0)
    options = parser.parse_args(arguments)
    times = unit_times((options.build / ".ninja_log").read_text())
    times = {unit: t for unit, t in times.items() if (options.build / unit).exists()}
    store = options.build / "unit_seconds.json"
    measured: dict[str, float] = json.loads(store.read_text()) if store.exists() else {}
    slowest = sorted(times.items(), key=lambda item: -item[1][0])
    for unit, (wall, _) in slowest[:5]:
        print(f"{wall:6.1f} s  {unit}")
    failed = 0
    for unit, (wall, key) in slowest:
        if wall <= options.limit:
            break
        if key not in measured:
            measured[key] = processor_seconds(options.build, unit)
        if measured[key] > options.limit:
            failed += 1
            print(
                f"{unit}: expected at most {options.limit:g} s, got {measured[key]:.1f} s "
                "(split it, or include less)"
            )
    store.write_text(json.dumps(measured))
    print(f"units: {len(times)}, {sum(t for t, _ in times.values()):.0f} s wall in all")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
