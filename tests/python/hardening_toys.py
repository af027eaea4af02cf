"""Small nets for digits, plain, hardened and masked, and the rows to judge them by."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import leadline
from leadline import mitigate

EPS = 0.1


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """1797 scanned digits [n, 64] in [0, 1], shuffled."""
    load = pytest.importorskip("sklearn.datasets").load_digits()
    order = np.random.default_rng(0).permutation(len(load.target))
    x = torch.tensor(load.images[order] / 16).float().flatten(1)
    return x, torch.tensor(load.target[order]).long()


def small_net(seed: int = 0, d: int = 64, k: int = 10) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(d, 48), nn.ReLU(), nn.Linear(48, k))


@functools.lru_cache
def trained_on_digits():
    """A net that reads digits, the rows it was trained on, rows to fit with, rows to judge by."""
    x, y = digits()
    net = small_net()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    torch.manual_seed(1)
    for _ in range(12):
        for rows in torch.split(torch.randperm(1200), 64):
            loss = functional.cross_entropy(net(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    for p in net.parameters():
        p.grad = None
    return net.eval(), (x[:1200], y[:1200]), x[1200:1400], (x[1400:1550], y[1400:1550])


def hardened(trained, training: mitigate.AdversarialTraining, epochs: int = 5) -> nn.Module:
    net = small_net()
    net.load_state_dict(trained[0].state_dict())
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    training.fit(net, trained[1], epochs=epochs, optimizer=optimizer, batch_size=64, progress=False)
    return net.eval()


def judged(trained, n: int = 120, **options) -> leadline.Dataset:
    x, y = trained[3]
    return leadline.Dataset(x[:n], y[:n], bounds=(0.0, 1.0), **options)


class Rounded(nn.Module):
    """A masked gradient: rounding without a way through."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(torch.round(x * 3) / 3)
