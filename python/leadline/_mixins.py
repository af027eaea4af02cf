"""Methods of catalog classes beyond what every probe has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadline._core import Probe


def _half() -> Any:
    from leadline._load import torch_half

    return torch_half()


class Perturb:
    """Attacks that can be used on their own."""

    if TYPE_CHECKING:

        @property
        def _inner(self) -> Probe: ...

    def perturb(
        self,
        model: Any,
        x: Any,
        y: Any,
        *,
        bounds: tuple[float, float] | None = None,
        seed: int = 0,
    ) -> Any:
        """Adversarial examples for `x`, of the kind that came in (NumPy or torch).

        Args:
            model: as `leadline.as_model` takes it.
            x: inputs [n, ...], inside `bounds`.
            y: true labels [n], or the targets of a targeted attack.
            bounds: least and greatest value of an input.
            seed: of the random starts.
        """
        return _half().perturb(self._inner, model, x, y, bounds=bounds, seed=seed)


class Attribute:
    """Attributions that can be used on their own."""

    if TYPE_CHECKING:

        @property
        def _inner(self) -> Probe: ...

    def attribute(self, model: Any, x: Any, target: Any) -> Any:
        """Attributions of `x` for `target`, of the kind that came in (NumPy or torch).

        Args:
            model: as `leadline.as_model` takes it.
            x: inputs [n, ...].
            target: classes [n] to explain.
        """
        return _half().attribute(self._inner, model, x, target)
