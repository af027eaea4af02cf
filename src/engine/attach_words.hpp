/// From what the attach checks saw to their finding.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/session.hpp"

namespace leadline::detail::attach {

/// Over the whole pass.
struct Seen {
  std::int64_t n = 0, not_finite = 0, first_bad = -1, n_outputs = 0, like_probabilities = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

/// Of a few rows put through the model again, together and alone.
struct Again {
  bool done = false;
  std::int64_t rows = 0;
  double scale = 0;      // largest score
  double tolerance = 0;  // relative change that rounding can explain
  double repeat_change = 0, alone_change = 0;
  std::string alone_error{};  // what the model said to a sample alone that it takes among others
};

struct Scores {
  std::vector<double> values;  // row by row
  bool labels = false;
  double tolerance = 0;
};
[[nodiscard]] Scores scores_of(const Tensor& output);
/// Largest difference; infinite when one has more values or another non-finite value.
[[nodiscard]] double largest_change(std::span<const double> a, std::span<const double> b);

/// `within`: decisions that the batch size could turn; -1 when it was not measured.
[[nodiscard]] Finding describe(Session& session, const Seen& seen, const Again& again,
                               std::int64_t within);

}  // namespace leadline::detail::attach
