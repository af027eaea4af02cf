#include "leadline/fairness/gap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/two_proportions.hpp"
#include "null_gap.hpp"

namespace leadline::detail::gap {

using fairness::Gap;
using fairness::GapOptions;
using fairness::GroupRate;
using fairness::GroupValue;
using stats::Interval;

void check(const GapOptions& options) {
  if (!(options.level > 0 && options.level < 1))
    throw ValueError("fairness", "level in (0, 1)", fmt::format("{}", options.level),
                     "use 0.95 for 95 %");
  if (options.replicates < 100)
    throw ValueError("fairness", "at least 100 replicates", fmt::format("{}", options.replicates),
                     "use 2000");
  if (options.min_support < 1)
    throw ValueError("fairness", "min_support >= 1", fmt::format("{}", options.min_support),
                     "use 30");
}

/// The level at which `m` intervals hold together with the level asked for.
double bonferroni(double level, double m) { return 1 - (1 - level) / std::max(1.0, m); }

/// Those with enough support. Throws ValueError for counts out of range.
std::vector<GroupRate> supported(std::span<const GroupRate> rates, const GapOptions& options) {
  std::vector<GroupRate> out;
  for (const auto& r : rates) {
    if (!(r.n >= 0 && r.successes >= 0 && r.successes <= r.n * (1 + 1e-12) && std::isfinite(r.n)))
      throw ValueError("fairness", fmt::format("0 <= successes <= n in group '{}'", r.group),
                       fmt::format("{} of {}", r.successes, r.n), "pass counts of one group");
    if (r.rows >= options.min_support && r.n > 0) {
      out.push_back(r);
      out.back().successes = std::min(r.successes, r.n);
    }
  }
  return out;
}

Gap too_few(std::size_t kept, std::size_t all, const GapOptions& options, std::int64_t rows) {
  Gap gap;
  gap.estimate = Estimate::absent(
      Status::not_measured,
      all < 2 ? fmt::format("a gap needs two groups, there {} {}", all == 1 ? "is" : "are", all)
              : fmt::format("{} of {} groups have {} samples or more: a gap needs two", kept, all,
                            options.min_support),
      rows);
  return gap;
}

std::int64_t rows_of(std::span<const GroupRate> rates) {
  std::int64_t sum = 0;
  for (const auto& r : rates) sum += r.rows;
  return sum;
}

std::size_t index_of(std::span<const GroupRate> rates, const std::string& group,
                     std::span<const GroupRate> all) {
  for (std::size_t i = 0; i < rates.size(); ++i)
    if (rates[i].group == group) return i;
  std::string known;
  for (const auto& r : all) known += (known.empty() ? "" : ", ") + r.group;
  const bool there =
      std::any_of(all.begin(), all.end(), [&](const auto& r) { return r.group == group; });
  throw ValueError("fairness",
                   "a reference group " + std::string(there ? "with support" : "there is"),
                   "'" + group + "'", "groups: " + known);
}

void fill(Gap& gap, const null_gap::Null& null, std::size_t kept, std::size_t all) {
  auto& facts = gap.estimate.facts;
  facts["null_gap"] = null.mean;
  facts["corrected"] = null.corrected;
  facts["p_value"] = null.p_value;
  facts["n_groups"] = static_cast<double>(kept);
  if (kept < all) facts["groups_left_out"] = static_cast<double>(all - kept);
}

/// Largest minus smallest and its ends; an interval that holds for all pairs.
struct Spread {
  double value = 0;
  Interval interval{0, 0};
  std::size_t high = 0, low = 0;
};

Spread spread_of(std::span<const GroupRate> rates, double level) {
  Spread out;
  for (std::size_t g = 1; g < rates.size(); ++g) {
    if (rates[g].rate() > rates[out.high].rate()) out.high = g;
    if (rates[g].rate() < rates[out.low].rate()) out.low = g;
  }
  if (out.high == out.low && rates.size() > 1) out.low = 1;  // all equal
  out.value = rates[out.high].rate() - rates[out.low].rate();
  const double pairs = static_cast<double>(rates.size() * (rates.size() - 1)) / 2;
  const double each = bonferroni(level, pairs);
  for (std::size_t a = 0; a < rates.size(); ++a)
    for (std::size_t b = a + 1; b < rates.size(); ++b) {
      const Interval d = stats::newcombe_difference(rates[a].successes, rates[a].n,
                                                    rates[b].successes, rates[b].n, each);
      out.interval.lower = std::max({out.interval.lower, d.lower, -d.upper});
      out.interval.upper = std::max({out.interval.upper, d.upper, -d.lower});
    }
  out.interval.lower = std::min(out.interval.lower, out.value);
  out.interval.upper = std::max(out.interval.upper, out.value);
  return out;
}

/// The signed difference to the reference that is largest in size, and an interval that holds for
/// all of them. `difference(g)` gives value and interval of group g.
struct Signed {
  double value = 0;
  Interval interval;
  std::size_t group = 0;
};
template <class Difference>
Signed largest_signed(std::size_t n, std::size_t reference, Difference&& difference) {
  Signed out;
  bool first = true;
  for (std::size_t g = 0; g < n; ++g) {
    if (g == reference) continue;
    const auto [value, interval] = difference(g);
    if (!first && std::abs(value) <= std::abs(out.value)) continue;
    out = {value, {std::min(interval.lower, value), std::max(interval.upper, value)}, g};
    first = false;
  }
  return out;
}

double largest_from(std::span<const double> values, std::size_t reference) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v - values[reference]));
  return most;
}

