// Gaps of estimates that need not be rates, and the worst group.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/fairness/gap.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "null_gap.hpp"

namespace leadline::detail::value_gap {

using fairness::Gap;
using fairness::GapOptions;
using fairness::GroupRate;
using fairness::GroupValue;

/// Estimates with a value and an interval, from groups with enough support.
std::vector<GroupValue> supported(std::span<const GroupValue> values, const GapOptions& options) {
  std::vector<GroupValue> out;
  for (const auto& v : values)
    if (v.estimate.ok() && v.estimate.n >= options.min_support) out.push_back(v);
  return out;
}

Gap absent(std::size_t kept, std::size_t all, const GapOptions& options) {
  Gap gap;
  gap.estimate = Estimate::absent(
      Status::not_measured, fmt::format("{} of {} groups have a value and {} samples or more", kept,
                                        all, options.min_support));
  return gap;
}

/// The interval of an estimate at another level, its half widths scaled as normal ones.
stats::Interval at_level(const Estimate& e, double level) {
  const double factor = stats::normal_two_sided(level) / stats::normal_two_sided(e.level);
  const double value = e.value();
  return {value - (value - *e.lower) * factor, value + (*e.upper - value) * factor};
}

double error_of(const Estimate& e) {
  return (*e.upper - *e.lower) / (2 * stats::normal_two_sided(e.level));
}

/// Inverse-variance mean: the value that all groups share under parity.
null_gap::Family family_of(std::span<const GroupValue> values) {
  null_gap::Family out;
  double sum = 0, weight = 0;
  for (const auto& v : values) {
    const double error = std::max(error_of(v.estimate), 1e-12);
    out.value.push_back(v.estimate.value());
    out.error.push_back(error);
    sum += v.estimate.value() / (error * error);
    weight += 1 / (error * error);
  }
  out.common = sum / weight;
  return out;
}

std::int64_t rows_of(std::span<const GroupValue> values) {
  std::int64_t n = 0;
  for (const auto& v : values) n += v.estimate.n;
  return n;
}

std::vector<GroupRate> as_rates(std::span<const GroupValue> values) {
  std::vector<GroupRate> out;
  for (const auto& v : values)
    if (const auto rate = fairness::rate_of(v)) out.push_back(*rate);
  return out;
}

bool all_have_intervals(std::span<const GroupValue> values) {
  return std::all_of(values.begin(), values.end(),
                     [](const auto& v) { return v.estimate.lower && v.estimate.upper; });
}

}  // namespace leadline::detail::value_gap

