#include "leadline/robustness/threat.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "leadline/core/error.hpp"

namespace leadline::robustness {
namespace {

std::string threat_digits(double value, int digits) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, value);
  return text.data();
}

}  // namespace

std::vector<double> sorted_budgets(std::string_view who, const Threat& threat) {
  auto eps = threat.eps;
  if (eps.empty())
    throw ValueError(who, "at least one budget in 'eps'", "an empty list", "pass eps=8/255");
  for (const double e : eps) {
    if (!std::isfinite(e) || e <= 0)
      throw ValueError(who, "budgets in 'eps' that are finite and above 0", threat_digits(e, 6),
                       "give the radius in the units of the inputs, e.g. 8/255 for images in "
                       "[0, 1]");
  }
  std::sort(eps.begin(), eps.end());
  const auto twice = std::adjacent_find(eps.begin(), eps.end());
  if (twice != eps.end())
    throw ValueError(who, "different budgets in 'eps'", threat_digits(*twice, 6) + " twice",
                     "name each budget once");
  return eps;
}

std::vector<std::string> budget_keys(Norm norm, const std::vector<double>& eps) {
  std::vector<std::string> keys;
  for (int digits = 3; digits <= 17; ++digits) {
    keys.clear();
    for (const double e : eps)
      keys.push_back("{norm=" + std::string(name_of(norm)) + ",eps=" + threat_digits(e, digits) +
                     "}");
    auto sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) break;
  }
  return keys;
}

}  // namespace leadline::robustness
