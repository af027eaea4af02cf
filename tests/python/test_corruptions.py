"""Corruptions and stress from Python: against the frozen peer, as arrays of any kind, in one call."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest

import leadline
from leadline._load import torch_installed

rb = leadline.robustness
FROZEN = json.loads((Path(__file__).parents[1] / "golden/corruptions.json").read_text())["images"]
# Mean and largest difference of pixels (0 to 255). Defocus: the kernel of the peer does not sum to one.
# Zoom at 5: the peer crops from the corner, the published script from the middle. JPEG: a coefficient
# next to a rounding limit falls to the other side.
FAR = {
    "defocus_blur/1": (0.5, 1),
    "defocus_blur/2": (0.5, 1),
    "defocus_blur/3": (0.5, 1),
    "defocus_blur/5": (2.0, 8),
    "zoom_blur/5": (6.0, 90),
    "jpeg_compression/1": (1.0, 60),
    "jpeg_compression/2": (1.0, 60),
    "jpeg_compression/3": (1.0, 60),
    "jpeg_compression/5": (1.5, 80),
}


def picture(side: int = 32) -> np.ndarray:
    y, x = np.mgrid[0:side, 0:side]
    channels = [(7 * x + 3 * y) % 256, (x * y + 40) % 256, np.where((x // 8 + y // 8) % 2, 200, 60)]
    return np.stack(channels, -1).astype(np.uint8)


@pytest.mark.parametrize("key", sorted(FROZEN))
def test_images_are_those_of_imagecorruptions(key):
    name, severity = key.split("/")
    ours = rb.corrupt(picture()[None], name, int(severity))[0, ::5].astype(int)
    theirs = np.frombuffer(base64.b64decode(FROZEN[key]), np.uint8).reshape(ours.shape)
    mean, most = FAR.get(key, (0.1, 1))
    assert np.abs(ours - theirs).mean() <= mean and np.abs(ours - theirs).max() <= most


def test_arrays_come_back_as_they_came():
    images = np.random.default_rng(0).random((2, 3, 16, 16), np.float32)
    changed = rb.corrupt(images, "fog", 2)
    assert isinstance(changed, np.ndarray) and changed.dtype == np.float32
    assert rb.corrupt(images, "fog", 0).tobytes() == images.tobytes()
    if torch_installed():
        import torch

        there = rb.corrupt(torch.from_numpy(images), "fog", 2)
        assert isinstance(there, torch.Tensor) and (there.numpy() == changed).all()
        assert isinstance(rb.perturb(torch.from_numpy(images), "tilt", 3), torch.Tensor)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda x: rb.corrupt(x, "fogg", 1), ValueError, "did you mean 'fog'"),
        (lambda x: rb.corrupt(x, "fog", 9), ValueError, "[0, 5]"),
        (lambda x: rb.corrupt(x, "fog", 1, compat="coco-c"), ValueError, "compat"),
        (lambda x: rb.corrupt(x * 9, "fog", 1), ValueError, "bounds"),
        (lambda x: rb.corrupt(x[0, 0], "fog", 1), ValueError, "images [n, h, w]"),
        (lambda x: rb.perturb(x, "rotate", 31), ValueError, "[0, 31)"),
        (lambda x: rb.apply_stress(x, "shift", 1), ValueError, "rows [n, d]"),
        (lambda x: rb.stress_text(["a"], "typo", 1), ValueError, "did you mean 'typos'"),
        (lambda x: rb.transformation_stress({"a": 3}), TypeError, "a function of"),
        (lambda x: rb.CorruptionBenchmark(severities=[7]), ValueError, "severities"),
    ],
)
def test_bad_input_is_refused(call, kind, text):
    x = np.full((1, 1, 8, 8), 0.5, np.float32)
    with pytest.raises(leadline.Error) as caught:
        call(x)
    assert text in str(caught.value)
    assert isinstance(caught.value, kind)


def halves(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    y = np.arange(n) % 2
    x = rng.normal(0.5, 0.05, (n, 3, 16, 16))
    x[..., :8] -= 0.2 * np.where(y == 1, 1, -1)[:, None, None, None]
    return np.clip(x, 0, 1).astype(np.float32), y


def brighter(x: np.ndarray) -> np.ndarray:
    return (x[..., 8:].mean((1, 2, 3)) > x[..., :8].mean((1, 2, 3))).astype(int)


def test_the_benchmark_runs_in_one_call_on_a_black_box():
    x, y = halves()
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    found = rb.corruption_benchmark(
        leadline.black_box(brighter, outputs="labels")
        if hasattr(leadline, "black_box")
        else brighter,
        data,
        severities=range(1, 6),
        output="labels",
    )
    assert found["accuracy"].value <= found["clean_accuracy"].value == 1
    assert len([e for e in found.estimates if "severity=" in e.name]) == 75
    assert all(check.result == "pass" for check in found.checks)
    noisy = rb.corrupt(x, "gaussian_noise", 5)
    again = found["accuracy{corruption=gaussian_noise,severity=5}"].value
    assert (brighter(noisy) == y).mean() == again  # the pictures are those of `corrupt`


def test_ones_own_transformation_reports_what_it_raises():
    x, y = halves(20)

    def broken(inputs, ids, severity, seed):
        raise RuntimeError("lens cap on")

    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    probe = rb.transformation_stress({"rain": broken})
    report = leadline.evaluate(brighter, data, suite=[probe], output="labels", progress=False)
    assert report.finding("stress").status == "failed"
    assert "lens cap on" in report.finding("stress").why


def test_words_under_stress_change_the_answers_of_a_model_of_arrays():
    texts = ["open the valve", "close the valve"] * 50

    def encode(texts: list[str]) -> np.ndarray:
        return np.array([["open" in t, "close" in t] for t in texts], float)

    data = leadline.Dataset(encode(texts), np.array([0, 1] * 50))
    found = rb.stress(
        lambda x: x.argmax(1),
        data,
        transformations=rb.text_transformations(texts, encode),
        severities=[1, 5],
        output="labels",
    )
    assert found["clean_accuracy"].value == 1
    assert found["accuracy{stress=whitespace}"].value == 1
    # "close" survives only untouched: five letters at 0.2 each
    spoilt = 1 - found["accuracy{stress=letter_case,severity=5}"].value
    assert abs(spoilt - 0.5 * (1 - 0.8**5)) < 5 * (0.25 / 100) ** 0.5
