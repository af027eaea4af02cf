"""Adversarial training against its papers, defences with their gradients, and the paired comparison."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

import leadline  # noqa: E402
from leadline import mitigate, stats  # noqa: E402
from leadline import robustness as rb  # noqa: E402

EPS = 0.1


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Small nets on several threads wait for one another more than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """1797 scanned digits [n, 64] in [0, 1], shuffled."""
    load = pytest.importorskip("sklearn.datasets").load_digits()
    order = np.random.default_rng(0).permutation(len(load.target))
    x = torch.tensor(load.images[order] / 16).float().flatten(1)
    return x, torch.tensor(load.target[order]).long()


def small_net(seed: int = 0, d: int = 64, k: int = 10) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(d, 48), nn.ReLU(), nn.Linear(48, k))


@pytest.fixture(scope="module")
def trained():
    """A net that reads digits, the rows it was trained on, rows to fit with, rows to judge by."""
    x, y = digits()
    net = small_net()
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    torch.manual_seed(1)
    for _ in range(12):
        for rows in torch.split(torch.randperm(1200), 64):
            loss = functional.cross_entropy(net(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    for p in net.parameters():
        p.grad = None
    return net.eval(), (x[:1200], y[:1200]), x[1200:1400], (x[1400:1550], y[1400:1550])


def hardened(trained, training: mitigate.AdversarialTraining, epochs: int = 5) -> nn.Module:
    net = small_net()
    net.load_state_dict(trained[0].state_dict())
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    training.fit(net, trained[1], epochs=epochs, optimizer=optimizer, batch_size=64, progress=False)
    return net.eval()


def judged(trained, n: int = 120, **options) -> leadline.Dataset:
    x, y = trained[3]
    return leadline.Dataset(x[:n], y[:n], bounds=(0.0, 1.0), **options)


# ---------------------------------------------------------------------------- training


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


# ---------------------------------------------------------------------------- defences


def test_a_defence_takes_the_mode_of_its_model_and_fitting_changes_none(trained):
    net = trained[0]
    detector = mitigate.Detector(net)
    assert not detector.training
    detector.train()
    net.eval()
    detector.fit(trained[2])
    assert detector.training and not net.training


@pytest.mark.parametrize("score", ["feature_squeezing", "energy", "confidence"])
def test_a_detector_rejects_about_as_many_honest_inputs_as_it_was_told(trained, score):
    detector = mitigate.Detector(trained[0], score=score, false_reject_rate=0.1).fit(trained[2])
    rejected = int((detector(trained[3][0]).argmax(1) == 10).sum())
    assert stats.binomial_test(rejected, 150, 0.1).p_value > 1e-3


def test_smoothing_votes_as_the_room_of_proofs_does(trained):
    x = trained[3][0]
    ours = mitigate.Smoothed(trained[0], sigma=0.1, draws=64)(x).argmax(1).numpy()
    theirs = rb.Smoothing(trained[0], sigma=0.1, output="logits").predict(x, n=256)
    sure = theirs.label >= 0
    assert sure.mean() > 0.8
    assert (ours[sure] == theirs.label[sure]).mean() > 0.97


def test_smoothing_answers_alike_for_any_batch(trained):
    x, model = trained[3][0][:20], mitigate.Smoothed(trained[0], sigma=0.2, draws=16)
    with torch.no_grad():
        alone = torch.cat([model(row) for row in torch.split(x, 1)])
        assert torch.allclose(model(x), alone, atol=1e-5)


def test_defences_refuse_what_they_cannot_do(trained):
    net = trained[0]
    with pytest.raises(leadline.TypeError, match="nn.Module"):
        mitigate.BitDepth(lambda x: x, bits=3)
    with pytest.raises(leadline.ValueError, match="bits"):
        mitigate.BitDepth(net, bits=40)(trained[2])
    with pytest.raises(leadline.ShapeError, match="pictures"):
        mitigate.MedianFilter(net)(trained[2])
    with pytest.raises(leadline.ValueError, match="sigma"):
        mitigate.Smoothed(net, sigma=0.0)
    with pytest.raises(leadline.ValueError, match="threshold"):
        mitigate.Detector(net)(trained[2])
    with pytest.raises(leadline.ValueError, match="score"):
        mitigate.Detector(net, score="magic")
    with pytest.raises(leadline.ValueError, match="scores"):
        mitigate.Detector(net, false_reject_rate=0.01).fit(trained[2][:20])


# ---------------------------------------------------------------------------- compare


class Rounded(nn.Module):
    """A masked gradient: rounding without a way through."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(torch.round(x * 3) / 3)


