"""Write the Python classes of the catalog: `make generate`; `--check` only compares.

One file a room and half, `python/leadline/<room>/_generated.py` (core) and `_generated_torch.py`, and
the index that loads them lazily. They are real files so that editors, `inspect.signature`, pickling
and documentation see plain classes; a test holds them equal to the catalog.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "python" / "leadline"
sys.path.insert(0, str(ROOT / "python"))

HEADER = '"""{doc}"""\n\n# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.\n'
#: Classes with methods beyond the catalog, written by hand: type name -> (module, mixin).
MIXINS = {
    "IntegratedGradients": ("leadline._mixins", "Attribute"),
    "Saliency": ("leadline._mixins", "Attribute"),
    "Transfer": ("leadline._mixins", "TransferMethods"),
    "UniversalPerturbation": ("leadline._mixins", "UniversalMethods"),
}
#: An object that a class takes beside its options: type name -> (argument, documentation). Its
#: mixin's `__init__` receives it; type Any, default None.
PARTS = {
    "Transfer": (
        "surrogate",
        "The model whose gradients are climbed, as `leadline.as_model` takes it; none: one is "
        "learned from the answers of the model attacked.",
    ),
}
TYPES = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "str": "str",
    "list of float": "float | Sequence[float]",
    "list of int": "int | Sequence[int]",
    "list of str": "Sequence[str]",
}


def type_of(option: dict[str, Any]) -> str:
    """The annotation of an option."""
    if option["choices"]:
        base = f"Literal[{', '.join(repr(c) for c in option['choices'])}]"
        if option["name"] == "multioutput":  # weights, as scikit-learn takes them
            base += " | Sequence[float]"
    else:
        base = TYPES[option["type"]]
    return f"{base} | None" if option["optional"] else base


def default_of(option: dict[str, Any]) -> str:
    """The default as Python code; a list becomes a tuple, which nobody can change."""
    value = option["default"]
    if isinstance(value, list):
        return repr(tuple(value))
    if option["type"] == "float" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    return repr(value)


def range_of(option: dict[str, Any]) -> str:
    """ "In (0, 1]." or ""."""
    low, high = option["minimum"], option["maximum"]
    if low is None and high is None:
        return ""
    if high is None:
        return f" {'Above' if option['exclusive_minimum'] else 'At least'} {low:g}."
    if low is None:
        return f" {'Below' if option['exclusive_maximum'] else 'At most'} {high:g}."
    left, right = "(["[not option["exclusive_minimum"]], ")]"[not option["exclusive_maximum"]]
    return f" In {left}{low:g}, {high:g}{right}."


def sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else text + "."


def argument_doc(option: dict[str, Any]) -> str:
    """One line of Args, wrapped."""
    unit = f" In {option['unit']}." if option["unit"] else ""
    choices = f" One of {', '.join(option['choices'])}." if option["choices"] else ""
    text = f"{option['name']}: {sentence(option['doc'])}{unit}{range_of(option)}{choices}"
    return wrapped(text)


def wrapped(text: str) -> str:
    return textwrap.fill(
        text.replace("\\", "\\\\"), 92, initial_indent=" " * 8, subsequent_indent=" " * 12
    )


def docstring(entry: dict[str, Any], example: list[str]) -> str:
    head, _, rest = entry["doc"].partition("\n")
    lines = [f'    """{sentence(head)}', ""]
    if rest.strip():
        lines += [*textwrap.indent(textwrap.dedent(rest.strip("\n")), "    ").split("\n"), ""]
    part = PARTS.get(entry.get("type_name", ""))
    if entry["options"]:
        lines += ["    Args:", *map(argument_doc, entry["options"])]
        lines += [wrapped(f"{part[0]}: {part[1]}")] if part else []
        lines += [""]
    lines += ["    Example:", *(" " * 8 + line for line in example), '    """']
    return "\n".join(line.rstrip() for line in lines)


def signature(options: list[dict[str, Any]], extra: str = "") -> str:
    items = [f"{o['name']}: {type_of(o)} = {default_of(o)}" for o in options]
    return ", ".join([*([extra] if extra else []), *items])


def pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def record_code(name: str, options: list[dict[str, Any]], room: str) -> str:
    """The class of a nested record."""
    kind = pascal(name)
    body = ", ".join(f"{o['name']}={o['name']}" for o in options)
    example = [f">>> from leadline.{room} import {kind}", f">>> {kind}() == {kind}()", "True"]
    doc = docstring({"doc": f"The {name} of an entry, as one record", "options": options}, example)
    fields = ", ".join(repr(o["name"]) for o in options)
    return (
        f"class {kind}(Record):\n{doc}\n\n    _fields = ({fields},)\n\n"
        f"    def __init__(self, *, {signature(options)}) -> None:\n"
        f"        super().__init__({body})\n"
    )


def mixin_of(entry: dict[str, Any]) -> tuple[str, str] | None:
    """What the class has beyond its kind; every probe with a threat is an attack."""
    if entry["type_name"] in MIXINS:
        return MIXINS[entry["type_name"]]
    if any(option["record"] == "threat" for option in entry["options"]):
        return ("leadline._mixins", "AttackMethods")
    return None


def class_code(entry: dict[str, Any], half: str) -> str:
    """The class of an entry."""
    options, kind, room = entry["options"], entry["type_name"], entry["room"]
    base = "CatalogMetric" if entry["kind"] == "metric" else "CatalogProbe"
    mixin = mixin_of(entry)
    bases = f"{mixin[1]}, {base}" if mixin else base
    example = [f">>> from leadline.{room} import {kind}", f">>> {kind}()", f"{kind}()"]
    records: dict[str, list[str]] = defaultdict(list)
    for option in options:
        if option["record"]:
            records[option["record"]].append(option["name"])
    lines = [f"class {kind}({bases}):", docstring(entry, example), ""]
    lines += [f"    _half = {half!r}", f"    _name = {entry['name']!r}", ""]
    if options:
        extra = "".join(f"{r}: {pascal(r)} | None = None, " for r in records)
        for record, names in records.items():
            lines.append(f"    @either({record!r}, {pascal(record)}, {tuple(names)!r})")
        part = PARTS.get(kind)
        more = f"{part[0]}: Any = None" if part else ""
        lines.append(f"    def __init__(self, {extra}*, {signature(options, more)}) -> None:")
        given = [o["name"] for o in options] + ([part[0]] if part else [])
        body = ", ".join(f"{name}={name}" for name in given)
        lines.append(f"        super().__init__({body})")
    else:
        lines += ["    def __init__(self) -> None:", "        super().__init__()"]
    return "\n".join(lines) + "\n"


def twin_code(entry: dict[str, Any], reads: list[str]) -> str:
    """The function twin of a metric."""
    name, kind, options = entry["name"], entry["type_name"], entry["options"]
    # What reads decisions takes scores in their place.
    reads = ["scores" if r == "prediction" else r for r in reads]
    arrays = ", ".join(f"{r}: ArrayLike" for r in reads)
    taken = ", ".join(f"{o['name']}={o['name']}" for o in options)
    passed = ", ".join(reads)
    asides = ("ids", "weights", "counts", "clusters")
    extra = ", ".join(f"{a}: ArrayLike | None = None" for a in asides)
    doc = (
        f'    """{sentence(entry["doc"].partition(chr(10))[0])}\n\n'
        f"    One call of `{kind}`: the same options, the same Estimate.\n"
        '    """\n'
    )
    return (
        f"@checked_call\ndef {name}({arrays}, *, {signature(options, extra)}) -> Estimate:\n{doc}"
        f"    return once({kind}({taken}), {passed}, {', '.join(f'{a}={a}' for a in asides)})\n"
    )


