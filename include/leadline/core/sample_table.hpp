/// Per-sample results by id, written as the run goes: target, prediction, confidence, loss,
/// correct, and what each probe adds ("pgd.robust{eps=0.03}"). Compare, flips, slices, resume,
/// shards and pictures read it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "leadline/core/rows.hpp"

namespace leadline {

/// Numbers only; a value may be infinite, a missing one is absent, not NaN.
class LEADLINE_API SampleTable {
 public:
  /// Sets `values[i]` of `column` for `ids[i]`. Throws ShapeError on unequal lengths, ValueError
  /// on NaN.
  void put(std::string_view column, std::span<const SampleId> ids, std::span<const double> values);
  void put(std::string_view column, SampleId id, double value) {
    put(column, std::span(&id, 1), std::span(&value, 1));
  }
  [[nodiscard]] std::optional<double> get(std::string_view column, SampleId id) const;
  [[nodiscard]] bool has(std::string_view column) const;
  [[nodiscard]] std::vector<std::string> columns() const;
  /// Ids in the order first seen.
  [[nodiscard]] std::span<const SampleId> ids() const { return ids_; }
  [[nodiscard]] std::int64_t size() const { return std::ssize(ids_); }

  /// Adds the rows of another shard. Throws ValueError where both hold a different value for the
  /// same sample and column.
  void merge(const SampleTable& other);

  /// Binary, with a header and a checksum; `load` throws StoreError on anything malformed.
  [[nodiscard]] std::string save() const;
  static SampleTable load(std::string_view bytes);

 private:
  struct Values {
    std::vector<double> values;  // by row
    std::vector<std::uint8_t> present;
  };
  std::int64_t row_of(SampleId id);
  std::vector<SampleId> ids_;
  std::unordered_map<SampleId, std::int64_t> rows_;
  std::map<std::string, Values, std::less<>> columns_;
};

}  // namespace leadline
