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
    "BernsteinSequence",
    "BettingSequence",
    "CancelToken",
    "Cancelled",
    "CapabilityError",
    "Catalog",
    "CatalogMetric",
    "CatalogProbe",
    "Check",
    "ChiSquareResult",
    "Compared",
    "Context",
    "Contract",
    "Cost",
    "Curve",
    "DataError",
    "DataInfo",
    "Dataset",
    "Decoding",
    "Effect",
    "Ensemble",
    "Error",
    "Estimate",
    "Exhibit",
    "Expectations",
    "FailureSearch",
    "FailureSearchResult",
    "Finding",
    "Flag",
    "Flips",
    "FunctionModel",
    "Gap",
    "Grid",
    "GroupCalibration",
    "GroupCounts",
    "GroupFrame",
    "GroupReport",
    "GroupRow",
    "GroupRule",
    "GroupThresholds",
    "Inputs",
    "Law",
    "MAX_EXHIBITS",
    "Metric",
    "MetricCollection",
    "MetricInfo",
    "MitigationReport",
    "MixtureSequence",
    "Model",
    "ModelComparison",
    "Named",
    "Night",
    "NightlyGate",
    "NormalMixtureSequence",
    "Outputs",
    "PassNeeds",
    "PoissonBootstrap",
    "Policy",
    "PolicyRecord",
    "Predictions",
    "Probe",
    "ProbeInfo",
    "ProbeRun",
    "Prompt",
    "QueryModel",
    "Region",
    "RegionFound",
    "RejectOption",
    "Remedy",
    "Report",
    "Requirement",
    "Response",
    "Reweighing",
    "Rng",
    "Rows",
    "SampleTable",
    "ScoreHistogram",
    "SequentialGate",
    "Series",
    "Session",
    "ShapeError",
    "SliceSearch",
    "SplittingResult",
    "StoreError",
    "Subject",
    "SubjectInfo",
    "Suite",
    "Table",
    "TableBlock",
    "Tensor",
    "TestResult",
    "TextModel",
    "TypeError",
    "Validity",
    "ValueError",
    "Verdict",
    "WeakSlice",
    "acceleration",
    "accuracy_difference",
    "apply_stress",
    "attack",
    "attacked",
    "bca_interval",
    "benefits",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "binomial_test",
    "bootstrap_mean",
    "bootstrap_paired_difference",
    "bootstrap_rate",
    "catalog",
    "catalog_json",
    "check_dataset",
    "check_metric",
    "check_model",
    "check_probe",
    "chi_square_goodness_test",
    "chi_square_test",
    "cliff_delta",
    "cohen_d",
    "cohen_h",
    "compare",
    "compare_many",
    "compare_mitigations",
    "compare_reports",
    "consistency",
    "corrupt",
    "corruption_names",
    "corruption_parameters",
    "cost_curve",
    "cramer_v",
    "data_info",
    "decision_curve",
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "difference_interval",
    "differential_fairness",
    "disagreement",
    "draws_needed",
    "e_benjamini_hochberg",
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "evaluate",
    "exact_coverage",
    "exact_coverage_paired",
    "fill_template",
    "find_weak_slices",
    "fisher_exact_test",
    "from_vnnlib",
    "generalization_gap",
    "generalized_entropy",
    "hedges_g",
    "holm",
    "interval_is_valid_here",
    "largest_radius",
    "learning_curve",
    "mann_whitney_test",
    "mcnemar_test",
    "mean_difference_interval",
    "mean_interval",
    "mean_interval_is_valid_here",
    "merge_shards",
    "metrics_probe",
    "monte_carlo",
    "n_to_decide",
    "nearest_name",
    "never_event_samples",
    "never_events",
    "odds_ratio",
    "operating_point",
    "paired_difference",
    "paired_e_value",
    "pareto_front",
    "percentile_interval",
    "permutation_test",
    "perturb",
    "power_auroc",
    "power_difference",
    "power_equivalence_paired",
    "power_mcnemar",
    "power_mean",
    "power_non_inferiority",
    "power_non_inferiority_paired",
    "power_proportion",
    "power_two_means",
    "precision_recall_curve",
    "predictive_parity_difference",
    "proportion_interval",
    "quantile_bins",
    "ratio_interval",
    "resample",
    "roc_curve",
    "sample_size_auroc",
    "sample_size_difference",
    "sample_size_equivalence_paired",
    "sample_size_mcnemar",
    "sample_size_mean",
    "sample_size_non_inferiority",
    "sample_size_non_inferiority_paired",
    "sample_size_proportion",
    "sample_size_two_means",
    "search_failures",
    "sign_flip_test",
    "smoothing_certify",
    "smoothing_predict",
    "splitting",
    "stress_text",
    "t_test",
    "text_rows",
    "texts_of",
    "to_vnnlib",
    "transformation_stress",
    "universal_perturbation",
    "unpaired_difference",
    "wilcoxon_test",
    "worst_group_accuracy",
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
    def _repr_html_(self) -> typing.Any: ...
    @typing.overload
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
    @typing.overload
    def add(self, arg0: str, arg1: typing.Any, **kwargs: typing.Any) -> None: ...
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
    def save(self, path: typing.Any) -> None:
        """
        Writes .html with its plots, or .json, atomically. Raises StoreError.
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
    @typing.overload
    def __getitem__(self, arg0: str) -> Estimate: ...
    @typing.overload
    def __getitem__(self, arg0: typing.Any) -> Estimate: ...
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
    def samples(self) -> dict[str, typing.Any]:
        """
        Results by sample: "id" and one NumPy array a column, NaN where absent.

        Raises StoreError when the report has none, or their file is gone.
        """
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
    def __repr__(self) -> str: ...
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
        Fields: name, backend, digest, access ('labels, outputs'), output, layers, device, stochastic (declared to draw random numbers or to mix the samples of a batch).
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
    @property
    def stochastic(self) -> bool: ...

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
    def notes(self) -> list[str]:
        """
        What was noticed about it while it ran, for the report; a subclass may say more.
        """

class Model(Subject):
    """
    Arrays to arrays: subclass it.

    Define `info()` (a dict[str, typing.Any] of `SubjectInfo` fields) and `forward(inputs, taps)`; optionally
    `pullback(inputs, taps)` (gradients from elsewhere), `weight(name)`, `notes()` (what it noticed, for
    the report) and `hold()` (a context manager around a run).

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
    def multiply_adds(self, inputs: typing.Any) -> int | None:
        """
        Multiplications with addition of one forward of one sample, or None.

        Convolutions, matrix products and attention count; operators compiled ahead of time are not seen.
        """
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
        self,
        ids: typing.Any = None,
        weights: typing.Any = None,
        counts: typing.Any = None,
        clusters: typing.Any = None,
        **kwargs: typing.Any,
    ) -> None:
        """
        `weights`: importances; `counts`: how often each row was seen; `clusters`: patient,
        video, prompt, ... of each row, for intervals that respect them.
        """
    def __len__(self) -> int: ...
    @property
    def clusters(self) -> typing.Any: ...
    @property
    def counted(self) -> bool:
        """
        Whether the weights are counts.
        """
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
    @typing.overload
    def merge(self, other: Metric) -> None:
        """
        Adds the state of another metric of the same kind and options.
        """
    @typing.overload
    def merge(self, arg0: typing.Any) -> None: ...
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
        Reads arrays in the order of `info().reads`, or by name.

        Optional: `weights=` importances, `counts=` how often each row was seen, `clusters=`
        integer ids of what rows have in common (the interval respects them), `ids=`.
        """

class MetricCollection:
    """
    Several metrics over the same rows.
    """
    def __init__(self, metrics: typing.Any) -> None: ...
    def at(self, name: str) -> Estimate: ...
    def compute(self) -> dict[str, typing.Any]: ...
    def describe(self, prefix: str = "") -> Finding: ...
    def load(self, state: str) -> None: ...
    def merge(self, other: MetricCollection) -> None: ...
    def names(self) -> list[str]: ...
    def save(self) -> str: ...
    def update(self, *args: typing.Any, **kwargs: typing.Any) -> None: ...
    @property
    def n_states(self) -> int: ...

class ScoreHistogram:
    """
    Counts of positives and negatives (or of right and wrong answers) by score, in constant memory, with bounds on what is read from them: each answer is (value, error_bound).
    """
    def __init__(self, *, bits: int = 16, scale: str = "raw") -> None: ...
    def add(self, scores: typing.Any, positive: typing.Any, weights: typing.Any = None) -> None:
        """
        Adds a batch; `positive` not 0: positive, or a right answer.
        """
    def area_under_risk_coverage(self) -> tuple[float, float]: ...
    def auroc(self) -> tuple[float, float]: ...
    def average_precision(self) -> tuple[float, float]: ...
    def expected_calibration_error(self, *, bins: int = 15) -> tuple[float, float]: ...
    def fpr_at_tpr(self, tpr: float = 0.95) -> tuple[float, float]: ...
    def merge(self, other: ScoreHistogram) -> None: ...
    @property
    def bits(self) -> int: ...
    @property
    def n(self) -> int: ...

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
    def data(self, role: str = "test") -> typing.Any:
        """
        The data set of a role; it may be kept after the call.
        """
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
    def artefact_folder(self) -> str | None:
        """
        `artefacts/<probe id>` of the run directory, made on the first call, or None.
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
    @typing.overload
    def __init__(self, catalog: Catalog, name: str, options: dict[str, typing.Any]) -> None: ...
    @typing.overload
    def __init__(self, surrogate: Model, options: dict[str, typing.Any]) -> None:
        """
        The attack Transfer through a model of your own.
        """
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
    @typing.overload
    def add(self, probe: Probe, id: str = "") -> typing.Any:
        """
        `id` defaults to the catalog name.
        """
    @typing.overload
    def add(self, arg0: typing.Any, *args: typing.Any, **kwargs: typing.Any) -> None: ...
    def add_missing(self, id: str, why: str) -> typing.Any: ...
    @property
    def ids(self) -> list[str]: ...
    @property
    def missing(self) -> list[str]: ...
    @property
    def name(self) -> str: ...

