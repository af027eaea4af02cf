"""Harden, then measure again: what adversarial training gains under an attack that knows it, and costs.

Trains the demo's CNN on Fashion-MNIST as it is, by PGD, by TRADES and by the fast single step, and
compares all of them, a rounding of the inputs, a vote over noise and a detector with the plain net in
one paired table.

    python examples/python/harden.py                 # about five minutes of one core
    python examples/python/harden.py --out harden    # writes harden/comparison.html
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import fashion_mnist
import torch
from torch import nn

import leadline
from leadline import mitigate
from leadline import robustness as rb


def trained(
    training: mitigate.AdversarialTraining,
    start: nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    epochs: int,
) -> nn.Module:
    """The plain net, trained on by `training`; the last 100 images are kept out for the watch."""
    net = fashion_mnist.small_cnn()
    net.load_state_dict(start.state_dict())
    began = time.perf_counter()
    watch = (x[-100:], y[-100:]) if isinstance(training, mitigate.FastTraining) else None
    result = training.fit(
        net,
        (x[:-100], y[:-100]),
        epochs=epochs,
        optimizer=torch.optim.Adam(net.parameters(), lr=1e-3),
        watch=watch,
    )
    note = f"; stopped: {result.stopped}" if result.stopped else ""
    print(f"{type(training).__name__}: {time.perf_counter() - began:.0f} s{note}", flush=True)
    return net.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eps", type=float, default=0.1)
    parser.add_argument("--train", type=int, default=8000, help="images to train on")
    parser.add_argument("--samples", type=int, default=200, help="images to compare on")
    parser.add_argument("--epochs", type=int, default=2, help="of each hardening")
    parser.add_argument("--out", type=Path, help="folder for the report")
    args = parser.parse_args()

    torch.manual_seed(0)
    images, labels = fashion_mnist.load("train")
    x, y = torch.tensor(images[: args.train]), torch.tensor(labels[: args.train])
    test_x, test_y = fashion_mnist.load("t10k")
    plain = fashion_mnist.small_cnn()
    fashion_mnist.train(plain, images[: args.train], labels[: args.train], epochs=3)

    threat = rb.Threat(norm="linf", eps=args.eps)
    data = leadline.Dataset(
        test_x[: args.samples],
        test_y[: args.samples],
        class_names=fashion_mnist.CLASS_NAMES,
        bounds=(0.0, 1.0),
    )
    print(rb.Pgd(threat, steps=20, check_samples=32).evaluate(plain, data, progress=False))

    models = {
        "pgd": trained(mitigate.PgdTraining(threat, steps=5), plain, x, y, args.epochs),
        "trades": trained(
            mitigate.TradesTraining(threat, steps=5, beta=3), plain, x, y, args.epochs
        ),
        "fast": trained(mitigate.FastTraining(threat), plain, x, y, 2 * args.epochs),
        "8 levels": mitigate.BitDepth(plain, bits=3),
        "vote over noise": mitigate.Smoothed(plain, sigma=0.1, draws=8),
        # Images that nothing was trained on and nothing is judged by set the threshold.
        "detector": mitigate.Detector(plain).fit(test_x[-1000:]),
    }
    found = mitigate.compare(models, plain, data, threat=threat)
    print(found)
    for row in found:
        print(f"  {row.name:16} {row.outcome:20} gain {row.gain}, accuracy {row.accuracy_change}")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        found.save(args.out / "comparison.html")


if __name__ == "__main__":
    main()
