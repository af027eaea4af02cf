"""The stubs are those of the compiled modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_stubs_are_what_the_generator_writes():
    pytest.importorskip("pybind11_stubgen")
    out = subprocess.run(
        [sys.executable, str(ROOT / "scripts/stubs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert out.returncode == 0, out.stdout + out.stderr
