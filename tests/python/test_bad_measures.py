"""Bad input to the measures: margins of the wrong sign, groups of one, weights that say nothing."""

from __future__ import annotations

import numpy as np
import pytest

import leadline
from leadline import fairness, metrics, stats


def two_models(n: int = 200):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3))
    y = (x[:, 0] > 0).astype(int)

    def model(z):
        p = 1 / (1 + np.exp(-4 * z[:, 0]))
        return np.stack([1 - p, p], axis=1)

    return model, leadline.Dataset(x, y)


@pytest.mark.parametrize("margin", [-0.01, float("nan"), float("-inf")])
def test_a_margin_of_the_wrong_sign_is_refused_before_a_model_runs(margin):
    model, data = two_models()
    calls = []

    def counted(z):
        calls.append(len(z))
        return model(z)

    with pytest.raises(leadline.ValueError, match="margin >= 0"):
        leadline.compare(
            counted, counted, data, margin=margin, output="probabilities", progress=False
        )
    assert not calls


@pytest.mark.parametrize(
    "plan",
    [
        lambda: stats.sample_size_non_inferiority(rate1=0.9, rate2=0.9, margin=-0.01),
        lambda: stats.sample_size_non_inferiority_paired(
            only_first=0.03, only_second=0.03, margin=-0.01
        ),
        lambda: stats.power_equivalence_paired(
            100, only_first=0.03, only_second=0.03, margin=-0.01
        ),
        lambda: stats.SequentialGate(margin=-0.1),
        lambda: leadline.NightlyGate(margin=-0.1),
    ],
)
def test_every_plan_and_gate_refuses_a_negative_margin_and_names_it(plan):
    with pytest.raises(leadline.ValueError, match="margin") as refused:
        plan()
    assert "-0.01" in str(refused.value) or "-0.1" in str(refused.value)


def one_odd_group():
    """Group 'c' has one member."""
    rng = np.random.default_rng(1)
    target = rng.integers(0, 2, 201)
    decided = np.where(rng.random(201) < 0.8, target, 1 - target)
    return decided, target, np.array(["a", "b"] * 100 + ["c"])


def test_a_group_of_one_member_is_not_measured_and_no_gap_rests_on_it():
    decided, target, group = one_odd_group()
    frame = fairness.by_group(metrics.Accuracy(), decided, target, groups={"g": group})
    one = frame["g=c"]
    assert one.status == "not_measured"
    assert "1" in one.why and one.n == 1
    with pytest.raises(leadline.Error):
        _ = one.value
    gap = frame.gap()
    without = fairness.by_group(
        metrics.Accuracy(), decided[:200], target[:200], groups={"g": group[:200]}
    ).gap()
    assert gap.value == pytest.approx(without.value, abs=1e-12)


def test_gaps_of_rates_leave_a_group_of_one_out_and_say_so():
    decided, target, group = one_odd_group()
    for measure, columns in (
        (fairness.demographic_parity_difference, (decided,)),
        (fairness.equalized_odds_difference, (decided, target)),
        (fairness.equal_opportunity_difference, (decided, target)),
    ):
        found = measure(*columns, groups={"g": group})
        kept = measure(*(c[:200] for c in columns), groups={"g": group[:200]})
        assert found.value == pytest.approx(kept.value, abs=1e-12), measure.__name__


def test_when_all_groups_have_one_member_there_is_no_gap():
    found = fairness.demographic_parity_difference(
        np.array([0, 1, 1]), groups={"g": np.array(["a", "b", "c"])}
    )
    assert found.estimate.status != "ok" and found.estimate.why


@pytest.mark.parametrize("name", ["kendall_tau", "median_absolute_error", "mean_squared_error"])
def test_weights_that_are_negative_are_refused_and_all_zero_is_undefined(name):
    of, x = getattr(metrics, name), np.array([1.0, 2.0, 4.0])
    with pytest.raises(leadline.ValueError, match="weight"):
        of(x, x + 1, weights=np.array([1.0, -1.0, 1.0]))
    assert of(x, x[::-1].copy(), weights=np.zeros(3)).status == "undefined"
