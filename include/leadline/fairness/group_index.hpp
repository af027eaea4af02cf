/// Which group a sample is in: the columns of a table as small integers.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"
#include "leadline/core/table.hpp"

namespace leadline::fairness {

/// One group of samples: "sex=f", or an intersection "sex=f,age=young".
struct LEADLINE_API Slice {
  std::vector<std::pair<std::int32_t, std::int32_t>> parts;  // (attribute, level)
  std::vector<std::int32_t> leaves;                          // that make it up
  std::string name;  // "sex=f,age=young"; signs that names reserve are '_'
  /// The attributes it splits by: "sex", "sex,age".
  std::string by;
};

/// The attributes and levels met so far, and the leaves: combinations of one level of every
/// attribute that occur. A commutative monoid up to the numbering of levels and leaves; `slices()`
/// is sorted by name, whatever the order.
class LEADLINE_API GroupIndex {
 public:
  static constexpr std::int32_t missing = -1;
  static constexpr std::int64_t max_levels = 4096;

  /// `attributes`: columns to read; empty: every column of the first table.
  explicit GroupIndex(std::vector<std::string> attributes = {});

  [[nodiscard]] const std::vector<std::string>& attributes() const { return attributes_; }
  [[nodiscard]] const std::vector<std::string>& levels(std::size_t attribute) const {
    return levels_[attribute];
  }
  [[nodiscard]] std::int64_t n_leaves() const { return std::ssize(leaves_); }
  /// Level of each attribute, `missing` where the sample gave none.
  [[nodiscard]] std::span<const std::int32_t> leaf(std::int64_t leaf) const {
    return leaves_[static_cast<std::size_t>(leaf)];
  }

  /// Adds what `other` knows; gives the leaf here of each leaf there. Throws ValueError when the
  /// attributes differ.
  std::vector<std::int32_t> merge(const GroupIndex& other);

  /// Every slice of one up to `depth` attributes that occurs, samples with a missing value left
  /// out: attribute by attribute, then pairs, sorted by level (integers as numbers).
  [[nodiscard]] std::vector<Slice> slices(std::int64_t depth) const;

  void save(State& state) const;
  /// Throws StoreError.
  void load(const State& state);

 private:
  friend class GroupReader;
  std::int32_t level_of(std::size_t attribute, const std::string& name);
  std::int32_t leaf_of(std::vector<std::int32_t> levels);
  void name_attributes(std::vector<std::string> attributes);

  std::vector<std::string> attributes_;
  std::vector<std::vector<std::string>> levels_;
  std::vector<std::unordered_map<std::string, std::int32_t>> level_numbers_;
  std::vector<std::vector<std::int32_t>> leaves_;
  std::map<std::vector<std::int32_t>, std::int32_t> leaf_numbers_;
};

/// Reads the leaves of a table's rows block by block, growing the index.
///
/// Columns: categories, integers or texts; a missing value keeps the sample out of the groups of
/// that attribute only. Throws ValueError for an unknown column or more than `max_levels` levels,
/// TypeError for a column of floats (bin it first: `quantile_bins`).
class LEADLINE_API GroupReader {
 public:
  GroupReader(GroupIndex& index, const Table& table, std::string_view who);
  [[nodiscard]] std::int64_t size() const { return n_; }
  /// Leaf of the rows [first, first + n).
  void leaves(std::int64_t first, std::int64_t n, std::int32_t* out);

 private:
  struct Codes {
    std::vector<std::int32_t> own;  // when the column is not categories already
    std::vector<std::string> own_names;
    std::span<const std::int32_t> codes;
    std::span<const std::string> names;
    std::int64_t stride = 1;  // of this attribute in a local key
  };
  void read_column(const Table::Field& field, std::string_view who);
  std::int32_t add_leaf(std::int64_t key);

  GroupIndex& index_;
  std::int64_t n_ = 0;
  std::vector<Codes> columns_;
  std::vector<std::int32_t> dense_;  // local key -> leaf, -1 not met
  std::unordered_map<std::int64_t, std::int32_t> sparse_;
};

/// Integers as categories named by their value, in one pass when they span fewer than 4096 values.
/// Throws ValueError naming `who` and `name` for more than 4096 different ones, TypeError for
/// floats.
[[nodiscard]] LEADLINE_API Categories integer_groups(const ArrayView& values, std::string_view who,
                                                     const std::string& name);

/// Numbers as categories "[a, b)", of about equal size by quantiles; missing values stay missing.
/// Throws ValueError for fewer than 2 bins or a value that is not finite.
[[nodiscard]] LEADLINE_API Categories quantile_bins(std::span<const double> values,
                                                    std::int64_t bins = 4,
                                                    std::span<const std::uint8_t> valid = {});

}  // namespace leadline::fairness
