"""How a model bears noise, attacks, faults, and the cases that people think of."""

from __future__ import annotations

from leadline._rooms import lazy

_BEHAVIOUR = (
    "Expectation",
    "Expectations",
    "TextClassifier",
    "edit",
    "expectations",
    "fill_template",
    "on_rows",
    "on_text",
    "text_rows",
    "texts_of",
)
_SEARCH = (
    "FailureSearch",
    "Parameter",
    "failure_search",
    "monte_carlo",
    "search_failures",
    "splitting",
)

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        **dict.fromkeys(_BEHAVIOUR, "behaviour"),
        **dict.fromkeys(_SEARCH, "search"),
        "FlippedBit": "weights_torch",
        "RobustnessResult": "result",
    },
)
