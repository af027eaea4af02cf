"""Loads the torch half: torch first, then the module that was built for it."""

from __future__ import annotations

import importlib
import importlib.util
import re
from functools import lru_cache
from types import ModuleType


def _minor(version: str) -> str:
    found = re.match(r"\d+\.\d+", version)
    return found.group(0) if found else version


def torch_installed() -> bool:
    """Whether torch and the torch half of leadline are there, without importing either."""
    return (
        importlib.util.find_spec("torch") is not None
        and importlib.util.find_spec("leadline._torch") is not None
    )


def _explain(found: str, built: str, cause: str) -> str:
    return (
        f"leadline._torch: expected torch {_minor(built)}, which it was built for, got {found}"
        f"{': ' + cause if cause else ''} (pip install 'torch=={_minor(built)}.*', or rebuild leadline "
        "against the torch you have: pip install --no-build-isolation --force-reinstall leadline; the "
        "rooms without torch, such as leadline.metrics, work either way)"
    )


@lru_cache(maxsize=1)
def torch_half() -> ModuleType:
    """The module `leadline._torch`.

    Raises:
        ImportError: torch is missing, or another minor version than the one built for.
    """
    from leadline import _core

    built = getattr(_core, "__torch_version__", "") or "none"
    try:
        torch = importlib.import_module("torch")
    except ImportError as error:
        raise ImportError(_explain("no torch", built, str(error)), name="torch") from error
    found = str(torch.__version__)
    if importlib.util.find_spec("leadline._torch") is None:
        raise ImportError(
            "leadline._torch: expected a leadline built with torch, got one built without it "
            f"(rebuild where torch {found} is installed: pip install --no-build-isolation leadline)",
            name="leadline._torch",
        )
    if _minor(found) != _minor(built):
        raise ImportError(_explain(found, built, ""), name="leadline._torch")
    try:
        return importlib.import_module("leadline._torch")
    except ImportError as error:
        raise ImportError(_explain(found, built, str(error)), name="leadline._torch") from error
