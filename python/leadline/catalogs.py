"""Everything that can be asked for by name: what leadline ships, and what plugins add."""

from __future__ import annotations

import json
from typing import Any

from leadline import _core

__all__ = ["catalog", "make"]


def _halves(torch: bool | None) -> list[_core.Catalog]:
    from leadline._load import torch_half, torch_installed

    halves = [_core.catalog()]
    if torch or (torch is None and torch_installed()):
        halves.append(torch_half().catalog())
    return halves


def catalog(*, torch: bool | None = None) -> list[dict[str, Any]]:
    """All entries: metrics, probes and what plugins add, as plain values.

    Args:
        torch: whether to list the torch half; default: when it is installed.

    Example:
        >>> import leadline
        >>> "f1" in [entry["name"] for entry in leadline.catalog(torch=False)]
        True
    """
    from leadline import plugins

    out: list[dict[str, Any]] = []
    for number, half in enumerate(_halves(torch)):
        entries = json.loads(half.to_json())
        for entry in entries["entries"] if isinstance(entries, dict) else entries:
            out.append({**entry, "half": "torch" if number else "core"})
    out.extend(plugins.entries())
    return out


def make(name: str, **options: Any) -> _core.Metric | _core.Probe:
    """A metric or probe by catalog name or alias, with options.

    Example:
        >>> import leadline
        >>> leadline.catalogs.make("f1", average="micro").info().name
        'f1'
    """
    from leadline import plugins
    from leadline._load import torch_half, torch_installed

    found = plugins.find(name)
    if found is not None:
        made: _core.Metric | _core.Probe = found(**options)
        return made
    if name not in _core.catalog() and torch_installed():
        half = torch_half().catalog()
        if name in half:
            return half.make(name, options)  # type: ignore[no-any-return]
    return _core.catalog().make(name, options)
