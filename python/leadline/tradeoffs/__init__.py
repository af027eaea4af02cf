"""Many models and many metrics: what is worth considering, and do the benchmarks agree?"""

from __future__ import annotations

from leadline._rooms import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__, {"disagreement": "functions", "pareto_front": "functions"}
)
