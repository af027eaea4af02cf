"""Measure every check and write docs/trust.md: power on planted failures, alarms on honest cases.

    PYTHONPATH=python python scripts/trust_page.py                 # rows that the page lacks
    PYTHONPATH=python python scripts/trust_page.py --again pgd     # all rows of these probes anew

The page itself is the store: it is written after each row, and rows that are not measured again stay.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/python"))
PAGE = ROOT / "docs/trust.md"

HEAD = """# How far the checks can be trusted

Every probe checks itself, and a failed check makes its numbers *not to be trusted*. This page measures the checks: what
was planted for each to find, how often it found it, how often it spoke up about honest models. `scripts/trust_page.py`
measures and writes it; `tests/python/trust/` holds the planted failures (`planted.py`), the honest cases (`honest.py`) and
the tests that hold both to the figures.

A planted failure counts as caught when the check fails, and, if it carries a p-value, when p < 0.001: that stays failed
in a report with 50 statistical checks, over which Holm's correction keeps the share of reports with any false alarm at
5 %.

## Planted failures

| probe | check | planted | n | caught |
| --- | --- | --- | --- | --- |
"""

PLANTED_END = """
The attacks share one battery of checks; its planted failures are those of `pgd` and `fgsm`. The rows of `mitigation`
are those of `mitigate.compare`.
"""

MASKED_HEAD = """
## Masked gradients, attack by attack

Every model here is misled on all of 64 rows within the budget, and hides it from the gradient (`masked.py`). In how many
of 20 runs the check that should fails, with p < 0.001 where it has a p-value; where it does not, the attack was not misled
and fooled at least 95 % of the rows all the same (*right*), or it was *missed*.

"""

HONEST_HEAD = """
## Honest cases, probe by probe

Different models, data, numbers of classes and features from seed to seed. `mitigation` is a row of `mitigate.compare`, whose
checks judge what all attacks on a model left standing.

| probe | cases | with a failed check | which |
| --- | --- | --- | --- |
"""

REPORTS_HEAD = """
## Whole honest reports

The suites as they ship, on small trained networks over drawn data (320 test samples, 400 to fit on, 150 foreign); of the
labels one in eight is drawn anew, or none: models that cannot be right about all, and models that misread few or no samples.

| suite | task | labels drawn anew | reports | with any failed check | which |
| --- | --- | --- | --- | --- | --- |
"""

NOTES = """
## How the checks decide

- What must never happen fails at the first case: a random model, a NaN gradient, a stored example that does not hold.
- What happens now and then in honest runs is a test: it fails when it is seen more often than a stated share explains
  (`gradients_not_zero` 1 %, `unbounded_budget_succeeds` 5 %, `gradients_are_alive` 5 %, ...), carries its p-value and goes
  into Holm's correction over the whole report.
- What must be shown fails unless it is shown: `important_parts_matter` and `model_beats_chance`. A saliency drawn at
  random passes `important_parts_matter` once in 100 times. Integrated gradients multiply by the input: drawn at random they
  still point to large inputs, which do matter a little, and pass more often.
- `latency_is_steady` tells a model that slows down from a machine that does other things: the model's quickest answers move
  too, and more than a fixed piece of work timed between them. A shift that the machine explains is *not run*, with a warning.
- Too few samples is a failure too (`enough_samples...`): the honest cases here hold the samples that the checks ask for. A
  report on 100 samples shows `enough_samples_per_bin` failed, and is right to.

## What is not caught

