"""The 19 corruptions at 5 severities against imagecorruptions, one thread, one process: time and deviation.

    python benchmarks/corruptions.py [--images 1000] [--deviation]

Images are patches of smooth shapes of 32 x 32 in three channels. With `--deviation` a table is printed as docs/rooms/
corruptions.md shows it: for corruptions without chance the mean absolute difference of pixels (0 to 255) from the peer,
for random ones the difference of the mean change and of its size. imagecorruptions 1.1.2 needs numpy < 2 and a
scikit-image whose `gaussian` knows `multichannel`; where it does not, it is called by the new name.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import Any

import numpy as np

import leadline

CERTAIN = {
    "defocus_blur",
    "zoom_blur",
    "brightness",
    "contrast",
    "pixelate",
    "jpeg_compression",
    "gaussian_blur",
    "saturate",
}


def pictures(n: int, side: int = 32) -> np.ndarray:
    """Bytes [n, side, side, 3]: coloured ellipses over a gradient, with a fine texture."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:side, 0:side] / side
    out = np.empty((n, side, side, 3))
    for i in range(n):
        out[i] = rng.random(3) * x[..., None] + rng.random(3) * (1 - y[..., None])
        for _ in range(4):
            cx, cy, a, b = rng.random(4)
            inside = ((x - cx) / (0.1 + 0.3 * a)) ** 2 + ((y - cy) / (0.1 + 0.3 * b)) ** 2 < 1
            out[i][inside] = rng.random(3)
    out += rng.normal(0, 0.03, out.shape)
    return (np.clip(out, 0, 1) * 255).astype(np.uint8)


def peer() -> Any | None:
    """imagecorruptions, or None where it is not installed."""
    warnings.simplefilter("ignore")
    try:
        import imagecorruptions
        from imagecorruptions import corruptions
        from skimage.filters import gaussian
    except ImportError:
        return None
    corruptions.gaussian = lambda image, sigma=1, multichannel=False, **options: gaussian(
        image, sigma, channel_axis=-1 if multichannel else None, **options
    )
    return imagecorruptions


def deviation(name: str, before: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> str:
    if name in CERTAIN:
        return f"{np.abs(ours.astype(int) - theirs).mean():.2f}"
    mine, other = ours - before.astype(float), theirs - before.astype(float)
    return f"{mine.mean() - other.mean():+.1f} / {np.abs(mine).mean() - np.abs(other).mean():+.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--deviation", action="store_true")
    options = parser.parse_args()
    other = peer()
    images = pictures(options.images)
    total_ours = total_peer = 0.0
    print(
        "| corruption | ours, us an image | peer / ours |"
        + " 1 | 2 | 3 | 4 | 5 |" * options.deviation
    )
    for name in leadline.robustness.corruption_names("all"):
        cells, ours_seconds, peer_seconds = [], 0.0, 0.0
        for severity in range(1, 6):
            begin = time.process_time()
            ours = leadline.robustness.corrupt(images, name, severity)
            ours_seconds += time.process_time() - begin
            if other is None:
                continue
            np.random.seed(severity)
            begin = time.process_time()
            theirs = np.stack(
                [other.corrupt(i, corruption_name=name, severity=severity) for i in images]
            )
            peer_seconds += time.process_time() - begin
            cells.append(deviation(name, images, ours, theirs))
        total_ours += ours_seconds
        total_peer += peer_seconds
        micros = 1e6 * ours_seconds / (5 * options.images)
        ratio = f"{peer_seconds / ours_seconds:.1f}" if other else "not installed"
        tail = " " + " | ".join(cells) + " |" if options.deviation and cells else ""
        print(f"| {name} | {micros:.0f} | {ratio} |{tail}", flush=True)
    print(f"all: {total_ours:.1f} s", end="")
    print(f", the peer {total_peer:.1f} s: {total_peer / total_ours:.1f} x" if other else "")


if __name__ == "__main__":
    main()
