"""The statistics room against scipy, and as the issue uses it."""

from __future__ import annotations

import doctest
import itertools
import math
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import leadline
from leadline import stats

ss = pytest.importorskip("scipy.stats")
RNG = np.random.default_rng(20240117)


def close(got, expected, tolerance=1e-9):
    assert got == pytest.approx(expected, abs=tolerance)


def test_usage_line():
    e = stats.proportion_interval(7, 50, method="wilson")
    assert isinstance(e, leadline.Estimate)
    assert (e.value, e.n, e.method, e.level) == (0.14, 50, "wilson", 0.95)
    close((e.lower, e.upper), (0.0695083343, 0.2618619371))


def test_examples_in_docstrings_run():
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    parser, n = doctest.DocTestParser(), 0
    for name in stats.__all__:
        text = getattr(stats, name).__doc__ or ""
        assert text.strip(), f"{name} says nothing"
        if ">>>" in text:
            runner.run(parser.get_doctest(text, {}, name, None, 0))
            n += 1
    assert n >= 12 and runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("k,n", [(0, 10), (7, 50), (998, 1000), (81, 263), (10, 10)])
@pytest.mark.parametrize(
    "ours,theirs",
    [("wilson", "wilson"), ("wilson_corrected", "wilsoncc"), ("clopper_pearson", "exact")],
)
def test_proportions_match_scipy(k, n, ours, theirs):
    for level in (0.9, 0.95):
        e = stats.proportion_interval(k, n, method=ours, level=level)
        ci = ss.binomtest(k, n).proportion_ci(level, method=theirs)
        close((e.lower, e.upper), (ci.low, ci.high))


def test_tests_match_scipy_on_random_data():
    sides = {"two_sided": "two-sided", "less": "less", "greater": "greater"}
    for size in (5, 12, 70):
        a, b = RNG.normal(0, 1, size), RNG.normal(0.4, 2, size + 3)
        for ours, theirs in sides.items():
            close(
                stats.t_test(a, b, alternative=ours).p_value,
                ss.ttest_ind(a, b, equal_var=False, alternative=theirs).pvalue,
            )
            close(
                stats.t_test(a, b[:size], paired=True, alternative=ours).p_value,
                ss.ttest_rel(a, b[:size], alternative=theirs).pvalue,
            )
            for exact in (True, False):
                if exact and size == 70:
                    continue
                close(
                    stats.mann_whitney_test(
                        a, b, alternative=ours, exact_up_to=50 if exact else 0
                    ).p_value,
                    ss.mannwhitneyu(
                        a, b, alternative=theirs, method="exact" if exact else "asymptotic"
                    ).pvalue,
                )
                close(
                    stats.wilcoxon_test(
                        a, alternative=ours, exact_up_to=50 if exact else 0
                    ).p_value,
                    ss.wilcoxon(
                        a,
                        alternative=theirs,
                        method="exact" if exact else "asymptotic",
                        correction=not exact,
                    ).pvalue,
                )
    coarse = np.round(RNG.normal(0.2, 1, 80), 1)
    for ours, theirs in (("drop", "wilcox"), ("pratt", "pratt")):
        close(
            stats.wilcoxon_test(coarse, zeros=ours).p_value,
            ss.wilcoxon(coarse, zero_method=theirs, correction=True, method="asymptotic").pvalue,
        )


def test_counts_match_scipy_on_random_tables():
    for _ in range(20):
        table = RNG.integers(1, 40, (2, 2))
        for ours, theirs in (("two_sided", "two-sided"), ("less", "less"), ("greater", "greater")):
            close(
                stats.fisher_exact_test(table, alternative=ours).p_value,
                ss.fisher_exact(table, alternative=theirs)[1],
            )
        wide = RNG.integers(1, 30, (3, 4))
        for t in (table, wide):
            for corrected in (True, False):
                mine = stats.chi_square_test(t, continuity=corrected)
                peer = ss.chi2_contingency(t, correction=corrected)
                close((mine.statistic, mine.p_value, mine.df), (peer[0], peer[1], peer[2]))
                close(mine.least_expected, peer[3].min())
        close(stats.cramer_v(wide).value, ss.contingency.association(wide, method="cramer"), 1e-12)
        close(stats.chi_square_goodness_test(wide[0]).p_value, ss.chisquare(wide[0]).pvalue)
        k, n, p = int(RNG.integers(0, 50)), 50, RNG.random()
        close(stats.binomial_test(k, n, p).p_value, ss.binomtest(k, n, p).pvalue)


def test_adjusted_p_values_match_scipy():
    p = RNG.random(30) ** 3
    close(stats.benjamini_hochberg(p), ss.false_discovery_control(p, method="bh"))
    close(stats.benjamini_yekutieli(p), ss.false_discovery_control(p, method="by"))
    order = np.argsort(p)
    holm = np.minimum(1, np.maximum.accumulate(np.sort(p) * np.arange(30, 0, -1)))
    close(stats.holm(p)[order], holm)
    e = 1 / p
    close(stats.e_benjamini_hochberg(e), np.minimum(1, stats.benjamini_hochberg(1 / e)))


