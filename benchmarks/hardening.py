"""What a step of adversarial training costs through the engine against the same step written in torch.

Each contender is timed next to a plain loop of its own, in turn, one thread, one process, and the ratio of
processor times is reported: `python benchmarks/hardening.py [--repeats 9]`. The plain loop is what papers
print: gradients of the input alone, sign, clamp. torchattacks is timed where it is installed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from leadline import mitigate

EPS = 0.1


def cnn(side: int, width: int) -> nn.Module:
    """Two convolutions, a hidden layer of 128 and ten classes; `width` 16 on 28 x 28 is the demo's."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, width, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2 * width * (side // 4) ** 2, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def ascent(
    net: nn.Module, x: torch.Tensor, at: torch.Tensor, climb: Callable, steps: int, size: float
) -> torch.Tensor:
    """Sign steps inside the ball, in evaluation mode, without gradients of the weights."""
    net.eval()
    for _ in range(steps):
        at = at.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(climb(net(at)), at)
        at = torch.min(torch.max(at + size * slope.sign(), x - EPS), x + EPS).clamp(0, 1)
    net.train()
    return at.detach()


def plain_pgd(net: nn.Module, x: torch.Tensor, y: torch.Tensor, steps: int) -> torch.Tensor:
    start = (x + EPS * (2 * torch.rand_like(x) - 1)).clamp(0, 1)
    climb = lambda z: functional.cross_entropy(z, y, reduction="sum")  # noqa: E731
    return functional.cross_entropy(net(ascent(net, x, start, climb, steps, 2.5 * EPS / steps)), y)


def plain_fast(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    start = (x + EPS * (2 * torch.rand_like(x) - 1)).clamp(0, 1)
    climb = lambda z: functional.cross_entropy(z, y, reduction="sum")  # noqa: E731
    return functional.cross_entropy(net(ascent(net, x, start, climb, 1, 1.25 * EPS)), y)


def plain_trades(net: nn.Module, x: torch.Tensor, y: torch.Tensor, steps: int) -> torch.Tensor:
    net.eval()
    with torch.no_grad():
        p = net(x).softmax(1)
    climb = lambda z: functional.kl_div(z.log_softmax(1), p, reduction="sum")  # noqa: E731
    start = x + 0.001 * torch.randn_like(x)
    moved = ascent(net, x, start, climb, steps, 2.5 * EPS / steps)
    clean = net(x)
    kl = functional.kl_div(net(moved).log_softmax(1), clean.softmax(1), reduction="sum") / len(x)
    return functional.cross_entropy(clean, y) + 6 * kl


def contenders(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> dict[str, tuple]:
    """Name -> (its loss, the plain loss)."""
    pgd, trades = (
        mitigate.PgdTraining(eps=EPS, steps=10),
        mitigate.TradesTraining(eps=EPS, steps=10),
    )
    fast = mitigate.FastTraining(eps=EPS)
    pairs: dict[str, tuple] = {
        "PgdTraining, 10 steps": (lambda: pgd.loss(net, x, y), lambda: plain_pgd(net, x, y, 10)),
        "TradesTraining, 10 steps": (
            lambda: trades.loss(net, x, y),
            lambda: plain_trades(net, x, y, 10),
        ),
        "FastTraining": (lambda: fast.loss(net, x, y), lambda: plain_fast(net, x, y)),
    }
    try:
        import torchattacks

        attack = torchattacks.PGD(net, eps=EPS, alpha=2.5 * EPS / 10, steps=10)
        pairs["torchattacks PGD, 10 steps"] = (
            lambda: functional.cross_entropy(net(attack(x, y)), y),
            lambda: plain_pgd(net, x, y, 10),
        )
    except ImportError as error:
        print(f"torchattacks left out: {error}")
    return pairs


def seconds(net: nn.Module, loss: Callable[[], torch.Tensor]) -> float:
    """One step: loss, backward, update."""
    began = time.process_time()
    net.zero_grad()
    loss().backward()
    with torch.no_grad():
        for p in net.parameters():
            p -= 1e-4 * p.grad
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9)
    args = parser.parse_args()
    torch.set_num_threads(1)
    for side, width, batch in ((28, 16, 128), (8, 4, 32)):
        net = cnn(side, width).train()
        x, y = torch.rand(batch, 1, side, side), torch.randint(0, 10, (batch,))
        print(f"{side} x {side}, width {width}, batch {batch}: ratio to the plain loop")
        for name, (ours, plain) in contenders(net, x, y).items():
            seconds(net, ours), seconds(net, plain)
            ratios = []
            for _ in range(args.repeats):
                before, took, after = seconds(net, plain), seconds(net, ours), seconds(net, plain)
                ratios.append(2 * took / (before + after))
            print(
                f"  {name:28} {statistics.median(ratios):.2f}  (from {min(ratios):.2f} to {max(ratios):.2f})"
            )


if __name__ == "__main__":
    main()
