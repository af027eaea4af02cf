"""Mitigations in one paired table: what gains, what is masked, what it costs."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from hardening_toys import EPS, Rounded, hardened, judged, trained_on_digits  # noqa: E402
from torch import nn  # noqa: E402

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
        assert len(attacks) == 1  # all as one
        told = {b.title: b for b in found.reports[name].findings[1].blocks if hasattr(b, "rows")}
        assert [row[0] for row in told["Accuracy after each attack"].rows] == [
            "pgd",
            "pgd 2",
            "square",
        ]
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
    assert row.false_rejections.ok
    # The same net: what it accepts is as well calibrated as the baseline there.
    assert row.ece_change.value == pytest.approx(0, abs=1e-6)
    assert row.ece_change.facts["coverage"] == pytest.approx(1 - row.false_rejections.value)
    assert row.ece_change.n == round(120 * row.ece_change.facts["coverage"])
    assert row.explanation_agreement.value == pytest.approx(1.0)
    assert compared[3]["hardened"].false_rejections.status == "not_measured"
    assert compared[3]["vote"].cost_ratio.value > 1.5


def test_multiply_adds_are_counted(compared):
    found = compared[3]
    assert found["vote"].multiply_adds_ratio.value == 8
    assert found["hardened"].multiply_adds_ratio.value == 1
    assert found["8 levels"].multiply_adds_ratio.value == 1


def test_the_calibration_of_a_model_that_rejects_is_that_of_what_it_accepts(trained):
    """By hand: the confidence is the softmax of the classes, over the rows that were not rejected."""
    net = trained[0]
    hot = nn.Sequential(net, Scaled(0.2))
    detector = mitigate.Detector(hot, score="confidence", false_reject_rate=0.2).fit(trained[2])
    data = judged(trained)
    row = mitigate.compare(
        {"detector": detector}, net, data, threat=rb.Threat(eps=EPS), explain=None, repeats=0,
        attacks=lambda t, eot: [rb.Fgsm(t, check_samples=0)], replicates=100, progress=False,
    )["detector"]  # fmt: skip
    x, y = (part[:120] for part in trained[3])
    with torch.no_grad():
        kept = detector(x).argmax(1) != 10
        sides = [model(x)[kept].softmax(1).double().numpy() for model in (hot, net)]
    y = y[kept].numpy()
    ece = []
    for probabilities in sides:
        metric = leadline.uncertainty.ExpectedCalibrationError(bins=15)
        metric.update(probabilities, y)
        ece.append(metric.compute().value)
    assert 0 < kept.sum() < 120 and row.ece_change.n == kept.sum()
    assert row.ece_change.value == pytest.approx(ece[0] - ece[1], abs=1e-6)
    assert row.ece_change.lower < row.ece_change.value < row.ece_change.upper


class Scaled(nn.Module):
    """Logits made smaller: a net that is less sure."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return self.factor * x


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


def test_a_random_defence_is_averaged_over_and_judged_by_many_runs(trained):
    torch.manual_seed(0)
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
    assert not {c.name for c in found["noise"].doubts} & {"decisions_repeat", "examples_verified"}
    assert 0 < found["noise"].explanation_agreement.value < 1
