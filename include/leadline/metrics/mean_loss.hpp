/// Mean of a loss a sample: the state of log loss and Brier score.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::metrics {

/// What the scores are; never guessed from their values.
enum class ScoreInput : std::uint8_t { probabilities, logits };
[[nodiscard]] constexpr auto names_of(std::type_identity<ScoreInput>) {
  return std::array<std::string_view, 2>{"probabilities", "logits"};
}

/// How the interval of a mean is made.
enum class MeanInterval : std::uint8_t {
  t,                   // Student's t: close to the level once n is in the hundreds
  empirical_bernstein  // covers at any n for a bounded loss, wider
};
[[nodiscard]] constexpr auto names_of(std::type_identity<MeanInterval>) {
  return std::array<std::string_view, 2>{"t", "empirical_bernstein"};
}

/// Sums of a loss. With an `upper` bound the sums are exact integers, so any order of merging
/// gives the same bits; unbounded losses agree to 1e-12 relative. Losses of +inf are counted
/// apart: the mean is then undefined, with their number in the fact `n_infinite`.
class LEADLINE_API MeanLoss {
 public:
  /// Of losses that are summed before they are merged.
  static constexpr std::size_t block_size = 1024;

  /// Losses lie in [0, upper]; unset: unbounded.
  explicit MeanLoss(std::optional<double> upper = {}) : upper_(upper) {}

  /// `weights` empty: all 1; `counted`: how often each was seen. Losses must not be NaN or
  /// negative: the caller has checked.
  void add(std::span<const double> losses, std::span<const double> weights = {},
           bool counted = false);
  void merge(const MeanLoss& other);
  /// `what`: what an infinite loss means, for the reason why there is no value.
  /// Without weights the facts `skewness` and `kurtosis` (above normal) say how far the t interval
  /// can be trusted (`stats::mean_interval_is_valid_here`).
  [[nodiscard]] Estimate mean(MeanInterval interval, double level, std::string_view what) const;
  [[nodiscard]] std::int64_t n() const { return n_; }
  /// Sum of the weights; n without.
  [[nodiscard]] double weight() const { return static_cast<double>(n_) + weighted_.weight; }

  void save(State& state) const;
  void load(const State& state);

 private:
  void add_times(double loss, double times);
  void add_bounded(double loss, double times);
  /// Adds the first block; false when there is none or it is not finite.
  bool add_block(std::span<const double> losses);
  void merge_moments(const stats::Moments& moments, const stats::ShapeMoments& shape);
  [[nodiscard]] stats::Moments moments() const;
  [[nodiscard]] stats::ShapeMoments shape() const;

  std::optional<double> upper_;
  std::int64_t n_ = 0, n_infinite_ = 0;
  stats::FixedSum sum_, squares_, cubes_, fourths_;  // bounded, no weights
  stats::Moments moments_;                           // unbounded, no weights
  stats::ShapeMoments shape_;
  stats::WeightedMoments weighted_;  // once a weight was given, of these samples only
};

}  // namespace leadline::metrics
