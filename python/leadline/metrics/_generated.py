"""The core half of leadline.metrics, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from typing import Literal

from numpy.typing import ArrayLike

from leadline._catalog import CatalogMetric, CatalogProbe, once
from leadline._core import Estimate

__all__ = [
    "Accuracy",
    "BalancedAccuracy",
    "Brier",
    "ConfusionMatrix",
    "F1",
    "LogLoss",
    "Precision",
    "Recall",
    "Task",
    "TopKAccuracy",
    "accuracy",
    "balanced_accuracy",
    "brier",
    "confusion_matrix",
    "f1",
    "log_loss",
    "precision",
    "recall",
    "top_k_accuracy",
]


class Accuracy(CatalogMetric):
    """Share of samples whose predicted class is the true one.

    Args:
        n_classes: Number of classes; unset: as many as the scores have, any label is
            allowed. At least 2.
        interval: How the interval is made. One of wilson, clopper_pearson, jeffreys.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Accuracy
        >>> Accuracy()
        Accuracy()
    """

    _half = "core"
    _name = "accuracy"

    def __init__(
        self,
        *,
        n_classes: int | None = None,
        interval: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
        level: float = 0.95,
    ) -> None:
        super().__init__(n_classes=n_classes, interval=interval, level=level)


def accuracy(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    n_classes: int | None = None,
    interval: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
    level: float = 0.95,
) -> Estimate:
    """Share of samples whose predicted class is the true one.

    One call of `Accuracy`: the same options, the same Estimate.
    """
    return once(
        Accuracy(n_classes=n_classes, interval=interval, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
    )


class BalancedAccuracy(CatalogMetric):
    """Mean recall over the classes that occur.

    Args:
        n_classes: Number of classes; unset: grows with the labels seen. At least 2.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import BalancedAccuracy
        >>> BalancedAccuracy()
        BalancedAccuracy()
    """

    _half = "core"
    _name = "balanced_accuracy"

    def __init__(self, *, n_classes: int | None = None, level: float = 0.95) -> None:
        super().__init__(n_classes=n_classes, level=level)


def balanced_accuracy(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    n_classes: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean recall over the classes that occur.

    One call of `BalancedAccuracy`: the same options, the same Estimate.
    """
    return once(
        BalancedAccuracy(n_classes=n_classes, level=level), scores, target, ids=ids, weights=weights
    )


class TopKAccuracy(CatalogMetric):
    """Share of samples whose true class is among the k largest scores.

    Args:
        k: How many classes the model may name. At least 1.
        interval: How the interval is made. One of wilson, clopper_pearson, jeffreys.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import TopKAccuracy
        >>> TopKAccuracy()
        TopKAccuracy()
    """

    _half = "core"
    _name = "top_k_accuracy"

    def __init__(
        self,
        *,
        k: int = 5,
        interval: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
        level: float = 0.95,
    ) -> None:
        super().__init__(k=k, interval=interval, level=level)


def top_k_accuracy(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    k: int = 5,
    interval: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
    level: float = 0.95,
) -> Estimate:
    """Share of samples whose true class is among the k largest scores.

    One call of `TopKAccuracy`: the same options, the same Estimate.
    """
    return once(
        TopKAccuracy(k=k, interval=interval, level=level), scores, target, ids=ids, weights=weights
    )


class Precision(CatalogMetric):
    """Of the samples called a class, the share that is of it.

    Args:
        average: How classes become one number. One of macro, micro, weighted, binary, none.
        n_classes: Number of classes; unset: grows with the labels seen. At least 2.
        positive: The class of average 'binary'. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Precision
        >>> Precision()
        Precision()
    """

    _half = "core"
    _name = "precision"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none"] = "macro",
        n_classes: int | None = None,
        positive: int = 1,
        level: float = 0.95,
    ) -> None:
        super().__init__(average=average, n_classes=n_classes, positive=positive, level=level)


