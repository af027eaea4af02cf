"""Pictures of exhibits as PNG data URIs: pixels, signed overlays, differences."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Json = dict[str, Any]
Pixels = NDArray[np.uint8]

#: Ends of the signed colour map: blue speaks against, red speaks for.
AGAINST, FOR = np.array([33, 102, 172.0]), np.array([178, 24, 43.0])


def pixels_of(image: Json) -> Pixels:
    """uint8 [height, width, 3] of an image of the JSON."""
    shape = (image["height"], image["width"], image["channels"])
    flat = np.frombuffer(base64.b64decode(image["pixels"]), np.uint8)
    return np.broadcast_to(flat.reshape(shape), (*shape[:2], 3))


def png(pixels: Pixels) -> bytes:
    """uint8 [height, width, 3] -> PNG; grey where the channels agree."""
    height, width = pixels.shape[:2]
    grey = bool((pixels[..., :1] == pixels).all())
    kept = pixels[..., :1] if grey else pixels
    rows = np.concatenate(
        [np.zeros((height, 1), np.uint8), kept.reshape(height, -1)], axis=1
    )  # each row starts with its filter: none

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 0 if grey else 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + chunk(b"IEND", b"")
    )


def uri(pixels: Pixels) -> str:
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def signed_map(weights: NDArray[np.float64], base: NDArray[np.float64]) -> Pixels:
    """Weights in [-1, 1] painted over ``base`` [height, width, 3]: the stronger, the less of it."""
    strength = np.abs(weights)[..., None] ** 0.7
    colour = np.where((weights < 0)[..., None], AGAINST, FOR)
    mixed = base * (1 - strength) + colour * strength
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def scaled(values: list[Any]) -> NDArray[np.float64]:
    """Signed weights divided by their largest size; gaps are 0, infinities the ends."""
    weights = np.array([0.0 if v is None else float(v) for v in values])
    finite = np.abs(weights[np.isfinite(weights)])
    top = finite.max() if finite.size and finite.max() > 0 else 1.0
    return np.clip(np.nan_to_num(weights / top, posinf=1, neginf=-1), -1, 1)


def overlay(image: Json, values: list[Any]) -> Pixels:
    """The image in pale grey under its signed weights."""
    shape = (image["height"], image["width"])
    grey = pixels_of(image).astype(np.float64).mean(axis=2, keepdims=True)
    pale = np.repeat(255 - (255 - grey) * 0.35, 3, axis=2)
    return signed_map(scaled(values).reshape(shape), pale)


def difference(first: Json, second: Json) -> tuple[Pixels, int]:
    """What changed from first to second, signed, and the largest change in steps of 255."""
    change = pixels_of(second).astype(np.float64) - pixels_of(first).astype(np.float64)
    mean = change.mean(axis=2)
    largest = int(np.abs(change).max())
    white = np.full((*mean.shape, 3), 255.0)
    return signed_map(scaled(mean.ravel().tolist()).reshape(mean.shape), white), largest


def heat(values: NDArray[np.float64]) -> Pixels:
    """Shares in [0, 1] as white to deep blue; what is missing is grey."""
    share = np.clip(np.nan_to_num(values, nan=0.0), 0, 1)[..., None] ** 0.6
    mixed = 255 * (1 - share) + np.array([8, 72, 124.0]) * share
    mixed[np.isnan(values)] = 225
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
