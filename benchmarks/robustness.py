"""PGD-40 on a small CNN against its floor and against Foolbox, torchattacks and ART, one thread, one process.

The floor is 40 x (forward + cross-entropy + gradient of the input). Every contender is timed next to a floor of its own,
in turn, and the ratio of processor times is reported: `python benchmarks/robustness.py [--rows 256] [--repeats 5]`.
Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

STEPS = 40
# Name, step of the adversarial training, budget: the one that fools more than half shows what dropping saves.
CASES = (
    ("clean-trained", 0.0, 0.1),
    ("clean-trained, larger budget", 0.0, 0.12),
    ("adversarially trained", 0.1, 0.1),
)


def small_cnn() -> nn.Module:
    """Three convolutions and a linear layer on 28 x 28 images."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 10),
    )


def pictures(n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ten smooth prototypes with noise: learnable in seconds, neither trivial nor hopeless to attack."""
    fixed = torch.Generator().manual_seed(0)
    prototypes = torch.nn.functional.interpolate(
        torch.rand(10, 1, 7, 7, generator=fixed), size=28, mode="bilinear"
    )
    draw = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 10, (n,), generator=draw)
    noise = 0.15 * torch.randn(n, 1, 28, 28, generator=draw)
    return (prototypes[y] + noise).clamp(0, 1), y


def train(net: nn.Module, adversarial: float) -> None:
    """Some steps of Adam, on inputs moved by one sign step of size `adversarial`."""
    optimiser = torch.optim.Adam(net.parameters(), 2e-3)
    for step in range(60):
        x, y = pictures(64, 100 + step)
        if adversarial:
            x.requires_grad_(True)
            (g,) = torch.autograd.grad(nn.functional.cross_entropy(net(x), y), [x])
            x = (x.detach() + adversarial * g.sign()).clamp(0, 1)
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    net.eval()
    for parameter in net.parameters():
        parameter.grad = None


def floor(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> None:
    for _ in range(STEPS):
        leaf = x.detach().requires_grad_(True)
        torch.autograd.grad(nn.functional.cross_entropy(net(leaf), y), [leaf])


def seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def against_floor(
    run: Callable[[], object], net: nn.Module, x: torch.Tensor, y: torch.Tensor, repeats: int
) -> list[float]:
    """Processor time of `run` over that of the floor just before and just after it."""
    run()
    ratios = []
    for _ in range(repeats):
        before = seconds(lambda: floor(net, x, y))
        took = seconds(run)
        after = seconds(lambda: floor(net, x, y))
        ratios.append(2 * took / (before + after))
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
            net, nn.CrossEntropyLoss(), (1, 28, 28), 10, clip_values=(0, 1), device_type="cpu"
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
    torch.manual_seed(0)
    for name, adversarial, eps in CASES:
        net = small_cnn()
        train(net, adversarial)
        x, y = pictures(options.rows, 7)
        runs = contenders(net, x, y, eps, options.batch or options.rows)
        floor(net, x, y)
        with torch.no_grad():
            clean = (net(x).argmax(1) == y).float().mean().item()
        print(f"{name}: {options.rows} rows, eps {eps}, clean accuracy {clean:.3f}")
        for who, run in runs.items():
            ratios = against_floor(run, net, x, y, options.repeats)
            found = run()  # with gradients on: Foolbox follows the mode it is called in
            with torch.no_grad():
                accuracy = (net(found).argmax(1) == y).float().mean().item()
            print(
                f"  {who:22} {statistics.median(ratios):5.2f} x floor "
                f"({min(ratios):.2f} to {max(ratios):.2f}), accuracy {accuracy:.3f}"
            )


if __name__ == "__main__":
    main()
