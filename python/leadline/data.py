"""Data sets from what people have: arrays, tensors, DataFrames, loaders, files, own classes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from leadline import _core
from leadline._arguments import checked_call, shown
from leadline._core import Batch, DataInfo, Dataset

__all__ = ["Batch", "DataInfo", "Dataset", "make_dataset"]


@checked_call
def make_dataset(
    x: Any,
    y: Any = None,
    *,
    class_names: Sequence[str] | None = None,
    bounds: tuple[float, float] | None = None,
    table: Any = None,
    name: str | None = None,
    modality: str | None = None,
    feature_names: Sequence[str] | None = None,
) -> Dataset:
    """A data set; `leadline.Dataset(...)` is the same call.

    Args:
        x: inputs [n, ...] as NumPy, torch (any device) or anything with `__dlpack__`; a pandas
            DataFrame (numeric columns become features, with their names); a torch `Dataset` or
            `DataLoader`; the path of a .npz file with arrays x and y (and, if it has them,
            class_names, bounds and columns "table.<name>"); a `leadline.Dataset`. Several named
            inputs are a dict, or `leadline.Inputs`: the one called x, input, inputs, image,
            pixel_values or input_ids (else the first) is the primary one, the others go to the model
            as keyword arguments of their names.
        y: labels [n] (integers, from 0) or regression targets; None when there are none.
        class_names: one a class.
        bounds: declared (least, greatest) value of an input, e.g. (0.0, 1.0).
        table: further columns by sample: a dict or a DataFrame. Groups, metadata.
        name: for the report.
        modality: "image", "table" or "text"; default: images by rank, else table.
        feature_names: one a column of a table.

    Raises:
        leadline.ShapeError: x, y and table differ in length.
        leadline.DataError: a value is not finite; the file cannot be read.
        leadline.ValueError: a label outside the classes.

    Example:
        >>> import numpy, leadline
        >>> data = leadline.Dataset(numpy.zeros((6, 1, 8, 8), "float32"), [0, 1, 2, 0, 1, 2])
        >>> data.info().modality, len(data)
        ('image', 6)
    """
    return Dataset(
        x,
        y,
        class_names=class_names,
        bounds=bounds,
        table=table,
        name=name,
        modality=modality,
        feature_names=feature_names,
    )


def _is_torch(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _bounds(who: str, bounds: Any) -> tuple[float, float]:
    """(least, greatest), checked."""
    try:
        low, high = (float(bound) for bound in bounds)
    except (TypeError, ValueError):
        raise _core.TypeError(
            who, "bounds (least, greatest)", shown(bounds), "write bounds=(0.0, 1.0)"
        ) from None
    if not low < high:
        raise _core.ValueError(
            who, "bounds (least, greatest)", str(tuple(bounds)), "swap or correct them"
        )
    return low, high


def _array(what: str, values: Any) -> np.ndarray:
    """Lists as an array; rows of different lengths are refused."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise _core.ShapeError(
            "Dataset",
            f"{what} as rows of one shape",
            f"{type(values).__name__} of {len(values)} items that differ",
            "pad or cut them to one length",
        ) from error


def _is_from(value: Any, module: str, name: str) -> bool:
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(value, kind)


def _make(
    x: Any,
    y: Any = None,
    *,
    class_names: Sequence[str] | None = None,
    bounds: tuple[float, float] | None = None,
    table: Any = None,
    name: str | None = None,
    modality: str | None = None,
    feature_names: Sequence[str] | None = None,
) -> tuple[Dataset, str]:
    """What `Dataset.__init__` calls: the data set and the kind of array that came in."""
    facts: dict[str, Any] = {
        "class_names": [str(c) for c in class_names] if class_names is not None else [],
        "bounds": None if bounds is None else _bounds("Dataset", bounds),
    }
    if isinstance(x, Dataset):
        if y is not None or class_names is not None or bounds is not None or table is not None:
            raise _core.TypeError(
                "Dataset",
                "a leadline.Dataset alone",
                "further arguments",
                "give them where the data set is made",
            )
        return x, x.array_kind
    if isinstance(x, (str, os.PathLike)):
        return _from_file(Path(x), y, table, name, modality, feature_names, facts)
    if _is_from(x, "torch.utils.data", "DataLoader"):
        return _from_loader(x, name, modality, facts), "torch"
    if _is_from(x, "torch.utils.data", "IterableDataset"):
        return _Stream(x, _length(x), name, modality, facts, batched=False), "torch"
    if _is_from(x, "torch.utils.data", "Dataset"):
        return _Indexed(x, None, name, modality, facts), "torch"
    if _is_from(x, "pandas", "DataFrame"):
        x, feature_names = _features(x, feature_names)
        modality = modality or "table"
    if _is_from(y, "pandas", "Series"):
        y = y.to_numpy()
    if isinstance(x, (list, tuple)) and not isinstance(x, np.ndarray):
        x = _array("the inputs", x)
    if isinstance(x, dict):
        x = named_inputs(x)
    made = _core._tensor_dataset(
        x,
        _array("the target", y) if isinstance(y, (list, tuple)) else y,
        table=table,
        name=name or "data",
        modality=modality,
        feature_names=[str(f) for f in feature_names] if feature_names is not None else [],
        **facts,
    )
    primary = x.primary if isinstance(x, _core.Inputs) else x
    return made, "torch" if _is_torch(primary) else "numpy"


