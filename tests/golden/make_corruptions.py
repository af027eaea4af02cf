"""Freeze the images of imagecorruptions in corruptions.json, for the corruptions without chance: `make golden`.

Needs imagecorruptions (tests/golden/requirements.txt). Every fifth row of one image of 32 x 32 is kept, as base64.
"""

from __future__ import annotations

import base64
import json
import sys
import types
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.ndimage
import skimage.filters

# The package was written for older releases: names that they had and the pinned ones lack.
sys.modules.setdefault("scipy.ndimage.interpolation", scipy.ndimage)
sys.modules.setdefault("pkg_resources", types.SimpleNamespace(resource_filename=None))

import imagecorruptions  # noqa: E402
from imagecorruptions import corruptions  # noqa: E402

corruptions.gaussian = lambda image, sigma=1, multichannel=False, **options: (
    skimage.filters.gaussian(image, sigma, channel_axis=-1 if multichannel else None, **options)
)
NAMES = (
    "defocus_blur",
    "zoom_blur",
    "brightness",
    "contrast",
    "pixelate",
    "jpeg_compression",
    "gaussian_blur",
    "saturate",
)


def picture(side: int = 32) -> np.ndarray:
    """Bytes [side, side, 3]: waves and edges, by whole-number arithmetic that any language repeats."""
    y, x = np.mgrid[0:side, 0:side]
    channels = [(7 * x + 3 * y) % 256, (x * y + 40) % 256, np.where((x // 8 + y // 8) % 2, 200, 60)]
    return np.stack(channels, -1).astype(np.uint8)


def main() -> None:
    image, frozen = picture(), {}
    for name in NAMES:
        for severity in (1, 2, 3, 5):
            changed = imagecorruptions.corrupt(image, corruption_name=name, severity=severity)
            kept = np.ascontiguousarray(changed[::5])
            frozen[f"{name}/{severity}"] = base64.b64encode(kept.tobytes()).decode()
    made = {p: version(p) for p in ("imagecorruptions", "scikit-image", "scipy", "pillow", "numpy")}
    path = Path(__file__).parent / "corruptions.json"
    path.write_text(json.dumps({"made_with": made, "images": frozen}, indent=1) + "\n")


if __name__ == "__main__":
    main()
