"""Honest data and models, small enough to run by the hundred; everything is keyed by a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

import leadline
from leadline._load import torch_installed

try:
    import torch
except ImportError:  # the core half is tested without it
    torch = None
HAS_TORCH = torch is not None and torch_installed()


@dataclass(frozen=True)
class Case:
    """One probe on one model and data set."""

    probe: leadline.Probe
    model: Any
    data: leadline.Dataset
    also: Mapping[str, leadline.Dataset] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)  # of evaluate

    def finding(self, seed: int = 0) -> leadline.Finding:
        report = leadline.evaluate(
            self.model,
            self.data,
            suite=self.probe,
            also=dict(self.also),
            seed=seed,
            progress=False,
            **self.options,
        )
        found = report.findings[0]
        assert found.status == "ok", f"{found.probe} is {found.status}: {found.why}"
        return found


def base(check_name: str) -> str:
    """A check's id without its keys: `enough_samples{ood=noise}` is `enough_samples`."""
    return check_name.split("{")[0]


def results(finding: leadline.Finding) -> dict[str, list[leadline.Check]]:
    by_name: dict[str, list[leadline.Check]] = {}
    for check in finding.checks:
        by_name.setdefault(base(check.name), []).append(check)
    return by_name


# ------------------------------------------------------------------ tables, without torch


@dataclass(frozen=True)
class Blobs:
    """Gaussian classes around random centres; `logits` is the posterior, so the model is honest."""

    x: np.ndarray
    y: np.ndarray
    centres: np.ndarray

    def logits(self, x: Any) -> np.ndarray:
        x = np.asarray(x, dtype=np.float64)
        return x @ self.centres.T - 0.5 * (self.centres**2).sum(1)

    def dataset(self, **options: Any) -> leadline.Dataset:
        names = [f"class {k}" for k in range(len(self.centres))]
        return leadline.Dataset(self.x, self.y, class_names=names, **options)


def blobs(
    seed: int, n: int = 400, k: int = 0, d: int = 0, spread: float = 2.0, draw: int = 0
) -> Blobs:
    """`k` classes in `d` dimensions, by default 2 to 4 and 3 to 6; `draw` tells apart the sets."""
    k, d = k or 2 + seed % 3, d or 3 + seed % 4
    centres = np.random.default_rng([seed, 1]).normal(0, 1, (k, d))
    centres *= spread / np.linalg.norm(centres - centres.mean(0), axis=1).mean()
    rng = np.random.default_rng([seed, 2, draw])
    y = rng.integers(0, k, n)
    return Blobs(centres[y] + rng.normal(0, 1, (n, d)), y, centres)


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def labels_only(logits: Callable[[Any], np.ndarray]) -> Callable[[Any], np.ndarray]:
    return lambda x: logits(x).argmax(1)


def mislabelled(rows: Any, share: float, draw: int) -> Any:
    """`rows` with so many of the labels drawn anew: nobody can know them, nor be sure."""
    rng = np.random.default_rng([len(rows.y), 5, draw])
    drawn = rng.integers(0, rows.y.max() + 1, len(rows.y))
    return replace(rows, y=np.where(rng.random(len(rows.y)) < share, drawn, rows.y))


# ------------------------------------------------------------------ pictures, with torch


def picture_rows(seed: int, n: int, draw: int, k: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Grey noise with a brighter band whose place tells the class; values in [0, 1]."""
    rng = np.random.default_rng([seed, 3, draw])
    y = rng.integers(0, k, n)
    x = 0.45 + rng.normal(0, 0.12, (n, 1, side, side))
    band = side // k
    for c in range(k):
        x[y == c, 0, c * band : (c + 1) * band, :] += 0.10 + 0.05 * (seed % 3)
    return np.clip(x, 0, 1).astype(np.float32), y


@dataclass(frozen=True)
class Pictures:
    k: int
    side: int
    x: np.ndarray
    y: np.ndarray

    def dataset(self, **options: Any) -> leadline.Dataset:
        names = [f"class {c}" for c in range(self.k)]
        options = {"class_names": names, "bounds": (0.0, 1.0), **options}
        return leadline.Dataset(self.x, self.y, **options)


def pictures(seed: int, n: int = 400, draw: int = 0) -> Pictures:
    k, side = 2 + seed % 3, 6 + 2 * (seed % 2)
    return Pictures(k, side, *picture_rows(seed, n, draw, k, side))


def foreign_pictures(seed: int, n: int = 150) -> leadline.Dataset:
    """Flat grey with a little noise: nothing of what the classes are told by."""
    side = 6 + 2 * (seed % 2)
    rng = np.random.default_rng([seed, 4])
    x = 0.45 + rng.normal(0, 0.03, (n, 1, side, side))
    return leadline.Dataset(np.clip(x, 0, 1).astype(np.float32), bounds=(0.0, 1.0))


def _train(net: Any, x: np.ndarray, y: np.ndarray, seed: int) -> Any:
    optimiser = torch.optim.Adam(net.parameters(), 0.02, weight_decay=1e-3)
    tx, ty = torch.as_tensor(x), torch.as_tensor(y)
    for _ in range(60):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(tx), ty).backward()
        optimiser.step()
    return net.eval().requires_grad_(False)


@cache
def picture_net(seed: int, share: float = 0.0) -> Any:
    """Linear, multilayer or convolutional by the seed, trained on 600 pictures."""
    train = mislabelled(pictures(seed, 600, draw=1), share, 1)
    pixels = train.side**2
    nn = torch.nn
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        kind = (seed // 2) % 3
        if kind == 0:
            layers = [nn.Flatten(), nn.Linear(pixels, train.k)]
        elif kind == 1:
            layers = [nn.Flatten(), nn.Linear(pixels, 16), nn.ReLU(), nn.Linear(16, train.k)]
        else:
            layers = [nn.Conv2d(1, 4, 2, stride=2), nn.ReLU(), nn.Flatten()]
            layers += [nn.Linear(pixels, 16), nn.ReLU(), nn.Linear(16, train.k)]
        return _train(nn.Sequential(*layers), train.x, train.y, seed)


@cache
def table_net(seed: int, share: float = 0.0) -> Any:
    """A small network on the rows of `blobs(seed)`."""
    train = mislabelled(blobs(seed, 600, draw=1), share, 1)
    nn = torch.nn
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        k, d = train.centres.shape
        act = nn.ReLU() if seed % 2 else nn.Tanh()
        net = nn.Sequential(nn.Linear(d, 8 + seed % 5), act, nn.Linear(8 + seed % 5, k))
        return _train(net, train.x.astype(np.float32), train.y, seed)


def table_rows(
    seed: int, n: int = 400, draw: int = 0, share: float = 0.0, **options: Any
) -> leadline.Dataset:
    """Rows for `table_net(seed, share)`."""
    rows = mislabelled(blobs(seed, n, draw=draw), share, draw)
    names = [f"class {k}" for k in range(len(rows.centres))]
    return leadline.Dataset(rows.x.astype(np.float32), rows.y, class_names=names, **options)
