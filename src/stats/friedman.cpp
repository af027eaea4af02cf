#include "leadline/stats/friedman.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/quadrature.hpp"

namespace leadline::stats {
namespace detail::friedman {

/// Ranks of one block into `ranks`, ties shared; returns the sum of t^3 - t over ties.
double rank_block(std::span<const double> row, bool higher_is_better, std::vector<double>& ranks) {
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return higher_is_better ? row[a] > row[b] : row[a] < row[b]; });
  double ties = 0;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && row[order[end]] == row[order[i]]) ++end;
    const double rank = 0.5 * static_cast<double>(i + 1 + end), t = static_cast<double>(end - i);
    ties += t * t * t - t;
    for (; i < end; ++i) ranks[order[i]] = rank;
  }
  return ties;
}

void check(std::string_view where, std::span<const double> values) {
  for (const double value : values)
    if (std::isnan(value)) throw ValueError(where, "numbers", "NaN", "leave out what is undefined");
}

}  // namespace detail::friedman

Friedman friedman_test(std::span<const double> values, std::int64_t models, bool higher_is_better) {
  if (models < 2)
    throw ValueError("friedman_test", "at least 2 models", std::to_string(models), "");
  if (values.empty() || values.size() % static_cast<std::size_t>(models) != 0)
    throw ShapeError("friedman_test", "values [blocks, " + std::to_string(models) + "]",
                     std::to_string(values.size()) + " values", "pass one value a block and model");
  detail::friedman::check("friedman_test", values);
  const auto k = static_cast<std::size_t>(models), blocks = values.size() / k;
  std::vector<double> ranks(k), sums(k);
  double ties = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    ties += detail::friedman::rank_block(values.subspan(b * k, k), higher_is_better, ranks);
    for (std::size_t m = 0; m < k; ++m) sums[m] += ranks[m];
  }
  const auto n = static_cast<double>(blocks), kd = static_cast<double>(k);
  Friedman out;
  double spread = 0;
  for (const double sum : sums) {
    out.mean_ranks.push_back(sum / n);
    const double distance = sum / n - (kd + 1) / 2;
    spread += distance * distance;
  }
  const double correction = 1 - ties / (n * (kd * kd * kd - kd));
  if (correction <= 0) return out;
  out.statistic = 12 * n / (kd * (kd + 1)) * spread / correction;
  out.p_value = chi_square_sf(out.statistic, kd - 1);
  return out;
}

double normal_range_cdf(double q, int k) {
  if (k < 2 || !(q >= 0))
    throw ValueError("normal_range_cdf", "k >= 2 and q >= 0",
                     std::to_string(k) + " and " + std::to_string(q), "");
  if (q == 0) return 0;
  // P = k * integral of phi(z) (Phi(z) - Phi(z - q))^(k - 1); panels of 16 nodes over [-9, 9 + q]
  static const Quadrature rule = gauss_legendre(16);
  constexpr int panels = 40;
  const double low = -9, width = (18 + std::min(q, 20.0)) / panels;
  constexpr double inverse_sqrt_two_pi = 0.398942280401432677939946;
  double sum = 0;
  for (int p = 0; p < panels; ++p)
    for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
      const double z = low + (p + rule.nodes[i]) * width;
      const double inside = normal_cdf(z) - normal_cdf(z - q);
      sum += rule.weights[i] * inverse_sqrt_two_pi * std::exp(-0.5 * z * z) *
             std::pow(std::max(0.0, inside), k - 1);
    }
  return std::clamp(k * sum * width, 0.0, 1.0);
}

double normal_range_quantile(double p, int k) {
  if (!(p > 0 && p < 1))
    throw ValueError("normal_range_quantile", "p in (0, 1)", std::to_string(p), "");
  double low = 0, high = 1;
  while (normal_range_cdf(high, k) < p && high < 64) high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (normal_range_cdf(middle, k) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double nemenyi_critical_difference(std::int64_t models, std::int64_t blocks, double alpha) {
  if (models < 2 || blocks < 1 || !(alpha > 0 && alpha < 1))
    throw ValueError(
        "nemenyi_critical_difference", "models >= 2, blocks >= 1, alpha in (0, 1)",
        std::to_string(models) + ", " + std::to_string(blocks) + ", " + std::to_string(alpha), "");
  const auto k = static_cast<double>(models);
  const double q = normal_range_quantile(1 - alpha, static_cast<int>(models)) / std::sqrt(2.0);
  return q * std::sqrt(k * (k + 1) / (6 * static_cast<double>(blocks)));
}

double nemenyi_p_value(double rank1, double rank2, std::int64_t models, std::int64_t blocks) {
  const auto k = static_cast<double>(models);
  const double unit = std::sqrt(k * (k + 1) / (6 * static_cast<double>(blocks)));
  return 1 - normal_range_cdf(std::abs(rank1 - rank2) / unit * std::sqrt(2.0),
                              static_cast<int>(models));
}

std::vector<std::pair<std::int64_t, std::int64_t>> rank_cliques(
    std::span<const double> sorted_mean_ranks, double critical) {
  std::vector<std::pair<std::int64_t, std::int64_t>> cliques;
  std::int64_t reached = -1;
  for (std::int64_t i = 0; i < std::ssize(sorted_mean_ranks); ++i) {
    std::int64_t last = i;
    while (last + 1 < std::ssize(sorted_mean_ranks) &&
           sorted_mean_ranks[static_cast<std::size_t>(last + 1)] -
                   sorted_mean_ranks[static_cast<std::size_t>(i)] <=
               critical)
      ++last;
    if (last > i && last > reached) cliques.emplace_back(i, last);
    reached = std::max(reached, last);
  }
  return cliques;
}

double kendall_tau_b(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size())
    throw ShapeError("kendall_tau_b", std::to_string(x.size()) + " values",
                     std::to_string(y.size()), "pass columns of one length");
  detail::friedman::check("kendall_tau_b", x);
  detail::friedman::check("kendall_tau_b", y);
  double agree = 0, untied_x = 0, untied_y = 0;
  const auto sign = [](double v) { return (v > 0) - (v < 0); };
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const int a = sign(x[i] - x[j]), b = sign(y[i] - y[j]);
      agree += a * b;
      untied_x += a != 0;
      untied_y += b != 0;
    }
  if (untied_x == 0 || untied_y == 0) return std::numeric_limits<double>::quiet_NaN();
  return agree / std::sqrt(untied_x * untied_y);
}

}  // namespace leadline::stats
