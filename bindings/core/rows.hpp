/// Rows from Python: kept (`OwnedRows`), and borrowed for the time of one update (`GivenRows`).
#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/core/rows.hpp"

namespace leadline::bindings {

/// Columns that Python code may keep: copies of what the engine lends.
struct OwnedRows {
  std::vector<SampleId> ids;
  std::vector<double> weights;
  std::vector<std::pair<std::string, pybind11::object>> columns;
  std::vector<std::int64_t> clusters;
  bool counted = false;

  OwnedRows() = default;
  explicit OwnedRows(const Rows& rows);

  [[nodiscard]] pybind11::object at(const std::string& name) const;
  [[nodiscard]] std::int64_t size() const;
};

/// What an update was given beside arrays in a fixed order, borrowed for its duration.
class GivenRows {
 public:
  static constexpr std::size_t max_columns = 8;

  void add(std::string_view name, pybind11::handle array, std::string_view who);
  /// "weights", "counts", "ids", "clusters", or a column.
  void keyword(const std::string& key, pybind11::handle value, std::string_view who);
  void from(const OwnedRows& rows, std::string_view who);
  /// Throws ShapeError naming the first array that is longer or shorter.
  void check_lengths(std::string_view who) const;

  [[nodiscard]] Column& column(std::size_t i) { return columns_[i]; }
  /// All but the `first` columns.
  [[nodiscard]] Rows rows(std::size_t first = 0) const;

 private:
  void weigh(pybind11::handle array, std::string_view who, bool counts);

  std::array<Column, max_columns> columns_;
  std::array<pybind11::object, max_columns> holders_;
  std::array<std::string, max_columns> names_;  // of keyword columns
  std::size_t n_ = 0;
  std::vector<SampleId> ids_;
  std::vector<std::int64_t> clusters_;
  std::vector<double> weights_;
  bool counted_ = false;
};

void bind_rows(pybind11::module_& m);
void bind_collection(pybind11::module_& m);

}  // namespace leadline::bindings
