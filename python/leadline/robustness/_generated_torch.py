"""The torch half of leadline.robustness, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from leadline._catalog import CatalogProbe, Record, either
from leadline._mixins import Perturb

__all__ = ["Fgsm", "Pgd", "Threat"]


class Threat(Record):
    """The threat of an entry, as one record.

    Args:
        norm: Norm of the ball of changes. One of linf, l2.
        eps: Radius of the ball; several make a curve. In input units. Above 0.
        targeted: Drive each sample to one chosen class instead of any wrong one.
        target: How that class is chosen. One of next_class, least_likely.

    Example:
        >>> from leadline.robustness import Threat
        >>> Threat() == Threat()
        True
    """

    _fields = (
        "norm",
        "eps",
        "targeted",
        "target",
    )

    def __init__(
        self,
        *,
        norm: Literal["linf", "l2"] = "linf",
        eps: float | Sequence[float] = (0.03137254901960784,),
        targeted: bool = False,
        target: Literal["next_class", "least_likely"] = "next_class",
    ) -> None:
        super().__init__(norm=norm, eps=eps, targeted=targeted, target=target)


class Fgsm(Perturb, CatalogProbe):
    """Accuracy under one gradient step (fast gradient sign method).

    Args:
        norm: Norm of the ball of changes. One of linf, l2.
        eps: Radius of the ball; several make a curve. In input units. Above 0.
        targeted: Drive each sample to one chosen class instead of any wrong one.
        target: How that class is chosen. One of next_class, least_likely.
        loss: What is climbed. One of cross_entropy, margin.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Fgsm
        >>> Fgsm()
        Fgsm()
    """

    _half = "torch"
    _name = "fgsm"

    @either("threat", Threat, ("norm", "eps", "targeted", "target"))
    def __init__(
        self,
        *,
        threat: Threat | None = None,
        norm: Literal["linf", "l2"] = "linf",
        eps: float | Sequence[float] = (0.03137254901960784,),
        targeted: bool = False,
        target: Literal["next_class", "least_likely"] = "next_class",
        loss: Literal["cross_entropy", "margin"] = "cross_entropy",
        max_samples: int = 0,
        check_samples: int = 128,
    ) -> None:
        super().__init__(
            norm=norm,
            eps=eps,
            targeted=targeted,
            target=target,
            loss=loss,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Pgd(Perturb, CatalogProbe):
    """Accuracy under many small gradient steps (projected gradient descent).

    Args:
        norm: Norm of the ball of changes. One of linf, l2.
        eps: Radius of the ball; several make a curve. In input units. Above 0.
        targeted: Drive each sample to one chosen class instead of any wrong one.
        target: How that class is chosen. One of next_class, least_likely.
        steps: Gradient steps a restart. At least 1.
        step_size: Length of a step; none: 2.5 * eps / steps of each budget. In input units.
            Above 0.
        restarts: Independent starts a budget. At least 1.
        random_start: Start uniformly in the ball; off: at the clean input.
        loss: What is climbed. One of cross_entropy, margin.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.
        drop_fooled: Fooled rows leave the batch; off only for benchmarks, the results are
            the same.

    Example:
        >>> from leadline.robustness import Pgd
        >>> Pgd()
        Pgd()
    """

    _half = "torch"
    _name = "pgd"

    @either("threat", Threat, ("norm", "eps", "targeted", "target"))
    def __init__(
        self,
        *,
        threat: Threat | None = None,
        norm: Literal["linf", "l2"] = "linf",
        eps: float | Sequence[float] = (0.03137254901960784,),
        targeted: bool = False,
        target: Literal["next_class", "least_likely"] = "next_class",
        steps: int = 40,
        step_size: float | None = None,
        restarts: int = 1,
        random_start: bool = True,
        loss: Literal["cross_entropy", "margin"] = "cross_entropy",
        max_samples: int = 0,
        check_samples: int = 128,
        drop_fooled: bool = True,
    ) -> None:
        super().__init__(
            norm=norm,
            eps=eps,
            targeted=targeted,
            target=target,
            steps=steps,
            step_size=step_size,
            restarts=restarts,
            random_start=random_start,
            loss=loss,
            max_samples=max_samples,
            check_samples=check_samples,
            drop_fooled=drop_fooled,
        )
