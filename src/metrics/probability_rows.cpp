#include "probability_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"

namespace leadline::detail::probability_rows {

Reader::Reader(const Rows& rows, std::string_view who, std::string_view column, bool binary)
    : probabilities_(column == "probabilities"), binary_(binary) {
  const ArrayView& values = rows.at(column, who);
  const std::array<Column, 2> columns{Column{"scores", values},
                                      Column{"target", rows.at("target", who)}};
  const Rows renamed{rows.ids, rows.weights, columns};
  if (binary && values.cols != 1)
    throw ShapeError(who, fmt::format("'{}' [n] of class 1, for task 'binary'", column),
                     label_rows::view_text(values), "pass the column of class 1");
  metrics::DecisionRule rule;
  rule.task = binary ? metrics::TaskType::binary : metrics::TaskType::multiclass;
  source_ = label_rows::open(renamed, who, true, rule);
  source_.rows = &rows;
  source_.decision = values;
  source_.target = &rows.at("target", who);
  buffer_.resize(static_cast<std::size_t>(binary ? 2 : values.cols));
}

std::span<const double> Reader::row(std::int64_t i) {
  const ArrayView& view = source_.decision;
  visit(view, [&](const auto* values) {
    const auto* row = values + i * view.row_stride;
    for (std::int64_t j = 0; j < view.cols; ++j)
      buffer_[static_cast<std::size_t>(j + (binary_ ? 1 : 0))] =
          static_cast<double>(row[j * view.col_stride]);
  });
  if (binary_) buffer_[0] = probabilities_ ? 1 - buffer_[1] : 0.0;
  double sum = 0;
  for (const double value : buffer_) {
    if (value != value) label_rows::refuse_nan(source_, i);
    if (probabilities_ && !(value >= 0 && value <= 1))
      throw ValueError(source_.who, "probabilities in [0, 1]",
                       fmt::format("{:g} at {}", binary_ ? buffer_[1] : value,
                                   label_rows::sample_text(*source_.rows, i)),
                       "apply softmax to logits, or set input='logits'");
    sum += value;
  }
  if (probabilities_ && !(std::abs(sum - 1) <= 1e-3))
    throw ValueError(source_.who, "rows of probabilities that sum to 1",
                     fmt::format("{:.6g}, {:+.2g} off, at {}", sum, sum - 1,
                                 label_rows::sample_text(*source_.rows, i)),
                     "apply softmax to logits; sigmoid outputs are not one distribution");
  return buffer_;
}

std::int64_t Reader::target(std::int64_t i) const {
  label_rows::Buffer buffer;
  const std::int64_t* label = label_rows::targets(source_, i, 1, buffer);
  if (!label_rows::all_below(label, 1, n_classes()))
    label_rows::refuse_label(source_, "target", label, i, 1, n_classes());
  return *label;
}

double log_sum_exp(std::span<const double> row) {
  const double top = *std::max_element(row.begin(), row.end());
  if (!std::isfinite(top)) return top;
  double sum = 0;
  for (const double value : row) sum += std::exp(value - top);
  return top + std::log(sum);
}

}  // namespace leadline::detail::probability_rows
