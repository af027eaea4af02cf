/// Named, typed columns by sample: groups, metadata, prompts, tabular data.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "leadline/config.hpp"

namespace leadline {

/// A categorical column: `codes[i]` indexes `names`; -1 is missing.
struct Categories {
  std::vector<std::int32_t> codes;
  std::vector<std::string> names;
};

/// Immutable after construction by `add`; shared between batches.
class LEADLINE_API Table {
 public:
  using Values = std::variant<std::vector<double>, std::vector<std::int64_t>, Categories,
                              std::vector<std::string>>;
  struct Field {
    std::string name;
    Values values;
    std::vector<std::uint8_t> valid;  // empty: all present; else 0 marks a missing value
  };

  Table() = default;
  /// Adds a column. Throws ValueError on a duplicate name, ShapeError on another length.
  Table& add(std::string name, Values values, std::vector<std::uint8_t> valid = {});

  [[nodiscard]] std::int64_t size() const { return n_rows_; }
  [[nodiscard]] std::span<const Field> fields() const { return fields_; }
  [[nodiscard]] const Field* find(std::string_view name) const;
  /// Throws ValueError naming the columns present.
  [[nodiscard]] const Field& at(std::string_view name) const;
  /// Value as text, for messages, group names and exhibits; "missing" when absent.
  [[nodiscard]] std::string text(std::string_view name, std::int64_t row) const;
  /// The rows at `positions` (0-based, in this order).
  [[nodiscard]] std::shared_ptr<const Table> take(std::span<const std::int64_t> positions) const;

 private:
  std::int64_t n_rows_ = 0;
  std::vector<Field> fields_;
};

}  // namespace leadline
