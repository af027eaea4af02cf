"""What Python costs: `Accuracy.update` of a 100-row batch, against torchmetrics in the same run, and
the import. One thread; torchmetrics is a peer and may be missing.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import numpy as np
import torch

import leadline


def micros(call, repeats: int = 7, loops: int = 2000) -> float:
    """Microseconds a call: the median of `repeats` means over `loops`."""
    call()
    seen = []
    for _ in range(repeats):
        begin = time.perf_counter()
        for _ in range(loops):
            call()
        seen.append((time.perf_counter() - begin) / loops * 1e6)
    return statistics.median(seen)


def import_seconds(module: str) -> float:
    """The least CPU seconds of three fresh interpreters, NumPy loaded before."""
    code = f"import numpy, time; a = time.process_time(); import {module}; print(time.process_time() - a)"
    runs = [subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(3)]
    return min(map(float, runs))


def main() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    scores, target = rng.normal(size=(100, 10)).astype("float32"), rng.integers(0, 10, 100)
    t_scores, t_target = torch.from_numpy(scores), torch.from_numpy(target)
    ours = leadline.metrics.Accuracy()
    print(f"leadline Accuracy.update, NumPy  {micros(lambda: ours.update(scores, target)):8.2f} us")
    print(
        f"leadline Accuracy.update, torch  {micros(lambda: ours.update(t_scores, t_target)):8.2f} us"
    )
    try:
        from torchmetrics.classification import MulticlassAccuracy
    except ImportError:
        print("torchmetrics is not installed (make golden's environment has it)")
    else:
        peer = MulticlassAccuracy(num_classes=10, average="micro")
        loops = 200
        print(
            f"torchmetrics update              "
            f"{micros(lambda: peer.update(t_scores, t_target), loops=loops):8.2f} us"
        )
    print(f"import leadline                  {import_seconds('leadline'):8.3f} s")


if __name__ == "__main__":
    main()
