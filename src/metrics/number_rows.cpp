#include "number_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/outputs.hpp"
#include "leadline/stats/clones.hpp"

namespace leadline::detail::number_rows {

const ArrayView& predicted(const Rows& rows, std::string_view who) {
  for (const std::string_view name : {"predicted", "prediction"})
    if (const ArrayView* view = rows.find(name)) return *view;
  if (const ArrayView* view = rows.find("scores")) return *view;
  return rows.at("predicted", who);
}

constexpr std::size_t block = 512;  // a fixed length is what compilers vectorise at -O2
LEADLINE_CLONES bool all_finite(const double* x, std::size_t n) {
  int bad = 0;
  std::size_t i = 0;
  for (; i + block <= n; i += block)
    for (std::size_t k = 0; k < block; ++k) bad |= x[i + k] - x[i + k] == 0 ? 0 : 1;
  for (; i < n; ++i) bad |= x[i] - x[i] == 0 ? 0 : 1;
  return bad == 0;
}

std::span<const double> column(const Rows& rows, std::string_view who, std::string_view name,
                               const ArrayView& view, std::int64_t n, std::vector<double>& buffer) {
  if (view.cols != 1 || view.rows != n)
    throw ShapeError(who, fmt::format("'{}' of shape [{}]", name, n), label_rows::view_text(view),
                     "pass one number a sample");
  const auto out = visit(view, [&](const auto* values) -> std::span<const double> {
    using From = std::remove_cvref_t<decltype(*values)>;
    if constexpr (std::is_same_v<From, double>)
      if (view.row_stride == 1) return {values, static_cast<std::size_t>(n)};
    buffer.resize(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i)
      buffer[static_cast<std::size_t>(i)] = static_cast<double>(values[i * view.row_stride]);
    return buffer;
  });
  if (all_finite(out.data(), out.size())) return out;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!std::isfinite(out[i]))
      throw ValueError(who, fmt::format("'{}' of finite numbers", name),
                       fmt::format("{} at {}", out[i],
                                   label_rows::sample_text(rows, static_cast<std::int64_t>(i))),
                       "find where it comes from, or leave the sample out");
  return out;
}

Pairs pairs(const Rows& rows, std::string_view who) {
  const ArrayView& target = rows.at("target", who);
  check_rows(rows, target.rows, who);
  Pairs out;
  out.predicted =
      column(rows, who, "predicted", predicted(rows, who), target.rows, out.predicted_buffer);
  out.target = column(rows, who, "target", target, target.rows, out.target_buffer);
  return out;
}

}  // namespace leadline::detail::number_rows

namespace leadline::metrics {

std::int64_t OutputColumns::count(const Rows& rows, std::string_view who) {
  const ArrayView& target = rows.at("target", who);
  return target.rank == 1 ? 1 : std::max<std::int64_t>(1, target.cols);
}

OutputColumns::OutputColumns(const Rows& rows, std::string_view who)
    : rows_(rows),
      predicted_(leadline::detail::number_rows::predicted(rows, who)),
      target_(rows.at("target", who)) {
  if (predicted_.cols != target_.cols || predicted_.rows != target_.rows)
    throw ShapeError(
        who, fmt::format("predictions [{}, {}] as the target", target_.rows, target_.cols),
        leadline::detail::label_rows::view_text(predicted_), "pass one column an output in both");
}

Rows OutputColumns::output(std::int64_t j) {
  const auto column = [j](ArrayView view) {
    view.data = static_cast<const std::byte*>(view.data) +
                j * view.col_stride * static_cast<std::int64_t>(bytes_of(view.dtype));
    view.cols = 1;
    view.rank = 1;
    return view;
  };
  columns_ = {Column{"predicted", column(predicted_)}, Column{"target", column(target_)}};
  Rows one = rows_;
  one.columns = columns_;
  return one;
}

}  // namespace leadline::metrics
