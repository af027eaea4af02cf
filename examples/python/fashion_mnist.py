"""Fashion-MNIST from the Debian package `dataset-fashion-mnist`, and the demo's small CNN."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import torch

CLASS_NAMES = [
    "T-shirt",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]
FOLDERS = ("/usr/share/datasets/fashion-mnist", "/usr/share/dataset-fashion-mnist")


def folder() -> Path:
    """Where the four files are: `FASHION_MNIST`, or where the package puts them."""
    for candidate in (os.environ.get("FASHION_MNIST"), *FOLDERS):
        if candidate and Path(candidate, "t10k-images-idx3-ubyte.gz").exists():
            return Path(candidate)
    raise FileNotFoundError(
        f"fashion_mnist: expected the data set in one of {', '.join(FOLDERS)}, got none "
        "(install the package dataset-fashion-mnist, or set FASHION_MNIST to the folder)"
    )


def load(part: str) -> tuple[np.ndarray, np.ndarray]:
    """`part` is "train" (60000) or "t10k" (10000): images f32 [n, 1, 28, 28] in [0, 1], labels i64 [n]."""
    with gzip.open(folder() / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(folder() / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return images.astype(np.float32) / 255, labels.astype(np.int64)


def small_cnn() -> torch.nn.Sequential:
    """Two convolutions and a hidden layer; 206 922 parameters; logits [n, 10]."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def train(
    net: torch.nn.Module, images: np.ndarray, labels: np.ndarray, *, epochs: int = 3, seed: int = 0
) -> None:
    """Adam with a one-cycle schedule, batches of 128, in place; prints a line an epoch."""
    torch.manual_seed(seed)
    x, y = torch.from_numpy(images), torch.from_numpy(labels)
    n_batches = (len(x) + 127) // 128
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=4e-3, total_steps=epochs * n_batches
    )
    net.train()
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(x)).split(128):
            loss = torch.nn.functional.cross_entropy(net(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
        print(f"  epoch {epoch + 1} of {epochs}: training loss {total / len(x):.3f}", flush=True)
    net.eval()


def handwritten_digits() -> np.ndarray:
    """What the network was never meant to see: 1797 scanned digits, f32 [n, 1, 28, 28] in [0, 1]."""
    from sklearn.datasets import load_digits

    digits = torch.from_numpy(load_digits().images.astype(np.float32) / 16).unsqueeze(1)
    scaled = torch.nn.functional.interpolate(digits, size=(20, 20), mode="bilinear")
    return torch.nn.functional.pad(scaled, (4, 4, 4, 4)).clamp(0, 1).numpy()
