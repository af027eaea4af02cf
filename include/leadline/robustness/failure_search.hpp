/// Budgeted search for the region of user-declared parameters in which a model fails most often.
///
/// Successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943) over random boxes, the
/// cross-entropy method (Rubinstein 1999) over points, and random search with the same number of
/// rows. What each of them finds is measured again on draws that no search has seen: the interval
/// is valid although the region was chosen.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::robustness {

enum class Scale : std::uint8_t { linear, log };
constexpr std::array<std::string_view, 2> names_of(std::type_identity<Scale>) {
  return {"linear", "log"};
}

/// A number in [low, high], drawn evenly on its scale; or, with categories, one of them.
struct Parameter {
  std::string name;
  double low = 0, high = 1;
  Scale scale = Scale::linear;  // log: low > 0
  std::vector<std::string> categories{};
};

/// One value a parameter, in its own units; of a category its position.
using Point = std::vector<double>;

/// A box: an interval a number, one category or all of them.
struct Region {
  std::vector<std::pair<double, double>> range;  // in the units of the parameters; of categories
                                                 // (position, position), all: (0, last)
  double volume = 1;                             // share of the whole space
  [[nodiscard]] LEADLINE_API bool contains(const Point& point) const;
  /// "angle in [12, 15], weather = fog".
  [[nodiscard]] LEADLINE_API std::string text(std::span<const Parameter> parameters) const;
};

enum class SearchMethod : std::uint8_t { successive_halving, cross_entropy, random_search };
constexpr std::array<std::string_view, 3> names_of(std::type_identity<SearchMethod>) {
  return {"successive_halving", "cross_entropy", "random_search"};
}

struct FailureSearchOptions {
  std::int64_t budget = 20000;
  double region_volume = 0.02;
  double confirm_share = 0.25;
  std::string version{};
  static Fields fields() {
    return {field("budget", &FailureSearchOptions::budget,
                  "Most trials (model rows) of all searches and measurements together.")
                .at_least(400),
            field("region_volume", &FailureSearchOptions::region_volume,
                  "Volume of a region, as a share of the space of the numbers.")
                .above(0)
                .at_most(0.5),
            field("confirm_share", &FailureSearchOptions::confirm_share,
                  "Share of the budget that measures the regions found.")
                .at_least(0.05)
                .at_most(0.9),
            field("version", &FailureSearchOptions::version, "Of the simulation.")};
  }
};

/// How bad the model is at each point with the draw of that number; above 0: it fails. A draw
/// stands for everything random besides the point (which sample, which noise): the same number
/// gives the same. `fresh` draws are those that measure, never those that searched.
using Trial = std::function<std::vector<double>(std::span<const Point> points,
                                                std::span<const std::uint64_t> draws, bool fresh)>;

struct RegionFound {
  SearchMethod method = SearchMethod::successive_halving;
  Region region;
  double searched_rate = 0;  // as the search saw it: too high, since it was chosen for it
  Estimate failure_rate;     // on fresh draws
  std::int64_t rows = 0;     // spent by the search
  std::vector<double> curve_rows, curve_rate;  // rows spent, failure rate of the best so far
};

struct FailureSearchResult {
  Estimate overall;                // failure rate over the whole space, on fresh draws
  std::vector<RegionFound> found;  // one a method, in the order of SearchMethod
  std::size_t worst = 0;           // of `found`, by the rate on fresh draws
  std::int64_t rows = 0;           // trials of everything
};

/// The rates of `found` carry Clopper-Pearson intervals at 1 - (1 - level) / 3: they hold together,
/// so the worst of them may be read with its own. `max_fresh` limits the fresh draws a region
/// (0: by the budget alone).
/// Throws ValueError for no parameter, a repeated name, low >= high, a log scale with low <= 0, one
/// category, or a badness that is NaN.
[[nodiscard]] LEADLINE_API FailureSearchResult
search_failures(std::span<const Parameter> parameters, const Trial& trial,
                const FailureSearchOptions& options = {}, std::uint64_t seed = 0,
                double level = 0.95, std::int64_t max_fresh = 0);

/// The inputs of a batch as they would be with these parameters: one point a row.
using Simulate = std::function<Inputs(const Batch& batch, std::span<const Point> points)>;

/// Searches over (parameters, samples): a trial draws a sample, simulates, and fails where the
/// answer is not its label (without labels: not the answer to the sample as it is).
///
/// Half of the samples (by key) serve the search, the others measure; a region is measured on each
/// of those at most once. All rows, also those that check the model or stand for labels, stay
/// within the budget (at least 1000). Badness is the log probability of the best other class minus
/// that of the right one; with labels only it is 1 or -1. Estimates: worst_failure_rate,
/// failure_rate{method=}, overall_failure_rate, searched_rate,
///            gain_over_random (Newcombe)
/// Checks:    simulation_changes_input; answers_repeat; enough_fresh_samples
class LEADLINE_API FailureSearch : public Probe {
 public:
  using Options = FailureSearchOptions;
  FailureSearch(std::vector<Parameter> parameters, Simulate simulate, Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  std::shared_ptr<const std::vector<Parameter>> parameters_;
  Simulate simulate_;
  Options options_;
};

}  // namespace leadline::robustness
