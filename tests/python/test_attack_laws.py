"""What every attack owes: the same rows for any batch size, usage as documented, typed errors for bad input."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import leadline
from leadline import robustness as rb

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

ATTACKS = {
    "ensemble": rb.Ensemble(
        [rb.Pgd(eps=0.03, steps=5), rb.Square(eps=0.03, queries=40)], check_samples=0
    ),
    "fgsm": rb.Fgsm(eps=0.2),
    "pgd": rb.Pgd(eps=0.2, steps=5),
    "apgd": rb.Apgd(eps=0.2, steps=8),
    "apgd_t": rb.Apgd(norm="l2", eps=1.0, steps=8, n_targets=3),
    "apgd_l1": rb.Apgd(norm="l1", eps=4.0, steps=8),
    "fab": rb.Fab(eps=0.2, steps=4),
    "fab_t": rb.Fab(norm="l2", eps=1.0, steps=4, n_targets=3),
    "deep_fool": rb.DeepFool(eps=1.0, steps=10),
    "carlini_wagner": rb.CarliniWagner(eps=1.0, steps=10, searches=2),
    "ddn": rb.Ddn(eps=1.0, steps=8),
    "fmn": rb.Fmn(norm="l0", eps=6, steps=8),
    "ead": rb.Ead(eps=4.0, steps=8, searches=2),
    "brendel_bethge": rb.BrendelBethge(eps=1.0, steps=8),
    "square": rb.Square(eps=0.2, queries=25),
    "nes": rb.Nes(eps=0.2, queries=60, pairs=5),
    "spsa": rb.Spsa(eps=0.2, queries=60, pairs=5),
    "zoo": rb.Zoo(eps=1.0, queries=100, searches=1),
    "simba": rb.SimBa(eps=1.0, queries=40),
    "hop_skip_jump": rb.HopSkipJump(eps=1.0, queries=80),
    "boundary_attack": rb.BoundaryAttack(eps=1.0, queries=60),
    "geoda": rb.GeoDa(eps=1.0, queries=80),
    "sign_opt": rb.SignOpt(eps=1.0, queries=150, directions=20),
    "spatial_attack": rb.SpatialAttack(
        max_rotation=180, max_translation=0.5, rotations=5, translations=3
    ),
    "patch_attack": rb.PatchAttack(eps=0.6, steps=5, restarts=2),
}

# Flags alone are the same: which of several targets wins depends on which ran beside it, and the
# first step of Adam is the sign of a slope, of which the last bits of the model decide at zero.
LOOSE = {"apgd_t", "spsa"}


def net_of(seed: int = 0, classes: int = 4) -> nn.Module:
    """All classes about the middle of the box. Float64: the last bits of float32 sums change with
    the size of a batch."""
    torch.manual_seed(seed)
    first, last = nn.Linear(16, 12).double(), nn.Linear(12, classes).double()
    with torch.no_grad():
        first.weight *= 6
        first.bias.copy_(-0.5 * first.weight.sum(1))
        last.bias.zero_()
    return nn.Sequential(nn.Flatten(), first, nn.Tanh(), last).eval()


def samples(n: int = 70) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.rand(n, 1, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return x, net_of()(x).argmax(1)


def test_every_attack_of_the_catalog_is_held_to_these_laws():
    held = {type(attack).__name__ for attack in ATTACKS.values()}
    known = {name for name in rb.__all__ if hasattr(getattr(rb, name), "perturb")}
    # AutoAttack is four of them in turn, a transfer learns from the first rows of a call, and Certify
    # has perturb from its base only.
    assert known - held == {"AutoAttack", "Certify", "Transfer"}


@pytest.mark.parametrize("name", ATTACKS)
def test_rows_do_not_depend_on_the_batch_size(name):
    net, (x, y) = net_of(), samples()
    attack = ATTACKS[name]
    found = [attack.perturb(net, x, y, bounds=(0.0, 1.0), batch_size=size) for size in (256, 64, 7)]
    found.append(attack.perturb(net, x, y, bounds=(0.0, 1.0), batch_size=1))
    flags = [net(adversarial).argmax(1) != y for adversarial in found]
    assert flags[0].any()
    for adversarial, flag in zip(found[1:], flags[1:], strict=True):
        assert torch.equal(flag, flags[0])
        if name in LOOSE:
            continue
        torch.testing.assert_close(adversarial, found[0], atol=1e-7, rtol=0)


def test_the_usage_of_an_ensemble_and_of_a_black_box_is_as_documented():
    net, (x, y) = net_of(), samples(24)
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    threat = rb.Threat(norm="linf", eps=8 / 255)
    result = rb.AutoAttack(threat, version="standard", max_samples=6).evaluate(net, data)
    assert result.robust_accuracy.n == 6 and len(result.robust) == 6
    assert [row["attack"] for row in result.per_attack][0] == "apgd-ce"
    assert result.checks and result.cost

    def labels(batch: np.ndarray) -> np.ndarray:
        return net(torch.as_tensor(batch)).argmax(1).numpy()

    box = leadline.black_box(labels, outputs="labels")
    seen = rb.Square(threat, queries=200).evaluate(box, data)
    assert 0 < seen.robust_accuracy.value <= 1
    assert any("labels only" in warning for warning in seen.finding.warnings)
    near = rb.HopSkipJump(norm="linf", eps=0.1, queries=200).evaluate(box, data)
    assert near.robust_accuracy.value <= 1


BAD = {
    "bytes read as floats": (
        lambda x, y, net: rb.Pgd(eps=0.1).perturb(net, x * 255, y, bounds=(0.0, 1.0)),
        r"inside the bounds \[0, 1\], got values from .* look like bytes: divide by 255",
    ),
    "normalised": (
        lambda x, y, net: rb.Pgd(eps=0.1).perturb(net, (x - 0.5) / 0.25, y, bounds=(0.0, 1.0)),
        r"got values from -.* look normalised already",
    ),
    "no bounds": (
        lambda x, y, net: rb.Pgd(eps=0.1).evaluate(net, leadline.Dataset(x, y)),
        r"bounds=\(0\.0, 1\.0\)",
    ),
    "target is the label": (
        lambda x, y, net: rb.Pgd(eps=0.1, goal="targeted").perturb(
            net, x, y, bounds=(0.0, 1.0), targets=y
        ),
        r"a target other than the label, got class",
    ),
    "targets of an attack that has no target": (
        lambda x, y, net: rb.Pgd(eps=0.1).perturb(net, x, y, bounds=(0.0, 1.0), targets=y + 1),
        r"targets with the goal 'targeted', got the goal 'untargeted'",
    ),
    "eps 0": (lambda x, y, net: rb.Pgd(eps=0.0), r"'eps' to be .* > 0"),
    "eps nan": (lambda x, y, net: rb.Pgd(eps=float("nan")), r"'eps'"),
    "label out of range": (
        lambda x, y, net: rb.Pgd(eps=0.1).perturb(net, x, y + 10, bounds=(0.0, 1.0)),
        r"below the number of classes, 4",
    ),
    "scores of a model of labels": (
        lambda x, y, net: rb.Nes(eps=0.1).perturb(
            leadline.black_box(lambda a: np.zeros(len(a), dtype=np.int64), outputs="labels"),
            x,
            y,
            bounds=(0.0, 1.0),
        ),
        r"labels",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_typed_error_that_says_what_to_do(name):
    run, words = BAD[name]
    x, y = samples(8)
    with pytest.raises(leadline.Error, match=words):
        run(x, y, net_of())


def test_slips_of_a_few_ulp_beyond_the_bounds_are_taken():
    net, (x, y) = net_of().float(), samples(4)
    x = torch.full_like(x, 1.0000002).float()
    assert rb.Pgd(eps=0.1, steps=2).perturb(net, x, y, bounds=(0.0, 1.0)).max() <= 1.0000002


def test_few_classes_are_attacked_by_the_margin_with_a_warning():
    x, _ = samples(12)
    for classes, attack in (
        (2, rb.Apgd(eps=0.05, loss="dlr", steps=8)),
        (2, rb.Pgd(eps=0.05, loss="dlr", steps=8)),
        (2, rb.Square(eps=0.05, loss="dlr", queries=40)),
        (3, rb.AutoAttack(eps=0.05)),
    ):
        net = net_of(3, classes)
        data = leadline.Dataset(x[:6], net(x[:6]).argmax(1), bounds=(0.0, 1.0))
        result = attack.evaluate(net, data)
        assert result.robust_accuracy.value is not None
        assert any("the margin was climbed" in w for w in result.finding.warnings)


def test_three_classes_have_an_untargeted_logit_ratio():
    x, _ = samples(12)
    net = net_of(3, 3)
    data = leadline.Dataset(x, net(x).argmax(1), bounds=(0.0, 1.0))
    result = rb.Apgd(eps=0.05, loss="dlr", steps=8).evaluate(net, data)
    assert not any("the margin was climbed" in w for w in result.finding.warnings)


def test_a_call_says_what_its_gradients_were_like_and_that_a_budget_covers_all():
    net, (x, y) = net_of(), samples(8)
    rounded = lambda z: net(torch.round(z * 4) / 4)  # noqa: E731
    broken = NanGradient(net)
    for model, eps, words in (
        (rounded, 0.05, "every gradient was exactly zero for 8 of 8 rows"),
        (broken, 0.05, "8 of 8 rows had a NaN or infinite gradient"),
        (net, 8.0, "larger than all that the bounds leave, 1"),
    ):
        with pytest.warns(UserWarning, match=words):
            rb.Pgd(eps=eps, steps=3).perturb(model, x, y, bounds=(0.0, 1.0))
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    warned = rb.Pgd(eps=8.0, steps=3, check_samples=0).evaluate(net, data).finding.warnings
    assert any("8/255 of an image" in w for w in warned)


def test_a_budget_beyond_the_box_fools_all_and_training_mode_is_left_as_found():
    net, (x, y) = net_of(), samples(16)
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    assert rb.Pgd(eps=5.0, steps=10).evaluate(net, data).robust_accuracy.value == 0
    dropping = nn.Sequential(net, nn.Dropout(0.5)).train()
    adversarial = rb.Pgd(eps=0.05, steps=3).perturb(dropping, x, y, bounds=(0.0, 1.0))
    assert dropping.training and dropping[1].training
    still = rb.Pgd(eps=0.05, steps=3).perturb(net, x, y, bounds=(0.0, 1.0))
    torch.testing.assert_close(adversarial, still)  # attacked in evaluation mode


class Interacting(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x - 0.5 * x.mean(0, keepdim=True))


class Noisy(Interacting):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x + 0.2 * torch.randn_like(x))


class NanGradient(Interacting):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x) + 0 * torch.sqrt(0 * x).sum((1, 2, 3))[:, None]


class Small(Interacting):
    """A machine that holds 16 rows with their graph."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) > 16 and x.requires_grad:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20 MiB")
        return self.net(x)


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (Interacting, "rows_independent"),
        (Noisy, "decisions_repeat"),
        (NanGradient, "gradients_finite"),
    ],
)
def test_a_model_that_breaks_the_rules_fails_the_check_that_says_so(kind, check):
    x, y = samples()
    model = kind(net_of()).eval()
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    result = rb.Pgd(eps=0.05, steps=5, check_samples=32).evaluate(model, data)
    assert str({c.name: c.result for c in result.checks}[check]) == "fail"
    assert not result.trusted


