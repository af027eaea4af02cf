"""Honest cases, by probe: models that know their task on data like those that they learnt from.

`HONEST[probe](seed)` differs in model, number of classes and features, and data from seed to seed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import leadline

from .honest_behaviour import HONEST_BEHAVIOUR
from .worlds import (
    HAS_TORCH,
    Case,
    blobs,
    foreign_pictures,
    labels_only,
    picture_net,
    pictures,
    softmax,
    table_net,
    table_rows,
)


def _attach(seed: int) -> Case:
    if HAS_TORCH and seed % 2:
        return Case(leadline.engine.Attach(), picture_net(seed), pictures(seed, 200).dataset())
    world = blobs(seed, 200)
    bounds = (float(np.floor(world.x.min())), float(np.ceil(world.x.max())))
    if seed % 4:
        model, output = world.logits, "logits"
    else:
        model, output = (lambda x: softmax(world.logits(x))), "probabilities"
    return Case(
        leadline.engine.Attach(), model, world.dataset(bounds=bounds), options={"output": output}
    )


def _task(seed: int) -> Case:
    world = blobs(seed, 900, spread=1.0 + 0.5 * (seed % 4))
    if seed % 3 == 0:
        return Case(
            leadline.metrics.Task(),
            labels_only(world.logits),
            world.dataset(),
            options={"output": "labels"},
        )
    return Case(
        leadline.metrics.Task(), world.logits, world.dataset(), options={"output": "logits"}
    )


def _calibration(seed: int) -> Case:
    """Calibrated, too sure and too modest: the probe must be trusted on each of them."""
    world = blobs(seed, 300, spread=1.5)
    heat = (1.0, 0.5, 2.0)[seed % 3]
    return Case(
        leadline.uncertainty.Calibration(),
        lambda x: world.logits(x) / heat,
        world.dataset(),
        options={"output": "logits"},
    )


def _pgd(seed: int) -> Case:
    norm, eps = (("linf", [0.02, 0.06]), ("l2", [0.1, 0.5]))[seed % 2]
    probe = leadline.robustness.Pgd(norm=norm, eps=eps, steps=20, check_samples=64)
    return Case(probe, picture_net(seed), pictures(seed, 150).dataset())


def _fgsm(seed: int) -> Case:
    norm, eps = (("linf", [0.02, 0.06]), ("l2", [0.1, 0.5]))[seed % 2]
    probe = leadline.robustness.Fgsm(norm=norm, eps=eps, check_samples=64)
    return Case(probe, picture_net(seed), pictures(seed, 150).dataset())


def _gaussian_noise(seed: int) -> Case:
    world = blobs(seed, 300)
    probe = leadline.robustness.GaussianNoise(sigmas=[0.1, 0.3, 1.0], repeats=1 + seed % 3)
    return Case(probe, world.logits, world.dataset(), options={"output": "logits"})


def _smoothing(seed: int) -> Case:
    world = blobs(seed, 60)
    sigma = (0.5, 1.0)[seed % 2]
    probe = leadline.robustness.RandomizedSmoothing(
        sigma=sigma, radii=[0.5 * sigma, sigma], n=1000, max_samples=20, early_stop=seed % 4 < 2
    )
    model, output = world.logits, "logits"
    if seed % 3 == 0:
        model, output = labels_only(world.logits), "labels"
    return Case(probe, model, world.dataset(), options={"output": output})


def _certify(seed: int) -> Case:
    norm, eps = (("linf", [0.01, 0.04]), ("l2", [0.05, 0.2]))[seed % 2]
    method = ("crown", "alpha_crown", "ibp", "crown_ibp")[seed % 4]
    probe = leadline.robustness.Certify(norm=norm, eps=eps, method=method, radius_steps=4)
    return Case(probe, picture_net(seed), pictures(seed, 100).dataset())


def _integrated_gradients(seed: int) -> Case:
    probe = leadline.attribution.IntegratedGradients(max_samples=64)
    if seed % 2:
        return Case(probe, picture_net(seed), pictures(seed).dataset())
    return Case(probe, table_net(seed), table_rows(seed))


def _saliency(seed: int) -> Case:
    probe = leadline.attribution.Saliency(max_samples=64)
    return Case(probe, picture_net(seed), pictures(seed).dataset())


def _linear_probe(seed: int) -> Case:
    also = {"train": table_rows(seed, 300, draw=5)}
    return Case(leadline.inside.LinearProbe(), table_net(seed), table_rows(seed), also)


def _foreign_rows(seed: int, d: int, n: int = 150) -> np.ndarray:
    return np.random.default_rng([seed, 6]).normal(0, 0.3, (n, d))


def _energy(seed: int) -> Case:
    world = blobs(seed, spread=3.0)
    foreign = _foreign_rows(seed, world.x.shape[1]) - 4 * world.centres.mean(0)
    # Lower logits than any class gives: the middle between the centres.
    foreign = foreign * 0.5 + world.centres.mean(0)
    return Case(
        leadline.ood.Energy(),
        lambda x: 0.5 * (np.asarray(x)[:, None, :] * world.centres).sum(2),
        world.dataset(),
        {"ood/middle": leadline.Dataset(foreign)},
        {"output": "logits"},
    )


def _mahalanobis(seed: int) -> Case:
    also = {"train": pictures(seed, 500, draw=7).dataset(), "ood/grey": foreign_pictures(seed)}
    net = picture_net(seed + 2 if (seed // 2) % 3 == 0 else seed)  # a hidden layer is needed
    source = seed + 2 if (seed // 2) % 3 == 0 else seed
    also = {
        "train": pictures(source, 500, draw=7).dataset(),
        "ood/grey": foreign_pictures(source),
    }
    return Case(leadline.ood.Mahalanobis(), net, pictures(source, 300).dataset(), also)


def _latency(seed: int) -> Case:
    world = blobs(seed, 100)
    work = np.random.default_rng(seed).normal(size=(40 + 10 * (seed % 4),) * 2)

    def model(x: np.ndarray) -> np.ndarray:
        for _ in range(3):
            work @ work
        return world.logits(x)

    probe = leadline.cost.Latency(queries=400)
    return Case(probe, model, world.dataset(), options={"output": "logits"})


def _permutation_importance(seed: int) -> Case:
    world = blobs(seed, 250)
    probe = leadline.explain.PermutationImportance(repeats=2 + seed % 3)
    return Case(probe, world.logits, world.dataset(), options={"output": "logits"})


def _fairness(seed: int) -> Case:
    """Groups that have nothing to do with the features, or that shift all of them."""
    world = blobs(seed, 400)
    rng = np.random.default_rng([seed, 12])
    sex, age = rng.integers(0, 2, 400), rng.integers(0, 2 + seed % 2, 400)
    shift = 0.3 * (seed % 3) * sex[:, None]
    table = {"sex": [f"s{g}" for g in sex], "age": [f"a{g}" for g in age]}
    data = leadline.Dataset(world.x + shift, world.y, table=table)
    return Case(leadline.fairness.Fairness(), world.logits, data, options={"output": "logits"})


def _corruption_benchmark(seed: int) -> Case:
    from .planted_stress import LABELS, brighter_half, halves

    probe = leadline.robustness.CorruptionBenchmark(
        corruptions=["common"], severities=[1, 3, 5], compat=("imagenet-c", "cifar-c")[seed % 2]
    )
    x, y = halves(seed, 60)
    return Case(probe, brighter_half, leadline.Dataset(x, y, bounds=(0.0, 1.0)), options=LABELS)


def _stress(seed: int) -> Case:
    from .planted_stress import LABELS, brighter_half, halves, orders, rows, sign

    probe = leadline.robustness.Stress()
    if seed % 3 == 2:
        return Case(probe, *orders(seed))
    if seed % 2:
        x, y = halves(seed, 100)
        return Case(probe, brighter_half, leadline.Dataset(x, y, bounds=(0.0, 1.0)), options=LABELS)
    return Case(probe, sign, leadline.Dataset(*rows(seed)), options=LABELS)


HONEST: dict[str, Callable[[int], Case]] = {
    "attach": _attach,
    "task": _task,
    "calibration": _calibration,
    "pgd": _pgd,
    "fgsm": _fgsm,
    "gaussian_noise": _gaussian_noise,
    "smoothing": _smoothing,
    "certify": _certify,
    "integrated_gradients": _integrated_gradients,
    "saliency": _saliency,
    "linear_probe": _linear_probe,
    "energy": _energy,
    "mahalanobis": _mahalanobis,
    "latency": _latency,
    "permutation_importance": _permutation_importance,
    "fairness": _fairness,
    "corruption_benchmark": _corruption_benchmark,
    "stress": _stress,
    **HONEST_BEHAVIOUR,
}
SHARED_BATTERY: set[str] = set()
VARIANTS: dict[str, Callable[[int], Case]] = {}
if HAS_TORCH:
    from .honest_attacks import HONEST_ATTACKS, VARIANTS
    from .mitigations import honest_mitigation

    HONEST.update(HONEST_ATTACKS)
    HONEST.update(VARIANTS)
    HONEST["mitigation"] = honest_mitigation
    # universal_perturbation has checks of its own.
    SHARED_BATTERY = {*HONEST_ATTACKS, *VARIANTS} - {"universal_perturbation"}
NEEDS_TORCH = {
    "pgd",
    "fgsm",
    "certify",
    "integrated_gradients",
    "saliency",
    "linear_probe",
    "mahalanobis",
}
if not HAS_TORCH:
    HONEST = {name: make for name, make in HONEST.items() if name not in NEEDS_TORCH}