@pytest.fixture(scope="module")
def compared(trained):
    threat = rb.Threat(eps=[EPS / 2, EPS])
    models = {
        "hardened": hardened(trained, mitigate.PgdTraining(threat=rb.Threat(eps=EPS), steps=5)),
        "masked": Rounded(trained[0]),
        "8 levels": mitigate.BitDepth(trained[0], bits=3),
        "vote": mitigate.Smoothed(trained[0], sigma=0.1, draws=8),
        "detector": mitigate.Detector(trained[0], score="energy").fit(trained[2]),
    }
    rng = np.random.default_rng(0)
    data = judged(trained, table={"site": rng.choice(["a", "b", "c"], 120)})
    return (
        models,
        data,
        threat,
        mitigate.compare(models, trained[0], data, threat=threat, replicates=300, progress=False),
    )


def test_a_hardened_net_is_shown_to_gain(compared):
    row = compared[3]["hardened"]
    assert row.outcome == "gains" and row.gain.lower > 0
    assert row.gain.facts["p_holm"] >= row.gain.facts["p_value"]
    assert compared[3].rows[0].trusted
    assert "'hardened'" in compared[3].finding.headline or row is not compared[3].rows[0]


def test_a_masked_defence_is_not_to_be_trusted(compared):
    row = compared[3]["masked"]
    assert row.outcome == "not to be trusted"
    names = {check.name for check in row.doubts}
    assert names & {"gradients_not_zero", "unbounded_budget_succeeds", "black_box_not_stronger"}
    report = compared[3].report
    assert {c.name for c in report.doubts("masked.gain")} >= {"attack_can_be_believed"}
    assert "'masked' is not to be trusted" in compared[3].finding.headline
    assert row.explanation_agreement.status == "undefined"  # a gradient that is zero everywhere


@pytest.mark.parametrize("name", ["hardened", "8 levels", "vote", "detector"])
def test_an_honest_mitigation_passes_every_check(compared, name):
    assert compared[3][name].doubts == ()
    report = compared[3].report
    assert report.doubts(f"{compared[3][name].id}.gain") == []


def test_a_row_is_paired_with_the_baseline_and_its_accuracy_is_that_of_the_model(compared, trained):
    models, data, _, found = compared
    x, y = (part[:120] for part in trained[3])
    base = (trained[0](x).argmax(1) == y).numpy()
    for name, model in models.items():
        right = (model(x).argmax(1) == y).numpy()
        row = found[name]
        assert row.accuracy.value == pytest.approx(right.mean())
        change = stats.paired_difference(
            int((right & base).sum()),
            int((right & ~base).sum()),
            int((~right & base).sum()),
            int((~right & ~base).sum()),
        )
        got = row.accuracy_change
        assert (got.value, got.lower, got.upper) == (change.value, change.lower, change.upper)
        difference = row.comparison["task.accuracy"].difference
        assert difference.value == pytest.approx(change.value, abs=1e-12)


def test_what_stands_under_attack_is_what_every_attack_left(compared):
    found = compared[3]
    standing = {}
    for name in ("baseline", "8 levels"):
        columns = found.reports[name].samples
        order = np.argsort(columns["id"])
        attacks = [c for c in columns if c.endswith(".fooled_at")]
        assert len(attacks) == 3
        standing[name] = np.stack([~np.isfinite(columns[c][order]) for c in attacks]).all(0)
    row = found["8 levels"]
    # Examples carried over from the baseline can only take from it.
    assert row.robust_accuracy.value <= standing["8 levels"].mean()
    told = found.finding["baseline_robust_accuracy"].value
    assert told <= standing["baseline"].mean()


