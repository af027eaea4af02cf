"""Print the slowest translation units of a build directory; fail when one took more than the limit.

Usage: slow_units.py BUILD_DIR [--limit SECONDS]

A unit over a minute is nearly always headers: split it, or include less. Times are wall times out of
ninja's log, so a machine under load reads high; the limit leaves room for that.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def unit_seconds(log: str) -> dict[str, float]:
    """Seconds of the last build of each object file in a ninja log."""
    seconds = {}
    for line in log.splitlines():
        fields = line.split("\t")
        if len(fields) >= 4 and fields[3].endswith((".o", ".obj")):
            seconds[fields[3]] = (int(fields[1]) - int(fields[0])) / 1000
    return seconds


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--limit", type=float, default=60.0)
    options = parser.parse_args(arguments)
    seconds = unit_seconds((options.build / ".ninja_log").read_text())
    seconds = {unit: s for unit, s in seconds.items() if (options.build / unit).exists()}
    slowest = sorted(seconds.items(), key=lambda item: -item[1])
    for unit, s in slowest[:5]:
        print(f"{s:6.1f} s  {unit}")
    over = [unit for unit, s in slowest if s > options.limit]
    for unit in over:
        print(
            f"{unit}: expected at most {options.limit:g} s, got {seconds[unit]:.1f} s (split it, or include less)"
        )
    print(f"units: {len(seconds)}, {sum(seconds.values()):.0f} s in all")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
