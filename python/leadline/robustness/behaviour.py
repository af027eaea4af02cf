"""Tests of behaviour that people write down, one syntax for tables, images and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np

from leadline import _core
from leadline._core import (
    Dataset,
    Decoding,
    Finding,
    Inputs,
    Model,
    Prompt,
    SubjectInfo,
    TextModel,
)
from leadline.evaluation import evaluate

__all__ = [
    "Expectation",
    "Expectations",
    "TextClassifier",
    "edit",
    "expectations",
    "fill_template",
    "on_rows",
    "on_text",
    "text_rows",
    "texts_of",
]

Parts = tuple[Any, Any, Any]  # inputs, to which rows it applies or None, target or None


@dataclass(frozen=True)
class Change:
    """A change of a batch, as `edit`, `on_rows` and `on_text` make it."""

    apply: Callable[[np.ndarray, np.ndarray, int, Sequence[str]], Parts]

    def __call__(self, x: Any, ids: Any, key: int, features: Sequence[str]) -> Parts:
        return self.apply(np.asarray(x), np.asarray(ids), key, features)


def _generator(key: int, sample: int) -> np.random.Generator:
    return np.random.default_rng([key, int(sample)])


def edit(column: int | str, change: Callable[[Any], Any]) -> Change:
    """Changes a column of a table, by its position or its name in `feature_names`.

    Args:
        column: which.
        change: from the values of the column [n] to new ones.

    Example:
        >>> import leadline, numpy
        >>> rb = leadline.robustness
        >>> data = leadline.Dataset(numpy.zeros((40, 2)), feature_names=["age", "income"])
        >>> raised = rb.Expectation("more income", "direction", rb.edit("income", lambda v: v + 1),
        ...                         of_class=1)
        >>> model = lambda x: numpy.stack([-x[:, 1], x[:, 1]], 1)
        >>> rb.expectations(model, data, [raised], output="logits")["n_not_met"].value
        0.0
    """

    def apply(x: np.ndarray, ids: np.ndarray, key: int, features: Sequence[str]) -> Parts:
        if isinstance(column, str) and column not in features:
            raise _core.ValueError(
                "edit",
                "a column of the data",
                f"'{column}'",
                f"use one of {', '.join(features)}"
                if features
                else "name the columns with feature_names=",
            )
        k = list(features).index(column) if isinstance(column, str) else column
        out = np.array(x)
        out[:, k] = change(out[:, k])
        return out, None, None

    return Change(apply)


def on_rows(change: Callable[[np.ndarray, np.random.Generator], Any]) -> Change:
    """Changes row by row, with random numbers that depend on (seed, test, sample) alone.

    Args:
        change: (row, generator) -> the new row, or None where the test does not apply.
    """

    def apply(x: np.ndarray, ids: np.ndarray, key: int, features: Sequence[str]) -> Parts:
        rows = [change(np.array(row), _generator(key, i)) for row, i in zip(x, ids, strict=True)]
        for row in rows:
            if row is not None and np.shape(row) != x.shape[1:]:
                raise _core.ShapeError(
                    "on_rows",
                    f"a row of the shape {x.shape[1:]}",
                    f"{np.shape(row)}",
                    "return the row as long as it came, or None where the test does not apply",
                )
        applies = [row is not None for row in rows]
        out = np.stack([x[k] if row is None else row for k, row in enumerate(rows)])
        return out.astype(x.dtype, copy=False), applies, None

    return Change(apply)


def on_text(change: Callable[[str, np.random.Generator], str | None]) -> Change:
    """Changes texts of `text_rows`, one by one.

    Args:
        change: (text, generator) -> the new text, or None where the test does not apply.
    """

    def apply(x: np.ndarray, ids: np.ndarray, key: int, features: Sequence[str]) -> Parts:
        texts = texts_of(x)
        new = [change(text, _generator(key, i)) for text, i in zip(texts, ids, strict=True)]
        applies = [text is not None for text in new]
        kept = [old if text is None else text for old, text in zip(texts, new, strict=True)]
        return text_rows(kept), applies, None

    return Change(apply)


def _whole_batch(change: Callable[[np.ndarray], Any]) -> Change:
    def apply(x: np.ndarray, ids: np.ndarray, key: int, features: Sequence[str]) -> Parts:
        changed = change(np.array(x))
        if changed is None:
            raise _core.TypeError(
                "Expectation.change",
                "the changed inputs",
                "None",
                "return them; use on_rows where a test does not apply to all",
            )
        return changed, None, None

    return Change(apply)


@dataclass(frozen=True)
class Expectation:
    """One test of behaviour.

    Args:
        name: of its own; appears as `failure_rate{test=...}`.
        kind: "minimum_function": the label given must be the answer; "invariance": the change must not
            change the answer; "direction": it must not lower (raise) the score of a class.
        change: `edit`, `on_rows`, `on_text`, or a function from inputs [n, ...] to inputs; None: the
            inputs as they are (minimum_function).
        cases: fixed inputs in place of the test data: a Dataset or (x, y).
        tolerance: in probability; invariance with 0: the answer itself must stay. For a model of values
            in its units.
        expect: "not_fall" or "not_rise" (direction).
        of_class: whose score is watched; None: of the class answered before.
        max_failure_rate: what the verdict compares with.
    """

    name: str
    kind: Literal["minimum_function", "invariance", "direction"] = "invariance"
    change: Callable[..., Any] | None = None
    cases: Any = None
    tolerance: float = 0.0
    expect: Literal["not_fall", "not_rise"] = "not_fall"
    of_class: int | None = None
    max_failure_rate: float = 0.05

    def _fields(self) -> dict[str, Any]:
        if self.change is not None and not callable(self.change):
            raise _core.TypeError(
                f"Expectation['{self.name}']",
                "a change that can be called",
                type(self.change).__name__,
                "pass a function of a batch, or edit, on_rows, on_text",
            )
        out = {f.name: getattr(self, f.name) for f in fields(self)}
        if self.change is not None and not isinstance(self.change, Change):
            out["change"] = _whole_batch(self.change)
        if self.cases is not None and not isinstance(self.cases, Dataset):
            out["cases"] = (
                Dataset(*self.cases) if isinstance(self.cases, tuple) else Dataset(self.cases)
            )
        return out


class Expectations(_core.Expectations):
    """The probe of a list of tests, for a suite.

    Args:
        tests: `Expectation` each.
        min_samples: fewer rows to which a test applies fail a check.
        version: of the changes: part of the run identity.

    Raises:
        leadline.ValueError: no test, a name twice, a test without a change.
    """

    def __init__(
        self, tests: Iterable[Expectation], *, min_samples: int = 30, version: str = ""
    ) -> None:
        if isinstance(tests, Expectation) or not isinstance(tests, Iterable):
            raise _core.TypeError(
                "Expectations", "a list of Expectation", type(tests).__name__, "put it in a list"
            )
        given = list(tests)
        for test in given:
            if not isinstance(test, Expectation):
                raise _core.TypeError(
                    "Expectations",
                    "a list of Expectation",
                    f"one with a {type(test).__name__}",
                    'write each as Expectation("name", change=...)',
                )
        super().__init__(
            [test._fields() for test in given], min_samples=min_samples, version=version
        )


def expectations(
    model: Any,
    data: Any,
    tests: Iterable[Expectation],
    *,
    min_samples: int = 30,
    **options: Any,
) -> Finding:
    """Runs tests of behaviour and gives their finding.

    Args:
        model, data: as for `evaluate`.
        tests: `Expectation` each.
        min_samples: fewer rows to which a test applies fail a check.
        options: of `evaluate`: seed, batch_size, level, output, ...

    Example:
        >>> import leadline, numpy
        >>> rb = leadline.robustness
        >>> texts = rb.fill_template("a {mood} day for {who}", mood=["good", "bad"],
        ...                          who=[f"friend {k}" for k in range(20)])
        >>> reads = rb.TextClassifier(lambda texts: [int("good" in t.lower()) for t in texts])
        >>> found = rb.expectations(reads, leadline.Dataset(rb.text_rows(texts)),
        ...     [rb.Expectation("capitals", change=rb.on_text(lambda text, rng: text.upper()))])
        >>> found["failure_rate{test=capitals}"].value
        0.0
    """
    probe = Expectations(tests, min_samples=min_samples)
    return evaluate(model, data, suite=probe, **{"progress": False, **options}).findings[0]


def text_rows(texts: Sequence[str]) -> np.ndarray:
    """Texts as rows of UTF-8 bytes [n, longest], padded with zeros: inputs of a `TextClassifier`.

    Example:
        >>> from leadline.robustness import text_rows, texts_of
        >>> texts_of(text_rows(["one", "three"]))
        ['one', 'three']
    """
    rows: np.ndarray = _core.text_rows(list(texts))
    return rows


def texts_of(rows: Any) -> list[str]:
    """The texts behind `text_rows`."""
    return _core.texts_of(rows)


def fill_template(pattern: str, **slots: Sequence[str]) -> list[str]:
    """Every text that `pattern` gives when each {slot} takes each of its words.

    Example:
        >>> from leadline.robustness import fill_template
        >>> fill_template("a {what} day", what=["good", "bad"])
        ['a good day', 'a bad day']
    """
    return _core.fill_template(pattern, {name: list(words) for name, words in slots.items()})


def _labels_of(
    model: TextModel, label: Callable[[str], int] | None
) -> Callable[[list[str]], list[int]]:
    """A function of texts that asks a text model and reads a label from each answer."""
    if label is None:
        raise _core.TypeError(
            "TextClassifier",
            "label, a function of an answer",
            "none",
            "say how a label is read from an answer of the text model",
        )

    def ask(texts: list[str]) -> list[int]:
        prompts = [Prompt(id=i, user=text) for i, text in enumerate(texts)]
        labels = []
        for answer in model.generate(prompts, Decoding()):
            error = "" if isinstance(answer, str) else answer.error
            if error:
                raise _core.DataError(
                    "TextClassifier.forward",
                    "an answer to every prompt",
                    error,
                    "make the text model retry",
                )
            labels.append(label(answer if isinstance(answer, str) else answer.text))
        return labels

    return ask


class TextClassifier(Model):
    """A model on texts behind rows of bytes (`text_rows`).

    Args:
        function: from a list of texts to labels [n], or to scores [n, classes]; or a
            `leadline.TextModel`, whose answers `label` reads.
        output: what it gives: "labels", "probabilities", "logits" or "values".
        name: for the report.
        label: from an answer of the text model to a label.
    """

    def __init__(
        self,
        function: Callable[[list[str]], Any] | TextModel,
        *,
        output: Literal["labels", "probabilities", "logits", "values"] = "labels",
        name: str | None = None,
        label: Callable[[str], int] | None = None,
    ) -> None:
        super().__init__()
        if isinstance(function, TextModel):
            name = name or type(function).__name__
            function = _labels_of(function, label)
        self._function = function
        self._output = output
        self._name = name or getattr(function, "__name__", type(function).__name__)

    def info(self) -> SubjectInfo:
        """Name, access and output."""
        access = ["labels"] if self._output == "labels" else ["labels", "outputs"]
        return SubjectInfo(name=self._name, backend="texts", access=access, output=self._output)

    def forward(self, inputs: Inputs, taps: Sequence[str] = ()) -> Any:
        """Decodes the rows and calls the function."""
        return np.asarray(self._function(texts_of(inputs.primary)))
