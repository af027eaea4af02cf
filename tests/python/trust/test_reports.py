"""The share of whole honest reports with any failed check is at most 5 %."""

from __future__ import annotations

import pytest

from . import worlds

if not worlds.HAS_TORCH:
    pytest.skip("built without torch", allow_module_level=True)
from . import reports  # noqa: E402
from .test_trust import binomial_cdf  # noqa: E402


def test_an_honest_report_shows_no_failed_check():
    failed = reports.failed_checks(reports.honest_report("quick", "table", "1 in 8", 1))
    # Where the machine changes its speed meanwhile, that check is right to say so.
    assert [text for text in failed if not text.startswith("latency.latency_is_steady")] == []


@pytest.mark.full
@pytest.mark.parametrize(("suite", "task", "anew"), reports.KINDS)
def test_at_most_one_honest_report_in_20_shows_a_failed_check(suite, task, anew):
    n = 40
    found, _, words = reports.alarms(suite, task, anew, range(100, 100 + n))
    # Refuted when so many would be seen in 1 of 1000 such tests at a true share of 5 %.
    assert 1 - binomial_cdf(found - 1, n, 0.05) > 1e-3, words
