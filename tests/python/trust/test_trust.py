"""Each check catches what is planted for it and passes what is honest; docs/trust.md has the table."""

from __future__ import annotations

import json
import math
import re

import pytest

from leadline.catalogs import full_catalog

from . import honest, parity, planted, worlds

ROOT = parity.SOURCES.parent
MADE = [row for row in planted.PLANTED if row.make is not None]


def binomial_cdf(k: int, n: int, p: float) -> float:
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


def power_holds(caught: int, n: int, power: float = 0.95) -> bool:
    """Unless so few would be caught in 1 of 1000 such tests of a check with that power."""
    return binomial_cdf(caught, n, power) > 1e-3


def is_caught(row: planted.Planted, seed: int) -> bool:
    """Failed, and so clearly that it would stay failed in a report with 50 statistical checks."""
    checks = worlds.results(row.make(seed).finding(seed)).get(row.check, [])
    return any(c.result == "fail" and (c.p_value is None or c.p_value < 1e-3) for c in checks)


def failures(probe: str, seed: int) -> list[str]:
    finding = honest.HONEST[probe](seed).finding(seed)
    return [f"{c.name}: {c.why}" for c in finding.checks if c.result == "fail"]


@pytest.mark.parametrize("row", MADE, ids=lambda row: row.key)
def test_a_planted_failure_is_caught(row):
    for seed in (1, 2):
        assert is_caught(row, seed), (row.how, seed)


@pytest.mark.full
@pytest.mark.parametrize("row", MADE, ids=lambda row: row.key)
def test_planted_failures_are_caught_with_power_095(row):
    caught = sum(is_caught(row, seed) for seed in range(100, 160))
    assert power_holds(caught, 60), f"{row.how}: {caught} of 60"


@pytest.mark.skipif(not worlds.HAS_TORCH, reason="gradients need torch")
@pytest.mark.parametrize("attack", ["pgd", "auto_attack", "fab"])
def test_each_masking_of_the_gradient_is_flagged_by_the_check_that_should(attack):
    from . import masked

    assert len(masked.MASKINGS) >= 8
    assert {m.how: masked.outcome(attack, m, 1) for m in masked.MASKINGS} == {
        m.how: "flagged" for m in masked.MASKINGS
    }


@pytest.mark.full
@pytest.mark.skipif(not worlds.HAS_TORCH, reason="gradients need torch")
def test_no_attack_that_climbs_gradients_misses_a_masking():
    from . import masked

    for attack in masked.ATTACKS:
        for masking in masked.MASKINGS:
            missed = sum(masked.outcome(attack, masking, s) == "missed" for s in range(100, 120))
            assert power_holds(20 - missed, 20), f"{attack}: {masking.how}, {missed} of 20"


@pytest.mark.parametrize("probe", sorted(honest.HONEST))
def test_an_honest_case_passes_every_check(probe):
    for seed in (1, 2):
        assert failures(probe, seed) == []


@pytest.mark.full
@pytest.mark.parametrize("probe", sorted(honest.HONEST))
def test_20_honest_cases_raise_at_most_one_false_alarm(probe):
    failed = {seed: found for seed in range(20) if (found := failures(probe, seed))}
    assert len(failed) <= 1, failed


def test_a_test_of_power_can_fail():
    assert power_holds(60, 60) and power_holds(53, 60)
    assert not power_holds(40, 60)


def test_every_check_in_the_sources_has_a_planted_failure():
    """Add a row to planted.py, with the smallest failure that the new check is for."""
    rows = {row.check for row in planted.PLANTED}
    missing = {
        path: names - rows
        for path, names in parity.checks_in_sources().items()
        if names - rows and (worlds.HAS_TORCH or not needs_torch(path))
    }
    assert missing == {}, "checks without a planted failure in tests/python/trust/planted.py"
    made = set().union(*parity.checks_in_sources().values())
    assert rows <= made, f"rows for checks that no source makes: {rows - made}"


def needs_torch(path: str) -> bool:
    return path.startswith("torch/") or path in ("inside/linear_probe.cpp", "ood/mahalanobis.cpp")


def test_the_sources_are_read_as_they_are_written():
    assert parity.checks_in('Check one{.name = "a_b", .result = Check::pass};') == {"a_b"}
    assert parity.checks_in('  Check x{"c_d", Check::pass};\n  y.name = "e_f{ood=" + n;') == {
        "c_d",
        "e_f",
    }
    assert parity.checks_in('info.name = "a_probe";  // Check') == set()


@pytest.mark.parametrize("probe", sorted(honest.HONEST))
def test_every_check_of_a_finding_has_a_row(probe):
    made = set(worlds.results(honest.HONEST[probe](3).finding(3)))
    if probe in honest.SHARED_BATTERY:  # one battery serves all attacks: its rows are those of pgd
        assert made <= {row.check for row in planted.PLANTED if row.probe == "pgd"}
    else:
        assert made == {row.check for row in planted.PLANTED if row.probe == probe}


def test_every_probe_of_the_catalog_has_honest_cases():
    """Add a function to honest.py that makes an honest case of the new probe from a seed."""
    entries = json.loads(full_catalog().to_json())
    shipped = {entry["name"] for entry in entries if entry["kind"] == "probe"}
    of_functions = {"expectations", "failure_search"}  # made of what the user writes: no entry
    if worlds.HAS_TORCH:
        of_functions.add("mitigation")
    assert shipped | of_functions == set(honest.HONEST) - set(honest.VARIANTS)


def test_failures_planted_in_cpp_are_test_cases():
    for row in planted.PLANTED:
        if row.make is None:
            found = [p for p in ROOT.glob("tests/cpp/**/*.cpp") if f'"{row.cpp}"' in p.read_text()]
            assert found, f"no C++ test case {row.cpp!r} for {row.key}"


def test_the_page_has_the_table():
    page = (ROOT / "docs/trust.md").read_text()
    told = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, re.M))
    if worlds.HAS_TORCH:
        assert told == {(row.probe, row.check) for row in planted.PLANTED}, "scripts/trust_page.py"
