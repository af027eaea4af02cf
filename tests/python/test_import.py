"""Importing leadline: quick, without torch, with a plain message where torch is missing or another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import leadline

ROOT = Path(__file__).resolve().parents[2]


def run(code: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False
    )


def test_importing_is_quick_and_needs_no_torch():
    code = """
import time, sys
import numpy
a = time.process_time()
import leadline
leadline.metrics.Accuracy()
leadline.robustness, leadline.attribution, leadline.data
print(time.process_time() - a, "torch" in sys.modules)
"""
    best = min(float(run(code).stdout.split()[0]) for _ in range(3))
    assert best <= 0.3
    assert run(code).stdout.split()[1] == "False"


def test_a_missing_torch_is_an_import_error_with_remedies():
    code = """
import sys
sys.modules["torch"] = None
import leadline
leadline.metrics.Accuracy()
try:
    from leadline._load import torch_half
    torch_half()
except ImportError as error:
    print(error)
"""
    out = run(code)
    assert "pip install" in out.stdout and "got no torch" in out.stdout, out.stderr


def test_another_torch_is_an_import_error_that_names_both_versions():
    if not leadline._core.__torch_version__:
        pytest.skip("built without torch")
    code = """
import sys, types
fake = types.ModuleType("torch"); fake.__version__ = "1.2.3"
sys.modules["torch"] = fake
from leadline._load import torch_half
try:
    torch_half()
except ImportError as error:
    print(error)
"""
    out = run(code)
    assert "1.2.3" in out.stdout and "pip install" in out.stdout, out.stderr


def test_star_import_hides_no_built_in():
    code = "from leadline import *\nprint(TypeError.__module__, ValueError.__module__, Dataset.__name__)"
    assert run(code).stdout.split() == ["builtins", "builtins", "Dataset"]


def test_every_name_in_all_is_there():
    for name in leadline.__all__:
        assert getattr(leadline, name) is not None


def test_the_headers_are_where_get_include_says():
    assert (Path(leadline.get_include()) / "leadline/leadline.hpp").exists()
