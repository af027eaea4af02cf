"""Strong attacks beside their peers, one thread, one process; times are processor time.

    python benchmarks/attacks.py [apgd] [autoattack] [square] [hop_skip_jump] [linear]     # without a name: all

- apgd: APGD-CE, 100 steps, over 101 steps of forward and gradient of the input for all rows
- autoattack: the standard version over one such step, and over the original (pyautoattack)
- square: 5000 queries over the forwards that the rows still standing need
- hop_skip_jump: 1000 queries a row beside ART
- linear: the distance found over the exact one, DeepFool and FAB on linear models

Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import logging
import statistics
from collections.abc import Callable
from functools import partial

import torch
from robustness import CASES, Case, accuracy, against_floor, floor, pictures, seconds, trained
from torch import nn

import leadline

Attack = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
ROWS = 256
# As robust under strong attacks as one row in five, and as every second.
WEAK = Case("about 21 % robust", 0.14, size=16)
TINY = Case("small", 0.1, size=8, width=4, steps=400)
HARD = Case("about 55 % robust", 0.16, adversarial=0.14, size=16)


class Counting(nn.Module):
    """The net, and how many rows it was asked."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net, self.rows = net, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.rows += len(x)
        return self.net(x.float())  # ART hands on doubles


def ours(attack: leadline.robustness.Pgd, net: nn.Module, **more: object) -> Attack:
    return lambda x, y: attack.perturb(
        net, x, y, bounds=(0.0, 1.0), **{"batch_size": len(x), **more}
    )


def with_peers(
    our: Attack, peers: dict[str, Callable[[], Attack]], name: str = "leadline"
) -> dict[str, Attack]:
    """The contenders whose package is installed."""
    runs = {name: our}
    for who, make in peers.items():
        try:
            runs[who] = make()
        except ImportError as error:
            print(f"  {who} left out: {error}")
    return runs


def timed(run: Attack, x: torch.Tensor, y: torch.Tensor) -> tuple[float, torch.Tensor]:
    found: list[torch.Tensor] = []
    return seconds(lambda: found.append(run(x, y))), found[0]


