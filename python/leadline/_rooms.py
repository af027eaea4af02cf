"""Rooms load their classes on first use, so that importing a room needs no torch."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

from leadline._index import INDEX

Hooks = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]


def lazy(module: str, further: dict[str, str] | None = None) -> Hooks:
    """`__getattr__`, `__dir__` and `__all__` of a room.

    Args:
        module: the room's `__name__`.
        further: names written by hand -> the submodule that holds them.
    """
    room = module.rpartition(".")[2]
    places = {**INDEX.get(room, {}), **(further or {})}

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(
                f"module {module!r} has no attribute {name!r}", name=name, obj=sys.modules[module]
            )
        value = getattr(importlib.import_module(f"{module}.{places[name]}"), name)
        setattr(sys.modules[module], name, value)
        return value

    return get, lambda: sorted(places), sorted(places)
