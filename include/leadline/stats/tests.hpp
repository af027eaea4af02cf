/// Tests of rates and of paired or grouped values. Each p-value is valid: P(p <= a) <= a under the
/// hypothesis (mid-p on average only).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/multiplicity.hpp"

namespace leadline::stats {

/// Two-sided exact binomial test of P(success) = p: the summed probability of every outcome that is
/// no more likely than the one seen (as R and scipy.stats.binomtest).
/// Throws ValueError unless 0 <= successes <= n and p in [0, 1].
[[nodiscard]] LEADLINE_API double binomial_test(std::int64_t successes, std::int64_t n, double p);

/// Two-sided p-values of McNemar's test, all 1 where no pair is discordant.
struct McNemar {
  double exact = 1.0;       // binomial on the discordant pairs; conservative
  double mid_p = 1.0;       // exact minus the probability of the outcome: recommended
  double chi_square = 1.0;  // without correction: above its level for few discordant pairs
  double chi_square_corrected = 1.0;  // Edwards' correction: as conservative as the exact one
  double statistic = 0.0;             // (b - c)^2 / (b + c)
  double corrected_statistic = 0.0;   // (|b - c| - 1)^2 / (b + c)
  std::int64_t n_discordant = 0;
};

/// McNemar's test that two models are right equally often on the same samples, from the pairs where
/// only the first or only the second was right. The mid-p keeps its level as long as the number of
/// such pairs varies (Fagerland, Lydersen, Laake 2013; enumerated in the tests: at most 0.0505 for
/// n = 20 to 200 and up to half of the samples discordant); with that number fixed it holds on
/// average only (0.065 at 50 pairs). The exact form and the corrected chi-square never exceed it.
[[nodiscard]] LEADLINE_API McNemar mcnemar_test(std::int64_t only_first, std::int64_t only_second);

/// (as_extreme + 1) / (replicates + 1): the p-value of a Monte Carlo test that counts the observed
/// value among the draws (Phipson and Smyth 2010). Never 0.
[[nodiscard]] LEADLINE_API double permutation_p_value(std::int64_t as_extreme,
                                                      std::int64_t replicates);

struct PermutationOptions {
  std::int64_t replicates = 9999;
  std::uint64_t seed = 0;
  std::string_view stream = "permutation";
};

/// Two-sided sign-flip test that paired differences are symmetric about 0 (statistic: |sum|).
/// The smallest p it can give is 1 / (replicates + 1). 1 when there is no difference at all.
/// Throws ValueError on NaN or infinity, or replicates < 1.
[[nodiscard]] LEADLINE_API double sign_flip_test(std::span<const double> differences,
                                                 const PermutationOptions& options = {});

/// Two-sided permutation test that two groups come from one distribution (statistic: difference of
/// means). Throws ValueError on NaN, an empty group, or replicates < 1.
[[nodiscard]] LEADLINE_API double permutation_test(std::span<const double> first,
                                                   std::span<const double> second,
                                                   const PermutationOptions& options = {});

}  // namespace leadline::stats
