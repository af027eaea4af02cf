"""The masked-gradient trap: four defences that look robust to gradient attacks, and are not.

Each defence wraps one and the same network, which was trained without any defence. The textbook
attack, and that of other libraries where they are installed, finds little or nothing. leadline's
PGD is not misled by saturated logits, and says of the others that its numbers cannot be believed and
by which checks; an attack that does not need those gradients comes down to what an attacker who knows
the defence finds.

    python examples/python/masked_gradients.py            # some two minutes
    python examples/python/masked_gradients.py --out trap # writes a report a defence
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import fashion_mnist
import torch
from torch import nn

import leadline
from leadline import robustness as rb

EPS, STEPS = 16 / 255, 40
Attack = Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]


class Rounded(nn.Module):
    """Sixteen levels of grey: the gradient of rounding is zero."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(torch.round(x * 15) / 15)


class Opened(Rounded):
    """`Rounded` by an attacker who lets gradients pass the rounding unchanged."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x + (torch.round(x * 15) / 15 - x).detach())


class Saturated(Rounded):
    """Logits a thousand times as large: the float32 loss of a confident row is exactly zero."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1000 * self.net(x)


class Stochastic(Rounded):
    """Noise on every input: the gradient of one draw says little about the next."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net((x + 0.25 * torch.randn_like(x)).clamp(0, 1))


class Averaged(Rounded):
    """`Stochastic` by an attacker who climbs the mean of sixteen draws."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        noisy = x.repeat(16, 1, 1, 1)
        noisy = (noisy + 0.25 * torch.randn_like(noisy)).clamp(0, 1)
        return self.net(noisy).softmax(1).unflatten(0, (16, -1)).mean(0).log()


class Preprocessed(Rounded):
    """Smoothing outside of the graph, as with a picture library: no gradient arrives."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return self.net(smooth(x.detach()))


class Smoothed(Rounded):
    """`Preprocessed` by an attacker who rebuilt the smoothing inside of the graph."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(smooth(x))


def smooth(x: torch.Tensor) -> torch.Tensor:
    return 0.75 * x + 0.25 * nn.functional.avg_pool2d(x, 3, stride=1, padding=1)


@dataclass
class Defence:
    model: type[Rounded]
    opened: type[Rounded] | None  # what an attacker who knows the defence climbs; None: the net
    works: dict[str, rb.Attack]  # needs no gradient that the defence hides


BLIND = {"square": rb.Square(eps=EPS, queries=1500, check_samples=16)}
MEAN = {"pgd_mean": rb.Pgd(eps=EPS, steps=STEPS, eot_samples=16, check_samples=16)}
DEFENCES = [
    Defence(Rounded, Opened, BLIND),
    Defence(Saturated, None, {}),
    Defence(Stochastic, Averaged, MEAN),
    Defence(Preprocessed, Smoothed, BLIND),
]


def textbook_pgd(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """PGD as it stands in the papers, on the plain cross-entropy."""
    at = (x + EPS * (2 * torch.rand_like(x) - 1)).clamp(0, 1)
    for _ in range(STEPS):
        at = at.detach().requires_grad_(True)
        scores = model(at)
        if not scores.requires_grad:  # most libraries raise here, some give the input back
            return x
        (slope,) = torch.autograd.grad(nn.functional.cross_entropy(scores, y), at)
        at = torch.min(torch.max(at + EPS / 10 * slope.sign(), x - EPS), x + EPS).clamp(0, 1)
    return at.detach()


def others() -> dict[str, Attack]:
    """The PGD of other libraries with their documented settings, where they are installed."""
    found: dict[str, Attack] = {"textbook PGD": textbook_pgd}
    try:
        import torchattacks

        found["torchattacks PGD"] = lambda m, x, y: torchattacks.PGD(m, eps=EPS, steps=STEPS)(x, y)
    except ImportError:
        pass
    try:
        import foolbox

        found["Foolbox LinfPGD"] = lambda m, x, y: foolbox.attacks.LinfPGD(steps=STEPS)(
            foolbox.PyTorchModel(m, bounds=(0, 1)), x, y, epsilons=EPS
        )[1]
    except ImportError:
        pass
    return found


def accuracy(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    with torch.no_grad():
        return float((model(x).argmax(1) == y).float().mean())


def show(name: str, value: float, note: str = "") -> None:
    print(f"  {name:42}{value:.2f}  {note}".rstrip(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--train", type=int, default=30_000, help="images to train on")
    parser.add_argument("--out", type=Path, help="folder for a report a defence")
    args = parser.parse_args()

    train_x, train_y = fashion_mnist.load("train")
    test_x, test_y = fashion_mnist.load("t10k")
    torch.manual_seed(0)
    net = fashion_mnist.small_cnn()
    fashion_mnist.train(net, train_x[: args.train], train_y[: args.train], epochs=1)
    x, y = torch.as_tensor(test_x[: args.samples]), torch.as_tensor(test_y[: args.samples])
    data = leadline.Dataset(x, y, class_names=fashion_mnist.CLASS_NAMES, bounds=(0.0, 1.0))

    for defence in DEFENCES:
        model = defence.model(net).eval()
        print(f"\n{defence.model.__name__}: {model.__doc__.splitlines()[0]}")
        show("accuracy alone would have said", accuracy(model, x, y))
        for name, attack in others().items():
            try:
                show(name, accuracy(model, attack(model, x, y), y))
            except Exception as error:  # a library that cannot attack this model says so
                print(f"  {name:42}{type(error).__name__}")
        suite = {"pgd": rb.Pgd(eps=EPS, steps=STEPS, check_samples=48), **defence.works}
        report = leadline.evaluate(model, data, suite=suite, seed=0)
        for finding in report.findings:
            found = {e.name.split("{")[0]: e.estimate for e in finding.estimates}
            failed = [c.name for c in finding.checks if c.result == "fail"]
            verdict = f"NOT TO BE TRUSTED: {', '.join(failed)}" if failed else "no check failed"
            if expected := found.get("expected_accuracy"):
                verdict += f" ({expected.value:.2f} on average over runs)"
            show(f"leadline {finding.probe}", found["accuracy"].value, verdict)
        opened = defence.opened(net).eval() if defence.opened else net
        known = accuracy(model, textbook_pgd(opened, x, y), y)
        show("an attacker who knows the defence", known)
        if args.out:
            args.out.mkdir(parents=True, exist_ok=True)
            report.save(str(args.out / f"{defence.model.__name__.lower()}.html"))


if __name__ == "__main__":
    main()
