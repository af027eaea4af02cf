/// Groups and decisions for the tests of fairness.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "leadline/core/table.hpp"
#include "leadline/fairness/group_counts.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::fair {

using Labels = std::vector<std::int64_t>;

inline Table table_of(const std::string& name, const std::vector<std::string>& values) {
  Table table;
  table.add(name, values);
  return table;
}

inline fairness::GroupCounts counts_of(const Labels& prediction, const Labels& target,
                                       const Table& groups,
                                       const std::vector<double>& weights = {}) {
  const std::array<Column, 2> columns{Column{"prediction", prediction}, Column{"target", target}};
  fairness::GroupCounts counts;
  counts.update(Rows{{}, weights, columns}, groups);
  return counts;
}

/// Successes of `n` in each group as rates.
inline std::vector<fairness::GroupRate> rates(const std::vector<std::pair<int, int>>& given) {
  std::vector<fairness::GroupRate> out;
  for (const auto& [k, n] : given)
    out.push_back({"g=" + std::to_string(out.size()), double(k), double(n), n});
  return out;
}

/// Binomial draws at the given rates.
inline std::vector<fairness::GroupRate> drawn(stats::Rng& rng, const std::vector<double>& p,
                                              const std::vector<int>& n) {
  std::vector<std::pair<int, int>> out;
  for (std::size_t g = 0; g < p.size(); ++g)
    out.emplace_back(static_cast<int>(rng.binomial(n[g], p[g])), n[g]);
  return rates(out);
}

}  // namespace leadline::fair
