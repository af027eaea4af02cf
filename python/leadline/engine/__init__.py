"""What the engine checks before anything else: how the model is wired to the data."""

from __future__ import annotations

from leadline._rooms import lazy

__getattr__, __dir__, __all__ = lazy(__name__)
