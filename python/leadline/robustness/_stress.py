"""Stress as functions, transformations of one's own, and the probe in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from leadline import _core
from leadline._core import Finding
from leadline.robustness._corruptions import _like

__all__ = ["apply_stress", "stress", "stress_text", "text_transformations", "transformation_stress"]

Transformation = Callable[[np.ndarray, np.ndarray, float, int], Any]


def apply_stress(
    inputs: Any,
    name: str,
    severity: float,
    *,
    seed: int = 0,
    ids: Any = None,
    bounds: tuple[float, float] | None = None,
    means: Iterable[float] = (),
    spreads: Iterable[float] = (),
) -> Any:
    """The inputs under one kind of stress; the same for any batch and order.

    Args:
        inputs: rows [n, d], series [n, t] or [n, t, c], images, or texts as `text_rows`, as the kind
            needs.
        name: a kind: "missing_values", "unit_errors", "shift", "outliers", "swapped_columns";
            "dropouts", "noise", "clock_drift"; "resolution", "compression", "dead_pixels",
            "stuck_rows", "lost_channel"; "typos", "letter_case", "whitespace", "lookalikes".
        severity: in [0, 5]; 0 gives the inputs back.
        seed: of what is drawn.
        ids: stable ids of the samples; default: 0 .. n - 1.
        bounds: range of pixels; rows and series are clipped to it.
        means: of the columns; default: of the inputs given.
        spreads: standard deviations of the columns, likewise.

    Example:
        >>> import leadline, numpy
        >>> rows = numpy.zeros((1, 4))
        >>> abs(leadline.robustness.apply_stress(rows, "shift", 1, means=[0] * 4, spreads=[1] * 4))
        array([[0.1, 0.1, 0.1, 0.1]])
    """
    changed = _core.apply_stress(
        inputs, name, severity, ids, seed, bounds, list(means), list(spreads)
    )
    return _like(inputs, changed)


def stress_text(
    texts: Sequence[str], name: str, severity: float, *, seed: int = 0, ids: Any = None
) -> list[str]:
    """The texts with errors of one kind; the same for any batch and order.

    Args:
        texts: of any language; only ASCII letters and spaces are touched.
        name: "typos", "letter_case", "whitespace", "lookalikes".
        severity: in [0, 5]: each letter or gap is touched with probability 0.04 times it.
        seed: of what is drawn.
        ids: stable ids of the texts; default: 0 .. n - 1.

    Example:
        >>> import leadline
        >>> leadline.robustness.stress_text(["stop the pump"], "letter_case", 0)
        ['stop the pump']
    """
    return _core.stress_text(list(texts), name, severity, ids, seed)


def transformation_stress(
    transformations: Mapping[str, Transformation],
    *,
    severities: Iterable[float] = (1, 3, 5),
    max_samples: int = 0,
) -> _core.Probe:
    """The probe `stress` with changes of one's own.

    Args:
        transformations: name -> function of (inputs, ids, severity, seed) that gives inputs of the same
            shape and dtype, the same ones at severity 0; draw from (seed, name, id) alone.
        severities: in (0, 5].
        max_samples: most samples to visit; 0: all.

    Example:
        >>> import leadline, numpy
        >>> x = numpy.linspace(-1, 1, 60).reshape(60, 1); y = (x[:, 0] > 0).astype(int)
        >>> probe = leadline.robustness.transformation_stress(
        ...     {"drift": lambda x, ids, severity, seed: x + 0.1 * severity}, severities=[1])
        >>> report = leadline.evaluate(lambda x: (x[:, 0] > 0).astype(int), (x, y), suite=probe,
        ...                            output="labels")
        >>> report["stress.accuracy{stress=drift}"].value
        0.95
    """
    named = [(str(name), function) for name, function in transformations.items()]
    return _core.transformation_stress(named, [float(s) for s in severities], max_samples)


def text_transformations(
    texts: Sequence[str], encode: Callable[[list[str]], Any], kinds: Iterable[str] | None = None
) -> dict[str, Transformation]:
    """Text stress for a model of arrays: transformations for `transformation_stress`.

    The data set is to hold `encode(texts)`, so that the ids of its samples number the texts.

    Args:
        texts: of the data set, in its order.
        encode: texts -> the array that the model reads, of one shape for any texts.
        kinds: of `stress_text`; default: all four.

    Example:
        >>> import leadline, numpy
        >>> texts = ["good good", "bad"] * 40
        >>> def encode(texts): return numpy.array([[t.count("good"), t.count("bad")] for t in texts], float)
        >>> data = leadline.Dataset(encode(texts), numpy.array([0, 1] * 40))
        >>> found = leadline.robustness.stress(lambda x: x.argmax(1), data, output="labels",
        ...     transformations=leadline.robustness.text_transformations(texts, encode))
        >>> found["accuracy{stress=typos,severity=5}"].value < 1
        True
    """
    texts = list(texts)
    if kinds is None:
        kinds = ("typos", "letter_case", "whitespace", "lookalikes")

    def one(kind: str) -> Transformation:
        def change(inputs: np.ndarray, ids: np.ndarray, severity: float, seed: int) -> Any:
            chosen = [texts[i] for i in ids]
            changed = stress_text(chosen, kind, severity, seed=seed, ids=ids)
            return np.asarray(encode(changed)).astype(inputs.dtype, copy=False)

        return change

    return {kind: one(kind) for kind in kinds}


def stress(
    model: Any,
    data: Any,
    *,
    stresses: str | Iterable[str] = (),
    transformations: Mapping[str, Transformation] | None = None,
    severities: Iterable[float] = (1, 3, 5),
    max_samples: int = 0,
    seed: int = 0,
    batch_size: int = 128,
    output: str | None = None,
) -> Finding:
    """Accuracy under the damage that inputs suffer in use: one probe, run on its own.

    Args:
        model: as for `leadline.evaluate`; a black box that gives labels will do. A `TextClassifier` or
            `leadline.TextModel` reads texts; of a `TextModel` the share of changed answers is measured.
        data: rows, series [n, t, c], images, or texts as `text_rows` makes them.
        stresses: kinds by name, or families: "table", "series", "image", "text"; default: what fits the
            data.
        transformations: changes of one's own instead, see `transformation_stress`.
        severities: in (0, 5].
        max_samples: most samples to visit; 0: all.
        seed: of what is drawn.
        batch_size: samples a forward.
        output: what the model's numbers are, when it does not know.

    Returns:
        The `Finding`: `found["accuracy{stress=shift}"]`, `found.checks`.

    Example:
        >>> import leadline, numpy
        >>> x = numpy.random.default_rng(0).normal(size=(100, 3)); y = (x[:, 0] > 0).astype(int)
        >>> found = leadline.robustness.stress(lambda x: (x[:, 0] > 0).astype(int), (x, y), output="labels")
        >>> found["clean_accuracy"].value
        1.0
        >>> rb = leadline.robustness
        >>> model = rb.TextClassifier(lambda texts: [int("open" in t) for t in texts])
        >>> orders = leadline.Dataset(rb.text_rows(["open it", "shut it"] * 40), [1, 0] * 40)
        >>> rb.stress(model, orders)["accuracy{stress=letter_case,severity=5}"].value < 1
        True
    """
    from leadline.evaluation import evaluate

    levels = [float(s) for s in severities]
    if transformations is not None:
        probe = transformation_stress(transformations, severities=levels, max_samples=max_samples)
    else:
        from leadline.robustness import Stress

        names = [stresses] if isinstance(stresses, str) else list(stresses)
        probe = Stress(stresses=names, severities=levels, max_samples=max_samples)
    report = evaluate(
        model,
        data,
        suite=probe,
        seed=seed,
        batch_size=batch_size,
        output=output,
        progress=False,
    )
    return report.finding("stress")
