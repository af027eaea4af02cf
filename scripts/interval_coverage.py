"""Write docs/interval_coverage.md: how often each interval holds the truth, exactly where that can be summed.

One and two rates: every outcome is enumerated (`stats.exact_coverage`), no simulation. Means and
confidence sequences: seeded simulation. `--check` compares the enumerated part with the page.
About six minutes on one core.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable
from math import comb
from pathlib import Path

import numpy as np

from leadline import stats

PAGE = Path(__file__).resolve().parent.parent / "docs" / "interval_coverage.md"
SIZES = (20, 50, 100, 500, 1000, 10_000)
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
LEVEL = 0.95
OTHER = 0.90  # beside it in every table
ONE = ("wilson", "clopper_pearson", "jeffreys")
HEAD = """# How often the intervals hold the truth

<!-- Written by scripts/interval_coverage.py; the sizes, rates and seeds are in it. -->

Level 0.95 unless a column says 0.90. The coverage of an interval for counts is a finite sum, so it is computed and not simulated: every
outcome is weighted by its probability. **Bold**: more than three points below the level; there the check
`interval_is_valid_here` fires.

"""


def cell(x: float, level: float = LEVEL) -> str:
    text = f"{x:.3f}"
    return f"**{text}**" if x < level - 0.03 else text


def at_other(values: Iterable[float]) -> list[str]:
    """Mean, least and cells that fall short at the other level."""
    values = list(values)
    short = sum(v < OTHER - 0.03 for v in values)
    return [f"{np.mean(values):.4f}", f"{min(values):.4f}", str(short)]


AT_OTHER = [f"mean at {OTHER:.2f}", f"least at {OTHER:.2f}", f"3 points short at {OTHER:.2f}"]


def table(corner: str, columns: Iterable[str], rows: Iterable[tuple[str, list[str]]]) -> str:
    columns = list(columns)
    lines = [f"| {corner} | " + " | ".join(columns) + " |", "| --- " * (len(columns) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows]
    return "\n".join(lines) + "\n"


def one_rate() -> str:
    text = "## One rate\n\n"
    summary = []
    for method in ONE:
        grid = {
            (n, p): stats.exact_coverage(method, n, p, level=LEVEL) for n in SIZES for p in RATES
        }
        text += f"`{method}`\n\n"
        text += table(
            "n \\\\ rate",
            (f"{p:g}" for p in RATES),
            ((str(n), [cell(grid[n, p]) for p in RATES]) for n in SIZES),
        )
        text += "\n"
        short = [key for key, c in grid.items() if c < LEVEL - 0.03]
        fired = [fires(method, n, p) for n, p in short]
        summary.append(
            (
                f"`{method}`",
                [
                    f"{np.mean(list(grid.values())):.4f}",
                    f"{min(grid.values()):.4f}",
                    str(len(short)),
                    f"{min(fired):.3f}" if fired else "none needed",
                    *at_other(
                        stats.exact_coverage(method, n, p, level=OTHER)
                        for n in SIZES
                        for p in RATES
                    ),
                ],
            )
        )
    text += "Over this grid:\n\n"
    return text + table(
        "method",
        ["mean", "least", "cells 3 points short", "least chance that the check fires there"]
        + AT_OTHER,
        summary,
    )


def fires(method: str, n: int, p: float) -> float:
    """Probability that the check fires at a true rate, summed over the outcomes."""
    low = max(0, int(n * p - 8 * (n * p) ** 0.5 - 10))
    high = min(n, int(n * p + 8 * (n * p) ** 0.5 + 10))
    logs = np.cumsum(np.log(np.arange(1, n + 1)))
    log_factorial = np.concatenate([[0.0], logs])
    total = 0.0
    for k in range(low, high + 1):
        log_mass = log_factorial[n] - log_factorial[k] - log_factorial[n - k]
        mass = np.exp(log_mass + k * np.log(p) + (n - k) * np.log1p(-p))
        if mass > 1e-9 and not stats.interval_is_valid_here(method, k, n, level=LEVEL):
            total += mass
    return total


def two_rates(methods: tuple[str, ...], title: str, note: str) -> str:
    text = f"\n## {title}\n\n{note}\n\n"
    rows = []
    for method in methods:
        everything: list[float] = []
        all_other: list[float] = []
        for n in SIZES:
            if method == "koopman" and n > 1000:
                continue  # every outcome is likely at some rate: minutes
            values = {
                (a, b): stats.exact_coverage(method, (n, n), (a, b), level=LEVEL)
                for a in RATES
                for b in RATES
            }
            everything += values.values()
            other = [
                stats.exact_coverage(method, (n, n), (a, b), level=OTHER)
                for a in RATES
                for b in RATES
            ]
            all_other += other
            seen = [v for (a, b), v in values.items() if n * min(a, b) >= 1]
            rows.append(summary_row(f"`{method}`, {n} and {n}", list(values.values()), seen, other))
        rows.append(
            (
                f"`{method}`, all",
                [
                    str(len(everything)),
                    f"{np.mean(everything):.4f}",
                    "",
                    "",
                    "",
                    *at_other(all_other),
                ],
            )
        )
    return text + table("method, sizes", SUMMARY, rows)


def katz_check() -> str:
    """How often the check fires at the pairs where Katz falls short."""
    fired = []
    for n in (20, 50):
        for i, a in enumerate(RATES):
            for b in RATES[i:]:
                if stats.exact_coverage("katz", (n, n), (a, b), level=LEVEL) < LEVEL - 0.03:
                    fired.append(fires_at("katz", n, a, b))
    share = sum(f >= 0.95 for f in fired)
    return (
        f"\nFor `katz` the check fires with probability {min(fired):.2f} to {max(fired):.3f} at the pairs of 20 and of 50 that are "
        f"three points short, with 0.95 or more at {share} of {len(fired)} (counting a pair and its mirror once).\n"
    )


def fires_at(method: str, n: int, a: float, b: float) -> float:
    def masses(p: float) -> list[float]:
        return [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]

    total = fired = 0.0
    second = masses(b)
    for i, first in enumerate(masses(a)):
        for j, other in enumerate(second):
            if first * other < 1e-3:
                continue
            total += first * other
            if not stats.interval_is_valid_here(method, (i, j), (n, n), level=LEVEL):
                fired += first * other
    return fired / total


SUMMARY = ["cells", "mean", "mean where n rate >= 1", "least", "3 points short", *AT_OTHER]


def summary_row(
    name: str, values: list[float], seen: list[float], other: list[float]
) -> tuple[str, list[str]]:
    short = sum(v < LEVEL - 0.03 for v in values)
    return name, [
        str(len(values)),
        f"{np.mean(values):.4f}",
        f"{np.mean(seen):.4f}",
        f"{min(values):.4f}",
        str(short),
        *at_other(other),
    ]


def paired() -> str:
    text = "\n## Difference of two rates on the same samples\n\n"
    text += (
        "Shares of discordant pairs (only the first right, only the second): 0.005 to 0.15; 70 % right with both. "
        "The number of discordant pairs is enumerated, the concordant ones are split as expected.\n\n"
    )
    shares = ((0.005, 0.005), (0.01, 0.02), (0.02, 0.02), (0.05, 0.02), (0.05, 0.05), (0.15, 0.1))
    rows = []
    for method in ("newcombe", "tango"):
        for n in (50, 200, 1000, 10_000):
            values, other = (
                [
                    stats.exact_coverage_paired(
                        method, n, both=0.7, only_first=b, only_second=c, level=level
                    )
                    for b, c in shares
                ]
                for level in (LEVEL, OTHER)
            )
            seen = [v for v, pair in zip(values, shares, strict=True) if n * min(pair) >= 1]
            rows.append(summary_row(f"`{method}`, {n}", values, seen or values, other))
    return text + table("method, pairs", SUMMARY, rows)


def simulated() -> str:
    text = "\n## Means\n\n2000 columns each, seeded. `bernstein` is told the bounds [0, 1].\n\n"
    rng = np.random.default_rng(0)
    kinds: dict[str, tuple[Callable[[int], np.ndarray], float]] = {
        "uniform": (lambda n: rng.random(n), 0.5),
        "0/1, rate 0.1": (lambda n: (rng.random(n) < 0.1).astype(float), 0.1),
        "0/1, rate 0.005": (lambda n: (rng.random(n) < 0.005).astype(float), 0.005),
        "beta(0.2, 2), skewed": (lambda n: rng.beta(0.2, 2, n), 0.2 / 2.2),
    }
    rows = []
    for name, (draw, truth) in kinds.items():
        cells: dict[float, list[str]] = {LEVEL: [], OTHER: []}
        for n in (20, 100, 1000):
            columns = [draw(n) for _ in range(2000)]
            for level, method in itertools.product(cells, ("t", "bernstein")):
                held = 0
                for x in columns:
                    e = stats.mean_interval(x, method=method, low=0.0, high=1.0, level=level)
                    held += e.lower <= truth <= e.upper
                cells[level].append(cell(held / len(columns), level))
        rows += [(f"{name}, level {level:.2f}", of) for level, of in cells.items()]
    heads = [f"{m}, n = {n}" for n in (20, 100, 1000) for m in ("t", "bernstein")]
    text += table("column", heads, rows)
    text += (
        "\nA column that is nearly always the same gives t no spread to see: use `bernstein`, or the interval of a rate. "
        "`mean_interval_is_valid_here` fires on the skewness that the sample shows.\n"
    )
    return text + sequences(kinds)


def sequences(kinds: dict[str, tuple[Callable[[int], np.ndarray], float]]) -> str:
    text = (
        "\n## Confidence sequences\n\nShare of 300 sequences that hold the mean at *every one* of the first 1000 samples "
        "(looked at after each), and mean width at 1000. Guaranteed: 0.95.\n\n"
    )
    names = ("MixtureSequence", "NormalMixtureSequence", "BernsteinSequence", "BettingSequence")
    rows = []
    for kind, (draw, truth) in kinds.items():
        columns = [draw(1000) for _ in range(300)]
        cells = []
        for name in names:
            held, width = 0, 0.0
            for x in columns:
                sequence = getattr(stats, name)(grid=500)
                inside = True
                for begin in range(0, 1000, 1 if "Mixture" in name else 1000):
                    sequence.add(x[begin : begin + (1 if "Mixture" in name else 1000)])
                    e = sequence.interval()
                    inside = inside and e.lower <= truth <= e.upper
                    if not inside:
                        break
                held += inside
                e = sequence.interval()
                width += (e.upper - e.lower) / len(columns)
            cells.append(f"{held / len(columns):.3f}, {width:.3f}")
        rows.append((kind, cells))
    text += table("column", (f"`{n}`" for n in names), rows)
    return text + (
        "\n`BernsteinSequence` and `BettingSequence` keep the intersection of all intervals so far: one look at the end is "
        "a look at every sample.\n"
    )


def enumerated() -> str:
    newcombe = (
        "All hundred pairs of the rates above. Where less than one success is expected, mostly nothing is seen and the "
        "interval holds the truth nearly always: the mean is above the level there, and within 1.1 points of it elsewhere."
    )
    katz = "The same pairs. An interval without upper end (no success in the second group) covers."
    return (
        HEAD
        + one_rate()
        + two_rates(("newcombe", "miettinen_nurminen"), "Difference of two rates", newcombe)
        + two_rates(("katz", "koopman"), "Ratio of two rates", katz)
        + katz_check()
        + paired()
    )


def main(arguments: list[str]) -> int:
    text = enumerated()
    if "--check" in arguments:
        same = PAGE.read_text().startswith(text)
        print("coverage: " + ("as published" if same else "the page differs, run the script"))
        return 0 if same else 1
    PAGE.write_text(text + simulated())
    print(f"coverage: {PAGE.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
