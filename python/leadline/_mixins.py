"""Methods of catalog classes beyond what every probe has."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from leadline import _core
from leadline._arguments import checked_call
from leadline.attribution.attribution import Attribution

if TYPE_CHECKING:
    from leadline._core import Probe
    from leadline.robustness.result import RobustnessResult


def _half() -> Any:
    from leadline._load import torch_half

    return torch_half()


def _subject_of(who: str, model: Any, x: Any) -> tuple[Any, Any]:
    """The model for arrays of the kind of `x`, and `x` without its graph."""
    from leadline.models import as_model

    is_torch = hasattr(x, "requires_grad")
    subject = as_model(model, arrays="torch" if is_torch else "numpy")
    if not isinstance(subject, _core.Model):
        raise _core.TypeError(
            who, "a model from arrays to arrays", type(subject).__name__, "attack one"
        )
    return subject, x.detach() if is_torch else x


def _bounds_of(who: str, bounds: Any) -> Any:
    from leadline.data import _bounds

    return _bounds(who, bounds)


def _as_given(made: Any, x: Any, keep_dtype: bool = True) -> Any:
    """`made` as an array of the kind of `x`."""
    if not hasattr(x, "requires_grad"):
        return made
    import torch

    out = torch.from_numpy(made.copy()).to(device=x.device)
    return out.to(dtype=x.dtype) if keep_dtype else out


class AttackMethods:
    """Attacks that can be used on their own."""

    if TYPE_CHECKING:

        @property
        def _inner(self) -> Probe: ...

    @checked_call
    def perturb(
        self,
        model: Any,
        x: Any,
        y: Any,
        *,
        bounds: tuple[float, float] = (0.0, 1.0),
        seed: int = 0,
        targets: Any = None,
        batch_size: int = 0,
        output: str = "unknown",
        keep: str = "nearest",
    ) -> Any:
        """Adversarial versions of `x`, of the kind that came in (NumPy or torch).

        Where no point within the largest budget misleads the model, the one nearest to misleading
        it comes back; attacks for the nearest adversarial give that, however far.

        Args:
            model: as `leadline.as_model` takes it.
            x: inputs [n, ...], inside `bounds`.
            y: true labels [n].
            bounds: least and greatest value that an input may take.
            seed: of what is drawn at random; a row draws the same for any batch size.
            targets: classes [n] to drive each row to, for the goal "targeted".
            batch_size: rows at once; 0: all, at most 256.
            output: "logits", "probabilities", "labels", or "unknown": as the model says, else
                logits.
            keep: "nearest": the nearest point that misleads, as in an evaluation; "last": where the
                full number of steps ends, as training needs it (`Pgd` and `Fgsm` only).

        Warns:
            UserWarning: numbers declared as logits that look like probabilities; a model that ran
                out of memory and was given fewer rows at once.

        Raises:
            leadline.ValueError: inputs outside the bounds, labels out of range.
            leadline.CapabilityError: the model does not give what the attack needs.
        """
        made, notes = _core.attack(
            self._inner,
            *_subject_of("perturb", model, x),
            y,
            bounds=_bounds_of("perturb", bounds),
            seed=seed,
            targets=targets,
            batch_size=batch_size,
            output=output,
            keep=keep,
        )
        for note in notes:
            warnings.warn(f"{type(self).__name__}.perturb: {note}", stacklevel=3)
        return _as_given(made, x)

    def evaluate(self, model: Any, data: Any, **options: Any) -> RobustnessResult:
        """Attacks every sample that the model reads correctly.

        Args:
            model: as `leadline.as_model` takes it.
            data: as `leadline.evaluate` takes it, with bounds.
            options: further arguments of `leadline.evaluate`, such as `seed`.

        Raises:
            leadline.CapabilityError: the model does not give what the attack needs.
        """
        from leadline.evaluation import evaluate
        from leadline.robustness.result import RobustnessResult

        report = evaluate(model, data, suite=self, **options)
        finding = report.findings[0]
        if finding.status != "ok":
            raise _core.CapabilityError(
                f"{type(self).__name__}.evaluate", "a finding", finding.why, "see its reason"
            )
        return RobustnessResult(report)


class TransferMethods(AttackMethods):
    """An attack that can be given the model whose gradients it climbs."""

    def __init__(self, *, surrogate: Any = None, **options: Any) -> None:
        from leadline.models import as_model

        if surrogate is None:
            super().__init__(**options)
        else:
            self._options = options
            model = as_model(surrogate)
            if not isinstance(model, _core.Model):
                raise _core.TypeError(
                    type(self).__name__,
                    "a surrogate from arrays to arrays",
                    type(model).__name__,
                    "leave it out, and one is learned from the model",
                )
            probe: Any = self  # a CatalogProbe, of which this is a part
            _core.CatalogProbe.__init__(probe, model, options)
        self.surrogate = surrogate

    def __reduce__(self) -> tuple[Any, ...]:
        from leadline._catalog import _remake

        return _remake, (type(self), {**self._options, "surrogate": self.surrogate}, None)


class UniversalMethods:
    """A change for all samples that can be used on its own."""

    if TYPE_CHECKING:

        @property
        def _inner(self) -> Probe: ...

    @checked_call
    def fit(
        self,
        model: Any,
        x: Any,
        *,
        bounds: tuple[float, float] = (0.0, 1.0),
        seed: int = 0,
        batch_size: int = 0,
        output: str = "unknown",
    ) -> Any:
        """The change at the largest budget, fitted on all of `x`; of the kind that came in.

        Args:
            model: as `leadline.as_model` takes it.
            x: inputs [n, ...], inside `bounds`.
            bounds: least and greatest value that an input may take.
            seed: of the order of the samples and the places of a patch.
            batch_size: rows at once; 0: all, at most 256.
            output: "logits", "probabilities", or "unknown": as the model says, else logits.

        Returns:
            The change [1, ...] in float64, to be added and cut to the bounds; of norm patch the
            square [1, channels, side, side].

        Raises:
            leadline.ValueError: inputs outside the bounds, a patch of less than a pixel.
            leadline.CapabilityError: the model gives no scores or no gradients.
        """
        made = _core.universal_perturbation(
            self._inner,
            *_subject_of("fit", model, x),
            bounds=_bounds_of("fit", bounds),
            seed=seed,
            batch_size=batch_size,
            output=output,
        )
        return _as_given(made, x, keep_dtype=False)


class Attribute:
    """Attributions that can be used on their own."""

    if TYPE_CHECKING:

        @property
        def _inner(self) -> Probe: ...

    @checked_call
    def attribute(self, model: Any, x: Any, target: Any) -> Attribution:
        """Attributions of `x` for `target`, of the kind that came in (NumPy or torch).

        Args:
            model: as `leadline.as_model` takes it.
            x: inputs [n, ...].
            target: classes [n] to explain, or one class for all.

        Returns:
            `values` like x, and what proves them: `residual`, `score`, `baseline_score`.

        Raises:
            leadline.ValueError: a class that the model does not have.
            leadline.CapabilityError: integer inputs, or a model without a gradient.
        """
        return Attribution(**_half().attribute(self._inner, model, x, target))
