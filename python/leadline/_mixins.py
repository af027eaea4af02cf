"""Methods of catalog classes beyond what every probe has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadline._arguments import checked_call
from leadline.attribution.attribution import Attribution

if TYPE_CHECKING:
    from leadline._core import Probe


def _half() -> Any:
    from leadline._load import torch_half

    return torch_half()


def _as_torch(array: Any) -> Any:
    """A torch tensor of the same values."""
    import numpy as np
    import torch

    return array if isinstance(array, torch.Tensor) else torch.as_tensor(np.array(array))


class Perturb:
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
        bounds: tuple[float, float],
        seed: int = 0,
        targets: Any = None,
        batch_size: int = 0,
        output: str = "unknown",
    ) -> Any:
        """Adversarial versions of `x`, of the kind that came in (NumPy or torch).

        Args:
            model: as `leadline.as_model` takes it, on torch tensors.
            x: inputs [n, ...], inside `bounds`.
            y: true labels [n].
            bounds: least and greatest value that an input may take.
            seed: of the random starts; a row draws the same for any batch size.
            targets: classes [n] to drive each row to, for targeted attacks.
            batch_size: rows at once; 0: all, at most 256.
            output: "logits", "probabilities", or "unknown": as the model says, else logits.

        Raises:
            leadline.ValueError: inputs outside the bounds, labels out of range.
            leadline.CapabilityError: the model gives no gradients.
        """
        import torch

        from leadline.data import _bounds

        made = _half().perturb(
            self._inner,
            model,
            _as_torch(x),
            _as_torch(y),
            bounds=_bounds("perturb", bounds),
            seed=seed,
            targets=None if targets is None else _as_torch(targets),
            batch_size=batch_size,
            output=output,
        )
        return made if isinstance(x, torch.Tensor) else made.cpu().numpy()


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
