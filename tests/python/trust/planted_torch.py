"""The planted failures that need gradients or activations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

import leadline

from .planted import PLANTED, Planted, plant
from .worlds import Case

# ---------------------------------------------------------------------------- attacks
# Rows of 16 values near 0.5, read through their mean; class 1 begins at a shift of 0.03.


def _rows(seed: int, n: int = 64) -> leadline.Dataset:
    x = 0.5 + 0.01 * np.random.default_rng(seed).uniform(-1, 1, (n, 16))
    return leadline.Dataset(torch.tensor(x).float(), torch.zeros(n).long(), bounds=(0.0, 1.0))


def _shift(x: Any) -> Any:
    return x.mean(1) - 0.5


def _two(score: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def model(x: Any) -> Any:
        s = score(x)
        return torch.stack([torch.zeros_like(s), s], 1)

    return model


def _attack(
    kind: str, score: Callable[[Any], Any], seed: int, eps: float = 0.05, n: int = 64, **how: Any
):
    make = leadline.robustness.Pgd if kind == "pgd" else leadline.robustness.Fgsm
    if kind == "pgd":
        how.setdefault("steps", 20)
    return Case(make(eps=[eps], **how), _two(score), _rows(seed, n), options={"output": "logits"})


def _wide_attack(kind: str, score: Callable[[Any], Any], seed: int) -> Case:
    """Rows of both classes, labelled as the model reads them: a stand-in can learn from these."""
    case = _attack(kind, score, seed, 0.1)
    x = 0.5 + np.random.default_rng(seed).uniform(-0.3, 0.3, (128, 16))
    rows = torch.tensor(x).float()
    labels = (score(rows) > 0).long()
    return replace(case, data=leadline.Dataset(rows, labels, bounds=(0.0, 1.0)))


def honest(x: Any) -> Any:
    return 20 * (_shift(x) - 0.03)


def rounded(x: Any) -> Any:
    return 20 * (_shift(torch.round(x * 32) / 32) - 0.03)


def detached(x: Any) -> Any:
    return 20 * (_shift(x.detach()) - 0.03) + 0 * x.sum(1)


def saturated(x: Any) -> Any:
    return torch.tanh(4e3 * (_shift(x) - 0.03))


def noisy(x: Any) -> Any:
    return 20 * (_shift(x) - 0.03) + torch.randn(len(x))


def drowned(x: Any) -> Any:
    return _shift(x) - 0.03 + torch.randn(len(x))


def lucky(x: Any) -> Any:
    """Right in one run of four."""
    return _shift(x) + 0.7 + torch.randn(len(x))


def infinite(x: Any) -> Any:
    return 20 * (_shift(x) - 0.03) + torch.sqrt(0 * _shift(x))


def shell(x: Any) -> Any:
    t = _shift(x)
    return -1 + 0.1 * t + 2 * ((t > 0.097) & (t < 0.103)).float()


def trap(x: Any) -> Any:
    t = _shift(x)
    return torch.where(t > 0.08, 1 + t, -1 + torch.where(t < 0.03, t, 0.06 - t))


def shattered(x: Any) -> Any:
    return 20 * (_shift(x + 0.004 * torch.sin(4000 * x)) - 0.03)


class _Backwards(torch.autograd.Function):
    """The value is right, the gradient has the other sign."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        return -gradient


def backwards(x: Any) -> Any:
    """Class 1 begins at a shift of 0.02 of the first value; the slope leads away from it."""
    return 20 * (_Backwards.apply(x)[:, 0] - 0.52)


def wrong_way(x: Any) -> Any:
    """Class 1 lies at a first value away from 0.5 by 0.02, either way; the slope leads back."""
    return 20 * (_Backwards.apply((x[:, 0] - 0.5).abs()) - 0.02)


def company(x: Any) -> Any:
    t = _shift(x)
    return 20 * (t - 0.03) + 5 * t.abs().mean()


HIDDEN = [rounded, detached, saturated]  # three ways to mask a gradient

