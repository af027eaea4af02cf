"""Models from what people have: modules, callables, files, estimators."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from leadline import _core
from leadline._arguments import checked_call
from leadline._core import (
    FunctionModel,
    Model,
    Outputs,
    QueryModel,
    Subject,
    SubjectInfo,
    TextModel,
)

__all__ = [
    "FunctionModel",
    "Model",
    "Outputs",
    "QueryModel",
    "Subject",
    "SubjectInfo",
    "TextModel",
    "as_model",
    "black_box",
]


def _is_module(model: Any) -> bool:
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    return isinstance(model, (torch.nn.Module, torch.jit.ScriptModule, torch.jit.ScriptFunction))


@checked_call
def as_model(
    model: Any,
    *,
    name: str | None = None,
    output: str | None = None,
    mode: str = "eval",
    device: Any = None,
    dtype: Any = None,
    arrays: str = "torch",
    primary: str | None = None,
    extras: str | None = None,
    gradients: bool | None = None,
    constants: Mapping[str, Any] | None = None,
) -> Subject:
    """A model from what it is kept in.

    Args:
        model: an `nn.Module`; a callable on arrays; the path of a TorchScript (.pt) or AOTInductor
            (.pt2) file; an estimator with `predict_proba` or `predict`; a `leadline.Model` or
            `TextModel`, which is returned.
        name: for the report; default: the class, function or file name.
        output: what the numbers are: "logits", "probabilities", "labels" (a black box that decides
            only) or "values". Default: settled on the first batch and reported.
        mode: "eval", or "as_is" for models meant to be stochastic.
        device, dtype: default: those of the parameters.
        arrays: what a plain callable takes: "torch" tensors (gradients flow) or "numpy" arrays.
            `evaluate` passes the kind that the data came in.
        primary: which named output is the answer; default: logits, output, scores, else the first.
        extras: how further inputs are passed: "keywords" (default) or "positions".
        gradients: False for a callable whose output carries no graph.
        constants: keywords of every call, e.g. `{"sr": 16000}` for a script `forward(x, sr: int)`.

    Raises:
        leadline.TypeError: none of these.
        leadline.StoreError: the file is no model, a pickle, or truncated.

    Example:
        >>> import leadline, numpy
        >>> box = leadline.as_model(lambda x: x[:, 0] > 0, name="sign", output="labels", arrays="numpy")
        >>> box.info().access
        'labels'
    """
    if isinstance(model, Subject):
        if name or output or device is not None:
            raise _core.TypeError(
                "as_model",
                "a leadline model alone",
                "further arguments",
                "give them where the model is made",
            )
        return model
    if arrays not in ("torch", "numpy"):
        raise _core.ValueError(
            "as_model", "arrays to be 'torch' or 'numpy'", repr(arrays), "say what the model takes"
        )
    is_path = isinstance(model, (str, os.PathLike))
    if is_path or _is_module(model) or (arrays == "torch" and callable(model)):
        from leadline._load import torch_half

        further = {
            "primary": primary,
            "extras": extras,
            "gradients": gradients,
            "constants": None if constants is None else dict(constants),
        }
        made: Subject = torch_half().as_model(
            os.fspath(model) if is_path else model,
            name=name or "",
            output=output or "unknown",
            mode=mode,
            device=device,
            dtype=dtype,
            **{key: value for key, value in further.items() if value is not None},
        )
        return made
    of_torch = {
        "device": device,
        "dtype": dtype,
        "primary": primary,
        "extras": extras,
        "gradients": gradients,
        "constants": constants,
    }
    given = [key for key, value in of_torch.items() if value is not None]
    if given:
        raise _core.TypeError(
            "as_model",
            "name, output and mode for a model that is not torch",
            ", ".join(given),
            "drop it, or pass arrays='torch' for a callable on torch tensors",
        )
    fields = {key: value for key, value in (("name", name), ("output", output)) if value}
    if hasattr(model, "predict_proba"):
        fields.setdefault("name", type(model).__name__)
        return FunctionModel(model.predict_proba, **{"output": "probabilities", **fields})
    if hasattr(model, "predict"):
        fields.setdefault("name", type(model).__name__)
        return FunctionModel(model.predict, **{"output": "labels", **fields})
    if isinstance(model, type):
        raise _core.TypeError(
            "as_model", "a model", f"the class {model.__name__}", "make an object of it first"
        )
    if not callable(model):
        raise _core.TypeError(
            "as_model",
            "an nn.Module, a callable, a path, an estimator or a leadline.Model",
            type(model).__name__,
            "wrap it in a function from arrays to scores",
        )
    return FunctionModel(model, **fields)


@checked_call
def black_box(
    model: Callable[[Any], Any] | Model,
    *,
    outputs: str = "labels",
    name: str | None = None,
    batch_size: int = 64,
    retries: int = 3,
    wait: float = 1.0,
    longest_wait: float = 60.0,
    cache: bool | int = True,
) -> QueryModel:
    """A model behind a wire, asked as little as can be: what an outsider attacks.

    Rows already asked are answered from memory, calls that fail are made again after a wait that
    doubles, and all is counted: `model.counts`.

    Args:
        model: a function from a NumPy array [n, ...] to n answers, or a `leadline.Model`.
        outputs: what it gives: "labels", "probabilities" or "logits". A `leadline.Model` that gives
            scores is asked for "labels" by hiding them.
        name: for the report; default: that of the function.
        batch_size: most rows a call.
        retries: further calls after one that failed.
        wait, longest_wait: seconds before the first of them, and at most.
        cache: how many rows to remember; True: 65536. Leave it off for a model that draws random
            numbers: it would look deterministic.

    >>> import leadline, numpy as np
    >>> model = leadline.black_box(lambda x: (x.sum(axis=1) > 1).astype(np.int64))
    >>> np.asarray(model.forward(np.ones((3, 2), np.float32)).output).tolist()
    [1, 1, 1]
    >>> model.counts["asked"]
    1
    """
    hide = False
    if isinstance(model, Model):
        hide = outputs == "labels" and model.info().output != "labels"
        inner = model
    else:
        fields = {"output": outputs} if name is None else {"output": outputs, "name": name}
        inner = FunctionModel(model, **fields)
    return QueryModel(
        inner,
        batch_size=batch_size,
        retries=retries,
        wait=wait,
        longest_wait=longest_wait,
        cache_rows=65536 if cache is True else int(cache),
        labels_only=hide,
    )
