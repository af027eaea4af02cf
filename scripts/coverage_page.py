"""Simulate how often the probes' intervals hold the truth, and write docs/coverage.md.

    PYTHONPATH=python python scripts/coverage_page.py --runs 400          # resumes where it stopped
    build/dev/tests/tests_cost "[full]" > build/latency_coverage.txt      # the rows of latency

What was simulated is kept in build/coverage.json by world and n.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/python"))
STORE = ROOT / "build/coverage.json"
LATENCY = ROOT / "build/latency_coverage.txt"
PAGE = ROOT / "docs/coverage.md"

HEAD = """# How often the intervals hold the truth

Every number carries a 95 % interval. Here the probes measure data whose true value is known (a closed form, or millions of
draws), again and again; the share of runs whose interval holds the truth is printed as measured. `scripts/coverage_page.py`
writes this page; the worlds are in `tests/python/trust/coverage.py` and `coverage_models.py`, and
`tests/python/trust/test_coverage.py` holds the probes to it. Intervals of plain rates, means, ratios of a confusion matrix and the ECE: `docs/design/intervals.md`.

The chance error of a share near 0.95 is {error:.3f} for {runs} runs; a bold share is more than 3 points below 0.95, chance
error set aside.

| world | n | coverage |
| --- | --- | --- |
"""

NOTES = """
## What was found, and what is done about it

- **Log loss** is a mean over a few large losses. Where those that were seen are too skewed for their number, or where one
  more misread sample, by a model as sure as this one, would raise it beyond its interval, the check
  `interval_valid_at_this_n` of the `task` probe fails. A model that is very sure and 1 label in 100 wrong shows it at its
  worst. The Brier score is bounded and has no such tail.
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


def latency_rows() -> list[str]:
    """From the warnings of the C++ simulation."""
    text = LATENCY.read_text(errors="replace") if LATENCY.exists() else ""
    text = re.sub(r"\s+", " ", text)
    found = re.findall(
        r"latency coverage, n (\d+) p(\d+): ([\d.]+), early stopping (-?[\d.]+\d)", text
    )
    return [
        f"| latency, lognormal times | {n} | `latency{{percentile={p}}}` {float(share):.3f}"
        + (f", early stopping {float(bound):.3f}" if float(bound) >= 0 else "")
        + " |"
        for n, p, share, bound in found
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--world", default="", help="only the worlds whose name holds this")
    args = parser.parse_args()
    from trust import coverage, coverage_models

    store = json.loads(STORE.read_text()) if STORE.exists() else {}
    lines, least = [], args.runs
    for world in coverage.WORLDS + coverage_models.WORLDS:
        for n in world.sizes:
            key = f"{world.name}, n {n}"
            if key not in store and args.world in world.name:
                store[key] = world.coverage(n, args.runs)
                STORE.parent.mkdir(exist_ok=True)
                STORE.write_text(json.dumps(store, indent=1))
                print(key, store[key], flush=True)
            cells = []
            for name, (covered, given) in store.get(key, {}).items():
                least = min(least, given)
                share = covered / max(1, given)
                low = given and share < 0.92 - 2 * (0.95 * 0.05 / given) ** 0.5
                cells.append(f"`{name}` {'**' if low else ''}{share:.3f}{'**' if low else ''}")
            if cells:
                lines.append(f"| {world.name} | {n} | {', '.join(cells)} |")
    lines += latency_rows()
    error = (0.95 * 0.05 / least) ** 0.5
    PAGE.write_text(HEAD.format(error=error, runs=least) + "\n".join(lines) + "\n" + NOTES)
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
