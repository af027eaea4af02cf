// Empirical Bayes for small and intersectional groups.
#include <algorithm>
#include <cmath>

#include "leadline/fairness/group_frame.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::detail::shrink {

using fairness::GroupRate;
using fairness::GroupReport;
using fairness::GroupValue;
using fairness::Slice;

double log_beta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }

struct Member {
  std::size_t row = 0;
  double expected = 0;
  double most = 0;  // samples behind the expected value: it is worth no more
  GroupRate rate;   // of rates
};

/// log likelihood of the concentration k.
double likelihood(std::span<const Member> members, double k) {
  double sum = 0;
  for (const auto& m : members) {
    const double own = std::min(k, m.most), a = m.expected * own, b = (1 - m.expected) * own;
    sum += log_beta(a + m.rate.successes, b + m.rate.n - m.rate.successes) - log_beta(a, b);
  }
  return sum;
}

/// Golden section over log k in [log 1, log most].
double concentration(std::span<const Member> members, double most) {
  const double ratio = 0.6180339887498949;
  double low = 0, high = std::log(std::max(2.0, most));
  double x = high - ratio * (high - low), y = low + ratio * (high - low);
  double at_x = likelihood(members, std::exp(x)), at_y = likelihood(members, std::exp(y));
  for (int i = 0; i < 40 && high - low > 1e-4; ++i) {
    if (at_x < at_y) {
      low = x;
      x = y;
      at_x = at_y;
      y = low + ratio * (high - low);
      at_y = likelihood(members, std::exp(y));
    } else {
      high = y;
      y = x;
      at_y = at_x;
      x = high - ratio * (high - low);
      at_x = likelihood(members, std::exp(x));
    }
  }
  return std::exp((low + high) / 2);
}

void shrink_rates(GroupReport& report, std::span<const Member> members) {
  double total = 0;
  for (const auto& m : members) total += m.rate.n;
  const double k = concentration(members, total);
  for (const auto& m : members) {
    const double own = std::min(k, m.most);
    const double a = m.expected * own + m.rate.successes,
                 b = (1 - m.expected) * own + m.rate.n - m.rate.successes;
    const double tail = (1 - report.options.level) / 2, mean = a / (a + b);
    const double low = stats::beta_quantile(tail, a, b),
                 high = stats::beta_quantile(1 - tail, a, b);
    auto& row = report.rows[m.row];
    row.shrunk = Estimate::with(mean, std::min(low, mean), std::max(high, mean), row.n,
                                "beta_binomial", report.options.level);
    row.shrunk->facts["expected"] = m.expected;
    row.shrunk->facts["concentration"] = own;
  }
}

void shrink_normal(GroupReport& report, std::span<const Member> members,
                   std::span<const Estimate> raw) {
  const auto error = [&](const Member& m) {
    const Estimate& e = raw[m.row];
    return std::max(1e-12, (*e.upper - *e.lower) / (2 * stats::normal_two_sided(e.level)));
  };
  double weight = 0, squares = 0, spread = 0;
  for (const auto& m : members) {
    const double w = 1 / (error(m) * error(m)), d = raw[m.row].value() - m.expected;
    weight += w;
    squares += w * w;
    spread += w * d * d;
  }
  const auto groups = static_cast<double>(members.size());
  const double between =
      std::max(0.0, (spread - (groups - 1)) / std::max(1e-300, weight - squares / weight));
  for (const auto& m : members) {
    const double s = error(m) * error(m);
    // Never surer than all groups together: the expected value is itself estimated.
    const double trust = between / (between + s);
    const double mean = m.expected + trust * (raw[m.row].value() - m.expected);
    const double half = stats::normal_two_sided(report.options.level) *
                        std::sqrt(trust * s + (1 - trust) * (1 - trust) / weight);
    auto& row = report.rows[m.row];
    row.shrunk =
        Estimate::with(mean, mean - half, mean + half, row.n, "normal", report.options.level);
    row.shrunk->facts["expected"] = m.expected;
    row.shrunk->facts["between_variance"] = between;
  }
}

}  // namespace leadline::detail::shrink

namespace leadline::fairness {
namespace shrink_impl = leadline::detail::shrink;

void shrink_groups(GroupReport& report, std::span<const Estimate> raw, const GroupIndex& index,
                   std::span<const Slice> slices) {
  if (!report.overall.ok()) return;
  (void)index;
  const double overall = report.overall.value(), all = static_cast<double>(report.n);
  for (const auto& by : report.splits()) {
    std::vector<shrink_impl::Member> members;
    bool rates = true;
    for (std::size_t r = 0; r < slices.size(); ++r) {
      if (slices[r].by != by || !raw[r].ok() || !raw[r].lower) continue;
      const auto& parts = slices[r].parts;
      double expected = overall, variance = 1 / std::max(1.0, all);
      for (const auto& part : parts)
        for (std::size_t s = 0; parts.size() > 1 && s < slices.size(); ++s) {
          if (slices[s].parts.size() != 1 || slices[s].parts[0] != part || !raw[s].ok()) continue;
          const auto& margin = report.rows[s];  // shrunk before: single attributes come first
          expected += (margin.shrunk ? margin.shrunk->value() : raw[s].value()) - overall;
          variance += 1 / std::max(1.0, static_cast<double>(margin.n)) - 1 / std::max(1.0, all);
        }
      const auto rate = rate_of({slices[r].name, raw[r]});
      rates = rates && rate.has_value();
      members.push_back({r, expected, 1 / variance, rate.value_or(GroupRate{})});
    }
    if (members.size() < 2) continue;
    if (!rates) {
      for (auto& m : members)
        m.expected = std::clamp(m.expected, report.metric.range.first, report.metric.range.second);
      shrink_impl::shrink_normal(report, members, raw);
      continue;
    }
    double total = 0;
    for (const auto& m : members) total += m.rate.n;
    const double edge = 0.5 / (total + 1);  // an expected 0 or 1 would allow no other outcome
    for (auto& m : members) m.expected = std::clamp(m.expected, edge, 1 - edge);
    shrink_impl::shrink_rates(report, members);
  }
}

}  // namespace leadline::fairness
