# Written by scripts/stubs.py: change the bindings, then `make generate`.
"""
The core of leadline: nouns, engine, report. Needs no torch.
"""

from __future__ import annotations

import builtins
import collections.abc
import typing

import numpy
import numpy.typing

__all__: list[str] = [
    "Batch",
    "CancelToken",
    "Cancelled",
    "CapabilityError",
    "Catalog",
    "CatalogMetric",
    "CatalogProbe",
    "Check",
    "Context",
    "Contract",
    "Cost",
    "Curve",
    "DataError",
    "DataInfo",
    "Dataset",
    "Decoding",
    "Error",
    "Estimate",
    "Exhibit",
    "Finding",
    "Flag",
    "FunctionModel",
    "Grid",
    "Inputs",
    "Law",
    "MAX_EXHIBITS",
    "Metric",
    "MetricInfo",
    "Model",
    "Named",
    "Outputs",
    "PassNeeds",
    "Policy",
    "PolicyRecord",
    "Predictions",
    "Probe",
    "ProbeInfo",
    "ProbeRun",
    "Prompt",
    "Remedy",
    "Report",
    "Requirement",
    "Response",
    "Rng",
    "Rows",
    "SampleTable",
    "Series",
    "Session",
    "ShapeError",
    "StoreError",
    "Subject",
    "SubjectInfo",
    "Suite",
    "Table",
    "TableBlock",
    "Tensor",
    "TextModel",
    "TypeError",
    "ValueError",
    "Verdict",
    "catalog",
    "catalog_json",
    "check_dataset",
    "check_metric",
    "check_model",
    "check_probe",
    "data_info",
    "evaluate",
    "merge_shards",
    "metrics_probe",
]

class Error(Exception):
    """Base of everything leadline raises on purpose."""

    where: str
    expected: str
    got: str
    remedy: str
    def __init__(
        self, where: str, expected: str | None = None, got: str = "", remedy: str = ""
    ) -> None: ...

class ValueError(Error, builtins.ValueError): ...
class TypeError(Error, builtins.TypeError): ...
class ShapeError(Error, builtins.ValueError): ...
class CapabilityError(Error, builtins.NotImplementedError): ...
class DataError(Error, builtins.ValueError): ...
class StoreError(Error, builtins.OSError): ...
class Cancelled(Error): ...

class Tensor:
    """
    An immutable handle on an array of any dtype on any device.

    `numpy.asarray(t)`, `t.numpy()` and `torch.from_dlpack(t)` read it without a copy.
    """
    def __array__(self, dtype: typing.Any = None, copy: typing.Any = None) -> typing.Any: ...
    def __dlpack__(self, **kwargs: typing.Any) -> typing.Any:
        """
        For `from_dlpack` of NumPy, torch, JAX.
        """
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __init__(self, array: typing.Any) -> None:
        """
        Takes NumPy, torch, anything with `__dlpack__`, or nested lists.
        """
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    def numpy(self) -> typing.Any:
        """
        A read-only NumPy view; bfloat16 as float32, devices copied.
        """
    @property
    def device(self) -> str: ...
    @property
    def dtype(self) -> str: ...
    @property
    def shape(self) -> tuple[typing.Any, ...]: ...

class Estimate:
    """
    One claim with its uncertainty.

    `value` raises `ValueError` when `status` is not "ok": an undefined value cannot be read by
    accident.

    Example:
        >>> import leadline
        >>> e = leadline.Estimate.rate(90, 100)
        >>> e.value, e.n, e.status, e.method
        (0.9, 100, 'ok', 'wilson')
    """
    @staticmethod
    def absent(status: str, why: str, n: int = 0) -> Estimate:
        """
        No value, with the reason.
        """
    @staticmethod
    def of(value: float, n: int, why_no_interval: str = "") -> Estimate:
        """
        A value with no interval, and why.
        """
    @staticmethod
    def rate(successes: int, n: int, method: str = "wilson", level: float = 0.95) -> Estimate:
        """
        `successes` of `n` with a 'wilson', 'clopper_pearson' or 'jeffreys' interval.
        """
    @staticmethod
    def with_interval(
        value: float, lower: float, upper: float, n: int, method: str, level: float = 0.95
    ) -> Estimate:
        """
        A value with an interval made by `method` (C++: `Estimate::with`).
        """
    def __eq__(self, arg0: typing.Any) -> bool: ...
    def __getstate__(self) -> typing.Any: ...
    def __hash__(self) -> int: ...
    def __init__(self) -> None:
        """
        An empty estimate: nothing was seen.
        """
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def __str__(self) -> str: ...
    def _repr_html_(self) -> str: ...
    def with_fact(self, name: str, value: float) -> Estimate:
        """
        A copy with one more fact.
        """
    @property
    def error_bound(self) -> float:
        """
        Numerical: |value - exact value| is at most this.
        """
    @property
    def facts(self) -> dict[str, float]: ...
    @property
    def level(self) -> float:
        """
        Of the interval, e.g. 0.95.
        """
    @property
    def lower(self) -> float | None: ...
    @property
    def method(self) -> str:
        """
        How the interval was made.
        """
    @property
    def n(self) -> int:
        """
        Samples behind the value.
        """
    @property
    def ok(self) -> bool: ...
    @property
    def status(self) -> str: ...
    @property
    def upper(self) -> float | None: ...
    @property
    def value(self) -> float:
        """
        The value. Raises ValueError when `status` is not 'ok'.
        """
    @property
    def why(self) -> str:
        """
        Why there is no value, or no interval.
        """

