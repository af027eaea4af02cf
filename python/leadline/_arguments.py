"""Arguments that a function does not have, refused in four parts with the nearest name it has."""

from __future__ import annotations

import functools
import inspect
import operator
import os
from collections.abc import Callable
from typing import Any, TypeVar

from leadline import _core

F = TypeVar("F", bound=Callable[..., Any])


def checked_call(function: F, who: str = "") -> F:
    """`function`, whose misspelt, missing or misplaced arguments are a `leadline.TypeError`.

    Args:
        function: takes no `**kwargs`.
        who: the name in messages; default: that of the function.

    Example:
        >>> from leadline._arguments import checked_call
        >>> @checked_call
        ... def area(*, width=1.0, height=1.0): return width * height
        >>> area(widht=2.0)
        Traceback (most recent call last):
        ...
        leadline.TypeError: area: expected one of width, height, got option 'widht' (did you mean 'width'?)
    """
    parameters = inspect.signature(function).parameters
    places = [n for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    required = [n for n in places if parameters[n].default is inspect.Parameter.empty]
    names = set(parameters)
    least, most = len(required), len(places)
    owed = {
        n
        for n, p in parameters.items()
        if p.kind is p.KEYWORD_ONLY and p.default is inspect.Parameter.empty
    }

    @functools.wraps(function)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        if not (
            least <= len(arguments) <= most and names.issuperset(options) and owed.issubset(options)
        ):
            name = who or function.__name__
            _refuse(name, list(parameters), places, [*required, *owed], arguments, options)
        return function(*arguments, **options)

    return wrapper  # type: ignore[return-value]


def _refuse(
    who: str,
    names: list[str],
    places: list[str],
    required: list[str],
    arguments: tuple[Any, ...],
    options: dict[str, Any],
) -> None:
    """Raises for the first thing wrong; returns when arguments were given by name, all of them."""
    own = places[0] == "self" if places else False
    known = [n for n in names if n != "self"]
    for option in options:
        if option in names:
            continue
        nearest = _core.nearest_name(option, known)
        raise _core.TypeError(
            who,
            f"one of {', '.join(known)}" if known else "no options",
            f"option '{option}'",
            f"did you mean '{nearest}'?" if nearest else "drop it",
        )
    if len(arguments) > len(places):
        keywords = [n for n in known if n not in places]
        count = len(places) - own
        raise _core.TypeError(
            who,
            "options by name" if count == 0 else f"{', '.join(places[own:])}, and options by name",
            f"{shown(arguments[len(places)])} without a name",
            "write " + " or ".join(f"{k}=..." for k in keywords[:5]) if keywords else "drop it",
        )
    given = {*places[: len(arguments)], *options}
    missing = [n for n in required if n not in given]
    if missing:
        raise _core.TypeError(
            who, ", ".join(required[own:]), f"no {' and no '.join(missing)}", "pass every one"
        )


def whole(who: str, name: str, value: Any, least: int) -> int:
    """`value` as an int of at least `least`."""
    try:
        found = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        found = None
    if found is None or not least <= found < 2**63:
        kind = _core.TypeError if found is None else _core.ValueError
        raise kind(
            who, f"{name} to be an int of at least {least}", shown(value), f"write {name}={least}"
        )
    return found


def number(who: str, name: str, value: Any, example: str) -> float:
    """`value` as a float."""
    try:
        return float(operator.pos(value))
    except (TypeError, ValueError):
        raise _core.TypeError(
            who, f"{name} to be a number", shown(value), f"write {name}={example}"
        ) from None


def path(who: str, name: str, value: Any) -> str:
    """`value` as a path."""
    try:
        return str(os.fspath(value))
    except TypeError:
        raise _core.TypeError(
            who, f"{name} to be a path", shown(value), "pass a text or a pathlib.Path"
        ) from None


def shown(value: Any) -> str:
    """A value for a message: its type, and itself where that is short."""
    text = repr(value)
    kind = type(value).__name__
    return f"{kind} {text}" if len(text) <= 40 and isinstance(value, (int, float, str)) else kind
