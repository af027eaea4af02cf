"""How a model bears noise and attacks."""

from __future__ import annotations

from leadline._rooms import lazy

__getattr__, __dir__, __all__ = lazy(__name__, {"RobustnessResult": "result"})
