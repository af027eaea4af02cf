"""compare(): two models, or two stored runs, on the same samples."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from leadline import _core
from leadline._core import CancelToken, Dataset, Metric, ModelComparison, Report, Subject
from leadline._progress import Callback, progress_display
from leadline.evaluation import _as_dataset, _interruptible, _provenance
from leadline.models import as_model

__all__ = ["compare", "compare_many"]


def _subject(model: Any, data: Dataset, output: str | None) -> Subject:
    if isinstance(model, Subject):
        return model
    return as_model(model, output=output, arrays=data.array_kind)


def _report(run: Any) -> Report | None:
    """A stored run: a `Report`, or the path of a report.json or a run directory; else None."""
    if isinstance(run, Report):
        return run
    if not isinstance(run, (str, os.PathLike)):
        return None
    path = os.fspath(run)
    if os.path.isdir(path):
        path = os.path.join(path, "report.json")
    return Report.load(path) if path.endswith(".json") else None


def _metrics(metrics: Iterable[Metric | str]) -> list[Metric]:
    from leadline.catalogs import make

    made: list[Metric] = []
    for given in metrics:
        metric = make(given) if isinstance(given, str) else given
        if not isinstance(metric, Metric):
            raise _core.TypeError(
                "compare",
                "metrics= as metrics or their names",
                f"the probe '{given}'" if isinstance(given, str) else type(given).__name__,
                "leadline.catalog() says which entries are metrics",
            )
        made.append(metric)
    return made


def compare(
    a: Any,
    b: Any,
    data: Any = None,
    *,
    margin: float | None = None,
    metric: str = "",
    metrics: Iterable[Metric | str] = (),
    slices: Iterable[str] | None = None,
    min_slice: int = 20,
    test: str = "mid_p",
    replicates: int = 1000,
    bins: int = 15,
    history: str | os.PathLike[str] | None = None,
    names: tuple[str, str] | None = None,
    seed: int = 0,
    batch_size: int = 128,
    level: float = 0.95,
    output: str | None = None,
    progress: bool | Callback = True,
    title: str | None = None,
) -> ModelComparison:
    """Says whether model `b` is better, worse or as good as model `a`, and on which samples they differ.

    Two models are run over `data` in one pass, on the same batches. Two stored runs (a `Report`, the path
    of a `report.json` or a run directory) are joined by sample id; `data` then only gives the pictures.

    Args:
        a: the first model, the one in use: as `as_model` takes it, or a stored run.
        b: the second model, the candidate.
        data: a `leadline.Dataset`, or (x, y).
        margin: how much worse `b` may be on `metric`, declared before looking; with it the verdict may be
            "equivalent" (not worse by the margin or more).
        metric: what decides, a metric of the finding "task": default accuracy (numbers: mae).
        metrics: further metrics or their catalog names, each by a paired bootstrap.
        slices: columns of the data's table to test by group; default all with at most 64 values.
        min_slice: groups with fewer samples are not tested.
        test: p-value of paired decisions, McNemar "mid_p" or "exact".
        replicates: of the paired bootstrap.
        bins: of confidence, for the calibration of both.
        history: file of a nightly gate, made where it is missing: "worse" is then only said on evidence
            that keeps its error rate over all nights together.
        names: of both, for the report.
        seed: of the bootstrap and the reading order.
        batch_size: samples a forward.
        level: of the intervals; 1 - level is the risk of the tests.
        output: what the models' numbers are, when they do not know: "logits", "probabilities", ...
        progress: True shows a bar where a person looks; a callable gets (stage, done, total, seconds).
        title: of the report.

    Returns:
        A `ModelComparison`: `.verdict`, `.why`, `.flips`, `["task.accuracy"].difference`, `.report`.

    Raises:
        leadline.ValueError: the runs hold other samples, labels or data; an option out of range.
        leadline.StoreError: a stored run without results by sample.

    Example:
        >>> import leadline, numpy
        >>> x = numpy.linspace(-1, 1, 400).reshape(400, 1); y = (x[:, 0] > 0).astype(int)
        >>> new = lambda x: (x[:, 0] > 0.2).astype(int)
        >>> old = lambda x: (x[:, 0] > 0.01).astype(int)
        >>> found = leadline.compare(old, new, (x, y), margin=0.01, output="labels", progress=False)
        >>> found.verdict, len(found.flips.worse)
        ('worse', 38)
    """
    options: dict[str, Any] = {
        "margin": margin,
        "metric": metric,
        "metrics": _metrics(metrics),
        "slices": list(slices or []),
        "min_slice": min_slice,
        "test": test,
        "replicates": replicates,
        "bins": bins,
        "history": "" if history is None else os.fspath(history),
        "names": list(names or ("", "")),
        "seed": seed,
        "batch_size": batch_size,
        "level": level,
        "title": title or "",
        "output": output,
        "provenance": _provenance(),
    }
    cancel = CancelToken()
    stored = (_report(a), _report(b))
    source = None if data is None else _as_dataset(data)
    if stored[0] is not None and stored[1] is not None:
        return _core.compare_reports(
            stored[0], stored[1], data=source, options=options, cancel=cancel
        )
    if stored[0] is not None or stored[1] is not None:
        raise _core.TypeError(
            "compare",
            "two models, or two stored runs",
            "one of each",
            "evaluate the model first, then compare the two reports",
        )
    if source is None:
        raise _core.TypeError(
            "compare", "data for two models", "none", "pass compare(model_a, model_b, data)"
        )
    with progress_display(progress) as show, _interruptible(cancel):
        return _core.compare(
            _subject(a, source, output),
            _subject(b, source, output),
            source,
            options=options,
            progress=show,
            cancel=cancel,
        )


def compare_many(
    models: Mapping[str, Any],
    data: Any,
    *,
    test: str = "mid_p",
    seed: int = 0,
    batch_size: int = 128,
    level: float = 0.95,
    output: str | None = None,
    progress: bool | Callback = True,
    title: str | None = None,
) -> Report:
    """Ranks models on the same samples, in one pass: each pair, Friedman, critical difference.

    Args:
        models: name -> model, at least two.
        data: a `leadline.Dataset`, or (x, y).
        test: McNemar "mid_p" or "exact"; Holm over all pairs.
        seed: of sign flips and the reading order.
        batch_size: samples a forward.
        level: of the intervals.
        output: what the models' numbers are, when they do not know.
        progress: True shows a bar where a person looks.
        title: of the report.

    Returns:
        A `Report` with the findings `ranking` and `pairs`.

    Example:
        >>> import leadline, numpy
        >>> x = numpy.linspace(-1, 1, 400).reshape(400, 1); y = (x[:, 0] > 0).astype(int)
        >>> nets = {f"cut {c}": lambda x, c=c: (x[:, 0] > c).astype(int) for c in (0.0, 0.01, 0.3)}
        >>> report = leadline.compare_many(nets, (x, y), output="labels", progress=False)
        >>> print(report.finding("ranking").headline)
        'cut 0.0' comes first, but cut 0.01 is not separated from it.
    """
    source = _as_dataset(data)
    cancel = CancelToken()
    options = {
        "test": test,
        "seed": seed,
        "batch_size": batch_size,
        "level": level,
        "output": output,
        "title": title or "",
        "provenance": _provenance(),
    }
    subjects = [(name, _subject(model, source, output)) for name, model in models.items()]
    with progress_display(progress) as show, _interruptible(cancel):
        return _core.compare_many(subjects, source, options=options, progress=show, cancel=cancel)
