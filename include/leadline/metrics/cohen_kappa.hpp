#pragma once

#include "leadline/metrics/table_metric.hpp"

namespace leadline::metrics {

/// How far apart two classes count, of ordered classes 0 .. K - 1.
enum class KappaWeighting : std::uint8_t {
  none,       // any two classes are as far apart
  linear,     // |i - j|
  quadratic,  // (i - j)^2
};
[[nodiscard]] constexpr auto names_of(std::type_identity<KappaWeighting>) {
  return std::array<std::string_view, 3>{"none", "linear", "quadratic"};
}

struct CohenKappaOptions {
  KappaWeighting weighting = KappaWeighting::none;
  TaskType task = TaskType::multiclass;
  std::optional<std::int64_t> n_classes{};
  double threshold = 0.5;
  std::int64_t positive_class = 1;
  std::optional<std::int64_t> ignore_index{};
  double level = 0.95;
  static Fields fields() {
    return joined({Fields{field("weighting", &CohenKappaOptions::weighting,
                                "How far apart two classes count; linear and quadratic for ordered "
                                "classes.")},
                   decision_fields<CohenKappaOptions>()});
  }
};

/// Cohen's kappa: 1 - observed / expected disagreement, sum w_ij n_ij against
/// sum w_ij n_i. n_.j / n (Cohen 1960, 1968).
///
/// Reads:   as `Decisions`; not for task 'multilabel'
/// Returns: Estimate in [-1, 1], higher is better; delta interval (Fleiss, Cohen, Everitt 1969).
///          Undefined when truth and decisions are all one and the same class
class LEADLINE_API CohenKappa : public TableMetric<CohenKappa, CohenKappaOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.CohenKappa", who = "CohenKappa.update";
  static constexpr bool multilabel_too = false;
  explicit CohenKappa(Options options = {});
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const Decisions& fold) const;
};

}  // namespace leadline::metrics