def test_a_batch_that_does_not_fit_is_halved_and_the_report_says_so():
    net, (x, y) = net_of(), samples()
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    attack = rb.Pgd(eps=0.2, steps=5, check_samples=0)
    result = attack.evaluate(Small(net).eval(), data)
    assert any("ran out of memory; batches of 16 rows" in w for w in result.finding.warnings)
    assert np.array_equal(result.robust, attack.evaluate(net, data).robust)


class Tiny(Small):
    """A machine that holds 16 rows, with or without a graph."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) > 16:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB")
        return self.net(x)


def test_a_pass_that_does_not_fit_is_halved_too():
    net, (x, y) = net_of(), samples()
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    suite = {"task": "task", "pgd": rb.Pgd(eps=0.2, steps=5, check_samples=0)}
    report = leadline.evaluate(
        Tiny(net).eval(), data, suite=suite, batch_size=64, output="logits", progress=False
    )
    ample = leadline.evaluate(net, data, suite=suite, output="logits", progress=False)
    for name in ("task.accuracy", "pgd.clean_accuracy"):
        assert report[name].value == ample[name].value
    for finding in report.findings:
        assert finding.status == "ok"
        assert any("at most 16 rows at once" in warning for warning in finding.warnings)
    with pytest.warns(UserWarning, match="ran out of memory"):
        rb.Pgd(eps=0.2, steps=2).perturb(Tiny(net).eval(), x, y, bounds=(0.0, 1.0))
    found = leadline.compare(net, Tiny(net).eval(), data, batch_size=64, progress=False)
    assert found["task.accuracy"].difference.value == 0


GRADIENTS = ("Fgsm", "Pgd", "Apgd", "DeepFool", "Fmn", "Fab")


@pytest.mark.parametrize("name", [*GRADIENTS, "Square", "Nes"])
def test_softmax_declared_as_logits_is_said_by_every_attack_that_reads_scores(name):
    net, (x, y) = net_of(), samples(24)
    softmax = nn.Sequential(net, nn.Softmax(1)).eval()
    how = {"queries": 40} if name in ("Square", "Nes") else {}
    attack = getattr(rb, name)(eps=0.05, check_samples=8, **how)
    with pytest.warns(UserWarning, match="declare output='probabilities'"):
        attack.perturb(softmax, x, y, bounds=(0.0, 1.0))
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    result = attack.evaluate(softmax, data, output="logits")
    failed = {c.name: c for c in result.checks if str(c.result) == "fail"}
    assert "output='probabilities'" in failed["logits_are_not_probabilities"].remedy
    honest = {c.name for c in attack.evaluate(net, data).checks if str(c.result) == "fail"}
    assert "logits_are_not_probabilities" not in honest


def test_an_ensemble_is_the_least_of_its_attacks_and_can_be_pickled():
    net, (x, y) = net_of(), samples()
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    threat = rb.Threat(norm="linf", eps=0.1)
    attacks = [
        rb.Square(threat, queries=60),
        rb.Pgd(threat, steps=2),
        rb.Pgd(threat, loss="margin"),
    ]
    both = pickle.loads(pickle.dumps(rb.Ensemble(attacks, check_samples=16)))
    result = both.evaluate(net, data)
    assert [row["attack"] for row in result.per_attack] == ["pgd", "pgd 2", "square"]
    alone = [a.evaluate(net, data).robust_accuracy.value for a in attacks]
    assert result.robust_accuracy.value <= min(alone) + 0.05  # each draws numbers of its own
    assert both.perturb(net, x, y, bounds=(0.0, 1.0)).shape == x.shape
    with pytest.raises(leadline.ValueError, match="one threat"):
        rb.Ensemble([rb.Pgd(threat), rb.Pgd(eps=0.2)])
    with pytest.raises(leadline.TypeError, match="attacks, got 'gaussian_noise'"):
        rb.Ensemble([rb.GaussianNoise()])


def test_scores_that_are_probabilities_give_the_flags_of_their_logits():
    net, (x, y) = net_of(), samples()
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
    attack = rb.Pgd(eps=0.2, steps=10, check_samples=0)
    softmax = nn.Sequential(net, nn.Softmax(1)).eval()
    plain = attack.evaluate(net, data).robust
    assert np.mean(plain != attack.evaluate(softmax, data).robust) <= 0.03
