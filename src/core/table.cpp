#include "leadline/core/table.hpp"

#include <fmt/format.h>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"

namespace leadline {
namespace detail::table {

std::int64_t length(const Table::Values& values) {
  return std::visit(
      [](const auto& column) -> std::int64_t {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(column)>, Categories>)
          return std::ssize(column.codes);
        else
          return std::ssize(column);
      },
      values);
}

/// Whether every code is -1 or in [0, size).
LEADLINE_CLONES bool all_in_range(const std::int32_t* codes, std::size_t n, std::int32_t size) {
  constexpr std::size_t block = 256;  // a fixed length is what compilers vectorise at -O2
  std::int32_t least = 0, most = -1;
  const auto look = [&](std::size_t i) {
    least = codes[i] < least ? codes[i] : least;
    most = codes[i] > most ? codes[i] : most;
  };
  std::size_t i = 0;
  for (; i + block <= n; i += block)
    for (std::size_t k = 0; k < block; ++k) look(i + k);
  for (; i < n; ++i) look(i);
  return least >= -1 && most < size;
}

template <class T>
std::vector<T> take(const std::vector<T>& from, std::span<const std::int64_t> positions) {
  std::vector<T> out;
  out.reserve(positions.size());
  for (const auto p : positions) out.push_back(from[p]);
  return out;
}

}  // namespace detail::table

Table& Table::add(std::string name, Values values, std::vector<std::uint8_t> valid) {
  const std::int64_t n = detail::table::length(values);
  if (find(name) != nullptr)
    throw ValueError("Table.add", "a new column name", "'" + name + "' again", "rename the column");
  if (!fields_.empty() && n != n_rows_)
    throw ShapeError("Table.add", std::to_string(n_rows_) + " values in column '" + name + "'",
                     std::to_string(n), "give every column the same length");
  if (!valid.empty() && std::ssize(valid) != n)
    throw ShapeError("Table.add", std::to_string(n) + " validity marks for '" + name + "'",
                     std::to_string(valid.size()), "");
  if (const auto* categories = std::get_if<Categories>(&values);
      categories != nullptr &&
      !detail::table::all_in_range(categories->codes.data(), categories->codes.size(),
                                   static_cast<std::int32_t>(std::ssize(categories->names))))
    for (const auto code : categories->codes)
      if (code < -1 || code >= std::ssize(categories->names))
        throw ValueError(
            "Table.add",
            fmt::format("codes in [-1, {}) in column '{}'", categories->names.size(), name),
            std::to_string(code), "");
  n_rows_ = n;
  fields_.push_back({std::move(name), std::move(values), std::move(valid)});
  return *this;
}

const Table::Field* Table::find(std::string_view name) const {
  for (const auto& field : fields_)
    if (field.name == name) return &field;
  return nullptr;
}

const Table::Field& Table::at(std::string_view name) const {
  if (const auto* field = find(name)) return *field;
  std::string present;
  for (const auto& field : fields_) present += (present.empty() ? "" : ", ") + field.name;
  throw ValueError("Table.at", "a column '" + std::string(name) + "'",
                   present.empty() ? "an empty table" : "columns " + present, "");
}

std::string Table::text(std::string_view name, std::int64_t row) const {
  const auto& field = at(name);
  if (row < 0 || row >= n_rows_)
    throw ValueError("Table.text", "a row in [0, " + std::to_string(n_rows_) + ")",
                     std::to_string(row), "");
  if (!field.valid.empty() && field.valid[row] == 0) return "missing";
  struct Printer {
    std::int64_t row;
    std::string operator()(const std::vector<double>& v) const {
      return fmt::format("{:.6g}", v[row]);
    }
    std::string operator()(const std::vector<std::int64_t>& v) const {
      return std::to_string(v[row]);
    }
    std::string operator()(const Categories& v) const {
      return v.codes[row] < 0 ? "missing" : v.names[v.codes[row]];
    }
    std::string operator()(const std::vector<std::string>& v) const { return v[row]; }
  };
  return std::visit(Printer{row}, field.values);
}

std::shared_ptr<const Table> Table::take(std::span<const std::int64_t> positions) const {
  for (const auto p : positions)
    if (p < 0 || p >= n_rows_)
      throw ValueError("Table.take", "rows in [0, " + std::to_string(n_rows_) + ")",
                       std::to_string(p), "");
  auto out = std::make_shared<Table>();
  out->n_rows_ = std::ssize(positions);
  for (const auto& field : fields_) {
    Field taken{field.name, {}, {}};
    taken.values = std::visit(
        [&](const auto& column) -> Values {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(column)>, Categories>)
            return Categories{detail::table::take(column.codes, positions), column.names};
          else
            return detail::table::take(column, positions);
        },
        field.values);
    if (!field.valid.empty()) taken.valid = detail::table::take(field.valid, positions);
    out->fields_.push_back(std::move(taken));
  }
  return out;
}

}  // namespace leadline
