// What is computed from the scores of models under specifications, and computed again for
// resamples.
#pragma once

#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "leadline/tradeoffs/disagreement.hpp"

namespace leadline::detail::disagreement {

using tradeoffs::Specification;

inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// [specifications, models], higher is better throughout; `weights` by benchmark, empty: all 1.
[[nodiscard]] std::vector<double> scores_of(
    std::size_t n_models, std::span<const Specification> specifications,
    const std::map<std::string, std::vector<double>>& weights);

/// Everything that is resampled, in one vector: sign agreement, mean tau, tau of each pair, then
/// the difference of models `first` and `second` under each specification.
[[nodiscard]] std::vector<double> statistics(std::span<const double> scores, std::size_t k,
                                             std::size_t s, std::size_t first, std::size_t second);

/// Replicates of all statistics, items drawn by benchmark. Empty when nothing has items.
[[nodiscard]] std::vector<std::vector<double>> resampled(
    std::size_t n_models, std::span<const Specification> specifications,
    const tradeoffs::DisagreementOptions& options, std::size_t first, std::size_t second);

/// Shares of the sum of squares of scores standardised within each specification.
struct Shares {
  double model = 0, benchmark = 0, metric = 0, rest = 0;
};
[[nodiscard]] Shares variance_shares(std::span<const double> scores, std::size_t k,
                                     std::span<const Specification> specifications);

}  // namespace leadline::detail::disagreement
