"""The core half of leadline.robustness, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from leadline._catalog import CatalogProbe, Record, either
from leadline._mixins import AttackMethods, TransferMethods, UniversalMethods

__all__ = [
    "Apgd",
    "AutoAttack",
    "BoundaryAttack",
    "BrendelBethge",
    "CarliniWagner",
    "CorruptionBenchmark",
    "Ddn",
    "DeepFool",
    "Ead",
    "Fab",
    "FailureRate",
    "Fgsm",
    "Fmn",
    "GaussianNoise",
    "GeoDa",
    "HopSkipJump",
    "Nes",
    "PatchAttack",
    "Pgd",
    "RandomizedSmoothing",
    "ServingFaults",
    "SignOpt",
    "SimBa",
    "SpatialAttack",
    "Splitting",
    "Spsa",
    "Square",
    "Stress",
    "Threat",
    "Transfer",
    "UniversalPerturbation",
    "Zoo",
]


class Threat(Record):
    """The threat of an entry, as one record.

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

    Example:
        >>> from leadline.robustness import Threat
        >>> Threat() == Threat()
        True
    """

    _fields = (
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
    )

    def __init__(
        self,
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
        )


class Splitting(Record):
    """The splitting of an entry, as one record.

    Args:
        particles: Points a level. At least 20.
        keep: Share of the points that survive a level. In [0.01, 0.9].
        max_levels: Levels after which a repeat gives up: rates below keep^max_levels count
            as 0. In [1, 200].
        moves: Metropolis moves of each point a level. At least 1.
        repeats: Independent repeats behind the interval. At least 4.

    Example:
        >>> from leadline.robustness import Splitting
        >>> Splitting() == Splitting()
        True
    """

    _fields = (
        "particles",
        "keep",
        "max_levels",
        "moves",
        "repeats",
    )

    def __init__(
        self,
        *,
        particles: int = 400,
        keep: float = 0.1,
        max_levels: int = 12,
        moves: int = 5,
        repeats: int = 6,
    ) -> None:
        super().__init__(
            particles=particles, keep=keep, max_levels=max_levels, moves=moves, repeats=repeats
        )


class Fgsm(AttackMethods, CatalogProbe):
    """Accuracy under one gradient step (fast gradient sign method).

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
        loss: What is climbed. One of cross_entropy, margin, dlr.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Fgsm
        >>> Fgsm()
        Fgsm()
    """

    _half = "core"
    _name = "fgsm"

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
        loss: Literal["cross_entropy", "margin", "dlr"] = "cross_entropy",
        max_samples: int = 0,
        check_samples: int = 128,
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
            loss=loss,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Apgd(AttackMethods, CatalogProbe):
    """Accuracy under gradient steps that choose their own size (Auto-PGD).

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
        steps: Gradient steps a restart. At least 1.
        restarts: Independent starts a budget. At least 1.
        loss: What is climbed. One of cross_entropy, margin, dlr.
        n_targets: Above 0: climbs the targeted logit ratio towards each of so many
            likeliest wrong classes in turn, instead of 'loss'. At least 0.
        rho: Share of improving steps below which a window halves the step size. In (0, 1].
        eot_samples: Gradients averaged at each point, for models that draw random numbers.
            At least 1.
        compat: reference: the quirks of the authors' code instead of the published rules.
            One of none, reference.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Apgd
        >>> Apgd()
        Apgd()
    """

    _half = "core"
    _name = "apgd"

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
        steps: int = 100,
        restarts: int = 1,
        loss: Literal["cross_entropy", "margin", "dlr"] = "cross_entropy",
        n_targets: int = 0,
        rho: float = 0.75,
        eot_samples: int = 1,
        compat: Literal["none", "reference"] = "none",
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            restarts=restarts,
            loss=loss,
            n_targets=n_targets,
            rho=rho,
            eot_samples=eot_samples,
            compat=compat,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class AutoAttack(AttackMethods, CatalogProbe):
    """Accuracy under an ensemble of four attacks by the published protocol (AutoAttack).

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
        version: standard; plus: more restarts and the untargeted variants; rand: for models
            that draw random numbers. One of standard, plus, rand.
        compat: reference: the quirks of the authors' code instead of the published rules.
            One of none, reference.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import AutoAttack
        >>> AutoAttack()
        AutoAttack()
    """

    _half = "core"
    _name = "auto_attack"

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
        version: Literal["standard", "plus", "rand"] = "standard",
        compat: Literal["none", "reference"] = "none",
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
            version=version,
            compat=compat,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Pgd(AttackMethods, CatalogProbe):
    """Accuracy under many small gradient steps (projected gradient descent).

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
        steps: Gradient steps a restart. At least 1.
        step_size: Length of a step; none: 2.5 * eps / steps of each budget. In input units.
            Above 0.
        restarts: Independent starts a budget. At least 1.
        random_start: Start uniformly in the ball; off: at the clean input (the basic
            iterative method).
        loss: What is climbed. One of cross_entropy, margin, dlr.
        momentum: Decay of the sum of past gradients, each divided by its mean size (MI-
            FGSM, Dong et al. 2018); 0: the gradient alone. At least 0.
        eot_samples: Gradients averaged at each point, for models that draw random numbers
            (expectation over transformation, Athalye et al. 2018). At least 1.
        drop_fooled: Fooled rows leave the batch; off only for benchmarks, the results are
            the same.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Pgd
        >>> Pgd()
        Pgd()
    """

    _half = "core"
    _name = "pgd"

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
        steps: int = 40,
        step_size: float | None = None,
        restarts: int = 1,
        random_start: bool = True,
        loss: Literal["cross_entropy", "margin", "dlr"] = "cross_entropy",
        momentum: float = 0.0,
        eot_samples: int = 1,
        drop_fooled: bool = True,
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            step_size=step_size,
            restarts=restarts,
            random_start=random_start,
            loss=loss,
            momentum=momentum,
            eot_samples=eot_samples,
            drop_fooled=drop_fooled,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class GaussianNoise(CatalogProbe):
    """Does random noise on the input change its answers?

    Args:
        sigmas: Standard deviations of the noise. In input units. Above 0.
        repeats: Draws a sample and sigma. At least 1.
        max_samples: Most samples to visit, chosen by key; 0: all. At least 0.

    Example:
        >>> from leadline.robustness import GaussianNoise
        >>> GaussianNoise()
        GaussianNoise()
    """

    _half = "core"
    _name = "gaussian_noise"

    def __init__(
        self,
        *,
        sigmas: float | Sequence[float] = (0.02, 0.05, 0.1, 0.2),
        repeats: int = 1,
        max_samples: int = 0,
    ) -> None:
        super().__init__(sigmas=sigmas, repeats=repeats, max_samples=max_samples)


class Square(AttackMethods, CatalogProbe):
    """Accuracy under random search over windows of the input, from scores.

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
        queries: Rows of the model asked, a restart and budget. At least 2.
        restarts: Independent starts a budget. At least 1.
        first_share: Share of the pixels that the first windows cover. In (0, 1].
        rescale_schedule: Windows shrink after the same parts of the queries as in a run of
            10 000; off: after the same queries (as AutoAttack does).
        loss: What is climbed. One of cross_entropy, margin, dlr.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Square
        >>> Square()
        Square()
    """

    _half = "core"
    _name = "square"

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
        queries: int = 5000,
        restarts: int = 1,
        first_share: float = 0.8,
        rescale_schedule: bool = False,
        loss: Literal["cross_entropy", "margin", "dlr"] = "margin",
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            restarts=restarts,
            first_share=first_share,
            rescale_schedule=rescale_schedule,
            loss=loss,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Nes(AttackMethods, CatalogProbe):
    """Accuracy under steps along gradients estimated from scores (natural evolution strategies).

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
        queries: Rows of the model asked, a budget. At least 3.
        pairs: Pairs of points behind one gradient, on either side of where the row stands.
            At least 1.
        sigma: Deviation of the normal that smooths the scores; none: a quarter of eps
            (linf), of eps over the root of the number of values (else). In input units.
            Above 0.
        step_size: Length of a step; none: 2.5 * eps / steps. In input units. Above 0.
        momentum: Weight of the gradients before. In [0, 1).
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Nes
        >>> Nes()
        Nes()
    """

    _half = "core"
    _name = "nes"

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
        queries: int = 5000,
        pairs: int = 25,
        sigma: float | None = None,
        step_size: float | None = None,
        momentum: float = 0.9,
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            pairs=pairs,
            sigma=sigma,
            step_size=step_size,
            momentum=momentum,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Spsa(AttackMethods, CatalogProbe):
    """Accuracy under steps along gradients estimated from scores (simultaneous perturbation).

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
        queries: Rows of the model asked, a budget. At least 3.
        pairs: Pairs of points behind one gradient, on either side of where the row stands.
            At least 1.
        delta: How far each value is moved for a difference; none: a quarter of eps (linf),
            of eps over the root of the number of values (l2). In input units. Above 0.
        step_size: Step of Adam at each value; none: 2.5 * eps / steps (linf), over the root
            of the number of values (l2). In input units. Above 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Spsa
        >>> Spsa()
        Spsa()
    """

    _half = "core"
    _name = "spsa"

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
        queries: int = 5000,
        pairs: int = 64,
        delta: float | None = None,
        step_size: float | None = None,
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            pairs=pairs,
            delta=delta,
            step_size=step_size,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Zoo(AttackMethods, CatalogProbe):
    """How near is the nearest adversarial that scores lead to, one value at a time?

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
        queries: Rows of the model asked, all searches together. At least 3.
        searches: Values tried of the constant that weighs the margin against the distance.
            At least 1.
        initial_constant: The first of them. Above 0.
        coordinates: Values of the input moved together, each by its own difference. At
            least 1.
        difference: How far a value is moved for a difference. In input units. Above 0.
        step_size: Step of Adam at each value. In input units. Above 0.
        confidence: Margin beyond which more does not count. In logits. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Zoo
        >>> Zoo()
        Zoo()
    """

    _half = "core"
    _name = "zoo"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        queries: int = 20000,
        searches: int = 4,
        initial_constant: float = 0.1,
        coordinates: int = 128,
        difference: float = 0.0001,
        step_size: float = 0.01,
        confidence: float = 0.0,
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            searches=searches,
            initial_constant=initial_constant,
            coordinates=coordinates,
            difference=difference,
            step_size=step_size,
            confidence=confidence,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class SimBa(AttackMethods, CatalogProbe):
    """Accuracy under single steps along pixels or cosines, from scores.

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
        queries: Rows of the model asked, a budget. At least 2.
        basis: The directions tried. One of pixel, dct.
        low_frequencies: Share of the frequencies along each side that dct tries first. In
            (0, 1].
        step_size: Length of a step along a direction; none: twice eps (linf; for dct eps
            times half the root of the values of a plane), a fifth of it (l2, l1), the range
            of the value (l0). In input units. Above 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import SimBa
        >>> SimBa()
        SimBa()
    """

    _half = "core"
    _name = "simba"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        queries: int = 5000,
        basis: Literal["pixel", "dct"] = "pixel",
        low_frequencies: float = 0.125,
        step_size: float | None = None,
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            basis=basis,
            low_frequencies=low_frequencies,
            step_size=step_size,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class HopSkipJump(AttackMethods, CatalogProbe):
    """How near is the nearest adversarial that decisions lead to?

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
        queries: Rows of the model asked. At least 3.
        start_tries: Points of noise tried for a first one that fools. At least 1.
        initial_evaluations: Points behind the first estimate of the boundary's normal; they
            grow with the root of the number of steps. At least 2.
        max_evaluations: Most points behind one estimate. At least 2.
        gamma: Precision of the bisections and radius of the estimates, relative to the
            published rule. Above 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import HopSkipJump
        >>> HopSkipJump()
        HopSkipJump()
    """

    _half = "core"
    _name = "hop_skip_jump"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        queries: int = 5000,
        start_tries: int = 100,
        initial_evaluations: int = 100,
        max_evaluations: int = 10000,
        gamma: float = 1.0,
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            start_tries=start_tries,
            initial_evaluations=initial_evaluations,
            max_evaluations=max_evaluations,
            gamma=gamma,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class BoundaryAttack(AttackMethods, CatalogProbe):
    """How near does a random walk along the decision boundary come?

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
        queries: Rows of the model asked. At least 3.
        start_tries: Points of noise tried for a first one that fools. At least 1.
        spherical_step: First length of the random step around the clean point, relative to
            its distance. Above 0.
        source_step: First length of the step towards the clean point, relative to its
            distance. Above 0.
        adaptation: Factor by which steps grow and shrink with their success. Above 1.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import BoundaryAttack
        >>> BoundaryAttack()
        BoundaryAttack()
    """

    _half = "core"
    _name = "boundary_attack"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        queries: int = 25000,
        start_tries: int = 100,
        spherical_step: float = 0.01,
        source_step: float = 0.01,
        adaptation: float = 1.5,
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            start_tries=start_tries,
            spherical_step=spherical_step,
            source_step=source_step,
            adaptation=adaptation,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class GeoDa(AttackMethods, CatalogProbe):
    """How near is the nearest adversarial of a nearly flat boundary, from decisions?

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
        queries: Rows of the model asked. At least 3.
        start_tries: Points of noise tried for a first one that fools. At least 1.
        initial_evaluations: Points behind the first estimate of the boundary's normal. At
            least 2.
        growth: Factor from one estimate to the next. At least 1.
        low_frequencies: Share of the frequencies along each side in which the normal of a
            picture is looked for; inputs that are no pictures: all directions. In (0, 1].
        sigma: Deviation at each value of the points around the boundary; none: a hundredth
            of the distance over the root of the number of values. In input units. Above 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import GeoDa
        >>> GeoDa()
        GeoDa()
    """

    _half = "core"
    _name = "geoda"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        queries: int = 4000,
        start_tries: int = 100,
        initial_evaluations: int = 60,
        growth: float = 1.4,
        low_frequencies: float = 0.35,
        sigma: float | None = None,
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            start_tries=start_tries,
            initial_evaluations=initial_evaluations,
            growth=growth,
            low_frequencies=low_frequencies,
            sigma=sigma,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class SignOpt(AttackMethods, CatalogProbe):
    """How near is the boundary in the best direction, from signs of decisions?

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
        queries: Rows of the model asked. At least 3.
        start_tries: Points of noise tried for a first one that fools, then rays for a
            nearer one. At least 1.
        directions: Directions asked for one estimate of the gradient. At least 1.
        step_size: First step of the line search, on directions of length 1. Above 0.
        smoothing: How far directions are turned for a difference. In (0, 1).
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import SignOpt
        >>> SignOpt()
        SignOpt()
    """

    _half = "core"
    _name = "sign_opt"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        queries: int = 10000,
        start_tries: int = 100,
        directions: int = 200,
        step_size: float = 0.2,
        smoothing: float = 0.001,
        max_samples: int = 0,
        check_samples: int = 32,
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
            queries=queries,
            start_tries=start_tries,
            directions=directions,
            step_size=step_size,
            smoothing=smoothing,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Transfer(TransferMethods, CatalogProbe):
    """Accuracy under adversarial examples of a smooth stand-in for the model.

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
        steps: Gradient steps on the surrogate. At least 1.
        restarts: Starts of a budget: the clean input, then points drawn in the ball. At
            least 1.
        momentum: Decay of the sum of past gradients, each divided by its mean size. At
            least 0.
        look_every: Steps between two questions to the model; it is asked at the last step
            too. At least 1.
        learn_samples: Samples from which a surrogate is learned where none is given. At
            least 10.
        learn_copies: Noisy copies of each of them that the model is asked about as well. At
            least 0.
        hidden: Hidden units of the surrogate learned. At least 1.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.
        surrogate: The model whose gradients are climbed, as `leadline.as_model` takes it;
            none: one is learned from the answers of the model attacked.

    Example:
        >>> from leadline.robustness import Transfer
        >>> Transfer()
        Transfer()
    """

    _half = "core"
    _name = "transfer"

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
        surrogate: Any = None,
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
        steps: int = 40,
        restarts: int = 4,
        momentum: float = 1.0,
        look_every: int = 10,
        learn_samples: int = 1000,
        learn_copies: int = 4,
        hidden: int = 64,
        max_samples: int = 0,
        check_samples: int = 32,
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
            steps=steps,
            restarts=restarts,
            momentum=momentum,
            look_every=look_every,
            learn_samples=learn_samples,
            learn_copies=learn_copies,
            hidden=hidden,
            max_samples=max_samples,
            check_samples=check_samples,
            surrogate=surrogate,
        )


class Fab(AttackMethods, CatalogProbe):
    """Distance to the nearest misread input by projections on boundaries (fast adaptive boundary).

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
        steps: Gradient steps a restart. At least 1.
        restarts: Starts: the clean input, then points drawn within half the distance found.
            At least 1.
        n_targets: Likeliest wrong classes attacked one by one; 0: the nearest of all
            classes at each step, a gradient a class. At least 0.
        alpha_max: Largest pull towards the projection of the clean input. In [0, 1].
        eta: Length of a step relative to the projection. At least 1.
        beta: After a success, the share of the way kept. In (0, 1).
        polish: Rounds of the local search that ends the attack: the nearest point of the
            plane that touches the boundary at the best point so far; 0: none. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Fab
        >>> Fab()
        Fab()
    """

    _half = "core"
    _name = "fab"

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
        steps: int = 100,
        restarts: int = 1,
        n_targets: int = 9,
        alpha_max: float = 0.1,
        eta: float = 1.05,
        beta: float = 0.9,
        polish: int = 3,
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            restarts=restarts,
            n_targets=n_targets,
            alpha_max=alpha_max,
            eta=eta,
            beta=beta,
            polish=polish,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class DeepFool(AttackMethods, CatalogProbe):
    """Distance to the first linearised boundary crossed (DeepFool).

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
        steps: Gradient steps. At least 1.
        overshoot: Share by which the step across the boundary is lengthened; 0: just
            across. At least 0.
        candidates: Likeliest wrong classes whose boundaries are tried; 0: all. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import DeepFool
        >>> DeepFool()
        DeepFool()
    """

    _half = "core"
    _name = "deep_fool"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        steps: int = 50,
        overshoot: float = 0.02,
        candidates: int = 10,
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            overshoot=overshoot,
            candidates=candidates,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class CarliniWagner(AttackMethods, CatalogProbe):
    """Distance to the nearest misread input by optimisation (Carlini and Wagner).

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
        steps: Gradient steps a search. At least 1.
        searches: Values of the constant tried: tenfold until one succeeds, then bisected.
            At least 1.
        step_size: Step of Adam in tanh space; none: 0.01 (l2), 0.005 (linf). Above 0.
        initial_const: First weight of the margin against the distance; none: by the slope
            at the clean point. Above 0.
        abort_early: End a search that has succeeded once a tenth of its steps brings
            nothing; judged row by row.
        polish: Rounds of the local search that ends the attack: the nearest point of the
            plane that touches the boundary at the best point so far; 0: none. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import CarliniWagner
        >>> CarliniWagner()
        CarliniWagner()
    """

    _half = "core"
    _name = "carlini_wagner"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        steps: int = 1000,
        searches: int = 9,
        step_size: float | None = None,
        initial_const: float | None = None,
        abort_early: bool = True,
        polish: int = 3,
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            searches=searches,
            step_size=step_size,
            initial_const=initial_const,
            abort_early=abort_early,
            polish=polish,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Ddn(AttackMethods, CatalogProbe):
    """Distance to the nearest misread input, l2 (decoupled direction and norm).

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
        steps: Gradient steps. At least 1.
        init_norm: Radius of the first step, and its length; none: the distance by the slope
            at the clean point. In input units. Above 0.
        gamma: Share by which the radius shrinks after a success and grows after a failure.
            In (0, 1).
        polish: Rounds of the local search that ends the attack: the nearest point of the
            plane that touches the boundary at the best point so far; 0: none. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Ddn
        >>> Ddn()
        Ddn()
    """

    _half = "core"
    _name = "ddn"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        steps: int = 100,
        init_norm: float | None = None,
        gamma: float = 0.05,
        polish: int = 3,
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            init_norm=init_norm,
            gamma=gamma,
            polish=polish,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Fmn(AttackMethods, CatalogProbe):
    """Distance to the nearest misread input in any norm (fast minimum norm).

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
        steps: Gradient steps. At least 1.
        step_size: First step, l2; shrinks to 1 % by a cosine. None: the distance by the
            slope at the clean point, later that of the best point. In input units. Above 0.
        gamma: First share by which the radius changes; shrinks to 2 % by a cosine. In (0,
            1).
        polish: Rounds of the local search that ends the attack: the nearest point of the
            plane that touches the boundary at the best point so far; 0: none. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Fmn
        >>> Fmn()
        Fmn()
    """

    _half = "core"
    _name = "fmn"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        steps: int = 100,
        step_size: float | None = None,
        gamma: float = 0.05,
        polish: int = 3,
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            step_size=step_size,
            gamma=gamma,
            polish=polish,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Ead(AttackMethods, CatalogProbe):
    """Distance to the nearest misread input, l1 (elastic net).

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
        steps: Gradient steps a search. At least 1.
        searches: Values of the constant tried: tenfold until one succeeds, then bisected.
            At least 1.
        step_size: First step, relative to the range of the inputs; falls as a square root.
            Above 0.
        beta: Weight of the l1 distance against the squared l2 distance. At least 0.
        initial_const: First weight of the margin against the distance; none: by the slope
            at the clean point. Above 0.
        abort_early: Give a search up when a tenth of its steps brings nothing; judged row
            by row.
        polish: Rounds of the local search that ends the attack: the nearest point of the
            plane that touches the boundary at the best point so far; 0: none. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import Ead
        >>> Ead()
        Ead()
    """

    _half = "core"
    _name = "ead"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l1",
        eps: float | Sequence[float] = (8.0,),
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
        steps: int = 1000,
        searches: int = 9,
        step_size: float = 0.01,
        beta: float = 0.001,
        initial_const: float | None = None,
        abort_early: bool = True,
        polish: int = 3,
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            searches=searches,
            step_size=step_size,
            beta=beta,
            initial_const=initial_const,
            abort_early=abort_early,
            polish=polish,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class SpatialAttack(AttackMethods, CatalogProbe):
    """Accuracy when pictures are turned and shifted by a grid of motions.

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
        search: How motions are chosen. One of grid, random, gradient.
        rotations: Rotations of the grid. At least 1.
        translations: Shifts of the grid down, and as many to the right. At least 1.
        tries: Motions drawn, for the searches random and gradient. At least 1.
        steps: Steps from each motion drawn, for the search gradient: the first of half the
            budget, then shorter in proportion to what is left. At least 1.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import SpatialAttack
        >>> SpatialAttack()
        SpatialAttack()
    """

    _half = "core"
    _name = "spatial_attack"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "spatial",
        eps: float | Sequence[float] = (1.0,),
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
        search: Literal["grid", "random", "gradient"] = "grid",
        rotations: int = 31,
        translations: int = 5,
        tries: int = 10,
        steps: int = 20,
        max_samples: int = 0,
        check_samples: int = 32,
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
            search=search,
            rotations=rotations,
            translations=translations,
            tries=tries,
            steps=steps,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class PatchAttack(AttackMethods, CatalogProbe):
    """Accuracy when a patch of each picture is covered by any values.

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
        location: Where the patch is put. One of gradient, random.
        restarts: Places tried, a budget. At least 1.
        steps: Gradient steps a place. At least 1.
        step_size: Length of a step. In shares of the range. In (0, 1].
        loss: What is climbed. One of cross_entropy, margin, dlr.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import PatchAttack
        >>> PatchAttack()
        PatchAttack()
    """

    _half = "core"
    _name = "patch_attack"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "patch",
        eps: float | Sequence[float] = (0.05,),
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
        location: Literal["gradient", "random"] = "gradient",
        restarts: int = 4,
        steps: int = 40,
        step_size: float = 0.05,
        loss: Literal["cross_entropy", "margin", "dlr"] = "cross_entropy",
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
            location=location,
            restarts=restarts,
            steps=steps,
            step_size=step_size,
            loss=loss,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class BrendelBethge(AttackMethods, CatalogProbe):
    """Distance to the nearest misread input by steps along the boundary (Brendel and Bethge).

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
        steps: Steps along the boundary. At least 1.
        start_tries: Points of noise and corners of the box tried as a start; where all are
            read as the label it starts from the clean input. At least 1.
        trust: Radius of the first step, as a share of the distance so far; it falls to a
            hundredth of that by half a cosine. In (0, 1].
        polish: Rounds of local search at the end; 0: none, as published. At least 0.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the attack itself; 0: no checks. At
            least 0.

    Example:
        >>> from leadline.robustness import BrendelBethge
        >>> BrendelBethge()
        BrendelBethge()
    """

    _half = "core"
    _name = "brendel_bethge"

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
        norm: Literal["linf", "l2", "l1", "l0", "spatial", "patch"] = "l2",
        eps: float | Sequence[float] = (0.5,),
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
        steps: int = 200,
        start_tries: int = 100,
        trust: float = 0.1,
        polish: int = 3,
        max_samples: int = 0,
        check_samples: int = 128,
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
            steps=steps,
            start_tries=start_tries,
            trust=trust,
            polish=polish,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class UniversalPerturbation(UniversalMethods, CatalogProbe):
    """Does one change, the same for all inputs, mislead it on inputs it was not fitted on?

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
        epochs: Passes over the part it is fitted on. At least 1.
        fit_batch: Samples behind a gradient step; independent of the batches of the run. At
            least 1.
        step_size: Length of the first step, as a share of eps (patch: of the range); it
            falls to a twentieth by half a cosine. In (0, 1].
        fit_share: Part of the test data that it is fitted on, and not judged on; without
            effect where the run has data of the role fit. In (0, 1).
        fit_samples: Most samples that it is fitted on. At least 2.
        max_samples: Most samples that it is judged on, drawn at random; 0: all that are
            left. At least 0.
        check_samples: Samples asked twice, for the check that answers repeat; 0: no checks.
            At least 0.

    Example:
        >>> from leadline.robustness import UniversalPerturbation
        >>> UniversalPerturbation()
        UniversalPerturbation()
    """

    _half = "core"
    _name = "universal_perturbation"

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
        epochs: int = 10,
        fit_batch: int = 64,
        step_size: float = 0.2,
        fit_share: float = 0.5,
        fit_samples: int = 1000,
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
            epochs=epochs,
            fit_batch=fit_batch,
            step_size=step_size,
            fit_share=fit_share,
            fit_samples=fit_samples,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class FailureRate(CatalogProbe):
    """How likely is a random perturbation to mislead it, down to rare failures?

    Args:
        perturbation: gaussian: N(0, size^2) on each value; uniform: on [-size, size]. One
            of gaussian, uniform.
        size: Of the perturbation. In input units. Above 0.
        max_samples: Most samples to visit, chosen by key; 0: all. At least 0.
        draws: Plain draws a sample, for the exact interval. At least 100.
        particles: Points a level. At least 20.
        keep: Share of the points that survive a level. In [0.01, 0.9].
        max_levels: Levels after which a repeat gives up: rates below keep^max_levels count
            as 0. In [1, 200].
        moves: Metropolis moves of each point a level. At least 1.
        repeats: Independent repeats behind the interval. At least 4.

    Example:
        >>> from leadline.robustness import FailureRate
        >>> FailureRate()
        FailureRate()
    """

    _half = "core"
    _name = "failure_rate"

    @either("splitting", Splitting, ("particles", "keep", "max_levels", "moves", "repeats"))
    def __init__(
        self,
        splitting: Splitting | None = None,
        *,
        perturbation: Literal["gaussian", "uniform"] = "uniform",
        size: float = 0.1,
        max_samples: int = 16,
        draws: int = 1000,
        particles: int = 400,
        keep: float = 0.1,
        max_levels: int = 12,
        moves: int = 5,
        repeats: int = 6,
    ) -> None:
        super().__init__(
            perturbation=perturbation,
            size=size,
            max_samples=max_samples,
            draws=draws,
            particles=particles,
            keep=keep,
            max_levels=max_levels,
            moves=moves,
            repeats=repeats,
        )


class ServingFaults(CatalogProbe):
    """What does it do when the path that feeds it breaks, and does it recover?

    Args:
        faults: Of nan_input, lost_channel, stale_input, partial_batch, bit_flip.
        max_samples: Most samples to visit, chosen by key; 0: all. At least 0.

    Example:
        >>> from leadline.robustness import ServingFaults
        >>> ServingFaults()
        ServingFaults()
    """

    _half = "core"
    _name = "serving_faults"

    def __init__(
        self,
        *,
        faults: Sequence[str] = (
            "nan_input",
            "lost_channel",
            "stale_input",
            "partial_batch",
            "bit_flip",
        ),
        max_samples: int = 512,
    ) -> None:
        super().__init__(faults=faults, max_samples=max_samples)


class RandomizedSmoothing(CatalogProbe):
    """How many answers are proven once the model is asked under noise?

    Args:
        sigma: Standard deviation of the noise. In input units. Above 0.
        radii: L2 radii at which the certified accuracy is told. In input units. Above 0.
        n: Draws behind a certificate; most draws with early_stop. At least 1.
        n0: Draws that choose the class. At least 1.
        alpha: Probability that the certificate of a sample is wrong. In (0, 0.5).
        early_stop: Stop drawing once each radius is proven or out of reach, by a confidence
            sequence.
        max_samples: Samples looked at, drawn at random; 0: all. At least 0.
        check_samples: Samples behind the checks of the certificates themselves; 0: no
            checks. At least 0.

    Example:
        >>> from leadline.robustness import RandomizedSmoothing
        >>> RandomizedSmoothing()
        RandomizedSmoothing()
    """

    _half = "core"
    _name = "smoothing"

    def __init__(
        self,
        *,
        sigma: float = 0.25,
        radii: float | Sequence[float] = (0.125, 0.25, 0.5),
        n: int = 10000,
        n0: int = 100,
        alpha: float = 0.001,
        early_stop: bool = True,
        max_samples: int = 100,
        check_samples: int = 8,
    ) -> None:
        super().__init__(
            sigma=sigma,
            radii=radii,
            n=n,
            n0=n0,
            alpha=alpha,
            early_stop=early_stop,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class CorruptionBenchmark(CatalogProbe):
    """How much less does it read under blur, noise, weather and compression?

    Args:
        corruptions: Names, or families: noise, blur, weather, digital, common, validation,
            all.
        severities: From mild to severe. In (0, 5].
        compat: Whose parameters: of images of 224 or of 32 pixels. One of imagenet-c,
            cifar-c.
        reference: Whose errors mCE divides by. One of none, alexnet, given.
        reference_errors: Mean error over the severities, one a corruption in the order of
            the benchmark. In (0, 1].
        reference_clean_error: Error of the reference on clean images, for the relative mCE.
            In [0, 1].
        perturbations: Sequences to measure flips on, by name, or all; empty: none.
        reference_flips: Flip probability of the reference, one a perturbation in the order
            of the benchmark, for the mean flip rate. In (0, 1].
        frames: Frames a sequence. In [2, 31].
        max_samples: Most samples to visit, chosen by key; 0: all. At least 0.

    Example:
        >>> from leadline.robustness import CorruptionBenchmark
        >>> CorruptionBenchmark()
        CorruptionBenchmark()
    """

    _half = "core"
    _name = "corruption_benchmark"

    def __init__(
        self,
        *,
        corruptions: Sequence[str] = ("common",),
        severities: float | Sequence[float] = (1.0, 2.0, 3.0, 4.0, 5.0),
        compat: Literal["imagenet-c", "cifar-c"] = "imagenet-c",
        reference: Literal["none", "alexnet", "given"] = "none",
        reference_errors: float | Sequence[float] = (),
        reference_clean_error: float | None = None,
        perturbations: Sequence[str] = (),
        reference_flips: float | Sequence[float] = (),
        frames: int = 31,
        max_samples: int = 0,
    ) -> None:
        super().__init__(
            corruptions=corruptions,
            severities=severities,
            compat=compat,
            reference=reference,
            reference_errors=reference_errors,
            reference_clean_error=reference_clean_error,
            perturbations=perturbations,
            reference_flips=reference_flips,
            frames=frames,
            max_samples=max_samples,
        )


class Stress(CatalogProbe):
    """Does it still answer alike when inputs are damaged as they are in use?

    Args:
        stresses: Names, or families: table, series, image, text; empty: what fits the data.
        severities: From mild to severe. In (0, 5].
        max_samples: Most samples to visit, chosen by key; 0: all. At least 0.

    Example:
        >>> from leadline.robustness import Stress
        >>> Stress()
        Stress()
    """

    _half = "core"
    _name = "stress"

    def __init__(
        self,
        *,
        stresses: Sequence[str] = (),
        severities: float | Sequence[float] = (1.0, 3.0, 5.0),
        max_samples: int = 0,
    ) -> None:
        super().__init__(stresses=stresses, severities=severities, max_samples=max_samples)
