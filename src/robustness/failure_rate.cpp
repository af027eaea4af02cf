#include "leadline/robustness/failure_rate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::failure_rate {

using robustness::Performance;
using robustness::SplittingOptions;

std::vector<double> score(const Performance& performance, std::span<const double> z,
                          std::int64_t dimension) {
  auto scores = performance(z, dimension);
  if (std::ssize(scores) != std::ssize(z) / dimension)
    throw ShapeError("failure_rate", fmt::format("{} scores", std::ssize(z) / dimension),
                     std::to_string(scores.size()), "give one score a row");
  if (std::any_of(scores.begin(), scores.end(), [](double s) { return std::isnan(s); }))
    throw ValueError("failure_rate", "scores that are numbers", "NaN",
                     "count an answer that is not finite as a failure: +inf");
  return scores;
}

/// One repeat: points, their scores, and moves above a rising threshold.
class Repeat {
 public:
  Repeat(const Performance& performance, std::int64_t dimension, const SplittingOptions& options,
         std::uint64_t seed, std::int64_t id, std::int64_t repeat)
      : performance_(performance),
        options_(options),
        d_(static_cast<std::size_t>(dimension)),
        n_(static_cast<std::size_t>(options.particles)),
        stream_(seed, fmt::format("splitting/{}/{}", id, repeat)) {}

  double run() {
    z_.resize(n_ * d_);
    fill(z_);
    scores_ = ask(z_);
    double rate = 1;
    for (std::int64_t level = 0; level < options_.max_levels; ++level) {
      std::vector<double> sorted = scores_;
      std::sort(sorted.begin(), sorted.end(), std::greater<>());
      const auto kept = static_cast<std::size_t>(options_.keep * static_cast<double>(n_));
      // The level is the best of those that go, the others lie strictly above it: with levels at
      // the worst of those that stay the product is too large by about levels / particles.
      const double threshold = std::min(sorted[kept], 0.0);
      thresholds.push_back(threshold);
      std::vector<std::size_t> alive;
      for (std::size_t i = 0; i < n_; ++i)
        if (threshold < 0 ? scores_[i] > threshold : scores_[i] >= 0) alive.push_back(i);
      rate *= static_cast<double>(alive.size()) / static_cast<double>(n_);
      if (threshold >= 0 || alive.empty()) return rate;
      copy(alive);
      move(threshold);
    }
    return 0;
  }

  std::vector<double> thresholds;
  double least_acceptance = 1;
  std::int64_t rows = 0;

 private:
  void fill(std::span<double> out) {
    for (std::size_t i = 0; i < n_; ++i)
      stream_.at(static_cast<std::int64_t>(i), draw_).fill_normal(out.subspan(i * d_, d_));
    ++draw_;
  }
  std::vector<double> ask(std::span<const double> z) {
    rows += static_cast<std::int64_t>(n_);
    return score(performance_, z, static_cast<std::int64_t>(d_));
  }
  void copy(const std::vector<std::size_t>& alive) {
    std::vector<double> z(z_.size()), scores(n_);
    for (std::size_t i = 0; i < n_; ++i) {
      auto rng = stream_.at(static_cast<std::int64_t>(i), draw_);
      const std::size_t from = i < alive.size() ? alive[i] : alive[rng.below(alive.size())];
      std::copy_n(z_.begin() + static_cast<long>(from * d_), d_,
                  z.begin() + static_cast<long>(i * d_));
      scores[i] = scores_[from];
    }
    ++draw_;
    z_ = std::move(z);
    scores_ = std::move(scores);
  }
  /// The step is halved or lengthened towards an acceptance of 0.3; it starts where the last level
  /// ended.
  void move(double threshold) {
    std::int64_t accepted = 0;
    std::vector<double> proposal(z_.size());
    for (std::int64_t m = 0; m < options_.moves; ++m) {
      fill(proposal);
      const double stay = std::sqrt(1 - step_ * step_);
      for (std::size_t k = 0; k < z_.size(); ++k) proposal[k] = stay * z_[k] + step_ * proposal[k];
      const auto scores = ask(proposal);
      std::int64_t now = 0;
      for (std::size_t i = 0; i < n_; ++i) {
        if (!(scores[i] > threshold)) continue;
        ++now;
        scores_[i] = scores[i];
        std::copy_n(proposal.begin() + static_cast<long>(i * d_), d_,
                    z_.begin() + static_cast<long>(i * d_));
      }
      accepted += now;
      const double share = static_cast<double>(now) / static_cast<double>(n_);
      step_ = std::clamp(step_ * (share < 0.2 ? 0.8 : share > 0.4 ? 1.2 : 1.0), 1e-3, 0.95);
    }
    least_acceptance = std::min(
        least_acceptance, static_cast<double>(accepted) /
                              static_cast<double>(options_.moves * static_cast<std::int64_t>(n_)));
  }