std::pair<double, Interval> newcombe(const GroupRate& a, const GroupRate& b, double level) {
  return {a.rate() - b.rate(),
          stats::newcombe_difference(a.successes, a.n, b.successes, b.n, level)};
}

/// The sum of independent terms from their intervals (Zou and Donner 2008), halved.
std::pair<double, Interval> mean_of(std::pair<double, Interval> x, std::pair<double, Interval> y) {
  const double value = (x.first + y.first) / 2;
  return {value,
          {value - std::hypot(x.first - x.second.lower, y.first - y.second.lower) / 2,
           value + std::hypot(x.second.upper - x.first, y.second.upper - y.first) / 2}};
}

}  // namespace leadline::detail::gap

namespace leadline::fairness {
namespace gap_impl = leadline::detail::gap;
namespace null_gap = leadline::detail::null_gap;
using stats::Interval;

Gap rate_difference(std::span<const GroupRate> rates, const GapOptions& options) {
  gap_impl::check(options);
  const auto kept = gap_impl::supported(rates, options);
  if (kept.size() < 2)
    return gap_impl::too_few(kept.size(), rates.size(), options, gap_impl::rows_of(rates));
  const std::array families{null_gap::family_of(kept)};
  Gap gap;
  if (options.reference.empty()) {
    const auto spread = gap_impl::spread_of(kept, options.level);
    gap.highest = kept[spread.high].group;
    gap.lowest = kept[spread.low].group;
    gap.estimate = Estimate::with(
        spread.value, spread.interval.lower, spread.interval.upper, gap_impl::rows_of(kept),
        kept.size() == 2 ? "newcombe" : "newcombe_bonferroni", options.level);
    const auto null = null_gap::simulate(
        families, [](auto draws) { return null_gap::range(draws[0]); }, spread.value, options);
    gap_impl::fill(gap, null, kept.size(), rates.size());
    return gap;
  }
  const std::size_t reference = gap_impl::index_of(kept, options.reference, rates);
  const double each = gap_impl::bonferroni(options.level, static_cast<double>(kept.size() - 1));
  const auto largest = gap_impl::largest_signed(kept.size(), reference, [&](std::size_t g) {
    return gap_impl::newcombe(kept[g], kept[reference], each);
  });
  gap.highest = kept[largest.group].group;
  gap.lowest = options.reference;
  gap.estimate = Estimate::with(
      largest.value, largest.interval.lower, largest.interval.upper, gap_impl::rows_of(kept),
      kept.size() == 2 ? "newcombe" : "newcombe_bonferroni", options.level);
  auto null = null_gap::simulate(
      families, [&](auto draws) { return gap_impl::largest_from(draws[0], reference); },
      std::abs(largest.value), options);
  null.corrected = std::copysign(null.corrected, largest.value);
  gap_impl::fill(gap, null, kept.size(), rates.size());
  return gap;
}

Gap rate_ratio(std::span<const GroupRate> rates, const GapOptions& options) {
  gap_impl::check(options);
  const auto kept = gap_impl::supported(rates, options);
  if (kept.size() < 2)
    return gap_impl::too_few(kept.size(), rates.size(), options, gap_impl::rows_of(rates));
  auto plain = options;
  plain.reference.clear();
  Gap gap = rate_difference(rates, plain);
  double low = 1, high = 0;
  for (const auto& r : kept) {
    low = std::min(low, r.rate());
    high = std::max(high, r.rate());
  }
  if (high <= 0) {
    gap.estimate = Estimate::absent(Status::undefined, "every rate is 0", gap.estimate.n);
    return gap;
  }
  const double pairs = static_cast<double>(kept.size() * (kept.size() - 1)) / 2;
  const double each = gap_impl::bonferroni(options.level, pairs);
  double lower = 1, upper = 1;
  for (std::size_t a = 0; a < kept.size(); ++a)
    for (std::size_t b = 0; b < kept.size(); ++b) {
      if (a == b) continue;
      const auto ratio =
          stats::ratio_interval(kept[a].successes, kept[a].n, kept[b].successes, kept[b].n, each);
      lower = std::min(lower, ratio.lower);
      upper = std::min(upper, ratio.upper);
    }
  const double value = low / high;
  auto facts = gap.estimate.facts;
  facts.erase("null_gap");
  facts.erase("corrected");
  facts["corrected_difference"] = gap.estimate.facts.at("corrected");
  gap.estimate =
      Estimate::with(value, std::min(lower, value), std::max(upper, value), gap.estimate.n,
                     kept.size() == 2 ? "katz" : "katz_bonferroni", options.level);
  gap.estimate.facts = std::move(facts);
  if (*gap.estimate.lower >= 0.8) gap.estimate.facts["four_fifths_rule"] = 1;
  if (*gap.estimate.upper < 0.8) gap.estimate.facts["four_fifths_rule"] = 0;
  const std::array families{null_gap::family_of(kept)};
  const auto closeness = [](std::span<const std::span<const double>> draws) {
    const auto [least, most] = std::minmax_element(draws[0].begin(), draws[0].end());
    return *most > 0 ? 1 - *least / *most : 0.0;
  };
  const auto null = null_gap::simulate(families, closeness, 1 - value, options);
  gap.estimate.facts["null_ratio"] = 1 - null.mean;
  gap.estimate.facts["p_value"] = null.p_value;
  return gap;
}

Gap joint_difference(std::span<const GroupRate> first, std::span<const GroupRate> second,
                     Aggregate aggregate, const GapOptions& options) {
  gap_impl::check(options);
  std::vector<GroupRate> a, b;  // groups with support for both
  for (const auto& r : gap_impl::supported(first, options))
    for (const auto& s : gap_impl::supported(second, options))
      if (s.group == r.group) {
        a.push_back(r);
        b.push_back(s);
      }
  const std::int64_t rows = gap_impl::rows_of(a) + gap_impl::rows_of(b);
  if (a.size() < 2) return gap_impl::too_few(a.size(), first.size(), options, rows);
  const std::array families{null_gap::family_of(a), null_gap::family_of(b)};
  Gap gap;
  if (aggregate == Aggregate::signed_) {
    if (options.reference.empty())
      throw ValueError("fairness", "a reference group for the signed difference", "none",
                       "pass reference=, e.g. the name of the privileged group");
    const std::size_t reference = gap_impl::index_of(a, options.reference, first);
    const double each = gap_impl::bonferroni(options.level, static_cast<double>(a.size() - 1));
    const auto largest = gap_impl::largest_signed(a.size(), reference, [&](std::size_t g) {
      return gap_impl::mean_of(gap_impl::newcombe(a[g], a[reference], each),
                               gap_impl::newcombe(b[g], b[reference], each));
    });
    gap.highest = a[largest.group].group;
    gap.lowest = options.reference;
    gap.estimate = Estimate::with(largest.value, largest.interval.lower, largest.interval.upper,
                                  rows, "newcombe_mover", options.level);
    auto null = null_gap::simulate(
        families,
        [&](auto draws) {
          double most = 0;
          for (std::size_t g = 0; g < draws[0].size(); ++g)
            most = std::max(most, std::abs(draws[0][g] - draws[0][reference] + draws[1][g] -
                                           draws[1][reference]) /
                                      2);
          return most;
        },
        std::abs(largest.value), options);
    null.corrected = std::copysign(null.corrected, largest.value);
    gap_impl::fill(gap, null, a.size(), first.size());
    return gap;
  }
  const bool max = aggregate == Aggregate::max;
  const double level = max ? gap_impl::bonferroni(options.level, 2) : options.level;
  const auto x = gap_impl::spread_of(a, level), y = gap_impl::spread_of(b, level);
  const bool by_first = x.value >= y.value;
  gap.highest = by_first ? a[x.high].group : b[y.high].group;
  gap.lowest = by_first ? a[x.low].group : b[y.low].group;
  auto [value, interval] = gap_impl::mean_of({x.value, x.interval}, {y.value, y.interval});
  if (max) {
    value = std::max(x.value, y.value);
    interval = {std::max(x.interval.lower, y.interval.lower),
                std::max(x.interval.upper, y.interval.upper)};
  }
  gap.estimate = Estimate::with(value, std::max(0.0, std::min(interval.lower, value)),
                                std::max(interval.upper, value), rows,
                                max ? "newcombe_bonferroni" : "newcombe_mover", options.level);
  const auto null = null_gap::simulate(
      families,
      [max](auto draws) {
        const double p = null_gap::range(draws[0]), q = null_gap::range(draws[1]);
        return max ? std::max(p, q) : (p + q) / 2;
      },
      value, options);
  gap_impl::fill(gap, null, a.size(), first.size());
  gap.estimate.facts["first_gap"] = x.value;
  gap.estimate.facts["second_gap"] = y.value;
  return gap;
}

}  // namespace leadline::fairness
