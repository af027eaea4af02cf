"""Fairness against fairlearn (where it is installed), in one run, one thread. CPU time, least of several."""

from __future__ import annotations

import time

import numpy as np

from leadline import fairness, metrics


def cpu_ms(call, repeats: int = 7) -> float:
    """Least CPU milliseconds of one call."""
    seen = []
    for _ in range(repeats):
        begin = time.process_time()
        call()
        seen.append((time.process_time() - begin) * 1e3)
    return min(seen)


def row(name: str, mine, peer=None, target: float = 0) -> None:
    ours = cpu_ms(mine)
    text = f"{name:44s} leadline {ours:8.2f} ms (target {target:g} ms)"
    if peer is not None:
        theirs = cpu_ms(peer, 1)
        text += f"  fairlearn {theirs:10.1f} ms  ratio {theirs / ours:8.0f}"
    print(text, flush=True)


def main() -> None:
    rng = np.random.default_rng(0)
    try:
        from fairlearn import metrics as fl
        from sklearn.metrics import accuracy_score, precision_score, recall_score
    except ImportError:
        fl = None
    small, large = 100_000, 1_000_000
    target, group = rng.integers(0, 2, large), rng.integers(0, 8, large)
    decided = np.where(rng.random(large) < 0.8, target, 1 - target)
    t, p, g = target[:small], decided[:small], group[:small]
    three = [
        metrics.Accuracy(),
        metrics.Precision(average="binary"),
        metrics.Recall(average="binary"),
    ]

    def frame():
        for report in fairness.by_group(three, p, t, groups={"g": g}):
            report.gap()

    peer = None
    if fl is not None:
        chosen = {"a": accuracy_score, "p": precision_score, "r": recall_score}

        def peer():
            fl.MetricFrame(
                metrics=chosen,
                y_true=t,
                y_pred=p,
                sensitive_features=g,
                n_boot=10,  # a tenth of the usual 100
                ci_quantiles=[0.025, 0.975],
            )

    row("frame, 3 metrics, 8 groups, intervals, 1e5", frame, peer, 5)
    odds = None
    if fl is not None:

        def odds():
            fl.equalized_odds_difference(target, decided, sensitive_features=group)

    row(
        "equalized odds with interval, 8 groups, 1e6",
        lambda: fairness.equalized_odds_difference(decided, target, groups={"g": group}),
        odds,
        5,
    )
    names = np.array([f"group {i}" for i in range(8)])[group]
    row(
        "the same, groups as texts",
        lambda: fairness.equalized_odds_difference(decided, target, groups={"g": names}),
    )
    table = {f"c{i}": rng.integers(0, 4, 10_000) for i in range(6)}
    wrong = (rng.random(10_000) < 0.1).astype(float)
    row(
        "weak slices, 6 columns, pairs, 199 shuffles, 1e4",
        lambda: fairness.find_weak_slices(table, wrong),
    )


if __name__ == "__main__":
    main()
