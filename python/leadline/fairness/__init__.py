"""Whether groups are treated alike: any metric by group, gaps with intervals, and what parity would show."""

from __future__ import annotations

from leadline._rooms import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Gap": "_groups",
        "GroupCalibration": "_slices",
        "GroupCounts": "_groups",
        "GroupFrame": "_groups",
        "GroupReport": "_groups",
        "GroupThresholds": "_mitigation",
        "MitigationReport": "_mitigation",
        "RejectOption": "_mitigation",
        "Reweighing": "_mitigation",
        "SliceSearch": "_slices",
        "accuracy_difference": "_groups",
        "by_group": "_groups",
        "compare_mitigations": "_mitigation",
        "consistency": "_groups",
        "demographic_parity_difference": "_groups",
        "demographic_parity_ratio": "_groups",
        "differential_fairness": "_groups",
        "equal_opportunity_difference": "_groups",
        "equalized_odds_difference": "_groups",
        "find_weak_slices": "_slices",
        "generalized_entropy": "_groups",
        "group_rates": "_groups",
        "predictive_parity_difference": "_groups",
        "quantile_bins": "_groups",
        "theil_index": "_groups",
        "worst_group_accuracy": "_groups",
    },
)
