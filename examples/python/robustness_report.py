"""One page on the robustness of a net for Fashion-MNIST: attacks, proofs, corruptions, and whether to believe them.

Trains a small CNN on images that PGD has changed, then asks how much of its accuracy is left under
attack (a curve over budgets, and AutoAttack attack by attack), how much of that is proven, and what
noise, blur, weather and compression do. The examples that mislead it are kept in the run's folder.

    python examples/python/robustness_report.py               # a few minutes of one core
    python examples/python/robustness_report.py --out robust  # writes robust/report.html
"""

from __future__ import annotations

import argparse
from pathlib import Path

import fashion_mnist
import numpy as np
import torch
from torch import nn

import leadline
from leadline import mitigate
from leadline import robustness as rb

EPS = 0.06


def smaller_cnn() -> nn.Sequential:
    """Small enough for proofs in seconds; 13 898 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 4, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 7 * 7, 10),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--train", type=int, default=12_000, help="images to train on")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--out", type=Path, default=Path("robustness"), help="folder of the run")
    args = parser.parse_args()

    torch.manual_seed(0)
    images, labels = fashion_mnist.load("train")
    net = smaller_cnn()
    mitigate.PgdTraining(rb.Threat(norm="linf", eps=EPS), steps=4).fit(
        net,
        (torch.tensor(images[: args.train]), torch.tensor(labels[: args.train])),
        epochs=args.epochs,
        optimizer=torch.optim.Adam(net.parameters(), lr=2e-3),
    )
    x, y = fashion_mnist.load("t10k")
    data = leadline.Dataset(
        x[: args.samples],
        y[: args.samples],
        class_names=fashion_mnist.CLASS_NAMES,
        bounds=(0.0, 1.0),
    )
    budgets = np.round(EPS * np.array([0.25, 0.5, 1.0, 2.0]), 4).tolist()
    suite = {
        "pgd": rb.Pgd(norm="linf", eps=budgets, steps=40),
        "auto_attack": rb.AutoAttack(norm="linf", eps=EPS, check_samples=24),
        "certify": rb.Certify(norm="linf", eps=budgets[:3], method="crown"),
        "corruptions": rb.CorruptionBenchmark(corruptions=["common"], severities=[1, 2, 3, 4, 5]),
    }
    report = leadline.evaluate(
        net.eval(), data, suite=suite, out=str(args.out), title="How robust is this net?"
    )
    print(report)
    report.save(str(args.out / "report.html"))


if __name__ == "__main__":
    main()
