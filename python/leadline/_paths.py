"""Where the headers and CMake files lie: in a wheel beside the package, in a clone at its root."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _first(what: str, candidates: list[Path], marker: str) -> str:
    for folder in candidates:
        if (folder / marker).exists():
            return str(folder)
    from leadline._core import StoreError

    raise StoreError(
        "leadline",
        what,
        f"none in {', '.join(str(c) for c in candidates)}",
        "install the wheel, or run `cmake --install`",
    )


def include() -> str:
    """The include folder."""
    return _first(
        "the C++ headers",
        [_HERE / "include", _HERE.parent.parent / "include"],
        "leadline/config.hpp",
    )


def cmake() -> str:
    """The folder of leadlineConfig.cmake."""
    return _first(
        "leadlineConfig.cmake",
        [_HERE / "lib/cmake/leadline", _HERE.parent.parent / "build/dev"],
        "leadlineConfig.cmake",
    )