Each row is one way to fail, not all ways. A masked gradient that still leads somewhere, test data that resemble the fit data
without repeating them, or a slow-down of less than a quarter pass. Power is stated for the failure that was planted.
"""


@dataclass(frozen=True)
class Row:
    """A line of a table: how it begins, and what measures the rest. `of` is what --again names."""

    begin: str
    of: str
    measure: Callable[[], str]


def planted_row(row: Any, seeds: int) -> Row:
    from trust import test_trust

    def measure() -> str:
        if row.make is None:
            return f"{row.n} | C++ test |"
        caught = sum(test_trust.is_caught(row, seed) for seed in range(100, 100 + seeds))
        return f"{row.n} | {caught} of {seeds} |"

    return Row(f"| `{row.probe}` | `{row.check}` | {row.how} | ", row.probe, measure)


def counted(which: Counter) -> str:
    return ", ".join(f"`{name}` {count}" for name, count in which.items()) or "none"


def masked_row(masking: Any, seeds: int) -> Row:
    from trust import masked

    def cell(attack: str) -> str:
        seen = Counter(masked.outcome(attack, masking, seed) for seed in range(100, 100 + seeds))
        others = [f"{seen[what]} {what}" for what in ("right", "missed") if seen[what]]
        return ", ".join([str(seen["flagged"])] * bool(seen["flagged"]) + others)

    def measure() -> str:
        return " | ".join(cell(attack) for attack in masked.ATTACKS) + " |"

    checks = " or ".join(f"`{check}`" for check in masking.checks)
    return Row(f"| {masking.how} | {checks} | ", "masked", measure)


def masked_head() -> str:
    from trust import masked

    columns = ["masking", "check", *masked.ATTACKS]
    return MASKED_HEAD + f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n"


def honest_row(probe: str, cases: int) -> Row:
    from trust import test_trust

    def measure() -> str:
        found = [test_trust.failures(probe, seed) for seed in range(cases)]
        which = Counter(text.split(":")[0] for failed in found for text in failed)
        return f"{cases} | {sum(bool(failed) for failed in found)} | {counted(which)} |"

    return Row(f"| {probe} | ", probe, measure)


def report_row(suite: str, task: str, anew: str, n: int) -> Row:
    from trust import reports

    def measure() -> str:
        alarms, which, words = reports.alarms(suite, task, anew, range(100, 100 + n))
        print("\n".join(words), flush=True)
        return f"{n} | {alarms} | {counted(which)} |"

    return Row(f"| {suite} | {task} | {anew} | ", f"{suite} {task} {anew}", measure)


def total(reports: list[str]) -> str:
    counts = [line.split(" | ")[3:5] for line in reports]
    n, alarms = (sum(int(pair[k]) for pair in counts) for k in (0, 1))
    return f"| all | | | {n} | {alarms} | {100 * alarms / max(n, 1):.1f} % of the reports |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=60, help="planted failures a check")
    parser.add_argument("--cases", type=int, default=20, help="honest cases a probe")
    parser.add_argument("--reports", type=int, default=30, help="whole reports a suite and task")
    parser.add_argument(
        "--again",
        nargs="+",
        default=[],
        help="measure anew: probes, or 'quick image none' and the like",
    )
    args = parser.parse_args()
    import torch
    from trust import honest, masked, planted, reports

    torch.set_num_threads(1)
    by_probe = sorted(planted.PLANTED, key=lambda row: (row.probe, row.check))
    tables = [
        [planted_row(row, args.seeds) for row in by_probe],
        [masked_row(masking, 20) for masking in masked.MASKINGS],
        [honest_row(probe, args.cases) for probe in sorted(honest.HONEST)],
        [report_row(*kind, args.reports) for kind in reports.KINDS],
    ]
    old = PAGE.read_text().splitlines() if PAGE.exists() else []
    known = {
        row.begin: next((line for line in old if line.startswith(row.begin)), "")
        for table in tables
        for row in table
    }

    def write() -> None:
        first, mask, second, third = (
            [t for row in table if (t := known[row.begin])] for table in tables
        )
        page = HEAD + "\n".join(first) + "\n" + PLANTED_END + masked_head() + "\n".join(mask)
        page += "\n" + HONEST_HEAD + "\n".join(second)
        page += "\n" + REPORTS_HEAD + "\n".join([*third, total(third)]) + "\n" + NOTES
        PAGE.write_text(page)

    for row in (row for table in tables for row in table):
        if known[row.begin] and row.of not in args.again:
            continue
        known[row.begin] = row.begin + row.measure()
        print(known[row.begin], flush=True)
        write()
    write()
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
