"""PGD-40 on small CNNs against its floor and against Foolbox, torchattacks and ART, one thread, one process.

The floor is 40 x (forward + cross-entropy + gradient of the input). Every contender is timed next to a floor of its own,
in turn, and the ratio of processor times is reported: `python benchmarks/robustness.py [--rows 256] [--repeats 5]`.
Peers that are not installed are left out. Other attacks: `benchmarks/attacks.py`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

STEPS = 40


@dataclass(frozen=True)
class Case:
    """A net and a budget: the larger ones fool more than half, which shows what dropping saves."""

    name: str
    eps: float
    adversarial: float = 0.0  # size of the sign step of the training
    size: int = 28  # of the pictures
    width: int = 16
    rows: int = 0  # 0: as asked for
    steps: int = 60  # of the training


CASES = (
    Case("clean-trained", 0.1),
    Case("clean-trained, larger budget", 0.14),
    Case("adversarially trained", 0.1, adversarial=0.1),
    Case("8 x 8, width 4, 32 rows: overhead", 0.1, size=8, width=4, rows=32, steps=400),
)


def small_cnn(size: int = 28, width: int = 16) -> nn.Module:
    """Three convolutions and a linear layer on pictures of `size` x `size`."""
    return nn.Sequential(
        nn.Conv2d(1, width, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(4 * width * (size // 4) ** 2, 10),
    )


def pictures(n: int, seed: int, size: int = 28) -> tuple[torch.Tensor, torch.Tensor]:
    """Ten smooth prototypes with noise: learnable in seconds, neither trivial nor hopeless to attack."""
    fixed = torch.Generator().manual_seed(0)
    prototypes = torch.nn.functional.interpolate(
        torch.rand(10, 1, size // 4, size // 4, generator=fixed), size=size, mode="bilinear"
    )
    draw = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 10, (n,), generator=draw)
    noise = 0.15 * torch.randn(n, 1, size, size, generator=draw)
    return (prototypes[y] + noise).clamp(0, 1), y


def trained(case: Case) -> nn.Module:
    """Some steps of Adam, on inputs moved by one sign step of the size that the case says."""
    torch.manual_seed(0)
    net = small_cnn(case.size, case.width)
    optimiser = torch.optim.Adam(net.parameters(), 2e-3)
    for step in range(case.steps):
        x, y = pictures(64, 100 + step, case.size)
        if case.adversarial:
            x.requires_grad_(True)
            (g,) = torch.autograd.grad(nn.functional.cross_entropy(net(x), y), [x])
            x = (x.detach() + case.adversarial * g.sign()).clamp(0, 1)
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    net.eval()
    for parameter in net.parameters():
        parameter.grad = None
    return net


def accuracy(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


def floor(net: nn.Module, x: torch.Tensor, y: torch.Tensor, steps: int) -> None:
    for _ in range(steps):
        leaf = x.detach().requires_grad_(True)
        torch.autograd.grad(nn.functional.cross_entropy(net(leaf), y), [leaf])


def seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def against_floor(
    run: Callable[[], object], floor: Callable[[], object], repeats: int
) -> list[float]:
    """Processor time of `run` over that of the floor just before and just after it."""
    ratios = []
    for _ in range(repeats):
        before = seconds(floor)
        took = seconds(run)
        ratios.append(2 * took / (before + seconds(floor)))
    return ratios


def contenders(
    net: nn.Module, x: torch.Tensor, y: torch.Tensor, eps: float, batch: int
) -> dict[str, Callable[[], torch.Tensor]]:
    """Name -> a call that returns the adversarial batch."""
    step = 2.5 * eps / STEPS
    runs: dict[str, Callable[[], torch.Tensor]] = {}
    try:
        import leadline

        for drop in (False, True):
            pgd = leadline.robustness.Pgd(eps=eps, steps=STEPS, drop_fooled=drop)
            runs["leadline, " + ("dropping" if drop else "no dropping")] = lambda pgd=pgd: (
                pgd.perturb(net, x, y, bounds=(0.0, 1.0), batch_size=batch)
            )
    except ImportError as error:
        print(f"leadline left out: {error}")
    try:
        import foolbox

        model = foolbox.PyTorchModel(net, bounds=(0, 1))
        attack = foolbox.attacks.LinfPGD(rel_stepsize=step / eps, steps=STEPS)
        runs["foolbox"] = lambda: attack(model, x, y, epsilons=eps)[1]
    except ImportError as error:
        print(f"foolbox left out: {error}")
    try:
        import torchattacks

        pgd = torchattacks.PGD(net, eps=eps, alpha=step, steps=STEPS)
        runs["torchattacks"] = lambda: pgd(x, y)
    except ImportError as error:
        print(f"torchattacks left out: {error}")
    try:
        import numpy as np
        from art.attacks.evasion import ProjectedGradientDescent
        from art.estimators.classification import PyTorchClassifier

        classifier = PyTorchClassifier(
            net,
            nn.CrossEntropyLoss(),
            tuple(x.shape[1:]),
            10,
            clip_values=(0, 1),
            device_type="cpu",
        )
        art_pgd = ProjectedGradientDescent(
            classifier,
            eps=eps,
            eps_step=step,
            max_iter=STEPS,
            num_random_init=1,
            batch_size=batch,
            verbose=False,
        )
        one_hot = np.eye(10, dtype=np.float32)[y.numpy()]
        runs["ART"] = lambda: torch.from_numpy(art_pgd.generate(x.numpy(), one_hot))
    except ImportError as error:
        print(f"ART left out: {error}")
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--batch", type=int, default=0, help="0: all rows")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for case in CASES:
        net = trained(case)
        rows = case.rows or options.rows
        x, y = pictures(rows, 7, case.size)
        runs = contenders(net, x, y, case.eps, options.batch or rows)
        print(f"{case.name}: {rows} rows, eps {case.eps}, accuracy {accuracy(net, x, y):.3f}")
        for who, run in runs.items():
            torch.manual_seed(0)
            found = run()  # with gradients on: Foolbox follows the mode it is called in
            ratios = against_floor(run, partial(floor, net, x, y, STEPS), options.repeats)
            print(
                f"  {who:22} {statistics.median(ratios):5.2f} x floor "
                f"({min(ratios):.2f} to {max(ratios):.2f}), accuracy {accuracy(net, found, y):.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