for _kind in ("pgd", "fgsm"):

    def _plants(kind: str) -> None:
        n = "64 samples"

        @plant(kind, "decisions_repeat", "noise added inside the model", n)
        def _(seed: int) -> Case:
            torch.manual_seed(seed)
            return _attack(kind, noisy, seed)

        @plant(kind, "logits_are_not_probabilities", "softmax declared as logits", n)
        def _(seed: int) -> Case:
            case = _attack(kind, honest, seed)
            scores = case.model
            return replace(case, model=lambda x: scores(x).softmax(1))

        @plant(kind, "zero_budget_equals_clean", "answers that are right by luck", n)
        def _(seed: int) -> Case:
            torch.manual_seed(seed)
            return _attack(kind, lucky, seed)

        @plant(kind, "examples_verified", "examples won by noise", "256 samples")
        def _(seed: int) -> Case:
            torch.manual_seed(seed)
            return _attack(kind, drowned, seed, n=256)

        @plant(
            kind,
            "gradients_not_zero",
            "a masked gradient: rounding, preprocessing off the graph, a saturated unit",
            n,
        )
        def _(seed: int) -> Case:
            return _attack(kind, HIDDEN[seed % 3], seed)

        @plant(
            kind, "unbounded_budget_succeeds", "a masked gradient: preprocessing off the graph", n
        )
        def _(seed: int) -> Case:
            return _attack(kind, detached, seed)

        @plant(
            kind,
            "black_box_not_stronger",
            "a masked gradient: rounding, preprocessing off the graph, a saturated unit",
            n,
        )
        def _(seed: int) -> Case:
            return _attack(kind, HIDDEN[seed % 3], seed)

        @plant(
            kind,
            "transfer_not_stronger",
            "a masked gradient: rounding, preprocessing off the graph, a saturated unit",
            "128 samples",
        )
        def _(seed: int) -> Case:
            return _wide_attack(kind, HIDDEN[seed % 3], seed)

        @plant(kind, "noise_not_stronger", "a gradient that points the wrong way", n)
        def _(seed: int) -> Case:
            return _attack(kind, backwards, seed)

        @plant(kind, "gradients_match_differences", "a ripple that turns the gradient", n)
        def _(seed: int) -> Case:
            return _attack(kind, shattered, seed)

        @plant(kind, "rows_independent", "the mean of the batch in every answer", n)
        def _(seed: int) -> Case:
            return _attack(kind, company, seed)

        @plant(kind, "gradients_finite", "a square root at 0", n)
        def _(seed: int) -> Case:
            return _attack(kind, infinite, seed)

        @plant(kind, "accuracy_does_not_rise", "a thin shell that larger steps jump over", n)
        def _(seed: int) -> Case:
            how = {"steps": 40} if kind == "pgd" else {}
            return _attack(kind, shell, seed, 0.1, **how)

    _plants(_kind)


def _blind(probe: Any, score: Callable[[Any], Any], seed: int) -> Case:
    """The same world for an attack without gradients."""
    return Case(probe, _two(score), _rows(seed, 64), options={"output": "logits"})


@plant("square", "decisions_repeat", "noise added inside the model", "64 samples")
@plant("square", "examples_verified", "examples won by noise", "64 samples")
def _(seed: int) -> Case:
    torch.manual_seed(seed)
    probe = leadline.robustness.Square(eps=[0.05], queries=100, check_samples=64)
    return _blind(probe, drowned, seed)


@plant("square", "zero_budget_equals_clean", "answers that are right by luck", "64 samples")
def _(seed: int) -> Case:
    torch.manual_seed(seed)
    probe = leadline.robustness.Square(eps=[0.05], queries=100, check_samples=64)
    return _blind(probe, lucky, seed)


@plant("square", "steps_converge", "far fewer queries than it takes", "64 samples")
def _(seed: int) -> Case:
    probe = leadline.robustness.Square(eps=[0.034], queries=40, check_samples=64)
    return _blind(probe, honest, seed)


@plant("square", "rows_independent", "the mean of the batch in every answer", "64 samples")
def _(seed: int) -> Case:
    probe = leadline.robustness.Square(eps=[0.05], queries=100, check_samples=64)
    return _blind(probe, company, seed)


def _deciding(score: Callable[[Any], Any], seed: int, **how: Any) -> Case:
    """The same for an attack that sees labels."""
    probe = leadline.robustness.HopSkipJump(norm="l2", eps=[0.2], check_samples=64, **how)
    return Case(
        probe,
        lambda x: (score(x) > 0).long(),
        _rows(seed, 64),
        options={"output": "labels"},
    )


@plant("hop_skip_jump", "decisions_repeat", "noise added inside the model", "64 samples")
def _(seed: int) -> Case:
    torch.manual_seed(seed)
    return _deciding(noisy, seed, queries=60)


