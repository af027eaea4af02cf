"""A paired comparison against the loop that one would write with scikit-learn, scipy and statsmodels.
CPU time in one run, one thread; peers where they are installed.
"""

from __future__ import annotations

import time

import numpy as np

import leadline


def cpu_s(call) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


def loop(target, p_a, p_b, replicates: int) -> dict:
    """McNemar, and a paired bootstrap of balanced accuracy and macro F1."""
    from sklearn import metrics
    from statsmodels.stats.contingency_tables import mcnemar

    a, b = p_a.argmax(1), p_b.argmax(1)
    right_a, right_b = a == target, b == target
    table = [
        [(right_a & right_b).sum(), (right_a & ~right_b).sum()],
        [(~right_a & right_b).sum(), (~right_a & ~right_b).sum()],
    ]
    found = {"p": mcnemar(table, exact=True).pvalue}
    rng = np.random.default_rng(0)
    draws = {"balanced": [], "f1": []}
    for _ in range(replicates):
        rows = rng.integers(0, len(target), len(target))
        t = target[rows]
        draws["balanced"].append(
            metrics.balanced_accuracy_score(t, b[rows])
            - metrics.balanced_accuracy_score(t, a[rows])
        )
        draws["f1"].append(
            metrics.f1_score(t, b[rows], average="macro")
            - metrics.f1_score(t, a[rows], average="macro")
        )
    for name, values in draws.items():
        found[name] = np.quantile(values, [0.025, 0.975])
    return found


def main() -> None:
    rng = np.random.default_rng(0)
    n, classes, replicates = 10_000, 10, 1000
    target = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, 2, classes))
    logits[np.arange(n), 0, target] += 3.0
    logits[np.arange(n), 1, target] += 3.1
    p = np.exp(logits) / np.exp(logits).sum(2, keepdims=True)
    x = p.reshape(n, -1)

    def ours():
        return leadline.compare(
            lambda z: z[:, :classes],
            lambda z: z[:, classes:],
            (x, target),
            output="probabilities",
            replicates=replicates,
            test="exact",
            batch_size=2000,
            progress=False,
        )

    mine = cpu_s(ours)
    found = ours()
    print(
        f"compare, n = {n}, {classes} classes, {replicates} replicates: leadline {mine:.2f} s CPU"
    )
    try:
        import sklearn
        import statsmodels
    except ImportError as error:
        print(f"no peer: {error}")
        return
    few = 20  # of the loop; its cost is linear in the replicates
    begin = time.process_time()
    theirs = loop(target, p[:, 0], p[:, 1], few)
    peer = (time.process_time() - begin) * replicates / few
    print(
        f"  scikit-learn {sklearn.__version__} + statsmodels {statsmodels.__version__} loop: {peer:.1f} s CPU "
        f"({few} replicates, scaled), {peer / mine:.0f} times ours (ours has calibration, losses and slices too)"
    )
    print(f"  McNemar exact: ours {found['task.accuracy'].p_value:.6g}, theirs {theirs['p']:.6g}")


if __name__ == "__main__":
    main()
