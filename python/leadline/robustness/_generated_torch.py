"""The torch half of leadline.robustness, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from leadline._catalog import CatalogProbe, either
from leadline._mixins import AttackMethods
from leadline.robustness._generated import Threat

__all__ = ["Certify", "WeightFaults"]


class WeightFaults(CatalogProbe):
    """What does one flipped bit in a weight do to its answers?

    Args:
        flips: Flips of each bit position in each parameter. At least 1.
        max_samples: Most samples to ask after each flip, chosen by key; 0: all. At least 0.
        tolerated: A flip is critical when more than this share of the answers changes in
            silence. In [0, 1].

    Example:
        >>> from leadline.robustness import WeightFaults
        >>> WeightFaults()
        WeightFaults()
    """

    _half = "torch"
    _name = "weight_faults"

    def __init__(self, *, flips: int = 4, max_samples: int = 32, tolerated: float = 0.0) -> None:
        super().__init__(flips=flips, max_samples=max_samples, tolerated=tolerated)


class Certify(AttackMethods, CatalogProbe):
    """For how many inputs can no small change alter the answer (linear bounds)?

    Args:
        norm: How the size of a change is measured. One of linf, l2, l1, l0, spatial, patch.
        eps: Radius of the ball; several make a curve. In input units. Above 0.
        knowledge: What the adversary sees; an attack that needs more is refused. One of
            labels, scores, white_box.
        goal: What counts as success. One of untargeted, targeted, any_of.
        target: How the class of a targeted attack is chosen. One of next_class,
            least_likely.
        classes: The classes that count, for the goal any_of. At least 0.
        query_budget: Most rows of the model asked for a sample; 0: no limit. The best found
            by then counts. At least 0.
        feature_eps: Budget of each input value as a multiple of eps (distances are measured
            in these units); empty: 1 for all. At least 0.
        frozen: Positions of input values that cannot be changed. At least 0.
        bounds: Least and greatest value the adversary can give; empty: those of the data
            set.
        max_rotation: Rotation either way that eps = 1 allows, for the norm spatial. In
            degrees. In [0, 180].
        max_translation: Shift each way that eps = 1 allows, for the norm spatial. In shares
            of a side. In [0, 1].
        patch_shape: The form of a patch, for the norm patch. One of rectangle, ellipse.
        patch_aspect: Width of a patch over its height, for the norm patch. Above 0.
        method: How the bounds are made, from loose and quick to tight. One of ibp,
            crown_ibp, crown, alpha_crown.
        alpha_steps: Steps of alpha_crown. At least 1.
        alpha_inner: alpha_crown learns the slopes behind the bounds of inner layers too;
            off: the last pass alone.
        rounding: Take off what the rounding of the model can move; off: of real arithmetic.
        radius_steps: Halvings in the search for the radius of each sample; 0: budgets only.
            At least 0.
        attack_steps: Gradient steps of the attack that bounds the truth from above; 0:
            none. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Certified samples that are attacked inside their ball; 0: none. At
            least 0.

    Example:
        >>> from leadline.robustness import Certify
        >>> Certify()
        Certify()
    """

    _half = "torch"
    _name = "certify"

    @either(
        "threat",
        Threat,
        (
            "norm",
            "eps",
            "knowledge",
            "goal",
            "target",
            "classes",
            "query_budget",
            "feature_eps",
            "frozen",
            "bounds",
            "max_rotation",
            "max_translation",
            "patch_shape",
            "patch_aspect",
        ),
    )
    def __init__(
        self,
        threat: Threat | None = None,
        *,
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "linf",
        eps: float | Sequence[float] = (0.03137254901960784,),
        knowledge: Literal["labels", "scores", "white_box"] = "white_box",
        goal: Literal["untargeted", "targeted", "any_of"] = "untargeted",
        target: Literal["next_class", "least_likely"] = "next_class",
        classes: int | Sequence[int] = (),
        query_budget: int = 0,
        feature_eps: float | Sequence[float] = (),
        frozen: int | Sequence[int] = (),
        bounds: float | Sequence[float] = (),
        max_rotation: float = 30.0,
        max_translation: float = 0.1,
        patch_shape: Literal["rectangle", "ellipse"] = "rectangle",
        patch_aspect: float = 1.0,
        method: Literal["ibp", "crown_ibp", "crown", "alpha_crown"] = "crown",
        alpha_steps: int = 20,
        alpha_inner: bool = True,
        rounding: bool = True,
        radius_steps: int = 8,
        attack_steps: int = 20,
        max_samples: int = 0,
        check_samples: int = 64,
    ) -> None:
        super().__init__(
            norm=norm,
            eps=eps,
            knowledge=knowledge,
            goal=goal,
            target=target,
            classes=classes,
            query_budget=query_budget,
            feature_eps=feature_eps,
            frozen=frozen,
            bounds=bounds,
            max_rotation=max_rotation,
            max_translation=max_translation,
            patch_shape=patch_shape,
            patch_aspect=patch_aspect,
            method=method,
            alpha_steps=alpha_steps,
            alpha_inner=alpha_inner,
            rounding=rounding,
            radius_steps=radius_steps,
            attack_steps=attack_steps,
            max_samples=max_samples,
            check_samples=check_samples,
        )
