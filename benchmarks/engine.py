"""What a report costs above the bare forward loop: `task` and `calibration` over 10 000 images, one thread, one process.

The floor is the loop that everybody writes: batches of 128 through the network under `no_grad`, logits kept. Both are
timed in turn and the ratio of processor times is reported: `python benchmarks/engine.py [--repeats 5]`. Fashion-MNIST
where it is installed, else noise of the same shape.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

import leadline

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples/python"))
import fashion_mnist

BATCH = 128


def seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def images() -> tuple[torch.Tensor, torch.Tensor]:
    try:
        x, y = fashion_mnist.load("t10k")
        return torch.from_numpy(x), torch.from_numpy(y)
    except FileNotFoundError:
        generator = torch.Generator().manual_seed(0)
        x = torch.rand(10_000, 1, 28, 28, generator=generator)
        return x, torch.randint(0, 10, (10_000,), generator=generator)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = fashion_mnist.small_cnn().eval()
    x, y = images()
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    probes = [leadline.metrics.Task(), leadline.uncertainty.Calibration()]

    def floor() -> None:
        with torch.no_grad():
            torch.cat([net(batch) for batch in x.split(BATCH)])

    def ours() -> None:
        leadline.evaluate(
            net,
            data,
            suite=leadline.evaluation.make_suite(probes),
            batch_size=BATCH,
            progress=False,
        )

    floor(), ours()
    pairs = [(seconds(floor), seconds(ours)) for _ in range(args.repeats)]
    ratio = statistics.median(b / a for a, b in pairs)
    print(
        f"{len(x)} images: bare forward loop {statistics.median(a for a, _ in pairs):.2f} s, "
        f"evaluate(task, calibration) {statistics.median(b for _, b in pairs):.2f} s, ratio {ratio:.3f}"
    )


if __name__ == "__main__":
    main()
