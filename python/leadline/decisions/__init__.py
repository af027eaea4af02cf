"""What the decisions are worth: costs, thresholds, rare events, and what more data would bring."""

from __future__ import annotations

from leadline._rooms import lazy

_FUNCTIONS = (
    "cost_curve",
    "decision_curve",
    "generalization_gap",
    "learning_curve",
    "never_event_samples",
    "never_events",
    "operating_point",
    "unpaired_difference",
)

__getattr__, __dir__, __all__ = lazy(__name__, dict.fromkeys(_FUNCTIONS, "functions"))
