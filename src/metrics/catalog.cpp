#include "leadline/core/catalog.hpp"
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/balanced_accuracy.hpp"
#include "leadline/metrics/brier.hpp"
#include "leadline/metrics/confusion_matrix.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/metrics/precision.hpp"
#include "leadline/metrics/recall.hpp"
#include "leadline/metrics/task.hpp"
#include "leadline/metrics/top_k_accuracy.hpp"

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
