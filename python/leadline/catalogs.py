"""Everything that can be asked for by name: what leadline ships, and what plugins add."""

from __future__ import annotations

import json
from typing import Any

from leadline import _core

__all__ = ["catalog", "full_catalog", "make"]


def full_catalog(torch: bool | None = None) -> _core.Catalog:
    """The catalog of this build: with the torch half when it is installed."""
    from leadline._load import torch_half, torch_installed

    if torch or (torch is None and torch_installed()):
        return torch_half().catalog()  # type: ignore[no-any-return]
    return _core.catalog()


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

    core = _core.catalog()
    out: list[dict[str, Any]] = [
        {**entry, "half": "core" if entry["name"] in core else "torch"}
        for entry in json.loads(full_catalog(torch).to_json())
    ]
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

    found = plugins.find(name)
    core = _core.catalog()
    made: _core.Metric | _core.Probe
    if found is not None:
        made = found(**options)
    else:
        made = (core if name in core else full_catalog()).make(name, options)
    return made
