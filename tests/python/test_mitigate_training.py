"""Adversarial training against its papers, and the example that hardens and measures again."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from hardening_toys import EPS, digits, hardened, small_net, trained_on_digits  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

import leadline  # noqa: E402
from leadline import mitigate, stats  # noqa: E402
from leadline import robustness as rb  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Small nets on several threads wait for one another more than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def trained():
    return trained_on_digits()


def official_trades(net: nn.Module, x, moved, y, beta: float):
    """The loss as in the authors' repository (yaodongyu/TRADES, trades.py)."""
    clean = net(x)
    robust = nn.KLDivLoss(reduction="sum")(
        functional.log_softmax(net(moved), dim=1), functional.softmax(clean, dim=1)
    )
    return functional.cross_entropy(clean, y) + beta * robust / len(x)


def test_the_loss_of_trades_is_that_of_its_authors():
    net, (x, y) = small_net(), tuple(part[:32] for part in digits())
    training = mitigate.TradesTraining(eps=EPS, steps=3, beta=6.0, seed=4)
    seen = []
    handle = net.register_forward_pre_hook(lambda module, given: seen.append(given[0].detach()))
    loss = training.loss(net, x, y)
    handle.remove()
    clean, moved = seen[-2:]  # the forwards of the loss; those before belong to the attack
    assert torch.equal(clean, x) and float((moved - x).abs().max()) <= EPS + 1e-6
    expected = official_trades(net, x, moved, y, 6.0)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-5)
    ours = torch.autograd.grad(loss, list(net.parameters()))
    theirs = torch.autograd.grad(expected, list(net.parameters()))
    for a, b in zip(ours, theirs, strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_pgd_training_is_the_loss_at_the_end_of_pgd():
    """With a step that reaches the face at once and no randomness left, the end point is known."""
    net, (x, y) = nn.Linear(64, 10), tuple(part[:32] for part in digits())
    leaf = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(functional.cross_entropy(net(leaf), y, reduction="sum"), leaf)
    loss = mitigate.PgdTraining(eps=1e-4, steps=1, step_size=1.0).loss(net, x, y)
    moved = (x + 1e-4 * slope.sign()).clamp(0, 1)
    assert loss.item() == pytest.approx(functional.cross_entropy(net(moved), y).item(), abs=1e-6)


def test_free_training_makes_one_forward_and_one_backward_a_replay():
    net, (x, y) = small_net(), tuple(part[:32] for part in digits())
    forwards, backwards = [], []
    net[0].register_forward_hook(lambda *_: forwards.append(1))
    net[0].weight.register_hook(lambda gradient: backwards.append(1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    training = mitigate.FreeTraining(eps=EPS, replays=5)
    for loss in training.losses(net, x, y):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (len(forwards), len(backwards)) == (5, 5)
    _ = training.loss(net, x, y)
    with pytest.raises(leadline.ValueError, match="the last loss put backwards"):
        training.loss(net, x, y)


class Collapsing(nn.Module):
    """As its weight falls to 0 a ditch opens that the single step jumps over."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        t = x.mean(1) - 0.5
        s = 20 * torch.maximum(t - 0.12, 0.02 - (t - 0.045).abs() - self.w)
        return torch.stack([-s, s], 1)


def test_a_collapse_stops_fast_training_and_the_weights_go_back():
    x, y = 0.5 + 0.01 * (torch.rand(60, 16) - 0.5), torch.zeros(60).long()
    net = Collapsing().train()

    class Breaks(torch.optim.SGD):
        def step(self, closure=None):
            with torch.no_grad():
                net.w.zero_()

    training = mitigate.FastTraining(eps=EPS)
    result = training.fit(
        net,
        (x, y),
        epochs=3,
        optimizer=Breaks(net.parameters(), lr=0.1),
        watch=(x, y),
        progress=False,
    )
    assert result.stopped.startswith("epoch 1") and len(result.losses) == 1
    assert [w.collapsed for w in result.watches] == [False, True]
    assert result.watches[-1].check.result == "fail"
    assert net.w.item() == 1.0 and net.training


def test_fast_training_of_an_honest_net_runs_to_its_end(trained):
    x, y = trained[1]
    net = small_net()
    net.load_state_dict(trained[0].state_dict())
    result = mitigate.FastTraining(eps=EPS).fit(
        net,
        (x[:1000], y[:1000]),
        epochs=4,
        optimizer=torch.optim.Adam(net.parameters(), lr=3e-3),
        watch=(x[1000:], y[1000:]),
        progress=False,
    )
    assert result.stopped == "" and len(result.watches) == 5
    assert result.watches[-1].pgd_accuracy.value > result.watches[0].pgd_accuracy.value


def test_the_same_call_draws_the_same_and_training_can_go_on_after_a_stop():
    net, (x, y) = small_net(), tuple(part[:32] for part in digits())
    first = mitigate.PgdTraining(eps=EPS, steps=2, seed=3)
    losses = [first.loss(net, x, y).item() for _ in range(3)]
    again = mitigate.PgdTraining(eps=EPS, steps=2, seed=3)
    again.calls = 2
    assert again.loss(net, x, y).item() == losses[2]
    assert len(set(losses)) == 3 and first.calls == 3


def test_a_net_is_left_as_found_by_the_attack_and_by_fit(trained):
    net = nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16), nn.Dropout(0.5), nn.Linear(16, 10))
    net.train()
    net[1].eval()  # a part that the user froze
    before = [buffer.clone() for buffer in net.buffers()]
    torch.manual_seed(5)
    expected = torch.rand(1)
    x, y = (part[:32] for part in trained[1])
    torch.manual_seed(5)
    attack = rb.Pgd(eps=EPS, steps=2)
    attack.perturb(net, x, y, keep="last")
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(a, b) for a, b in zip(before, net.buffers(), strict=True))
    assert net.training and not net[1].training
    assert all(p.grad is None for p in net.parameters())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    mitigate.PgdTraining(eps=EPS, steps=1).fit(
        net, leadline.Dataset(x, y), epochs=1, optimizer=optimizer, progress=False
    )
    assert net.training and not net[1].training


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x, y: mitigate.PgdTraining(eps=0.0), leadline.ValueError, "eps"),
        (lambda x, y: mitigate.PgdTraining(eps=[0.1, 0.2]), leadline.ValueError, "one budget"),
        (lambda x, y: mitigate.PgdTraining(steps=0), leadline.ValueError, "steps"),
        (lambda x, y: mitigate.TradesTraining(beta=-1.0), leadline.ValueError, "beta"),
        (lambda x, y: mitigate.FreeTraining(norm="l1"), leadline.ValueError, "norm"),
        (lambda x, y: mitigate.PgdTraining(epz=0.1), leadline.TypeError, "eps"),
        (
            lambda x, y: mitigate.PgdTraining().loss(nn.ReLU(), x, y),
            leadline.ValueError,
            "parameters",
        ),
        (
            lambda x, y: mitigate.PgdTraining().loss(lambda x: x, x, y),
            leadline.TypeError,
            "nn.Module",
        ),
        (
            lambda x, y: mitigate.PgdTraining().loss(
                leadline.black_box(lambda x: x, outputs="logits"), x, y
            ),
            leadline.TypeError,
            "nn.Module",
        ),
        (
            lambda x, y: mitigate.PgdTraining().loss(small_net(), 255 * x, y),
            leadline.ValueError,
            "bounds",
        ),
        (
            lambda x, y: mitigate.PgdTraining().loss(small_net(), x, y.float()),
            leadline.ShapeError,
            "labels",
        ),
        (
            lambda x, y: mitigate.PgdTraining().fit(
                small_net(), (x, y), epochs=1, optimizer=None, watch=(x, y)
            ),
            leadline.TypeError,
            "FastTraining",
        ),
        (
            lambda x, y: rb.Square(eps=1e-4, queries=4).perturb(small_net(), x, y, keep="last"),
            leadline.CapabilityError,
            "where it ends",
        ),
        (
            lambda x, y: rb.Pgd(eps=0.1).perturb(small_net(), x, y, keep="best"),
            leadline.ValueError,
            "nearest",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(call, error, match):
    x, y = (part[:8] for part in digits())
    with pytest.raises(error, match=match):
        call(x, y)


@pytest.mark.parametrize(
    "make",
    [
        lambda threat: mitigate.PgdTraining(threat, steps=5),
        lambda threat: mitigate.TradesTraining(threat, steps=5, beta=2.0),
        lambda threat: mitigate.FastTraining(threat),
    ],
)
def test_a_hardened_net_withstands_more_than_the_plain_one(trained, make):
    threat = rb.Threat(eps=EPS)
    data = leadline.Dataset(
        *(part[:400] for part in (digits()[0][1400:], digits()[1][1400:])), bounds=(0.0, 1.0)
    )
    attack = rb.Apgd(threat, steps=30, check_samples=0)
    before = attack.evaluate(trained[0], data, output="logits", progress=False).robust
    after = attack.evaluate(
        hardened(trained, make(threat)), data, output="logits", progress=False
    ).robust
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    assert gained > lost and stats.mcnemar_test(gained, lost).p_value < 1e-3


def test_the_example_hardens_and_measures_again(monkeypatch, tmp_path, capsys):
    folder = Path(__file__).resolve().parents[2] / "examples/python"
    monkeypatch.syspath_prepend(str(folder))
    for name in ("harden", "fashion_mnist"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    harden, fashion = importlib.import_module("harden"), importlib.import_module("fashion_mnist")
    rng = np.random.default_rng(0)
    patterns = rng.uniform(0.2, 0.8, (10, 1, 28, 28))

    def load(part: str) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.integers(0, 10, 1300)
        images = patterns[labels] + 0.2 * rng.normal(size=(1300, 1, 28, 28))
        return images.clip(0, 1).astype(np.float32), labels

    monkeypatch.setattr(fashion, "load", load)
    monkeypatch.setattr(
        fashion, "small_cnn", lambda: nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 10))
    )
    options = ["--train", "400", "--samples", "12", "--epochs", "1", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["harden.py", *options])
    harden.main()
    told = capsys.readouterr().out
    for name in ("pgd", "trades", "fast", "8 levels", "vote over noise", "detector"):
        assert f"  {name} " in told
    assert "Benefit and price" in (tmp_path / "comparison.html").read_text()
