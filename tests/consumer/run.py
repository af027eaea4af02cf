"""Use leadline as its users do: three CMake projects and a wheel, all from what is already built.

Usage: run.py [--build DIR] [--full]

Nothing of the library is compiled again, except with --full, where the subdirectory project builds its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Failure(Exception):
    """A step of a consumer did not do what a user would expect."""


def run(*command: object, expect_failure: bool = False, **options: object) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    if (done.returncode != 0) != expect_failure:
        outcome = "succeeded" if expect_failure else f"failed with {done.returncode}"
        raise Failure(f"{' '.join(words)} {outcome}\n{done.stdout}")
    return done.stdout


def expect(condition: bool, message: str) -> None:
    if not condition:
        raise Failure(message)


class Consumers:
    def __init__(self, build: Path, full: bool) -> None:
        self.build, self.full = build.resolve(), full
        self.work = self.build / "consumers"
        self.prefix = self.work / "prefix"
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)

    def install(self) -> None:
        run("cmake", "--install", self.build, "--prefix", self.prefix)
        expect((self.prefix / "include/leadline/config.hpp").exists(), "no headers in the prefix")

    def configure(self, name: str, prefix: Path, tag: str = "") -> Path:
        folder = self.work / (name + tag)
        self.configure_output(folder, name, prefix)
        return folder

    @staticmethod
    def configure_output(
        folder: Path, name: str, prefix: Path, expect_failure: bool = False
    ) -> str:
        return run(
            *("cmake", "-S", HERE / name, "-B", folder, "-G", "Ninja"),
            *(f"-DCMAKE_PREFIX_PATH={prefix}", f"-DPython_EXECUTABLE={sys.executable}"),
            *(f"-DLEADLINE_SOURCE={ROOT}", "-DCMAKE_BUILD_TYPE=Debug"),
            expect_failure=expect_failure,
        )

    def program(self, name: str, prefix: Path, tag: str = "") -> None:
        folder = self.configure(name, prefix, tag)
        run("cmake", "--build", folder)
        output = run(folder / "consumer")
        expect("consumer ok" in output, f"{name}: expected 'consumer ok', got {output!r}")

    def core(self) -> None:
        self.program("core", self.prefix)

    def build_tree(self) -> None:
        """What `leadline.get_cmake_dir()` names when Python runs from the source tree."""
        self.program("core", self.build, "_build_tree")

    def torch(self) -> None:
        self.program("torch", self.prefix)

    def other_torch(self) -> None:
        """A leadline built for another torch is refused at configure time, with the remedy."""
        other = self.work / "other_torch_prefix"
        shutil.copytree(self.prefix, other)
        config = next(other.rglob("leadlineConfig.cmake"))
        text = config.read_text()
        minor = text.split('LEADLINE_TORCH_MINOR STREQUAL "')[1].split('"')[0]
        config.write_text(text.replace(minor, "1.13"))
        folder = self.work / "torch_other"
        output = self.configure_output(folder, "torch", other, expect_failure=True)
        output = " ".join(output.split())  # CMake wraps messages
        expect("expected torch 1.13" in output and "install torch==1.13" in output, output)

    def subdirectory(self) -> None:
        folder = self.configure("subdirectory", self.prefix)
        if self.full:
            run("cmake", "--build", folder, "--target", "consumer", "-j", os.cpu_count() or 1)
            expect(
                "consumer ok" in run(folder / "consumer"), "subdirectory: expected 'consumer ok'"
            )
        else:
            run("cmake", "--build", folder, "--target", "consumer_object")

    def wheel(self) -> None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        folder = self.work / "wheel"
        run(*pip, "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", folder, ROOT)
        wheel = next(folder.glob("leadline-*.whl"))
        site = self.work / "site"
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            archive.extractall(site)
            metadata = archive.read(next(n for n in names if n.endswith("METADATA"))).decode()
        self.check_wheel(names, metadata, wheel.stat().st_size)
        environment = {**os.environ, "PYTHONPATH": str(site)}
        probe = (
            "import leadline, pathlib, sys; print(pathlib.Path(leadline.__file__).parent); "
            "assert 'torch' not in sys.modules; print(leadline.get_cmake_dir())"
        )
        output = run(sys.executable, "-c", probe, env=environment, cwd=self.work).split()
        expect(
            output[0] == str(site / "leadline"), f"expected the wheel's leadline, got {output[0]}"
        )
        self.program("core", Path(output[1]), "_wheel")
        run(
            sys.executable,
            "-c",
            "from leadline._load import torch_half; torch_half()",
            env=environment,
            cwd=self.work,
        )

    @staticmethod
    def check_wheel(names: list[str], metadata: str, size: int) -> None:
        foreign = [n for n in names if "libtorch" in n or "libc10" in n or "libgomp" in n]
        expect(not foreign, f"expected no library of torch in the wheel, got {foreign}")
        for part in (
            *("leadline/__init__.py", "leadline/_core.", "leadline/_torch.", "leadline/py.typed"),
            *("leadline/lib/libleadline.so", "leadline/lib/libleadline_torch.so"),
            *("leadline/include/leadline/config.hpp", "leadline/lib/cmake/leadline/leadlineConfig"),
        ):
            expect(any(n.startswith(part) for n in names), f"expected {part} in the wheel")
        duplicates = sorted({n for n in names if names.count(n) > 1})
        expect(not duplicates, f"expected every file once in the wheel, twice: {duplicates}")
        required = [
            line
            for line in metadata.splitlines()
            if line.startswith("Requires-Dist: torch") and "extra" not in line
        ]
        expect(not required, f"expected torch to be optional, got {required}")
        expect(size < 20e6, f"expected a wheel under 20 MB, got {size / 1e6:.1f} MB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/dev")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    consumers = Consumers(options.build, options.full)
    steps: list[Callable[[], None]] = [
        consumers.core,
        consumers.build_tree,
        consumers.torch,
        consumers.other_torch,
    ]
    steps += [consumers.subdirectory, consumers.wheel]
    consumers.install()
    failed = 0
    for step in steps:
        if options.only and step.__name__ not in options.only:
            continue
        start = time.monotonic()
        try:
            step()
            print(f"consumer {step.__name__}: ok, {time.monotonic() - start:.1f} s", flush=True)
        except Failure as failure:
            failed += 1
            print(f"consumer {step.__name__}: {failure}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
