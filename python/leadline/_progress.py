"""The progress display: rich in a terminal, IPython in a notebook, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Callback = Callable[[str, int, int, float], None]


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    found = shell.get_ipython() if shell is not None else None
    return found is not None and type(found).__name__ == "ZMQInteractiveShell"


@contextmanager
def _terminal() -> Iterator[Callback]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        transient=True,
    )
    with bar:
        task = bar.add_task("starting", total=None)

        def show(stage: str, done: int, total: int, seconds: float) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield show


@contextmanager
def _notebook() -> Iterator[Callback]:
    from html import escape

    from IPython.display import HTML, display  # type: ignore[import-not-found,unused-ignore]

    handle: Any = display(HTML(""), display_id=True)

    def show(stage: str, done: int, total: int, seconds: float) -> None:
        share = f'value="{done}" max="{total}"' if total else ""
        handle.update(
            HTML(f"<progress {share}></progress> {escape(stage)} {done}/{total}, {seconds:.0f} s")
        )

    yield show
    handle.update(HTML(""))


@contextmanager
def progress_display(wanted: bool | Callback) -> Iterator[Callback | None]:
    """A callback for the engine.

    Args:
        wanted: True shows progress where a person looks, a callable gets (stage, done, total,
            seconds), False shows nothing.
    """
    if callable(wanted):
        yield wanted
    elif not wanted:
        yield None
    elif _in_notebook():
        with _notebook() as show:
            yield show
    elif sys.stderr.isatty() and sys.stdout.isatty():
        with _terminal() as show:
            yield show
    else:
        yield None
