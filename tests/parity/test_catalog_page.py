"""The catalog page says what the catalog holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_catalog_page_is_what_the_catalog_holds():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/catalog_page.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
