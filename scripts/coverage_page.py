"""Simulate how often the probes' intervals hold the truth, and write docs/coverage.md.

    PYTHONPATH=python python scripts/coverage_page.py                       # worlds that the page lacks
    PYTHONPATH=python python scripts/coverage_page.py --world calibration   # these anew
    build/dev/tests/tests_cost "[full]" > build/latency_coverage.txt        # the rows of latency anew

The page itself is the store: it is written after each world, and rows that are not measured again stay.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/python"))
LATENCY = ROOT / "build/latency_coverage.txt"
PAGE = ROOT / "docs/coverage.md"

HEAD = """# How often the intervals hold the truth

Every number carries a 95 % interval. Here the probes measure data whose true value is known (a closed form, or millions of
draws), again and again; the share of runs whose interval holds the truth is printed as measured. `scripts/coverage_page.py`
writes this page; the worlds are in `tests/python/trust/coverage.py`, `coverage_metrics.py` and `coverage_models.py`, and
`tests/python/trust/test_coverage.py` holds the probes to it. Intervals of plain rates, means, ratios of a confusion matrix and the ECE: `docs/design/intervals.md`.

The chance error of a share near 0.95 is {error:.3f} for {runs} runs; a bold share is more than 3 points below 0.95, chance
error set aside.

| world | n | coverage |
| --- | --- | --- |
"""

NOTES = """
## What was found, and what is done about it

- **Log loss** is a mean over a few large losses. Where those that were seen are too skewed for their number, or where one
  more misread sample, by a model as sure as this one, would raise it beyond its interval, the `task` probe gives the value
  without an interval and says why; a limit on it is then undecided. A model that is very sure and 1 label in 100 wrong shows
  it at its worst. The Brier score is bounded: there the interval of Maurer and Pontil, which always holds, takes the place
  of t.
- **Permutation importance**: a row takes part in its own rise and, as lender, in those of others. An interval over the rises
  as if they were independent covered 0.85 for a strong column at 5 repeats, and more repeats made it worse. The variance is
  now over pairs of rises that share a row (dyadic-robust).
  Its `baseline_loss` is a mean of losses, a little narrow where samples are few (n = 50).
- **Integrated gradients, distances, readers of a layer**: the truth is computed apart from the probe, over 10^5 to 10^6 draws.
  Detectors and readers are judged for the fit they were given: the interval speaks of new test samples, not of another fit.
- **MCE** covers more than it says, because the bins share the risk (Bonferroni). It is the largest gap of the bins that hold
  samples: a gap in a bin that no sample fell into is not seen.
- **Noise with repeats**: the draws of one sample go together, so n is an effective one, between the samples and the draws.
- **Latency percentiles** are order statistics, exact for any law of independent answers; early stopping is a bound with
  confidence 0.99. The rows are drawn lognormal times given to the probe, 2000 runs each
  (`tests/cpp/cost/latency_replay_test.cpp`, tag `[full]`). Answers that depend on each other (a warm cache, a
  machine that gets hot) are what `latency_is_steady` is for.
"""


# World and n -> the rows of the page; latency has one a percentile.
Rows = dict[str, list[str]]


def rows_of(page: str) -> Rows:
    rows: Rows = {}
    for row in re.finditer(r"^\| (.+? \| \d+) \| .+ \|$", page, re.M):
        rows.setdefault(row[1], []).append(row[0])
    return rows


def latency_rows() -> Rows:
    """From the warnings of the C++ simulation."""
    text = LATENCY.read_text(errors="replace") if LATENCY.exists() else ""
    text = re.sub(r"\s+", " ", text)
    found = re.findall(
        r"latency coverage, n (\d+) p(\d+): ([\d.]+), early stopping (-?[\d.]+\d)", text
    )
    rows = [
        f"| latency, lognormal times | {n} | `latency{{percentile={p}}}` {float(share):.3f}"
        + (f", early stopping {float(bound):.3f}" if float(bound) >= 0 else "")
        + " |"
        for n, p, share, bound in found
    ]
    return rows_of("\n".join(rows))


def row_of(world: str, n: int, counts: dict[str, tuple[int, int]]) -> str:
    cells = []
    for name, (covered, given) in counts.items():
        share = covered / max(1, given)
        low = given and share < 0.92 - 2 * (0.95 * 0.05 / given) ** 0.5
        cells.append(f"`{name}` {'**' if low else ''}{share:.3f}{'**' if low else ''}")
    return f"| {world} | {n} | {', '.join(cells)} |"


def write(rows: Rows, order: list[str], runs: int) -> None:
    lines = [line for key in order for line in rows.get(key, [])]
    error = (0.95 * 0.05 / runs) ** 0.5
    PAGE.write_text(HEAD.format(error=error, runs=runs) + "\n".join(lines) + "\n" + NOTES)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--world", help="measure anew the worlds whose name holds this")
    args = parser.parse_args()
    from trust import coverage, coverage_metrics, coverage_models

    page = PAGE.read_text() if PAGE.exists() else ""
    told = re.search(r"for (\d+) runs", page)
    least = min(args.runs, int(told[1])) if told else args.runs
    rows = rows_of(page)
    latency = latency_rows()
    worlds = coverage.WORLDS + coverage_metrics.WORLDS + coverage_models.WORLDS
    order = [f"{world.name} | {n}" for world in worlds for n in world.sizes]
    order += latency or [key for key in rows if key.startswith("latency")]
    rows.update(latency)
    for world in worlds:
        anew = args.world is not None and args.world in world.name
        for n in world.sizes:
            if f"{world.name} | {n}" in rows and not anew:
                continue
            row = row_of(world.name, n, world.coverage(n, args.runs))
            print(row, flush=True)
            rows[f"{world.name} | {n}"] = [row]
            write(rows, order, least)
    write(rows, order, least)
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