_make = checked_call(_make, "Dataset")


def _features(frame: Any, names: Sequence[str] | None) -> tuple[np.ndarray, Sequence[str]]:
    """A DataFrame as a matrix. Text columns are refused by name: how to encode them is the model's."""
    wrong = [str(c) for c in frame.columns if frame[c].dtype.kind not in "biuf"]
    if wrong:
        raise _core.TypeError(
            "Dataset",
            "a DataFrame of numeric columns",
            f"column {', '.join(wrong)} of another type",
            "encode it as the model expects, or pass it as table=",
        )
    return frame.to_numpy(dtype="float64"), names or [str(c) for c in frame.columns]


def _from_file(
    path: Path,
    y: Any,
    table: Any,
    name: str | None,
    modality: str | None,
    feature_names: Sequence[str] | None,
    facts: dict[str, Any],
) -> tuple[Dataset, str]:
    where = f"Dataset('{path}')"
    try:
        with np.load(path, allow_pickle=False) as file:
            if not hasattr(file, "files") or "x" not in file.files:
                raise _core.DataError(
                    where,
                    "a .npz file with arrays x and y",
                    ", ".join(getattr(file, "files", [])) or "one unnamed array",
                    "save it with numpy.savez(path, x=x, y=y)",
                )
            x = file["x"]
            labels = file["y"] if "y" in file.files else None
            columns = {n[6:]: file[n] for n in file.files if n.startswith("table.")}
            if "class_names" in file.files and not facts["class_names"]:
                facts["class_names"] = [str(c) for c in file["class_names"]]
            if "bounds" in file.files and facts["bounds"] is None:
                facts["bounds"] = tuple(float(v) for v in file["bounds"])
    except FileNotFoundError:
        raise _core.DataError(where, "a file", "none", "check the path") from None
    except _core.Error:
        raise
    except Exception as error:
        got = f"{type(error).__name__}: {error}".splitlines()[0]
        raise _core.DataError(
            where,
            "a .npz file of plain arrays",
            got,
            "save numeric arrays with numpy.savez; pickled objects are never loaded",
        ) from error
    made, _ = _make(
        x,
        labels if y is None else y,
        table=table if table is not None else (columns or None),
        name=name or path.stem,
        modality=modality,
        feature_names=feature_names,
        class_names=facts["class_names"],
        bounds=facts["bounds"],
    )
    return made, "numpy"


_TARGET_NAMES = ("target", "label", "labels", "y")
_PRIMARY_NAMES = ("x", "input", "inputs", "image", "pixel_values", "input_ids")


def named_inputs(value: dict[str, Any]) -> _core.Inputs:
    """The inputs of a dict: the primary one by its usual names, else the first."""
    if not value:
        raise _core.TypeError("Dataset", "named inputs", "an empty dict", "give at least one array")
    primary = next((name for name in _PRIMARY_NAMES if name in value), next(iter(value)))
    return _core.Inputs(
        _numeric(value[primary]),
        {name: _numeric(array) for name, array in value.items() if name != primary},
    )


def _inputs(value: Any) -> Any:
    return named_inputs(value) if isinstance(value, dict) else _numeric(value)


def _numeric(value: Any) -> Any:
    """Batches of Python numbers (from torch's collate they are tensors already)."""
    return np.asarray(value) if isinstance(value, (list, tuple, int, float)) else value


def _pair(batch: Any) -> tuple[Any, Any]:
    """(inputs, target) of what a loader or an indexed data set gives."""
    if isinstance(batch, (list, tuple)):
        return _inputs(batch[0]), _numeric(batch[1]) if len(batch) > 1 else None
    if isinstance(batch, dict):
        target = next((_numeric(batch[name]) for name in _TARGET_NAMES if name in batch), None)
        return _inputs({k: batch[k] for k in batch if k not in _TARGET_NAMES}), target
    return batch, None


def _image_like(x: Any) -> str:
    """The modality of a batch."""
    shape = tuple((x.primary if isinstance(x, _core.Inputs) else x).shape)
    return "image" if len(shape) in (3, 4) else "table"