def precision(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none"] = "macro",
    n_classes: int | None = None,
    positive: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Of the samples called a class, the share that is of it.

    One call of `Precision`: the same options, the same Estimate.
    """
    return once(
        Precision(average=average, n_classes=n_classes, positive=positive, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
    )


class Recall(CatalogMetric):
    """Of the samples of a class, the share that is called so.

    Args:
        average: How classes become one number. One of macro, micro, weighted, binary, none.
        n_classes: Number of classes; unset: grows with the labels seen. At least 2.
        positive: The class of average 'binary'. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Recall
        >>> Recall()
        Recall()
    """

    _half = "core"
    _name = "recall"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none"] = "macro",
        n_classes: int | None = None,
        positive: int = 1,
        level: float = 0.95,
    ) -> None:
        super().__init__(average=average, n_classes=n_classes, positive=positive, level=level)


def recall(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none"] = "macro",
    n_classes: int | None = None,
    positive: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Of the samples of a class, the share that is called so.

    One call of `Recall`: the same options, the same Estimate.
    """
    return once(
        Recall(average=average, n_classes=n_classes, positive=positive, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
    )


class F1(CatalogMetric):
    """Balance of precision and recall: 2 hits / (occurrences + calls).

    Args:
        average: How classes become one number. One of macro, micro, weighted, binary, none.
        n_classes: Number of classes; unset: grows with the labels seen. At least 2.
        positive: The class of average 'binary'. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import F1
        >>> F1()
        F1()
    """

    _half = "core"
    _name = "f1"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none"] = "macro",
        n_classes: int | None = None,
        positive: int = 1,
        level: float = 0.95,
    ) -> None:
        super().__init__(average=average, n_classes=n_classes, positive=positive, level=level)


def f1(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none"] = "macro",
    n_classes: int | None = None,
    positive: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Balance of precision and recall: 2 hits / (occurrences + calls).

    One call of `F1`: the same options, the same Estimate.
    """
    return once(
        F1(average=average, n_classes=n_classes, positive=positive, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
    )


class ConfusionMatrix(CatalogMetric):
    """Counts of (true class, predicted class).

    Args:
        n_classes: Number of classes; unset: grows with the labels seen. At least 2.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import ConfusionMatrix
        >>> ConfusionMatrix()
        ConfusionMatrix()
    """

    _half = "core"
    _name = "confusion_matrix"

    def __init__(self, *, n_classes: int | None = None, level: float = 0.95) -> None:
        super().__init__(n_classes=n_classes, level=level)


def confusion_matrix(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    n_classes: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Counts of (true class, predicted class).

    One call of `ConfusionMatrix`: the same options, the same Estimate.
    """
    return once(
        ConfusionMatrix(n_classes=n_classes, level=level), scores, target, ids=ids, weights=weights
    )


class LogLoss(CatalogMetric):
    """Mean of -log p(true class) in nats.

    Args:
        input: What the scores are; logits pass log-softmax. One of probabilities, logits.
        floor: Least probability of the true class; lower ones are raised to it. Unset:
            none, a probability of 0 makes the log loss undefined. In (0, 1).
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import LogLoss
        >>> LogLoss()
        LogLoss()
    """

    _half = "core"
    _name = "log_loss"

    def __init__(
        self,
        *,
        input: Literal["probabilities", "logits"] = "probabilities",
        floor: float | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(input=input, floor=floor, level=level)


def log_loss(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    input: Literal["probabilities", "logits"] = "probabilities",
    floor: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean of -log p(true class) in nats.

    One call of `LogLoss`: the same options, the same Estimate.
    """
    return once(
        LogLoss(input=input, floor=floor, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
    )


class Brier(CatalogMetric):
    """Mean squared distance of the probabilities from the truth.

    Args:
        input: What the scores are; logits pass softmax. One of probabilities, logits.
        interval: How the interval is made. One of t, empirical_bernstein.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Brier
        >>> Brier()
        Brier()
    """

    _half = "core"
    _name = "brier"

    def __init__(
        self,
        *,
        input: Literal["probabilities", "logits"] = "probabilities",
        interval: Literal["t", "empirical_bernstein"] = "t",
        level: float = 0.95,
    ) -> None:
        super().__init__(input=input, interval=interval, level=level)


def brier(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    input: Literal["probabilities", "logits"] = "probabilities",
    interval: Literal["t", "empirical_bernstein"] = "t",
    level: float = 0.95,
) -> Estimate:
    """Mean squared distance of the probabilities from the truth.

    One call of `Brier`: the same options, the same Estimate.
    """
    return once(
        Brier(input=input, interval=interval, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
    )


class Task(CatalogProbe):
    """How often is it right? Accuracy, F1, confusion, log loss and the most confident mistakes.

    Args:
        k: Of top-k accuracy; unset: the lesser of 5 and n_classes - 1, where there are more
            than 5 classes. At least 2.
        few: A class with fewer samples is named as too small to judge. In samples. At least
            1.

    Example:
        >>> from leadline.metrics import Task
        >>> Task()
        Task()
    """

    _half = "core"
    _name = "task"

    def __init__(self, *, k: int | None = None, few: int = 30) -> None:
        super().__init__(k=k, few=few)
