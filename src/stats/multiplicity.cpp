#include "leadline/stats/multiplicity.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline::stats {
namespace detail::multiplicity {

std::vector<std::size_t> order_of(const char* where, std::span<const double> p) {
  for (const double x : p)
    if (!(x >= 0.0 && x <= 1.0))
      throw ValueError(where, "p-values in [0, 1]", std::to_string(x), "leave out undefined tests");
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return p[a] < p[b]; });
  return order;
}

/// min over ranks j >= i of factor * p_(j) / j.
std::vector<double> step_up(const char* where, std::span<const double> p, double factor) {
  const auto order = order_of(where, p);
  std::vector<double> adjusted(p.size());
  double running = 1.0;
  for (std::size_t i = order.size(); i-- > 0;) {
    running = std::min(running, factor / static_cast<double>(i + 1) * p[order[i]]);
    adjusted[order[i]] = running;
  }
  return adjusted;
}

}  // namespace detail::multiplicity

std::vector<double> holm(std::span<const double> p) {
  const auto order = detail::multiplicity::order_of("holm", p);
  std::vector<double> adjusted(p.size());
  double running = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    running = std::max(running, std::min(1.0, static_cast<double>(p.size() - i) * p[order[i]]));
    adjusted[order[i]] = running;
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  return detail::multiplicity::step_up("benjamini_hochberg", p, static_cast<double>(p.size()));
}

std::vector<double> benjamini_yekutieli(std::span<const double> p) {
  double harmonic = 0.0;
  for (std::size_t i = p.size(); i > 0; --i) harmonic += 1.0 / static_cast<double>(i);
  return detail::multiplicity::step_up("benjamini_yekutieli", p,
                                       harmonic * static_cast<double>(p.size()));
}

std::vector<double> e_benjamini_hochberg(std::span<const double> e) {
  std::vector<double> p;
  p.reserve(e.size());
  for (const double x : e) {
    if (!(x >= 0.0))
      throw ValueError("e_benjamini_hochberg", "e-values >= 0", std::to_string(x),
                       "leave out undefined tests");
    p.push_back(x > 1.0 ? 1.0 / x : 1.0);
  }
  return detail::multiplicity::step_up("e_benjamini_hochberg", p, static_cast<double>(e.size()));
}

}  // namespace leadline::stats
