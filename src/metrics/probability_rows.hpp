// One row of checked probabilities after another, whatever the dtype and layout.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "label_rows.hpp"

namespace leadline::detail::probability_rows {

/// "target" beside `column`: "probabilities" are checked to lie in [0, 1] and sum to 1 within
/// 1e-3, "scores" are logits. `binary`: one column, of class 1; its row is (1 - p, p), or (0, s).
class Reader {
 public:
  /// Throws TypeError, ShapeError, ValueError naming what is wrong.
  Reader(const Rows& rows, std::string_view who, std::string_view column, bool binary = false);
  [[nodiscard]] std::int64_t n() const { return source_.n; }
  [[nodiscard]] std::int64_t n_classes() const { return binary_ ? 2 : source_.decision.cols; }
  /// Row i as given, checked. Valid until the next call.
  [[nodiscard]] std::span<const double> row(std::int64_t i);
  /// Checked to be in [0, n_classes).
  [[nodiscard]] std::int64_t target(std::int64_t i) const;

 private:
  label_rows::Source source_;
  bool probabilities_, binary_;
  std::vector<double> buffer_;
};

/// log(sum(exp(row))), stable.
[[nodiscard]] double log_sum_exp(std::span<const double> row);

}  // namespace leadline::detail::probability_rows
