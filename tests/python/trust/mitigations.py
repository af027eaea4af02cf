"""Mitigations of a small net, honest and planted, as cases whose finding is their row of a comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

import leadline
from leadline import mitigate
from leadline import robustness as rb

from .planted import plant
from .worlds import picture_net, pictures

THREAT = rb.Threat(norm="linf", eps=0.06)


@dataclass(frozen=True)
class MitigationCase:
    """One mitigation against a baseline; `finding` is its row in the report of `compare`."""

    model: Any
    baseline: Any
    data: leadline.Dataset
    attacks: Callable[[Any, int], Any] | None = None

    def finding(self, seed: int = 0) -> leadline.Finding:
        found = mitigate.compare(
            {"it": self.model},
            self.baseline,
            self.data,
            threat=THREAT,
            attacks=self.attacks,
            explain=None,
            repeats=0,
            replicates=100,
            seed=seed,
            progress=False,
        )
        return found.report.finding("it")


class Masked(nn.Module):
    """Rounding without a way through for gradients."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(torch.round(x * 63) / 63)


def _judged(seed: int, n: int = 120) -> leadline.Dataset:
    rows = pictures(seed, n)
    return leadline.Dataset(torch.tensor(rows.x), torch.tensor(rows.y), bounds=(0.0, 1.0))


def _hardened(seed: int) -> nn.Module:
    rows = pictures(seed, 300, draw=1)
    torch.manual_seed(seed)
    pixels = rows.side**2
    net = nn.Sequential(nn.Flatten(), nn.Linear(pixels, 16), nn.ReLU(), nn.Linear(16, rows.k))
    mitigate.PgdTraining(rb.Threat(norm="linf", eps=0.03), steps=4).fit(
        net,
        (torch.tensor(rows.x), torch.tensor(rows.y)),
        epochs=8,
        optimizer=torch.optim.Adam(net.parameters(), lr=0.02),
        batch_size=50,
        progress=False,
    )
    return net.eval()


def honest_mitigation(seed: int) -> MitigationCase:
    """Each kind of defence in turn; detectors are none of them: what the checks say of those is true."""
    net = picture_net(seed)
    kinds: list[Callable[[], nn.Module]] = [
        lambda: _hardened(seed),
        lambda: mitigate.BitDepth(net, bits=4),
        lambda: mitigate.Smoothed(net, sigma=0.05, draws=8),
        lambda: mitigate.MedianFilter(net),
    ]
    return MitigationCase(kinds[seed % len(kinds)](), net, _judged(seed))


def _gradients_alone(threat: Any, eot_samples: int) -> Any:
    return [rb.Pgd(threat, steps=10, check_samples=0)]


N = "120 samples"


@plant("mitigation", "attack_can_be_believed", "rounding without a way through", N)
def _(seed: int) -> MitigationCase:
    return MitigationCase(Masked(picture_net(seed)), picture_net(seed), _judged(seed))


@plant("mitigation", "baseline_can_be_believed", "the baseline itself is masked", N)
def _(seed: int) -> MitigationCase:
    return MitigationCase(picture_net(seed), Masked(picture_net(seed)), _judged(seed))


@plant(
    "mitigation",
    "transfer_not_stronger",
    "rounding without a way through, attacked by its gradients alone",
    N,
)
def _(seed: int) -> MitigationCase:
    net = picture_net(seed)
    return MitigationCase(Masked(net), net, _judged(seed), _gradients_alone)


@plant("mitigation", "all_attacks_run", "a service that gives no gradients", N)
def _(seed: int) -> MitigationCase:
    net = picture_net(seed)

    def service(x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return net(x)

    box = leadline.as_model(service, output="logits", gradients=False, name="service")
    return MitigationCase(box, net, _judged(seed))
