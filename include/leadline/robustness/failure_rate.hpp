/// How rare a failure is: plain Monte Carlo, whose interval is exact, and multilevel splitting,
/// which reaches rates that no plain sample shows (Cerou and Guyader 2007; for networks Webb et al.
/// 2019, arXiv:1811.07209).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::robustness {

/// Scores of the rows of `z` [n, dimension], each a standard normal vector under which the rate is
/// asked; a row fails where its score is at least 0. Rows that are NaN are a ValueError.
using Performance =
    std::function<std::vector<double>(std::span<const double> z, std::int64_t dimension)>;

struct SplittingOptions {
  std::int64_t particles = 1000;
  double keep = 0.1;
  std::int64_t max_levels = 12;
  std::int64_t moves = 5;
  std::int64_t repeats = 10;
  static Fields fields() {
    return {field("particles", &SplittingOptions::particles, "Points a level.").at_least(20),
            field("keep", &SplittingOptions::keep, "Share of the points that survive a level.")
                .at_least(0.01)
                .at_most(0.9),
            field("max_levels", &SplittingOptions::max_levels,
                  "Levels after which a repeat gives up: rates below keep^max_levels count as 0.")
                .at_least(1)
                .at_most(200),
            field("moves", &SplittingOptions::moves, "Metropolis moves of each point a level.")
                .at_least(1),
            field("repeats", &SplittingOptions::repeats, "Independent repeats behind the interval.")
                .at_least(4)};
  }
};

struct SplittingResult {
  Estimate rate;                   // see `splitting_estimate`
  std::vector<double> rates;       // one a repeat; 0: no failure reached
  std::vector<double> thresholds;  // of the first repeat, rising to 0
  double least_acceptance = 1;     // of the moves: the lowest share over levels and repeats
  std::int64_t rows = 0;
};

/// The mean over repeats, each of them unbiased (Brehier et al. 2016), with Cox's interval of a
/// log-normal mean: asymptotic, not a guarantee. With few points and repeats it covers somewhat
/// less often than it says (measured in docs/rooms/behaviour.md). Where a repeat reached no failure
/// the interval is that of the mean on a log scale; where none did, the rate is undefined.
[[nodiscard]] LEADLINE_API Estimate splitting_estimate(std::span<const double> rates,
                                                       std::int64_t rows, double floor,
                                                       double level = 0.95);

/// P(score >= 0) under N(0, I): level by level, the best `keep` of the points survive strictly
/// above the best of those that go, are copied and moved by preconditioned Crank-Nicolson steps
/// that stay above the level.
[[nodiscard]] LEADLINE_API SplittingResult splitting(const Performance& performance,
                                                     std::int64_t dimension,
                                                     const SplittingOptions& options = {},
                                                     std::uint64_t seed = 0, double level = 0.95,
                                                     std::int64_t id = 0);

/// The same rate from `samples` independent draws, Clopper-Pearson: the true rate lies inside with
/// probability at least `level` over the draws, whatever the model.
[[nodiscard]] LEADLINE_API Estimate monte_carlo(const Performance& performance,
                                                std::int64_t dimension, std::int64_t samples,
                                                std::uint64_t seed = 0, double level = 0.95,
                                                std::int64_t id = 0);

enum class NoiseShape : std::uint8_t { gaussian, uniform };
constexpr std::array<std::string_view, 2> names_of(std::type_identity<NoiseShape>) {
  return {"gaussian", "uniform"};
}

struct FailureRateOptions {
  NoiseShape perturbation = NoiseShape::uniform;
  double size = 0.1;
  std::int64_t max_samples = 16;
  std::int64_t draws = 1000;
  SplittingOptions splitting{.particles = 400, .repeats = 6};
  static Fields fields() {
    return {
        field("perturbation", &FailureRateOptions::perturbation,
              "gaussian: N(0, size^2) on each value; uniform: on [-size, size]."),
        field("size", &FailureRateOptions::size, "Of the perturbation.").above(0).in("input units"),
        field("max_samples", &FailureRateOptions::max_samples,
              "Most samples to visit, chosen by key; 0: all.")
            .at_least(0),
        field("draws", &FailureRateOptions::draws, "Plain draws a sample, for the exact interval.")
            .at_least(100),
        field("splitting", &FailureRateOptions::splitting, "Of the splitting.")};
  }
};

/// How likely a random perturbation of a sample that is read correctly misleads the model.
///
/// What is guaranteed: `certified_failure_rate` (Clopper-Pearson over all draws of all visited
/// samples: the mean rate of these samples, whatever the model). `failure_rate` by splitting goes
/// lower, its interval is asymptotic. Both speak of the visited samples, of this distribution.
/// Perturbed inputs are clipped to the declared bounds.
/// Estimates: failure_rate, certified_failure_rate, worst_failure_rate (of the samples)
/// Columns:   <id>.failure_rate of the visited samples
/// Checks:    splitting_agrees_with_monte_carlo; moves_are_accepted; answers_repeat
class LEADLINE_API FailureRate : public Probe {
 public:
  using Options = FailureRateOptions;
  explicit FailureRate(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::robustness
