"""The house checks catch what they are for: each gets a planted fault and an honest case."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/layers.toml").write_text((ROOT / "scripts/layers.toml").read_text())
    return tmp_path


def write(tree: Path, path: str, *includes: str) -> None:
    file = tree / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f'#include "{name}"\n' for name in includes))


@pytest.mark.parametrize(
    ("path", "include"),
    [
        ("include/leadline/stats/a.hpp", "leadline/core/tensor.hpp"),
        ("include/leadline/core/a.hpp", "leadline/engine/evaluate.hpp"),
        ("include/leadline/core/a.hpp", "ATen/core/Tensor.h"),
        ("include/leadline/monitor/a.hpp", "leadline/engine/evaluate.hpp"),
        ("include/leadline/monitor/a.hpp", "leadline/torch/ood/a.hpp"),
        ("include/leadline/monitor/a.hpp", "leadline/leadline.hpp"),
        ("src/monitor/a.cpp", "leadline/language/judge.hpp"),
        ("include/leadline/torch/ood/a.hpp", "leadline/torch/privacy/a.hpp"),
        ("bindings/core/a.cpp", "torch/csrc/utils/pybind.h"),
    ],
)
def test_a_forbidden_include_is_named(tree: Path, path: str, include: str) -> None:
    write(tree, path, include)
    problems = script("check_layers").check(tree)
    assert len(problems) == 1
    assert problems[0].startswith(path) and include in problems[0]


def test_a_private_header_belongs_to_its_room(tree: Path) -> None:
    write(tree, "src/language/words.hpp")
    write(tree, "src/language/judge.cpp", "language/words.hpp")
    write(tree, "src/monitor/a.cpp", "language/words.hpp")
    problems = script("check_layers").check(tree)
    assert len(problems) == 1 and problems[0].startswith("src/monitor/a.cpp")


def test_allowed_includes_pass(tree: Path) -> None:
    write(tree, "include/leadline/stats/a.hpp", "leadline/core/error.hpp", "leadline/stats/b.hpp")
    write(tree, "include/leadline/core/a.hpp", "leadline/stats/a.hpp", "leadline/config.hpp")
    write(tree, "src/engine/a.cpp", "leadline/report/report.hpp", "vector", "Eigen/Core")
    write(tree, "include/leadline/torch/ood/a.hpp", "leadline/ood/a.hpp", "ATen/core/Tensor.h")
    write(tree, "bindings/torch/a.cpp", "torch/csrc/utils/pybind.h")
    assert script("check_layers").check(tree) == []


def test_the_tree_obeys_its_layers() -> None:
    assert script("check_layers").check(ROOT) == []


@pytest.mark.parametrize(
    "body",
    [
        "for (const double side : {1.0, -1.0}) {\n  if (side > 0) { step(); }\n  co_await row.look(x);\n}",
        "for (auto s : {1, 2})\n  for (int k = 0; k < s; ++k) co_await row.look(x);",
        "if (row.reached(co_await row.look(x))) co_return;",
        "while (co_await row.look(x) > 0) {}",
        "const double sum = 1 + co_await slope;",
    ],
)
def test_a_trap_of_coroutines_is_named(tree: Path, body: str) -> None:
    file = tree / "src/robustness/a.cpp"
    file.parent.mkdir(parents=True)
    file.write_text(f"Task<> f(Row& row) {{\n{body}\n}}\n")
    problems = script("check_coroutines").check(tree)
    assert problems and problems[0].startswith("src/robustness/a.cpp:")


def test_named_answers_and_loops_that_do_not_suspend_pass(tree: Path) -> None:
    file = tree / "src/robustness/a.cpp"
    file.parent.mkdir(parents=True)
    file.write_text(
        "Task<> f(Row& row) {\n"
        "  for (const double side : {1.0, -1.0}) use(side);\n"
        "  const Answer& answer = co_await row.look(x);  // if (co_await row)\n"
        "  for (const double v : values) {\n    co_await row.look(v);\n  }\n"
        "  Task<double> slope = climb();\n  value = co_await slope;\n"
        "}\n"
    )
    assert script("check_coroutines").check(tree) == []


def test_the_tree_is_free_of_traps_of_coroutines() -> None:
    assert script("check_coroutines").check(ROOT) == []


def test_a_slow_unit_fails_by_its_processor_time(tmp_path: Path) -> None:
    """Wall time alone does not fail a unit: the machine may have been busy."""
    log = "# ninja log v5\n0\t90000\t1\ta.o\tx\n0\t100\t2\ta.o\ty\n0\t99000\t1\tb.o\tx\n"
    (tmp_path / ".ninja_log").write_text(log)
    for name in ("a.o", "b.o"):
        (tmp_path / name).touch()
    compiler = tmp_path / "g++"
    compiler.symlink_to(sys.executable)
    spin = f"cmake -E env A=b ccache {compiler} -c 'import time\nwhile time.process_time() < 0.3: pass' -o b.o x"
    commands = [{"directory": str(tmp_path), "command": spin, "file": "b.cpp"}]
    (tmp_path / "compile_commands.json").write_text(json.dumps(commands))
    slow_units = script("slow_units")
    assert slow_units.unit_times(log)["a.o"] == (0.1, "2/a.o/y")
    assert slow_units.main([str(tmp_path)]) == 0
    assert slow_units.main([str(tmp_path), "--limit", "0.2"]) == 1


def test_a_benchmark_names_the_peers_that_it_can_do_without() -> None:
    source = "import numpy\nimport time\ndef f():\n    from torchmetrics.x import y\n    import numpy, art.z\n"
    assert script("bench").peers_of(source) == {"torchmetrics", "art"}


def test_a_library_with_a_foreign_dependency_is_refused() -> None:
    check = str(ROOT / "scripts/check_needed.py")
    library = importlib.util.find_spec("_ssl")
    if library is None or not str(library.origin).endswith(".so"):
        pytest.skip("this interpreter has ssl built in")
    done = subprocess.run([sys.executable, check, library.origin], capture_output=True, text=True)
    assert done.returncode == 1
    assert "needs libssl" in done.stdout


def test_a_header_is_checked_again_when_what_it_includes_changes() -> None:
    headers = {
        path.name
        for path in script("check_headers").closure(ROOT / "include/leadline/core/error.hpp")
    }
    assert headers == {"error.hpp", "config.hpp"}


def test_a_page_that_names_a_missing_file_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`scripts/gone.py` `scripts/here.py` [a](here.md) [b](gone.md#x) [c](https://x.org) `src/<room>`"
    )
    (tmp_path / "here.md").touch()
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/here.py").touch()
    assert list(script("check_docs").broken(page, tmp_path)) == [
        "link to gone.md",
        "`scripts/gone.py`",
    ]


def test_a_header_that_the_umbrella_misses_is_named_and_added(tmp_path: Path) -> None:
    umbrella = tmp_path / "leadline/leadline.hpp"
    (tmp_path / "leadline/core").mkdir(parents=True)
    umbrella.write_text('#pragma once\n\n#include "leadline/core/b.hpp"\n')
    (tmp_path / "leadline/core/b.hpp").write_text('#include "leadline/core/c.hpp"\n')
    for name in ("a", "c"):
        (tmp_path / f"leadline/core/{name}.hpp").touch()
    check = script("check_umbrella")
    assert check.missing(tmp_path, "leadline/leadline.hpp") == ["leadline/core/a.hpp"]
    check.add(umbrella, ["leadline/core/a.hpp"])
    assert check.missing(tmp_path, "leadline/leadline.hpp") == []
