"""Every example in a docstring runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import leadline
from leadline._load import torch_installed

SKIP = {"leadline._torch", "leadline.__main__"}
MODULES = ["leadline"] + [
    m.name
    for m in pkgutil.walk_packages(leadline.__path__, "leadline.")
    if m.name not in SKIP and (torch_installed() or not m.name.endswith("_torch"))
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(recurse=True, exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in finder.find(module, name, extraglobs={}):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_examples_of_bound_classes_run():
    core = leadline._core
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    parser, n = doctest.DocTestParser(), 0
    for name, value in vars(core).items():
        text = getattr(value, "__doc__", None)
        if isinstance(value, type) and text and ">>>" in text:
            runner.run(parser.get_doctest(text, {}, name, None, 0))
            n += 1
    assert n >= 6 and runner.summarize(verbose=False).failed == 0
