"""How good the decisions are: classes that fold arrays, and their function twins."""

from __future__ import annotations

from leadline._rooms import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        name: "curves"
        for name in ("PrecisionRecallCurve", "RocCurve", "precision_recall_curve", "roc_curve")
    },
)
