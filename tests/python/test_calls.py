"""Wrong calls: four parts, the nearest known name, and still the built-in class."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import leadline
from leadline._load import torch_installed

SCORES, TARGET = np.eye(3)[[0, 1, 2, 0]], [0, 1, 2, 1]
X, Y = np.zeros((6, 2)), [0, 1, 0, 1, 0, 1]


def refused(call, *parts: str) -> leadline.TypeError:
    with pytest.raises(leadline.TypeError) as caught:
        call()
    error = caught.value
    assert isinstance(error, TypeError)
    assert error.where and error.expected and error.got and error.remedy, str(error)
    for part in parts:
        assert part in str(error)
    return error


def test_a_misspelt_option_of_a_probe_says_the_nearest_name():
    error = refused(
        lambda: leadline.robustness.GaussianNoise(repeat=3), "repeats", "did you mean 'repeats'?"
    )
    assert str(error) == (
        "GaussianNoise: expected one of sigmas, repeats, max_samples, got option 'repeat' "
        "(did you mean 'repeats'?)"
    )


@pytest.mark.skipif(not torch_installed(), reason="built without torch")
def test_a_misspelt_option_of_an_attack_or_its_record_says_the_nearest_name():
    refused(lambda: leadline.robustness.Pgd(setps=3), "Pgd:", "did you mean 'steps'?")
    refused(lambda: leadline.robustness.Threat(epss=0.1), "Threat:", "did you mean 'eps'?")
    assert leadline.robustness.Pgd(steps=3).get_options()["steps"] == 3
    parameters = inspect.signature(leadline.robustness.Pgd).parameters
    assert "steps" in parameters and "threat" in parameters


def test_a_misspelt_option_of_a_metric_and_its_function_twin_says_the_nearest_name():
    refused(lambda: leadline.metrics.F1(avrage="macro"), "F1:", "did you mean 'average'?")
    refused(
        lambda: leadline.metrics.f1(SCORES, TARGET, avrage="macro"),
        "f1:",
        "did you mean 'average'?",
    )
    assert leadline.metrics.f1(SCORES, TARGET, average="micro").value == 0.75
    assert "average" in inspect.signature(leadline.metrics.f1).parameters


def test_options_are_given_by_name_and_arrays_all_of_them():
    refused(lambda: leadline.metrics.F1("macro"), "F1:", "options by name", "average=")
    refused(lambda: leadline.metrics.f1(SCORES), "f1: expected scores, target, got no target")
    refused(lambda: leadline.metrics.f1(SCORES, TARGET, "macro"), "scores, target, and options")
    assert leadline.metrics.accuracy(target=TARGET, scores=SCORES).n == 4


@pytest.mark.parametrize(
    ("call", "nearest"),
    [
        (lambda: leadline.evaluate(lambda x: x, (X, Y), sutie="quick"), "suite"),
        (lambda: leadline.evaluate(lambda x: x, (X, Y), bach_size=3), "batch_size"),
        (lambda: leadline.merge_shards(lambda x: x, (X, Y), [], sed=3), "seed"),
        (lambda: leadline.Dataset(X, Y, classnames=["a", "b"]), "class_names"),
        (lambda: leadline.data.make_dataset(X, Y, bound=(0, 1)), "bounds"),
        (lambda: leadline.as_model(lambda x: x, outputs="logits"), "output"),
    ],
)
def test_a_misspelt_argument_of_a_function_says_the_nearest_name(call, nearest):
    refused(call, f"did you mean '{nearest}'?")


def test_what_only_torch_models_take_is_refused_elsewhere():
    refused(lambda: leadline.as_model(lambda x: x, arrays="numpy", primary="logits"), "primary")
