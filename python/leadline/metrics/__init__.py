"""How good the decisions are: classes that fold arrays, and their function twins."""

from __future__ import annotations

from leadline._rooms import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "MetricCollection": "collection",
        "PrecisionRecallCurve": "curves",
        "RocCurve": "curves",
        "precision_recall_curve": "curves",
        "roc_curve": "curves",
    },
)
