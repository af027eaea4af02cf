/// Bootstrap of the AUROC on one sort.
#pragma once

#include <cstdint>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/ranked.hpp"

namespace leadline::stats {

struct AurocBootstrapOptions {
  std::int64_t replicates = 1000;
  std::uint64_t seed = 0;
};

/// AUROC of `replicates` Poisson(1) resamples of the sorted sample, ties counted one half.
///
/// Each sample gets an integer weight per replicate from a Philox block keyed by its rank (within a
/// level by group), sixteen bits a weight (each probability right to 2^-17); sums are integers. The
/// replicates do not depend on the order of the input. NaN where a group drew nothing. About 2 ns a
/// sample and replicate. Throws ValueError with weights (use the influence interval), without both
/// groups, for replicates < 1 or more than 2^26 samples.
[[nodiscard]] LEADLINE_API std::vector<double> auroc_bootstrap(
    const Ranked& ranked, const AurocBootstrapOptions& options = {});

}  // namespace leadline::stats
