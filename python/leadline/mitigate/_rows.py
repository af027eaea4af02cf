"""The rows of a comparison: benefit and price of each mitigation against the baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from leadline import _core
from leadline._core import Dataset, Estimate
from leadline.mitigate import _measures as measures
from leadline.mitigate._measures import Measured
from leadline.mitigate.result import MitigationRow

WHO = "mitigate.compare"


@dataclass(frozen=True)
class How:
    """Options that all rows share."""

    level: float
    seed: int
    replicates: int
    repeats: int
    min_group: int
    groups: str | None


def rows_of(
    measured: list[Measured],
    eps: float,
    data: Dataset,
    how: How,
    explain: str | None,
    explain_samples: int,
) -> list[MitigationRow]:
    from leadline import attribution

    base, others = measured[0], measured[1:]
    failed = measures.failures(measured)
    batch = data.batch(base.ids[:explain_samples].tolist())
    probes = {"saliency": "Saliency", "integrated_gradients": "IntegratedGradients"}
    probe = None if explain is None else getattr(attribution, probes[explain])()

    def maps(m: Measured) -> Any:
        return None if probe is None else measures.explain(probe, m.model, batch.x, batch.target)

    base_maps, before = maps(base), _forward(base.model, batch.x, data)
    benefits = _core.benefits(
        [(m.name, m.ids, m.correct, m.rejected, m.fooled_at) for m in measured],
        _groups(base, how.groups),
        eps,
        level=how.level,
        replicates=how.replicates,
        seed=how.seed,
        min_group=how.min_group,
    )
    rows = []
    for m, benefit in zip(others, benefits, strict=True):
        doubts = tuple(failed[m.name])
        if m.carried is not None and m.carried.result == "fail":
            doubts += (m.carried,)
        doubts += tuple(failed[base.name])  # a gain stands on both numbers
        forwards = _forward(m.model, batch.x, data), before
        rows.append(_row(m, base, benefit, data, how, (maps(m), base_maps), forwards, doubts))
    return rows


def _row(
    m: Measured,
    base: Measured,
    benefit: dict[str, Any],
    data: Dataset,
    how: How,
    maps: Any,
    forwards: Any,
    doubts: tuple[Any, ...],
) -> MitigationRow:
    import leadline

    clean = leadline.compare(
        base.report,
        m.report,
        names=("baseline", m.name),
        replicates=how.replicates,
        seed=how.seed,
        level=how.level,
        progress=False,
    )
    rejects = m.rejects is not None
    return MitigationRow(
        name=m.name,
        robust_accuracy=benefit["robust_accuracy"],
        gain=benefit["gain"],
        accuracy=benefit["accuracy"],
        accuracy_change=benefit["accuracy_change"],
        ece_change=measures.accepted_ece_change(m, base, data, how)
        if rejects
        else _ece_change(clean),
        worst_group_change=benefit["worst_group_change"],
        explanation_agreement=measures.explanation_agreement(maps[0], maps[1], how.level),
        cost_ratio=measures.cost_ratio(forwards[0], forwards[1], how.repeats, how.level),
        multiply_adds_ratio=measures.multiply_adds_ratio(m, base, data),
        false_rejections=benefit["rejections"]
        if rejects
        else Estimate.absent("not_measured", "it does not reject"),
        adaptive=str(getattr(m.model, "adaptive", "its own gradient")),
        doubts=doubts,
        comparison=clean,
    )


def _ece_change(clean: Any) -> Estimate:
    if "calibration.ece" not in clean.metrics:
        return Estimate.absent("not_measured", "a model that gives labels has no confidence")
    found: Estimate = clean["calibration.ece"].difference
    return found


def _groups(base: Measured, wanted: str | None) -> np.ndarray:
    """Group of each sample as a number, from the table or the labels; NaN: none."""
    columns = base.report.samples
    at = np.isin(columns["id"], base.ids)
    order = np.argsort(columns["id"][at], kind="stable")
    table = {k.removeprefix("table."): v for k, v in columns.items() if k.startswith("table.")}
    if wanted is not None and wanted not in table:
        raise _core.ValueError(
            WHO, f"groups= to be one of {', '.join(table) or 'no columns'}", f"'{wanted}'", ""
        )
    few = [name for name, v in table.items() if len(np.unique(v[~np.isnan(v)])) <= 64]
    name = wanted or (few[0] if few else None)
    column = columns["target"] if name is None else table[name]
    return np.asarray(column[at][order])


def _forward(model: Any, x: Any, data: Dataset) -> Callable[[], Any]:
    """A call of the model on a batch, for timing."""
    from leadline.models import as_model

    subject: Any = as_model(model, arrays=data.array_kind)
    return lambda: subject.forward(x)
