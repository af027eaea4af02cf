"""A real third-party TorchScript model, judged as the black box that it is: silero VAD.

`make setup` installs it; elsewhere `pip install --no-deps silero-vad` puts the file where these tests find it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import leadline

torch = pytest.importorskip("torch")


def find() -> Path | None:
    package = importlib.util.find_spec("silero_vad")
    if package is None or package.origin is None:
        return None
    file = Path(package.origin).parent / "data" / "silero_vad.jit"
    return file if file.exists() else None


FILE = find()
pytestmark = pytest.mark.skipif(
    FILE is None, reason="needs the file of silero VAD (pip install --no-deps silero-vad)"
)


def frames(n: int = 96):
    """Frames [n, 512] of 16 kHz: noise, and a chirp with the harmonics of a voice."""
    rng = np.random.default_rng(0)
    t = np.arange(512) / 16000
    y = rng.integers(0, 2, n)
    pitch = rng.uniform(90, 240, n)[:, None]
    voice = sum(np.sin(2 * np.pi * k * pitch * t) / k for k in range(1, 12))
    x = 0.01 * rng.normal(size=(n, 512)) + 0.3 * y[:, None] * voice
    return x.astype(np.float32), y


def test_a_script_with_a_further_argument_and_a_state_is_evaluated():
    x, y = frames()
    model = leadline.as_model(FILE, output="probabilities", constants={"sr": 16000})
    data = leadline.Dataset(x, y, class_names=["silence", "speech"], bounds=(-2.0, 2.0))
    runs = [
        leadline.evaluate(model, data, suite=["task", "calibration", "attach"], progress=False)
        for _ in range(2)
    ]
    first, second = runs
    assert {f.status for f in first.findings} == {"ok"}, [f.why for f in first.findings]
    assert first["task.accuracy"].n == 96
    assert first.estimates == second.estimates  # no state is carried from one run into the next
    assert "keeps a state between calls" in first.fact("model.note")


def test_the_answer_for_a_frame_is_that_of_a_fresh_start():
    x, _ = frames(8)
    script = torch.jit.load(str(FILE))
    model = leadline.as_model(script, output="probabilities", constants={"sr": 16000})
    with model.hold():
        got = [model.forward(x[i : i + 4]).output.numpy() for i in (0, 4, 0)]
    expected = []
    for i in (0, 4):
        script.reset_states()
        with torch.no_grad():
            expected.append(script(torch.tensor(x[i : i + 4]), 16000).numpy())
    np.testing.assert_allclose(got[0], expected[0], atol=1e-6)
    np.testing.assert_allclose(got[1], expected[1], atol=1e-6)
    np.testing.assert_array_equal(got[0], got[2])


def test_what_the_script_wants_is_said():
    x, y = frames()
    report = leadline.evaluate(FILE, (x, y), suite=["task"], progress=False)
    why = report.finding("task").why
    assert "'sr' (int)" in why and "constants={'sr': ...}" in why, why
    wrong = leadline.as_model(FILE, output="probabilities", constants={"sr": 16000})
    with pytest.raises(leadline.Error, match=r"float32 \[4, 100\].*Input audio chunk is too short"):
        wrong.forward(x[:4, :100])
