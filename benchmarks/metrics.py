"""Metrics against scikit-learn and torchmetrics (each where it is installed), in one run, one thread.
CPU time, least of several runs, so that a busy machine does not blur the ratios.
"""

from __future__ import annotations

import time

import numpy as np

import leadline


def cpu_ms(call, repeats: int = 7) -> float:
    """Least CPU milliseconds of one call."""
    seen = []
    for _ in range(repeats):
        begin = time.process_time()
        call()
        seen.append((time.process_time() - begin) * 1e3)
    return min(seen)


def ours(metric, *columns):
    metric.update(*columns)
    return metric.compute()


def row(name: str, mine, peers: dict) -> None:
    least = cpu_ms(mine)
    text = "".join(f"  {peer} {cpu_ms(call, 3):9.2f} ms" for peer, call in peers.items())
    print(f"{name:34s} leadline {least:8.3f} ms{text}")


def main() -> None:
    rng = np.random.default_rng(0)
    n = 1_000_000
    target = rng.integers(0, 10, n)
    label = np.where(rng.random(n) < 0.9, target, rng.integers(0, 10, n))
    scores = rng.random((n, 10), dtype=np.float32)
    peers: dict[str, dict] = {"confusion": {}, "f1": {}, "accuracy": {}, "scores": {}}
    try:
        from sklearn import metrics as sk
    except ImportError:
        pass
    else:
        peers["confusion"]["scikit-learn"] = lambda: sk.confusion_matrix(target, label)
        peers["f1"]["scikit-learn"] = lambda: sk.f1_score(target, label, average="macro")
        peers["accuracy"]["scikit-learn"] = lambda: sk.accuracy_score(target, label)
        peers["scores"]["scikit-learn"] = lambda: sk.accuracy_score(target, scores.argmax(axis=1))
    try:
        import torch
        from torchmetrics import classification as tm
    except ImportError:
        pass
    else:
        torch.set_num_threads(1)
        t_target, t_label, t_scores = map(torch.from_numpy, (target, label, scores))
        options = {"num_classes": 10}
        peers["confusion"]["torchmetrics"] = lambda: tm.MulticlassConfusionMatrix(**options)(
            t_label, t_target
        )
        peers["f1"]["torchmetrics"] = lambda: tm.MulticlassF1Score(**options)(t_label, t_target)
        peers["accuracy"]["torchmetrics"] = lambda: tm.MulticlassAccuracy(**options)(
            t_label, t_target
        )
        peers["scores"]["torchmetrics"] = lambda: tm.MulticlassAccuracy(**options)(
            t_scores, t_target
        )
    m = leadline.metrics
    row(
        "confusion matrix, 1e6 labels",
        lambda: ours(m.ConfusionMatrix(), label, target),
        peers["confusion"],
    )
    row("macro F1, 1e6 labels", lambda: ours(m.F1(), label, target), peers["f1"])
    row("accuracy, 1e6 labels", lambda: ours(m.Accuracy(), label, target), peers["accuracy"])
    row("accuracy, scores [1e6, 10]", lambda: ours(m.Accuracy(), scores, target), peers["scores"])
    binary_rows()


def binary_rows() -> None:
    """Binary decisions from float32 scores and a threshold, numbers, and a batch of 100."""
    rng = np.random.default_rng(1)
    n = 1_000_000
    target = rng.integers(0, 2, n)
    scores = rng.random(n, dtype=np.float32)
    x, y = rng.random(n), rng.random(n)
    m = leadline.metrics
    peers: dict[str, dict] = {"f1": {}, "mse": {}, "batch": {}}
    try:
        from sklearn import metrics as sk
    except ImportError:
        pass
    else:
        peers["f1"]["scikit-learn"] = lambda: sk.f1_score(target, scores >= 0.5)
        peers["mse"]["scikit-learn"] = lambda: sk.mean_squared_error(y, x)
    try:
        import torch
        from torchmetrics import MeanSquaredError
        from torchmetrics import classification as tm
    except ImportError:
        pass
    else:
        torch.set_num_threads(1)
        t_target, t_scores, t_x, t_y = map(torch.from_numpy, (target, scores, x, y))
        peers["f1"]["torchmetrics"] = lambda: tm.BinaryF1Score()(t_scores, t_target)
        peers["mse"]["torchmetrics"] = lambda: MeanSquaredError()(t_x, t_y)
        theirs = tm.BinaryF1Score()
        few = (t_scores[:100], t_target[:100])
        peers["batch"]["torchmetrics"] = lambda: [theirs.update(*few) for _ in range(1000)]
    for name in ("F1", "ConfusionMatrix", "Accuracy"):
        kind = getattr(m, name)
        row(
            f"binary {name}, 1e6 scores",
            lambda kind=kind: ours(kind(task="binary"), scores, target),
            peers["f1"],
        )
    row("mean squared error, 1e6", lambda: ours(m.MeanSquaredError(), x, y), peers["mse"])
    ece_rows(rng)
    mine, some = m.F1(task="binary"), (scores[:100], target[:100])
    row(
        "1000 updates of 100 rows",
        lambda: [mine.update(*some) for _ in range(1000)],
        peers["batch"],
    )


def ece_rows(rng: np.random.Generator) -> None:
    """Calibration error of one probability a sample, and of the top class of ten."""
    n, ece = 1_000_000, leadline.uncertainty.ExpectedCalibrationError
    p = rng.random(n)
    right = (rng.random(n) < p).astype(np.int64)
    many = rng.dirichlet(np.ones(10), 200_000).astype(np.float32)
    label = rng.integers(0, 10, len(many))
    one: dict = {}
    top: dict = {}
    try:
        import torch
        from torchmetrics import classification as tm
    except ImportError:
        pass
    else:
        t_p, t_right, t_many, t_label = map(torch.from_numpy, (p, right, many, label))
        one["torchmetrics"] = lambda: tm.BinaryCalibrationError(n_bins=15)(t_p, t_right)
        top["torchmetrics"] = lambda: tm.MulticlassCalibrationError(10, n_bins=15)(t_many, t_label)
    row("calibration error, 1e6", lambda: ours(ece(), p, right), one)
    row("calibration error, histogram, 1e6", lambda: ours(ece(exact=False), p, right), one)
    row("calibration error, top of 10, 2e5", lambda: ours(ece(), many, label), top)


if __name__ == "__main__":
    main()
