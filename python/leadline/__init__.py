"""Measures how far a deep-learning model can be trusted.

    import leadline

    data = leadline.Dataset(x, y, class_names=names, bounds=(0.0, 1.0))
    report = leadline.evaluate(net, data, suite="quick", seed=0)
    report["task.accuracy"]          # an Estimate: value, lower, upper, n, status
    report.save("report.html")

Importing leadline is quick and needs no torch; rooms that need it load it on first use.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from leadline import _core
from leadline._core import (
    Batch,
    Cancelled,
    CancelToken,
    CapabilityError,
    Check,
    Curve,
    DataError,
    DataInfo,
    Dataset,
    Decoding,
    Error,
    Estimate,
    Exhibit,
    Finding,
    Flag,
    FunctionModel,
    Grid,
    Inputs,
    Metric,
    MetricInfo,
    Model,
    ModelComparison,
    Named,
    NightlyGate,
    Outputs,
    PassNeeds,
    Policy,
    Probe,
    ProbeInfo,
    ProbeRun,
    Prompt,
    QueryModel,
    Remedy,
    Report,
    Requirement,
    Response,
    Rng,
    Rows,
    Series,
    ShapeError,
    StoreError,
    Subject,
    SubjectInfo,
    Suite,
    Table,
    TableBlock,
    Tensor,
    TextModel,
    Verdict,
)

__version__ = _core.__version__

#: Where a name lives that is loaded on first use.
_LAZY = {
    "as_model": "leadline.models",
    "black_box": "leadline.models",
    "catalog": "leadline.catalogs",
    "compare": "leadline.comparison",
    "compare_many": "leadline.comparison",
    "evaluate": "leadline.evaluation",
    "merge_shards": "leadline.evaluation",
}
_ROOMS = (
    "attribution",
    "catalogs",
    "comparison",
    "cost",
    "data",
    "decisions",
    "engine",
    "evaluation",
    "explain",
    "fairness",
    "inside",
    "metrics",
    "mitigate",
    "models",
    "ood",
    "plugins",
    "robustness",
    "stats",
    "testing",
    "tradeoffs",
    "uncertainty",
)

# TypeError and ValueError are here as leadline.TypeError, and not in __all__: `from leadline import *`
# must not hide the built-in ones.
TypeError = _core.TypeError
ValueError = _core.ValueError

__all__ = [
    "Batch",
    "CancelToken",
    "Cancelled",
    "CapabilityError",
    "Check",
    "Curve",
    "DataError",
    "DataInfo",
    "Dataset",
    "Decoding",
    "Error",
    "Estimate",
    "Exhibit",
    "Finding",
    "Flag",
    "FunctionModel",
    "Grid",
    "Inputs",
    "Metric",
    "MetricInfo",
    "Model",
    "ModelComparison",
    "Named",
    "NightlyGate",
    "Outputs",
    "PassNeeds",
    "Policy",
    "Probe",
    "ProbeInfo",
    "ProbeRun",
    "Prompt",
    "QueryModel",
    "Remedy",
    "Report",
    "Requirement",
    "Response",
    "Rng",
    "Rows",
    "Series",
    "ShapeError",
    "StoreError",
    "Subject",
    "SubjectInfo",
    "Suite",
    "Table",
    "TableBlock",
    "Tensor",
    "TextModel",
    "Verdict",
    "as_model",
    "attribution",
    "black_box",
    "catalog",
    "catalogs",
    "compare",
    "compare_many",
    "comparison",
    "cost",
    "data",
    "decisions",
    "engine",
    "evaluate",
    "evaluation",
    "explain",
    "fairness",
    "get_cmake_dir",
    "get_include",
    "inside",
    "merge_shards",
    "metrics",
    "mitigate",
    "models",
    "ood",
    "plugins",
    "robustness",
    "stats",
    "testing",
    "tradeoffs",
    "uncertainty",
]

if TYPE_CHECKING:
    from leadline import (
        attribution,
        catalogs,
        comparison,
        cost,
        data,
        decisions,
        engine,
        evaluation,
        explain,
        fairness,
        inside,
        metrics,
        mitigate,
        models,
        ood,
        plugins,
        robustness,
        stats,
        testing,
        tradeoffs,
        uncertainty,
    )
    from leadline.catalogs import catalog
    from leadline.comparison import compare, compare_many
    from leadline.evaluation import evaluate, merge_shards
    from leadline.models import as_model, black_box


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        value = getattr(importlib.import_module(_LAZY[name]), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"leadline.{name}")
    else:
        raise AttributeError(
            f"module 'leadline' has no attribute {name!r}", name=name, obj=sys.modules[__name__]
        )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def get_include() -> str:
    """The folder to pass to a C++ compiler as `-I`."""
    from leadline._paths import include

    return include()


def get_cmake_dir() -> str:
    """The folder to pass to CMake as `-Dleadline_DIR=`."""
    from leadline._paths import cmake

    return cmake()
