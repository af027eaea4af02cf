/// Moments of two columns to the fourth order: what R2 and correlations and their intervals need.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"

namespace leadline::metrics {

/// Weighted sums of (y - mean y)^p (x - mean x)^q, p + q <= 4, of target y and prediction x. Merged
/// by shifting to the joint mean (Pebay 2008); agrees to 1e-12 relative in any order.
class LEADLINE_API PairMoments {
 public:
  void update(const Rows& rows, std::string_view who);
  void merge(const PairMoments& other);

  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] double n_effective() const;
  [[nodiscard]] double target_mean() const { return mean_y_; }
  [[nodiscard]] double predicted_mean() const { return mean_x_; }
  /// Mean of (y - mean y)^p (x - mean x)^q.
  [[nodiscard]] double moment(int p, int q) const;

  /// How a statistic moves with the two means and the second moments.
  struct Slopes {
    double y = 0, x = 0, yy = 0, yx = 0, xx = 0;
  };
  /// Standard error by the delta method, whatever the distribution.
  [[nodiscard]] double standard_error(const Slopes& slopes) const;

  [[nodiscard]] std::string key() const { return "pair moments"; }
  void save(State& state) const;
  void load(const State& state);

 private:
  std::int64_t n_ = 0;
  double weight_ = 0, squared_weights_ = 0, mean_y_ = 0, mean_x_ = 0;
  std::array<double, 25> sums_{};  // [p * 5 + q]
};

}  // namespace leadline::metrics
