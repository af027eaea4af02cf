"""What one attack found, when it is run on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from leadline._core import Check, Cost, Estimate, Finding, Report

__all__ = ["RobustnessResult"]


class RobustnessResult:
    """The finding of an attack with its answer for every sample; made by `attack.evaluate`.

    Attributes:
        report: the whole report, of this one probe.
        finding: the finding of the attack.
        ids: sample ids that were looked at [n], in rising order.
        distance: size of the smallest change found that misleads [n]; 0 where the clean input is
            misread, inf where none was found.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.finding: Finding = report.findings[0]
        columns = report.samples
        name = self.finding.probe
        fooled_at = columns.get(f"{name}.fooled_at")
        self.ids = np.asarray(columns["id"])
        if fooled_at is None:
            self.ids, fooled_at = self.ids[:0], np.empty(0)
            distance = fooled_at
        else:
            distance = columns[f"{name}.distance"]
        seen = ~np.isnan(fooled_at)
        order = np.argsort(self.ids[seen], kind="stable")
        self.ids = self.ids[seen][order]
        self._fooled_at = fooled_at[seen][order]
        self.distance = distance[seen][order]

    def _accuracies(self) -> list[tuple[str, Estimate]]:
        return [
            (e.name, e.estimate) for e in self.finding.estimates if e.name.startswith("accuracy{")
        ]

    @property
    def robust_accuracy(self) -> Estimate:
        """Share read correctly under the largest budget."""
        return self._accuracies()[-1][1]

    @property
    def clean_accuracy(self) -> Estimate:
        """Share read correctly when nothing is changed."""
        return self.finding["clean_accuracy"]

    @property
    def robust(self) -> Any:
        """Whether each sample of `ids` withstood every budget [n]."""
        return ~np.isfinite(self._fooled_at)

    def robust_at(self, eps: float) -> Any:
        """Whether each sample of `ids` withstood the budget `eps`, one of those run, or of a
        minimum-norm attack any up to the largest [n]."""
        return ~(self.distance <= eps * (1 + 1e-9))

    @property
    def per_attack(self) -> list[dict[str, Any]]:
        """A row each attack of an ensemble: what it won and what it spent."""
        for block in self.finding.blocks:
            columns = getattr(block, "columns", None)
            if columns and columns[0] == "attack":
                return [dict(zip(columns, row, strict=True)) for row in block.rows]  # type: ignore[union-attr]
        return []

    @property
    def checks(self) -> list[Check]:
        """What the attack found out about itself."""
        return self.finding.checks

    @property
    def trusted(self) -> bool:
        """No check failed."""
        return all(check.result != "fail" for check in self.checks)

    @property
    def cost(self) -> Cost:
        """Seconds, and rows of the model put forwards and backwards."""
        return self.finding.cost

    def __repr__(self) -> str:
        failed = [check.name for check in self.checks if check.result == "fail"]
        doubt = f", NOT TO BE TRUSTED: {', '.join(failed)}" if failed else ""
        return f"RobustnessResult({self.finding.kind}: {self.robust_accuracy}{doubt})"

    def _repr_html_(self) -> Any:
        return self.report._repr_html_()
