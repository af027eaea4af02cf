#include "leadline/core/plain.hpp"

#include <fmt/format.h>

#include <cmath>

namespace leadline {
namespace detail::plain {

/// The number out of which a share is told.
int base_of(double share) {
  const double rare = std::min(share, 1 - share);
  return rare >= 0.01 || rare <= 0 ? 100 : rare >= 0.001 ? 1000 : 10000;
}

}  // namespace detail::plain

namespace plain {

std::string share(double share) {
  if (share <= 0) return "none";
  if (share >= 1) return "all";
  const int base = detail::plain::base_of(share);
  const auto count = std::llround(share * base);
  if (count == 0) return fmt::format("fewer than 1 in {}", base);
  return fmt::format("about {} in {}", count, base);
}

std::string share(const Estimate& estimate) {
  if (!estimate.ok()) return estimate.why.empty() ? "not known" : estimate.why;
  const std::string text = share(estimate.value());
  if (!estimate.lower) return text;
  const double value = estimate.value();
  const int base = value <= 0 || value >= 1
                       ? detail::plain::base_of(value <= 0 ? *estimate.upper : *estimate.lower)
                       : detail::plain::base_of(value);
  const auto low = std::llround(*estimate.lower * base),
             high = std::llround(*estimate.upper * base);
  if (value <= 0) return fmt::format("none (at most {} in {})", std::max(high, 1LL), base);
  if (value >= 1) return fmt::format("all (at least {} in {})", low, base);
  return fmt::format("{} (between {} and {})", text, low, high);
}

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

std::string key_value(std::string text) {
  for (char& c : text)
    if (c == '{' || c == '}' || c == ',' || c == '=' || c == '@') c = '_';
  return text;
}

}  // namespace plain
}  // namespace leadline