class Compared:
    """
    One metric of both models; `difference` is b - a.
    """
    def __repr__(self) -> str: ...
    @property
    def a(self) -> Estimate: ...
    @property
    def b(self) -> Estimate: ...
    @property
    def better(self) -> str: ...
    @property
    def difference(self) -> Estimate: ...
    @property
    def p_value(self) -> float | None:
        """
        Of no difference, or None.
        """
    @property
    def p_value_adjusted(self) -> float | None:
        """
        Holm over the finding.
        """
    @property
    def test(self) -> str: ...

class Flips:
    """
    Sample ids on which the decisions differ, ascending.
    """
    def __repr__(self) -> str: ...
    @property
    def better(self) -> typing.Any: ...
    @property
    def both_wrong(self) -> typing.Any: ...
    @property
    def worse(self) -> typing.Any: ...

class ModelComparison:
    """
    How the second model stands to the first one.

    `comparison["task.accuracy"].difference` is an `Estimate` of b - a. `report` is what is saved.
    """
    @staticmethod
    def load(path: typing.Any) -> ModelComparison: ...
    def __getitem__(self, arg0: str) -> Compared: ...
    def __init__(self, report: Report) -> None:
        """
        Reads a report of kind 'compare'.
        """
    def __iter__(self) -> collections.abc.Iterator[typing.Any]: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    def _repr_html_(self) -> typing.Any: ...
    def save(self, path: typing.Any) -> None:
        """
        Writes .html, .json or .md; beside .json the results by sample.
        """
    def summary(self) -> str: ...
    @property
    def flips(self) -> Flips: ...
    @property
    def metrics(self) -> list[str]:
        """
        What [] takes.
        """
    @property
    def more_samples(self) -> int | None:
        """
        About how many further samples would decide, or None.
        """
    @property
    def report(self) -> Report: ...
    @property
    def verdict(self) -> str:
        """
        'better', 'worse', 'equivalent' or 'undecided'.
        """
    @property
    def why(self) -> str:
        """
        One plain sentence.
        """

class Night:
    """
    One night of a `NightlyGate`.
    """
    @property
    def alarm(self) -> str:
        """
        '' or what raised it: 'evidence', 'same data', 'group'.
        """
    @property
    def data(self) -> str: ...
    @property
    def e_value(self) -> float: ...
    @property
    def evidence(self) -> float: ...
    @property
    def fresh(self) -> bool: ...
    @property
    def n(self) -> int: ...
    @property
    def only_a(self) -> int: ...
    @property
    def only_b(self) -> int: ...
    @property
    def time(self) -> str: ...

class NightlyGate:
    """
    The history of a nightly comparison.

    The chance of ever raising a false alarm is at most `alpha`, however many nights there are.

    Args:
        margin: how much worse the second model may be, in [0, 1).
        alpha: in (0, 1).

    Example:
        >>> import leadline
        >>> gate = leadline.NightlyGate(margin=0.01)
        >>> gate.add(n=1000, only_a=12, only_b=10).alarm
        ''
    """
    @staticmethod
    def from_json(json: str) -> NightlyGate: ...
    @staticmethod
    def load(path: typing.Any) -> NightlyGate: ...
    def __init__(self, *, margin: float = 0.0, alpha: float = 0.05) -> None: ...
    def add(
        self,
        *,
        n: int,
        only_a: int,
        only_b: int,
        data: str = "",
        slice_p: float = 1.0,
        time: str = "",
    ) -> Night:
        """
        Adds a night: of n samples, those that only the first or only the second read correctly.
        """
    def finding(self) -> Finding: ...
    def save(self, path: typing.Any) -> None: ...
    def to_json(self) -> str: ...
    @property
    def alarmed(self) -> bool: ...
    @property
    def alpha(self) -> float: ...
    @property
    def margin(self) -> float: ...
    @property
    def nights(self) -> list[Night]: ...
    @property
    def threshold(self) -> float: ...

class Ensemble(Probe):
    """
    See leadline.robustness.Ensemble.
    """
    def __init__(
        self, attacks: collections.abc.Sequence[Probe], max_samples: int, check_samples: int
    ) -> None: ...

class QueryModel(Model):
    """
    A model behind a wire.

    Every row it is asked for is counted (`counts`), repeated rows are answered from memory, calls that
    fail are made again. `leadline.black_box` makes one of a function.
    """
    def __init__(
        self,
        model: Model,
        *,
        batch_size: int = 64,
        retries: int = 3,
        wait: float = 1.0,
        longest_wait: float = 60.0,
        cache_rows: int = 65536,
        labels_only: bool = False,
    ) -> None: ...
    @property
    def counts(self) -> dict[str, typing.Any]:
        """
        calls of the model; rows asked, cached and retried.
        """

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