def room_code(
    room: str,
    half: str,
    entries: list[dict[str, Any]],
    make: Any,
    shared: frozenset[str] = frozenset(),
) -> tuple[str, list[str]]:
    """The text of one generated file and the names in it; `shared` records are the core half's."""
    parts, names = [], []
    records: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for option in entry["options"]:
            if option["record"]:
                grouped[option["record"]].append(option)
        for record, options in grouped.items():
            # An entry may have defaults of its own (an attack made for l2), not other fields.
            first = records.setdefault(record, options)
            bare = [[{**o, "default": None} for o in given] for given in (first, options)]
            if bare[0] != bare[1]:
                raise SystemExit(f"generate: two records named {record} in {room}")
    borrowed = sorted(pascal(record) for record in records if record in shared)
    for record, options in records.items():
        if record in shared:
            continue
        parts.append(record_code(record, options, room))
        names.append(pascal(record))
    for entry in entries:
        parts.append(class_code(entry, half))
        names.append(entry["type_name"])
        if entry["kind"] == "metric":
            parts.append(twin_code(entry, make(entry["name"]).info().reads))
            names.append(entry["name"])
    text = "\n\n".join(parts)
    calls = ("CatalogMetric)", "CatalogProbe)", "(Record)", "@either(", "return once(")
    used = [re.sub(r"\W|return ", "", call) for call in calls if call in text]
    head = HEADER.format(doc=f"The {half} half of leadline.{room}, as in the catalog.")
    head += "\nfrom __future__ import annotations\n\n"
    if "Sequence[" in text:
        head += "from collections.abc import Sequence\n"
    marks = {"Any": ": Any = None", "Literal": "Literal["}
    if typed := [name for name, mark in marks.items() if mark in text]:
        head += f"from typing import {', '.join(typed)}\n"
    if "ArrayLike" in text:
        head += "\nfrom numpy.typing import ArrayLike\n"
    if "@checked_call" in text:
        head += "\nfrom leadline._arguments import checked_call\n"
    head += f"\nfrom leadline._catalog import {', '.join(used)}\n"
    if "Estimate" in text:
        head += "from leadline._core import Estimate\n"
    for module, name in sorted({mixin for e in entries if (mixin := mixin_of(e))}):
        head += f"from {module} import {name}\n"
    if borrowed:
        head += f"from leadline.{room}._generated import {', '.join(borrowed)}\n"
    head += f"\n__all__ = {sorted(names)!r}\n\n\n"
    return head + text, names


def formatted(text: str) -> str:
    """As ruff leaves it, so that `make format` changes nothing."""
    command = ["ruff", "format", "-", "--line-length", "100", "--stdin-filename", "x.py"]
    checked = (
        subprocess.run(
            [
                "ruff",
                "check",
                "--select",
                "I",
                "--fix",
                "-",
                "--quiet",
                "--stdin-filename",
                str(PACKAGE / "x.py"),
            ],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        ).stdout
        or text
    )
    return subprocess.run(
        command, input=checked, capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout


def files() -> dict[Path, str]:
    """Path -> text of everything generated."""
    from leadline import _core
    from leadline._load import torch_half, torch_installed

    halves = {"core": _core.catalog()}
    if torch_installed():
        halves["torch"] = torch_half().catalog()
    out: dict[Path, str] = {}
    index: dict[str, dict[str, str]] = defaultdict(dict)
    seen: dict[str, set[str]] = defaultdict(set)  # records by room
    for half, catalog in halves.items():
        rooms: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for entry in json.loads(catalog.to_json()):
            if half == "torch" and entry["name"] in halves["core"]:
                continue  # the torch catalog holds everything
            rooms[entry["room"]].append(entry)
        stem = "_generated" if half == "core" else "_generated_torch"
        for room, entries in sorted(rooms.items()):
            mine = {o["record"] for e in entries for o in e["options"] if o["record"]}
            text, names = room_code(room, half, entries, catalog.make, frozenset(mine & seen[room]))
            seen[room] |= mine
            out[PACKAGE / room / f"{stem}.py"] = formatted(text)
            index[room].update({name: stem for name in names})
    body = "\n".join(
        f"    {room!r}: {{" + ", ".join(f"{n!r}: {s!r}" for n, s in sorted(names.items())) + "},"
        for room, names in sorted(index.items())
    )
    text = HEADER.format(doc="Which generated file holds a name, room by room.")
    text += f"\nINDEX: dict[str, dict[str, str]] = {{\n{body}\n}}\n"
    out[PACKAGE / "_index.py"] = formatted(text)
    return out


def main(arguments: list[str]) -> int:
    wrong = []
    for path, text in files().items():
        if path.exists() and path.read_text() == text:
            continue
        wrong.append(path.relative_to(ROOT).as_posix())
        if "--check" not in arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    if "--check" in arguments and wrong:
        print(f"generate: expected {', '.join(wrong)} as in the catalog (run `make generate`)")
        return 1
    print(f"generate: {len(wrong)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
