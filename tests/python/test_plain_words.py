"""What findings say in words is true of their numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

import leadline


def evaluated(suite, logits, y, **more):
    """The findings of a model that returns its inputs."""
    data = leadline.Dataset(np.asarray(logits, dtype=np.float32), y)
    report = leadline.evaluate(
        lambda x: np.asarray(x), data, suite=suite, output="logits", progress=False, **more
    )
    assert all(f.status == "ok" for f in report.findings), report.findings[0].why
    return report


def right(n: int, k: int, margin: float, seed: int = 0):
    """`n` samples read correctly, each with the same margin."""
    y = np.random.default_rng(seed).integers(0, k, n)
    return margin * np.eye(k)[y], y


def with_errors(n: int, k: int, rates: np.ndarray, seed: int):
    """Samples whose class c is misread, as the next class, at the rate `rates[c]`."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    called = np.where(rng.random(n) < rates[y], (y + 1) % k, y)
    return 3 * np.eye(k)[called], y


def test_a_model_without_errors_has_a_quiet_report():
    report = evaluated(["task", "calibration"], *right(600, 3, 9.0))
    assert report["task.accuracy"].value == 1
    assert "NOT TO BE TRUSTED" not in report.summary()
    assert not [c for f in report.findings for c in f.checks if c.result == "fail"]
    assert "not spread evenly" not in report.finding("task").consequence


def test_one_sure_mistake_leaves_the_brier_score_the_interval_that_always_holds():
    logits, y = right(300, 3, 30.0)
    y[0] = (y[0] + 1) % 3
    task = evaluated("task", logits, y).finding("task")
    assert task["brier"].method == "empirical_bernstein" and task["brier"].upper > 0.02
    assert task["log_loss"].lower is None and task["log_loss"].why.startswith("no interval")
    assert not [c for c in task.checks if c.result == "fail"]


def test_uneven_errors_are_told_where_the_data_show_them_and_only_there():
    even, uneven = np.full(10, 0.1), np.where(np.arange(10) == 4, 0.3, 0.1)
    told = [
        "not spread evenly"
        in evaluated("task", *with_errors(2000, 10, even, s)).findings[0].consequence
        for s in range(20)
    ]
    assert sum(told) <= 2  # of even errors at most one data set in 40, over all ten classes
    found = evaluated("task", *with_errors(2000, 10, uneven, 1)).findings[0]
    assert "not spread evenly: of class '4'" in found.consequence


def test_calibration_does_not_compare_two_numbers_that_look_the_same():
    found = evaluated("calibration", *right(2000, 3, 9.0)).findings[0]
    claims = re.findall(r"([\d.]+) %", found.headline)
    assert claims[0] != claims[1]
    assert "a little too modest" in found.headline and "may be read" in found.consequence
    assert not found.remedies  # nothing to mend


def test_noise_that_changes_nothing_asks_for_no_training():
    found = evaluated(
        leadline.robustness.GaussianNoise(sigmas=[0.1]), *right(300, 3, 9.0)
    ).findings[0]
    assert "changes none" in found.headline and "300 samples" in found.headline
    assert found.consequence == "It is then right in 100 %, as without noise."
    assert not [r for r in found.remedies if "Train" in r.text]


@pytest.mark.parametrize("margin", [9.0, 0.5], ids=["unlike", "alike"])
def test_a_detector_is_praised_or_blamed_by_its_own_numbers(margin):
    rng = np.random.default_rng(3)
    known, y = right(400, 3, margin)
    foreign = leadline.Dataset((0.5 * rng.random((200, 3))).astype(np.float32))
    known = known + 0.5 * rng.random(known.shape) * (margin > 1)
    if margin < 1:
        known = 0.5 * rng.random(known.shape)  # drawn as the foreign ones are
    found = evaluated(leadline.ood.Energy(), known, y, also={"ood/flat": foreign}).findings[0]
    rejects = [r for r in found.remedies if "Reject inputs" in r.text]
    if margin > 1:
        assert "can be stopped" in found.consequence and rejects
    else:
        assert "This detector misses most" in found.consequence and not rejects


def test_an_unknown_name_is_answered_with_those_meant():
    report = evaluated("task", *right(60, 3, 3.0))
    with pytest.raises(leadline.ValueError, match="did you mean 'task.accuracy'"):
        report["accuracy"]
    with pytest.raises(leadline.ValueError, match=r"did you mean 'task.f1\{average=macro\}'"):
        report["task.f1"]


def test_a_data_set_says_what_it_holds():
    x = np.zeros((6, 1, 8, 8), "float32")
    data = leadline.Dataset(x, [0, 1, 2, 0, 1, 2], class_names=["a", "b", "c"], bounds=(0.0, 1.0))
    assert repr(data) == "Dataset('data', 6 images of [1, 8, 8], 3 classes, bounds [0, 1])"
