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
#: What the generator leaves untyped.
UNTYPED = {
    r"\*args(?=[,)])": "*args: typing.Any",
    r"\*\*kwargs(?=[,)])": "**kwargs: typing.Any",
    r"(?<![\w.])dict(?=[,)\s|:]|$)": "dict[str, typing.Any]",
    r"(?<![\w.])list(?=[,)\s|:]|$)": "list[typing.Any]",
    r"collections\.abc\.Callable(?!\[)": "collections.abc.Callable[..., typing.Any]",
    r"(?<![\w.])tuple(?=[,)\s|:]|$)": "tuple[typing.Any, ...]",
    r"collections\.abc\.Iterator(?!\[)": "collections.abc.Iterator[typing.Any]",
    r"run: \.\.\.": "run: ProbeRun",
    r"-> _Reader": "-> collections.abc.Iterator[Batch]",
    r"def _rebuild_error\(cls, text, state\)": "def _rebuild_error(cls: type, text: str, state: typing.Any) -> Error",
}
ERRORS = '''
class Error(Exception):
    """Base of everything leadline raises on purpose."""

    where: str
    expected: str
    got: str
    remedy: str
    def __init__(
        self, where: str, expected: str | None = None, got: str = "", remedy: str = ""
    ) -> None: ...

class ValueError(Error, builtins.ValueError): ...
class TypeError(Error, builtins.TypeError): ...
class ShapeError(Error, builtins.ValueError): ...
class CapabilityError(Error, builtins.NotImplementedError): ...
class DataError(Error, builtins.ValueError): ...
class StoreError(Error, builtins.OSError): ...
class Cancelled(Error): ...
'''


def tidy(text: str) -> str:
    """The stub with plain types, one header, and nothing that changes from run to run."""
    for pattern, plain in {**PLAIN, **UNTYPED}.items():
        text = re.sub(pattern, plain, text, flags=re.MULTILINE)
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    # A shared_ptr that may be null is written as the class alone.
    text = re.sub(r"(\w: )((?!typing\.Any\b)[\w.]+) = None(?=[,)])", r"\1\2 | None = None", text)
    if "from leadline import Error\n" in text:
        text = re.sub(r"^from leadline import \w+\n", "", text, flags=re.MULTILINE)
        text = text.replace(
            "import collections.abc\n", "import builtins\nimport collections.abc\n", 1
        )
        first = re.search(r"^class ", text, flags=re.MULTILINE)
        assert first is not None
        text = text[: first.start()] + ERRORS.lstrip() + "\n" + text[first.start() :]
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
    for command in (
        ["ruff", "check", "--select", "I", "--fix", "--quiet"],
        ["ruff", "format", "--line-length", "100"],
    ):
        text = subprocess.run(
            [*command, "--stdin-filename", str(PACKAGE / "_core.pyi"), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
    return text


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