def robust(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return net(x).argmax(1) == y


# ------------------------------------------------------------------------------------ APGD


def original_apgd(net: nn.Module, eps: float) -> Attack:
    from pyautoattack.autopgd_base import APGDAttack

    quiet = logging.getLogger("apgd")
    return APGDAttack(net, eps=eps, loss="ce", device="cpu", logger=quiet).perturb


def torchattacks_apgd(net: nn.Module, eps: float) -> Attack:
    import torchattacks

    return torchattacks.APGD(net, eps=eps, steps=100)


def apgd() -> None:
    for case in (WEAK, HARD):
        net = trained(case)
        x, y = pictures(ROWS, 7, case.size)
        print(f"APGD-CE-100, {case.name}: {ROWS} rows, accuracy {accuracy(net, x, y):.3f}")
        peers = {
            "pyautoattack": partial(original_apgd, net, case.eps),
            "torchattacks": partial(torchattacks_apgd, net, case.eps),
        }
        attack = leadline.robustness.Apgd(eps=case.eps, steps=100)
        for who, run in with_peers(ours(attack, net), peers).items():
            found = run(x, y)
            ratios = against_floor(partial(run, x, y), partial(floor, net, x, y, 101), 3)
            print(
                f"  {who:14} {statistics.median(ratios):5.2f} x floor ({min(ratios):.2f} to "
                f"{max(ratios):.2f}), accuracy {accuracy(net, found, y):.3f}",
                flush=True,
            )


# ------------------------------------------------------------------------------------ AutoAttack


def original_auto_attack(net: nn.Module, eps: float) -> Attack:
    from pyautoattack import AutoAttack

    attack = AutoAttack(net, norm="Linf", eps=eps, version="standard", device="cpu", seed=0)
    return lambda x, y: attack.run_standard_evaluation(x, y, batch_size=ROWS)[0]


def autoattack() -> None:
    for case in (WEAK, HARD):
        net = trained(case)
        x, y = pictures(ROWS, 7, case.size)
        print(f"AutoAttack standard, {case.name}: {ROWS} rows")
        peers = {"pyautoattack": partial(original_auto_attack, net, case.eps)}
        attack = leadline.robustness.AutoAttack(eps=case.eps)
        took, flags = {}, {}
        for who, run in with_peers(ours(attack, net), peers).items():
            step = seconds(partial(floor, net, x, y, 50))
            took[who], found = timed(run, x, y)
            step = (step + seconds(partial(floor, net, x, y, 50))) / 100
            flags[who] = robust(net, found, y)
            print(
                f"  {who:14} {took[who] / step:6.0f} steps, {took[who]:.1f} s, accuracy "
                f"{flags[who].float().mean():.3f}",
                flush=True,
            )
        if len(took) > 1:
            differ = int((flags["leadline"] != flags["pyautoattack"]).sum())
            ratio = took["leadline"] / took["pyautoattack"]
            print(f"  leadline / pyautoattack {ratio:.2f}; {differ} rows of {ROWS} differ")


# ------------------------------------------------------------------------------------ Square


def original_square(net: nn.Module, eps: float) -> Attack:
    from pyautoattack.square import SquareAttack

    return SquareAttack(net, eps=eps, n_queries=5000, resc_schedule=False, device="cpu").perturb


def torchattacks_square(net: nn.Module, eps: float) -> Attack:
    import torchattacks

    return torchattacks.Square(net, eps=eps, n_queries=5000)


def forwards(net: nn.Module, x: torch.Tensor, n: int) -> None:
    """`n` rows in batches of x."""
    with torch.no_grad():
        for _ in range(n // len(x)):
            net(x)


def square() -> None:
    case, rows = WEAK, 128
    net = trained(case)
    x, y = pictures(rows, 7, case.size)
    print(f"Square, 5000 queries: {rows} rows, accuracy {accuracy(net, x, y):.3f}")
    counting = Counting(net).eval()
    peers = {
        "pyautoattack": partial(original_square, counting, case.eps),
        "torchattacks": partial(torchattacks_square, counting, case.eps),
    }
    attack = leadline.robustness.Square(eps=case.eps, queries=5000)
    for who, run in with_peers(ours(attack, counting), peers).items():
        counting.rows = 0
        took, found = timed(run, x, y)
        asked = counting.rows
        least = seconds(partial(forwards, net, x, asked))
        print(
            f"  {who:14} {took:5.1f} s, {asked} rows asked, {took / least:.2f} x their forwards in "
            f"full batches, accuracy {accuracy(net, found, y):.3f}",
            flush=True,
        )


# ------------------------------------------------------------------------------------ HopSkipJump


def art_hop_skip_jump(net: nn.Module, shape: tuple[int, ...]) -> Attack:
    from art.attacks.evasion import HopSkipJump
    from art.estimators.classification import PyTorchClassifier

    model = PyTorchClassifier(
        net, nn.CrossEntropyLoss(), shape, 10, clip_values=(0, 1), device_type="cpu"
    )
    # Five rounds of 100, 141, ... queries and their line searches come to about 1000.
    attack = HopSkipJump(model, max_iter=5, batch_size=64, verbose=False)
    return lambda x, y: torch.from_numpy(attack.generate(x.numpy()))


def hop_skip_jump() -> None:
    attack = leadline.robustness.HopSkipJump(norm="l2", eps=1e-6, queries=1000)  # none ends early
    for case, rows in ((CASES[0], 16), (WEAK, 64), (TINY, 64)):
        net = trained(case)
        x, y = pictures(rows, 7, case.size)
        counting = Counting(net).eval()
        peers = {"ART": partial(art_hop_skip_jump, counting, tuple(x.shape[1:]))}
        print(f"HopSkipJump, l2, about 1000 queries, {case.size} x {case.size}: {rows} rows")
        per_row = {}
        for who, run in with_peers(ours(attack, counting, batch_size=128), peers).items():
            counting.rows = 0
            took, found = timed(run, x, y)
            asked = counting.rows
            least = seconds(partial(forwards, net, x, asked))
            per_row[who] = took / asked
            distance = (found - x).flatten(1).norm(dim=1).median()
            print(
                f"  {who:14} {took:6.2f} s, {asked / rows:.0f} queries a row, {took / least:.2f} x "
                f"their forwards in full batches, median distance {distance:.3f}",
                flush=True,
            )
        if len(per_row) > 1:
            print(f"  a query of ART costs {per_row['ART'] / per_row['leadline']:.1f} x ours")


# ------------------------------------------------------------------------------------ linear models


def linear_case() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """Ten classes, 36 inputs; 32 points far from bounds and, for float32, from boundaries."""
    draw = torch.Generator().manual_seed(3)
    net = nn.Linear(36, 10, bias=False)
    with torch.no_grad():
        net.weight.copy_(torch.randn(10, 36, generator=draw))
        x = 0.5 + 0.05 * torch.randn(256, 36, generator=draw)
        y = net(x).argmax(1)
        far = exact_distance(net, x, y, "linf").topk(32).indices
        return net, x[far], y[far]


def exact_distance(net: nn.Module, x: torch.Tensor, y: torch.Tensor, norm: str) -> torch.Tensor:
    """Of the nearest boundary: gap of the scores over the dual norm of the difference of the weights."""
    with torch.no_grad():
        w = net.weight.double()
        z = x.double() @ w.T
        gap = z.gather(1, y[:, None]) - z
        apart = w[y][:, None] - w[None]
        size = apart.norm(dim=2) if norm == "l2" else apart.abs().sum(2)
        return (gap / size).scatter(1, y[:, None], torch.inf).amin(1)


def foolbox_deep_fool(net: nn.Module, norm: str) -> Attack:
    import foolbox

    model = foolbox.PyTorchModel(net, bounds=(0, 1))
    kind = foolbox.attacks.L2DeepFoolAttack if norm == "l2" else foolbox.attacks.LinfDeepFoolAttack
    return lambda x, y: kind()(model, x, y, epsilons=None)[0]


def original_fab(net: nn.Module, norm: str) -> Attack:
    from pyautoattack.fab_pt import FABAttack_PT

    name = "L2" if norm == "l2" else "Linf"
    return FABAttack_PT(net, norm=name, eps=1.0, n_iter=20, device="cpu").perturb


def linear() -> None:
    net, x, y = linear_case()
    rb = leadline.robustness
    for norm in ("l2", "linf"):
        truth = exact_distance(net, x, y, norm)
        deep = rb.DeepFool(norm=norm, eps=10.0, overshoot=0.0)
        fab = rb.Fab(norm=norm, eps=10.0, steps=20)
        runs = {"leadline DeepFool": ours(deep, net), "leadline FAB, 20 steps": ours(fab, net)}
        runs |= with_peers(
            runs.pop("leadline FAB, 20 steps"),
            {
                "foolbox DeepFool": partial(foolbox_deep_fool, net, norm),
                "pyautoattack FAB, 20 steps": partial(original_fab, net, norm),
            },
            "leadline FAB, 20 steps",
        )
        print(f"Linear model, {norm}: distance found over the exact one, 32 points")
        for who, run in runs.items():
            change = (run(x, y).double() - x.double()).detach()
            found = change.norm(dim=1) if norm == "l2" else change.abs().amax(1)
            ratio = found / truth
            print(f"  {who:27} median {ratio.median():.6f}, largest {ratio.max():.6f}", flush=True)


def main() -> None:
    rows = {
        "apgd": apgd,
        "autoattack": autoattack,
        "square": square,
        "hop_skip_jump": hop_skip_jump,
        "linear": linear,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="all without a name")
    chosen = parser.parse_args().rows or list(rows)
    if unknown := set(chosen) - set(rows):
        parser.error(f"expected rows among {', '.join(rows)}, got {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    for name in chosen:
        torch.manual_seed(0)
        rows[name]()


if __name__ == "__main__":
    main()
