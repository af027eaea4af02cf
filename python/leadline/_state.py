"""States of Python metrics and probes as JSON: run directories are untrusted, so never a pickle."""

from __future__ import annotations

import base64
import inspect
import json
import math
from typing import Any

import numpy as np

from leadline import _core

_ARRAY, _FLOAT, _TUPLE = "__array__", "__float__", "__items__"


def _plain(value: Any, where: str) -> Any:
    """`value` as JSON types; arrays as base64, infinities by name."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {_FLOAT: repr(value)}
    if isinstance(value, np.generic):
        return _plain(value.item(), where)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        data = np.ascontiguousarray(value)
        return {
            _ARRAY: data.dtype.str,
            "shape": list(data.shape),
            "data": base64.b64encode(data.tobytes()).decode(),
        }
    if isinstance(value, (list, tuple)):
        items = [_plain(item, where) for item in value]
        return items if isinstance(value, list) else {_TUPLE: items}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item, f"{where}.{key}") for key, item in value.items()}
    raise _core.TypeError(
        where,
        "a state of numbers, texts, lists, dicts and numeric arrays",
        type(value).__name__,
        "define state_dict() and load_state_dict(state) that give and take such values",
    )


def _rich(value: Any) -> Any:
    if isinstance(value, list):
        return [_rich(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _ARRAY in value:
        dtype = np.dtype(value[_ARRAY])
        if dtype.kind not in "biuf":
            raise KeyError(_ARRAY)
        flat = np.frombuffer(base64.b64decode(value["data"], validate=True), dtype=dtype)
        return flat.reshape(value["shape"]).copy()
    if _FLOAT in value:
        return float(value[_FLOAT])
    if _TUPLE in value:
        return tuple(_rich(item) for item in value[_TUPLE])
    return {key: _rich(item) for key, item in value.items()}


def dumps(value: Any) -> str:
    """JSON text of plain values and arrays."""
    return json.dumps(_plain(value, "state"), allow_nan=False, sort_keys=True)


def _arguments(owner: Any) -> list[str]:
    """Names of the constructor's arguments: what an object was made from, not what it has seen."""
    if type(owner).__init__ is object.__init__:
        return []
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    try:
        parameters = inspect.signature(type(owner).__init__).parameters
    except (TypeError, ValueError):  # no Python constructor of its own
        return []
    return [p.name for p in parameters.values() if p.kind in kinds and p.name != "self"]


def options(owner: Any) -> dict[str, Any]:
    """The constructor's arguments, read from the attributes of the same names."""
    return {
        name: getattr(owner, name)
        for name in _arguments(owner)
        if isinstance(getattr(owner, name, None), (bool, int, float, str, list, tuple))
    }


def fresh(owner: Any) -> Any:
    """A new object from the same arguments."""
    arguments = {}
    for name in _arguments(owner):
        if not hasattr(owner, name):
            kind = type(owner).__name__
            raise _core.TypeError(
                f"{kind}.fresh",
                f"attribute '{name}', as the argument of __init__",
                "none",
                f"set self.{name} in __init__, or define fresh()",
            )
        arguments[name] = getattr(owner, name)
    return type(owner)(**arguments)


def state_of(owner: Any) -> dict[str, Any]:
    """`owner.state_dict()`, or its public attributes that are not arguments."""
    if hasattr(owner, "state_dict"):
        return dict(owner.state_dict())
    skip = set(_arguments(owner))
    return {k: v for k, v in vars(owner).items() if not k.startswith("_") and k not in skip}


def save(owner: Any) -> str:
    """The state as text."""
    kind = type(owner).__name__
    body = {
        "type": kind,
        "options": _plain(options(owner), kind),
        "state": _plain(state_of(owner), kind),
    }
    return json.dumps(body, allow_nan=False, sort_keys=True)


def load(owner: Any, text: str) -> None:
    """Puts a saved state back. The state is read whole before anything is changed."""
    kind = type(owner).__name__
    try:
        body = json.loads(text)
        found, made, state = body["type"], body["options"], _rich(body["state"])
        if not isinstance(state, dict):
            raise KeyError("state")
    except Exception as error:
        raise _core.StoreError(
            f"{kind}.load",
            "a state saved by leadline",
            f"{type(error).__name__}: {error}",
            "the file is damaged; delete it to start afresh",
        ) from None
    if found != kind or made != _plain(options(owner), kind):
        raise _core.StoreError(
            f"{kind}.load",
            f"a state of {kind} with equal options",
            f"one of {found} with {made}",
            "load it into an object made in the same way",
        )
    if hasattr(owner, "load_state_dict"):
        owner.load_state_dict(state)
        return
    missing = sorted(set(state_of(owner)) ^ set(state))
    if missing:
        raise _core.StoreError(
            f"{kind}.load",
            "the attributes that this class saves",
            f"a difference in {', '.join(missing)}",
            "the state comes from another version of the class",
        )
    for name, value in state.items():
        setattr(owner, name, value)
