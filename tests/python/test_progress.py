"""The progress display: a notebook's, a callable's, none where nobody looks."""

from __future__ import annotations

import sys
import types

import pytest
import toys

import leadline
from leadline._progress import progress_display


class ZMQInteractiveShell:
    """Named as the shell of a notebook."""


class Handle:
    def __init__(self) -> None:
        self.shown: list[str] = []

    def update(self, html) -> None:
        self.shown.append(html.data)


@pytest.fixture
def notebook(monkeypatch):
    handle = Handle()
    ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    ipython.get_ipython = ZMQInteractiveShell
    display.HTML = lambda text: types.SimpleNamespace(data=text)
    display.display = lambda html, display_id: handle
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return handle


def test_a_notebook_shows_a_bar_and_clears_it(notebook):
    with progress_display(True) as show:
        show("pass over <test>", 3, 10, 1.2)
    assert "&lt;test&gt;" in notebook.shown[0] and 'max="10"' in notebook.shown[0]
    assert notebook.shown[-1] == ""


def test_a_run_in_a_notebook_ends_with_a_clean_cell(notebook):
    leadline.evaluate(toys.logits, toys.data(500), suite=[toys.Errors()], output="logits")
    assert notebook.shown and notebook.shown[-1] == ""


def test_nothing_is_shown_where_nobody_looks():
    with progress_display(True) as show:  # pytest captures both streams
        assert show is None
    with progress_display(False) as show:
        assert show is None


def test_a_progress_callable_that_raises_is_named():
    def broken(*progress):
        raise RuntimeError("planted")

    try:
        report = leadline.evaluate(
            toys.logits,
            toys.data(2000),
            suite=[toys.Errors()],
            batch_size=8,
            output="logits",
            progress=broken,
        )
    except leadline.Error as error:
        assert "planted" in str(error)
    else:
        text = " ".join(f.why for f in report.findings) + report.partial_why
        assert "planted" in text
