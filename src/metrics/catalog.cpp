#include "leadline/core/catalog.hpp"
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/aupr.hpp"
#include "leadline/metrics/auroc.hpp"
#include "leadline/metrics/average_precision.hpp"
#include "leadline/metrics/balanced_accuracy.hpp"
#include "leadline/metrics/brier.hpp"
#include "leadline/metrics/brier_decomposition.hpp"
#include "leadline/metrics/cohen_kappa.hpp"
#include "leadline/metrics/concordance_correlation.hpp"
#include "leadline/metrics/concordance_index.hpp"
#include "leadline/metrics/confusion_matrix.hpp"
#include "leadline/metrics/crps.hpp"
#include "leadline/metrics/detection.hpp"
#include "leadline/metrics/equal_error_rate.hpp"
#include "leadline/metrics/exact_match.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/f_beta.hpp"
#include "leadline/metrics/false_negative_rate.hpp"
#include "leadline/metrics/false_positive_rate.hpp"
#include "leadline/metrics/fpr_at_tpr.hpp"
#include "leadline/metrics/gain.hpp"
#include "leadline/metrics/geometric_mean.hpp"
#include "leadline/metrics/hamming_loss.hpp"
#include "leadline/metrics/hinge_loss.hpp"
#include "leadline/metrics/informedness.hpp"
#include "leadline/metrics/jaccard.hpp"
#include "leadline/metrics/kendall_tau.hpp"
#include "leadline/metrics/lift.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/metrics/matthews_correlation.hpp"
#include "leadline/metrics/max_error.hpp"
#include "leadline/metrics/mean_absolute_error.hpp"
#include "leadline/metrics/mean_absolute_percentage_error.hpp"
#include "leadline/metrics/mean_squared_error.hpp"
#include "leadline/metrics/median_absolute_error.hpp"
#include "leadline/metrics/negative_predictive_value.hpp"
#include "leadline/metrics/pearson_correlation.hpp"
#include "leadline/metrics/pinball_loss.hpp"
#include "leadline/metrics/precision.hpp"
#include "leadline/metrics/precision_at_recall.hpp"
#include "leadline/metrics/r2.hpp"
#include "leadline/metrics/recall.hpp"
#include "leadline/metrics/recall_at_precision.hpp"
#include "leadline/metrics/root_mean_squared_error.hpp"
#include "leadline/metrics/spearman_correlation.hpp"
#include "leadline/metrics/specificity.hpp"
#include "leadline/metrics/specificity_at_sensitivity.hpp"
#include "leadline/metrics/task.hpp"
#include "leadline/metrics/top_k_accuracy.hpp"
#include "leadline/metrics/tpr_at_fpr.hpp"
#include "leadline/metrics/zero_one_loss.hpp"

namespace leadline::metrics {

void add_metrics(Catalog& catalog) {
#define LEADLINE_METRIC(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Metric>(Kind::metric, "metrics", #Type, name, {__VA_ARGS__}, doc));
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "metrics", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/metrics/catalog.inc"
#undef LEADLINE_METRIC
#undef LEADLINE_PROBE
}

}  // namespace leadline::metrics
