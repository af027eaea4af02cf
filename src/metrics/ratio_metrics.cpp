// Names of the ratios of a class; what they compute is in class_ratio.cpp.
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/f_beta.hpp"
#include "leadline/metrics/false_negative_rate.hpp"
#include "leadline/metrics/false_positive_rate.hpp"
#include "leadline/metrics/informedness.hpp"
#include "leadline/metrics/jaccard.hpp"
#include "leadline/metrics/negative_predictive_value.hpp"
#include "leadline/metrics/precision.hpp"
#include "leadline/metrics/recall.hpp"
#include "leadline/metrics/specificity.hpp"

namespace leadline::metrics {

#define LEADLINE_RATIO(Type, name, better, low, label)                            \
  Type::Type(Options options) : ClassRatioMetric(options) {}                      \
  MetricInfo Type::info() const {                                                 \
    return {name, Better::better, {low, 1}, "", label, {"prediction", "target"}}; \
  }
LEADLINE_RATIO(Precision, "precision", higher, 0, "of the samples called a class, the share of it")
LEADLINE_RATIO(Recall, "recall", higher, 0, "of the samples of a class, the share found")
LEADLINE_RATIO(F1, "f1", higher, 0, "balance of precision and recall")
LEADLINE_RATIO(Specificity, "specificity", higher, 0,
               "of the samples of other classes, the share left alone")
LEADLINE_RATIO(NegativePredictiveValue, "negative_predictive_value", higher, 0,
               "of the samples not called a class, the share not of it")
LEADLINE_RATIO(FalsePositiveRate, "false_positive_rate", lower, 0,
               "of the samples of other classes, the share called so")
LEADLINE_RATIO(FalseNegativeRate, "false_negative_rate", lower, 0,
               "of the samples of a class, the share missed")
LEADLINE_RATIO(Jaccard, "jaccard", higher, 0, "overlap of what is of a class and what is called so")
LEADLINE_RATIO(Informedness, "informedness", higher, -1,
               "how far decisions of a class are better than chance")
LEADLINE_RATIO(FBeta, "f_beta", higher, 0, "precision and recall, recall counting beta times")
#undef LEADLINE_RATIO

}  // namespace leadline::metrics
