"""Freeze fairlearn's numbers in fairness.json: `make golden`.

Needs fairlearn and scikit-learn (tests/golden/requirements.txt).
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from fairlearn import metrics as fl
from fairlearn.postprocessing import ThresholdOptimizer
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score


class Given(ClassifierMixin, BaseEstimator):
    """A 'model' whose first column is its score."""

    classes_ = (0, 1)

    def fit(self, x, y, sample_weight=None):
        return self

    def predict_proba(self, x):
        p = np.asarray(x)[:, 0]
        return np.stack([1 - p, p], axis=1)


def frame(target, prediction, groups, weights=None):
    params = None if weights is None else {"sample_weight": weights}
    one = {"sample_params": params} if params else {}
    by = fl.MetricFrame(
        metrics=accuracy_score, y_true=target, y_pred=prediction, sensitive_features=groups, **one
    )
    keys = ["|".join(map(str, k)) if isinstance(k, tuple) else str(k) for k in by.by_group.index]
    call = {"sensitive_features": groups, "sample_weight": weights}
    return {
        "accuracy": dict(zip(keys, by.by_group.tolist(), strict=True)),
        "overall": by.overall,
        "demographic_parity_difference": fl.demographic_parity_difference(
            target, prediction, **call
        ),
        "demographic_parity_ratio": fl.demographic_parity_ratio(target, prediction, **call),
        "equalized_odds_difference": fl.equalized_odds_difference(target, prediction, **call),
        "equalized_odds_mean": fl.equalized_odds_difference(target, prediction, agg="mean", **call),
        "equal_opportunity_difference": fl.equal_opportunity_difference(target, prediction, **call),
    }


def main() -> None:
    rng = np.random.default_rng(7)
    n = 2000
    sex = rng.integers(0, 2, n)
    age = rng.integers(0, 3, n)
    target = (rng.random(n) < 0.35 + 0.15 * sex).astype(int)
    score = np.clip(
        0.5 + 0.25 * (target - 0.5) + 0.08 * sex - 0.05 * age + 0.18 * rng.normal(size=n), 0, 1
    )
    score = np.round(score, 4)
    prediction = (score > 0.5).astype(int)
    weights = np.round(rng.uniform(0.2, 3, n), 3)
    both = np.stack([sex, age], axis=1)
    half = n // 2
    thresholds = {}
    for goal, name in [
        ("demographic_parity", "demographic_parity"),
        ("true_positive_rate_parity", "equal_opportunity"),
        ("equalized_odds", "equalized_odds"),
    ]:
        made = ThresholdOptimizer(
            estimator=Given(),
            constraints=goal,
            prefit=True,
            predict_method="predict_proba",
            grid_size=1000,
        )
        made.fit(score[:half, None], target[:half], sensitive_features=sex[:half])
        p = made._pmf_predict(score[:half, None], sensitive_features=sex[:half])[:, 1]
        t = target[:half]
        thresholds[name] = {
            "accuracy": float(np.mean(np.where(t == 1, p, 1 - p))),
            "selection_rate": [float(p[sex[:half] == g].mean()) for g in (0, 1)],
            "true_positive_rate": [float(p[(sex[:half] == g) & (t == 1)].mean()) for g in (0, 1)],
            "false_positive_rate": [float(p[(sex[:half] == g) & (t == 0)].mean()) for g in (0, 1)],
        }
    out = {
        "from": f"fairlearn {version('fairlearn')}",
        "sex": sex.tolist(),
        "age": age.tolist(),
        "target": target.tolist(),
        "score": score.tolist(),
        "weights": weights.tolist(),
        "by_sex": frame(target, prediction, sex),
        "by_age": frame(target, prediction, age),
        "by_both": frame(target, prediction, both),
        "weighted": frame(target, prediction, sex, weights),
        "thresholds": thresholds,
    }
    Path(__file__).with_name("fairness.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
