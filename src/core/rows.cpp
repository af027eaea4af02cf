#include "leadline/core/rows.hpp"

#include <cmath>
#include <cstring>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline {

ArrayView::ArrayView(const Tensor& host) {
  if (!host.defined() || host.device().kind != Device::cpu || !host.is_contiguous())
    throw TypeError("ArrayView", "a contiguous host tensor", host.describe(), "call host() first");
  data = host.layout().data;
  dtype = host.dtype();
  rank = host.rank() <= 1 ? 1 : 2;
  rows = host.rank() == 0 ? 1 : host.size(0);
  cols = 1;
  for (int d = 1; d < host.rank(); ++d) cols *= host.size(d);
  row_stride = cols;
  col_stride = 1;
}

double ArrayView::at(std::int64_t row, std::int64_t col) const {
  return visit(*this, [&](const auto* values) {
    return static_cast<double>(values[row * row_stride + col * col_stride]);
  });
}

const ArrayView* Rows::find(std::string_view name) const {
  for (const auto& column : columns)
    if (column.name == name) return &column.values;
  return nullptr;
}

const ArrayView& Rows::at(std::string_view name, std::string_view who) const {
  if (const auto* view = find(name)) return *view;
  std::string present;
  for (const auto& column : columns) {
    if (!present.empty()) present += ", ";
    present += column.name;
  }
  throw ValueError(who, "a column '" + std::string(name) + "'",
                   present.empty() ? "no column" : "columns " + present,
                   name == "target" ? "give the data set labels"
                   : name == "scores" || name == "probabilities" || name == "confidence"
                       ? "the model must give scores, not labels only"
                       : "");
}

void check_rows(const Rows& rows, std::int64_t n, std::string_view who) {
  const auto size = [&](auto given, const char* what) {
    if (!given.empty() && std::ssize(given) != n)
      throw ShapeError(who, std::to_string(n) + " " + what, std::to_string(given.size()),
                       "pass one a sample");
  };
  for (const Column& column : rows.columns)
    if (column.values.rows != n)
      throw ShapeError(who, std::to_string(n) + " rows in '" + std::string(column.name) + "'",
                       std::to_string(column.values.rows), "pass columns of one length");
  size(rows.weights, rows.counted ? "counts" : "weights");
  size(rows.ids, "ids");
  size(rows.clusters, "clusters");
  for (std::size_t i = 0; i < rows.weights.size(); ++i) {
    const double weight = rows.weights[i];
    const bool whole = !rows.counted || (weight == std::floor(weight) && weight < 0x1p53);
    if (weight >= 0 && std::isfinite(weight) && whole) continue;
    std::string text = std::to_string(weight);
    text += rows.ids.empty() ? " at row " + std::to_string(i)
                             : " at sample " + std::to_string(rows.ids[i]);
    throw ValueError(
        who, rows.counted ? "counts that are whole numbers >= 0" : "finite weights >= 0", text,
        rows.counted ? "pass importances as weights, not as counts"
                     : "leave the sample out or give it weight 0");
  }
}

namespace detail::rows {
template <class T>
std::vector<T> pick(std::span<const T> from, std::span<const std::int64_t> order) {
  std::vector<T> out;
  if (from.empty()) return out;
  out.reserve(order.size());
  for (const std::int64_t row : order) out.push_back(from[static_cast<std::size_t>(row)]);
  return out;
}

std::vector<std::byte> pick(const ArrayView& view, std::span<const std::int64_t> order) {
  const std::int64_t size = bytes_of(view.dtype);
  std::vector<std::byte> out(order.size() * static_cast<std::size_t>(view.cols * size));
  const auto* data = static_cast<const std::byte*>(view.data);
  std::byte* to = out.data();
  for (const std::int64_t row : order) {
    const std::byte* from = data + row * view.row_stride * size;
    if (view.col_stride == 1) {
      std::memcpy(to, from, static_cast<std::size_t>(view.cols * size));
      to += view.cols * size;
      continue;
    }
    for (std::int64_t j = 0; j < view.cols; ++j, to += size)
      std::memcpy(to, from + j * view.col_stride * size, static_cast<std::size_t>(size));
  }
  return out;
}
}  // namespace detail::rows

GatheredRows::GatheredRows(const Rows& rows, std::span<const std::int64_t> order)
    : n_(std::ssize(order)),
      counted_(rows.counted),
      ids_(detail::rows::pick(rows.ids, order)),
      weights_(detail::rows::pick(rows.weights, order)),
      clusters_(detail::rows::pick(rows.clusters, order)) {
  for (const Column& column : rows.columns) {
    values_.push_back(detail::rows::pick(column.values, order));
    columns_.push_back(column);
    ArrayView& view = columns_.back().values;
    view.data = values_.back().data();
    view.rows = n_;
    view.row_stride = view.cols;
    view.col_stride = 1;
  }
}

Rows GatheredRows::part(std::int64_t first, std::int64_t n) {
  part_ = columns_;
  for (Column& column : part_) {
    ArrayView& view = column.values;
    view.data = static_cast<const std::byte*>(view.data) +
                first * view.row_stride * static_cast<std::int64_t>(bytes_of(view.dtype));
    view.rows = n;
  }
  const auto cut = [&](const auto& all) {
    std::span whole(all);
    return whole.empty()
               ? whole
               : whole.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(n));
  };
  return {cut(ids_), cut(weights_), part_, cut(clusters_), counted_};
}

std::vector<std::int64_t> rows_without(const Rows& rows, std::int64_t label, std::string_view who) {
  const ArrayView& target = rows.at("target", who);
  if (is_floating(target.dtype))
    throw TypeError(who, "'target' as integer labels, with ignore_index", name_of(target.dtype),
                    "convert labels to int64");
  std::vector<std::int64_t> kept;
  kept.reserve(static_cast<std::size_t>(target.rows));
  visit(target, [&](const auto* values) {
    for (std::int64_t i = 0; i < target.rows; ++i)
      if (static_cast<std::int64_t>(values[i * target.row_stride]) != label) kept.push_back(i);
  });
  return kept;
}

}  // namespace leadline
