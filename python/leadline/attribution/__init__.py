"""Which parts of an input a decision rests on."""

from __future__ import annotations

from leadline._rooms import lazy

__getattr__, __dir__, __all__ = lazy(__name__, {"Attribution": "attribution"})
