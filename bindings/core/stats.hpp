/// What the binding files of the statistics room share.
#pragma once

#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

#include "core/bindings.hpp"
#include "core/numbers.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/stats/effect_size.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/two_proportions.hpp"

namespace leadline::bindings {

/// The enumerator that `text` names; throws ValueError with the known ones.
template <class E>
E choice_in(std::string_view text, std::string_view who, std::string_view what) {
  constexpr auto names = names_of(std::type_identity<E>{});
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<E>(i);
    known += (i ? ", '" : "'") + std::string(names[i]) + "'";
  }
  throw ValueError(who, std::string(what) + " to be one of " + known, "'" + std::string(text) + "'",
                   "use one of these words");
}
template <class E>
std::string choice_out(E value) {
  return std::string(names_of(std::type_identity<E>{})[static_cast<std::size_t>(value)]);
}

std::vector<std::int64_t> integers_in(py::handle values, std::string_view who,
                                      std::string_view what);
/// None gives none.
std::vector<std::int64_t> column_in(py::handle values, std::string_view who, std::string_view what);
stats::Moments moments_in(py::handle values, std::string_view who, std::string_view what);
py::object doubles_out(const std::vector<double>& values);

/// A table of counts [rows, columns], row by row.
struct CountTable {
  std::vector<std::int64_t> counts;
  std::int64_t rows = 0, columns = 0;
};
CountTable table_of_counts(py::handle table, std::string_view who);

/// An estimate with the interval extended, where rounding needs it, to hold the value.
Estimate with_interval(double value, const stats::Interval& interval, std::int64_t n,
                       std::string method, double level);
Estimate effect_out(const stats::Effect& effect, double level);

/// The whole room; called by module.cpp.
void bind_stats(py::module_& m);

void bind_stats_intervals(py::module_& m);
void bind_stats_tests(py::module_& m);
void bind_stats_power(py::module_& m);
void bind_stats_sequences(py::module_& m);
void bind_stats_bootstrap(py::module_& m);

}  // namespace leadline::bindings
