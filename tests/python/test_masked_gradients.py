"""The masked-gradient trap of `examples/`, run as a user would."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.full
EXAMPLE = Path(__file__).parents[2] / "examples" / "python" / "masked_gradients.py"


def test_every_defence_is_seen_through(tmp_path):
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), "--samples", "60", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=EXAMPLE.parent,
    )
    chapters = re.split(r"\n(?=[A-Z][a-z]+: )", done.stdout)[1:]
    assert [c.split(":")[0] for c in chapters] == [
        "Rounded",
        "Saturated",
        "Stochastic",
        "Preprocessed",
    ]
    for chapter in chapters:
        name = chapter.split(":")[0].lower()
        pgd = re.search(r"leadline pgd +([\d.]+) +(.*)", chapter)
        textbook = float(re.search(r"textbook PGD +([\d.]+)", chapter).group(1))
        works = float(re.findall(r"leadline \w+ +([\d.]+)", chapter)[-1])
        truth = float(re.search(r"knows the defence +([\d.]+)", chapter).group(1))
        assert works < textbook - 0.05 and works < truth + 0.15, chapter
        assert (tmp_path / f"{name}.html").exists()
        if name == "saturated":  # the attack itself is not misled
            assert "no check failed" in pgd.group(2)
        elif name == "stochastic":
            assert "decisions_repeat" in pgd.group(2)
        else:
            assert "gradients_not_zero" in pgd.group(2)
            assert "black_box_not_stronger" in pgd.group(2)
