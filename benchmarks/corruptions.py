"""The 19 corruptions at 5 severities against imagecorruptions, one thread, one process: time and deviation.

    python benchmarks/corruptions.py [--images 1000]
    python benchmarks/corruptions.py --images 200 --deviation imagenet-c   # or cifar-c

Images are patches of smooth shapes of 32 x 32 in three channels. With `--deviation` the table of docs/rooms/corruptions.md
is printed: for corruptions without chance the mean absolute difference of pixels (0 to 255) from the peer, for random
ones the difference of the mean change and of its size, and in brackets how much the peer changes a pixel. The peer knows
the parameters of ImageNet-C; those of CIFAR-C are put into its functions. Two functions are the published ones here: the
elastic transform, for which the peer has parameters of its own, and the frost of CIFAR-C, which shrinks its photographs.
imagecorruptions 1.1.2 needs numpy < 2 and a scikit-image whose `gaussian` knows `multichannel`; where it does not, it is
called by the new name.
"""

from __future__ import annotations

import argparse
import inspect
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path
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


def elastic(image: np.ndarray, alpha: float, sigma: float, reach: float) -> np.ndarray:
    """The elastic transform of the published scripts; lengths in pixels."""
    import cv2
    from scipy.ndimage import map_coordinates
    from skimage.filters import gaussian

    image = np.asarray(image, np.float32) / 255
    size = image.shape[:2]
    centre, side = np.float32(size) // 2, min(size) // 3
    corners = np.float32([centre + side, [centre[0] + side, centre[1] - side], centre - side])
    moved = corners + np.random.uniform(-reach, reach, corners.shape).astype(np.float32)
    turned = cv2.warpAffine(
        image, cv2.getAffineTransform(corners, moved), size[::-1], borderMode=cv2.BORDER_REFLECT_101
    )
    dx, dy = (
        alpha * gaussian(np.random.uniform(-1, 1, size), sigma, mode="reflect", truncate=3)
        for _ in range(2)
    )
    x, y, z = np.meshgrid(np.arange(size[1]), np.arange(size[0]), np.arange(image.shape[2]))
    at = y + dy[..., None], x + dx[..., None], z
    return np.clip(map_coordinates(turned, at, order=1, mode="reflect"), 0, 1) * 255


def cifar_frost(module: Any) -> Callable[..., np.ndarray]:
    """Crops of photographs at a fifth of their size."""
    import cv2

    folder = Path(module.__file__).parent / "frost"
    photos = [cv2.imread(str(p))[..., ::-1] for p in sorted(folder.glob("frost*"))[:5]]
    small = [cv2.resize(p, (0, 0), fx=0.2, fy=0.2) for p in photos]

    def frost(image: np.ndarray, keep: float, add: float) -> np.ndarray:
        photo = small[np.random.randint(5)]
        y = np.random.randint(photo.shape[0] - image.shape[0])
        x = np.random.randint(photo.shape[1] - image.shape[1])
        layer = photo[y : y + image.shape[0], x : x + image.shape[1]]
        return np.clip(keep * image + add * layer, 0, 255)

    return frost


def theirs_of(other: Any, name: str, severity: int, compat: str) -> Callable[[Any], np.ndarray]:
    """The peer's function of one image, with the parameters of `compat`."""
    raw = leadline.robustness.corruption_parameters(name, severity, compat=compat)
    numbers = [int(v) if float(v).is_integer() else v for v in raw]
    if name == "elastic_transform":
        # shares of the side, in which the published 244 pixels of 224 are kept
        return lambda image: np.uint8(elastic(image, *(image.shape[0] * v for v in raw)))
    if name == "frost" and compat == "cifar-c":
        frost = cifar_frost(other)
        return lambda image: np.uint8(frost(image, *numbers))
    if compat == "imagenet-c":
        return lambda image: other.corrupt(image, corruption_name=name, severity=severity)
    value = (
        f"np.arange(1, {numbers[0]}, {numbers[1]})"
        if name == "zoom_blur"
        else repr(tuple(numbers) if len(numbers) > 1 else numbers[0])
    )
    module = other.corruptions
    source = inspect.getsource(getattr(module, name))
    patched, n = re.subn(
        r"c = \[.*?\]\[\s*severity - 1\]", f"c = {value}", source, count=1, flags=re.S
    )
    if n != 1:
        raise RuntimeError(f"{name}: no list of parameters to replace")
    space = dict(vars(module))
    exec(compile(patched, name, "exec"), space)
    from PIL import Image

    return lambda image: np.uint8(space[name](Image.fromarray(image), severity))


def cell(name: str, before: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> str:
    if name in CERTAIN:
        return f"{np.abs(ours.astype(int) - theirs).mean():.2f}"
    mine, other = ours - before.astype(float), theirs - before.astype(float)
    size = np.abs(other).mean()
    far = f"{mine.mean() - other.mean():+.1f} / {np.abs(mine).mean() - size:+.1f} ({size:.1f})"
    return far.replace("+0.0", "0.0").replace("-0.0", "0.0")


def deviations(other: Any, images: np.ndarray, compat: str) -> None:
    print(
        f"{compat}, {len(images)} images\n| corruption | 1 | 2 | 3 | 4 | 5 |\n" + "| --- " * 6 + "|"
    )
    for name in leadline.robustness.corruption_names("all"):
        cells = []
        for severity in range(1, 6):
            np.random.seed(severity)
            function = theirs_of(other, name, severity, compat)
            theirs = np.stack([function(image) for image in images])
            ours = leadline.robustness.corrupt(images, name, severity, compat=compat)
            cells.append(cell(name, images, ours, theirs))
        print(f"| `{name}` | " + " | ".join(cells) + " |", flush=True)


def times(other: Any | None, images: np.ndarray) -> None:
    total_ours = total_peer = 0.0
    print("| corruption | ours, us an image | peer / ours |")
    for name in leadline.robustness.corruption_names("all"):
        ours_seconds = peer_seconds = 0.0
        for severity in range(1, 6):
            begin = time.process_time()
            leadline.robustness.corrupt(images, name, severity)
            ours_seconds += time.process_time() - begin
            if other is None:
                continue
            np.random.seed(severity)
            begin = time.process_time()
            for image in images:
                other.corrupt(image, corruption_name=name, severity=severity)
            peer_seconds += time.process_time() - begin
        total_ours += ours_seconds
        total_peer += peer_seconds
        ratio = f"{peer_seconds / ours_seconds:.1f}" if other else "not installed"
        print(f"| {name} | {1e6 * ours_seconds / (5 * len(images)):.0f} | {ratio} |", flush=True)
    print(f"all: {total_ours:.1f} s", end="")
    print(f", the peer {total_peer:.1f} s: {total_peer / total_ours:.1f} x" if other else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--deviation", choices=["imagenet-c", "cifar-c"])
    options = parser.parse_args()
    other, images = peer(), pictures(options.images)
    if options.deviation is None:
        times(other, images)
    elif other is None:
        raise SystemExit("the deviation is one from imagecorruptions: install it")
    else:
        deviations(other, images, options.deviation)


if __name__ == "__main__":
    main()
