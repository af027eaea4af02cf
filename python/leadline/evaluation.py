"""evaluate(): one pass over the data, every question answered in one report."""

from __future__ import annotations

import os
import platform
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from leadline import _core
from leadline._arguments import checked_call, number, path, shown, whole
from leadline._core import CancelToken, Dataset, Policy, Report, Subject, Suite
from leadline._progress import Callback, progress_display
from leadline.models import as_model

__all__ = ["evaluate", "make_suite", "merge_shards"]


@contextmanager
def _interruptible(cancel: CancelToken) -> Iterator[None]:
    """The first Ctrl-C ends the run with a partial report, the second one raises KeyboardInterrupt,
    wherever it strikes: exceptions in a probe or a model would end that probe only.

    Only in the main thread, and only where Python's own handler is in place: a program with a handler
    of its own keeps it.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    again = False

    def stop(number: int, frame: Any) -> None:
        nonlocal again
        if cancel.cancelled:
            again = True
            raise KeyboardInterrupt
        cancel.cancel()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
        if again:
            raise KeyboardInterrupt
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _as_dataset(data: Any) -> Dataset:
    if isinstance(data, Dataset):
        return data
    if not isinstance(data, tuple):
        return Dataset(data)
    if len(data) != 2:
        raise _core.TypeError(
            "evaluate",
            "data as a leadline.Dataset or (x, y)",
            f"a tuple of {len(data)}",
            "give what belongs to the samples as table=: Dataset(x, y, table={...})",
        )
    return Dataset(*data)


def _policy(policy: Any) -> Policy | None:
    if policy is None or isinstance(policy, Policy):
        return policy
    return Policy.load(path("evaluate", "policy", policy))


def make_suite(
    suite: Any, modality: str = "image", *, torch: bool | None = None, groups: bool = False
) -> Suite:
    """A suite from its name, from probes, or from names of probes and metrics.

    Args:
        suite: "quick", "standard" or "deep"; a `Suite`; a probe; a list of probes, metrics and catalog
            names; a dict id -> probe.
        modality: which suite of that name.
        groups: whether the data name groups: "standard" and "deep" then ask whether they are treated
            alike.

    Example:
        >>> import leadline
        >>> leadline.evaluation.make_suite([leadline.metrics.F1()]).ids
        ['f1']
    """
    from leadline.catalogs import full_catalog

    if isinstance(suite, Suite):
        return suite
    if isinstance(suite, str) and suite in ("quick", "standard", "deep"):
        made = Suite.named(suite, modality, full_catalog(torch))
        if groups and suite != "quick":
            made.add(_probe("fairness"), "fairness")
        return made
    named: Iterable[tuple[str, Any]]
    if isinstance(suite, Mapping):
        named = suite.items()
    elif isinstance(suite, (list, tuple)):
        named = (("", probe) for probe in suite)
    else:
        named = [("", suite)]
    out = Suite("custom")
    for key, probe in named:
        out.add(_probe(probe), key)
    return out


def _suite_for(suite: Any, data: Dataset) -> Suite:
    """What `evaluate` runs: `make_suite` for these data, which are looked at only where their groups
    change the suite, and with a list of probes the checks of `attach`: numbers of inputs outside their
    bounds, or of a softmax taken for logits, look like any other."""
    asks = isinstance(suite, str) and suite in ("standard", "deep")
    groups = asks and _has_groups(data)
    modality = _core.data_info(data).modality
    made = make_suite(suite, modality, groups=groups)
    listed = isinstance(suite, (list, tuple, Mapping))
    if listed and modality != "text" and "attach" not in made.ids:
        made.add(_probe("attach"), "attach")
    return made


def _has_groups(data: Dataset) -> bool:
    """Whether the first samples carry a table with a column of texts."""
    info = _core.data_info(data)
    if not info.random_access or not info.size:
        return False
    # Through the base class: a subclass's own `batch` may give a tuple.
    table = _core.Dataset.batch(data, list(range(min(32, info.size)))).table
    return table is not None and any(
        isinstance(value, str) for name in table.names for value in table[name]
    )


def _probe(probe: Any) -> _core.Probe:
    from leadline.catalogs import make

    if isinstance(probe, str):
        _known(probe)
    made = make(probe) if isinstance(probe, str) else probe
    if isinstance(made, _core.Metric):
        return _core.metrics_probe([made])
    if isinstance(made, _core.Probe):
        return made
    hint = f"{made.__name__}()" if isinstance(made, type) else "leadline.catalog() lists them"
    raise _core.TypeError(
        "evaluate",
        "suite to be 'quick', 'standard', 'deep', a Suite, or probes, metrics and their names",
        made.__name__ + " (a class)" if isinstance(made, type) else type(made).__name__,
        f"pass an object, e.g. {hint}" if isinstance(made, type) else hint,
    )


def _known(name: str) -> None:
    """Raises for a name that is neither a suite nor in the catalog."""
    from leadline.catalogs import catalog

    entries = catalog()
    known = [n for e in entries for n in (e["name"], *e["aliases"])]
    if name in known:
        return
    nearest = _core.nearest_name(name, ["quick", "standard", "deep", *known])
    raise _core.ValueError(
        "evaluate",
        "suite to be 'quick', 'standard' or 'deep', or names of probes and metrics",
        f"'{name}'",
        f"did you mean '{nearest}'?" if nearest else "leadline.catalog() lists the names",
    )


def _shard(shard: Any) -> tuple[int, int]:
    if shard is None:
        return 0, 1
    if not isinstance(shard, (tuple, list)) or len(shard) != 2:
        raise _core.TypeError(
            "evaluate", "shard to be (rank, count)", shown(shard), "count ranks from 0: (0, 4)"
        )
    return whole("evaluate", "rank", shard[0], 0), whole("evaluate", "count", shard[1], 1)


def _roles(also: Any) -> dict[str, Dataset]:
    if also is not None and not isinstance(also, Mapping):
        raise _core.TypeError(
            "evaluate", "also to be a dict role -> data", shown(also), "write also={'train': data}"
        )
    return {role: _as_dataset(d) for role, d in (also or {}).items()}


def _provenance() -> dict[str, str]:
    facts = {
        "python.version": platform.python_version(),
        "numpy.version": np.__version__,
        "platform": platform.platform(),
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        facts["torch.version"] = str(torch.__version__)
        facts["torch.threads"] = str(torch.get_num_threads())
    return facts


def _arguments(
    also: Mapping[str, Any] | None,
    seed: Any,
    batch_size: Any,
    level: Any,
    out: Any,
    policy: Any,
    shard: Any,
    title: Any,
) -> dict[str, Any]:
    return {
        "also": _roles(also),
        "seed": whole("evaluate", "seed", seed, 0),
        "batch_size": whole("evaluate", "batch_size", batch_size, 1),
        "level": number("evaluate", "level", level, "0.95"),
        "out": "" if out is None else path("evaluate", "out", out),
        "policy": _policy(policy),
        "shard": _shard(shard),
        "title": "" if title is None else str(title),
        "provenance": _provenance(),
    }


@checked_call
def evaluate(
    model: Any,
    data: Any,
    *,
    suite: Any = "quick",
    also: Mapping[str, Any] | None = None,
    seed: int = 0,
    batch_size: int = 128,
    out: str | os.PathLike[str] | None = None,
    policy: Policy | str | os.PathLike[str] | None = None,
    time_budget: float | None = None,
    progress: bool | Callback = True,
    level: float = 0.95,
    title: str | None = None,
    shard: tuple[int, int] | None = None,
    output: str | None = None,
) -> Report:
    """Measures how far `model` can be trusted on `data`.

    Ctrl-C ends the run and gives the report of what was done (`report.partial`).

    Args:
        model: an `nn.Module`, a callable, a path, an estimator, a `leadline.Model`; see `as_model`.
        data: a `leadline.Dataset`, or (x, y), or what `Dataset` takes.
        suite: "quick", "standard", "deep"; probes, metrics and catalog names in a list or a dict
            id -> probe, to which the checks of `attach` are added; a single one, or a `Suite`, runs
            as it is.
        also: data of further roles: "train", "fit", "calibration", "ood/<name>".
        seed: of everything that is drawn.
        batch_size: samples a forward; results do not depend on it beyond the model's own rounding.
        out: run directory: findings as they finish, states to resume from, the report.
        policy: limits to judge by: a `Policy` or the path of a TOML file.
        time_budget: seconds for the whole run; probes then answer on the samples done.
        progress: True shows a bar where a person looks; a callable gets (stage, done, total, seconds).
        level: of the intervals.
        title: of the report.
        shard: (rank, count): this process does its share; join with `merge_shards`.
        output: what the model's numbers are, when it does not know: "logits", "probabilities",
            "labels", "values".

    Returns:
        The `Report`: `report["task.accuracy"]`, `report.save("report.html")`.

    Example:
        >>> import leadline, numpy
        >>> x = numpy.linspace(-1, 1, 40).reshape(40, 1); y = (x[:, 0] > 0.1).astype(int)
        >>> report = leadline.evaluate(lambda x: (x[:, 0] > 0).astype(int), (x, y),
        ...                            suite=["accuracy"], output="labels")
        >>> report["accuracy.accuracy"].n
        40
    """
    source = _as_dataset(data)
    subject: Subject = (
        model
        if isinstance(model, Subject)
        else as_model(model, output=output, arrays=source.array_kind)
    )
    chosen = _suite_for(suite, source)
    cancel = CancelToken()
    with progress_display(progress) as show, _interruptible(cancel):
        return _core.evaluate(
            subject,
            source,
            chosen,
            time_budget=(
                None
                if time_budget is None
                else number("evaluate", "time_budget", time_budget, "60.0")
            ),
            progress=show,
            cancel=cancel,
            output=output or "unknown",
            **_arguments(also, seed, batch_size, level, out, policy, shard, title),
        )


def _directories(directories: Any) -> list[str]:
    if isinstance(directories, (str, os.PathLike)) or not isinstance(directories, Iterable):
        raise _core.TypeError(
            "merge_shards",
            "a list of run directories",
            shown(directories),
            "pass one of each shard",
        )
    return [path("merge_shards", "a directory", d) for d in directories]


@checked_call
def merge_shards(
    model: Any,
    data: Any,
    directories: Iterable[str | os.PathLike[str]],
    *,
    suite: Any = "quick",
    also: Mapping[str, Any] | None = None,
    seed: int = 0,
    batch_size: int = 128,
    out: str | os.PathLike[str] | None = None,
    policy: Policy | str | os.PathLike[str] | None = None,
    level: float = 0.95,
    title: str | None = None,
    output: str | None = None,
) -> Report:
    """Joins the run directories of all shards of one run and finishes the probes once.

    The arguments are those of the `evaluate` calls that wrote the directories.

    Raises:
        leadline.StoreError: a directory of another run, or samples seen twice.
    """
    source = _as_dataset(data)
    subject: Subject = (
        model
        if isinstance(model, Subject)
        else as_model(model, output=output, arrays=source.array_kind)
    )
    return _core.merge_shards(
        subject,
        source,
        _suite_for(suite, source),
        _directories(directories),
        output=output or "unknown",
        **_arguments(also, seed, batch_size, level, out, policy, None, title),
    )
