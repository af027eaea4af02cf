/// A local robustness question in VNN-LIB, the language of complete verifiers (alpha-beta-CROWN,
/// Marabou, nnenum; vnnlib.org): is there an input in the box whose answer is another class?
/// `unsat` proves the sample, `sat` is a counterexample.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"

namespace leadline::robustness {

/// Inputs X_i in [lower[i], upper[i]], flattened row-major; outputs Y_0 .. Y_(n_outputs - 1). With
/// one output the classes are 1 where it is above 0, else 0.
struct LocalProblem {
  std::vector<double> lower, upper;
  std::int64_t label = 0;
  std::int64_t n_outputs = 2;
  bool operator==(const LocalProblem&) const = default;
};

/// As text; `comment` goes before it, one line a line. Numbers are decimals without exponent that
/// read back to the same float64. Throws ValueError when a bound is not finite or crossed, or the
/// label is no class.
[[nodiscard]] LEADLINE_API std::string to_vnnlib(const LocalProblem& problem,
                                                 std::string_view comment = {});
/// Reads what `to_vnnlib` writes (and the same statements in any order and spacing). Throws
/// ValueError on anything else.
[[nodiscard]] LEADLINE_API LocalProblem from_vnnlib(std::string_view text);

}  // namespace leadline::robustness
