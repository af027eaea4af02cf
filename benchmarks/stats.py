"""Statistics against scipy and statsmodels (each where it is installed), in one run, one thread.
CPU time, least of several runs, so that a busy machine does not blur the ratios.
"""

from __future__ import annotations

import time

import numpy as np

from leadline import stats


def cpu_ms(call, repeats: int = 5) -> float:
    """Least CPU milliseconds of one call."""
    seen = []
    for _ in range(repeats):
        begin = time.process_time()
        call()
        seen.append((time.process_time() - begin) * 1e3)
    return min(seen)


def row(name: str, mine, peers: dict) -> None:
    least = cpu_ms(mine)
    text = ""
    for peer, call in peers.items():
        ms = cpu_ms(call, 2)
        text += f"  {peer} {ms:10.3f} ms ({ms / least:.0f}x)"
    print(f"{name:44s} leadline {least:9.4f} ms{text}")


def peers_of() -> dict[str, dict]:
    peers: dict[str, dict] = {}
    try:
        import scipy.stats as ss
    except ImportError:
        return peers
    rng = np.random.default_rng(0)
    hits = (rng.random(100_000) < 0.92).astype(float)
    x, y = rng.normal(0, 1, 100_000), rng.normal(0.01, 1, 100_000)
    small = rng.exponential(1, 2000)
    options = {"n_resamples": 1000, "vectorized": True}
    peers["rate"] = {
        "scipy": lambda: ss.bootstrap((hits,), np.mean, method="percentile", batch=10, **options)
    }
    peers["bca"] = {"scipy": lambda: ss.bootstrap((small,), np.mean, method="BCa", **options)}
    peers["mann_whitney"] = {"scipy": lambda: ss.mannwhitneyu(x, y, method="asymptotic")}
    peers["wilcoxon"] = {"scipy": lambda: ss.wilcoxon(x, method="asymptotic")}
    peers["fisher"] = {"scipy": lambda: ss.fisher_exact([[1500, 1600], [1400, 1700]])}
    peers["flip"] = {
        "scipy": lambda: ss.permutation_test(
            (x[:1000],), np.mean, permutation_type="samples", n_resamples=999, vectorized=True
        )
    }
    peers["wilson"] = {
        "scipy": lambda: [
            ss.binomtest(k, 1000).proportion_ci(method="wilson") for k in range(0, 1000, 10)
        ]
    }
    return peers


def main() -> None:
    peers = peers_of()
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 1, 100_000), rng.normal(0.01, 1, 100_000)
    small = rng.exponential(1, 2000)

    def mine(name: str) -> dict:
        return peers.get(name, {})

    row(
        "bootstrap accuracy, B = 1000, n = 1e5",
        lambda: stats.bootstrap_rate(92_000, 100_000),
        mine("rate"),
    )
    row("BCa of a mean, B = 1000, n = 2000", lambda: stats.bootstrap_mean(small), mine("bca"))
    row(
        "100 Wilson intervals",
        lambda: [stats.proportion_interval(k, 1000) for k in range(0, 1000, 10)],
        mine("wilson"),
    )
    row("Mann-Whitney, 2 x 1e5", lambda: stats.mann_whitney_test(x, y), mine("mann_whitney"))
    row("Wilcoxon signed ranks, 1e5", lambda: stats.wilcoxon_test(x), mine("wilcoxon"))
    row(
        "Fisher's exact test, n = 6200",
        lambda: stats.fisher_exact_test([[1500, 1600], [1400, 1700]]),
        mine("fisher"),
    )
    row(
        "sign flips, 999 of 1000 pairs",
        lambda: stats.sign_flip_test(x[:1000], replicates=999),
        mine("flip"),
    )
    row(
        "exact size of McNemar's test",
        lambda: stats.sample_size_mcnemar(only_first=0.04, only_second=0.02),
        {},
    )
    row(
        "interval valid here, 300 of 1e4",
        lambda: stats.interval_is_valid_here("wilson", 300, 10_000),
        {},
    )
    gate = stats.SequentialGate(horizon=200)
    row("a night of the gate", lambda: gate.update(9500, 210, 200, 90), {})
    row("betting sequence, 1000 values", lambda: stats.BettingSequence().add(rng.random(1000)), {})


if __name__ == "__main__":
    main()
