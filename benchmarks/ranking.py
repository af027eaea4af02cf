"""Ranking metrics against scikit-learn and torchmetrics (each where it is installed), in one run, one
thread. CPU time, least of several runs, so that a busy machine does not blur the ratios.

    python benchmarks/ranking.py           # the rows of one column, and bounded multiclass
    python benchmarks/ranking.py --all     # with the peers' multiclass runs, several seconds each
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import leadline

m = leadline.metrics


def cpu_ms(call: Callable[[], Any], repeats: int) -> float:
    """Least CPU milliseconds of one call."""
    seen = []
    for _ in range(repeats):
        begin = time.process_time()
        call()
        seen.append((time.process_time() - begin) * 1e3)
    return min(seen)


def ours(metric: Any, *columns: Any) -> Any:
    """One update and its answer."""
    metric.update(*columns)
    return metric.compute()


def row(
    name: str,
    mine: Callable[[], Any],
    peers: dict[str, Callable[[], Any]],
    repeats: int = 5,
    peer_repeats: int = 2,
) -> None:
    """One line: ours, and each peer with how many times longer it takes."""
    least = cpu_ms(mine, repeats)
    text = "".join(
        f"  {peer} {(taken := cpu_ms(call, peer_repeats)):9.1f} ms ({taken / least:6.1f} x)"
        for peer, call in peers.items()
    )
    print(f"{name:44s} leadline {least:8.2f} ms{text}", flush=True)


def load_peers() -> tuple[Any, Any, Any]:
    """scikit-learn's metrics, torchmetrics' classes and torch; None where not installed."""
    try:
        from sklearn import metrics as sk
    except ImportError:
        sk = None
    try:
        import torch
        from torchmetrics import classification as tm
    except ImportError:
        return sk, None, None
    torch.set_num_threads(1)
    return sk, tm, torch


def one_column(sk: Any, tm: Any, torch: Any) -> None:
    rng = np.random.default_rng(0)
    n = 1_000_000
    target = rng.integers(0, 2, n)
    raw = (rng.normal(size=n) + target).astype("float32")
    scores = (1 / (1 + np.exp(-raw))).astype("float32")
    peers: dict[str, dict[str, Any]] = {"auroc": {}, "ap": {}, "four": {}, "small": {}}
    if sk:
        peers["auroc"]["scikit-learn"] = lambda: sk.roc_auc_score(target, scores)
        peers["ap"]["scikit-learn"] = lambda: sk.average_precision_score(target, scores)

        def four() -> None:  # the formulas of OpenOOD's evaluator
            sk.roc_curve(target, scores)
            sk.roc_auc_score(target, scores)
            sk.precision_recall_curve(target, scores)
            sk.precision_recall_curve(1 - target, -scores)

        peers["four"]["scikit-learn"] = four
    if tm:
        t_scores, t_target = torch.from_numpy(scores), torch.from_numpy(target)
        peers["auroc"]["torchmetrics"] = lambda: tm.BinaryAUROC()(t_scores, t_target)
        peers["ap"]["torchmetrics"] = lambda: tm.BinaryAveragePrecision()(t_scores, t_target)
    row("AUROC and DeLong, 1e6", lambda: ours(m.Auroc(), scores, target), peers["auroc"])
    row(
        "AUROC bounded, 1e6",
        lambda: ours(m.Auroc(keep=0, scale="probability"), scores, target),
        peers["auroc"],
    )
    row("average precision, 1e6", lambda: ours(m.AveragePrecision(), scores, target), peers["ap"])
    row(
        "average precision bounded, 1e6",
        lambda: ours(m.AveragePrecision(keep=0, scale="probability"), scores, target),
        peers["ap"],
    )

    def four_ours() -> Any:
        metric = m.Detection()
        metric.update(scores, target)
        return metric.describe()

    row("AUROC, both AUPR, FPR95, curve, bands, 1e6", four_ours, peers["four"], 3, 1)
    few, labels = scores[:100_000], target[:100_000]
    row("DeLong interval, 1e5", lambda: ours(m.Auroc(), few, labels), {})
    boot = {}
    if sk:
        index = rng.integers(0, len(few), len(few))
        one = cpu_ms(lambda: sk.roc_auc_score(labels[index], few[index]), 3)
        print(f"{'bootstrap, 1000 times scikit-learn, 1e5':44s} scikit-learn {1000 * one:9.0f} ms")
    row(
        "bootstrap of AUROC, B = 1000, 1e5",
        lambda: ours(m.Auroc(interval="bootstrap"), few, labels),
        boot,
        3,
    )
    batch, of_batch = scores[:100], target[:100]
    held = m.Auroc(keep=0)
    if tm:
        peer = tm.BinaryAUROC(thresholds=200)
        tb, tt = t_scores[:100], t_target[:100]
        peers["small"]["torchmetrics"] = lambda: [peer.update(tb, tt) for _ in range(100)]
    row(
        "100 updates of 100 rows",
        lambda: [held.update(batch, of_batch) for _ in range(100)],
        peers["small"],
    )


def many_columns(sk: Any, tm: Any, torch: Any, everything: bool) -> None:
    rng = np.random.default_rng(1)
    n, classes = 200_000, 100
    target = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)).astype("float32")
    logits[np.arange(n), target] += 1.5
    scores = np.exp(logits)
    scores /= scores.sum(1, keepdims=True)
    peers: dict[str, Any] = {}
    if sk and everything:
        peers["scikit-learn"] = lambda: sk.roc_auc_score(target, scores, multi_class="ovr")
    if tm and everything:
        t_scores, t_target = torch.from_numpy(scores), torch.from_numpy(target)
        peers["torchmetrics"] = lambda: tm.MulticlassAUROC(classes)(t_scores, t_target)
    row(
        "AUROC one-vs-rest 200k x 100",
        lambda: ours(m.Auroc(exact=True), scores, target),
        peers,
        2,
        1,
    )
    row(
        "AUROC one-vs-rest bounded 200k x 100",
        lambda: ours(m.Auroc(keep=0, scale="probability"), scores, target),
        peers,
        2,
        1,
    )


def main() -> None:
    loaded = load_peers()
    one_column(*loaded)
    many_columns(*loaded, everything="--all" in sys.argv)


if __name__ == "__main__":
    main()
