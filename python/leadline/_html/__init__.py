"""The report as one self-contained HTML page, and as a fragment for notebooks.

Rendered from the report's JSON alone (``docs/report-schema.json``): blocks, never probes. No
scripts, no network; every string of a report is escaped.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from . import view, words

__all__ = ["finding", "fragment", "render"]

_TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["spaced"] = words.spaced
    environment.filters["number"] = words.number
    return environment


def render(report: dict[str, Any]) -> str:
    """The whole page.

    Args:
        report: the value of a report's JSON, of any schema version that this release reads.

    Returns:
        A complete HTML document of one file.
    """
    return _environment().get_template("report.html").render(page=view.page(report))


def finding(told: dict[str, Any]) -> str:
    """A page of one finding: its answer, numbers, checks and pictures, without a first page."""
    return _environment().get_template("alone.html").render(page=view.alone(told))


def fragment(report: dict[str, Any]) -> str:
    """A compact summary for a notebook cell: verdicts and one headline a question."""
    return _environment().get_template("fragment.html").render(page=view.summary(report))
