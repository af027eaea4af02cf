"""Several metrics over the same rows, read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leadline import _core
from leadline._core import Estimate, Finding, Metric

__all__ = ["MetricCollection"]


def _remake(members: dict[str, Metric], state: str) -> MetricCollection:
    made = MetricCollection(members)
    made.load(state)
    return made


class MetricCollection(_core.MetricCollection):
    """Updates many metrics at once; those that keep the same state keep it once.

    Names are those of the metrics; where two share one, the options in which they differ follow in
    braces: `f1{average=macro}`. A batch that any member refuses changes none.

    Args:
        metrics: metrics, or name -> metric. They are copied without what they have seen.

    Example:
        >>> from leadline import metrics
        >>> c = metrics.MetricCollection([metrics.Accuracy(), metrics.F1(), metrics.Recall()])
        >>> c.update([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], [0, 1, 1])
        >>> c["recall"].value, list(c), c.n_states
        (0.75, ['accuracy', 'f1', 'recall'], 2)
    """

    def __init__(self, metrics: Sequence[Metric] | Mapping[str, Metric]) -> None:
        given = dict(metrics) if isinstance(metrics, Mapping) else list(metrics)
        self._given = given
        _core.MetricCollection.__init__(self, given)

    def update(self, *arrays: Any, **named: Any) -> None:
        """Reads arrays in the order in which each member reads them, or by name.

        Args:
            arrays: scores or decisions, then targets; or one `leadline.Rows`.
            named: further columns; `weights`, `counts`, `clusters`, `ids` as in `Metric.update`.
        """
        super().update(*arrays, **named)

    def compute(self) -> dict[str, Estimate]:
        """Name -> Estimate, in the order of the members."""
        return super().compute()

    def describe(self, prefix: str = "") -> Finding:
        """A Finding with everything that the members describe."""
        return super().describe(prefix)

    def merge(self, other: _core.MetricCollection) -> None:
        """Adds the state of a collection of the same metrics and options."""
        super().merge(other)

    def fresh(self) -> MetricCollection:
        """The same metrics, nothing seen."""
        return MetricCollection(self._given)

    def __getitem__(self, name: str) -> Estimate:
        return self.at(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def __repr__(self) -> str:
        return f"MetricCollection({self.names()})"

    def __reduce__(self) -> tuple[Any, ...]:
        given = self._given
        if not isinstance(given, dict):
            given = dict(zip(self.names(), given, strict=True))
        return _remake, (given, self.save())