@plant(
    "hop_skip_jump",
    "unbounded_budget_succeeds",
    "an answer that no point of noise changes",
    "64 samples",
)
def _(seed: int) -> Case:
    return _deciding(lambda x: 20 * (_shift(x) - 0.4), seed, queries=200)


def _universal(score: Callable[[Any], Any], seed: int) -> Case:
    probe = leadline.robustness.UniversalPerturbation(eps=[0.05])
    return Case(probe, _two(score), _rows(seed, 128), options={"output": "logits"})


@plant("universal_perturbation", "decisions_repeat", "noise added inside the model", "128 samples")
def _(seed: int) -> Case:
    torch.manual_seed(seed)
    return _universal(noisy, seed)


@plant("universal_perturbation", "gradients_not_zero", "rounding of the input", "128 samples")
def _(seed: int) -> Case:
    return _universal(rounded, seed)


@plant(
    "universal_perturbation",
    "noise_not_stronger",
    "a gradient that points the wrong way",
    "128 samples",
)
def _(seed: int) -> Case:
    return _universal(wrong_way, seed)


PLANTED.append(
    Planted(
        "universal_perturbation",
        "examples_verified",
        "a change beyond its budget",
        "4 samples",
        None,
        "a change beyond its budget is counted as too far",
    )
)


@plant("pgd", "fgsm_not_stronger", "a dip that small steps fall into", "64 samples")
def _(seed: int) -> Case:
    return _attack("pgd", trap, seed, 0.1, steps=40)


@plant("pgd", "steps_converge", "steps too few and too short to arrive", "64 samples")
def _(seed: int) -> Case:
    return _attack("pgd", honest, seed, 0.1, steps=10, step_size=0.1 / 60, random_start=False)


PLANTED.append(
    Planted(
        "fast_training",
        "catastrophic_overfitting",
        "a ditch that the single step jumps over and small steps fall into",
        "60 samples",
        None,
        "the watch of fast training catches a planted collapse",
    )
)


# ---------------------------------------------------------------------------- attributions


def _features(seed: int, n: int = 100, d: int = 20) -> leadline.Dataset:
    x = np.random.default_rng([seed, 21]).normal(size=(n, d))
    return leadline.Dataset(torch.tensor(x).float())


def _weights(seed: int, rows: int = 3, d: int = 20) -> Any:
    return torch.tensor(np.random.default_rng([seed, 22]).normal(size=(rows, d)) / 3).float()


def _explained(probe: leadline.Probe, model: Callable[[Any], Any], data: Any) -> Case:
    return Case(probe, model, data, options={"output": "logits"})


@plant(
    "integrated_gradients",
    "attributions_add_up",
    "one step on a model that saturates",
    "64 samples",
)
def _(seed: int) -> Case:
    w = _weights(seed)
    probe = leadline.attribution.IntegratedGradients(steps=1)
    return _explained(probe, lambda x: torch.tanh(4 * (x @ w.T)), _features(seed))


for _name, _probe in (
    ("integrated_gradients", leadline.attribution.IntegratedGradients),
    ("saliency", leadline.attribution.Saliency),
):

    def _hidden(name: str, make: Callable[..., leadline.Probe]) -> None:
        @plant(name, "gradients_are_alive", "inputs rounded inside the model", "64 samples")
        def _(seed: int) -> Case:
            w = _weights(seed)
            return _explained(make(), lambda x: torch.round(8 * x) / 8 @ w.T, _features(seed))

        @plant(
            name,
            "important_parts_matter",
            "a gradient that is not that of the score, but of other features",
            "64 samples",
        )
        def _(seed: int) -> Case:
            real, shown = _weights(seed), _weights(seed + 1)
            first = torch.arange(20) < 10

            def model(x: Any) -> Any:
                other = x @ (shown * first).T
                return x.detach() @ (real * ~first).T + other - other.detach()

            return _explained(make(), model, _features(seed))

    _hidden(_name, _probe)


# ---------------------------------------------------------------------------- inside, distances


def _reader(d: int) -> Any:
    return torch.nn.Sequential(torch.nn.Identity(), torch.nn.Linear(d, 2)).requires_grad_(False)


