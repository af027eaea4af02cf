#include "leadline/robustness/failure_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "leadline/core/error.hpp"
#include "searcher.hpp"

namespace leadline::robustness {

bool Region::contains(const Point& point) const {
  for (std::size_t k = 0; k < range.size(); ++k)
    if (point[k] < range[k].first || point[k] > range[k].second) return false;
  return true;
}

std::string Region::text(std::span<const Parameter> parameters) const {
  std::string out;
  for (std::size_t k = 0; k < range.size(); ++k) {
    const auto [low, high] = range[k];
    const Parameter& p = parameters[k];
    if (!p.categories.empty() && low < high) continue;
    if (!out.empty()) out += ", ";
    out += p.categories.empty()
               ? fmt::format("{} in [{:.4g}, {:.4g}]", p.name, low, high)
               : fmt::format("{} = {}", p.name, p.categories[static_cast<std::size_t>(low)]);
  }
  return out;
}

}  // namespace leadline::robustness

namespace leadline::detail::failure_search {

void check_parameters(std::span<const Parameter> parameters) {
  if (parameters.empty())
    throw ValueError("search_failures", "at least one parameter", "none", "declare what varies");
  std::set<std::string> names;
  for (const Parameter& p : parameters) {
    const std::string who = fmt::format("Parameter['{}']", p.name);
    if (p.name.empty() || !names.insert(p.name).second)
      throw ValueError(who, "a name of its own", p.name.empty() ? "an empty one" : "it twice",
                       "name each parameter once");
    if (p.categories.size() == 1)
      throw ValueError(who, "at least two categories", "one", "leave a constant out");
    if (!p.categories.empty()) continue;
    if (!std::isfinite(p.low) || !std::isfinite(p.high) || !(p.low < p.high))
      throw ValueError(who, "low < high", fmt::format("[{}, {}]", p.low, p.high),
                       "swap them, or leave a constant out");
    if (p.scale == Scale::log && p.low <= 0)
      throw ValueError(who, "low above 0 on a log scale", fmt::format("{}", p.low),
                       "use scale=linear");
  }
}

Estimate measure(Searcher& s, const Box& box, std::int64_t n, double level) {
  std::vector<Point> points;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(s.seed, "fresh", static_cast<std::int64_t>(s.next_draw) + i);
    points.push_back(s.draw_in(box, rng));
  }
  const auto bad = s.ask(points, true);
  const auto failed = std::count_if(bad.begin(), bad.end(), [](double b) { return b > 0; });
  return Estimate::rate(failed, n, "clopper_pearson", level);
}

}  // namespace leadline::detail::failure_search

namespace leadline::robustness {

FailureSearchResult search_failures(std::span<const Parameter> parameters, const Trial& trial,
                                    const FailureSearchOptions& options, std::uint64_t seed,
                                    double level, std::int64_t max_fresh) {
  namespace search = detail::failure_search;
  check_options("search_failures", options);
  search::check_parameters(parameters);
  search::Searcher s{parameters, trial, options, seed};
  auto fresh =
      static_cast<std::int64_t>(static_cast<double>(options.budget) * options.confirm_share / 4);
  if (max_fresh > 0) fresh = std::min(fresh, max_fresh);
  const std::int64_t each = (options.budget - 4 * fresh) / 3;
  FailureSearchResult result;
  std::vector<search::Box> boxes;
  for (const auto method : {SearchMethod::successive_halving, SearchMethod::cross_entropy,
                            SearchMethod::random_search}) {
    RegionFound found;
    found.method = method;
    const std::int64_t before = s.rows;
    boxes.push_back(
        method == SearchMethod::successive_halving ? search::successive_halving(s, each, found)
        : method == SearchMethod::cross_entropy    ? search::cross_entropy(s, each, found)
                                                   : search::random_search(s, each, found));
    found.rows = s.rows - before;
    result.found.push_back(std::move(found));
  }
  for (std::size_t k = 0; k < boxes.size(); ++k)
    result.found[k].failure_rate = search::measure(s, boxes[k], fresh, 1 - (1 - level) / 3);
  result.overall = search::measure(s, s.whole(), fresh, level);
  for (std::size_t k = 1; k < boxes.size(); ++k)
    if (result.found[k].failure_rate.value() > result.found[result.worst].failure_rate.value())
      result.worst = k;
  result.rows = s.rows;
  return result;
}

}  // namespace leadline::robustness
