"""How reports show themselves: HTML files and notebook cells."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from leadline import _core

if TYPE_CHECKING:
    from leadline._core import Report


def write_atomically(path: str, text: str) -> None:
    """Writes beside `path` and renames: a reader never sees half a file.

    Raises:
        StoreError: the folder cannot be written, the disk is full.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise _core.StoreError(
            "Report.save",
            f"to write '{path}'",
            error.strerror or str(error),
            "choose a folder that exists, can be written and has space",
        ) from error


def save_html(report: Report, path: str) -> None:
    """One self-contained HTML file."""
    from leadline import _html

    write_atomically(path, _html.render(report.to_dict()))


def html_fragment(report: Report) -> str:
    """The notebook view: verdicts and headlines."""
    from leadline import _html

    return _html.fragment(report.to_dict())
