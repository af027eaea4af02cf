// What the searches share: the unit cube, boxes in it, and the budget.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "leadline/robustness/failure_search.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::failure_search {

using robustness::Parameter;
using robustness::Point;
using robustness::Region;
using robustness::RegionFound;
using robustness::Scale;
using robustness::SearchMethod;

/// A box in the unit cube; of categories the position of one, or -1 for all.
struct Box {
  std::vector<double> low, high;
  std::vector<std::int64_t> category;
};

struct Searcher {
  std::span<const Parameter> parameters;
  const robustness::Trial& trial;
  const robustness::FailureSearchOptions& options;
  std::uint64_t seed;
  std::uint64_t next_draw = 0;
  std::int64_t rows = 0;

  std::size_t d() const { return parameters.size(); }
  bool is_number(std::size_t k) const { return parameters[k].categories.empty(); }

  double to_units(std::size_t k, double u) const;
  Region region_of(const Box& box) const;
  Box whole() const;
  Point draw_in(const Box& box, stats::Rng& rng) const;
  /// Badness at each point, each with a draw of its own.
  std::vector<double> ask(const std::vector<Point>& points, bool fresh);
  /// A random box of the volume asked for: equal sides, shifted inside.
  Box random_box(stats::Rng& rng) const;
};

/// Throws as `search_failures`.
void check_parameters(std::span<const Parameter> parameters);

/// Each spends at most `budget` trials, fills in what it saw, and gives the box it chose.
Box successive_halving(Searcher& s, std::int64_t budget, RegionFound& found);
Box cross_entropy(Searcher& s, std::int64_t budget, RegionFound& found);
Box random_search(Searcher& s, std::int64_t budget, RegionFound& found);

}  // namespace leadline::detail::failure_search