def test_mcnemar_gives_all_four_forms():
    expected = {
        "exact": 0.0385742188,
        "mid_p": 0.0224609375,
        "chi_square": 0.0209213353,
        "chi_square_corrected": 0.0433081428,
    }
    for method, p in expected.items():
        close(stats.mcnemar_test(10, 2, method=method).p_value, p)
    none = stats.mcnemar_test(0, 0)
    assert (none.p_value, none.status, none.why) == (1.0, "undefined", "no discordant pair")


def test_bca_matches_scipy_with_its_jackknife():
    x = RNG.exponential(1, 200)
    ours = stats.bootstrap_mean(x, replicates=20_000)
    peer = ss.bootstrap((x,), np.mean, n_resamples=20_000, method="BCa", rng=1).confidence_interval
    close((ours.lower, ours.upper), (peer.low, peer.high), 0.006)


def test_clusters_widen_and_pairs_narrow():
    x = np.repeat(RNG.normal(0, 1, 100), 10)
    ids = np.repeat(np.arange(100), 10)
    alone = stats.bootstrap_mean(x)
    together = stats.bootstrap_mean(x, clusters=ids)
    ratio = (together.upper - together.lower) / (alone.upper - alone.lower)
    close(ratio, math.sqrt(10), 0.4)
    y = x + RNG.normal(0, 0.1, len(x))
    paired = stats.bootstrap_mean(x, y)
    assert paired.upper - paired.lower < 0.3 * (alone.upper - alone.lower)
    strata = (x > 0).astype(int)
    inside = stats.bootstrap_mean(x, strata=strata)
    assert inside.upper - inside.lower < alone.upper - alone.lower


def test_poisson_bootstrap_merges_bit_for_bit():
    def made():
        return stats.PoissonBootstrap(replicates=64, columns=2, seed=3)

    rows = RNG.random((50, 2))
    whole, a, b = made(), made(), made()
    whole.add(np.arange(50), rows)
    a.add(np.arange(20), rows[:20])
    b.add(np.arange(20, 50), rows[20:])
    b.merge(a)
    assert b.save() == whole.save()
    restored = made()
    restored.load(whole.save())
    assert restored.n == 50 and restored.save() == whole.save()
    with pytest.raises(leadline.ValueError, match="made with the same options"):
        a.merge(stats.PoissonBootstrap(replicates=64, columns=2, seed=4))


def test_resample_calls_a_python_statistic():
    x = RNG.normal(0, 1, 60)
    medians = stats.resample(60, lambda counts: np.median(np.repeat(x, counts)), replicates=300)
    e = stats.percentile_interval(medians, float(np.median(x)))
    assert e.lower <= np.median(x) <= e.upper and medians.shape == (300,)


def test_sequences_take_columns_and_merge_where_they_may():
    x = RNG.random(200)
    for name in (
        "MixtureSequence",
        "NormalMixtureSequence",
        "BernsteinSequence",
        "BettingSequence",
    ):
        sequence = getattr(stats, name)(level=0.9)
        assert sequence.interval().status == "empty"
        sequence.add(x[:100])
        for value in x[100:]:
            sequence.add(float(value))
        e = sequence.interval()
        assert e.n == 200 and e.level == 0.9 and e.lower < 0.5 < e.upper
        close(e.value, x.mean(), 1e-12)
    assert not hasattr(stats.BettingSequence, "merge")
    assert not hasattr(stats.BernsteinSequence, "merge")


def test_gate_counts_nights_and_resumes():
    gate = stats.SequentialGate(alpha=0.05, margin=0.005, horizon=100)
    for _ in range(5):
        gate.update(both=900, only_first=20, only_second=20, neither=60)
    again = stats.SequentialGate(alpha=0.05, margin=0.005, horizon=100)
    again.load(gate.save())
    assert again.evidence == gate.evidence < 2 and not gate.alarmed
    with pytest.raises(leadline.ValueError, match="positive share"):
        stats.SequentialGate(margin=-0.1)


def test_power_matches_a_binomial_sum():
    n, rate, limit = 60, 0.95, 0.85
    expected = sum(
        ss.binom.pmf(k, n, rate)
        for k in range(n + 1)
        if not (e := stats.proportion_interval(k, n)).lower <= limit <= e.upper
    )
    close(stats.power_proportion(n, rate=rate, limit=limit), expected)
    size = stats.sample_size_mcnemar(only_first=0.06, only_second=0.03)
    assert stats.power_mcnemar(size, only_first=0.06, only_second=0.03) >= 0.8


