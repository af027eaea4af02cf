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


def test_compression_and_resolution_stress_are_their_closed_forms():
    images = np.random.default_rng(1).random((4, 3, 24, 24), np.float32)
    # quality 80 - 14 s is 80 and 50 at two severities of CIFAR-C
    for severity, published in ((15 / 14, 2), (30 / 14, 4)):
        ours = rb.apply_stress(images, "compression", severity, bounds=(0.0, 1.0))
        same = rb.corrupt(images, "jpeg_compression", published, compat="cifar-c")
        np.testing.assert_allclose(ours, same, atol=1e-6)
    assert (rb.apply_stress(images, "compression", 0) == images).all()
    # at severity 2 four pixels become one: a fine checkerboard turns grey, a ramp stays
    board = np.indices((24, 24)).sum(0) % 2 * np.ones((1, 1, 24, 24), np.float32)
    np.testing.assert_allclose(rb.apply_stress(board, "resolution", 2), 0.5, atol=1e-6)
    ramp = np.tile(np.linspace(0, 1, 24, dtype=np.float32), (1, 1, 24, 1))
    np.testing.assert_allclose(rb.apply_stress(ramp, "resolution", 2), ramp, atol=0.03)


class Valve(leadline.TextModel):
    """Says what it does; asked to open, it opens."""

    def info(self):
        return {"name": "valve"}

    def generate(self, prompts, decoding):
        return [
            leadline.Response(id=p.id, text="I open it." if "open" in p.user else "I shut it.")
            for p in prompts
        ]


def orders(n: int = 300) -> leadline.Dataset:
    texts = ["open the valve", "shut the valve"] * (n // 2)
    return leadline.Dataset(rb.text_rows(texts), np.array([1, 0] * (n // 2)), modality="text")


def test_texts_under_stress_are_read_by_classifiers_and_text_models():
    lost, slack = 0.5 * (1 - 0.8**4), 5 * (0.25 / 300) ** 0.5
    reader = rb.TextClassifier(lambda texts: [int("open" in t) for t in texts])
    found = rb.stress(reader, orders(), severities=[1, 5])
    assert found["clean_accuracy"].value == 1 == found["accuracy{stress=whitespace}"].value
    assert abs(1 - found["accuracy{stress=letter_case,severity=5}"].value - lost) < slack
    assert all(check.result != "fail" for check in found.checks)
    changed = rb.stress(Valve(), orders(), severities=[5])
    assert abs(changed["changed{stress=letter_case}"].value - lost) < slack
    assert changed["accuracy"].status == "not_measured"
    shown = next(b for b in changed.blocks if type(b).__name__ == "Exhibit")
    assert shown.values[1] == "i open it" and shown.values[3] == "i shut it"
    judged = rb.TextClassifier(Valve(), label=lambda text: int("open" in text))
    assert rb.stress(judged, orders(), severities=[5])["clean_accuracy"].value == 1


def test_the_standard_suite_of_each_kind_of_data_asks_for_stress():
    for modality, ids in {
        "image": ["corruption_benchmark", "stress"],
        "table": ["stress"],
        "text": ["stress"],
    }.items():
        for suite in ("standard", "deep"):
            assert set(ids) <= set(leadline.evaluation.make_suite(suite, modality).ids)
        assert not set(ids) & set(leadline.evaluation.make_suite("quick", modality).ids)


def test_codes_of_categories_are_not_stressed_but_said_so():
    data = leadline.Dataset(np.arange(60).reshape(20, 3), np.arange(20) % 2)
    found = rb.stress(lambda x: (np.asarray(x)[:, 0] > 30).astype(int), data, output="labels")
    assert found.status == "not_measured"


@pytest.mark.parametrize("page", ["corruptions", "behaviour"])
def test_the_example_of_the_page_runs(page):
    text = (Path(__file__).parents[2] / f"docs/rooms/{page}.md").read_text()
    exec(text.split("```python\n")[1].split("```")[0], {})


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
