// Names and rules of the metrics that are one number from levels; the numbers are in stats.
#include "leadline/metrics/aupr.hpp"
#include "leadline/metrics/average_precision.hpp"
#include "leadline/metrics/equal_error_rate.hpp"
#include "leadline/metrics/fpr_at_tpr.hpp"
#include "leadline/metrics/gain.hpp"
#include "leadline/metrics/lift.hpp"
#include "leadline/metrics/precision_at_recall.hpp"
#include "leadline/metrics/recall_at_precision.hpp"
#include "leadline/metrics/specificity_at_sensitivity.hpp"
#include "leadline/metrics/tpr_at_fpr.hpp"
#include "stats/operating_walk.hpp"

namespace leadline::detail::rank_metrics {

stats::RankValue complement(stats::RankValue found) {
  found.value = 1 - found.value;
  found.interval = {1 - found.interval.upper, 1 - found.interval.lower};
  return found;
}
stats::Bounded complement(stats::Bounded found) { return {1 - found.value, found.error_bound}; }

}  // namespace leadline::detail::rank_metrics

namespace leadline::metrics {
namespace operating = stats::detail::operating_point;
using leadline::detail::rank_metrics::complement;

AveragePrecision::AveragePrecision(Options options) : RankMetric(options) {}
MetricInfo AveragePrecision::info() const {
  return {"average_precision",
          Better::higher,
          {0, 1},
          "",
          "how pure the top of the ranking is, averaged over recall",
          {"scores", "target"}};
}
RankRule AveragePrecision::rule() const {
  return {"average_precision",
          [](const stats::Levels& l, double level) { return stats::average_precision(l, level); },
          [](const stats::Levels& l) { return stats::bounded_average_precision(l); }, 1,
          [](const stats::RankSteps& s, double level) { return s.average_precision(level); }};
}

Aupr::Aupr(Options options) : RankMetric(options) {}
MetricInfo Aupr::info() const {
  return {"aupr",
          Better::higher,
          {0, 1},
          "",
          "area under precision over recall, linear between thresholds",
          {"scores", "target"}};
}
RankRule Aupr::rule() const {
  return {"aupr",
          [](const stats::Levels& l, double level) { return stats::aupr_trapezoid(l, level); },
          [](const stats::Levels& l) { return stats::bounded_aupr_trapezoid(l); }, 1,
          [](const stats::RankSteps& s, double level) { return s.aupr_of_positives(level); }};
}

PrecisionAtRecall::PrecisionAtRecall(Options options) : RankMetric(options) {}
MetricInfo PrecisionAtRecall::info() const {
  return {"precision_at_recall",
          Better::higher,
          {0, 1},
          "",
          "precision where at least the given share is found",
          {"scores", "target"}};
}
RankRule PrecisionAtRecall::rule() const {
  const double share = options_.recall;
  return {"precision_at_recall",
          [options = options_](const stats::Levels& l, double level) {
            return stats::precision_at_recall(l, options.recall, level);
          },
          [share](const stats::Levels& l) {
            const auto value = [share](const stats::Levels& x) {
              return operating::best_precision(x, share).value;
            };
            return stats::bounded_by_order(l, value(l), value);
          },
          1};
}

RecallAtPrecision::RecallAtPrecision(Options options) : RankMetric(options) {}
MetricInfo RecallAtPrecision::info() const {
  return {"recall_at_precision",
          Better::higher,
          {0, 1},
          "",
          "share found where at least the given share of calls is right",
          {"scores", "target"}};
}
RankRule RecallAtPrecision::rule() const {
  const double share = options_.precision;
  return {"recall_at_precision",
          [options = options_](const stats::Levels& l, double level) {
            return stats::recall_at_precision(l, options.precision, level);
          },
          [share](const stats::Levels& l) {
            const auto value = [share](const stats::Levels& x) {
              return operating::best_recall(x, share).value;
            };
            return stats::bounded_by_order(l, value(l), value);
          },
          1};
}

SpecificityAtSensitivity::SpecificityAtSensitivity(Options options) : RankMetric(options) {}
MetricInfo SpecificityAtSensitivity::info() const {
  return {"specificity_at_sensitivity",
          Better::higher,
          {0, 1},
          "",
          "share of negatives left alone where the given share of positives is found",
          {"scores", "target"}};
}
RankRule SpecificityAtSensitivity::rule() const {
  return {"specificity_at_sensitivity",
          [options = options_](const stats::Levels& l, double level) {
            return complement(stats::fpr_at_tpr(l, options.sensitivity, options.interval, level));
          },
          [options = options_](const stats::Levels& l) {
            return complement(stats::bounded_fpr_at_tpr(l, options.sensitivity));
          },
          1};
}

FprAtTpr::FprAtTpr(Options options) : RankMetric(options) {}
MetricInfo FprAtTpr::info() const {
  return {"fpr_at_tpr",
          Better::lower,
          {0, 1},
          "",
          "share of negatives accepted where the given share of positives is",
          {"scores", "target"}};
}
RankRule FprAtTpr::rule() const {
  return {"fpr_at_tpr",
          [options = options_](const stats::Levels& l, double level) {
            return stats::fpr_at_tpr(l, options.tpr, options.interval, level);
          },
          [options = options_](const stats::Levels& l) {
            return stats::bounded_fpr_at_tpr(l, options.tpr);
          },
          1};
}

TprAtFpr::TprAtFpr(Options options) : RankMetric(options) {}
MetricInfo TprAtFpr::info() const {
  return {"tpr_at_fpr",
          Better::higher,
          {0, 1},
          "",
          "share of positives accepted where at most the given share of negatives is",
          {"scores", "target"}};
}
RankRule TprAtFpr::rule() const {
  const double share = options_.fpr;
  return {"tpr_at_fpr",
          [options = options_](const stats::Levels& l, double level) {
            return stats::tpr_at_fpr(l, options.fpr, options.interval, level);
          },
          [share](const stats::Levels& l) {
            const auto value = [share](const stats::Levels& x) {
              return stats::tpr_at_fpr(x, share, stats::PointInterval::clopper_pearson).value;
            };
            return stats::bounded_by_order(l, value(l), value);
          },
          1};
}

EqualErrorRate::EqualErrorRate(Options options) : RankMetric(options) {}
MetricInfo EqualErrorRate::info() const {
  return {"equal_error_rate",
          Better::lower,
          {0, 1},
          "",
          "error where misses and false alarms are equally frequent",
          {"scores", "target"}};
}
RankRule EqualErrorRate::rule() const {
  return {"equal_error_rate",
          [](const stats::Levels& l, double level) { return stats::equal_error_rate(l, level); },
          [](const stats::Levels& l) {
            const auto value = [](const stats::Levels& x) { return operating::crossing(x).value; };
            return stats::bounded_by_order(l, value(l), value);
          },
          1};
}

Gain::Gain(Options options) : RankMetric(options) {}
MetricInfo Gain::info() const {
  return {"gain",
          Better::higher,
          {0, 1},
          "",
          "share of the positives found by looking at the given share of samples",
          {"scores", "target"}};
}
RankRule Gain::rule() const {
  const double share = options_.fraction;
  return {"gain",
          [options = options_](const stats::Levels& l, double level) {
            return stats::gain_at(l, options.fraction, level);
          },
          [share](const stats::Levels& l) {
            const auto value = [share](const stats::Levels& x) {
              return operating::gain(x, share).value;
            };
            return stats::bounded_by_order(l, value(l), value);
          },
          1};
}

Lift::Lift(Options options) : RankMetric(options) {}
MetricInfo Lift::info() const {
  return {"lift",
          Better::higher,
          {0, 1 / options_.fraction},
          "",
          "times denser than on average the positives are at the top",
          {"scores", "target"}};
}
RankRule Lift::rule() const {
  const double share = options_.fraction;
  return {"lift",
          [options = options_](const stats::Levels& l, double level) {
            return stats::lift_at(l, options.fraction, level);
          },
          [share](const stats::Levels& l) {
            const auto value = [share](const stats::Levels& x) {
              return operating::gain(x, share).value / share;
            };
            return stats::bounded_by_order(l, value(l), value);
          },
          1 / options_.fraction};
}

}  // namespace leadline::metrics
