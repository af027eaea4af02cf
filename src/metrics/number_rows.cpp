#include "number_rows.hpp"

#include <fmt/format.h>

#include <cmath>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::number_rows {

const ArrayView& predicted(const Rows& rows, std::string_view who) {
  for (const std::string_view name : {"predicted", "prediction"})
    if (const ArrayView* view = rows.find(name)) return *view;
  if (const ArrayView* view = rows.find("scores")) return *view;
  return rows.at("predicted", who);
}

std::vector<double> column(const Rows& rows, std::string_view who, std::string_view name,
                           const ArrayView& view, std::int64_t n) {
  if (view.cols != 1 || view.rows != n)
    throw ShapeError(who, fmt::format("'{}' of shape [{}]", name, n), label_rows::view_text(view),
                     "pass one number a sample");
  std::vector<double> out(static_cast<std::size_t>(n));
  visit(view, [&](const auto* values) {
    for (std::int64_t i = 0; i < n; ++i) {
      const auto value = static_cast<double>(values[i * view.row_stride]);
      if (!std::isfinite(value))
        throw ValueError(who, fmt::format("'{}' of finite numbers", name),
                         fmt::format("{} at {}", value, label_rows::sample_text(rows, i)),
                         "find where it comes from, or leave the sample out");
      out[static_cast<std::size_t>(i)] = value;
    }
  });
  return out;
}

Pairs pairs(const Rows& rows, std::string_view who) {
  const ArrayView& target = rows.at("target", who);
  check_rows(rows, target.rows, who);
  return {column(rows, who, "predicted", predicted(rows, who), target.rows),
          column(rows, who, "target", target, target.rows)};
}

}  // namespace leadline::detail::number_rows
