"""Contract checks for plug-ins: the laws that leadline's own metrics, probes, models and data hold to.

leadline.testing.check_metric(MyMetric())        # raises with everything that is broken
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any

from leadline import _core

__all__ = ["check_dataset", "check_metric", "check_model", "check_probe"]


def _python_laws(subject: Any) -> list[str]:
    """What only Python code can break."""
    broken = []
    kind = type(subject).__name__
    if not type(subject).__doc__:
        broken.append(f"{kind} has a docstring: none found")
    if isinstance(subject, _core.Metric):
        try:
            json.loads(subject.save())
        except Exception as error:
            broken.append(f"{kind}.save gives JSON: {type(error).__name__}: {error}")
        try:
            pickle.loads(pickle.dumps(type(subject)))
        except Exception as error:
            broken.append(f"{kind} is a class of a module: {type(error).__name__}: {error}")
    return broken


def _require(contract: _core.Contract, further: list[str]) -> _core.Contract:
    if further:
        raise _core.ValueError(
            "check", "every law of the contract", "; ".join(further) + "\n" + str(contract), ""
        )
    contract.require()
    return contract


def check_metric(metric: _core.Metric) -> _core.Contract:
    """Checks the monoid laws, save and load, refusals, `describe`.

    Raises:
        leadline.ValueError: lists every broken law.

    Example:
        >>> import leadline
        >>> leadline.testing.check_metric(leadline.metrics.Accuracy()).ok
        True
    """
    return _require(_core.check_metric(metric), _python_laws(metric))


def check_probe(
    probe: _core.Probe,
    model: Any,
    data: Any,
    *,
    also: Mapping[str, Any] | None = None,
    timed: bool = False,
    relative_tolerance: float = 1e-9,
    output: str | None = None,
) -> _core.Contract:
    """Checks repeatability, batch size, resume, shards, refusals, the finding.

    Args:
        probe: what is checked.
        model: as `leadline.as_model` takes it; its rows must not depend on each other.
        data: a few hundred samples.
        also: data of further roles.
        timed: the probe's numbers are times or sizes: not compared between runs.
        relative_tolerance: between batch sizes and shards.
        output: what the model's numbers are.

    Raises:
        leadline.ValueError: lists every broken law.
    """
    from leadline.evaluation import _as_dataset
    from leadline.models import as_model

    source = _as_dataset(data)
    subject = (
        model
        if isinstance(model, _core.Subject)
        else as_model(model, output=output, arrays=source.array_kind)
    )
    contract = _core.check_probe(
        probe,
        subject,
        source,
        also={role: _as_dataset(d) for role, d in (also or {}).items()},
        timed=timed,
        relative_tolerance=relative_tolerance,
    )
    return _require(contract, _python_laws(probe))


def check_dataset(data: _core.Dataset) -> _core.Contract:
    """Checks ids, order, lengths, the cursor, refusals.

    Raises:
        leadline.ValueError: lists every broken law.
    """
    return _require(_core.check_dataset(data), [])


def check_model(model: Any, example: Any, *, output: str | None = None) -> _core.Contract:
    """Checks rows, repeatability, layers, refusals and gradients on the batch `example`.

    Raises:
        leadline.ValueError: lists every broken law.
    """
    from leadline.data import _is_torch
    from leadline.models import as_model

    arrays = "torch" if _is_torch(example) else "numpy"
    subject = (
        model if isinstance(model, _core.Subject) else as_model(model, output=output, arrays=arrays)
    )
    if not isinstance(subject, _core.Model):
        raise _core.TypeError("check_model", "a Model", type(subject).__name__, "pass a Model")
    return _require(_core.check_model(subject, example), [])
