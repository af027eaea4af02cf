"""Randomized smoothing against its own forwards, and what linear bounds cost, one thread, one process.

`python benchmarks/certificates.py [--draws 20000] [--repeats 5]`. The floor of a certificate is the forwards of as many rows
of ready-made noise, in batches of the same size; each is timed next to the other, in turn, and the ratio of processor times is
reported. auto_LiRPA is no row here: its only release (0.3, 2022) does not import beside torch 2.13.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

import leadline
from leadline import robustness as rb


def small_cnn() -> nn.Module:
    """Three convolutions and a linear layer on 28 x 28 images: as in benchmarks/robustness.py."""
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


class Residual(nn.Module):
    """Two convolutions around which the input is carried."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(n, n, 3, padding=1),
            nn.BatchNorm2d(n),
            nn.ReLU(),
            nn.Conv2d(n, n, 3, padding=1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.body(x))


def small_resnet() -> nn.Module:
    """Three residual blocks on 32 x 32 colour images, about 14 million multiply-adds."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        Residual(16),
        nn.AvgPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        Residual(32),
        nn.AvgPool2d(2),
        Residual(32),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )


def seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def smoothing_row(name: str, net: nn.Module, x: torch.Tensor, draws: int, repeats: int) -> None:
    """Processor time of a certificate over that of its forwards."""
    batch = 256
    smooth = rb.Smoothing(net, sigma=0.25)
    noisy = x + 0.25 * torch.randn(batch, *x.shape[1:])

    @torch.no_grad()
    def floor() -> None:
        for first in range(0, draws + 100, batch):
            net(noisy[: min(batch, draws + 100 - first)])

    def run() -> None:
        smooth.certify(x, n=draws, batch_size=batch)

    run()
    ratios = []
    for _ in range(repeats):
        before, took, after = seconds(floor), seconds(run), seconds(floor)
        ratios.append(2 * took / (before + after))
    print(
        f"  {name:22} {statistics.median(ratios):5.3f} x the forwards "
        f"({min(ratios):.3f} to {max(ratios):.3f})"
    )


def stop_row(net: nn.Module, x: torch.Tensor, draws: int) -> None:
    """Draws that an early stop spends where the radius of interest is decided early."""
    smooth = rb.Smoothing(net, sigma=0.25)
    fixed = smooth.certify(x, n=draws)
    early = smooth.certify(x, n=draws, early_stop=True, radii=[0.25])
    same = ((fixed.radius >= 0.25) == (early.radius >= 0.25)).sum()
    print(
        f"  early stop at radius 0.25: {early.draws.mean():.0f} of {draws} draws a sample, "
        f"{same} of {len(x)} decided as with all"
    )


def bounds_rows(net: nn.Module, x: torch.Tensor) -> None:
    y = net(x).argmax(1)
    bounds = rb.LinearBounds(net, x)
    forward = seconds(lambda: net(x))
    for method in ("ibp", "crown_ibp", "crown", "alpha_crown"):
        begin = time.process_time()
        margins = bounds.margins(x, y, 2 / 255, method=method, bounds=(0.0, 1.0), rounding=False)
        took = time.process_time() - begin
        print(
            f"  {method:22} mean margin bound {float(margins.amin(1).mean()):9.3f}, "
            f"{1e3 * took / len(x):8.1f} ms a row ({took / forward:.0f} forwards)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"leadline {leadline.__version__}, torch {torch.__version__}")
    cnn, resnet = small_cnn().eval(), small_resnet().eval()
    grey, colour = torch.rand(8, 1, 28, 28), torch.rand(8, 3, 32, 32)
    print(f"certify one image, n = {options.draws}")
    smoothing_row("CNN, 28 x 28", cnn, grey[:1], options.draws, options.repeats)
    smoothing_row("ResNet, 3 x 32 x 32", resnet, colour[:1], options.draws // 4, options.repeats)
    stop_row(cnn, grey, options.draws // 4)
    print("bounds of the CNN, linf 2/255")
    bounds_rows(cnn, grey)


if __name__ == "__main__":
    main()
