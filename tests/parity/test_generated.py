"""The Python classes are those of the C++ catalog: names, options, defaults, docs."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import pickle
from pathlib import Path

import pytest

import leadline

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = json.loads(leadline.catalogs.full_catalog().to_json())


def cls(entry):
    return getattr(importlib.import_module(f"leadline.{entry['room']}"), entry["type_name"])


def test_generated_files_are_what_the_generator_writes():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "scripts/generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for path, text in generate.files().items():
        assert path.read_text() == text, f"{path.name}: run `make generate`"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e["name"])
def test_a_class_has_the_options_of_its_entry(entry):
    made = cls(entry)
    parameters = dict(inspect.signature(made.__init__).parameters)
    parameters.pop("self")
    records = {o["record"] for o in entry["options"] if o["record"]}
    parts = {"Transfer": {"surrogate"}}.get(entry["type_name"], set())  # objects, no options
    assert set(parameters) == {o["name"] for o in entry["options"]} | records | parts
    # A record may be given by position: Pgd(threat, steps=20).
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values() if p.name not in records)
    for option in entry["options"]:
        default = parameters[option["name"]].default
        default = list(default) if isinstance(default, tuple) else default
        assert default == option["default"] and option["name"] in made.__doc__
        assert option["doc"].split()[0] in made.__doc__


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e["name"])
def test_a_class_makes_prints_and_pickles(entry):
    one = cls(entry)()
    assert repr(one) == f"{entry['type_name']}()"
    assert pickle.loads(pickle.dumps(one)).get_options() == one.get_options()
    assert one.info().name == entry["name"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e["name"])
def test_aliases_lead_to_the_same_entry(entry):
    for name in [entry["name"], *entry["aliases"]]:
        assert leadline.catalogs.make(name).info().name == entry["name"]
