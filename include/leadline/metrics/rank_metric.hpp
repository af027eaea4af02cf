/// What the metrics of ranking share: options, averages over classes, intervals that hold the
/// bound.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/metrics/rank_fold.hpp"
#include "leadline/metrics/score_metric.hpp"
#include "leadline/stats/operating_point.hpp"
#include "leadline/stats/rank_steps.hpp"

namespace leadline::metrics {

/// How the columns of a multiclass or multilabel problem become one number.
enum class RankAverage : std::uint8_t {
  macro,     // mean over the columns that have a value
  weighted,  // weighted by how often the class or label occurs
  none,      // no single number: read `describe()`
};
[[nodiscard]] constexpr auto names_of(std::type_identity<RankAverage>) {
  return std::array<std::string_view, 3>{"macro", "weighted", "none"};
}

/// The fields that every metric of ranking has; `Options` declares the members.
template <class Options>
[[nodiscard]] Fields rank_fields() {
  return {
      field("average", &Options::average, "How the columns of many classes become one number."),
      field("positive", &Options::positive,
            "Which of the labels 0 and 1 is the positive one, for "
            "scores of one column.")
          .at_least(0)
          .at_most(1),
      field("ignore_index", &Options::ignore_index,
            "Samples with this label are left out (one label a sample)."),
      field("exact", &Options::exact, "Keep every score, however many there are."),
      field("keep", &Options::keep,
            "Scores kept before a histogram of constant size, with a bounded error, takes their "
            "place; 0: the histogram from the start. Means nothing with exact.")
          .at_least(0),
      field("bits", &Options::bits, "Size of the histogram: at most 2^bits bins a column.")
          .at_least(8)
          .at_most(20),
      field("scale", &Options::scale,
            "What the scores are; 'probability' makes the histogram as fine near 1 as near 0."),
      field("level", &Options::level, "Coverage of the interval.").above(0).below(1)};
}

template <class Options>
[[nodiscard]] RankSettings settings_of(const Options& options) {
  return {options.positive, options.exact, options.keep, options.bits, options.scale};
}

/// How one column becomes a number.
struct RankRule {
  std::string name;                                                     // "average_precision"
  std::function<stats::RankValue(const stats::Levels&, double)> exact;  // levels, level
  std::function<stats::Bounded(const stats::Levels&)> bounded;          // levels are bins
  double most = 1;                                                      // the range is [0, most]
  // `exact` of counts without the levels, where there is a faster way.
  std::function<stats::RankValue(const stats::RankSteps&, double)> counted = {};
};

/// The estimate of one column, or of the average over the columns. Classes without both groups have
/// no value: they are left out and counted (`classes_averaged`, `classes_undefined`). The limits of
/// an average are the averages of the limits: never too narrow, since the columns share samples.
/// From histograms, `error_bound` is the bound and the interval is widened by it.
[[nodiscard]] LEADLINE_API Estimate rank_estimate(const RankFold& fold, const RankRule& rule,
                                                  RankAverage average, double level);
/// One column; undefined where it lacks a group.
[[nodiscard]] LEADLINE_API Estimate rank_column(const RankFold& fold, const RankRule& rule,
                                                std::int64_t column, double level);
/// Adds the headline, each class, and the checks: enough of both groups, scores that differ, and
/// for histograms a bound that is small beside the interval.
LEADLINE_API void rank_describe(Finding& finding, std::string_view prefix, const RankFold& fold,
                                const RankRule& rule, RankAverage average, double level,
                                const MetricInfo& info, Estimate headline,
                                std::vector<Estimate> columns);
/// An estimate from a value of one column.
[[nodiscard]] LEADLINE_API Estimate estimate_of(const stats::RankValue& found, std::int64_t n,
                                                double level);

/// Puts the value of a histogram in place and widens the interval by its bound.
LEADLINE_API void widen_by_bound(Estimate& estimate, const stats::Bounded& found, double most);

/// Base of a metric that is one number from levels. `Derived::rule()` says how.
template <class Derived, class OptionsType>
class RankMetric : public ScoreMetric<Derived, RankFold, OptionsType> {
  using Base = ScoreMetric<Derived, RankFold, OptionsType>;

 public:
  explicit RankMetric(OptionsType options)
      : Base(Derived::type_name.substr(8), options, RankFold(settings_of(options))) {}
  using Base::update;

  [[nodiscard]] Estimate estimate(const RankFold& fold) const {
    return rank_estimate(fold, self().rule(), this->options_.average, this->options_.level);
  }
  void describe(Finding& finding, std::string_view prefix = {}) const override {
    std::vector<Estimate> columns;
    for (std::int64_t c = 0; this->fold_.n_columns() > 1 && c < this->fold_.n_columns(); ++c)
      columns.push_back(rank_column(this->fold_, self().rule(), c, this->options_.level));
    rank_describe(finding, prefix, this->fold_, self().rule(), this->options_.average,
                  this->options_.level, this->info(), this->compute(), std::move(columns));
  }
  /// Scores are scores, whole numbers too.
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "scores"; }

 private:
  [[nodiscard]] const Derived& self() const { return static_cast<const Derived&>(*this); }
};

}  // namespace leadline::metrics