def test_the_worst_group_is_that_of_the_table(compared, trained):
    x, y = (part[:120] for part in trained[3])
    models, data, _, found = compared
    site = np.array([data.batch([i]).table.text("site", 0) for i in range(120)])
    base = (trained[0](x).argmax(1) == y).numpy()
    right = (models["hardened"](x).argmax(1) == y).numpy()
    worst = [min(r[site == s].mean() for s in "abc") for r in (right, base)]
    assert found["hardened"].worst_group_change.value == pytest.approx(worst[0] - worst[1])


def test_a_detector_pays_in_rejections_and_an_explanation_of_the_same_net_agrees(compared):
    row = compared[3]["detector"]
    assert row.false_rejections.ok and row.ece_change.status == "not_measured"
    assert row.explanation_agreement.value == pytest.approx(1.0)
    assert compared[3]["hardened"].false_rejections.status == "not_measured"
    assert compared[3]["vote"].cost_ratio.value > 1.5


def test_the_table_and_the_report_hold_every_model(compared, tmp_path):
    found = compared[3]
    assert [row[0] for row in found.table.rows] == ["baseline", *[r.name for r in found.rows]]
    text = found.to_markdown()
    assert all(name in text for name in ("Benefit and price", "hardened", "8 levels"))
    assert "Benefit and price" in found._repr_html_() or "mitigation" in found._repr_html_()
    found.save(tmp_path / "comparison.html")
    assert "hardened" in (tmp_path / "comparison.html").read_text()
    curve = next(
        b for b in found.finding.blocks if getattr(b, "title", "") == "Accuracy under attack"
    )
    assert len(curve.series) == 6 and curve.series[0].x == pytest.approx([0, EPS / 2, EPS])
    assert curve.series[0].y == sorted(curve.series[0].y, reverse=True)
    with pytest.raises(leadline.ValueError, match="one of"):
        found["unknown"]


def test_a_policy_can_require_a_gain(compared):
    policy = leadline.Policy("harden").require("hardened.gain", at_least=0.0)
    assert policy.judge(compared[3].report)[0].outcome == "met"


def test_results_do_not_depend_on_the_batch_size(trained):
    threat = rb.Threat(eps=EPS)
    models = {"8 levels": mitigate.BitDepth(trained[0], bits=3)}
    how = {"threat": threat, "replicates": 100, "repeats": 0, "explain": None, "progress": False}
    attacks = lambda t, eot: [rb.Pgd(t, steps=10, check_samples=0)]  # noqa: E731
    rows = [
        mitigate.compare(
            models, trained[0], judged(trained, 60), attacks=attacks, batch_size=size, **how
        )["8 levels"]
        for size in (7, 60)
    ]
    for name in ("robust_accuracy", "gain", "accuracy_change", "ece_change", "worst_group_change"):
        assert str(getattr(rows[0], name)) == str(getattr(rows[1], name))


def test_the_same_model_gains_nothing(trained):
    row = mitigate.compare(
        {"itself": trained[0]},
        trained[0],
        judged(trained),
        threat=rb.Threat(eps=EPS),
        progress=False,
    )["itself"]
    assert (row.gain.value, row.gain.facts["p_value"], row.outcome) == (0.0, 1.0, "no gain shown")
    assert row.accuracy_change.value == row.ece_change.value == row.worst_group_change.value == 0.0
    assert row.explanation_agreement.value == pytest.approx(1.0)
    assert row.cost_ratio.lower < 1.3 and row.cost_ratio.upper > 0.7


