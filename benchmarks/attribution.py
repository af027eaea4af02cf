"""Integrated gradients on a small CNN and a small MLP against their floor and Captum, one thread, one process.

The floor is steps x (forward + gradient of the input alone) in the fastest size of a call. Every contender is timed next
to a floor of its own, in turn, and the ratio of processor times is reported:
`python benchmarks/attribution.py [--rows 32] [--steps 50] [--repeats 7]`; `--memory leadline|captum` measures the growth
of resident memory with the steps instead, in a process of its own. Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import functools
import resource
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

Explain = Callable[[nn.Module, torch.Tensor, torch.Tensor, int], object]


def small_cnn() -> nn.Module:
    """Two convolutions and two linear layers on 28 x 28 images."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def small_mlp() -> nn.Module:
    """30-64-64-2."""
    return nn.Sequential(
        nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)
    )


def floor(net: nn.Module, x: torch.Tensor, target: torch.Tensor, steps: int, chunk: int) -> None:
    """Gradients of the inputs alone for steps x rows points, `chunk` at once."""
    points = x.repeat_interleave(steps, 0)
    classes = target.repeat_interleave(steps)
    for part, label in zip(points.split(chunk), classes.split(chunk), strict=True):
        leaf = part.detach().requires_grad_(True)
        torch.autograd.grad(net(leaf).gather(1, label[:, None]).sum(), [leaf])


def seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def against_floor(run: Callable[[], object], bare: Callable[[], None], repeats: int) -> list[float]:
    """Processor time of `run` over that of the floor just before and just after it."""
    run()
    ratios = []
    for _ in range(repeats):
        before = seconds(bare)
        took = seconds(run)
        ratios.append(2 * took / (before + seconds(bare)))
    return ratios


def explain_leadline() -> Explain:
    import leadline

    methods: dict[int, leadline.attribution.IntegratedGradients] = {}

    def explain(net: nn.Module, x: torch.Tensor, target: torch.Tensor, steps: int) -> object:
        method = methods.setdefault(steps, leadline.attribution.IntegratedGradients(steps=steps))
        return method.attribute(net, x, target)

    return explain


def explain_captum(chunk: int | None) -> Explain:
    from captum.attr import IntegratedGradients

    def explain(net: nn.Module, x: torch.Tensor, target: torch.Tensor, steps: int) -> object:
        return IntegratedGradients(net).attribute(
            x, target=target, n_steps=steps, internal_batch_size=chunk
        )

    return explain


def contenders() -> dict[str, Explain]:
    runs: dict[str, Explain] = {}
    try:
        runs["leadline"] = explain_leadline()
    except ImportError as error:
        print(f"leadline left out: {error}")
    try:
        runs["Captum"] = explain_captum(None)
        runs["Captum, 128 rows a call"] = explain_captum(128)
    except ImportError as error:
        print(f"Captum left out: {error}")
    return runs


def compare(name: str, net: nn.Module, x: torch.Tensor, steps: int, repeats: int) -> None:
    net.eval().requires_grad_(False)
    target = torch.zeros(len(x), dtype=torch.long)

    def bare(size: int) -> Callable[[], None]:
        return lambda: floor(net, x, target, steps, size)

    sizes = {}
    for size in (32, 64, 128, 256, 512, 1024, 2048):
        bare(size)()
        sizes[size] = min(seconds(bare(size)) for _ in range(3))
    best = min(sizes, key=sizes.__getitem__)
    print(f"{name}: {len(x)} rows, {steps} steps, floor {1e3 * sizes[best]:.2f} ms at {best} rows")
    for who, explain in contenders().items():
        run = functools.partial(explain, net, x, target, steps)
        ratios = against_floor(run, bare(best), repeats)
        print(
            f"  {who:24} {statistics.median(ratios):5.2f} x floor "
            f"({min(ratios):.2f} to {max(ratios):.2f})"
        )


def memory(who: str, rows: int) -> None:
    """Growth of the greatest resident size, steps rising: what a call adds shows once."""
    explain = explain_leadline() if who == "leadline" else explain_captum(None)
    net = small_cnn().eval().requires_grad_(False)
    x, target = torch.rand(rows, 1, 28, 28), torch.zeros(rows, dtype=torch.long)
    with torch.no_grad():
        net(x)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for steps in (10, 50, 200, 500, 2000, 5000):
        explain(net, x, target, steps)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
        print(f"{who}, {rows} rows, {steps} steps: {grown / 1024:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--memory", choices=["leadline", "captum"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if options.memory:
        memory(options.memory, options.rows)
    else:
        x = torch.rand(options.rows, 1, 28, 28)
        compare("CNN", small_cnn(), x, options.steps, options.repeats)
        x = torch.rand(options.rows, 30)
        compare("MLP", small_mlp(), x, options.steps, options.repeats)


if __name__ == "__main__":
    main()