class _Adapter(Dataset):
    """What the adapters of torch share: facts, and the modality read off the first batch."""

    def __init__(
        self, size: int | None, name: str, modality: str | None, facts: dict[str, Any], again: bool
    ) -> None:
        super().__init__()
        self._facts = {**facts, "size": size, "name": name, "random_access": again}
        self._modality = modality

    def _first(self) -> Any:
        raise NotImplementedError

    def info(self) -> DataInfo:
        if self._modality is None:
            self._modality = _image_like(self._first())
        return DataInfo(modality=self._modality, **self._facts)


class _Indexed(_Adapter):
    """A torch `Dataset` with `__getitem__`: ids are its indices."""

    def __init__(
        self,
        source: Any,
        collate: Any,
        name: str | None,
        modality: str | None,
        facts: dict[str, Any],
    ) -> None:
        super().__init__(len(source), name or type(source).__name__, modality, facts, True)
        self._source = source
        if collate is None:
            from torch.utils.data import default_collate as collate
        self._collate = collate

    def _first(self) -> Any:
        return self.batch(np.array([0])).inputs

    def batch(self, ids: Any) -> Batch:
        size = self._facts["size"]
        for i in ids:
            if not 0 <= i < size:
                raise _core.ValueError(
                    "Dataset.batch", f"ids in [0, {size})", str(int(i)), "ask for samples it has"
                )
        return Batch(ids, *_pair(self._collate([self._source[int(i)] for i in ids])))


class _Stream(_Adapter):
    """An iterable read forward; ids count the samples as they come."""

    def __init__(
        self,
        source: Any,
        size: int | None,
        name: str | None,
        modality: str | None,
        facts: dict[str, Any],
        *,
        batched: bool,
    ) -> None:
        super().__init__(size, name or type(source).__name__, modality, facts, False)
        self._source = source
        self._batched = batched

    def _batches(self) -> Iterator[Any]:
        if self._batched:
            for batch in self._source:
                yield _pair(batch)
            return
        from torch.utils.data import DataLoader

        for batch in DataLoader(self._source, batch_size=128):
            yield _pair(batch)

    def _first(self) -> Any:
        return next(iter(self._batches()))[0]

    def batch(self, ids: Any) -> Any:
        raise _core.CapabilityError(
            "Dataset.batch",
            "data that can be read in any order",
            "a stream",
            "pass a torch Dataset with __getitem__ and __len__",
        )

    def open(self, first: int = 0, batch_size: int = 128) -> Iterator[Batch]:
        seen = 0
        for x, y in self._batches():
            n, skip = len(x), max(first - seen, 0)
            if skip < n:
                rest = (x, y) if skip == 0 else (x[skip:], None if y is None else y[skip:])
                yield Batch(np.arange(seen + skip, seen + n), *rest)
            seen += n


def _length(source: Any) -> int | None:
    """`len(source)`, or None where it has none: `IterableDataset` may leave `__len__` out."""
    try:
        return len(source)
    except (TypeError, NotImplementedError):
        return None


def _loader_length(loader: Any) -> int | None:
    """How many samples a loader gives, where it can be known before it is read."""
    from torch.utils.data import BatchSampler, IterableDataset

    if isinstance(loader.dataset, IterableDataset):
        size = _length(loader.dataset)
    elif type(loader.batch_sampler) is BatchSampler:
        size = _length(loader.sampler)
    else:
        return None
    if size is not None and loader.drop_last and loader.batch_size:
        size -= size % loader.batch_size
    return size


def _from_loader(loader: Any, name: str | None, modality: str | None, facts: Any) -> Dataset:
    """A loader over an indexed data set gives its samples by index, so that ids are stable whatever it
    shuffles; one with samplers of its own, or over an iterable, is a stream."""
    from torch.utils.data import BatchSampler, IterableDataset, RandomSampler, SequentialSampler

    source = loader.dataset
    plain = (
        type(loader.batch_sampler) is BatchSampler
        and isinstance(loader.sampler, (RandomSampler, SequentialSampler))
        and not _draws_a_part(loader.sampler)
    )
    title = name or type(source).__name__
    if not isinstance(source, IterableDataset) and plain and hasattr(source, "__len__"):
        return _Indexed(source, loader.collate_fn, title, modality, facts)
    return _Stream(loader, _loader_length(loader), title, modality, facts, batched=True)


def _draws_a_part(sampler: Any) -> bool:
    """Whether a random sampler gives another number of samples than there are, or some twice."""
    wanted = getattr(sampler, "_num_samples", None)
    whole = wanted is None or wanted == _length(sampler.data_source)
    return bool(getattr(sampler, "replacement", False)) or not whole
