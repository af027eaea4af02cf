"""Base classes of what `scripts/generate.py` writes: repr, pickling and records for catalog entries."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import numpy as np

from leadline import _core
from leadline._arguments import checked_call

F = TypeVar("F", bound=Callable[..., None])


def catalog_of(half: str) -> _core.Catalog:
    """The catalog of "core" or "torch"."""
    if half == "core":
        return _core.catalog()
    from leadline._load import torch_half

    return torch_half().catalog()  # type: ignore[no-any-return]


def either(record: str, kind: type[Record], fields: tuple[str, ...]) -> Callable[[F], F]:
    """Lets `__init__` take a nested record or its fields flat, never both."""

    def decorate(init: F) -> F:
        @functools.wraps(init)
        def wrapper(self: Any, *first: Any, **options: Any) -> None:
            given = first[0] if first else options.pop(record, None)
            if given is not None:
                flat = [name for name in fields if name in options]
                who = type(self).__name__
                if flat:
                    raise _core.ValueError(
                        who,
                        f"{record}= or its fields, not both",
                        f"{record}= and {', '.join(flat)}",
                        f"drop {', '.join(flat)}",
                    )
                if not isinstance(given, kind):
                    raise _core.TypeError(
                        who, f"{record} to be a {kind.__name__}", type(given).__name__, "pass one"
                    )
                options.update(given.as_dict())
            init(self, **options)

        return wrapper  # type: ignore[return-value]

    return decorate


def _check_calls(cls: type[Any], mark: str) -> None:
    """Lets the `__init__` of a generated class (the one that sets `mark`) refuse what it lacks."""
    if mark in vars(cls) and "__init__" in vars(cls):
        cls.__init__ = checked_call(vars(cls)["__init__"], cls.__name__)


class Record:
    """A nested record of options, e.g. a threat: immutable, keyword-only, compared by value."""

    _fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _check_calls(cls, "_fields")

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Field name -> value."""
        return {name: getattr(self, name) for name in self._fields}

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((type(self), tuple(map(repr, self.as_dict().values()))))

    def __repr__(self) -> str:
        body = ", ".join(f"{name}={value!r}" for name, value in self.as_dict().items())
        return f"{type(self).__name__}({body})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), self.as_dict(), None)


def _remake(cls: type[Any], options: dict[str, Any], state: str | None) -> Any:
    made = cls(**options)
    if state is not None:
        made.load(state)
    return made


class _Made:
    _half: ClassVar[str]
    _name: ClassVar[str]
    _options: dict[str, Any]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _check_calls(cls, "_name")

    def get_options(self) -> dict[str, Any]:
        """The options it was made with, defaults included."""
        return dict(self._options)

    def __repr__(self) -> str:
        parameters = inspect.signature(type(self).__init__).parameters
        changed = [
            f"{name}={value!r}"
            for name, value in self._options.items()
            if name not in parameters or parameters[name].default != value
        ]
        return f"{type(self).__name__}({', '.join(changed)})"


class CatalogMetric(_Made, _core.CatalogMetric):
    """A metric of the catalog."""

    def __init__(self, **options: Any) -> None:
        if not isinstance(options.get("multioutput", ""), str):  # weights, as in scikit-learn
            weights = [float(w) for w in options["multioutput"]]
            options |= {"multioutput": "uniform_average", "output_weights": weights}
        if np.ndim(options.get("cost", 0)) == 2:  # a matrix [true, decided], row by row
            options |= {"cost": np.asarray(options["cost"], float).ravel().tolist()}
        self._options = options
        _core.CatalogMetric.__init__(self, catalog_of(self._half), self._name, options)

    def fresh(self) -> CatalogMetric:
        """Same options, nothing seen."""
        return type(self)(**self._options)

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), self._options, self.save())


class CatalogProbe(_Made, _core.CatalogProbe):
    """A probe of the catalog."""

    def __init__(self, **options: Any) -> None:
        self._options = options
        _core.CatalogProbe.__init__(self, catalog_of(self._half), self._name, options)

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), self._options, None)


def once(metric: CatalogMetric, *arrays: Any, **named: Any) -> _core.Estimate:
    """What the function twins do: one update, one answer."""
    metric.update(*arrays, **named)
    return metric.compute()
