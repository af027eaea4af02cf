"""What it takes to run a model: time, memory, work."""

from __future__ import annotations

from leadline._rooms import lazy

__getattr__, __dir__, __all__ = lazy(__name__)
