#include "testing/laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace leadline::testing::detail {

bool near(double a, double b, double tolerance) {
  return a == b || std::abs(a - b) <= tolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

std::string difference(const Estimate& a, const Estimate& b, double tolerance) {
  const std::string both = fmt::format("{} against {}", a.text(), b.text());
  if (a.status != b.status || a.n != b.n || a.lower.has_value() != b.lower.has_value()) return both;
  if (a.ok() && !near(a.value(), b.value(), tolerance)) return both;
  if (a.lower && (!near(*a.lower, *b.lower, tolerance) || !near(*a.upper, *b.upper, tolerance)))
    return both;
  return {};
}

std::string difference(const Finding& a, const Finding& b, double tolerance) {
  if (a.status != b.status)
    return fmt::format("status {} ({}) against {} ({})", name_of(a.status), a.why,
                       name_of(b.status), b.why);
  if (a.estimates.size() != b.estimates.size())
    return fmt::format("{} against {} estimates", a.estimates.size(), b.estimates.size());
  for (std::size_t i = 0; i < a.estimates.size(); ++i) {
    if (a.estimates[i].name != b.estimates[i].name)
      return fmt::format("'{}' against '{}'", a.estimates[i].name, b.estimates[i].name);
    const auto found = difference(a.estimates[i].estimate, b.estimates[i].estimate, tolerance);
    if (!found.empty()) return fmt::format("{}: {}", a.estimates[i].name, found);
  }
  if (a.checks.size() != b.checks.size())
    return fmt::format("{} against {} checks", a.checks.size(), b.checks.size());
  for (std::size_t i = 0; i < a.checks.size(); ++i)
    if (a.checks[i].name != b.checks[i].name || a.checks[i].result != b.checks[i].result)
      return fmt::format("check '{}' {} against {}", a.checks[i].name, name_of(a.checks[i].result),
                         name_of(b.checks[i].result));
  return {};
}

}  // namespace leadline::testing::detail
