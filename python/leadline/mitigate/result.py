"""What a comparison of mitigations gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadline import _core

if TYPE_CHECKING:
    from leadline._core import Check, Estimate, Finding, ModelComparison, Report, TableBlock

__all__ = ["MitigationComparison", "MitigationRow"]


def id_of(name: str) -> str:
    """The name in lower case with "_" for all but letters and digits, for estimates."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


@dataclass(frozen=True)
class MitigationRow:
    """What one mitigation gains and costs; every change is mitigation minus baseline, paired.

    Attributes:
        name: as given.
        robust_accuracy: share read correctly whatever the attack does within the largest budget.
        gain: change of it. Facts: p_value (McNemar mid-p), p_holm (over the mitigations).
        accuracy, accuracy_change: when nothing is attacked. Facts: p_value.
        ece_change: of the calibration error; of a model that rejects: over the samples that it
            accepts, on both sides. Its fact `coverage` is their share.
        worst_group_change: of the accuracy of the worst group (of the worst class where the data have
            no groups).
        explanation_agreement: mean rank correlation of what answers rest on.
        cost_ratio: seconds of a forward over those of the baseline.
        multiply_adds_ratio: multiplications with addition of a forward, over those of the baseline.
        false_rejections: share of honest samples rejected; absent unless it rejects.
        adaptive: how the attack saw through it.
        doubts: failed checks of the attack; with any, the gain is not to be trusted.
        comparison: the comparison of both models when nothing is attacked.
    """

    name: str
    robust_accuracy: Estimate
    gain: Estimate
    accuracy: Estimate
    accuracy_change: Estimate
    ece_change: Estimate
    worst_group_change: Estimate
    explanation_agreement: Estimate
    cost_ratio: Estimate
    multiply_adds_ratio: Estimate
    false_rejections: Estimate
    adaptive: str
    doubts: tuple[Check, ...]
    comparison: ModelComparison

    @property
    def id(self) -> str:
        """The name as it stands in the report."""
        return id_of(self.name)

    @property
    def trusted(self) -> bool:
        """No check of the attack failed."""
        return not self.doubts

    @property
    def outcome(self) -> str:
        """ "gains", "loses", "no gain shown", or "not to be trusted"."""
        if self.doubts:
            return "not to be trusted"
        if self.gain.facts["p_holm"] > 0.05:
            return "no gain shown"
        return "gains" if self.gain.value > 0 else "loses"


class MitigationComparison:
    """Mitigations of one model on the same samples; made by `mitigate.compare`.

    Attributes:
        rows: a `MitigationRow` each, the largest trusted gain first.
        report: the overview, and a finding a mitigation under its name (in letters, digits and "_"),
            to save, show or judge: `report["pgd_training.gain"]`.
        reports: name -> the report of the attacks on each model, the baseline too.
    """

    def __init__(
        self, rows: list[MitigationRow], report: Report, reports: dict[str, Report]
    ) -> None:
        self.rows, self.report, self.reports = rows, report, reports

    @property
    def finding(self) -> Finding:
        """The overview: headline, table, curves."""
        return self.report.finding("mitigation")

    def __getitem__(self, name: str) -> MitigationRow:
        for row in self.rows:
            if row.name == name:
                return row
        raise _core.ValueError(
            "MitigationComparison", f"one of {', '.join(r.name for r in self.rows)}", repr(name), ""
        )

    def __iter__(self) -> Iterator[MitigationRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def table(self) -> TableBlock:
        """Benefit and price, a row a model."""
        return next(
            b for b in self.finding.blocks if getattr(b, "title", "") == "Benefit and price"
        )  # type: ignore[return-value]

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return self.report.to_markdown()

    def save(self, path: Any) -> None:
        """Writes .html, .json or .md."""
        self.report.save(path)

    def __repr__(self) -> str:
        told = ", ".join(f"{row.name}: {row.outcome}" for row in self.rows)
        return f"MitigationComparison({told})"

    def __str__(self) -> str:
        return f"{self.finding.headline}\n{self.finding.consequence}"

    def _repr_html_(self) -> Any:
        return self.report._repr_html_()
