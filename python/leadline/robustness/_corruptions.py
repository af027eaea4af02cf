"""Corruptions of images as functions, and the benchmark over them in one call."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from leadline import _core
from leadline._core import Finding

__all__ = [
    "corrupt",
    "corruption_benchmark",
    "corruption_names",
    "corruption_parameters",
    "perturb",
]


def _like(given: Any, result: np.ndarray) -> Any:
    """`result` as the kind of array that came in."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(given, torch.Tensor):
        return torch.from_numpy(np.array(result)).to(device=given.device, dtype=given.dtype)
    return result


def corrupt(
    images: Any,
    name: str,
    severity: float,
    *,
    seed: int = 0,
    ids: Any = None,
    draw: int = 0,
    bounds: tuple[float, float] | None = None,
    compat: str = "imagenet-c",
) -> Any:
    """The images, corrupted; the same for any batch and order.

    Args:
        images: [n, h, w], [n, c, h, w] or [n, h, w, c], bytes or floats inside the bounds.
        name: one of `corruption_names("all")`.
        severity: in [0, 5]; 0 gives the images back, whole numbers are the published parameters.
        seed: of what is drawn.
        ids: stable ids of the samples, by which each gets its own draw; default: 0 .. n - 1.
        draw: tells repeated draws of one image apart.
        bounds: range of the pixels; default: (0, 255) for bytes, (0, 1) for floats.
        compat: whose parameters: "imagenet-c" (images of 224 pixels) or "cifar-c" (32).

    Example:
        >>> import leadline, numpy
        >>> image = numpy.full((1, 3, 16, 16), 100, numpy.uint8)
        >>> leadline.robustness.corrupt(image, "gaussian_blur", 3).max()
        np.uint8(100)
    """
    changed = _core.corrupt(images, name, severity, ids, seed, draw, bounds, compat)
    return _like(images, changed)


def corruption_names(subset: str | Iterable[str] = "common") -> list[str]:
    """Names of corruptions.

    Args:
        subset: "common" (15), "validation" (4), "all", "noise", "blur", "weather", "digital", or several.

    Example:
        >>> import leadline
        >>> leadline.robustness.corruption_names("noise")
        ['gaussian_noise', 'shot_noise', 'impulse_noise']
    """
    return _core.corruption_names([subset] if isinstance(subset, str) else list(subset))


def corruption_parameters(name: str, severity: float, *, compat: str = "imagenet-c") -> list[float]:
    """The parameters of a corruption, in the order of the published scripts.

    Args:
        name: of the corruption.
        severity: in [1, 5]; interpolated between whole numbers.
        compat: "imagenet-c" or "cifar-c".

    Example:
        >>> import leadline
        >>> leadline.robustness.corruption_parameters("gaussian_noise", 3)
        [0.18]
    """
    return _core.corruption_parameters(name, severity, compat)


def perturb(
    images: Any,
    name: str,
    frame: int,
    *,
    seed: int = 0,
    ids: Any = None,
    bounds: tuple[float, float] | None = None,
) -> Any:
    """One frame of the sequence that ImageNet-P makes of each image.

    Args:
        images: as for `corrupt`.
        name: "gaussian_noise", "shot_noise", "motion_blur", "zoom_blur", "snow", "brightness",
            "translate", "rotate", "tilt", "scale".
        frame: in [0, 31).
        seed: of what is drawn.
        ids: stable ids of the samples.
        bounds: range of the pixels.

    Example:
        >>> import leadline, numpy
        >>> image = numpy.eye(16, dtype=numpy.float32)[None]
        >>> bool((leadline.robustness.perturb(image, "rotate", 15) == image).all())
        True
    """
    return _like(images, _core.perturb(images, name, frame, ids, seed, bounds))


def corruption_benchmark(
    model: Any,
    data: Any,
    *,
    severities: Iterable[float] = range(1, 6),
    corruptions: str | Iterable[str] = "common",
    seed: int = 0,
    batch_size: int = 128,
    output: str | None = None,
    **options: Any,
) -> Finding:
    """Accuracy under common corruptions: one probe, run on its own.

    Args:
        model: as for `leadline.evaluate`; a black box that gives labels will do.
        data: images with declared bounds.
        severities: in (0, 5].
        corruptions: names or families, see `corruption_names`.
        seed: of what is drawn.
        batch_size: samples a forward.
        output: what the model's numbers are, when it does not know.
        options: of `CorruptionBenchmark`.

    Returns:
        The `Finding`: `found["accuracy"]`, `found["accuracy{corruption=fog}"]`, `found.checks`.

    Example:
        >>> import leadline, numpy
        >>> x = numpy.random.default_rng(0).random((20, 1, 16, 16), numpy.float32); y = numpy.arange(20) % 2
        >>> x[:, :, :8] *= y[:, None, None, None]
        >>> found = leadline.robustness.corruption_benchmark(
        ...     lambda x: (x[:, 0, :8].mean((1, 2)) > 0.2).astype(int),
        ...     leadline.Dataset(x, y, bounds=(0.0, 1.0)), corruptions="blur", output="labels")
        >>> found["accuracy{corruption=zoom_blur}"].value
        1.0
    """
    from leadline.evaluation import evaluate
    from leadline.robustness import CorruptionBenchmark

    probe = CorruptionBenchmark(
        severities=[float(s) for s in severities],
        corruptions=[corruptions] if isinstance(corruptions, str) else list(corruptions),
        **options,
    )
    report = evaluate(
        model,
        data,
        suite=probe,
        seed=seed,
        batch_size=batch_size,
        output=output,
        progress=False,
    )
    return report.finding("corruption_benchmark")
