"""The main job, on real data: train a small CNN, evaluate it, write a report.

Run by `make demo`; leaves demo/report.html, demo/report.json, demo/report.md and demo/policy.toml.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import fashion_mnist

import leadline

POLICY = """\
name = "release gate for the clothing reader"

[[require]]
name = "reads clothes well enough"
estimate = "task.accuracy"
at_least = 0.88
reason = "below this the returns desk sorts faster by hand"

[[require]]
name = "says how sure it is, honestly"
estimate = "calibration.ece"
at_most = 0.03
reason = "the confidence decides what a person looks at"

[[require]]
name = "is not misled by changes nobody can see"
estimate = "pgd.accuracy{norm=linf,eps=0.0314}"
at_least = 0.5
reason = "photographs come from outside"

[[require]]
name = "knows what it was never taught"
estimate = "energy.auroc{ood=digits}"
at_least = 0.9
reason = "other documents end up in the scanner"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    parser.add_argument("--suite", default="quick", choices=["quick", "standard", "deep"])
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()

    policy = leadline.Policy.from_toml(POLICY)
    policy.lock()
    policy.save(str(args.out / "policy.toml"))

    print("Training a small CNN on 60 000 images of clothes ...", flush=True)
    train_x, train_y = fashion_mnist.load("train")
    test_x, test_y = fashion_mnist.load("t10k")
    net = fashion_mnist.small_cnn()
    fashion_mnist.train(net, train_x, train_y, epochs=args.epochs)
    trained = time.perf_counter()

    def images(x, y=None, name=""):
        return leadline.Dataset(
            x, y, name=name, class_names=fashion_mnist.CLASS_NAMES, bounds=(0.0, 1.0)
        )

    print("Evaluating ...", flush=True)
    report = leadline.evaluate(
        net,
        images(test_x, test_y, name="Fashion-MNIST, 10 000 test images"),
        also={
            "fit": images(
                train_x[:10_000], train_y[:10_000], name="Fashion-MNIST, training images"
            ),
            "ood/digits": images(fashion_mnist.handwritten_digits(), name="handwritten digits"),
        },
        suite=args.suite,
        policy=policy,
        seed=0,
        title="How far can this reader of clothes be trusted?",
    )
    for name in ("report.html", "report.json", "report.md"):
        report.save(str(args.out / name))

    print()
    print(report)
    print(
        f"\nTrained in {trained - began:.0f} s, evaluated in {time.perf_counter() - trained:.0f} s. "
        f"Open {args.out / 'report.html'} in a browser."
    )


if __name__ == "__main__":
    main()