  const Performance& performance_;
  const SplittingOptions& options_;
  std::size_t d_, n_;
  stats::Stream stream_;
  std::uint64_t draw_ = 0;
  double step_ = 0.5;
  std::vector<double> z_, scores_;
};

void check_dimension(std::int64_t dimension) {
  if (dimension < 1)
    throw ValueError("failure_rate", "a dimension of at least 1", std::to_string(dimension),
                     "name how many random numbers a trial takes");
}

}  // namespace leadline::detail::failure_rate

namespace leadline::robustness {

Estimate splitting_estimate(std::span<const double> rates, std::int64_t rows, double floor,
                            double level) {
  const auto n = static_cast<double>(rates.size());
  const double mean = std::accumulate(rates.begin(), rates.end(), 0.0) / n;
  if (!(mean > 0))
    return Estimate::absent(Status::undefined,
                            fmt::format("no repeat reached a failure: below {:.1g}", floor), rows);
  const auto zeros = std::count(rates.begin(), rates.end(), 0.0);
  const double t = stats::student_t_quantile(0.5 + level / 2, n - 1);
  double centre = std::log(mean), half = 0;
  if (zeros == 0) {  // Cox's interval of a log-normal mean (Zhou and Gao 1997)
    double log_mean = 0, square = 0;
    for (const double r : rates) log_mean += std::log(r) / n;
    for (const double r : rates) square += std::pow(std::log(r) - log_mean, 2) / (n - 1);
    centre = log_mean + square / 2;
    half = t * std::sqrt(square / n + square * square / (2 * (n - 1)));
  } else {
    double square = 0;
    for (const double r : rates) square += (r - mean) * (r - mean) / (n - 1);
    half = t * std::sqrt(square / n) / mean;
  }
  Estimate estimate = Estimate::with(mean, std::min(mean, std::exp(centre - half)),
                                     std::clamp(std::exp(centre + half), mean, 1.0), rows,
                                     "log-normal over repeats", level);
  estimate.facts["repeats"] = n;
  estimate.facts["repeats_without_failure"] = static_cast<double>(zeros);
  return estimate;
}

SplittingResult splitting(const Performance& performance, std::int64_t dimension,
                          const SplittingOptions& options, std::uint64_t seed, double level,
                          std::int64_t id) {
  check_options("splitting", options);
  detail::failure_rate::check_dimension(dimension);
  SplittingResult result;
  for (std::int64_t r = 0; r < options.repeats; ++r) {
    detail::failure_rate::Repeat repeat(performance, dimension, options, seed, id, r);
    result.rates.push_back(repeat.run());
    if (r == 0) result.thresholds = std::move(repeat.thresholds);
    result.least_acceptance = std::min(result.least_acceptance, repeat.least_acceptance);
    result.rows += repeat.rows;
  }
  result.rate =
      splitting_estimate(result.rates, result.rows,
                         std::pow(options.keep, static_cast<double>(options.max_levels)), level);
  return result;
}

Estimate monte_carlo(const Performance& performance, std::int64_t dimension, std::int64_t samples,
                     std::uint64_t seed, double level, std::int64_t id) {
  detail::failure_rate::check_dimension(dimension);
  if (samples < 1)
    throw ValueError("monte_carlo", "at least one sample", std::to_string(samples), "draw more");
  const stats::Stream stream(seed, fmt::format("monte_carlo/{}", id));
  const auto d = static_cast<std::size_t>(dimension);
  std::int64_t failed = 0;
  for (std::int64_t first = 0; first < samples; first += 512) {
    const auto n = static_cast<std::size_t>(std::min<std::int64_t>(512, samples - first));
    std::vector<double> z(n * d);
    for (std::size_t i = 0; i < n; ++i)
      stream.at(first + static_cast<std::int64_t>(i)).fill_normal(std::span(z).subspan(i * d, d));
    for (const double s : detail::failure_rate::score(performance, z, dimension)) failed += s >= 0;
  }
  return Estimate::rate(failed, samples, "clopper_pearson", level);
}

}  // namespace leadline::robustness