def _read(x: np.ndarray, y: np.ndarray, z: np.ndarray, t: np.ndarray, **options: Any) -> Case:
    data = leadline.Dataset(z.astype(np.float32), t)
    also = {"train": leadline.Dataset(x.astype(np.float32), y)}
    probe = leadline.inside.LinearProbe(layer="0", **options)
    return Case(probe, _reader(x.shape[1]), data, also)


@plant(
    "linear_probe",
    "random_label_control",
    "test samples among those fitted on, more features than samples",
    "60 samples, 80 features",
)
def _(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(60, 80)), np.arange(60) % 2
    return _read(x, y, x, y)


@plant(
    "linear_probe",
    "fit_converged",
    "the answer in the small difference of two features, no penalty",
    "200 samples",
)
def _(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(400, 2))
    x = np.concatenate([x, x + 1e-3 * rng.normal(size=x.shape)], 1)
    y = (x[:, 2] > x[:, 0]).astype(np.int64)
    return _read(x[:200], y[:200], x[200:], y[200:], penalty=0.0)


@plant(
    "linear_probe", "enough_samples_to_fit", "fewer than two samples a feature", "60 samples to fit"
)
def _(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(160, 40)), np.arange(160) % 2
    return _read(x[:60], y[:60], x[60:], y[60:])


def _distances(test: np.ndarray, foreign: np.ndarray, fit: np.ndarray, model: Any = None) -> Case:
    labels = np.arange(len(fit)) % 2
    fit = fit + 2.0 * labels[:, None]
    also = {
        "train": leadline.Dataset(fit.astype(np.float32), labels),
        "ood/far": leadline.Dataset(foreign.astype(np.float32)),
    }
    model = model or _reader(fit.shape[1])
    probe = leadline.ood.Mahalanobis(layer="0")
    return Case(probe, model, leadline.Dataset(test.astype(np.float32)), also)


def _normal(seed: int, n: int, draw: int, d: int = 3) -> np.ndarray:
    return np.random.default_rng([seed, 31, draw]).normal(size=(n, d))


@plant("mahalanobis", "enough_samples", "20 foreign samples", "200 and 20 samples")
def _(seed: int) -> Case:
    return _distances(_normal(seed, 200, 0), _normal(seed, 20, 1) - 8, _normal(seed, 200, 2))


@plant(
    "mahalanobis",
    "separates_the_right_way_round",
    "foreign samples nearer to the classes than the test samples",
    "200 and 100 samples",
)
def _(seed: int) -> Case:
    test, near = 1.5 * _normal(seed, 200, 0), 0.5 * _normal(seed, 100, 1)
    return _distances(test, near, _normal(seed, 200, 2))


@plant("mahalanobis", "known_halves_look_alike", "scores that drift along the file", "400 samples")
def _(seed: int) -> Case:
    drift = np.linspace(1, 2.5, 400)[:, None]
    return _distances(
        drift * _normal(seed, 400, 0), _normal(seed, 100, 1) - 9, _normal(seed, 200, 2)
    )


@plant("mahalanobis", "scores_differ", "test samples that are all the same", "200 samples")
def _(seed: int) -> Case:
    same = np.repeat(_normal(seed, 1, 0), 200, axis=0)
    return _distances(same, _normal(seed, 100, 1), _normal(seed, 200, 2))


@plant("mahalanobis", "fit_describes_test_data", "test samples of another scale", "200 samples")
def _(seed: int) -> Case:
    return _distances(5 * _normal(seed, 200, 0), _normal(seed, 100, 1) - 40, _normal(seed, 200, 2))


@plant("mahalanobis", "enough_samples_to_fit", "6 samples to fit 3 features", "6 samples to fit")
def _(seed: int) -> Case:
    return _distances(_normal(seed, 200, 0), _normal(seed, 100, 1) - 8, _normal(seed, 6, 2))


# ---------------------------------------------------------------------------- certificates


@plant("certify", "graph_equals_model", "three rows are read otherwise than many", "64 samples")
@plant("certify", "no_contradiction", "three rows are read otherwise than many", "64 samples")
def _(seed: int) -> Case:
    """The model is what it was read to be only while it is read."""

    def score(x: Any) -> Any:
        return honest(x) - 50 if len(x) == 3 else honest(x)

    probe = leadline.robustness.Certify(eps=[0.05, 0.1], radius_steps=4)
    return Case(probe, _two(score), _rows(seed), options={"output": "logits"})
