"""Costs, thresholds, trade-offs: real data and independent references."""

from __future__ import annotations

import numpy as np
import pytest

import leadline
from leadline import decisions, tradeoffs

pytest.importorskip("sklearn")
from sklearn import datasets, linear_model, preprocessing  # noqa: E402


@pytest.fixture(scope="module")
def cancer():
    x, y = datasets.load_breast_cancer(return_X_y=True)
    x = preprocessing.StandardScaler().fit_transform(x)
    order = np.random.default_rng(0).permutation(len(y))
    return x[order], y[order]


@pytest.fixture(scope="module")
def scored(cancer):
    x, y = cancer
    model = linear_model.LogisticRegression(max_iter=500).fit(x[:200, :2], y[:200])
    return model.predict_proba(x[200:, :2])[:, 1], y[200:]


def test_an_operating_point_keeps_its_promise_or_says_so(scored):
    p, y = scored
    found = decisions.operating_point(
        (p[:180], y[:180]), (p[180:], y[180:]), rule="sensitivity", at_least=0.95
    )
    t = found["threshold"].value
    assert (p[:180][y[:180] == 1] >= t).mean() >= 0.95
    judged = (p[180:] >= t)[y[180:] == 1]
    assert found["sensitivity"].value == judged.mean()
    stats = pytest.importorskip("scipy.stats")
    wanted = stats.binomtest(int(judged.sum()), len(judged)).proportion_ci(method="exact")
    assert found["sensitivity"].lower == pytest.approx(wanted.low, abs=1e-12)


def test_the_least_cost_threshold_is_that_of_a_search(scored):
    p, y = scored
    found = decisions.cost_curve(p, y, false_alarm_cost=1, miss_cost=8)
    costs = [((p >= t) & (y == 0)).mean() + 8 * ((p < t) & (y == 1)).mean() for t in p]
    assert found["apparent_cost"].value == pytest.approx(min(costs), abs=1e-12)
    assert found["least_cost"].value >= found["apparent_cost"].value


def test_net_benefit_is_the_formula(scored):
    p, y = scored
    found = decisions.decision_curve(p, y, thresholds=[0.3])
    act = p >= 0.3
    wanted = (act & (y == 1)).mean() - (act & (y == 0)).mean() * 0.3 / 0.7
    assert found["net_benefit{threshold=0.3}"].value == pytest.approx(wanted, abs=1e-12)
    assert {b.title for b in found.blocks} == {"Decision curve", "Net benefit"}


def test_a_learning_curve_trains_on_growing_parts(cancer):
    x, y = cancer
    found = decisions.learning_curve(
        x[:400],
        y[:400],
        fit=lambda a, b: linear_model.LogisticRegression(max_iter=500).fit(a, b),
        judge=(x[400:], y[400:]),
        sizes=[25, 50, 100, 200, 400],
    )
    assert found["value{n=400}"].n == 169
    assert found["value{n=400}"].value > found["value{n=25}"].value - 0.05
    with pytest.raises(ValueError, match="fit and judge together"):
        decisions.learning_curve(x, y, fit=lambda a, b: None)


def test_the_pareto_front_of_real_models(cancer):
    x, y = cancer
    candidates = {}
    for k in (1, 3, 30):
        model = linear_model.LogisticRegression(max_iter=500).fit(x[:300, :k], y[:300])
        hits = int((model.predict(x[300:, :k]) == y[300:]).sum())
        candidates[f"{k} features"] = {
            "accuracy": leadline.Estimate.rate(hits, len(y) - 300),
            "features": leadline.Estimate.of(float(k), 1),
        }
    found = tradeoffs.pareto_front(candidates, better={"accuracy": "higher", "features": "lower"})
    assert found["on_front_probability{candidate=1 features}"].value == 1.0
    with pytest.raises(ValueError, match="an estimate of 'features' for 'x'"):
        tradeoffs.pareto_front(
            {"x": {"accuracy": leadline.Estimate.rate(1, 2)}},
            better={"accuracy": "higher", "features": "lower"},
        )


def test_kendall_tau_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    values = {
        f"m{i}": {"b1": {"acc": rng.random(40)}, "b2": {"acc": rng.random(30)}} for i in range(6)
    }
    found = tradeoffs.disagreement(values, replicates=100)
    means = [[values[m][b]["acc"].mean() for m in values] for b in ("b1", "b2")]
    wanted = stats.kendalltau(*means).statistic
    tau = found["kendall_tau_b{first=b1/acc,second=b2/acc}"]
    assert tau.value == pytest.approx(wanted, abs=1e-12)
    assert tau.lower <= wanted <= tau.upper


def test_a_cost_matrix_may_be_an_array_or_its_rows_one_after_the_other():
    rng = np.random.default_rng(9)
    target, decided = rng.integers(0, 3, (2, 90))
    matrix = np.array([[0, 1, 5], [2, 0, 1], [9, 3, 0]])
    found = decisions.expected_cost(decided, target, cost=matrix)
    assert found.value == pytest.approx(matrix[target, decided].mean(), abs=1e-12)
    assert decisions.expected_cost(decided, target, cost=matrix.ravel()) == found
    assert decisions.expected_cost(decided, target, cost=matrix.tolist()) == found
