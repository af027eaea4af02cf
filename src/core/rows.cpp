#include "leadline/core/rows.hpp"

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

}  // namespace leadline