class Gap:
    """
    A gap between groups: an Estimate, its ends, and what parity would have shown.

    `null_gap` is the mean gap that equal treatment gives with groups of these sizes, `corrected` the gap
    without that upward bias, `p_value` how often equal treatment shows a gap as large.
    """
    def __repr__(self) -> str: ...
    @property
    def corrected(self) -> typing.Any: ...
    @property
    def estimate(self) -> Estimate: ...
    @property
    def highest(self) -> str: ...
    @property
    def lower(self) -> float | None: ...
    @property
    def lowest(self) -> str: ...
    @property
    def null_gap(self) -> typing.Any: ...
    @property
    def ok(self) -> bool: ...
    @property
    def p_value(self) -> typing.Any: ...
    @property
    def upper(self) -> float | None: ...
    @property
    def value(self) -> float: ...

class GroupRow:
    """
    One group of a metric's report.
    """
    def __repr__(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def estimate(self) -> Estimate: ...
    @property
    def n(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def shrunk(self) -> Estimate | None: ...

class GroupReport:
    """
    A metric overall and by group, with its gaps.
    """
    def __contains__(self, arg0: str) -> bool: ...
    def __getitem__(self, arg0: str) -> Estimate:
        """
        The estimate of a group: report['sex=f'].
        """
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    def describe(self, prefix: str = "") -> Finding:
        """
        A Finding with every estimate, tables and forest plots.
        """
    def gap(self, by: str = "") -> Gap:
        """
        Largest minus smallest between the groups of one split, by default the first.
        """
    def row(self, name: str) -> GroupRow:
        """
        With its count and shrunk value.
        """
    def worst(self, by: str = "") -> Gap:
        """
        The group that is worst off.
        """
    @property
    def metric(self) -> MetricInfo: ...
    @property
    def n(self) -> int: ...
    @property
    def overall(self) -> Estimate: ...
    @property
    def rows(self) -> list[GroupRow]: ...
    @property
    def splits(self) -> list[str]: ...

class GroupFrame:
    """
    Folds any metrics by group, batch by batch.
    """
    def __init__(
        self,
        metrics: typing.Any,
        *,
        min_support: int = 30,
        depth: int = 2,
        level: float = 0.95,
        seed: int = 0,
        replicates: int = 2000,
    ) -> None: ...
    def compute(self) -> list[GroupReport]:
        """
        One GroupReport a metric.
        """
    def load(self, state: str) -> None: ...
    def merge(self, other: GroupFrame) -> None: ...
    def save(self) -> str: ...
    def update(
        self,
        *args: typing.Any,
        groups: typing.Any,
        weights: typing.Any = None,
        ids: typing.Any = None,
        **kwargs: typing.Any,
    ) -> None:
        """
        Reads arrays in the order of the metrics' `reads` (scores, target), or by name.
        """
    @property
    def n(self) -> int: ...

class GroupCounts:
    """
    Counts of (group, true class, predicted class), batch by batch.
    """
    def __init__(self) -> None: ...
    def __repr__(self) -> str: ...
    def load(self, state: str) -> None: ...
    def merge(self, other: GroupCounts) -> None: ...
    def rates(
        self,
        kind: str,
        *,
        by: str = "",
        positive: int | None = None,
        min_support: int = 30,
        level: float = 0.95,
    ) -> dict[str, typing.Any]:
        """
        Group -> Estimate of a rate: 'selection_rate', 'true_positive_rate', ...
        """
    def save(self) -> str: ...
    def update(
        self,
        prediction: typing.Any,
        target: typing.Any = None,
        *,
        groups: typing.Any,
        weights: typing.Any = None,
    ) -> None:
        """
        Decisions [n] (or scores [n, n_classes]), labels [n], and the groups.
        """
    @property
    def has_target(self) -> bool: ...
    @property
    def n(self) -> int: ...
    @property
    def n_classes(self) -> int: ...

class GroupCalibration:
    """
    Probabilities and outcomes by group and bin, batch by batch.

    `multicalibration()` is the error that any group of the declared family could point at.
    """
    def __init__(self, bins: int = 10) -> None: ...
    def bias(
        self, *, by: str = "", min_support: int = 30, level: float = 0.95
    ) -> dict[str, typing.Any]:
        """
        Group -> mean outcome minus mean probability.
        """
    def expected_error(
        self, *, by: str = "", min_support: int = 30, level: float = 0.95
    ) -> dict[str, typing.Any]:
        """
        Group -> expected calibration error.
        """
    def expected_error_gap(
        self, *, by: str = "", min_support: int = 30, level: float = 0.95, seed: int = 0
    ) -> Gap:
        """
        Largest minus smallest expected calibration error.
        """
    def merge(self, other: GroupCalibration) -> None: ...
    def multicalibration(
        self, *, depth: int = 2, min_support: int = 30, level: float = 0.95, seed: int = 0
    ) -> Gap:
        """
        Largest |mean outcome - mean probability| over every group and score bin, as a Gap.
        """
    def reliability(self, by: str = "", min_support: int = 30, level: float = 0.95) -> Curve:
        """
        The reliability curve of each group, as a Curve.
        """
    def update(
        self,
        probability: typing.Any,
        target: typing.Any,
        *,
        groups: typing.Any,
        weights: typing.Any = None,
    ) -> None:
        """
        Probability of the positive class [n] in [0, 1], labels [n] in {0, 1}, and the groups.
        """
    @property
    def n(self) -> int: ...

class WeakSlice:
    """
    A segment with a higher loss than the rest.
    """
    def __repr__(self) -> str: ...
    @property
    def difference(self) -> Estimate: ...
    @property
    def loss(self) -> Estimate: ...
    @property
    def n(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def p_value(self) -> float:
        """
        Adjusted for the search.
        """
    @property
    def statistic(self) -> float: ...

class SliceSearch:
    """
    What a search for weak segments found.
    """
    def __repr__(self) -> str: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def correction(self) -> str: ...
    @property
    def n_searched(self) -> int:
        """
        Size of the family.
        """
    @property
    def overall(self) -> Estimate:
        """
        Mean loss.
        """
    @property
    def significant(self) -> list[WeakSlice]:
        """
        Those whose adjusted p-value is at most 1 - level.
        """
    @property
    def skipped(self) -> list[str]: ...
    @property
    def slices(self) -> list[WeakSlice]:
        """
        The weakest first.
        """

class Reweighing:
    @staticmethod
    def fit(counts: GroupCounts) -> Reweighing: ...
    def weights(
        self, target: typing.Any, *, groups: typing.Any
    ) -> numpy.typing.NDArray[numpy.float64]: ...
    @property
    def table(self) -> dict[tuple[str, int], float]: ...

class GroupRule:
    """
    The decision rule of one group.
    """
    @property
    def constant(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def mix(self) -> float: ...
    @property
    def share(self) -> float: ...

class GroupThresholds:
    @staticmethod
    def fit(
        probability: typing.Any,
        target: typing.Any,
        *,
        groups: typing.Any,
        goal: str = "equalized_odds",
        grid: int = 1000,
        seed: int = 0,
    ) -> GroupThresholds: ...
    def apply(
        self, probability: typing.Any, *, groups: typing.Any, ids: typing.Any = None
    ) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def rules(self) -> dict[str, GroupRule]: ...

class RejectOption:
    @staticmethod
    def fit(
        probability: typing.Any,
        target: typing.Any,
        *,
        groups: typing.Any,
        limit: float = 0.05,
        grid: int = 100,
    ) -> RejectOption: ...
    def apply(
        self, probability: typing.Any, *, groups: typing.Any
    ) -> numpy.typing.NDArray[numpy.int64]: ...
    @property
    def favoured(self) -> dict[str, bool]: ...
    @property
    def margin(self) -> float: ...

class Effect:
    """
    One measure before and after, and its paired change.
    """
    def __repr__(self) -> str: ...
    @property
    def after(self) -> Estimate: ...
    @property
    def before(self) -> Estimate: ...
    @property
    def better(self) -> str: ...
    @property
    def change(self) -> Estimate: ...
    @property
    def name(self) -> str: ...

class MitigationReport:
    """
    What a mitigation gains and costs, on the same samples.
    """
    def __getitem__(self, arg0: str) -> Effect: ...
    def __repr__(self) -> str: ...
    @property
    def effects(self) -> list[Effect]: ...
    @property
    def name(self) -> str: ...
    @property
    def table(self) -> TableBlock:
        """
        As a TableBlock.
        """

class Validity:
    """
    Whether an interval method can be trusted where the data are.
    """
    def __bool__(self) -> bool: ...
    def __repr__(self) -> str: ...
    @property
    def at(self) -> float:
        """
        The rate that has it.
        """
    @property
    def least_coverage(self) -> float:
        """
        Over the true rates that the data leave plausible.
        """
    @property
    def valid(self) -> bool: ...

class PoissonBootstrap:
    """
    Replicates of the sums of bounded columns, in one pass.

    The weight of a sample in a replicate depends on (seed, stream, id, replicate) alone: any order,
    batch size and sharding gives the same bits, and states with one seed are paired. A cluster id in
    place of the sample id resamples clusters.

    Example:
        >>> from leadline import stats
        >>> boot = stats.PoissonBootstrap(replicates=500, columns=2)
        >>> boot.add(range(100), [[float(i % 4 == 0), 1.0] for i in range(100)])
        >>> e = boot.estimate(lambda sums, weight: sums[0] / sums[1], value=0.25)
        >>> e.lower < 0.25 < e.upper
        True
    """
    def __init__(
        self,
        *,
        columns: int = 1,
        bound: float = 1.0,
        replicates: int = 1000,
        seed: int = 0,
        stream: str = "bootstrap",
    ) -> None: ...
    def add(self, ids: typing.Any, values: typing.Any) -> None:
        """
        Samples: ids [n] and values [n, columns].
        """
    def estimate(
        self,
        statistic: collections.abc.Callable[..., typing.Any],
        *,
        value: float,
        method: str = "percentile",
        level: float = 0.95,
    ) -> Estimate:
        """
        `value` with the interval of the replicates of `statistic`.
        """
    def load(self, state: collections.abc.Sequence[int]) -> None: ...
    def merge(self, other: PoissonBootstrap) -> None:
        """
        Adds the state of disjoint samples, made with the same options.
        """
    def replicate(self, statistic: collections.abc.Callable[..., typing.Any]) -> typing.Any:
        """
        Values [replicates] of `statistic(sums [columns], weight)`.
        """
    def save(self) -> list[int]:
        """
        The state as integers.
        """
    @property
    def n(self) -> int: ...

class TestResult:
    """
    A p-value with what it was made from.

    A test that the data cannot answer has p_value 1, status "undefined" and says why.

    Example:
        >>> from leadline import stats
        >>> test = stats.mcnemar_test(10, 2)
        >>> round(test.p_value, 4), test.method, test.n
        (0.0225, 'mid_p', 12)
    """
    def __repr__(self) -> str: ...
    @property
    def df(self) -> float:
        """
        Degrees of freedom; 0 where there are none.
        """
    @property
    def method(self) -> str: ...
    @property
    def n(self) -> int:
        """
        Samples that took part.
        """
    @property
    def ok(self) -> bool: ...
    @property
    def p_value(self) -> float: ...
    @property
    def statistic(self) -> float: ...
    @property
    def status(self) -> str: ...
    @property
    def why(self) -> str: ...

class ChiSquareResult(TestResult):
    """
    A chi-square test.
    """
    @property
    def least_expected(self) -> float:
        """
        Smallest expected count; below 5 the p-value is rough (Cochran).
        """

class MixtureSequence:
    """
    Confidence sequence from (n, sum) alone: shards merge in any order.

    Example:
        >>> from leadline import stats
        >>> a, b = stats.MixtureSequence(), stats.MixtureSequence()
        >>> a.add([0.0, 1.0, 1.0]); b.add([1.0] * 20); a.merge(b)
        >>> a.n, a.interval().lower > 0.5
        (23, True)
    """
    def __init__(
        self,
        *,
        level: float = 0.95,
        low: float = 0.0,
        high: float = 1.0,
        tuned_to: int = 1000,
        grid: int = 1000,
    ) -> None: ...
    def add(self, values: typing.Any) -> None:
        """
        One value or a column [n], in the order in which they came.
        """
    def interval(self) -> Estimate:
        """
        The mean so far with its interval, valid at every n at once.
        """
    def merge(self, other: MixtureSequence) -> None:
        """
        Adds disjoint samples.
        """
    @property
    def n(self) -> int: ...

class NormalMixtureSequence:
    """
    Sub-Gaussian normal mixture (Howard et al. 2021), narrowest at `tuned_to`; merges.
    """
    def __init__(
        self,
        *,
        level: float = 0.95,
        low: float = 0.0,
        high: float = 1.0,
        tuned_to: int = 1000,
        grid: int = 1000,
    ) -> None: ...
    def add(self, values: typing.Any) -> None:
        """
        One value or a column [n], in the order in which they came.
        """
    def interval(self) -> Estimate:
        """
        The mean so far with its interval, valid at every n at once.
        """
    def merge(self, other: NormalMixtureSequence) -> None:
        """
        Adds disjoint samples.
        """
    @property
    def n(self) -> int: ...

class BernsteinSequence:
    """
    Predictable plug-in empirical Bernstein; the order is part of it, it does not merge.
    """
    def __init__(
        self,
        *,
        level: float = 0.95,
        low: float = 0.0,
        high: float = 1.0,
        tuned_to: int = 1000,
        grid: int = 1000,
    ) -> None: ...
    def add(self, values: typing.Any) -> None:
        """
        One value or a column [n], in the order in which they came.
        """
    def interval(self) -> Estimate:
        """
        The mean so far with its interval, valid at every n at once.
        """
    @property
    def n(self) -> int: ...

class BettingSequence:
    """
    Hedged capital (Waudby-Smith and Ramdas 2024), the narrowest; it does not merge.
    """
    def __init__(
        self,
        *,
        level: float = 0.95,
        low: float = 0.0,
        high: float = 1.0,
        tuned_to: int = 1000,
        grid: int = 1000,
    ) -> None: ...
    def add(self, values: typing.Any) -> None:
        """
        One value or a column [n], in the order in which they came.
        """
    def interval(self) -> Estimate:
        """
        The mean so far with its interval, valid at every n at once.
        """
    @property
    def n(self) -> int: ...

class SequentialGate:
    """
    A gate for comparisons that are repeated, such as every night.

    Its chance of any false alarm, over all nights together, is at most `alpha`. dependence: 'sequential'
    (fresh samples each night; evidence multiplies) or 'arbitrary' (the same samples; evidence adds).
    horizon: nights planned, 0 for no end.

    Example:
        >>> from leadline import stats
        >>> gate = stats.SequentialGate(alpha=0.05, margin=0.005, horizon=200)
        >>> e = gate.update(both=900, only_first=20, only_second=22, neither=58)
        >>> gate.alarmed, gate.n
        (False, 1)
        >>> e = gate.update(both=860, only_first=70, only_second=12, neither=58)
        >>> gate.alarmed, gate.alarm_at
        (True, 2)
    """
    def __init__(
        self,
        *,
        alpha: float = 0.05,
        margin: float = 0.0,
        horizon: int = 0,
        dependence: str = "sequential",
    ) -> None: ...
    def load(self, state: collections.abc.Sequence[float]) -> None: ...
    def save(self) -> list[float]:
        """
        The state as five numbers.
        """
    def update(self, both: int, only_first: int, only_second: int, neither: int) -> float:
        """
        One comparison, the first being the reference; returns its own e-value.
        """
    @property
    def alarm_at(self) -> int:
        """
        From 1; 0 without an alarm.
        """
    @property
    def alarmed(self) -> bool: ...
    @property
    def evidence(self) -> float:
        """
        An alarm at 1 / alpha.
        """
    @property
    def n(self) -> int: ...
    @property
    def p_value(self) -> float:
        """
        Valid at any time of looking.
        """

class Expectations(Probe):
    """
    See leadline.robustness.Expectations.
    """
    def __init__(
        self, tests: list[typing.Any], *, min_samples: int = 30, version: str = ""
    ) -> None: ...

class Region:
    """
    A box of parameters.
    """
    def contains(self, point: collections.abc.Sequence[float]) -> bool: ...
    @property
    def range(self) -> list[tuple[float, float]]: ...
    @property
    def volume(self) -> float:
        """
        Share of the whole space.
        """

class RegionFound:
    """
    What one search found.
    """
    @property
    def curve_rate(self) -> list[float]: ...
    @property
    def curve_rows(self) -> list[float]: ...
    @property
    def failure_rate(self) -> Estimate:
        """
        On fresh draws.
        """
    @property
    def method(self) -> str: ...
    @property
    def region(self) -> Region: ...
    @property
    def rows(self) -> int: ...
    @property
    def searched_rate(self) -> float:
        """
        As the search saw it: too high, since it was chosen for it.
        """

class FailureSearchResult:
    @property
    def found(self) -> list[RegionFound]: ...
    @property
    def overall(self) -> Estimate: ...
    @property
    def rows(self) -> int: ...
    @property
    def worst(self) -> RegionFound: ...

class SplittingResult:
    @property
    def least_acceptance(self) -> float: ...
    @property
    def rate(self) -> Estimate: ...
    @property
    def rates(self) -> list[float]:
        """
        One a repeat.
        """
    @property
    def rows(self) -> int: ...
    @property
    def thresholds(self) -> list[float]: ...

class FailureSearch(Probe):
    """
    See leadline.robustness.FailureSearch.
    """
    def __init__(
        self, parameters: list[typing.Any], simulate: typing.Any, options: dict[str, typing.Any]
    ) -> None: ...

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
def acceleration(influence: typing.Any) -> float:
    """
    Acceleration of BCa from influence values [n], one a sample or cluster.
    """

def accuracy_difference(
    counts: GroupCounts,
    *,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    replicates: int = 2000,
    seed: int = 0,
) -> Gap: ...
def apply_stress(
    inputs: typing.Any,
    name: str,
    severity: float,
    ids: typing.Any,
    seed: int,
    bounds: tuple[float, float] | None,
    means: collections.abc.Sequence[float],
    spreads: collections.abc.Sequence[float],
) -> typing.Any:
    """
    The inputs under stress.
    """

def attack(
    probe: Probe,
    model: Model,
    x: typing.Any,
    y: typing.Any,
    *,
    bounds: tuple[float, float],
    seed: int = 0,
    targets: typing.Any = None,
    batch_size: int = 0,
    output: str = "unknown",
    keep: str = "nearest",
) -> tuple[typing.Any, ...]:
    """
    Adversarial versions of `x` [n, ...] with labels `y` [n], as the attack's `perturb`, and notes.
    """

def attacked(
    report: Report, name: str, rejects: int | None = None
) -> tuple[
    typing.Any, numpy.typing.NDArray[numpy.bool], numpy.typing.NDArray[numpy.bool], typing.Any
]:
    """
    ids, correct, rejected and fooled_at of the samples that all attacks of a run looked at.
    """

def bca_interval(
    replicates: typing.Any, value: float, *, acceleration: float = 0.0, level: float = 0.95
) -> Estimate:
    """
    `value` with the BCa interval of its replicates (n is their number).
    """

def benefits(
    models: collections.abc.Sequence[tuple[str, typing.Any, typing.Any, typing.Any, typing.Any]],
    groups: typing.Any,
    eps: float,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    min_group: int = 10,
) -> list[typing.Any]:
    """
    A dict[str, typing.Any] of estimates a mitigation; `models`: (name, ids, correct, rejected, fooled_at), the baseline first.
    """

def benjamini_hochberg(p: typing.Any) -> typing.Any:
    """
    Adjusted p-values [m]: the share of false rejections, independent or positive dependence.
    """

def benjamini_yekutieli(p: typing.Any) -> typing.Any:
    """
    Adjusted p-values [m]: the share of false rejections, any dependence.
    """

def binomial_test(successes: int, n: int, p: float = 0.5) -> TestResult:
    """
    Exact two-sided test that the rate is `p` (as scipy.stats.binomtest).
    """

def bootstrap_mean(
    values: typing.Any,
    second: typing.Any = None,
    *,
    clusters: typing.Any = None,
    strata: typing.Any = None,
    method: str = "bca",
    replicates: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Estimate:
    """
    Mean of `values` [n], or of `values - second` (paired), with its bootstrap interval.

    clusters [n]: drawn together. strata [n]: keep their sizes. The acceleration of BCa comes from the
    influence of each value, or of each cluster, in O(n).

    Example:
        >>> from leadline import stats
        >>> e = stats.bootstrap_mean([1.0, 0.0, 1.0, 1.0] * 25, [0.0, 0.0, 1.0, 1.0] * 25)
        >>> round(e.value, 6), e.lower > 0.1
        (0.25, True)
    """

def bootstrap_paired_difference(
    both: int,
    only_first: int,
    only_second: int,
    neither: int,
    *,
    method: str = "percentile",
    replicates: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Estimate:
    """
    Difference of two rates on the same samples: one multinomial draw a replicate.
    """

def bootstrap_rate(
    successes: int,
    n: int,
    *,
    method: str = "percentile",
    replicates: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Estimate:
    """
    A rate with its bootstrap interval: one binomial draw a replicate, whatever n.

    Example:
        >>> from leadline import stats
        >>> e = stats.bootstrap_rate(92_000, 100_000)
        >>> 0.917 < e.lower < 0.92 < e.upper < 0.923
        True
    """

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
def chi_square_goodness_test(
    counts: typing.Any, shares: typing.Any = None, *, estimated: int = 0
) -> ChiSquareResult:
    """
    Whether counts [k] follow `shares` [k] (scaled to sum to 1; default: all equal).
    """

def chi_square_test(table: typing.Any, *, continuity: bool = True) -> ChiSquareResult:
    """
    Whether rows and columns of a table of counts are independent; Yates' correction for [2, 2].
    """

def cliff_delta(first: typing.Any, second: typing.Any, *, level: float = 0.95) -> Estimate:
    """
    P(first > second) - P(first < second) = 2 AUROC - 1.
    """

def cohen_d(first: typing.Any, second: typing.Any = None, *, level: float = 0.95) -> Estimate:
    """
    Difference of means over the pooled standard deviation; of one column, its mean over its own.
    """

def cohen_h(
    successes1: float, n1: float, successes2: float, n2: float, *, level: float = 0.95
) -> Estimate:
    """
    Cohen's h of two rates, the difference of their arcsines.
    """

def compare(
    a: Subject,
    b: Subject,
    data: Dataset,
    *,
    options: dict[str, typing.Any] = {},
    progress: typing.Any = None,
    cancel: CancelToken = ...,
) -> ModelComparison: ...
def compare_many(
    models: collections.abc.Sequence[tuple[str, Subject]],
    data: Dataset,
    *,
    options: dict[str, typing.Any] = {},
    progress: typing.Any = None,
    cancel: CancelToken = ...,
) -> Report: ...
def compare_mitigations(
    prediction: typing.Any,
    probability: typing.Any,
    alternatives: dict[str, typing.Any],
    target: typing.Any,
    *,
    groups: typing.Any,
    by: str = "",
    level: float = 0.95,
    min_support: int = 30,
    replicates: int = 1000,
    seed: int = 0,
) -> list[MitigationReport]: ...
def compare_reports(
    a: Report,
    b: Report,
    *,
    data: Dataset | None = None,
    options: dict[str, typing.Any] = {},
    cancel: CancelToken = ...,
) -> ModelComparison: ...
def consistency(
    inputs: typing.Any, prediction: typing.Any, k: int = 5, level: float = 0.95
) -> Estimate: ...
def corrupt(
    images: typing.Any,
    name: str,
    severity: float,
    ids: typing.Any,
    seed: int,
    draw: int,
    bounds: tuple[float, float] | None,
    compat: str,
) -> typing.Any:
    """
    The images, corrupted.
    """

def corruption_names(subset: collections.abc.Sequence[str]) -> list[str]: ...
def corruption_parameters(name: str, severity: float, compat: str) -> list[float]: ...
def cost_curve(
    scores: typing.Any,
    target: typing.Any,
    *,
    false_alarm_cost: float,
    miss_cost: float,
    folds: int,
    level: float,
) -> Finding: ...
def cramer_v(table: typing.Any, *, level: float = 0.95) -> Estimate:
    """
    Association of the rows and columns of a table of counts, in [0, 1].
    """

def data_info(data: Dataset) -> DataInfo: ...
def decision_curve(
    probabilities: typing.Any,
    target: typing.Any,
    *,
    thresholds: collections.abc.Sequence[float],
    level: float,
) -> Finding: ...
def demographic_parity_difference(
    counts: GroupCounts,
    *,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    replicates: int = 2000,
    seed: int = 0,
) -> Gap: ...
def demographic_parity_ratio(
    counts: GroupCounts,
    *,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    replicates: int = 2000,
    seed: int = 0,
) -> Gap: ...
def difference_interval(
    successes1: float,
    n1: float,
    successes2: float,
    n2: float,
    *,
    method: str = "newcombe",
    level: float = 0.95,
) -> Estimate:
    """
    p1 - p2 of two independent rates. method: 'newcombe' or 'miettinen_nurminen'.

    Example:
        >>> from leadline import stats
        >>> e = stats.difference_interval(56, 70, 48, 80)
        >>> round(e.value, 4), round(e.lower, 4), round(e.upper, 4)
        (0.2, 0.0524, 0.3339)
    """

def differential_fairness(
    counts: GroupCounts,
    *,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    replicates: int = 2000,
    seed: int = 0,
) -> Gap: ...
def disagreement(
    models: collections.abc.Sequence[str],
    specifications: collections.abc.Sequence[tuple[str, str, str, typing.Any]],
    *,
    replicates: int,
    seed: int,
    level: float,
) -> Finding: ...
def draws_needed(radius: float, alpha: float, sigma: float) -> int: ...
def e_benjamini_hochberg(e: typing.Any) -> typing.Any:
    """
    e-BH of e-values [m]: the share of false rejections, any dependence; reject where <= q.
    """

def equal_opportunity_difference(
    counts: GroupCounts,
    *,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    replicates: int = 2000,
    seed: int = 0,
) -> Gap: ...
def equalized_odds_difference(
    counts: GroupCounts,
    *,
    aggregate: str = "max",
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    replicates: int = 2000,
    seed: int = 0,
) -> Gap: ...
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
@typing.overload
def exact_coverage(
    method: str,
    n: typing.Annotated[collections.abc.Sequence[int], "FixedSize(2)"],
    rate: typing.Annotated[collections.abc.Sequence[float], "FixedSize(2)"],
    *,
    level: float = 0.95,
) -> float: ...
@typing.overload
def exact_coverage(method: str, n: int, rate: float, *, level: float = 0.95) -> float:
    """
    P(the interval of `method` holds the true `rate`) at `n` samples, summed over every outcome; for
    the methods of two groups pass pairs.

    Example:
        >>> from leadline import stats
        >>> round(stats.exact_coverage("wilson", 100, 0.1), 3)
        0.936
    """

def exact_coverage_paired(
    method: str, n: int, *, both: float, only_first: float, only_second: float, level: float = 0.95
) -> float:
    """
    The same for a paired difference, from the shares of the four outcomes.
    """

def fill_template(
    pattern: str, slots: collections.abc.Mapping[str, collections.abc.Sequence[str]]
) -> list[str]: ...
def find_weak_slices(
    table: typing.Any, loss: typing.Any, options: dict[str, typing.Any]
) -> SliceSearch: ...
def fisher_exact_test(table: typing.Any, *, alternative: str = "two_sided") -> TestResult:
    """
    Fisher's exact test of a table [2, 2] of counts.
    """

def from_vnnlib(text: str) -> tuple[list[float], list[float], int, int]: ...
def generalization_gap(
    train: Estimate, test: Estimate, *, better: str = "higher", allowed: float = 0.05
) -> Finding: ...
def generalized_entropy(
    counts: GroupCounts, alpha: float = 2.0, positive: int | None = None, level: float = 0.95
) -> Estimate: ...
def hedges_g(first: typing.Any, second: typing.Any, *, level: float = 0.95) -> Estimate:
    """
    Cohen's d without its upward bias.
    """

def holm(p: typing.Any) -> typing.Any:
    """
    Holm's adjusted p-values [m]: any false rejection.
    """

@typing.overload
def interval_is_valid_here(
    method: str,
    successes: typing.Annotated[collections.abc.Sequence[int], "FixedSize(2)"],
    n: typing.Annotated[collections.abc.Sequence[int], "FixedSize(2)"],
    *,
    level: float = 0.95,
    tolerance: float = 0.03,
) -> Validity: ...
@typing.overload
def interval_is_valid_here(
    method: str, successes: int, n: int, *, level: float = 0.95, tolerance: float = 0.03
) -> Validity:
    """
    Whether the coverage of `method` falls short of the level by at most `tolerance` at every true
    rate that `successes` of `n` leave plausible (Clopper-Pearson at 99 %). For the methods of two groups
    pass pairs.

    Example:
        >>> from leadline import stats
        >>> bool(stats.interval_is_valid_here("wilson", 50, 1000))
        True
        >>> bool(stats.interval_is_valid_here("wilson", 1, 1000))
        False
        >>> bool(stats.interval_is_valid_here("newcombe", (90, 80), (100, 100)))
        True
    """

def largest_radius(n: int, alpha: float, sigma: float) -> float: ...
def learning_curve(
    points: collections.abc.Sequence[tuple[float, Estimate]],
    *,
    better: str = "higher",
    goal: float | None = None,
    seed: int = 0,
    draws: int = 200,
) -> Finding: ...
def mann_whitney_test(
    first: typing.Any,
    second: typing.Any,
    *,
    alternative: str = "two_sided",
    exact_up_to: int = 50,
    continuity: bool = True,
) -> TestResult:
    """
    Whether two groups come from one distribution; statistic / (n1 n2) is the AUROC.
    """

def mcnemar_test(only_first: int, only_second: int, *, method: str = "mid_p") -> TestResult:
    """
    Whether two models are right equally often on the same samples, from the discordant pairs. method: 'mid_p', 'exact', 'chi_square', 'chi_square_corrected'.
    """

def mean_difference_interval(
    first: typing.Any, second: typing.Any, *, level: float = 0.95
) -> Estimate:
    """
    Mean of `first` minus mean of `second`, independent columns [n1], [n2]; Welch's interval.
    """

def mean_interval(
    values: typing.Any,
    *,
    method: str = "t",
    low: float | None = None,
    high: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """
    Mean of a column [n]. method: 't', or 'bernstein' for columns inside [low, high], which covers
    whatever the distribution (Maurer and Pontil 2009).

    Example:
        >>> from leadline import stats
        >>> stats.mean_interval([1.0, 2.0, 3.0, 4.0]).value
        2.5
    """

def mean_interval_is_valid_here(
    values: typing.Any, *, level: float = 0.95, tolerance: float = 0.03
) -> Validity:
    """
    The same for the t interval of the mean of `values` [n], from their skewness (Hall 1992).
    """

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

def monte_carlo(
    performance: typing.Any, dimension: int, samples: int, seed: int, level: float
) -> Estimate: ...
def n_to_decide(estimate: Estimate, limit: float) -> int | None:
    """
    About how many further samples make the interval of `estimate` exclude `limit`, if the value
    stays; 0 when it does already, None when no number does.

    Example:
        >>> from leadline import stats
        >>> stats.n_to_decide(stats.proportion_interval(90, 100), 0.85)
        96
    """

def nearest_name(name: str, known: collections.abc.Sequence[str]) -> str:
    """
    The known name nearest to `name` by edit distance, or '' when none is close.
    """

def never_event_samples(limit: float, level: float = 0.95) -> int: ...
def never_events(events: int, n: int, level: float = 0.95) -> Estimate: ...
def odds_ratio(
    successes1: float, n1: float, successes2: float, n2: float, *, level: float = 0.95
) -> Estimate:
    """
    Odds ratio of two rates (Woolf; half a count added at zeros).
    """

def operating_point(
    scores: typing.Any,
    target: typing.Any,
    judge_scores: typing.Any,
    judge_target: typing.Any,
    *,
    rule: str,
    at_least: float,
    false_alarm_cost: float,
    miss_cost: float,
    level: float,
) -> Finding: ...
def paired_difference(
    both: int,
    only_first: int,
    only_second: int,
    neither: int,
    *,
    method: str = "newcombe",
    level: float = 0.95,
) -> Estimate:
    """
    Rate of the first minus rate of the second on the same samples. method: 'newcombe', 'tango'.

    Example:
        >>> from leadline import stats
        >>> e = stats.paired_difference(900, 40, 20, 40)
        >>> round(e.value, 4), round(e.lower, 4), round(e.upper, 4)
        (0.02, 0.0047, 0.0359)
    """

def paired_e_value(
    both: int, only_first: int, only_second: int, neither: int, *, margin: float = 0.0
) -> float:
    """
    E-value against 'the second is worse than the first by at most `margin`'; large when worse.
    """

def pareto_front(
    candidates: collections.abc.Sequence[tuple[str, collections.abc.Sequence[Estimate]]],
    axes: collections.abc.Sequence[tuple[str, str, str]],
    *,
    draws: collections.abc.Sequence[typing.Any],
    n_draws: int,
    seed: int,
) -> Finding: ...
def percentile_interval(replicates: typing.Any, value: float, *, level: float = 0.95) -> Estimate:
    """
    `value` with the percentile interval of its replicates (n is their number).
    """

def permutation_test(
    first: typing.Any, second: typing.Any, *, replicates: int = 9999, seed: int = 0
) -> TestResult:
    """
    Whether two groups come from one distribution, by the difference of their means.
    """

def perturb(
    images: typing.Any,
    name: str,
    frame: int,
    ids: typing.Any,
    seed: int,
    bounds: tuple[float, float] | None,
) -> typing.Any:
    """
    One frame of the sequence of each image.
    """

def power_auroc(
    n1: int, n2: int, *, auroc: float, limit: float = 0.5, alpha: float = 0.05
) -> float:
    """
    An AUROC of n1 positives and n2 negatives against a limit (Hanley and McNeil).
    """

def power_difference(n1: int, n2: int, *, rate1: float, rate2: float, alpha: float = 0.05) -> float:
    """
    Score test of two independent rates.
    """

def power_equivalence_paired(
    n: int, *, only_first: float, only_second: float, margin: float, alpha: float = 0.05
) -> float:
    """
    Chance to show that two models on the same samples differ by less than `margin`.
    """

def power_mcnemar(n: int, *, only_first: float, only_second: float, alpha: float = 0.05) -> float:
    """
    McNemar's mid-p test, from the shares of discordant pairs; exact.
    """

def power_mean(n: int, *, effect: float, alpha: float = 0.05) -> float:
    """
    t test of a mean `effect` standard deviations away, or of paired differences.
    """

def power_non_inferiority(
    n1: int, n2: int, *, rate1: float, rate2: float, margin: float, alpha: float = 0.05
) -> float:
    """
    Chance to show that rate2 is not below rate1 by `margin`, independent groups.
    """

def power_non_inferiority_paired(
    n: int, *, only_first: float, only_second: float, margin: float, alpha: float = 0.05
) -> float:
    """
    The same for two models on the same samples, the first the reference.
    """

def power_proportion(n: int, *, rate: float, limit: float, alpha: float = 0.05) -> float:
    """
    Chance that Wilson's interval of `rate` excludes `limit`; exact.
    """

def power_two_means(n1: int, n2: int, *, effect: float, alpha: float = 0.05) -> float:
    """
    t test of two means that differ by `effect` standard deviations.
    """

def precision_recall_curve(
    scores: typing.Any,
    target: typing.Any,
    weights: typing.Any,
    positive: int,
    band: str,
    level: float,
) -> tuple[typing.Any, ...]:
    """
    recall, precision, thresholds, lower, upper.
    """

def predictive_parity_difference(
    counts: GroupCounts,
    *,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    replicates: int = 2000,
    seed: int = 0,
) -> Gap: ...
def proportion_interval(
    successes: float, n: float, *, method: str = "wilson", level: float = 0.95
) -> Estimate:
    """
    A rate with its interval: `successes` of `n`, which may be fractional (weights).

    method: 'wilson' (score), 'clopper_pearson' (never below the level), 'jeffreys', 'wilson_corrected'.

    Example:
        >>> from leadline import stats
        >>> e = stats.proportion_interval(7, 50, method="wilson")
        >>> round(e.lower, 4), round(e.upper, 4)
        (0.0695, 0.2619)
    """

def quantile_bins(values: typing.Any, bins: int = 4) -> list[typing.Any]:
    """
    Numbers as groups of about equal size: '[a, b)'; NaN is missing.
    """

def ratio_interval(
    successes1: float,
    n1: float,
    successes2: float,
    n2: float,
    *,
    method: str = "katz",
    level: float = 0.95,
) -> Estimate:
    """
    p1 / p2 of two independent rates. method: 'katz' or 'koopman'.

    With a zero cell the limits are Koopman's, and the estimate's method says so. Without a success in
    the second group there is no value; `facts["lower"]` holds the lower end.

    Example:
        >>> from leadline import stats
        >>> e = stats.ratio_interval(56, 70, 48, 80)
        >>> round(e.lower, 3), round(e.upper, 3)
        (1.077, 1.651)
        >>> stats.ratio_interval(5, 50, 0, 50).status
        'undefined'
    """

def resample(
    n: int,
    statistic: collections.abc.Callable[..., typing.Any],
    *,
    clusters: typing.Any = None,
    strata: typing.Any = None,
    replicates: int = 1000,
    seed: int = 0,
) -> typing.Any:
    """
    Values [replicates] of `statistic(counts)`, counts [n] saying how often each sample was drawn.
    """

def roc_curve(
    scores: typing.Any,
    target: typing.Any,
    weights: typing.Any,
    positive: int,
    band: str,
    level: float,
) -> tuple[typing.Any, ...]:
    """
    fpr, tpr, thresholds, lower, upper.
    """

def sample_size_auroc(
    *, auroc: float, limit: float = 0.5, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0
) -> int | None:
    """
    Positives; there are `ratio` times as many negatives.
    """

def sample_size_difference(
    *, rate1: float, rate2: float, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0
) -> int | None:
    """
    Samples in the first group; the second has `ratio` times as many.
    """

def sample_size_equivalence_paired(
    *, only_first: float, only_second: float, margin: float, power: float = 0.8, alpha: float = 0.05
) -> int | None:
    """
    Samples that both models see; None when no number shows it.
    """

def sample_size_mcnemar(
    *, only_first: float, only_second: float, power: float = 0.8, alpha: float = 0.05
) -> int | None:
    """
    Samples that both models see; None when the shares are equal.
    """

def sample_size_mean(*, effect: float, power: float = 0.8, alpha: float = 0.05) -> int | None:
    """
    Values, or pairs.
    """

def sample_size_non_inferiority(
    *,
    rate1: float,
    rate2: float,
    margin: float,
    power: float = 0.8,
    alpha: float = 0.05,
    ratio: float = 1.0,
) -> int | None:
    """
    Samples in the first group; None when the loss reaches the margin.
    """

def sample_size_non_inferiority_paired(
    *, only_first: float, only_second: float, margin: float, power: float = 0.8, alpha: float = 0.05
) -> int | None:
    """
    Samples that both models see; None when the loss reaches the margin.

    Example:
        >>> from leadline import stats
        >>> stats.sample_size_non_inferiority_paired(only_first=0.03, only_second=0.03, margin=0.01)
        4710
    """

def sample_size_proportion(
    *, rate: float, limit: float, power: float = 0.8, alpha: float = 0.05
) -> int | None:
    """
    Samples from which on the power stays at `power`; None when rate is limit.

    Example:
        >>> from leadline import stats
        >>> stats.sample_size_proportion(rate=0.95, limit=0.9)
        254
    """

def sample_size_two_means(
    *, effect: float, power: float = 0.8, alpha: float = 0.05, ratio: float = 1.0
) -> int | None:
    """
    Values in the first group; the second has `ratio` times as many.
    """

def search_failures(
    parameters: list[typing.Any],
    trial: typing.Any,
    options: dict[str, typing.Any],
    seed: int,
    level: float,
) -> FailureSearchResult: ...
def sign_flip_test(
    first: typing.Any, second: typing.Any = None, *, replicates: int = 9999, seed: int = 0
) -> TestResult:
    """
    Whether paired differences are symmetric about 0; p = (k + 1) / (replicates + 1).
    """

def smoothing_certify(
    model: Subject,
    x: typing.Any,
    *,
    sigma: float,
    output: str,
    n: int,
    n0: int,
    alpha: float,
    early_stop: bool,
    radii: collections.abc.Sequence[float],
    tolerance: float,
    seed: int,
    batch_size: int,
    ids: collections.abc.Sequence[int],
) -> dict[str, typing.Any]: ...
def smoothing_predict(
    model: Subject,
    x: typing.Any,
    *,
    sigma: float,
    output: str,
    n: int,
    alpha: float,
    seed: int,
    batch_size: int,
    ids: collections.abc.Sequence[int],
) -> dict[str, typing.Any]: ...
def splitting(
    performance: typing.Any, dimension: int, options: dict[str, typing.Any], seed: int, level: float
) -> SplittingResult: ...
def stress_text(
    texts: collections.abc.Sequence[str], name: str, severity: float, ids: typing.Any, seed: int
) -> list[str]:
    """
    The texts with errors of one kind.
    """

def t_test(
    first: typing.Any,
    second: typing.Any = None,
    *,
    paired: bool = False,
    mean: float = 0.0,
    variances: str = "unequal",
    alternative: str = "two_sided",
) -> TestResult:
    """
    Student's t: one column against `mean`, two columns (Welch), or `paired` ones.
    """

def text_rows(texts: collections.abc.Sequence[str]) -> typing.Any: ...
def texts_of(rows: typing.Any) -> list[str]: ...
def to_vnnlib(
    lower: collections.abc.Sequence[float],
    upper: collections.abc.Sequence[float],
    label: int,
    n_outputs: int,
    *,
    comment: str = "",
) -> str: ...
def transformation_stress(
    transformations: collections.abc.Sequence[tuple[str, typing.Any]],
    severities: collections.abc.Sequence[float],
    max_samples: int,
) -> CatalogProbe:
    """
    The probe `stress` with changes of one's own.
    """

def universal_perturbation(
    probe: Probe,
    model: Model,
    x: typing.Any,
    *,
    bounds: tuple[float, float],
    seed: int = 0,
    batch_size: int = 0,
    output: str = "unknown",
) -> typing.Any:
    """
    One change for all of `x` [n, ...]: see `UniversalPerturbation.fit`.
    """

def unpaired_difference(first: Estimate, second: Estimate) -> Estimate: ...
def wilcoxon_test(
    first: typing.Any,
    second: typing.Any = None,
    *,
    alternative: str = "two_sided",
    zeros: str = "drop",
    exact_up_to: int = 50,
    continuity: bool = True,
) -> TestResult:
    """
    Signed ranks of paired differences, or of `first` minus `second`. zeros: 'drop', 'pratt'.
    """

def worst_group_accuracy(
    counts: GroupCounts,
    *,
    by: str = "",
    positive: int | None = None,
    level: float = 0.95,
    min_support: int = 30,
    reference: str = "",
    replicates: int = 2000,
    seed: int = 0,
) -> Gap: ...

MAX_EXHIBITS: int = 24
__torch_version__: str = "2.13.0+cpu"
__version__: str = "0.1.0"
