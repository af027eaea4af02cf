"""Several attacks as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leadline import _core
from leadline._mixins import AttackMethods

__all__ = ["Ensemble"]


class Ensemble(AttackMethods, _core.Ensemble):
    """Several attacks as one: a sample counts as robust when all of them fail.

    Each attack runs on what the ones before it left standing, those by gradients first. Estimates and
    checks are of their joint result: the checks do not ask whether one attack missed what another
    found, but what all of them missed.

    Args:
        attacks: of one threat; their own `max_samples` and `check_samples` are without effect.
        max_samples: samples looked at, drawn at random; 0: all.
        check_samples: samples behind the checks; 0: no checks.

    Raises:
        leadline.ValueError: no attacks, attacks of unequal threats.

    Example:
        >>> from leadline import robustness as rb
        >>> threat = rb.Threat(norm="linf", eps=0.1)
        >>> both = rb.Ensemble([rb.Pgd(threat, loss="margin"), rb.Square(threat, queries=500)])
        >>> both.info().name
        'ensemble'
    """

    def __init__(
        self, attacks: Iterable[Any], *, max_samples: int = 0, check_samples: int = 64
    ) -> None:
        self._attacks = list(attacks)
        self._sizes = (max_samples, check_samples)
        inner = [getattr(attack, "_inner", attack) for attack in self._attacks]
        super().__init__(inner, max_samples, check_samples)

    @property
    def _inner(self) -> Any:
        return self

    def __repr__(self) -> str:
        return f"Ensemble({self._attacks!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self._attacks, *self._sizes)


def _remade(attacks: list[Any], max_samples: int, check_samples: int) -> Ensemble:
    return Ensemble(attacks, max_samples=max_samples, check_samples=check_samples)
