"""Proofs from linear bounds, and the question for other verifiers."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from leadline import _core
from leadline._arguments import checked_call, number, path

__all__ = ["Certified", "LinearBounds", "certify", "export_problem"]


def _half() -> Any:
    from leadline._load import torch_half

    return torch_half()


def _as_torch(array: Any) -> Any:
    import torch

    return array if isinstance(array, torch.Tensor) else torch.as_tensor(np.array(array))


class LinearBounds:
    """Bounds of a classifier over a ball around each input.

    The operators of one forward are recorded and bounded in float64; one that has no bounds is
    refused by name. Methods, each never weaker than the one before: "ibp" (intervals), "crown_ibp",
    "crown", "alpha_crown".

    Args:
        model: an `nn.Module`, a TorchScript path or any callable on torch tensors.
        example: inputs [n, ...] like those to be certified.

    Raises:
        leadline.CapabilityError: an operator without bounds, or a model that its operators do not
            describe (random, or with values that leave torch).

    Example:
        >>> import torch
        >>> from leadline.robustness import LinearBounds
        >>> net = torch.nn.Linear(2, 2, bias=False)
        >>> _ = net.weight.data.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
        >>> x, y = torch.tensor([[3.0, 1.0]]), torch.tensor([0])
        >>> round(float(LinearBounds(net, x).margins(x, y, 0.5)), 4)
        1.0
    """

    @checked_call
    def __init__(self, model: Any, example: Any) -> None:
        self._bounds = _half().LinearBounds(model, _as_torch(example))

    @property
    def n_classes(self) -> int:
        """Classes of the model."""
        return int(self._bounds.n_classes)

    @checked_call
    def margins(
        self,
        x: Any,
        y: Any,
        eps: Any,
        *,
        method: str = "crown",
        norm: str = "linf",
        bounds: tuple[float, float] | None = None,
        alpha_steps: int = 20,
        alpha_inner: bool = True,
        rounding: bool = True,
    ) -> Any:
        """Lower bounds [n, n_classes - 1] of the score of `y` minus that of each other class.

        Args:
            x: inputs [n, ...].
            y: classes [n].
            eps: radius, or one a row, in input units.
            method: "ibp", "crown_ibp", "crown" or "alpha_crown".
            norm: of the ball.
            bounds: least and greatest input value: the ball is cut to them.
            alpha_steps: of alpha_crown.
            alpha_inner: alpha_crown learns the slopes behind the bounds of inner layers too; False: those of
                the last pass alone.
            rounding: take off what rounding to the model's dtype can move.

        Returns:
            float64, of the kind that came in; above 0 in a whole row: nothing inside the ball alters
            the answer.
        """
        import torch

        found = self._bounds.margins(
            _as_torch(x),
            _as_torch(y),
            torch.as_tensor(eps, dtype=torch.float64),
            method=method,
            norm=norm,
            bounds=bounds,
            alpha_steps=alpha_steps,
            alpha_inner=alpha_inner,
            rounding=rounding,
        )
        return found if isinstance(x, torch.Tensor) else found.cpu().numpy()

    @checked_call
    def outputs(
        self,
        x: Any,
        eps: Any,
        *,
        method: str = "crown",
        norm: str = "linf",
        bounds: tuple[float, float] | None = None,
        alpha_steps: int = 20,
        alpha_inner: bool = True,
        rounding: bool = True,
    ) -> tuple[Any, Any]:
        """Lower and upper bounds [n, n_outputs] of the outputs themselves; arguments as `margins`."""
        import torch

        lower, upper = self._bounds.outputs(
            _as_torch(x),
            torch.as_tensor(eps, dtype=torch.float64),
            method=method,
            norm=norm,
            bounds=bounds,
            alpha_steps=alpha_steps,
            alpha_inner=alpha_inner,
            rounding=rounding,
        )
        if isinstance(x, torch.Tensor):
            return lower, upper
        return lower.cpu().numpy(), upper.cpu().numpy()

    @checked_call
    def radius(
        self,
        x: Any,
        y: Any,
        *,
        largest: float,
        steps: int = 12,
        method: str = "crown",
        norm: str = "linf",
        bounds: tuple[float, float] | None = None,
        alpha_steps: int = 20,
        alpha_inner: bool = True,
        rounding: bool = True,
    ) -> Any:
        """Largest radius [n] found at which each row is certified, by bisection up to `largest`.

        Further arguments as `margins`.
        """
        import torch

        found = self._bounds.radius(
            _as_torch(x),
            _as_torch(y),
            largest=largest,
            steps=steps,
            method=method,
            norm=norm,
            bounds=bounds,
            alpha_steps=alpha_steps,
            alpha_inner=alpha_inner,
            rounding=rounding,
        )
        return found if isinstance(x, torch.Tensor) else found.cpu().numpy()


@dataclass(frozen=True, eq=False)
class Certified:
    """What `certify` found.

    Attributes:
        finding: the `Finding` of the probe `certify`, with checks and curve.
        certified_accuracy: share proven at the largest budget.
        attacked_accuracy: share that the attack left standing there; the truth lies between.
        radius: certified radius a row, 0 without.
        attacked_at: smallest budget at which an attack succeeded, inf without.
        checks: of the certificates themselves.
    """

    finding: _core.Finding
    certified_accuracy: _core.Estimate
    attacked_accuracy: _core.Estimate
    radius: np.ndarray
    attacked_at: np.ndarray

    @property
    def checks(self) -> list[_core.Check]:
        return list(self.finding.checks)

    def __getitem__(self, name: str) -> _core.Estimate:
        return self.finding[name]


def certify(
    model: Any,
    data: Any,
    *,
    method: str = "crown",
    threat: Any = None,
    seed: int = 0,
    batch_size: int = 128,
    output: str | None = None,
    progress: bool = False,
    **options: Any,
) -> Certified:
    """Proves for which samples no change inside the threat alters the answer.

    Args:
        model: as `leadline.evaluate` takes it; needs gradients.
        data: a `leadline.Dataset` with declared bounds, or what it takes.
        method: "ibp", "crown_ibp", "crown" or "alpha_crown", from loose and quick to tight.
        threat: a `Threat`: norm and budgets.
        seed: of the samples chosen by `max_samples`.
        batch_size: samples a forward.
        output: what the model's numbers are, when it does not know.
        progress: show a bar.
        options: those of `Certify`: norm, eps, alpha_steps, alpha_inner, rounding, radius_steps, attack_steps,
            max_samples, check_samples.

    Raises:
        leadline.CapabilityError: no declared bounds, or an operator that has no bounds.

    Example:
        >>> import leadline, torch
        >>> from leadline import robustness as rb
        >>> net = torch.nn.Linear(2, 2, bias=False)
        >>> _ = net.weight.data.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
        >>> data = leadline.Dataset(torch.tensor([[0.9, 0.1], [0.5, 0.4]]), [0, 0], bounds=(0.0, 1.0))
        >>> found = rb.certify(net, data, threat=rb.Threat(eps=0.1), output="logits")
        >>> found.certified_accuracy.value, found.attacked_accuracy.value
        (0.5, 0.5)
    """
    import leadline
    from leadline.robustness import Certify

    if threat is not None:
        options["threat"] = threat
    report = leadline.evaluate(
        model,
        data,
        suite=Certify(method=method, **options),
        seed=seed,
        batch_size=batch_size,
        output=output,
        progress=progress,
    )
    finding = report.finding("certify")
    if finding.status != "ok":
        raise _core.CapabilityError("certify", "a model that can be certified", finding.why, "")
    samples = report.samples
    last: dict[str, str] = {}
    for named in finding.estimates:
        last[named.name.partition("{")[0]] = named.name
    return Certified(
        finding,
        finding[last["certified_accuracy"]],
        finding[last["attacked_accuracy"]],
        np.asarray(samples["certify.radius"]),
        np.asarray(samples["certify.attacked_at"]),
    )


def _export_onnx(model: Any, example: Any, to: Path) -> None:
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise ImportError(
            "export_problem: expected the package 'onnx', got none (pip install onnx; or pass "
            "onnx=False to write the properties only)"
        ) from None
    import torch

    torch.onnx.export(
        model, (example,), str(to), input_names=["x"], output_names=["scores"], dynamo=False
    )


@checked_call
def export_problem(
    model: Any,
    x: Any,
    y: Any,
    folder: str | os.PathLike[str],
    *,
    eps: float,
    bounds: tuple[float, float] | None = None,
    timeout: int = 100,
    ids: Iterable[int] = (),
    onnx: bool = True,
) -> list[Path]:
    """Writes each row as a question for complete verifiers: VNN-LIB files, the model, a list.

    `folder/<id>.vnnlib` asks for an input within `eps` (linf) of row `id` that the model does not
    give the class `y`; `folder/model.onnx` is the model; `folder/instances.csv` lists
    (model, property, seconds) as alpha-beta-CROWN and VNN-COMP read it. "unsat" proves a row.

    Args:
        model: an `nn.Module` with one input.
        x: inputs [n, ...].
        y: classes [n].
        folder: made where it is missing.
        eps: linf radius, in input units.
        bounds: least and greatest input value: the box is cut to them.
        timeout: seconds that a verifier may take for a row.
        ids: names of the rows; default: 0, 1, ...
        onnx: False: write the properties only. The model needs the package `onnx`.

    Returns:
        The VNN-LIB files.

    Raises:
        ImportError: the package `onnx` is missing.
        leadline.ValueError: a radius that is negative, or a class that the model does not have.
    """
    import torch

    to = Path(path("export_problem", "folder", folder))
    radius = number("export_problem", "eps", eps, "0.01")
    if not 0 <= radius < float("inf"):
        raise _core.ValueError(
            "export_problem", "eps of at least 0 and finite", repr(eps), "give a radius"
        )
    rows, labels = _as_torch(x).detach().cpu(), [int(c) for c in _as_torch(y)]
    names = list(ids) or list(range(len(rows)))
    if not len(rows) == len(labels) == len(names):
        raise _core.ShapeError(
            "export_problem",
            "as many rows as classes and ids",
            f"{len(rows)}, {len(labels)}, {len(names)}",
            "",
        )
    exported = copy.deepcopy(model).eval()
    with torch.no_grad():
        n_outputs = int(np.prod(tuple(exported(rows[:1]).shape[1:]), dtype=int))
    to.mkdir(parents=True, exist_ok=True)
    if onnx:
        _export_onnx(exported, rows[:1], to / "model.onnx")
    files = []
    for row, label, name in zip(rows, labels, names, strict=True):
        values = row.double().flatten()
        lower, upper = values - radius, values + radius
        if bounds is not None:
            lower = torch.minimum(lower.clamp(min=bounds[0]), values)
            upper = torch.maximum(upper.clamp(max=bounds[1]), values)
        text = _core.to_vnnlib(
            lower.tolist(), upper.tolist(), label, n_outputs, comment=f"row {name}, linf {radius!r}"
        )
        files.append(to / f"{name}.vnnlib")
        files[-1].write_text(text)
    lines = [f"model.onnx,{file.name},{timeout}\n" for file in files]
    (to / "instances.csv").write_text("".join(lines))
    return files
