"""The loop of `AdversarialTraining.fit`: data, and the guard that stops a collapse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leadline import _core

if TYPE_CHECKING:
    import torch

__all__ = ["FitResult"]


@dataclass
class FitResult:
    """How a training went.

    Attributes:
        losses: mean loss of each epoch.
        watches: what `FastTraining.watch` saw before the first epoch and after each.
        stopped: why it stopped before the last epoch; "": it did not.
    """

    losses: list[float] = field(default_factory=list)
    watches: list[Any] = field(default_factory=list)
    stopped: str = ""


def tensors_of(data: Any) -> tuple[torch.Tensor, torch.Tensor]:
    import numpy as np
    import torch

    if isinstance(data, _core.Dataset):
        if data.info().size is None:
            raise _core.TypeError("fit", "data of known size", "a stream", "pass (x, y)")
        batch = data.batch(list(range(len(data))))
        data = (batch.x, batch.target)
    if not (isinstance(data, (tuple, list)) and len(data) == 2):
        raise _core.TypeError("fit", "(x, y) or a Dataset", type(data).__name__, "pass both")
    x, y = (
        part if isinstance(part, torch.Tensor) else torch.as_tensor(np.array(part)) for part in data
    )
    if len(x) != len(y) or not len(x):
        raise _core.ShapeError("fit", "as many labels as inputs", f"{len(x)}, {len(y)}", "")
    return x, y.long()


class Guard:
    """Watches held-out rows and keeps the weights of the best watch."""

    def __init__(self, training: Any, net: Any, watch: Any, device: Any) -> None:
        self._training, self._net, self._rows = training, net, None
        self._best: tuple[float, dict[str, Any]] = (-1.0, {})
        self.collapsed = False
        if watch is None:
            return
        if not hasattr(training, "watch"):
            raise _core.TypeError(
                "fit",
                "FastTraining for watch=",
                type(training).__name__,
                "only the single step can collapse: drop it",
            )
        x, y = tensors_of(watch)
        self._rows = (x.to(device), y.to(device))

    def look(self) -> list[Any]:
        if self._rows is None:
            return []
        seen = self._training.watch(self._net, *self._rows)
        self.collapsed = seen.collapsed
        if self.collapsed:
            self._net.load_state_dict(self._best[1])
        elif seen.pgd_accuracy.value >= self._best[0]:
            state = {k: v.detach().clone() for k, v in self._net.state_dict().items()}
            self._best = (seen.pgd_accuracy.value, state)
        return [seen]
