"""What an attribution method gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Attribution"]


@dataclass(frozen=True, eq=False)
class Attribution:
    """Attributions of n samples, with what they must add up to.

    `numpy.asarray(found)` gives the values.

    Attributes:
        values: like x: the share of each input value in the score.
        residual: [n] float64: sum of the values - (score - baseline_score), 0 where nothing is
            missing; None for methods that do not promise completeness.
        score: [n] float64: the explained class score at x.
        baseline_score: [n] float64: the same at the baseline; None without a baseline.
        baseline: every input value of the baseline; None without one.

    Example:
        >>> import torch
        >>> from leadline.attribution import IntegratedGradients
        >>> net = torch.nn.Linear(2, 2, bias=False)
        >>> _ = net.weight.data.copy_(torch.tensor([[1.0, 2.0], [0.0, 1.0]]))
        >>> found = IntegratedGradients().attribute(net, torch.tensor([[3.0, 1.0]]), 0)
        >>> bool(abs(found.residual[0]) < 1e-5 * abs(found.score[0] - found.baseline_score[0]))
        True
    """

    values: Any
    residual: Any
    score: Any
    baseline_score: Any
    baseline: float | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the values."""
        return tuple(self.values.shape)

    def __len__(self) -> int:
        return len(self.values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        values = self.values if isinstance(self.values, np.ndarray) else self.values.cpu().numpy()
        return np.array(values, dtype=dtype) if copy else np.asarray(values, dtype=dtype)
