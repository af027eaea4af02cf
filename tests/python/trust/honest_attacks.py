"""Honest cases of the attacks: small nets on pictures that they know, attacked with enough effort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import leadline
from leadline import robustness as rb

from .worlds import Case, labels_only, picture_net, pictures

LINF, L2, L1, L0 = ("linf", [0.06]), ("l2", [0.5]), ("l1", [1.0]), ("l0", [4.0])


def _attacked(
    make: Callable[..., Any], norms: list[tuple[str, list[float]]], n: int = 40, **options: Any
) -> Callable[[int], Case]:
    def case(seed: int) -> Case:
        norm, eps = norms[seed % len(norms)]
        probe = make(norm=norm, eps=eps, check_samples=24, **options)
        return Case(probe, picture_net(seed), pictures(seed, n).dataset())

    return case


def _covered(make: Callable[..., Any], budgets: list[float], **options: Any):
    """In the norm that the attack is made for."""

    def case(seed: int) -> Case:
        eps = budgets[seed % len(budgets)]
        probe = make(eps=[eps], check_samples=24, **options)
        return Case(probe, picture_net(seed), pictures(seed, 40).dataset())

    return case


def _universal(seed: int) -> Case:
    norm, eps = [LINF, L2][seed % 2]
    probe = rb.UniversalPerturbation(norm=norm, eps=eps)
    return Case(probe, picture_net(seed), pictures(seed, 200).dataset())


def _decided(make: Callable[..., Any], norms: list[tuple[str, list[float]]], **options: Any):
    """The same on a black box that gives labels."""

    def case(seed: int) -> Case:
        norm, eps = norms[seed % len(norms)]
        probe = make(norm=norm, eps=eps, check_samples=12, **options)
        net = picture_net(seed)

        def scores(x: Any) -> Any:
            import torch

            with torch.no_grad():
                return net(torch.tensor(x)).numpy()

        data = pictures(seed, 20).dataset()
        return Case(probe, labels_only(scores), data, options={"output": "labels"})

    return case


def _averaged(seed: int) -> Case:
    """Noise on every input, and an attack that averages its gradients over it."""
    import torch

    norm, eps = [LINF, L2][seed % 2]
    probe = rb.Pgd(norm=norm, eps=eps, steps=20, eot_samples=8, check_samples=24)
    net, size = picture_net(seed), 0.02 + 0.02 * (seed % 3)

    def noisy(x: Any) -> Any:
        return net((x + size * torch.randn_like(x)).clamp(0, 1))

    torch.manual_seed(seed)
    x, y = pictures(seed, 40).x, pictures(seed, 40).y
    data = leadline.Dataset(torch.tensor(x), torch.tensor(y), bounds=(0.0, 1.0))
    return Case(probe, noisy, data, options={"output": "logits"})


def _several(seed: int) -> Case:
    """The attacks of a comparison, as one."""
    norm, eps = [LINF, L2][seed % 2]
    threat = rb.Threat(norm=norm, eps=eps)
    attacks = [rb.Pgd(threat), rb.Pgd(threat, loss="margin"), rb.Square(threat, queries=300)]
    probe = rb.Ensemble(attacks, check_samples=24)
    return Case(probe, picture_net(seed), pictures(seed, 40).dataset())


#: Further honest cases of a probe: what they are, not a probe of the catalog.
VARIANTS: dict[str, Callable[[int], Case]] = {
    "pgd, averaging over random models": _averaged,
    "ensemble of pgd, pgd on the margin and square": _several,
}

HONEST_ATTACKS: dict[str, Callable[[int], Case]] = {
    "apgd": _attacked(rb.Apgd, [LINF, L2, L1], steps=30),
    "auto_attack": _attacked(rb.AutoAttack, [LINF, L2], n=12),
    "square": _attacked(rb.Square, [LINF, L2], queries=400),
    "nes": _attacked(rb.Nes, [LINF, L2], queries=1200),
    "spsa": _attacked(rb.Spsa, [LINF], queries=1200),
    "zoo": _attacked(rb.Zoo, [L2], n=8, queries=20_000),
    "simba": _attacked(rb.SimBa, [LINF, L2], queries=600),
    "fab": _attacked(rb.Fab, [LINF, L2], steps=20),
    "deep_fool": _attacked(rb.DeepFool, [LINF, L2]),
    "carlini_wagner": _attacked(rb.CarliniWagner, [L2], n=12, steps=60, searches=4),
    "ddn": _attacked(rb.Ddn, [L2], steps=40),
    "fmn": _attacked(rb.Fmn, [LINF, L2, L1, L0], steps=40),
    "brendel_bethge": _attacked(rb.BrendelBethge, [L2, LINF, L1], n=20, steps=60),
    "spatial_attack": _covered(rb.SpatialAttack, [1.0, 0.5], rotations=9, translations=3),
    "patch_attack": _covered(rb.PatchAttack, [0.06, 0.15], restarts=2),
    "universal_perturbation": _universal,
    "ead": _attacked(rb.Ead, [L1], n=12, steps=60, searches=4),
    "hop_skip_jump": _decided(rb.HopSkipJump, [L2, LINF], queries=1500),
    "boundary_attack": _decided(rb.BoundaryAttack, [L2], queries=1500),
    "geoda": _decided(rb.GeoDa, [L2, LINF], queries=1500),
    "sign_opt": _decided(rb.SignOpt, [L2], queries=1500),
    "transfer": _attacked(rb.Transfer, [LINF, L2]),
}
