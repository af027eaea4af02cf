"""Third-party models, data sets, probes and metrics, found by entry point.

A package that adds a probe says so in its pyproject.toml, and `leadline.catalog()`, suites by name,
reports and policies know it:

    [project.entry-points."leadline.plugins"]
    my_probe = "my_package:MyProbe"
"""

from __future__ import annotations

import inspect
import warnings
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from leadline import _core

__all__ = ["GROUP", "entries", "find", "load_all"]

GROUP = "leadline.plugins"
_KINDS = (
    ("metric", _core.Metric),
    ("probe", _core.Probe),
    ("model", _core.Subject),
    ("dataset", _core.Dataset),
)


def _kind(found: Any) -> str | None:
    if not inspect.isclass(found):
        return None
    return next((kind for kind, base in _KINDS if issubclass(found, base)), None)


@lru_cache(maxsize=1)
def load_all() -> dict[str, tuple[str, Any, str]]:
    """Entry-point name -> (kind, class, distribution). A plugin that fails to load is a warning."""
    out: dict[str, tuple[str, Any, str]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        package = point.dist.name if point.dist else "unknown"
        try:
            found = point.load()
        except Exception as error:
            warnings.warn(
                f"leadline: plugin '{point.name}' of {package} cannot be loaded: "
                f"{type(error).__name__}: {error}",
                stacklevel=2,
            )
            continue
        kind = _kind(found)
        if kind is None:
            warnings.warn(
                f"leadline: plugin '{point.name}' of {package} is no Metric, Probe, Model or Dataset",
                stacklevel=2,
            )
            continue
        out[point.name] = (kind, found, package)
    return out


def find(name: str) -> Any | None:
    """The class of a plugin, or None."""
    found = load_all().get(name)
    return found[1] if found else None


def _options(found: Any) -> list[dict[str, Any]]:
    if found.__init__ is object.__init__:
        return []
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return []
    plain = (bool, int, float, str, type(None), list, tuple)
    return [
        {
            "name": p.name,
            "default": p.default if isinstance(p.default, plain) else None,
            "doc": "",
        }
        for p in parameters
        if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]


def entries() -> list[dict[str, Any]]:
    """What plugins add to `leadline.catalog()`."""
    return [
        {
            "name": name,
            "type_name": found.__name__,
            "kind": kind,
            "room": "plugins",
            "aliases": [],
            "doc": inspect.getdoc(found) or "",
            "options": _options(found),
            "half": "plugin",
            "package": package,
        }
        for name, (kind, found, package) in load_all().items()
    ]
