"""Write the stubs of the compiled modules: `make generate`; `--check` only compares.

pybind11-stubgen reads the modules; what it cannot know is put right here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "python" / "leadline"

#: pybind11 3 accepts whatever converts; what a caller should pass is the plain type.
PLAIN = {
    r"typing\.SupportsFloat \| typing\.SupportsIndex": "float",
    r"typing\.SupportsInt \| typing\.SupportsIndex": "int",
    r"typing\.SupportsInt": "int",
    r"typing\.SupportsFloat": "float",
}
#: Bound classes that `leadline._core` names otherwise.
NAMES = {
    r"numpy\.ndarray\[[^\n]*?\]\]": "numpy.ndarray",
}


def tidy(text: str) -> str:
    """The stub with plain types, one header, and nothing that changes from run to run."""
    for pattern, plain in PLAIN.items():
        text = re.sub(pattern, plain, text)
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    return "# Written by scripts/stubs.py: change the bindings, then `make generate`.\n" + text


def stub(module: str) -> str:
    """The text of one stub."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                sys.executable,
                "-c",
                # torch first: _torch finds its libraries through it.
                "import sys\n"
                f"if {module!r}.endswith('_torch'): import torch\n"
                "from pybind11_stubgen import main\n"
                f"main(['-o', {folder!r}, '--ignore-all-errors', '--root-suffix', '', {module!r}])",
            ],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
        path = next(Path(folder).rglob("*.pyi"))
        text = tidy(path.read_text())
    return subprocess.run(
        ["ruff", "format", "-", "--line-length", "100", "--stdin-filename", "x.pyi"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(ROOT / "python"))
    wrong = []
    for name in ("_core", "_torch"):
        if not list(PACKAGE.glob(f"{name}.*.so")):
            continue
        path, text = PACKAGE / f"{name}.pyi", stub(f"leadline.{name}")
        if path.exists() and path.read_text() == text:
            continue
        wrong.append(path.name)
        if "--check" not in arguments:
            path.write_text(text)
    if "--check" in arguments and wrong:
        print(f"stubs: expected {', '.join(wrong)} as the modules are (run `make generate`)")
        return 1
    print(f"stubs: {len(wrong)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
