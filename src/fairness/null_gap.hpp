// What a gap would be if all groups were alike, by seeded simulation.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "leadline/fairness/gap.hpp"

namespace leadline::detail::null_gap {

/// Values of groups with their standard errors; `common` is what they share under parity.
struct Family {
  std::vector<double> value, error;
  std::vector<double> n;  // of rates: binomial draws while counts are small; empty: normal draws
  double common = 0;
};
[[nodiscard]] Family family_of(std::span<const fairness::GroupRate> rates);

/// A number from one draw of all families: draws[f] holds a value a group.
using Statistic = std::function<double(std::span<const std::span<const double>>)>;

struct Null {
  double mean = 0, corrected = 0, p_value = 1;
};
/// `seen`: the statistic of the values. It must grow with the spread of each family.
[[nodiscard]] Null simulate(std::span<const Family> families, const Statistic& statistic,
                            double seen, const fairness::GapOptions& options);

[[nodiscard]] double range(std::span<const double> values);

}  // namespace leadline::detail::null_gap
