"""How a model bears noise, corruptions, attacks and faults, and what is proven of it."""

from __future__ import annotations

from leadline._rooms import lazy

_PLACES = {
    "behaviour": (
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
    ),
    "search": (
        "FailureSearch",
        "Parameter",
        "failure_search",
        "monte_carlo",
        "search_failures",
        "splitting",
    ),
    "ensemble": ("Ensemble",),
    "weights_torch": ("FlippedBit",),
    "result": ("RobustnessResult",),
    "certificates": ("Certified", "LinearBounds", "certify", "export_problem"),
    "smoothing": ("SmoothedCertificates", "SmoothedPredictions", "Smoothing"),
    "_corruptions": (
        "corrupt",
        "corruption_benchmark",
        "corruption_names",
        "corruption_parameters",
        "perturb",
    ),
    "_stress": (
        "apply_stress",
        "stress",
        "stress_text",
        "text_transformations",
        "transformation_stress",
    ),
}

__getattr__, __dir__, __all__ = lazy(
    __name__, {name: place for place, names in _PLACES.items() for name in names}
)