namespace leadline::fairness {
namespace values_impl = leadline::detail::value_gap;

std::optional<GroupRate> rate_of(const GroupValue& value) {
  const Estimate& e = value.estimate;
  if (!e.ok() || !(e.value() >= 0 && e.value() <= 1)) return std::nullopt;
  if (e.method != "wilson" && e.method != "clopper_pearson" && e.method != "jeffreys")
    return std::nullopt;
  const auto fact = e.facts.find("n_effective");
  const double n = fact != e.facts.end() ? fact->second : static_cast<double>(e.n);
  double successes = e.value() * n;
  if (fact == e.facts.end()) successes = std::round(successes);
  return GroupRate{value.group, successes, n, e.n};
}

Gap value_difference(std::span<const GroupValue> values, const GapOptions& options) {
  const auto kept = values_impl::supported(values, options);
  const auto rates = values_impl::as_rates(kept);
  if (kept.size() >= 2 && rates.size() == kept.size()) {
    Gap gap = rate_difference(rates, options);
    if (kept.size() < values.size())
      gap.estimate.facts["groups_left_out"] = static_cast<double>(values.size() - kept.size());
    return gap;
  }
  if (kept.size() < 2) return values_impl::absent(kept.size(), values.size(), options);
  std::size_t high = 0, low = 0;
  for (std::size_t g = 1; g < kept.size(); ++g) {
    if (kept[g].estimate.value() > kept[high].estimate.value()) high = g;
    if (kept[g].estimate.value() < kept[low].estimate.value()) low = g;
  }
  if (high == low) low = 1;
  Gap gap;
  gap.highest = kept[high].group;
  gap.lowest = kept[low].group;
  const double value = kept[high].estimate.value() - kept[low].estimate.value();
  const std::int64_t rows = values_impl::rows_of(kept);
  if (!values_impl::all_have_intervals(kept)) {
    gap.estimate = Estimate::of(value, rows, "a group's estimate has no interval");
    return gap;
  }
  const double pairs = static_cast<double>(kept.size() * (kept.size() - 1)) / 2;
  const double level = 1 - (1 - options.level) / pairs;
  double lower = 0, upper = value;
  for (const auto& a : kept)
    for (const auto& b : kept) {
      if (&a == &b) continue;
      const auto x = values_impl::at_level(a.estimate, level),
                 y = values_impl::at_level(b.estimate, level);
      const double p = a.estimate.value(), q = b.estimate.value();
      lower = std::max(lower, p - q - std::hypot(p - x.lower, y.upper - q));
      upper = std::max(upper, p - q + std::hypot(x.upper - p, q - y.lower));
    }
  gap.estimate = Estimate::with(value, std::min(lower, value), upper, rows,
                                kept.size() == 2 ? "mover" : "mover_bonferroni", options.level);
  const std::array families{values_impl::family_of(kept)};
  const auto null = detail::null_gap::simulate(
      families, [](auto draws) { return detail::null_gap::range(draws[0]); }, value, options);
  auto& facts = gap.estimate.facts;
  facts["null_gap"] = null.mean;
  facts["corrected"] = null.corrected;
  facts["p_value"] = null.p_value;
  facts["n_groups"] = static_cast<double>(kept.size());
  if (kept.size() < values.size())
    facts["groups_left_out"] = static_cast<double>(values.size() - kept.size());
  return gap;
}

Gap worst_group(std::span<const GroupValue> values, Better better, const GapOptions& options) {
  const auto kept = values_impl::supported(values, options);
  if (kept.empty()) return values_impl::absent(0, values.size(), options);
  const double sign = better == Better::lower ? -1 : 1;
  std::size_t worst = 0;
  for (std::size_t g = 1; g < kept.size(); ++g)
    if (sign * kept[g].estimate.value() < sign * kept[worst].estimate.value()) worst = g;
  Gap gap;
  gap.lowest = kept[worst].group;
  const Estimate& least = kept[worst].estimate;
  if (!values_impl::all_have_intervals(kept)) {
    gap.estimate = Estimate::of(least.value(), least.n, "a group's estimate has no interval");
    return gap;
  }
  const double level = 1 - (1 - options.level) / static_cast<double>(kept.size());
  double lower = least.value(), upper = least.value();
  bool first = true;
  const auto worse = [&](double a, double b) { return sign > 0 ? std::min(a, b) : std::max(a, b); };
  for (const auto& v : kept) {
    const auto rate = rate_of(v);
    const auto i = rate ? stats::proportion_interval(rate->successes, rate->n, level)
                        : values_impl::at_level(v.estimate, level);
    lower = first ? i.lower : worse(lower, i.lower);
    upper = first ? i.upper : worse(upper, i.upper);
    first = false;
  }
  gap.estimate =
      Estimate::with(least.value(), std::min(lower, least.value()), std::max(upper, least.value()),
                     least.n, least.method + (kept.size() > 1 ? "_bonferroni" : ""), options.level);
  const auto rates = values_impl::as_rates(kept);
  const std::array families{rates.size() == kept.size() ? detail::null_gap::family_of(rates)
                                                        : values_impl::family_of(kept)};
  const double common = families[0].common;
  const auto shortfall = [&](std::span<const std::span<const double>> draws) {
    double most = 0;
    for (const double v : draws[0]) most = std::max(most, sign * (common - v));
    return most;
  };
  const double seen = std::max(0.0, sign * (common - least.value()));
  const auto null = detail::null_gap::simulate(families, shortfall, seen, options);
  auto& facts = gap.estimate.facts;
  facts["null_worst"] = common - sign * null.mean;
  facts["p_value"] = null.p_value;
  facts["n_groups"] = static_cast<double>(kept.size());
  if (kept.size() < values.size())
    facts["groups_left_out"] = static_cast<double>(values.size() - kept.size());
  return gap;
}

}  // namespace leadline::fairness
