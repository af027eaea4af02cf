"""Ways to treat groups more alike, and what each gains and costs."""

from __future__ import annotations

from typing import Any, Literal

from leadline import _core

MitigationReport = _core.MitigationReport


class Reweighing:
    """Weights of training samples that make label and group independent (Kamiran and Calders 2012).

    w(g, y) = P(g) P(y) / P(g, y); their sum is the number of samples. Train with them; nothing else
    changes.

    Example:
        >>> from leadline import fairness
        >>> weights = fairness.Reweighing().fit([1, 1, 1, 0], groups=["a", "a", "b", "b"])
        >>> weights.transform([1, 0], groups=["a", "b"]).tolist()
        [0.75, 0.5]
    """

    def __init__(self) -> None:
        self._fitted: Any = None

    def fit(self, target: Any, *, groups: Any, sample_weight: Any = None) -> Reweighing:
        """Learns the weights from labels [n] and groups."""
        counts = _core.GroupCounts()
        counts.update(target, target, groups=groups, weights=sample_weight)
        self._fitted = _core.Reweighing.fit(counts)
        return self

    def transform(self, target: Any, *, groups: Any) -> Any:
        """One weight a sample, float64 [n]."""
        return _need(self._fitted, self).weights(target, groups=groups)


class GroupThresholds:
    """A threshold a group (Hardt, Price and Srebro 2016): the most accurate rule that reaches the goal.

    Fitted on calibration data, applied to others. Between two thresholds the rule is random, drawn
    from (seed, sample id).

    Args:
        goal: what is made equal: selection rates, true positive rates, or both error rates.
        grid: points of the search.
        seed: of the random decisions.
    """

    def __init__(
        self,
        *,
        goal: Literal[
            "demographic_parity", "equal_opportunity", "equalized_odds"
        ] = "equalized_odds",
        grid: int = 1000,
        seed: int = 0,
    ) -> None:
        self.goal, self.grid, self.seed = goal, grid, seed
        self._fitted: Any = None

    def fit(self, probability: Any, target: Any, *, groups: Any) -> GroupThresholds:
        """Learns the rules from probabilities of the favourable class [n], labels [n] and groups."""
        self._fitted = _core.GroupThresholds.fit(
            probability, target, groups=groups, goal=self.goal, grid=self.grid, seed=self.seed
        )
        return self

    def transform(self, probability: Any, *, groups: Any, ids: Any = None) -> Any:
        """Decisions in {0, 1}, int64 [n]."""
        return _need(self._fitted, self).apply(probability, groups=groups, ids=ids)

    @property
    def rules(self) -> Any:
        """Group -> its rule: thresholds `low` and `high`, `share` that uses the first, `mix`, `constant`."""
        return _need(self._fitted, self).rules


class RejectOption:
    """Reject-option classification (Kamiran, Karim and Zhang 2012).

    Close to the threshold it decides for the groups that are selected less and against the others.

    Args:
        limit: demographic parity difference to reach on the calibration data.
        grid: margins tried in [0, 0.5].
    """

    def __init__(self, *, limit: float = 0.05, grid: int = 100) -> None:
        self.limit, self.grid = limit, grid
        self._fitted: Any = None

    def fit(self, probability: Any, target: Any, *, groups: Any) -> RejectOption:
        """Learns the margin from probabilities of the favourable class [n], labels [n] and groups."""
        self._fitted = _core.RejectOption.fit(
            probability, target, groups=groups, limit=self.limit, grid=self.grid
        )
        return self

    def transform(self, probability: Any, *, groups: Any, ids: Any = None) -> Any:
        """Decisions in {0, 1}, int64 [n]. `ids` is not needed: nothing is random."""
        return _need(self._fitted, self).apply(probability, groups=groups)

    @property
    def margin(self) -> float:
        """Half the width of the region in which groups decide."""
        return float(_need(self._fitted, self).margin)


def _need(fitted: Any, owner: Any) -> Any:
    if fitted is None:
        raise _core.ValueError(
            type(owner).__name__, "a fitted transform", "none", "call fit(...) on calibration data"
        )
    return fitted


def compare_mitigations(
    alternatives: dict[str, Any],
    target: Any,
    *,
    groups: Any,
    probability: Any = None,
    prediction: Any = None,
    threshold: float = 0.5,
    ids: Any = None,
    by: str = "",
    level: float = 0.95,
    min_support: int = 30,
    replicates: int = 1000,
    seed: int = 0,
) -> list[MitigationReport]:
    """What each mitigation gains and costs on test data: before, after and the paired change.

    Measures: accuracy, worst-group accuracy, the gaps, the calibration error, and accuracy and
    selection rate of each group.

    Args:
        alternatives: name -> a fitted transform of this room (`GroupThresholds`, `RejectOption`),
            decisions [n] in {0, 1}, or `(decisions, probabilities)` of another model, such as one
            trained with the weights of `Reweighing`.
        target: true labels [n] in {0, 1}; data that no transform was fitted on.
        groups: as in `by_group`.
        probability: of the favourable class [n], as the model gives them.
        prediction: the decisions without mitigation; unset: probability above `threshold`.
        threshold: of the decisions without mitigation.
        ids: sample ids, of transforms that draw.
        by: groups of the gaps: an attribute, or several as "sex,age"; "": all of them.
        level: of the intervals.
        min_support: groups with fewer samples are left out of the gaps.
        replicates: of the bootstrap of gaps.
        seed: of the bootstrap.

    Returns:
        One `MitigationReport` an alternative: `report["accuracy"].change`, `report.table`.
    """
    import numpy as np

    if prediction is None:
        if probability is None:
            raise _core.ValueError(
                "compare_mitigations",
                "probability= or prediction= of the model",
                "neither",
                "pass what the mitigations change",
            )
        prediction = (np.asarray(probability) > threshold).astype(np.int64)
    decided: dict[str, Any] = {}
    for name, given in alternatives.items():
        if hasattr(given, "transform"):
            if probability is None:
                raise _core.ValueError(
                    "compare_mitigations",
                    f"probability=, which '{name}' decides from",
                    "none",
                    "pass the model's probabilities",
                )
            given = given.transform(probability, groups=groups, ids=ids)
        decided[name] = given
    return _core.compare_mitigations(
        prediction,
        probability,
        decided,
        target,
        groups=groups,
        by=by,
        level=level,
        min_support=min_support,
        replicates=replicates,
        seed=seed,
    )
