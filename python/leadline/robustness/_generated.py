"""The core half of leadline.robustness, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from leadline._catalog import CatalogProbe, Record, either
from leadline._mixins import AttackMethods

__all__ = ["Apgd", "Fgsm", "GaussianNoise", "Pgd", "Threat"]


class Threat(Record):
    """The threat of an entry, as one record.

    Args:
        norm: Norm of the ball of changes. One of linf, l2, l1, l0.
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
    )

    def __init__(
        self,
        *,
        norm: Literal["linf", "l2", "l1", "l0"] = "linf",
        eps: float | Sequence[float] = (0.03137254901960784,),
        knowledge: Literal["labels", "scores", "white_box"] = "white_box",
        goal: Literal["untargeted", "targeted", "any_of"] = "untargeted",
        target: Literal["next_class", "least_likely"] = "next_class",
        classes: int | Sequence[int] = (),
        query_budget: int = 0,
        feature_eps: float | Sequence[float] = (),
        frozen: int | Sequence[int] = (),
        bounds: float | Sequence[float] = (),
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
        )


class Fgsm(AttackMethods, CatalogProbe):
    """Accuracy under one gradient step (fast gradient sign method).

    Args:
        norm: Norm of the ball of changes. One of linf, l2, l1, l0.
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
        ),
    )
    def __init__(
        self,
        threat: Threat | None = None,
        *,
        norm: Literal["linf", "l2", "l1", "l0"] = "linf",
        eps: float | Sequence[float] = (0.03137254901960784,),
        knowledge: Literal["labels", "scores", "white_box"] = "white_box",
        goal: Literal["untargeted", "targeted", "any_of"] = "untargeted",
        target: Literal["next_class", "least_likely"] = "next_class",
        classes: int | Sequence[int] = (),
        query_budget: int = 0,
        feature_eps: float | Sequence[float] = (),
        frozen: int | Sequence[int] = (),
        bounds: float | Sequence[float] = (),
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
            loss=loss,
            max_samples=max_samples,
            check_samples=check_samples,
        )


class Apgd(AttackMethods, CatalogProbe):
    """Accuracy under gradient steps that choose their own size (Auto-PGD).

    Args:
        norm: Norm of the ball of changes. One of linf, l2, l1, l0.
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
        ),
    )
    def __init__(
        self,
        threat: Threat | None = None,
        *,
        norm: Literal["linf", "l2", "l1", "l0"] = "linf",
        eps: float | Sequence[float] = (0.03137254901960784,),
        knowledge: Literal["labels", "scores", "white_box"] = "white_box",
        goal: Literal["untargeted", "targeted", "any_of"] = "untargeted",
        target: Literal["next_class", "least_likely"] = "next_class",
        classes: int | Sequence[int] = (),
        query_budget: int = 0,
        feature_eps: float | Sequence[float] = (),
        frozen: int | Sequence[int] = (),
        bounds: float | Sequence[float] = (),
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


class Pgd(AttackMethods, CatalogProbe):
    """Accuracy under many small gradient steps (projected gradient descent).

    Args:
        norm: Norm of the ball of changes. One of linf, l2, l1, l0.
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
        ),
    )
    def __init__(
        self,
        threat: Threat | None = None,
        *,
        norm: Literal["linf", "l2", "l1", "l0"] = "linf",
        eps: float | Sequence[float] = (0.03137254901960784,),
        knowledge: Literal["labels", "scores", "white_box"] = "white_box",
        goal: Literal["untargeted", "targeted", "any_of"] = "untargeted",
        target: Literal["next_class", "least_likely"] = "next_class",
        classes: int | Sequence[int] = (),
        query_budget: int = 0,
        feature_eps: float | Sequence[float] = (),
        frozen: int | Sequence[int] = (),
        bounds: float | Sequence[float] = (),
        steps: int = 40,
        step_size: float | None = None,
        restarts: int = 1,
        random_start: bool = True,
        loss: Literal["cross_entropy", "margin", "dlr"] = "cross_entropy",
        momentum: float = 0.0,
        eot_samples: int = 1,
        max_samples: int = 0,
        check_samples: int = 128,
        drop_fooled: bool = True,
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
            steps=steps,
            step_size=step_size,
            restarts=restarts,
            random_start=random_start,
            loss=loss,
            momentum=momentum,
            eot_samples=eot_samples,
            max_samples=max_samples,
            check_samples=check_samples,
            drop_fooled=drop_fooled,
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
