"""Every other attack beside a peer that has it: what each finds, from how many rows of the model, in which time.

    python benchmarks/attack_peers.py [NAME ...] [--rows 32]     # without a name: all

One thread, one process, processor time. Minimum-norm attacks and attacks on decisions are judged by the median distance of
what they hand out (rows that they leave unfooled count as infinitely far), the others by the share of rows misled at one
budget. Efforts are set so that both ask the model for about as many rows; the rows asked are printed. `per row` is the time
of a row asked, of the peer over ours. Peers that are not installed are left out. PGD: `benchmarks/robustness.py`; APGD,
AutoAttack, Square and HopSkipJump: `benchmarks/attacks.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import torch
from attacks import TINY, WEAK, Attack, Counting, ours, timed
from robustness import Case, accuracy, pictures, trained
from torch import nn

import leadline

rb = leadline.robustness
FAR = 100.0  # a budget that no minimum-norm attack is bound by
NEAR = 1e-6  # one that none reaches, so that all their queries are asked

Make = Callable[[nn.Module, tuple[int, ...]], Attack]
Measure = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Row:
    """Ours, the peer, and how a change is measured; without `size` by the share misled."""

    ours: object
    peer: str
    make: Make
    size: Measure | None = None
    within: float = 0.0  # in linf, what a change may be to count; 0: not looked at
    case: Case = TINY
    rows: int = 0  # 0: as asked for


def l2(change: torch.Tensor) -> torch.Tensor:
    return change.flatten(1).norm(dim=1)


def l1(change: torch.Tensor) -> torch.Tensor:
    return change.flatten(1).abs().sum(1)


def linf(change: torch.Tensor) -> torch.Tensor:
    return change.flatten(1).abs().amax(1)


# ------------------------------------------------------------------------------------ peers


def foolbox(name: str, epsilon: float | None = None, **options: object) -> Make:
    def make(net: nn.Module, _: tuple[int, ...]) -> Attack:
        import foolbox as fb

        model = fb.PyTorchModel(net, bounds=(0, 1), device="cpu")
        attack = getattr(fb.attacks, name)(**options)
        return lambda x, y: attack(model, x, y, epsilons=epsilon)[1].detach()

    return make


def classifier(net: nn.Module, shape: tuple[int, ...]) -> object:
    from art.estimators.classification import PyTorchClassifier

    loss = nn.CrossEntropyLoss()
    return PyTorchClassifier(net, loss, shape, 10, clip_values=(0, 1), device_type="cpu")


def art(name: str, softmax: bool = False, **options: object) -> Make:
    """With softmax the model hands out probabilities, which some of ART's attacks ask for."""

    def make(net: nn.Module, shape: tuple[int, ...]) -> Attack:
        import numpy as np
        from art.attacks import evasion

        np.mat = np.asmatrix  # gone since NumPy 2, which ART 1.20.1 allows; its GeoDA calls it
        scored = nn.Sequential(net, nn.Softmax(1)) if softmax else net
        attack = getattr(evasion, name)(classifier(scored, shape), **options)

        def run(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            labels = nn.functional.one_hot(y, 10).numpy()
            return torch.from_numpy(attack.generate(x.numpy(), labels)).float()

        return run

    return make


def art_patch(net: nn.Module, shape: tuple[int, ...]) -> Attack:
    """A square of a quarter of each side, in the middle, without turns: what a patch of ours may be."""
    from art.attacks import evasion

    side = shape[-1] // 4
    corner = (shape[-1] - side) // 2
    patch = evasion.AdversarialPatchPyTorch(
        classifier(net, shape),
        rotation_max=0.0,
        scale_min=0.999,
        scale_max=1.0,
        learning_rate=0.05,
        max_iter=40,
        batch_size=1,
        patch_shape=(shape[0], side, side),
        patch_location=(corner, corner),
        patch_type="square",
        targeted=False,
        verbose=False,
    )

    def run(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        out = []
        for i in range(len(x)):
            patch.reset_patch(initial_patch_value=0.5)
            one, label = x[i : i + 1].numpy(), nn.functional.one_hot(y[i : i + 1], 10).numpy()
            patch.generate(one, label)
            out.append(torch.from_numpy(patch.apply_patch(one, scale=1.0)).float())
        return torch.cat(out)

    return run


def torchattacks_spsa(net: nn.Module, _: tuple[int, ...]) -> Attack:
    import torchattacks

    return torchattacks.SPSA(net, eps=0.1, delta=0.01, nb_iter=20, nb_sample=64, max_batch_size=64)


# ------------------------------------------------------------------------------------ rows

QUIET = {"verbose": False}
ROWS: dict[str, Row] = {
    "deep_fool": Row(rb.DeepFool(norm="l2", eps=FAR), "Foolbox", foolbox("L2DeepFoolAttack"), l2),
    "carlini_wagner": Row(
        rb.CarliniWagner(norm="l2", eps=FAR, steps=100, searches=6),
        "Foolbox",
        foolbox("L2CarliniWagnerAttack", steps=100, binary_search_steps=6),
        l2,
    ),
    "ddn": Row(rb.Ddn(eps=FAR, steps=100), "Foolbox", foolbox("DDNAttack", steps=100), l2),
    "fmn_linf": Row(
        rb.Fmn(norm="linf", eps=FAR, steps=100),
        "Foolbox",
        foolbox("LInfFMNAttack", steps=100),
        linf,
    ),
    "fmn_l2": Row(
        rb.Fmn(norm="l2", eps=FAR, steps=100), "Foolbox", foolbox("L2FMNAttack", steps=100), l2
    ),
    "fmn_l1": Row(
        rb.Fmn(norm="l1", eps=FAR, steps=100), "Foolbox", foolbox("L1FMNAttack", steps=100), l1
    ),
    "ead": Row(
        rb.Ead(eps=FAR, steps=100, searches=6),
        "Foolbox",
        foolbox("EADAttack", steps=100, binary_search_steps=6, decision_rule="L1"),
        l1,
    ),
    "brendel_bethge": Row(
        rb.BrendelBethge(norm="l2", eps=FAR, steps=200),
        "Foolbox",
        foolbox("L2BrendelBethgeAttack", steps=200),
        l2,
    ),
    "boundary_attack": Row(
        rb.BoundaryAttack(eps=NEAR, queries=5000),
        "Foolbox",
        foolbox("BoundaryAttack", steps=5000),
        l2,
    ),
    "geoda": Row(
        rb.GeoDa(norm="l2", eps=NEAR, queries=2000),
        "ART",
        art("GeoDA", max_iter=2000, **QUIET),
        l2,
    ),
    "sign_opt": Row(
        rb.SignOpt(norm="l2", eps=NEAR, queries=4000),
        "ART",
        art("SignOPTAttack", targeted=False, query_limit=4000),
        l2,
        rows=24,
    ),
    "zoo": Row(
        rb.Zoo(eps=NEAR, queries=5000, searches=1, initial_constant=1.0),
        "ART",
        art(
            "ZooAttack",
            softmax=True,
            max_iter=40,
            initial_const=1.0,
            use_resize=False,
            use_importance=False,
            nb_parallel=64,
            **QUIET,
        ),
        l2,
        rows=8,
    ),
    "simba": Row(
        # Each of the 64 pixels once; in a second round those of ART leave the budget.
        rb.SimBa(norm="linf", eps=0.1, queries=129),
        "ART",
        art("SimBA", softmax=True, attack="px", max_iter=64, epsilon=0.1, **QUIET),
        within=0.1,
        rows=64,
    ),
    "spsa": Row(rb.Spsa(eps=0.1, queries=1280), "torchattacks", torchattacks_spsa, within=0.1),
    "nes": Row(rb.Nes(eps=0.1, queries=1280), "torchattacks SPSA", torchattacks_spsa, within=0.1),
    "spatial_attack": Row(
        rb.SpatialAttack(max_rotation=30, max_translation=0.1, rotations=5, translations=5),
        "Foolbox",
        foolbox(
            "SpatialAttack",
            max_translation=1.6,
            max_rotation=30,
            num_rotations=5,
            num_translations=5,
        ),
        case=WEAK,
    ),
    "universal_perturbation": Row(
        rb.UniversalPerturbation(eps=0.14, epochs=10),
        "ART",
        art("UniversalPerturbation", eps=0.14, max_iter=2, delta=0.05, **QUIET),
        within=0.14,
        case=WEAK,
        rows=64,
    ),
    "patch_attack": Row(
        rb.PatchAttack(eps=1 / 16, restarts=1, steps=40), "ART", art_patch, case=WEAK, rows=16
    ),
}


def run_ours(attack: object, net: nn.Module) -> Attack:
    if isinstance(attack, rb.UniversalPerturbation):
        return lambda x, y: (x + attack.fit(net, x, bounds=(0.0, 1.0)).to(x.dtype)).clamp(0, 1)
    # Several candidates of a row at once fill a batch that the rows alone do not.
    return ours(attack, net, batch_size=256)


def measure(
    row: Row, run: Attack, counting: Counting, x: torch.Tensor, y: torch.Tensor
) -> tuple[str, float]:
    """What was found in words, and the time of a row asked."""
    counting.rows = 0
    took, found = timed(run, x, y)
    asked = counting.rows
    with torch.no_grad():
        misled = counting.net(found).argmax(1) != y
        if row.within:
            misled &= linf(found - x) <= row.within + 1e-6
    if row.size is None:
        said = f"misled {misled.float().mean():.2f}"
    else:
        size = torch.where(misled, row.size(found - x), torch.inf)
        said = f"median distance {size.median():.4f}, misled {misled.float().mean():.2f}"
    return f"{said}, {asked / len(x):.0f} rows a sample, {took:.2f} s", took / max(asked, 1)


def compare(name: str, rows: int) -> None:
    row = ROWS[name]
    net = trained(row.case)
    x, y = pictures(4 * (row.rows or rows), 7, row.case.size)
    with torch.no_grad():
        right = net(x).argmax(1) == y  # peers differ in what they do with the others
    x, y = x[right][: row.rows or rows], y[right][: row.rows or rows]
    counting = Counting(net).eval()
    print(f"{name}: {len(x)} rows of {row.case.size} x {row.case.size}, {accuracy(net, x, y):.2f}")
    mine, our_time = measure(row, run_ours(row.ours, counting), counting, x, y)
    print(f"  {'leadline':18} {mine}", flush=True)
    try:
        run = row.make(counting, tuple(x.shape[1:]))
    except (ImportError, RuntimeError) as error:  # the latter: a torchvision of another torch
        print(f"  {row.peer} left out: {error}")
        return
    theirs, their_time = measure(row, run, counting, x, y)
    print(f"  {row.peer:18} {theirs}, per row {their_time / our_time:.2f} x ours", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="all without a name")
    parser.add_argument("--rows", type=int, default=32)
    options = parser.parse_args()
    if unknown := set(options.names) - set(ROWS):
        parser.error(f"expected names among {', '.join(ROWS)}, got {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):  # ART leaves files
        for name in options.names or ROWS:
            torch.manual_seed(0)
            compare(name, options.rows)


if __name__ == "__main__":
    main()