def test_a_model_without_gradients_is_attacked_with_less_and_that_is_said(trained):
    net = trained[0]

    def scores(x):
        with torch.no_grad():
            return net(x)

    box = leadline.as_model(scores, output="logits", gradients=False, name="service")
    found = mitigate.compare(
        {"service": box},
        net,
        judged(trained, 60),
        threat=rb.Threat(eps=EPS),
        replicates=100,
        progress=False,
    )
    row = found["service"]
    assert [check.name for check in row.doubts if check.name == "all_attacks_run"]
    assert row.explanation_agreement.status == "not_measured"
    assert any("attacked with less" in text for text in found.finding.warnings)


def test_models_are_left_as_found(trained):
    net = nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16), nn.Linear(16, 10)).train()
    state = {name: value.clone() for name, value in net.state_dict().items()}
    attacks = lambda t, eot: [rb.Pgd(t, steps=3, check_samples=8)]  # noqa: E731
    mitigate.compare(
        {"8 levels": mitigate.BitDepth(net, bits=3)},
        trained[0],
        judged(trained, 40),
        threat=rb.Threat(eps=EPS),
        attacks=attacks,
        replicates=100,
        progress=False,
    )
    assert net.training and net[1].training
    for model in (net, trained[0]):
        assert all(p.grad is None and p.requires_grad for p in model.parameters())
    for name, value in net.state_dict().items():
        assert torch.equal(value, state[name]), name


def test_a_doubtful_baseline_makes_every_gain_doubtful(trained):
    found = mitigate.compare(
        {"plain": trained[0]},
        Rounded(trained[0]),
        judged(trained, 100),
        threat=rb.Threat(eps=EPS),
        replicates=100,
        progress=False,
    )
    assert not found["plain"].trusted
    assert [c.name for c in found.report.doubts("plain.gain")] == ["baseline_can_be_believed"]
    assert found.report.doubts("plain.robust_accuracy") == []


def test_what_cannot_be_compared_is_refused(trained):
    net, data, threat = trained[0], judged(trained, 40), rb.Threat(eps=EPS)
    refused = [
        ({}, data, threat, leadline.ValueError, "at least one"),
        ({"---": net}, data, threat, leadline.ValueError, "letters"),
        ({"baseline": net}, data, threat, leadline.ValueError, "other than"),
        ({"a b": net, "a_b": net}, data, threat, leadline.ValueError, "differ"),
        ({"a": net}, data, 0.1, leadline.ValueError, "Threat"),
        ({"a": net}, data, rb.Threat(goal="targeted"), leadline.ValueError, "untargeted"),
        ({"a": net}, trained[3], threat, leadline.CapabilityError, "bounds"),
    ]
    for models, given, how, error, match in refused:
        with pytest.raises(error, match=match):
            mitigate.compare(models, net, given, threat=how, progress=False)
    for option in ({"replicates": 5}, {"explain": "magic"}, {"repeats": -1}):
        with pytest.raises(leadline.ValueError, match=next(iter(option))):
            mitigate.compare({"a": net}, net, data, threat=threat, progress=False, **option)
    with pytest.raises(leadline.ValueError, match="groups"):
        mitigate.compare(
            {"a": net},
            net,
            data,
            threat=threat,
            groups="site",
            attacks=lambda t, eot: [rb.Fgsm(t, check_samples=0)],
            progress=False,
        )


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


def test_a_random_defence_is_averaged_over_and_what_it_draws_is_said(trained):
    noisy = mitigate.Transformed(
        trained[0], lambda x: (x + 0.3 * torch.randn_like(x)).clamp(0, 1), eot_samples=4
    )
    given = []

    def attacks(threat, eot_samples):
        given.append(eot_samples)
        return [rb.Pgd(threat, steps=5, eot_samples=eot_samples, check_samples=32)]

    found = mitigate.compare(
        {"noise": noisy},
        trained[0],
        judged(trained, 60),
        threat=rb.Threat(eps=EPS),
        attacks=attacks,
        explain="integrated_gradients",
        replicates=100,
        progress=False,
    )
    assert given == [1, 4]
    assert {c.name for c in found["noise"].doubts} & {"decisions_repeat", "examples_verified"}
    assert 0 < found["noise"].explanation_agreement.value < 1
