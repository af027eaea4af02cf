#pragma once

#include <vector>

#include "leadline/metrics/regression_metric.hpp"

namespace leadline::metrics {

/// How a predicted distribution is given.
enum class Forecast : std::uint8_t {
  ensemble,   // "ensemble" [n, members]: draws
  gaussian,   // "mean" [n] and "standard_deviation" [n]
  quantiles,  // "quantiles" [n, n_levels] at the option `quantile_levels`
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Forecast>) {
  return std::array<std::string_view, 3>{"ensemble", "gaussian", "quantiles"};
}

struct CrpsOptions {
  Forecast forecast = Forecast::ensemble;
  bool fair = false;
  std::vector<double> quantile_levels{};
  double level = 0.95;
  static Fields fields() {
    return {field("forecast", &CrpsOptions::forecast, "How the predicted distribution is given."),
            field("fair", &CrpsOptions::fair,
                  "Score the distribution that the members are drawn from, not that of the members "
                  "alone; ensembles of 2 and more."),
            field("quantile_levels", &CrpsOptions::quantile_levels,
                  "Levels of the columns of 'quantiles', ascending in (0, 1)."),
            field("level", &CrpsOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

class LEADLINE_API CrpsFold {
 public:
  explicit CrpsFold(CrpsOptions options) : options_(std::move(options)) {}
  void update(const Rows& rows, std::string_view who);
  void merge(const CrpsFold& other) { loss_.merge(other.loss_); }
  [[nodiscard]] const MeanLoss& loss() const { return loss_; }
  void save(State& state) const { loss_.save(state); }
  void load(const State& state) { loss_.load(state); }

 private:
  CrpsOptions options_;
  MeanLoss loss_;
};

/// Continuous ranked probability score: integral of (F(z) - [target <= z])^2, the absolute error of
/// a distribution (Gneiting and Raftery 2007, eq. 20, 21).
///
///     ensemble   mean |x - y| - sum |x - x'| / (2 m^2), with m (m - 1) if `fair`
///     gaussian   s (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)), z = (y - m) / s
///     quantiles  2 * mean pinball loss over the levels: the integral as a sum over them
///
/// Reads:   as `Forecast` says, and "target" [n]
/// Returns: Estimate >= 0 in the unit of the target, lower is better; t interval
/// Throws:  ValueError for what is not finite, a standard deviation below 0, crossing quantiles
class LEADLINE_API Crps : public RegressionMetric<Crps, CrpsFold, CrpsOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Crps", who = "Crps.update";
  explicit Crps(Options options = {});
  using RegressionMetric::update;
  [[nodiscard]] MetricInfo info() const override;
  [[nodiscard]] Estimate estimate(const CrpsFold& fold) const;
  [[nodiscard]] static std::string_view column_of(const ArrayView&) { return "ensemble"; }
};

}  // namespace leadline::metrics