class Named:
    """
    An estimate as it stands in a finding.
    """
    def __repr__(self) -> str: ...
    @property
    def better(self) -> str: ...
    @property
    def estimate(self) -> Estimate: ...
    @property
    def label(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...

class Check:
    """
    A probe's test of its own validity.
    """
    def __init__(
        self,
        name: str,
        result: str,
        *,
        why: str = "",
        remedy: str = "",
        applies_to: collections.abc.Sequence[str] = ["*"],
        evidence: Estimate = ...,
        p_value: float | None = None,
    ) -> None: ...
    def __repr__(self) -> str: ...
    @property
    def applies_to(self) -> list[str]: ...
    @property
    def evidence(self) -> Estimate: ...
    @property
    def name(self) -> str: ...
    @property
    def p_value(self) -> float | None: ...
    @property
    def remedy(self) -> str: ...
    @property
    def result(self) -> str: ...
    @property
    def why(self) -> str: ...

class Flag:
    """
    A sample that a person should look at.
    """
    def __init__(self, id: int, reason: str, severity: float = 0.0) -> None: ...
    @property
    def id(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def severity(self) -> float: ...

class Remedy:
    """
    A next step: in words, and as the call or page that takes it.
    """
    def __init__(self, text: str, call: str = "") -> None: ...
    @property
    def call(self) -> str: ...
    @property
    def text(self) -> str: ...

class Cost:
    """
    What a probe cost: seconds, rows forward and backward.
    """
    @property
    def backwards(self) -> int: ...
    @property
    def forwards(self) -> int: ...
    @property
    def peak_bytes(self) -> int: ...
    @property
    def seconds(self) -> float: ...

class Series:
    """
    One line of a Curve.
    """
    def __init__(
        self,
        name: str,
        x: collections.abc.Sequence[float],
        y: collections.abc.Sequence[float],
        *,
        lower: collections.abc.Sequence[float] = [],
        upper: collections.abc.Sequence[float] = [],
        style: str = "line",
    ) -> None: ...
    @property
    def lower(self) -> list[float]: ...
    @property
    def name(self) -> str: ...
    @property
    def upper(self) -> list[float]: ...
    @property
    def x(self) -> list[float]: ...
    @property
    def y(self) -> list[float]: ...

class Curve:
    """
    One or more lines over a common x, with bands.
    """
    def __init__(
        self,
        title: str,
        series: collections.abc.Sequence[Series],
        *,
        x_label: str = "",
        y_label: str = "",
        note: str = "",
        log_x: bool = False,
        diagonal: bool = False,
        level: float = 0.95,
    ) -> None: ...
    @property
    def note(self) -> str: ...
    @property
    def series(self) -> list[Series]: ...
    @property
    def title(self) -> str: ...
    @property
    def x_label(self) -> str: ...
    @property
    def y_label(self) -> str: ...

class Grid:
    """
    A matrix: confusion counts or a heat map.
    """
    def __init__(
        self,
        title: str,
        row_names: collections.abc.Sequence[str],
        col_names: collections.abc.Sequence[str],
        values: collections.abc.Sequence[float],
        *,
        row_label: str = "",
        col_label: str = "",
        note: str = "",
        counts: bool = False,
    ) -> None: ...
    @property
    def col_names(self) -> list[str]: ...
    @property
    def row_names(self) -> list[str]: ...
    @property
    def title(self) -> str: ...
    @property
    def values(self) -> numpy.typing.NDArray[numpy.float64]: ...

class TableBlock:
    """
    A small table of facts.
    """
    def __init__(
        self,
        title: str,
        columns: collections.abc.Sequence[str],
        rows: collections.abc.Sequence[
            collections.abc.Sequence[None | int | float | str | Estimate]
        ],
        *,
        note: str = "",
    ) -> None: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def note(self) -> str: ...
    @property
    def rows(self) -> list[list[None | int | float | str | Estimate]]: ...
    @property
    def title(self) -> str: ...

class Exhibit:
    """
    One sample shown to a person.
    """
    def __init__(
        self,
        id: int,
        *,
        kind: str = "image",
        title: str = "",
        caption: str = "",
        images: collections.abc.Sequence[typing.Any] = [],
        labels: collections.abc.Sequence[str] = [],
        overlay: collections.abc.Sequence[float] = [],
        values: collections.abc.Sequence[str] = [],
        severity: float = 0.0,
    ) -> None: ...
    @property
    def caption(self) -> str: ...
    @property
    def id(self) -> int: ...
    @property
    def images(self) -> list[typing.Any]: ...
    @property
    def labels(self) -> list[str]: ...
    @property
    def overlay(self) -> list[float]: ...
    @property
    def severity(self) -> float: ...
    @property
    def title(self) -> str: ...
    @property
    def values(self) -> list[str]: ...

class Finding:
    """
    The answer of one probe, made of a closed set of blocks.

    Example:
        >>> import leadline
        >>> f = leadline.Finding(headline="All is well")
        >>> _ = f.add("share", leadline.Estimate.rate(3, 4), better="higher")
        >>> f["share"].value
        0.75
    """

    consequence: str
    headline: str
    @staticmethod
    def from_json(json: str) -> Finding: ...
    def __getitem__(self, arg0: str) -> Estimate: ...
    def __init__(
        self, *, headline: str = "", consequence: str = "", status: str = "ok", why: str = ""
    ) -> None: ...
    def __repr__(self) -> str: ...
    def add(
        self,
        name: str,
        estimate: Estimate,
        *,
        better: str = "neither",
        label: str = "",
        unit: str = "",
    ) -> Named:
        """
        Appends an estimate. Raises ValueError on a duplicate name.
        """
    def add_block(self, block: Curve | Grid | TableBlock | Exhibit) -> None:
        """
        A Curve, Grid, TableBlock or Exhibit.
        """
    def add_check(self, check: Check) -> None: ...
    def add_flag(self, flag: Flag) -> None: ...
    def add_remedy(self, remedy: Remedy) -> None: ...
    def doubts(self, name: str) -> list[Check]:
        """
        The failed checks that cover an estimate.
        """
    def to_json(self) -> str: ...
    def warn(self, text: str) -> None: ...
    @property
    def blocks(self) -> list[Curve | Grid | TableBlock | Exhibit]: ...
    @blocks.setter
    def blocks(
        self, arg0: collections.abc.Sequence[Curve | Grid | TableBlock | Exhibit]
    ) -> None: ...
    @property
    def checks(self) -> list[Check]: ...
    @checks.setter
    def checks(self, arg0: collections.abc.Sequence[Check]) -> None: ...
    @property
    def cost(self) -> Cost: ...
    @property
    def estimates(self) -> list[Named]: ...
    @property
    def flags(self) -> list[Flag]: ...
    @flags.setter
    def flags(self, arg0: collections.abc.Sequence[Flag]) -> None: ...
    @property
    def kind(self) -> str:
        """
        Catalog name of the probe.
        """
    @property
    def options(self) -> list[tuple[str, str]]: ...
    @property
    def probe(self) -> str:
        """
        Id, unique in the suite.
        """
    @property
    def question(self) -> str: ...
    @property
    def remedies(self) -> list[Remedy]: ...
    @remedies.setter
    def remedies(self, arg0: collections.abc.Sequence[Remedy]) -> None: ...
    @property
    def status(self) -> str: ...
    @property
    def warnings(self) -> list[str]: ...
    @warnings.setter
    def warnings(self, arg0: collections.abc.Sequence[str]) -> None: ...
    @property
    def why(self) -> str: ...

class Requirement:
    """
    A limit on one estimate.
    """
    def __repr__(self) -> str: ...
    @property
    def comparison(self) -> str: ...
    @property
    def estimate(self) -> str: ...
    @property
    def limit(self) -> float: ...
    @property
    def name(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def slice(self) -> str: ...

class Verdict:
    """
    How a requirement came out.
    """
    def __repr__(self) -> str: ...
    @property
    def estimate(self) -> Estimate | None: ...
    @property
    def more_samples(self) -> int | None:
        """
        About how many further samples would decide, or None.
        """
    @property
    def outcome(self) -> str: ...
    @property
    def requirement(self) -> Requirement: ...
    @property
    def why(self) -> str: ...

class PolicyRecord:
    """
    The limits a report was judged by.
    """
    @property
    def hash(self) -> str: ...
    @property
    def locked_at(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def timing(self) -> str: ...

class Report:
    """
    Provenance, findings and verdicts: all that is saved.

    `report["task.accuracy"]` gives an `Estimate` by its full name; `save` writes HTML, JSON or
    Markdown by the ending of the path.
    """
    @staticmethod
    def from_json(json: str) -> Report: ...
    @staticmethod
    def load(path: typing.Any) -> Report: ...
    def __contains__(self, arg0: str) -> bool: ...
    def __getitem__(self, arg0: str) -> Estimate: ...
    def __getstate__(self) -> str: ...
    def __iter__(self) -> collections.abc.Iterator[typing.Any]: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: str) -> None: ...
    def __str__(self) -> str: ...
    def _repr_html_(self) -> typing.Any: ...
    def doubts(self, name: str) -> list[Check]:
        """
        The failed checks that cover an estimate.
        """
    def fact(self, key: str) -> str:
        """
        A fact of the provenance, '' when absent.
        """
    def finding(self, probe_id: str) -> Finding: ...
    def save(self, path: typing.Any) -> None:
        """
        Writes .html, .json or .md, atomically. Raises StoreError.
        """
    def summary(self) -> str:
        """
        A screenful for a terminal: verdicts, then one sentence a question.
        """
    def to_dict(self) -> typing.Any: ...
    def to_json(self, indent: int = 1) -> str: ...
    def to_markdown(self) -> str: ...
    @property
    def created(self) -> str:
        """
        UTC, ISO 8601.
        """
    @property
    def estimates(self) -> dict[str, typing.Any]:
        """
        Full name -> Estimate.
        """
    @property
    def findings(self) -> list[Finding]: ...
    @property
    def kind(self) -> str: ...
    @property
    def partial(self) -> bool:
        """
        Cancelled, out of time, or a shard missing.
        """
    @property
    def partial_why(self) -> str: ...
    @property
    def policy(self) -> PolicyRecord | None: ...
    @property
    def provenance(self) -> dict[str, typing.Any]: ...
    @property
    def schema(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def verdicts(self) -> list[Verdict]: ...

class Policy:
    """
    Named limits on estimates, lockable before the first look.

    Example:
        >>> import leadline
        >>> policy = leadline.Policy("release gate").require("task.accuracy", at_least=0.9)
        >>> print(len(policy.requirements), policy.locked)
        1 False
    """
    @staticmethod
    def from_toml(text: str, where: str = "policy") -> Policy: ...
    @staticmethod
    def load(path: typing.Any) -> Policy: ...
    def __init__(self, name: str = "policy") -> None: ...
    def __repr__(self) -> str: ...
    def judge(self, report: Report) -> list[Verdict]:
        """
        One verdict a requirement.
        """
    def lock(self, time: str = "") -> typing.Any:
        """
        Fixes hash and time (UTC).
        """
    def require(self, estimate: str, **kwargs: typing.Any) -> typing.Any:
        """
        Adds a requirement: one of at_least, at_most, above, below; slice, name, reason.
        """
    def save(self, path: typing.Any) -> None: ...
    def to_toml(self) -> str: ...
    @property
    def hash(self) -> str: ...
    @property
    def locked(self) -> bool: ...
    @property
    def locked_at(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def requirements(self) -> list[Requirement]: ...

class Table:
    """
    Named, typed columns by sample.

    Example:
        >>> import leadline
        >>> t = leadline.Table({"age": [31.0, 52.0], "sex": ["f", "m"]})
        >>> t.names, len(t)
        (['age', 'sex'], 2)
    """
    def __contains__(self, arg0: str) -> bool: ...
    def __getitem__(self, arg0: str) -> typing.Any: ...
    def __init__(self, columns: typing.Any) -> None:
        """
        From a dict[str, typing.Any] of columns or a pandas DataFrame.
        """
    def __len__(self) -> int: ...
    def take(self, positions: typing.Any) -> Table: ...
    def text(self, name: str, row: int) -> str: ...
    @property
    def names(self) -> list[str]: ...

class Inputs:
    """
    What a model reads: a primary array and named extras.
    """
    def __array__(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any: ...
    def __init__(self, primary: typing.Any, extras: dict[str, typing.Any] = {}) -> None: ...
    def __len__(self) -> int: ...
    @property
    def extras(self) -> dict[str, typing.Any]: ...
    @property
    def primary(self) -> Tensor: ...

class Batch:
    """
    Samples with their ids.
    """
    def __init__(
        self,
        ids: typing.Any,
        inputs: typing.Any,
        target: typing.Any = None,
        table: typing.Any = None,
    ) -> None: ...
    def __len__(self) -> int: ...
    @property
    def ids(self) -> typing.Any: ...
    @property
    def inputs(self) -> Inputs: ...
    @property
    def table(self) -> Table: ...
    @property
    def target(self) -> typing.Any: ...
    @property
    def x(self) -> typing.Any:
        """
        The primary input as a NumPy array.
        """

class DataInfo:
    """
    Static facts of a data set.
    """
    def __init__(self, **kwargs: typing.Any) -> None: ...
    @property
    def bounds(self) -> tuple[float, float] | None: ...
    @property
    def class_names(self) -> list[str]: ...
    @property
    def feature_names(self) -> list[str]: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def modality(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def random_access(self) -> bool: ...
    @property
    def size(self) -> int | None:
        """
        Number of samples; None for an uncounted stream.
        """

class _Reader:
    def __iter__(self) -> typing.Any: ...
    def __next__(self) -> Batch: ...

class Dataset:
    """
    Samples with stable ids.

    `Dataset(x, y, ...)` takes NumPy arrays, torch tensors, a pandas DataFrame, a torch `Dataset` or
    `DataLoader`, or the path of a .npz file; see `leadline.data.make_dataset` for every option.
    Subclass it for your own source: define `info()` and `batch(ids)`, or `open(first)` for a stream.

    Example:
        >>> import leadline, numpy
        >>> data = leadline.Dataset(numpy.zeros((4, 3)), [0, 1, 0, 1], class_names=["no", "yes"])
        >>> len(data), data.info().class_names
        (4, ['no', 'yes'])
    """
    def __init__(self, *args: typing.Any, **kwargs: typing.Any) -> None: ...
    def __len__(self) -> int: ...
    def batch(self, ids: typing.Any) -> Batch:
        """
        The samples `ids`, in this order.
        """
    def info(self) -> DataInfo: ...
    def open(self, first: int = 0, batch_size: int = 128) -> collections.abc.Iterator[Batch]:
        """
        Batches from sample `first` on.
        """
    @property
    def array_kind(self) -> str: ...

class SubjectInfo:
    """
    Static facts of a model.
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        """
        Fields: name, backend, digest, access ('labels, outputs'), output, layers, device.
        """
    @property
    def access(self) -> str: ...
    @property
    def backend(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def layers(self) -> list[str]: ...
    @property
    def name(self) -> str: ...
    @property
    def output(self) -> str: ...

class Outputs:
    """
    What a model gives: an array, named extras, activations.
    """
    def __init__(
        self, output: typing.Any, extras: typing.Any = {}, activations: typing.Any = {}
    ) -> None: ...
    @property
    def activations(self) -> dict[str, typing.Any]: ...
    @property
    def extras(self) -> dict[str, typing.Any]: ...
    @property
    def output(self) -> Tensor: ...

class Subject:
    """
    What is evaluated.
    """
    def info(self) -> SubjectInfo: ...

class Model(Subject):
    """
    Arrays to arrays: subclass it.

    Define `info()` (a dict[str, typing.Any] of `SubjectInfo` fields) and `forward(inputs, taps)`; optionally
    `pullback(inputs, taps)` (gradients from elsewhere), `weight(name)` and `hold()` (a context manager
    around a run).

    Example:
        >>> import leadline, numpy
        >>> class Always(leadline.Model):
        ...     def info(self):
        ...         return {"name": "always zero", "output": "probabilities"}
        ...     def forward(self, inputs, taps):
        ...         return numpy.tile([1.0, 0.0], (len(inputs), 1))
        >>> Always().forward(leadline.Inputs(numpy.zeros((2, 3))), []).shape
        (2, 2)
    """
    def __init__(self) -> None: ...
    def forward(self, inputs: typing.Any, taps: collections.abc.Sequence[str] = []) -> Outputs: ...
    def weight(self, name: str) -> Tensor: ...

class Prompt:
    """
    One question to a text model.
    """
    def __init__(self, id: int, user: str, system: str = "") -> None: ...
    @property
    def id(self) -> int: ...
    @property
    def system(self) -> str: ...
    @property
    def user(self) -> str: ...

class Response:
    """
    One answer; `error` says why there is none.
    """
    def __init__(self, id: int, text: str, stop: str = "end", error: str = "") -> None: ...
    @property
    def error(self) -> str: ...
    @property
    def id(self) -> int: ...
    @property
    def stop(self) -> str: ...
    @property
    def text(self) -> str: ...

class Decoding:
    """
    How answers are drawn.
    """
    def __init__(
        self, *, temperature: float = 0.0, max_tokens: int = 512, seed: int = 0
    ) -> None: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def temperature(self) -> float: ...

class TextModel(Subject):
    """
    Text to text: subclass it with `info()` and `generate(prompts, decoding)`.
    """
    def __init__(self) -> None: ...
    def generate(
        self, prompts: collections.abc.Sequence[Prompt], decoding: Decoding = ...
    ) -> list[Response]: ...

class FunctionModel(Model):
    """
    A model from any callable on NumPy arrays.

    Keywords are the fields of `SubjectInfo`: `output="probabilities"`, `name=...`.
    """
    def __init__(
        self, function: collections.abc.Callable[..., typing.Any], **kwargs: typing.Any
    ) -> None: ...

class Rows:
    """
    One batch of columns: what a metric reads.

    Example:
        >>> import leadline, numpy
        >>> rows = leadline.Rows(scores=numpy.eye(2), target=numpy.array([0, 1]))
        >>> len(rows), rows.names
        (2, ['scores', 'target'])
    """
    def __contains__(self, arg0: str) -> bool: ...
    def __getitem__(self, arg0: str) -> typing.Any: ...
    def __init__(
        self, ids: typing.Any = None, weights: typing.Any = None, **kwargs: typing.Any
    ) -> None: ...
    def __len__(self) -> int: ...
    @property
    def ids(self) -> typing.Any: ...
    @property
    def names(self) -> list[str]: ...
    @property
    def weights(self) -> numpy.typing.NDArray[numpy.float64]: ...

class MetricInfo:
    """
    Static facts of a metric.
    """
    def __init__(self, **kwargs: typing.Any) -> None: ...
    @property
    def better(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def range(self) -> tuple[float, float]: ...
    @property
    def reads(self) -> list[str]: ...
    @property
    def unit(self) -> str: ...

class Metric:
    """
    Folds rows into a claim: a commutative monoid.

    Subclass it with `info()`, `update(rows)`, `merge(other)` and `compute()`. `save`, `load` and `fresh`
    have defaults: the state is JSON of `state_dict()` (by default every public attribute that is not an
    argument of `__init__`), never a pickle.
    """
    def __init__(self) -> None: ...
    def compute(self) -> Estimate:
        """
        The headline claim.
        """
    def describe(self, prefix: str = "") -> Finding:
        """
        A Finding with everything: per class, curves, matrices.
        """
    def fresh(self) -> Metric:
        """
        Same options, nothing seen.
        """
    def info(self) -> MetricInfo: ...
    def load(self, state: str) -> None: ...
    def merge(self, other: Metric) -> None:
        """
        Adds the state of another metric of the same kind and options.
        """
    def save(self) -> str:
        """
        The state as text.
        """
    def update(self, rows: Rows) -> None: ...

class CatalogMetric(Metric):
    """
    A metric of the catalog.
    """
    def __init__(self, catalog: Catalog, name: str, options: dict[str, typing.Any]) -> None: ...
    def update(self, *args: typing.Any, **kwargs: typing.Any) -> None:
        """
        Reads arrays in the order of `info().reads`, or by name; `ids=`, `weights=` optional.
        """

class Rng:
    """
    Random numbers that depend on (seed, stream, id) and nothing else.

    Example:
        >>> import leadline
        >>> a, b = leadline.Rng(0, "noise", 7), leadline.Rng(0, "noise", 7)
        >>> a.uniform() == b.uniform()
        True
    """
    def __init__(self, seed: int, stream: str = "", id: int = 0, extra: int = 0) -> None: ...
    def below(self, n: int) -> int:
        """
        An integer in [0, n).
        """
    def bernoulli(self, p: float) -> bool: ...
    def normal(self, n: int | None = None) -> typing.Any:
        """
        One standard normal number, or an array of `n`.
        """
    def uniform(self, n: int | None = None) -> typing.Any:
        """
        One number in [0, 1), or an array of `n`.
        """

class SampleTable:
    """
    Per-sample results by id.
    """
    def __len__(self) -> int: ...
    def get(self, column: str, id: int) -> float | None: ...
    def has(self, column: str) -> bool: ...
    def put(
        self, column: str, ids: typing.Any, values: collections.abc.Sequence[float]
    ) -> None: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def ids(self) -> typing.Any: ...

class Session:
    """
    One run's services, as a probe sees them.

    Lent for the call: keep what you read from it, not the object.
    """
    def checkpoint(self, run: ProbeRun) -> None: ...
    def count_backwards(self, rows: int) -> None: ...
    def count_forwards(self, rows: int) -> None: ...
    def data(self, role: str = "test") -> typing.Any: ...
    def has(self, role: str) -> bool: ...
    def ids(self, role: str = "test") -> typing.Any:
        """
        Ids of this shard in keyed random order.
        """
    def progress(self, done: int, total: int) -> None: ...
    def rng(self, stream: str, id: int) -> Rng:
        """
        Rng of (seed, probe id + stream, id).
        """
    @property
    def batch_size(self) -> int: ...
    @property
    def level(self) -> float: ...
    @property
    def output_kind(self) -> str: ...
    @property
    def probe_id(self) -> str: ...
    @property
    def roles(self) -> list[str]: ...
    @property
    def seed(self) -> int: ...
    @property
    def stop_reason(self) -> str: ...
    @property
    def stopping(self) -> bool: ...
    @property
    def subject(self) -> Subject:
        """
        The Model or TextModel under evaluation.
        """
    @property
    def table(self) -> SampleTable:
        """
        Per-sample results of the test role.
        """

class Predictions:
    """
    Decisions of one batch; None where there are none.
    """
    @property
    def confidence(self) -> typing.Any: ...
    @property
    def correct(self) -> typing.Any: ...
    @property
    def label(self) -> typing.Any: ...
    @property
    def loss(self) -> typing.Any: ...
    @property
    def n(self) -> int: ...
    @property
    def n_classes(self) -> int: ...
    @property
    def probabilities(self) -> typing.Any: ...
    @property
    def scores(self) -> typing.Any: ...
    @property
    def target(self) -> typing.Any: ...

class Context:
    """
    One batch of a pass; what is computed on it is shared.

    Lent for the call: keep what you read from it, not the object.
    """
    def activation(self, layer: str) -> Tensor: ...
    def outputs(self) -> Outputs:
        """
        Runs the model on first use.
        """
    def predictions(self) -> Predictions:
        """
        Classification only.
        """
    def rows(self) -> dict[str, typing.Any]:
        """
        Columns for metrics, name -> array.
        """
    @property
    def batch(self) -> Batch: ...
    @property
    def kind(self) -> str: ...
    @property
    def session(self) -> Session: ...

class PassNeeds:
    """
    What one pass over a role needs.
    """
    def __init__(self, over: str = "test", layers: collections.abc.Sequence[str] = []) -> None: ...
    @property
    def layers(self) -> list[str]: ...
    @property
    def over(self) -> str: ...

class ProbeInfo:
    """
    Static facts of a probe.
    """
    def __init__(self, **kwargs: typing.Any) -> None: ...
    @property
    def access(self) -> str: ...
    @property
    def alternative(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def needs_random_access(self) -> bool: ...
    @property
    def needs_target(self) -> bool: ...
    @property
    def question(self) -> str: ...
    @property
    def relative_cost(self) -> float: ...
    @property
    def roles(self) -> list[str]: ...
    @property
    def shards(self) -> bool: ...

class ProbeRun:
    """
    The state of one probe in one run.

    Subclass it: `next_pass()` gives a role or None, `observe(context)` reads a batch, `work(session)` is
    for loops of its own, `merge(other)` adds a shard, `finish(session)` gives the Finding. `save` and
    `load` have defaults over `state_dict()`.
    """
    def __init__(self) -> None: ...
    def load(self, state: str) -> None: ...
    def merge(self, other: ProbeRun) -> None: ...
    def next_pass(self) -> PassNeeds | None: ...
    def save(self) -> str: ...

class Probe:
    """
    An immutable recipe that answers one safety question.

    Subclass it with `info()` (a dict[str, typing.Any] of `ProbeInfo` fields) and `start(session)`, which returns a fresh
    `ProbeRun`.
    """
    def __init__(self) -> None: ...
    def info(self) -> ProbeInfo: ...
    def options(self) -> dict[str, typing.Any]: ...

class CatalogProbe(Probe):
    """
    A probe of the catalog.
    """
    def __init__(self, catalog: Catalog, name: str, options: dict[str, typing.Any]) -> None: ...
    @property
    def _inner(self) -> Probe: ...

class Catalog:
    """
    A list[typing.Any] of entries with look-up by name or alias.
    """
    def __contains__(self, arg0: str) -> bool: ...
    def __len__(self) -> int: ...
    def make(self, name: str, options: dict[str, typing.Any] = {}) -> typing.Any:
        """
        A metric or probe by catalog name.
        """
    def names(self) -> list[str]: ...
    def to_json(self) -> str: ...

class CancelToken:
    """
    Shared flag: the holder requests, the run polls.
    """
    def __init__(self) -> None: ...
    def cancel(self) -> None: ...
    @property
    def cancelled(self) -> bool: ...

class Suite:
    """
    An ordered set of probes with unique ids.

    Example:
        >>> import leadline
        >>> suite = leadline.Suite("mine")
        >>> suite.name, suite.ids
        ('mine', [])
    """
    @staticmethod
    def named(name: str, modality: str, catalog: Catalog) -> Suite: ...
    def __init__(self, name: str = "custom") -> None: ...
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    def add(self, probe: Probe, id: str = "") -> typing.Any:
        """
        `id` defaults to the catalog name.
        """
    def add_missing(self, id: str, why: str) -> typing.Any: ...
    @property
    def ids(self) -> list[str]: ...
    @property
    def missing(self) -> list[str]: ...
    @property
    def name(self) -> str: ...

class Law:
    """
    One law of a contract, and what was seen when it broke.
    """
    def __repr__(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def held(self) -> bool: ...
    @property
    def name(self) -> str: ...

class Contract:
    """
    Which laws held and which broke.
    """
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    def require(self) -> None:
        """
        Raises ValueError that lists every broken law.
        """
    @property
    def laws(self) -> list[Law]: ...
    @property
    def ok(self) -> bool: ...
    @property
    def subject(self) -> str: ...

def _rebuild_error(cls: type, text: str, state: typing.Any) -> Error: ...
def _tensor_dataset(
    inputs: typing.Any,
    target: typing.Any,
    *,
    table: typing.Any = None,
    name: str = "data",
    modality: str | None = None,
    class_names: collections.abc.Sequence[str] = [],
    bounds: tuple[float, float] | None = None,
    feature_names: collections.abc.Sequence[str] = [],
) -> Dataset: ...
def catalog() -> Catalog:
    """
    Everything in leadline::core.
    """

def catalog_json() -> str: ...
def check_dataset(data: Dataset) -> Contract: ...
def check_metric(metric: Metric) -> Contract: ...
def check_model(model: Model, example: typing.Any) -> Contract: ...
def check_probe(
    probe: Probe,
    subject: Subject,
    data: Dataset,
    *,
    also: dict[str, typing.Any] = {},
    timed: bool = False,
    relative_tolerance: float = 1e-09,
) -> Contract: ...
def data_info(data: Dataset) -> DataInfo: ...
def evaluate(
    subject: Subject,
    data: Dataset,
    suite: Suite,
    *,
    also: dict[str, typing.Any] = {},
    seed: int = 0,
    batch_size: int = 128,
    level: float = 0.95,
    time_budget: float | None = None,
    out: str = "",
    checkpoint_seconds: float = 30.0,
    shard: tuple[int, int] = (0, 1),
    policy: typing.Any = None,
    title: str = "",
    progress: typing.Any = None,
    cancel: CancelToken = ...,
    provenance: dict[str, typing.Any] = {},
    output: str = "unknown",
) -> Report: ...
def merge_shards(
    subject: Subject,
    data: Dataset,
    suite: Suite,
    directories: collections.abc.Sequence[str],
    *,
    also: dict[str, typing.Any] = {},
    seed: int = 0,
    batch_size: int = 128,
    level: float = 0.95,
    time_budget: float | None = None,
    out: str = "",
    checkpoint_seconds: float = 30.0,
    shard: tuple[int, int] = (0, 1),
    policy: typing.Any = None,
    title: str = "",
    progress: typing.Any = None,
    cancel: CancelToken = ...,
    provenance: dict[str, typing.Any] = {},
    output: str = "unknown",
) -> Report: ...
def metrics_probe(metrics: collections.abc.Sequence[Metric], name: str = "") -> Probe:
    """
    A probe over metrics; `name` is its default id.
    """

MAX_EXHIBITS: int = 24
__torch_version__: str = "2.13.0+cpu"
__version__: str = "0.1.0"