def test_effects_and_zero_cells():
    a, b = RNG.normal(1, 1, 30), RNG.normal(0, 1, 25)
    d = stats.cohen_d(a, b)
    assert d.lower < d.value < d.upper and stats.hedges_g(a, b).value < d.value
    u = ss.mannwhitneyu(a, b).statistic
    close(stats.cliff_delta(a, b).value, 2 * u / (30 * 25) - 1)
    none = stats.ratio_interval(5, 50, 0, 50)
    assert none.status == "undefined" and none.facts["lower"] > 1
    assert stats.odds_ratio(5, 20, 0, 20).status == "undefined"
    assert stats.ratio_interval(0, 50, 5, 50).method == "koopman"


def test_empty_input_is_a_status():
    assert stats.proportion_interval(0, 0).status == "empty"
    assert stats.mean_interval(np.zeros(0)).status == "empty"
    assert stats.bootstrap_mean(np.zeros(0)).status == "empty"
    assert stats.paired_difference(0, 0, 0, 0).status == "empty"
    assert stats.wilcoxon_test(np.zeros(0)).why == "no pair"
    assert stats.mean_interval([1.0]).lower is None


@pytest.mark.parametrize(
    "call,message",
    [
        (lambda: stats.proportion_interval(3, 2), "0 <= successes <= n, got 3.0"),
        (lambda: stats.proportion_interval(-1, 2), "0 <= successes <= n, got -1.0"),
        (lambda: stats.proportion_interval(1, 2, level=95), r"level in \(0, 1\), got 95"),
        (lambda: stats.proportion_interval(1, 2, method="wald"), "'wilson'"),
        (lambda: stats.difference_interval(1, 2, 1, 2, method="wald"), "'newcombe'"),
        (lambda: stats.mean_interval([1.0, math.nan]), "finite values, got nan at position 1"),
        (lambda: stats.mean_interval([1.0, 2.0], method="bernstein"), "low and high"),
        (lambda: stats.t_test([1.0, 2.0], [1.0], paired=True), "pairs: second of shape"),
        (lambda: stats.fisher_exact_test([[1, 2, 3], [4, 5, 6]]), r"a table \[2, 2\]"),
        (
            lambda: stats.sample_size_non_inferiority(rate1=0.9, rate2=0.9, margin=-0.01),
            "positive share",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(leadline.Error, match=message):
        call()


@pytest.mark.parametrize(
    "call",
    [
        stats.mean_interval,
        stats.bootstrap_mean,
        stats.wilcoxon_test,
        stats.sign_flip_test,
        lambda x: stats.t_test(x, x[::-1]),
        lambda x: stats.mann_whitney_test(x, x[:3]),
        lambda x: stats.permutation_test(x, x[:3]),
        lambda x: stats.cliff_delta(x, x[:3]),
        lambda x: stats.e_benjamini_hochberg(x),
        lambda x: stats.holm(np.minimum(x, 1)),
    ],
)
def test_integers_are_the_numbers_that_they_are(call):
    whole = np.array([1, 2, 0, 4, 1, 7, 3])
    assert repr(call(whole)) == repr(call(whole.astype(float)))


def test_columns_are_columns_and_integers_fit_a_double():
    with pytest.raises(leadline.ShapeError, match=r"mean_interval: expected values of shape \[n\]"):
        stats.mean_interval(np.zeros((2, 2)))
    with pytest.raises(leadline.ValueError, match="9007199254740993 at position 1"):
        stats.mean_interval([1, 2**53 + 1])
    with pytest.raises(
        leadline.TypeError, match="mean_interval: expected values as numbers, got None"
    ):
        stats.mean_interval(None)


def test_validity_check_fires_at_few_successes():
    assert not stats.interval_is_valid_here("wilson", 2, 1000)
    assert stats.interval_is_valid_here("wilson", 30, 1000)
    assert stats.interval_is_valid_here("clopper_pearson", 0, 1000)
    assert stats.interval_is_valid_here("katz", (60, 80), (200, 200))
    assert not stats.mean_interval_is_valid_here([0.0] * 95 + [100.0] * 1)


def test_estimates_pickle():
    e = stats.proportion_interval(7, 50)
    assert pickle.loads(pickle.dumps(e)) == e


def test_exact_coverage_is_the_sum():
    n, p = 30, 0.1
    expected = sum(
        ss.binom.pmf(k, n, p)
        for k in range(n + 1)
        if (e := stats.proportion_interval(k, n, method="jeffreys")).lower <= p <= e.upper
    )
    close(stats.exact_coverage("jeffreys", n, p), expected)
    pairs = itertools.product(range(13), range(11))
    expected = sum(
        ss.binom.pmf(a, 12, 0.3) * ss.binom.pmf(b, 10, 0.2)
        for a, b in pairs
        if (e := stats.difference_interval(a, 12, b, 10)).lower <= 0.1 <= e.upper
    )
    close(stats.exact_coverage("newcombe", (12, 10), (0.3, 0.2)), expected, 1e-7)


@pytest.mark.full
def test_the_published_coverage_is_what_the_script_computes():
    script = Path(__file__).resolve().parents[2] / "scripts" / "interval_coverage.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
