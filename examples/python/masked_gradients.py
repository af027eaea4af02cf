"""The masked-gradient trap: four defences that look robust to gradient attacks, and are not.

Each defence wraps one and the same network, which has no defence at all. The textbook attack (the
plain float32 cross-entropy, as in most libraries; Foolbox, torchattacks and ART too, where they are
installed) finds little. leadline's PGD says why it is not to be trusted, and an attack that works
finds what is left.

    python examples/python/masked_gradients.py            # about two minutes
    python examples/python/masked_gradients.py --out trap # writes a report a defence
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import fashion_mnist
import torch
from torch import nn

import leadline
from leadline import robustness as rb

EPS, STEPS = 16 / 255, 40


class Rounded(nn.Module):
    """Sixteen levels of grey: the gradient of rounding is zero."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(torch.round(x * 15) / 15)


class Saturated(Rounded):
    """Logits a thousand times as large: the float32 loss of a confident row is exactly zero."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1000 * self.net(x)


class Stochastic(Rounded):
    """Noise on every input: the gradient of one draw says little about the next."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net((x + 0.25 * torch.randn_like(x)).clamp(0, 1))


class Preprocessed(Rounded):
    """Preprocessing outside of the graph, as with a picture library: no gradient arrives."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            smooth = nn.functional.avg_pool2d(x, 3, stride=1, padding=1)
        return self.net(0.75 * x.detach() + 0.25 * smooth)


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


def others() -> dict[str, Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]]:
    """The PGD of other libraries with their documented settings, where they are installed."""
    found: dict[str, Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]] = {
        "textbook PGD": textbook_pgd
    }
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--train", type=int, default=12_000, help="images to train on")
    parser.add_argument("--out", type=Path, help="folder for a report a defence")
    args = parser.parse_args()

    torch.manual_seed(0)
    train_x, train_y = fashion_mnist.load("train")
    test_x, test_y = fashion_mnist.load("t10k")
    net = fashion_mnist.small_cnn()
    fashion_mnist.train(net, train_x[: args.train], train_y[: args.train], epochs=1)
    net.eval()
    x, y = torch.as_tensor(test_x[: args.samples]), torch.as_tensor(test_y[: args.samples])
    data = leadline.Dataset(x, y, class_names=fashion_mnist.CLASS_NAMES, bounds=(0.0, 1.0))

    for defence in (Rounded, Saturated, Stochastic, Preprocessed):
        model = defence(net).eval()
        print(f"\n{defence.__name__}: {defence.__doc__.splitlines()[0]}")
        print(f"  accuracy alone would have said      {accuracy(model, x, y):.2f}")
        for name, attack in others().items():
            try:
                print(f"  {name:36}{accuracy(model, attack(model, x, y), y):.2f}")
            except Exception as error:  # a peer that cannot attack this model says so
                print(f"  {name:36}{type(error).__name__}")
        suite = [
            rb.Pgd(eps=EPS, steps=STEPS, check_samples=48),
            rb.Square(eps=EPS, queries=500, check_samples=16),
        ]
        report = leadline.evaluate(model, data, suite=suite, seed=0)
        for finding in report.findings:
            robust = [e for e in finding.estimates if e.name.startswith("accuracy{")][-1].estimate
            failed = [c.name for c in finding.checks if c.result == "fail"]
            verdict = f"NOT TO BE TRUSTED: {', '.join(failed)}" if failed else "no check failed"
            print(f"  leadline {finding.probe:27}{robust.value:.2f}  {verdict}")
        if args.out:
            args.out.mkdir(parents=True, exist_ok=True)
            report.save(str(args.out / f"{defence.__name__.lower()}.html"))


if __name__ == "__main__":
    main()
