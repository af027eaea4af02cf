#pragma once

#include <vector>

#include "leadline/metrics/decisions.hpp"
#include "leadline/metrics/score_metric.hpp"

namespace leadline::metrics {

/// How the Brier score is taken apart.
enum class Decomposition : std::uint8_t {
  corp,    // by isotonic recalibration, no bins (Dimitriadis, Gneiting, Jordan 2021)
  binned,  // by bins of equal width (Murphy 1973), with the terms within bins (Stephenson 2008)
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Decomposition>) {
  return std::array<std::string_view, 2>{"corp", "binned"};
}

struct BrierDecompositionOptions {
  Decomposition method = Decomposition::corp;
  std::int64_t bins = 15;
  TaskType task = TaskType::multiclass;
  std::optional<std::int64_t> ignore_index{};
  static Fields fields() {
    return {field("method", &BrierDecompositionOptions::method, "How the score is taken apart."),
            field("bins", &BrierDecompositionOptions::bins, "Bins of equal width, of 'binned'.")
                .at_least(1)
                .at_most(10000),
            field("task", &BrierDecompositionOptions::task,
                  "'multiclass': the largest probability and whether its class is right; 'binary': "
                  "the probability of class 1 and whether it is the class."),
            field("ignore_index", &BrierDecompositionOptions::ignore_index,
                  "Samples with this target do not count.")};
  }
};

/// The terms; score = miscalibration - discrimination + uncertainty + within_variance - 2 *
/// within_covariance (the last two are 0 for corp).
struct BrierTerms {
  double score = 0, miscalibration = 0, discrimination = 0, uncertainty = 0;
  double within_variance = 0, within_covariance = 0;
};

class LEADLINE_API BrierDecompositionFold {
 public:
  explicit BrierDecompositionFold(const BrierDecompositionOptions& options);
  void update(const Rows& rows, std::string_view who);
  void merge(const BrierDecompositionFold& other);
  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] double weight() const;
  /// Needs a weight above 0.
  [[nodiscard]] BrierTerms terms() const;
  void save(State& state) const;
  void load(const State& state);

 private:
  [[nodiscard]] BrierTerms binned() const;
  [[nodiscard]] BrierTerms corp() const;

  Decomposition method_;
  bool binary_;
  std::int64_t n_ = 0;
  std::vector<double> bins_;     // [bins, 5]: sums of w, w p, w y, w p^2, w p y
  std::vector<double> samples_;  // [n, 3]: p, y, w
};

/// What of the (one-column) Brier score is miscalibration, discrimination and uncertainty.
///
/// Reads:    "target" [n] and "probabilities" [n, n_classes], or [n] for task 'binary'
/// Returns:  `compute()`: the miscalibration (reliability) term, >= 0, lower is better; no interval
/// Describe: brier, miscalibration, discrimination, uncertainty; binned also within_variance,
///           within_covariance
/// Memory:   binned 5 numbers a bin; corp 24 bytes a sample
class LEADLINE_API BrierDecomposition
    : public ScoreMetric<BrierDecomposition, BrierDecompositionFold, BrierDecompositionOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.BrierDecomposition",
                                    who = "BrierDecomposition.update";
  explicit BrierDecomposition(Options options = {});
  using ScoreMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const BrierDecompositionFold& fold) const;
  void describe(Finding& finding, std::string_view prefix = {}) const override;
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "probabilities"; }
};

}  // namespace leadline::metrics
