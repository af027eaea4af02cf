"""The core half of leadline.metrics, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from numpy.typing import ArrayLike

from leadline._arguments import checked_call
from leadline._catalog import CatalogMetric, CatalogProbe, once
from leadline._core import Estimate

__all__ = [
    "Accuracy",
    "AreaUnderRiskCoverage",
    "Aupr",
    "Auroc",
    "AveragePrecision",
    "BalancedAccuracy",
    "Brier",
    "BrierDecomposition",
    "BrierSkill",
    "CohenKappa",
    "ConcordanceCorrelation",
    "ConcordanceIndex",
    "ConfusionMatrix",
    "CosineSimilarity",
    "CoverageError",
    "Crps",
    "Detection",
    "EqualErrorRate",
    "ExactMatch",
    "ExplainedVariance",
    "F1",
    "FBeta",
    "FalseNegativeRate",
    "FalsePositiveRate",
    "FprAtTpr",
    "Gain",
    "GeometricMean",
    "HammingLoss",
    "HingeLoss",
    "Informedness",
    "Jaccard",
    "JensenShannonDivergence",
    "KendallTau",
    "KlDivergence",
    "LabelRankingAveragePrecision",
    "LabelRankingLoss",
    "Lift",
    "LogAuc",
    "LogCoshError",
    "LogLoss",
    "LogLossSkill",
    "MatthewsCorrelation",
    "MaxError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogError",
    "MedianAbsoluteError",
    "MinkowskiDistance",
    "Ndcg",
    "NegativeLikelihoodRatio",
    "NegativePredictiveValue",
    "PearsonCorrelation",
    "PinballLoss",
    "PinballSkill",
    "PositiveLikelihoodRatio",
    "Precision",
    "PrecisionAtRecall",
    "R2",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "RootMeanSquaredLogError",
    "SpearmanCorrelation",
    "Specificity",
    "SpecificityAtSensitivity",
    "SymmetricMeanAbsolutePercentageError",
    "Task",
    "TopKAccuracy",
    "TprAtFpr",
    "TweedieDeviance",
    "TweedieSkill",
    "WeightedMeanAbsolutePercentageError",
    "ZeroOneLoss",
    "accuracy",
    "area_under_risk_coverage",
    "aupr",
    "auroc",
    "average_precision",
    "balanced_accuracy",
    "brier",
    "brier_decomposition",
    "brier_skill",
    "cohen_kappa",
    "concordance_correlation",
    "concordance_index",
    "confusion_matrix",
    "cosine_similarity",
    "coverage_error",
    "crps",
    "detection",
    "equal_error_rate",
    "exact_match",
    "explained_variance",
    "f1",
    "f_beta",
    "false_negative_rate",
    "false_positive_rate",
    "fpr_at_tpr",
    "gain",
    "geometric_mean",
    "hamming_loss",
    "hinge_loss",
    "informedness",
    "jaccard",
    "jensen_shannon_divergence",
    "kendall_tau",
    "kl_divergence",
    "label_ranking_average_precision",
    "label_ranking_loss",
    "lift",
    "log_auc",
    "log_cosh_error",
    "log_loss",
    "log_loss_skill",
    "matthews_correlation",
    "max_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_log_error",
    "median_absolute_error",
    "minkowski_distance",
    "ndcg",
    "negative_likelihood_ratio",
    "negative_predictive_value",
    "pearson_correlation",
    "pinball_loss",
    "pinball_skill",
    "positive_likelihood_ratio",
    "precision",
    "precision_at_recall",
    "r2",
    "recall",
    "recall_at_precision",
    "root_mean_squared_error",
    "root_mean_squared_log_error",
    "spearman_correlation",
    "specificity",
    "specificity_at_sensitivity",
    "symmetric_mean_absolute_percentage_error",
    "top_k_accuracy",
    "tpr_at_fpr",
    "tweedie_deviance",
    "tweedie_skill",
    "weighted_mean_absolute_percentage_error",
    "zero_one_loss",
]


class Accuracy(CatalogMetric):
    """Share of samples whose predicted class is the true one.

    Args:
        interval: How the interval is made. One of wilson, clopper_pearson, jeffreys.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
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
        interval: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            interval=interval,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def accuracy(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    interval: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of samples whose predicted class is the true one.

    One call of `Accuracy`: the same options, the same Estimate.
    """
    return once(
        Accuracy(
            interval=interval,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class BalancedAccuracy(CatalogMetric):
    """Mean recall over the classes that occur.

    Args:
        adjusted: Rescaled so that chance, 1 over the number of classes that occur, is 0; of
            two classes it is `Informedness`.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import BalancedAccuracy
        >>> BalancedAccuracy()
        BalancedAccuracy()
    """

    _half = "core"
    _name = "balanced_accuracy"

    def __init__(
        self,
        *,
        adjusted: bool = False,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            adjusted=adjusted,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def balanced_accuracy(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    adjusted: bool = False,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean recall over the classes that occur.

    One call of `BalancedAccuracy`: the same options, the same Estimate.
    """
    return once(
        BalancedAccuracy(
            adjusted=adjusted,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class TopKAccuracy(CatalogMetric):
    """Share of samples whose true class is among the k largest scores.

    Args:
        k: How many classes the model may name. At least 1.
        ignore_index: Samples with this target do not count.
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
        ignore_index: int | None = None,
        interval: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
        level: float = 0.95,
    ) -> None:
        super().__init__(k=k, ignore_index=ignore_index, interval=interval, level=level)


@checked_call
def top_k_accuracy(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    k: int = 5,
    ignore_index: int | None = None,
    interval: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
    level: float = 0.95,
) -> Estimate:
    """Share of samples whose true class is among the k largest scores.

    One call of `TopKAccuracy`: the same options, the same Estimate.
    """
    return once(
        TopKAccuracy(k=k, ignore_index=ignore_index, interval=interval, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Precision(CatalogMetric):
    """Of the samples called a class, the share that is of it.

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
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
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def precision(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Of the samples called a class, the share that is of it.

    One call of `Precision`: the same options, the same Estimate.
    """
    return once(
        Precision(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Recall(CatalogMetric):
    """Of the samples of a class, the share that is called so.

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
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
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def recall(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Of the samples of a class, the share that is called so.

    One call of `Recall`: the same options, the same Estimate.
    """
    return once(
        Recall(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class F1(CatalogMetric):
    """Balance of precision and recall: 2 hits / (occurrences + calls).

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
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
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def f1(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Balance of precision and recall: 2 hits / (occurrences + calls).

    One call of `F1`: the same options, the same Estimate.
    """
    return once(
        F1(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class FBeta(CatalogMetric):
    """Precision and recall, recall counting beta times as much.

    Args:
        beta: Recall counts beta times as much as precision. Above 0.
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import FBeta
        >>> FBeta()
        FBeta()
    """

    _half = "core"
    _name = "f_beta"

    def __init__(
        self,
        *,
        beta: float = 2.0,
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            beta=beta,
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def f_beta(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    beta: float = 2.0,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Precision and recall, recall counting beta times as much.

    One call of `FBeta`: the same options, the same Estimate.
    """
    return once(
        FBeta(
            beta=beta,
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Specificity(CatalogMetric):
    """Of the samples of other classes, the share not called so.

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Specificity
        >>> Specificity()
        Specificity()
    """

    _half = "core"
    _name = "specificity"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def specificity(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Of the samples of other classes, the share not called so.

    One call of `Specificity`: the same options, the same Estimate.
    """
    return once(
        Specificity(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class NegativePredictiveValue(CatalogMetric):
    """Of the samples not called a class, the share not of it.

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import NegativePredictiveValue
        >>> NegativePredictiveValue()
        NegativePredictiveValue()
    """

    _half = "core"
    _name = "negative_predictive_value"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def negative_predictive_value(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Of the samples not called a class, the share not of it.

    One call of `NegativePredictiveValue`: the same options, the same Estimate.
    """
    return once(
        NegativePredictiveValue(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class FalsePositiveRate(CatalogMetric):
    """Of the samples of other classes, the share called so.

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import FalsePositiveRate
        >>> FalsePositiveRate()
        FalsePositiveRate()
    """

    _half = "core"
    _name = "false_positive_rate"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def false_positive_rate(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Of the samples of other classes, the share called so.

    One call of `FalsePositiveRate`: the same options, the same Estimate.
    """
    return once(
        FalsePositiveRate(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class FalseNegativeRate(CatalogMetric):
    """Of the samples of a class, the share missed.

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import FalseNegativeRate
        >>> FalseNegativeRate()
        FalseNegativeRate()
    """

    _half = "core"
    _name = "false_negative_rate"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def false_negative_rate(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Of the samples of a class, the share missed.

    One call of `FalseNegativeRate`: the same options, the same Estimate.
    """
    return once(
        FalseNegativeRate(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Jaccard(CatalogMetric):
    """Overlap of what is of a class and what is called so.

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Jaccard
        >>> Jaccard()
        Jaccard()
    """

    _half = "core"
    _name = "jaccard"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def jaccard(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Overlap of what is of a class and what is called so.

    One call of `Jaccard`: the same options, the same Estimate.
    """
    return once(
        Jaccard(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Informedness(CatalogMetric):
    """Recall + specificity - 1: how far better than chance.

    Args:
        average: How classes become one number; of task 'binary' it is the positive class.
            One of macro, micro, weighted, binary, none, samples.
        zero_division: What 0 / 0 of a class does: it is left out and counted as a fact, or
            it is 0. One of exclude, zero.
        top_k: Of scores [n, n_classes]: a sample is called its true class where that is
            among so many of the largest scores, else the class of the largest (as
            torchmetrics). At least 1.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Informedness
        >>> Informedness()
        Informedness()
    """

    _half = "core"
    _name = "informedness"

    def __init__(
        self,
        *,
        average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
        zero_division: Literal["exclude", "zero"] = "exclude",
        top_k: int = 1,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def informedness(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "micro", "weighted", "binary", "none", "samples"] = "macro",
    zero_division: Literal["exclude", "zero"] = "exclude",
    top_k: int = 1,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Recall + specificity - 1: how far better than chance.

    One call of `Informedness`: the same options, the same Estimate.
    """
    return once(
        Informedness(
            average=average,
            zero_division=zero_division,
            top_k=top_k,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MatthewsCorrelation(CatalogMetric):
    """Correlation of decisions with truth.

    Args:
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import MatthewsCorrelation
        >>> MatthewsCorrelation()
        MatthewsCorrelation()
    """

    _half = "core"
    _name = "matthews_correlation"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def matthews_correlation(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Correlation of decisions with truth.

    One call of `MatthewsCorrelation`: the same options, the same Estimate.
    """
    return once(
        MatthewsCorrelation(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class CohenKappa(CatalogMetric):
    """Agreement with the truth beyond chance; unweighted, linear or quadratic.

    Args:
        weighting: How far apart two classes count; linear and quadratic for ordered
            classes. One of none, linear, quadratic.
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import CohenKappa
        >>> CohenKappa()
        CohenKappa()
    """

    _half = "core"
    _name = "cohen_kappa"

    def __init__(
        self,
        *,
        weighting: Literal["none", "linear", "quadratic"] = "none",
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            weighting=weighting,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def cohen_kappa(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    weighting: Literal["none", "linear", "quadratic"] = "none",
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Agreement with the truth beyond chance; unweighted, linear or quadratic.

    One call of `CohenKappa`: the same options, the same Estimate.
    """
    return once(
        CohenKappa(
            weighting=weighting,
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class PositiveLikelihoodRatio(CatalogMetric):
    """How many times likelier a call is where the class is there.

    Args:
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import PositiveLikelihoodRatio
        >>> PositiveLikelihoodRatio()
        PositiveLikelihoodRatio()
    """

    _half = "core"
    _name = "positive_likelihood_ratio"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def positive_likelihood_ratio(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """How many times likelier a call is where the class is there.

    One call of `PositiveLikelihoodRatio`: the same options, the same Estimate.
    """
    return once(
        PositiveLikelihoodRatio(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class NegativeLikelihoodRatio(CatalogMetric):
    """How many times likelier no call is where the class is there.

    Args:
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import NegativeLikelihoodRatio
        >>> NegativeLikelihoodRatio()
        NegativeLikelihoodRatio()
    """

    _half = "core"
    _name = "negative_likelihood_ratio"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def negative_likelihood_ratio(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """How many times likelier no call is where the class is there.

    One call of `NegativeLikelihoodRatio`: the same options, the same Estimate.
    """
    return once(
        NegativeLikelihoodRatio(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class GeometricMean(CatalogMetric):
    """Geometric mean of the recalls of the classes that occur.

    Args:
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import GeometricMean
        >>> GeometricMean()
        GeometricMean()
    """

    _half = "core"
    _name = "geometric_mean"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def geometric_mean(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Geometric mean of the recalls of the classes that occur.

    One call of `GeometricMean`: the same options, the same Estimate.
    """
    return once(
        GeometricMean(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class ExactMatch(CatalogMetric):
    """Share of samples with every label right.

    Args:
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import ExactMatch
        >>> ExactMatch()
        ExactMatch()
    """

    _half = "core"
    _name = "exact_match"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def exact_match(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of samples with every label right.

    One call of `ExactMatch`: the same options, the same Estimate.
    """
    return once(
        ExactMatch(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class ZeroOneLoss(CatalogMetric):
    """Share of samples with a wrong label.

    Args:
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import ZeroOneLoss
        >>> ZeroOneLoss()
        ZeroOneLoss()
    """

    _half = "core"
    _name = "zero_one_loss"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def zero_one_loss(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of samples with a wrong label.

    One call of `ZeroOneLoss`: the same options, the same Estimate.
    """
    return once(
        ZeroOneLoss(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class HammingLoss(CatalogMetric):
    """Share of labels that are wrong.

    Args:
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import HammingLoss
        >>> HammingLoss()
        HammingLoss()
    """

    _half = "core"
    _name = "hamming_loss"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def hamming_loss(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of labels that are wrong.

    One call of `HammingLoss`: the same options, the same Estimate.
    """
    return once(
        HammingLoss(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class ConfusionMatrix(CatalogMetric):
    """Counts of (true class, predicted class).

    Args:
        task: What the labels of a sample are; never guessed. One of multiclass, binary,
            multilabel.
        n_classes: Number of classes, or of labels; unset: grows with the labels seen. At
            least 2.
        threshold: Scores from here on (>=) are positive; of tasks binary and multilabel.
        positive_class: The class whose value task 'binary' gives, and average 'binary' of a
            multiclass task. At least 0.
        ignore_index: Samples with this target do not count; of multilabel targets, such
            entries.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import ConfusionMatrix
        >>> ConfusionMatrix()
        ConfusionMatrix()
    """

    _half = "core"
    _name = "confusion_matrix"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        n_classes: int | None = None,
        threshold: float = 0.5,
        positive_class: int = 1,
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        )


@checked_call
def confusion_matrix(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    n_classes: int | None = None,
    threshold: float = 0.5,
    positive_class: int = 1,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Counts of (true class, predicted class).

    One call of `ConfusionMatrix`: the same options, the same Estimate.
    """
    return once(
        ConfusionMatrix(
            task=task,
            n_classes=n_classes,
            threshold=threshold,
            positive_class=positive_class,
            ignore_index=ignore_index,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class LogLoss(CatalogMetric):
    """Mean of -log p(true class) in nats.

    Args:
        task: 'multiclass' reads a column a class, 'binary' the one of class 1. One of
            multiclass, binary, multilabel.
        ignore_index: Samples with this target do not count.
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
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        ignore_index: int | None = None,
        input: Literal["probabilities", "logits"] = "probabilities",
        floor: float | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task, ignore_index=ignore_index, input=input, floor=floor, level=level
        )


@checked_call
def log_loss(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    ignore_index: int | None = None,
    input: Literal["probabilities", "logits"] = "probabilities",
    floor: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean of -log p(true class) in nats.

    One call of `LogLoss`: the same options, the same Estimate.
    """
    return once(
        LogLoss(task=task, ignore_index=ignore_index, input=input, floor=floor, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Brier(CatalogMetric):
    """Mean squared distance of the probabilities from the truth.

    Args:
        task: 'multiclass' reads a column a class, 'binary' the one of class 1. One of
            multiclass, binary, multilabel.
        ignore_index: Samples with this target do not count.
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
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        ignore_index: int | None = None,
        input: Literal["probabilities", "logits"] = "probabilities",
        interval: Literal["t", "empirical_bernstein"] = "t",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task, ignore_index=ignore_index, input=input, interval=interval, level=level
        )


@checked_call
def brier(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    ignore_index: int | None = None,
    input: Literal["probabilities", "logits"] = "probabilities",
    interval: Literal["t", "empirical_bernstein"] = "t",
    level: float = 0.95,
) -> Estimate:
    """Mean squared distance of the probabilities from the truth.

    One call of `Brier`: the same options, the same Estimate.
    """
    return once(
        Brier(task=task, ignore_index=ignore_index, input=input, interval=interval, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class LogLossSkill(CatalogMetric):
    """Share of the log loss of the class frequencies that is taken away (D2).

    Args:
        task: 'multiclass' reads a column a class, 'binary' the one of class 1. One of
            multiclass, binary, multilabel.
        ignore_index: Samples with this target do not count.
        input: What the scores are. One of probabilities, logits.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import LogLossSkill
        >>> LogLossSkill()
        LogLossSkill()
    """

    _half = "core"
    _name = "log_loss_skill"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        ignore_index: int | None = None,
        input: Literal["probabilities", "logits"] = "probabilities",
        level: float = 0.95,
    ) -> None:
        super().__init__(task=task, ignore_index=ignore_index, input=input, level=level)


@checked_call
def log_loss_skill(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    ignore_index: int | None = None,
    input: Literal["probabilities", "logits"] = "probabilities",
    level: float = 0.95,
) -> Estimate:
    """Share of the log loss of the class frequencies that is taken away (D2).

    One call of `LogLossSkill`: the same options, the same Estimate.
    """
    return once(
        LogLossSkill(task=task, ignore_index=ignore_index, input=input, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class BrierSkill(CatalogMetric):
    """Share of the Brier score of the class frequencies that is taken away (D2).

    Args:
        task: 'multiclass' reads a column a class, 'binary' the one of class 1. One of
            multiclass, binary, multilabel.
        ignore_index: Samples with this target do not count.
        input: What the scores are. One of probabilities, logits.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import BrierSkill
        >>> BrierSkill()
        BrierSkill()
    """

    _half = "core"
    _name = "brier_skill"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        ignore_index: int | None = None,
        input: Literal["probabilities", "logits"] = "probabilities",
        level: float = 0.95,
    ) -> None:
        super().__init__(task=task, ignore_index=ignore_index, input=input, level=level)


@checked_call
def brier_skill(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    ignore_index: int | None = None,
    input: Literal["probabilities", "logits"] = "probabilities",
    level: float = 0.95,
) -> Estimate:
    """Share of the Brier score of the class frequencies that is taken away (D2).

    One call of `BrierSkill`: the same options, the same Estimate.
    """
    return once(
        BrierSkill(task=task, ignore_index=ignore_index, input=input, level=level),
        probabilities,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Auroc(CatalogMetric):
    """Area under the ROC curve: how often a positive scores above a negative.

    Args:
        max_fpr: Area up to this false-positive rate only, standardised to 1/2 for chance
            and 1 for perfect (McClish 1989); unset: all of it. In (0, 1].
        contrast: Classes against the rest, or against each other class (Hand and Till
            2001). One of one_vs_rest, one_vs_one.
        interval: How the interval is made. One of delong, bootstrap.
        replicates: Resamples of the bootstrap. At least 100.
        seed: Of the bootstrap. At least 0.
        band: Confidence band of the curve in `describe()`. One of none, pointwise,
            simultaneous.
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Auroc
        >>> Auroc()
        Auroc()
    """

    _half = "core"
    _name = "auroc"

    def __init__(
        self,
        *,
        max_fpr: float | None = None,
        contrast: Literal["one_vs_rest", "one_vs_one"] = "one_vs_rest",
        interval: Literal["delong", "bootstrap"] = "delong",
        replicates: int = 1000,
        seed: int = 0,
        band: Literal["none", "pointwise", "simultaneous"] = "simultaneous",
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            max_fpr=max_fpr,
            contrast=contrast,
            interval=interval,
            replicates=replicates,
            seed=seed,
            band=band,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def auroc(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    max_fpr: float | None = None,
    contrast: Literal["one_vs_rest", "one_vs_one"] = "one_vs_rest",
    interval: Literal["delong", "bootstrap"] = "delong",
    replicates: int = 1000,
    seed: int = 0,
    band: Literal["none", "pointwise", "simultaneous"] = "simultaneous",
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Area under the ROC curve: how often a positive scores above a negative.

    One call of `Auroc`: the same options, the same Estimate.
    """
    return once(
        Auroc(
            max_fpr=max_fpr,
            contrast=contrast,
            interval=interval,
            replicates=replicates,
            seed=seed,
            band=band,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class AveragePrecision(CatalogMetric):
    """Average precision: precision at each threshold, weighted by the step in recall.

    Args:
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import AveragePrecision
        >>> AveragePrecision()
        AveragePrecision()
    """

    _half = "core"
    _name = "average_precision"

    def __init__(
        self,
        *,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def average_precision(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Average precision: precision at each threshold, weighted by the step in recall.

    One call of `AveragePrecision`: the same options, the same Estimate.
    """
    return once(
        AveragePrecision(
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Aupr(CatalogMetric):
    """Area under the precision-recall curve by the trapezoid rule, which out-of-distribution papers report.

    Args:
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Aupr
        >>> Aupr()
        Aupr()
    """

    _half = "core"
    _name = "aupr"

    def __init__(
        self,
        *,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def aupr(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Area under the precision-recall curve by the trapezoid rule, which out-of-distribution papers report.

    One call of `Aupr`: the same options, the same Estimate.
    """
    return once(
        Aupr(
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class PrecisionAtRecall(CatalogMetric):
    """Greatest precision among the thresholds that find at least a given share of the positives.

    Args:
        recall: Least share of the positives to be found. In (0, 1].
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import PrecisionAtRecall
        >>> PrecisionAtRecall()
        PrecisionAtRecall()
    """

    _half = "core"
    _name = "precision_at_recall"

    def __init__(
        self,
        *,
        recall: float = 0.9,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            recall=recall,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def precision_at_recall(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    recall: float = 0.9,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Greatest precision among the thresholds that find at least a given share of the positives.

    One call of `PrecisionAtRecall`: the same options, the same Estimate.
    """
    return once(
        PrecisionAtRecall(
            recall=recall,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class RecallAtPrecision(CatalogMetric):
    """Greatest recall among the thresholds with at least a given precision.

    Args:
        precision: Least precision. In (0, 1].
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import RecallAtPrecision
        >>> RecallAtPrecision()
        RecallAtPrecision()
    """

    _half = "core"
    _name = "recall_at_precision"

    def __init__(
        self,
        *,
        precision: float = 0.9,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            precision=precision,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def recall_at_precision(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    precision: float = 0.9,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Greatest recall among the thresholds with at least a given precision.

    One call of `RecallAtPrecision`: the same options, the same Estimate.
    """
    return once(
        RecallAtPrecision(
            precision=precision,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class SpecificityAtSensitivity(CatalogMetric):
    """Share of the negatives left alone at the first threshold that finds a given share of the positives.

    Args:
        sensitivity: Least share of the positives to be found. In (0, 1].
        interval: How the interval is made: with the uncertainty of the threshold, or at the
            threshold as given. One of matched_beta, clopper_pearson.
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import SpecificityAtSensitivity
        >>> SpecificityAtSensitivity()
        SpecificityAtSensitivity()
    """

    _half = "core"
    _name = "specificity_at_sensitivity"

    def __init__(
        self,
        *,
        sensitivity: float = 0.95,
        interval: Literal["matched_beta", "clopper_pearson"] = "matched_beta",
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            sensitivity=sensitivity,
            interval=interval,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def specificity_at_sensitivity(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    sensitivity: float = 0.95,
    interval: Literal["matched_beta", "clopper_pearson"] = "matched_beta",
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Share of the negatives left alone at the first threshold that finds a given share of the positives.

    One call of `SpecificityAtSensitivity`: the same options, the same Estimate.
    """
    return once(
        SpecificityAtSensitivity(
            sensitivity=sensitivity,
            interval=interval,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class FprAtTpr(CatalogMetric):
    """Share of the negatives accepted at the first threshold that accepts a given share of the positives.

    Args:
        tpr: Least share of the positives to be accepted. In (0, 1].
        interval: How the interval is made: with the uncertainty of the threshold, or at the
            threshold as given. One of matched_beta, clopper_pearson.
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import FprAtTpr
        >>> FprAtTpr()
        FprAtTpr()
    """

    _half = "core"
    _name = "fpr_at_tpr"

    def __init__(
        self,
        *,
        tpr: float = 0.95,
        interval: Literal["matched_beta", "clopper_pearson"] = "matched_beta",
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            tpr=tpr,
            interval=interval,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def fpr_at_tpr(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    tpr: float = 0.95,
    interval: Literal["matched_beta", "clopper_pearson"] = "matched_beta",
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Share of the negatives accepted at the first threshold that accepts a given share of the positives.

    One call of `FprAtTpr`: the same options, the same Estimate.
    """
    return once(
        FprAtTpr(
            tpr=tpr,
            interval=interval,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class TprAtFpr(CatalogMetric):
    """Share of the positives accepted at the last threshold that accepts at most a given share of the negatives.

    Args:
        fpr: Greatest share of the negatives to be accepted. In [0, 1].
        interval: How the interval is made: with the uncertainty of the threshold, or at the
            threshold as given. One of matched_beta, clopper_pearson.
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import TprAtFpr
        >>> TprAtFpr()
        TprAtFpr()
    """

    _half = "core"
    _name = "tpr_at_fpr"

    def __init__(
        self,
        *,
        fpr: float = 0.01,
        interval: Literal["matched_beta", "clopper_pearson"] = "matched_beta",
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            fpr=fpr,
            interval=interval,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def tpr_at_fpr(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    fpr: float = 0.01,
    interval: Literal["matched_beta", "clopper_pearson"] = "matched_beta",
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Share of the positives accepted at the last threshold that accepts at most a given share of the negatives.

    One call of `TprAtFpr`: the same options, the same Estimate.
    """
    return once(
        TprAtFpr(
            fpr=fpr,
            interval=interval,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class EqualErrorRate(CatalogMetric):
    """Error rate where as many positives are missed as negatives accepted.

    Args:
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import EqualErrorRate
        >>> EqualErrorRate()
        EqualErrorRate()
    """

    _half = "core"
    _name = "equal_error_rate"

    def __init__(
        self,
        *,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def equal_error_rate(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Error rate where as many positives are missed as negatives accepted.

    One call of `EqualErrorRate`: the same options, the same Estimate.
    """
    return once(
        EqualErrorRate(
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Gain(CatalogMetric):
    """Share of all positives among the given share of samples with the greatest scores.

    Args:
        fraction: Share of the samples looked at, from the greatest score down. In (0, 1].
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Gain
        >>> Gain()
        Gain()
    """

    _half = "core"
    _name = "gain"

    def __init__(
        self,
        *,
        fraction: float = 0.1,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            fraction=fraction,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def gain(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    fraction: float = 0.1,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Share of all positives among the given share of samples with the greatest scores.

    One call of `Gain`: the same options, the same Estimate.
    """
    return once(
        Gain(
            fraction=fraction,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Lift(CatalogMetric):
    """How many times denser the positives are among the given share of samples with the greatest scores.

    Args:
        fraction: Share of the samples looked at, from the greatest score down. In (0, 1].
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Lift
        >>> Lift()
        Lift()
    """

    _half = "core"
    _name = "lift"

    def __init__(
        self,
        *,
        fraction: float = 0.1,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            fraction=fraction,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def lift(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    fraction: float = 0.1,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """How many times denser the positives are among the given share of samples with the greatest scores.

    One call of `Lift`: the same options, the same Estimate.
    """
    return once(
        Lift(
            fraction=fraction,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class LogAuc(CatalogMetric):
    """Area under the ROC curve over the logarithm of the false-positive rate.

    Args:
        min_fpr: Where the area begins. In (0, 1).
        max_fpr: Where it ends. In (0, 1].
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import LogAuc
        >>> LogAuc()
        LogAuc()
    """

    _half = "core"
    _name = "log_auc"

    def __init__(
        self,
        *,
        min_fpr: float = 0.001,
        max_fpr: float = 0.1,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            min_fpr=min_fpr,
            max_fpr=max_fpr,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def log_auc(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    min_fpr: float = 0.001,
    max_fpr: float = 0.1,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Area under the ROC curve over the logarithm of the false-positive rate.

    One call of `LogAuc`: the same options, the same Estimate.
    """
    return once(
        LogAuc(
            min_fpr=min_fpr,
            max_fpr=max_fpr,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class AreaUnderRiskCoverage(CatalogMetric):
    """Mean error rate over the coverages, the surest answers first.

    Args:
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import AreaUnderRiskCoverage
        >>> AreaUnderRiskCoverage()
        AreaUnderRiskCoverage()
    """

    _half = "core"
    _name = "area_under_risk_coverage"

    def __init__(
        self,
        *,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def area_under_risk_coverage(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """Mean error rate over the coverages, the surest answers first.

    One call of `AreaUnderRiskCoverage`: the same options, the same Estimate.
    """
    return once(
        AreaUnderRiskCoverage(
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class CoverageError(CatalogMetric):
    """Labels to look at, from the greatest score down, to meet all of a sample.

    Args:
        ignore_index: Entries of the target with this value do not count.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import CoverageError
        >>> CoverageError()
        CoverageError()
    """

    _half = "core"
    _name = "coverage_error"

    def __init__(self, *, ignore_index: int | None = None, level: float = 0.95) -> None:
        super().__init__(ignore_index=ignore_index, level=level)


@checked_call
def coverage_error(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Labels to look at, from the greatest score down, to meet all of a sample.

    One call of `CoverageError`: the same options, the same Estimate.
    """
    return once(
        CoverageError(ignore_index=ignore_index, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class LabelRankingAveragePrecision(CatalogMetric):
    """How pure the top of each sample's labels is.

    Args:
        ignore_index: Entries of the target with this value do not count.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import LabelRankingAveragePrecision
        >>> LabelRankingAveragePrecision()
        LabelRankingAveragePrecision()
    """

    _half = "core"
    _name = "label_ranking_average_precision"

    def __init__(self, *, ignore_index: int | None = None, level: float = 0.95) -> None:
        super().__init__(ignore_index=ignore_index, level=level)


@checked_call
def label_ranking_average_precision(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """How pure the top of each sample's labels is.

    One call of `LabelRankingAveragePrecision`: the same options, the same Estimate.
    """
    return once(
        LabelRankingAveragePrecision(ignore_index=ignore_index, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class LabelRankingLoss(CatalogMetric):
    """Share of the label pairs of a sample in the wrong order.

    Args:
        ignore_index: Entries of the target with this value do not count.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import LabelRankingLoss
        >>> LabelRankingLoss()
        LabelRankingLoss()
    """

    _half = "core"
    _name = "label_ranking_loss"

    def __init__(self, *, ignore_index: int | None = None, level: float = 0.95) -> None:
        super().__init__(ignore_index=ignore_index, level=level)


@checked_call
def label_ranking_loss(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Share of the label pairs of a sample in the wrong order.

    One call of `LabelRankingLoss`: the same options, the same Estimate.
    """
    return once(
        LabelRankingLoss(ignore_index=ignore_index, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Ndcg(CatalogMetric):
    """Relevance found, discounted by its place, as a share of the ideal order.

    Args:
        k: Only the first k places count; 0: all. At least 0.
        normalise: Divide by the gain of the ideal order; off: the discounted cumulative
            gain.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Ndcg
        >>> Ndcg()
        Ndcg()
    """

    _half = "core"
    _name = "ndcg"

    def __init__(self, *, k: int = 0, normalise: bool = True, level: float = 0.95) -> None:
        super().__init__(k=k, normalise=normalise, level=level)


@checked_call
def ndcg(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    k: int = 0,
    normalise: bool = True,
    level: float = 0.95,
) -> Estimate:
    """Relevance found, discounted by its place, as a share of the ideal order.

    One call of `Ndcg`: the same options, the same Estimate.
    """
    return once(
        Ndcg(k=k, normalise=normalise, level=level),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Detection(CatalogMetric):
    """AUROC, both AUPR and FPR at fixed TPR of a detector, from one sort.

    Args:
        tpr: Share of the positives that the operating point accepts. In (0, 1].
        average: How the columns of many classes become one number. One of macro, weighted,
            none.
        positive: Which of the labels 0 and 1 is the positive one, for scores of one column.
            In [0, 1].
        ignore_index: Samples with this label are left out (one label a sample).
        exact: Keep every score, however many there are.
        keep: Scores kept before a histogram of constant size, with a bounded error, takes
            their place; 0: the histogram from the start. Means nothing with exact. At least
            0.
        bits: Size of the histogram: at most 2^bits bins a column. In [8, 20].
        scale: What the scores are; 'probability' makes the histogram as fine near 1 as near
            0. One of raw, probability.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Detection
        >>> Detection()
        Detection()
    """

    _half = "core"
    _name = "detection"

    def __init__(
        self,
        *,
        tpr: float = 0.95,
        average: Literal["macro", "weighted", "none"] = "macro",
        positive: int = 1,
        ignore_index: int | None = None,
        exact: bool = False,
        keep: int = 2097152,
        bits: int = 16,
        scale: Literal["raw", "probability"] = "raw",
        level: float = 0.95,
    ) -> None:
        super().__init__(
            tpr=tpr,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        )


@checked_call
def detection(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    tpr: float = 0.95,
    average: Literal["macro", "weighted", "none"] = "macro",
    positive: int = 1,
    ignore_index: int | None = None,
    exact: bool = False,
    keep: int = 2097152,
    bits: int = 16,
    scale: Literal["raw", "probability"] = "raw",
    level: float = 0.95,
) -> Estimate:
    """AUROC, both AUPR and FPR at fixed TPR of a detector, from one sort.

    One call of `Detection`: the same options, the same Estimate.
    """
    return once(
        Detection(
            tpr=tpr,
            average=average,
            positive=positive,
            ignore_index=ignore_index,
            exact=exact,
            keep=keep,
            bits=bits,
            scale=scale,
            level=level,
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class BrierDecomposition(CatalogMetric):
    """Brier score as miscalibration - discrimination + uncertainty.

    Args:
        method: How the score is taken apart. One of corp, binned.
        bins: Bins of equal width, of 'binned'. In [1, 10000].
        task: 'multiclass': the largest probability and whether its class is right;
            'binary': the probability of class 1 and whether it is the class. One of
            multiclass, binary, multilabel.
        ignore_index: Samples with this target do not count.

    Example:
        >>> from leadline.metrics import BrierDecomposition
        >>> BrierDecomposition()
        BrierDecomposition()
    """

    _half = "core"
    _name = "brier_decomposition"

    def __init__(
        self,
        *,
        method: Literal["corp", "binned"] = "corp",
        bins: int = 15,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        ignore_index: int | None = None,
    ) -> None:
        super().__init__(method=method, bins=bins, task=task, ignore_index=ignore_index)


@checked_call
def brier_decomposition(
    probabilities: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    method: Literal["corp", "binned"] = "corp",
    bins: int = 15,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    ignore_index: int | None = None,
) -> Estimate:
    """Brier score as miscalibration - discrimination + uncertainty.

    One call of `BrierDecomposition`: the same options, the same Estimate.
    """
    return once(
        BrierDecomposition(method=method, bins=bins, task=task, ignore_index=ignore_index),
        probabilities,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class HingeLoss(CatalogMetric):
    """Mean of max(0, 1 - margin), binary, Crammer-Singer or one-vs-all; squared if asked.

    Args:
        task: 'multiclass' reads a score a class, 'binary' one signed score. One of
            multiclass, binary, multilabel.
        squared: Square the loss of each margin.
        contrast: The margin against the largest other class, or of each class for itself.
            One of crammer_singer, one_vs_all.
        ignore_index: Samples with this target do not count.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import HingeLoss
        >>> HingeLoss()
        HingeLoss()
    """

    _half = "core"
    _name = "hinge_loss"

    def __init__(
        self,
        *,
        task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
        squared: bool = False,
        contrast: Literal["crammer_singer", "one_vs_all"] = "crammer_singer",
        ignore_index: int | None = None,
        level: float = 0.95,
    ) -> None:
        super().__init__(
            task=task, squared=squared, contrast=contrast, ignore_index=ignore_index, level=level
        )


@checked_call
def hinge_loss(
    scores: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    task: Literal["multiclass", "binary", "multilabel"] = "multiclass",
    squared: bool = False,
    contrast: Literal["crammer_singer", "one_vs_all"] = "crammer_singer",
    ignore_index: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean of max(0, 1 - margin), binary, Crammer-Singer or one-vs-all; squared if asked.

    One call of `HingeLoss`: the same options, the same Estimate.
    """
    return once(
        HingeLoss(
            task=task, squared=squared, contrast=contrast, ignore_index=ignore_index, level=level
        ),
        scores,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MeanAbsoluteError(CatalogMetric):
    """Mean distance of predictions from targets.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import MeanAbsoluteError
        >>> MeanAbsoluteError()
        MeanAbsoluteError()
    """

    _half = "core"
    _name = "mean_absolute_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def mean_absolute_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Mean distance of predictions from targets.

    One call of `MeanAbsoluteError`: the same options, the same Estimate.
    """
    return once(
        MeanAbsoluteError(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MeanSquaredError(CatalogMetric):
    """Mean squared distance of predictions from targets.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import MeanSquaredError
        >>> MeanSquaredError()
        MeanSquaredError()
    """

    _half = "core"
    _name = "mean_squared_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def mean_squared_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Mean squared distance of predictions from targets.

    One call of `MeanSquaredError`: the same options, the same Estimate.
    """
    return once(
        MeanSquaredError(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class RootMeanSquaredError(CatalogMetric):
    """Root of the mean squared distance.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import RootMeanSquaredError
        >>> RootMeanSquaredError()
        RootMeanSquaredError()
    """

    _half = "core"
    _name = "root_mean_squared_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def root_mean_squared_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Root of the mean squared distance.

    One call of `RootMeanSquaredError`: the same options, the same Estimate.
    """
    return once(
        RootMeanSquaredError(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MeanAbsolutePercentageError(CatalogMetric):
    """Mean distance as a fraction of the target; undefined where a target is 0.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import MeanAbsolutePercentageError
        >>> MeanAbsolutePercentageError()
        MeanAbsolutePercentageError()
    """

    _half = "core"
    _name = "mean_absolute_percentage_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def mean_absolute_percentage_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Mean distance as a fraction of the target; undefined where a target is 0.

    One call of `MeanAbsolutePercentageError`: the same options, the same Estimate.
    """
    return once(
        MeanAbsolutePercentageError(
            multioutput=multioutput, output_weights=output_weights, level=level
        ),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class SymmetricMeanAbsolutePercentageError(CatalogMetric):
    """Mean distance as a fraction of the mean size of prediction and target.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import SymmetricMeanAbsolutePercentageError
        >>> SymmetricMeanAbsolutePercentageError()
        SymmetricMeanAbsolutePercentageError()
    """

    _half = "core"
    _name = "symmetric_mean_absolute_percentage_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def symmetric_mean_absolute_percentage_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Mean distance as a fraction of the mean size of prediction and target.

    One call of `SymmetricMeanAbsolutePercentageError`: the same options, the same Estimate.
    """
    return once(
        SymmetricMeanAbsolutePercentageError(
            multioutput=multioutput, output_weights=output_weights, level=level
        ),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class WeightedMeanAbsolutePercentageError(CatalogMetric):
    """Sum of the distances as a fraction of the sum of the targets.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import WeightedMeanAbsolutePercentageError
        >>> WeightedMeanAbsolutePercentageError()
        WeightedMeanAbsolutePercentageError()
    """

    _half = "core"
    _name = "weighted_mean_absolute_percentage_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def weighted_mean_absolute_percentage_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Sum of the distances as a fraction of the sum of the targets.

    One call of `WeightedMeanAbsolutePercentageError`: the same options, the same Estimate.
    """
    return once(
        WeightedMeanAbsolutePercentageError(
            multioutput=multioutput, output_weights=output_weights, level=level
        ),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MinkowskiDistance(CatalogMetric):
    """Root of power p of the sum of the distances raised to p.

    Args:
        p: The power: 1 sums the distances, 2 is Euclid's. At least 1.
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import MinkowskiDistance
        >>> MinkowskiDistance()
        MinkowskiDistance()
    """

    _half = "core"
    _name = "minkowski_distance"

    def __init__(
        self,
        *,
        p: float = 2.0,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(p=p, multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def minkowski_distance(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    p: float = 2.0,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Root of power p of the sum of the distances raised to p.

    One call of `MinkowskiDistance`: the same options, the same Estimate.
    """
    return once(
        MinkowskiDistance(p=p, multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class CosineSimilarity(CatalogMetric):
    """Mean cosine of rows of predictions and of targets.

    Args:
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import CosineSimilarity
        >>> CosineSimilarity()
        CosineSimilarity()
    """

    _half = "core"
    _name = "cosine_similarity"

    def __init__(self, *, level: float = 0.95) -> None:
        super().__init__(level=level)


@checked_call
def cosine_similarity(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean cosine of rows of predictions and of targets.

    One call of `CosineSimilarity`: the same options, the same Estimate.
    """
    return once(
        CosineSimilarity(level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class KlDivergence(CatalogMetric):
    """Mean Kullback-Leibler divergence of target distributions from predicted ones.

    Args:
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import KlDivergence
        >>> KlDivergence()
        KlDivergence()
    """

    _half = "core"
    _name = "kl_divergence"

    def __init__(self, *, level: float = 0.95) -> None:
        super().__init__(level=level)


@checked_call
def kl_divergence(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean Kullback-Leibler divergence of target distributions from predicted ones.

    One call of `KlDivergence`: the same options, the same Estimate.
    """
    return once(
        KlDivergence(level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class JensenShannonDivergence(CatalogMetric):
    """Mean Jensen-Shannon divergence of predicted and target distributions.

    Args:
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import JensenShannonDivergence
        >>> JensenShannonDivergence()
        JensenShannonDivergence()
    """

    _half = "core"
    _name = "jensen_shannon_divergence"

    def __init__(self, *, level: float = 0.95) -> None:
        super().__init__(level=level)


@checked_call
def jensen_shannon_divergence(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean Jensen-Shannon divergence of predicted and target distributions.

    One call of `JensenShannonDivergence`: the same options, the same Estimate.
    """
    return once(
        JensenShannonDivergence(level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MeanSquaredLogError(CatalogMetric):
    """Mean squared distance of log(1 + x).

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import MeanSquaredLogError
        >>> MeanSquaredLogError()
        MeanSquaredLogError()
    """

    _half = "core"
    _name = "mean_squared_log_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def mean_squared_log_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Mean squared distance of log(1 + x).

    One call of `MeanSquaredLogError`: the same options, the same Estimate.
    """
    return once(
        MeanSquaredLogError(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class RootMeanSquaredLogError(CatalogMetric):
    """Root of the mean squared distance of log(1 + x).

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import RootMeanSquaredLogError
        >>> RootMeanSquaredLogError()
        RootMeanSquaredLogError()
    """

    _half = "core"
    _name = "root_mean_squared_log_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def root_mean_squared_log_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Root of the mean squared distance of log(1 + x).

    One call of `RootMeanSquaredLogError`: the same options, the same Estimate.
    """
    return once(
        RootMeanSquaredLogError(
            multioutput=multioutput, output_weights=output_weights, level=level
        ),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class LogCoshError(CatalogMetric):
    """Mean log cosh of the distance: smooth near 0, linear far out.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import LogCoshError
        >>> LogCoshError()
        LogCoshError()
    """

    _half = "core"
    _name = "log_cosh_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def log_cosh_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Mean log cosh of the distance: smooth near 0, linear far out.

    One call of `LogCoshError`: the same options, the same Estimate.
    """
    return once(
        LogCoshError(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class TweedieDeviance(CatalogMetric):
    """Deviance of a normal, Poisson, gamma or other Tweedie distribution.

    Args:
        power: Variance as a power of the mean: 0 normal, 1 Poisson, 2 gamma, 3 inverse
            Gaussian; none exists between 0 and 1.
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import TweedieDeviance
        >>> TweedieDeviance()
        TweedieDeviance()
    """

    _half = "core"
    _name = "tweedie_deviance"

    def __init__(
        self,
        *,
        power: float = 0.0,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(
            power=power, multioutput=multioutput, output_weights=output_weights, level=level
        )


@checked_call
def tweedie_deviance(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    power: float = 0.0,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Deviance of a normal, Poisson, gamma or other Tweedie distribution.

    One call of `TweedieDeviance`: the same options, the same Estimate.
    """
    return once(
        TweedieDeviance(
            power=power, multioutput=multioutput, output_weights=output_weights, level=level
        ),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MedianAbsoluteError(CatalogMetric):
    """Median distance of predictions from targets.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import MedianAbsoluteError
        >>> MedianAbsoluteError()
        MedianAbsoluteError()
    """

    _half = "core"
    _name = "median_absolute_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def median_absolute_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Median distance of predictions from targets.

    One call of `MedianAbsoluteError`: the same options, the same Estimate.
    """
    return once(
        MedianAbsoluteError(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class MaxError(CatalogMetric):
    """Largest distance of a prediction from its target.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import MaxError
        >>> MaxError()
        MaxError()
    """

    _half = "core"
    _name = "max_error"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def max_error(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Largest distance of a prediction from its target.

    One call of `MaxError`: the same options, the same Estimate.
    """
    return once(
        MaxError(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class R2(CatalogMetric):
    """Coefficient of determination: share of the variance explained.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import R2
        >>> R2()
        R2()
    """

    _half = "core"
    _name = "r2"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def r2(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Coefficient of determination: share of the variance explained.

    One call of `R2`: the same options, the same Estimate.
    """
    return once(
        R2(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class ExplainedVariance(CatalogMetric):
    """Share of the variance explained, blind to a shift.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import ExplainedVariance
        >>> ExplainedVariance()
        ExplainedVariance()
    """

    _half = "core"
    _name = "explained_variance"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def explained_variance(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Share of the variance explained, blind to a shift.

    One call of `ExplainedVariance`: the same options, the same Estimate.
    """
    return once(
        ExplainedVariance(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class PinballSkill(CatalogMetric):
    """Share of the pinball loss of a constant quantile that is taken away (D2).

    Args:
        quantile: Which quantile is predicted. In (0, 1).
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import PinballSkill
        >>> PinballSkill()
        PinballSkill()
    """

    _half = "core"
    _name = "pinball_skill"

    def __init__(
        self,
        *,
        quantile: float = 0.5,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(
            quantile=quantile, multioutput=multioutput, output_weights=output_weights, level=level
        )


@checked_call
def pinball_skill(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    quantile: float = 0.5,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Share of the pinball loss of a constant quantile that is taken away (D2).

    One call of `PinballSkill`: the same options, the same Estimate.
    """
    return once(
        PinballSkill(
            quantile=quantile, multioutput=multioutput, output_weights=output_weights, level=level
        ),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class TweedieSkill(CatalogMetric):
    """Share of the deviance of the mean that is taken away (D2).

    Args:
        power: Variance as a power of the mean: 0 normal, 1 Poisson, 2 gamma, 3 inverse
            Gaussian; none exists between 0 and 1.
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import TweedieSkill
        >>> TweedieSkill()
        TweedieSkill()
    """

    _half = "core"
    _name = "tweedie_skill"

    def __init__(
        self,
        *,
        power: float = 0.0,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(
            power=power, multioutput=multioutput, output_weights=output_weights, level=level
        )


@checked_call
def tweedie_skill(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    power: float = 0.0,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Share of the deviance of the mean that is taken away (D2).

    One call of `TweedieSkill`: the same options, the same Estimate.
    """
    return once(
        TweedieSkill(
            power=power, multioutput=multioutput, output_weights=output_weights, level=level
        ),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class PinballLoss(CatalogMetric):
    """Loss of a predicted quantile.

    Args:
        quantile: Which quantile is predicted. In (0, 1).
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import PinballLoss
        >>> PinballLoss()
        PinballLoss()
    """

    _half = "core"
    _name = "pinball_loss"

    def __init__(
        self,
        *,
        quantile: float = 0.5,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(
            quantile=quantile, multioutput=multioutput, output_weights=output_weights, level=level
        )


@checked_call
def pinball_loss(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    quantile: float = 0.5,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Loss of a predicted quantile.

    One call of `PinballLoss`: the same options, the same Estimate.
    """
    return once(
        PinballLoss(
            quantile=quantile, multioutput=multioutput, output_weights=output_weights, level=level
        ),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class Crps(CatalogMetric):
    """Continuous ranked probability score of ensembles, Gaussians or quantiles.

    Args:
        forecast: How the predicted distribution is given. One of ensemble, gaussian,
            quantiles.
        fair: Score the distribution that the members are drawn from, not that of the
            members alone; ensembles of 2 and more.
        quantile_levels: Levels of the columns of 'quantiles', ascending in (0, 1).
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import Crps
        >>> Crps()
        Crps()
    """

    _half = "core"
    _name = "crps"

    def __init__(
        self,
        *,
        forecast: Literal["ensemble", "gaussian", "quantiles"] = "ensemble",
        fair: bool = False,
        quantile_levels: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(forecast=forecast, fair=fair, quantile_levels=quantile_levels, level=level)


@checked_call
def crps(
    ensemble: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    forecast: Literal["ensemble", "gaussian", "quantiles"] = "ensemble",
    fair: bool = False,
    quantile_levels: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Continuous ranked probability score of ensembles, Gaussians or quantiles.

    One call of `Crps`: the same options, the same Estimate.
    """
    return once(
        Crps(forecast=forecast, fair=fair, quantile_levels=quantile_levels, level=level),
        ensemble,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class PearsonCorrelation(CatalogMetric):
    """Linear correlation of predictions and targets.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import PearsonCorrelation
        >>> PearsonCorrelation()
        PearsonCorrelation()
    """

    _half = "core"
    _name = "pearson_correlation"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def pearson_correlation(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Linear correlation of predictions and targets.

    One call of `PearsonCorrelation`: the same options, the same Estimate.
    """
    return once(
        PearsonCorrelation(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class SpearmanCorrelation(CatalogMetric):
    """Correlation of the ranks of predictions and targets.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import SpearmanCorrelation
        >>> SpearmanCorrelation()
        SpearmanCorrelation()
    """

    _half = "core"
    _name = "spearman_correlation"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def spearman_correlation(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Correlation of the ranks of predictions and targets.

    One call of `SpearmanCorrelation`: the same options, the same Estimate.
    """
    return once(
        SpearmanCorrelation(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class KendallTau(CatalogMetric):
    """Kendall's tau-b of predictions and targets.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import KendallTau
        >>> KendallTau()
        KendallTau()
    """

    _half = "core"
    _name = "kendall_tau"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def kendall_tau(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Kendall's tau-b of predictions and targets.

    One call of `KendallTau`: the same options, the same Estimate.
    """
    return once(
        KendallTau(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class ConcordanceCorrelation(CatalogMetric):
    """Lin's concordance: closeness of pairs to the diagonal.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import ConcordanceCorrelation
        >>> ConcordanceCorrelation()
        ConcordanceCorrelation()
    """

    _half = "core"
    _name = "concordance_correlation"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def concordance_correlation(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Lin's concordance: closeness of pairs to the diagonal.

    One call of `ConcordanceCorrelation`: the same options, the same Estimate.
    """
    return once(
        ConcordanceCorrelation(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
    )


class ConcordanceIndex(CatalogMetric):
    """Share of pairs that predictions order like the targets.

    Args:
        multioutput: How several outputs, predictions and targets [n, k], become one number.
            One of uniform_average, variance_weighted, raw_values.
        output_weights: Weights of the outputs in that number, one each; empty: as
            `multioutput` says. At least 0.
        level: Coverage of the interval. In (0, 1).

    Example:
        >>> from leadline.metrics import ConcordanceIndex
        >>> ConcordanceIndex()
        ConcordanceIndex()
    """

    _half = "core"
    _name = "concordance_index"

    def __init__(
        self,
        *,
        multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
        | Sequence[float] = "uniform_average",
        output_weights: float | Sequence[float] = (),
        level: float = 0.95,
    ) -> None:
        super().__init__(multioutput=multioutput, output_weights=output_weights, level=level)


@checked_call
def concordance_index(
    predicted: ArrayLike,
    target: ArrayLike,
    *,
    ids: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    multioutput: Literal["uniform_average", "variance_weighted", "raw_values"]
    | Sequence[float] = "uniform_average",
    output_weights: float | Sequence[float] = (),
    level: float = 0.95,
) -> Estimate:
    """Share of pairs that predictions order like the targets.

    One call of `ConcordanceIndex`: the same options, the same Estimate.
    """
    return once(
        ConcordanceIndex(multioutput=multioutput, output_weights=output_weights, level=level),
        predicted,
        target,
        ids=ids,
        weights=weights,
        counts=counts,
        clusters=clusters,
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
