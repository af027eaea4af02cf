"""Measure every check and write docs/trust.md: power on planted failures, alarms on honest cases.

    PYTHONPATH=python python scripts/trust_page.py            # some minutes; resumes where it stopped
    PYTHONPATH=python python scripts/trust_page.py --again    # measures everything anew

What was measured is kept in build/trust.json by row, so that a new check costs only its own row.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/python"))
STORE = ROOT / "build/trust.json"
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


def measured(store: dict, key: str, again: bool, measure) -> list:
    if again or key not in store:
        store[key] = measure()
        STORE.parent.mkdir(exist_ok=True)
        STORE.write_text(json.dumps(store, indent=1))
        print(key, store[key], flush=True)
    return store[key]


def planted_rows(store: dict, seeds: int, again: bool) -> str:
    from trust import planted, test_trust

    lines = []
    for row in sorted(planted.PLANTED, key=lambda row: row.probe):
        if row.make is None:
            caught = "C++ test"
        else:

            def measure(row=row):
                return [
                    sum(test_trust.is_caught(row, seed) for seed in range(100, 100 + seeds)),
                    seeds,
                ]

            caught = "{} of {}".format(*measured(store, row.key, again, measure))
        lines.append(f"| `{row.probe}` | `{row.check}` | {row.how} | {row.n} | {caught} |")
    return "\n".join(lines)


def honest_rows(store: dict, cases: int, again: bool) -> str:
    from trust import honest, test_trust

    lines = []
    for probe in sorted(honest.HONEST):

        def measure(probe=probe):
            found = [test_trust.failures(probe, seed) for seed in range(cases)]
            which = Counter(text.split(":")[0] for failed in found for text in failed)
            return [sum(bool(failed) for failed in found), cases, dict(which)]

        alarms, n, which = measured(store, f"honest {probe}", again, measure)
        words = ", ".join(f"`{name}` {count}" for name, count in which.items()) or "none"
        lines.append(f"| {probe} | {n} | {alarms} | {words} |")
    return "\n".join(lines)


def report_rows(store: dict, n: int, again: bool) -> str:
    from trust import reports

    lines, total, all_alarms = [], 0, 0
    for suite, task in reports.KINDS:

        def measure(suite=suite, task=task):
            found, which, words = reports.alarms(suite, task, range(100, 100 + n))
            print("\n".join(words), flush=True)
            return [found, n, dict(which)]

        alarms, done, which = measured(store, f"report {suite} {task}", again, measure)
        words = ", ".join(f"`{name}` {count}" for name, count in which.items()) or "none"
        lines.append(f"| {suite} | {task} | {done} | {alarms} | {words} |")
        total, all_alarms = total + done, all_alarms + alarms
    lines.append(
        f"| all | | {total} | {all_alarms} | {100 * all_alarms / total:.1f} % of the reports |"
    )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=60, help="planted failures a check")
    parser.add_argument("--cases", type=int, default=20, help="honest cases a probe")
    parser.add_argument("--reports", type=int, default=30, help="whole reports a suite and task")
    parser.add_argument("--again", action="store_true", help="forget what was measured")
    args = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    store = json.loads(STORE.read_text()) if STORE.exists() and not args.again else {}
    planted = planted_rows(store, args.seeds, args.again)
    honest = honest_rows(store, args.cases, args.again)
    whole = report_rows(store, args.reports, args.again)
    PAGE.write_text(
        HEAD
        + planted
        + "\n\n## Honest cases, probe by probe\n\nDifferent models, data, numbers of classes and features from seed to seed."
        + "\n\n| probe | cases | with a failed check | which |\n| --- | --- | --- | --- |\n"
        + honest
        + "\n\n## Whole honest reports\n\nThe suites as they ship, on small trained networks over drawn data (320 test samples,"
        + " 400 to fit on, 150 foreign).\n\n| suite | task | reports | with any failed check | which |\n"
        + "| --- | --- | --- | --- | --- |\n"
        + whole
        + "\n"
        + NOTES
    )
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
