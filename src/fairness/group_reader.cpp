#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <type_traits>
#include <variant>

#include "leadline/core/error.hpp"
#include "leadline/fairness/group_index.hpp"

namespace leadline::detail::group_reader {

constexpr std::int64_t dense_limit = 1 << 16;

/// The leaves of the codes of one column, -1 where one is not met yet; returns whether none is.
bool known_leaves(const std::int32_t* codes, std::int64_t n, const std::int32_t* leaf_of_key,
                  std::int32_t* out) {
  std::int32_t signs = 0;
  for (std::int64_t i = 0; i < n; ++i) signs |= out[i] = leaf_of_key[codes[i] + 1];
  return signs >= 0;
}

}  // namespace leadline::detail::group_reader

namespace leadline::fairness {
namespace reader_impl = leadline::detail::group_reader;

GroupReader::GroupReader(GroupIndex& index, const Table& table, std::string_view who)
    : index_(index), n_(table.size()) {
  if (index.attributes_.empty()) {
    std::vector<std::string> all;
    for (const auto& field : table.fields()) all.push_back(field.name);
    if (all.empty())
      throw ValueError(who, "at least one column of groups", "none", "pass groups={\"sex\": sex}");
    index.name_attributes(std::move(all));
  }
  columns_.reserve(index.attributes_.size());
  std::int64_t product = 1;
  for (const auto& name : index.attributes_) {
    const auto* field = table.find(name);
    if (field == nullptr) {
      std::vector<std::string> known;
      for (const auto& f : table.fields()) known.push_back(f.name);
      throw ValueError(who, fmt::format("a column '{}'", name),
                       known.empty() ? "a table without columns"
                                     : fmt::format("columns {}", fmt::join(known, ", ")),
                       "name one of these");
    }
    read_column(*field, who);
    columns_.back().stride = product;
    product *= std::ssize(columns_.back().names) + 1;
    if (product > (std::int64_t{1} << 48))
      throw ValueError(who, "fewer attributes or levels", "more than 2^48 combinations",
                       "group by fewer attributes at once");
  }
  if (product <= reader_impl::dense_limit) dense_.assign(static_cast<std::size_t>(product), -1);
}

void GroupReader::read_column(const Table::Field& field, std::string_view who) {
  Codes& out = columns_.emplace_back();
  const auto present = [&](std::size_t i) { return field.valid.empty() || field.valid[i] != 0; };
  if (const auto* groups = std::get_if<Categories>(&field.values)) {
    out.codes = groups->codes;
    out.names = groups->names;
    if (field.valid.empty()) return;
    out.own = groups->codes;
    for (std::size_t i = 0; i < out.own.size(); ++i)
      if (!present(i)) out.own[i] = GroupIndex::missing;
    out.codes = out.own;
    return;
  }
  const auto code = [&](const auto& values, auto&& text) {
    std::unordered_map<std::decay_t<decltype(values[0])>, std::int32_t> seen;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!present(i)) {
        out.own.push_back(GroupIndex::missing);
        continue;
      }
      const auto [it, fresh] =
          seen.try_emplace(values[i], static_cast<std::int32_t>(out.own_names.size()));
      if (fresh) out.own_names.push_back(text(values[i]));
      if (std::ssize(out.own_names) > GroupIndex::max_levels)
        throw ValueError(who, fmt::format("at most {} groups", GroupIndex::max_levels),
                         fmt::format("more in column '{}'", field.name),
                         "group by something coarser, or bin it with quantile_bins");
      out.own.push_back(it->second);
    }
  };
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&field.values)) {
    code(*integers, [](std::int64_t v) { return std::to_string(v); });
  } else if (const auto* texts = std::get_if<std::vector<std::string>>(&field.values)) {
    code(*texts, [](const std::string& v) { return v; });
  } else {
    throw TypeError(who, fmt::format("groups '{}' as categories, integers or texts", field.name),
                    "floats", "bin them first, e.g. with quantile_bins");
  }
  out.codes = out.own;
  out.names = out.own_names;
}

std::int32_t GroupReader::add_leaf(std::int64_t key) {
  std::vector<std::int32_t> levels;
  for (std::size_t a = 0; a < columns_.size(); ++a) {
    const auto& column = columns_[a];
    const auto local = key / column.stride % (std::ssize(column.names) + 1) - 1;
    levels.push_back(local < 0 ? GroupIndex::missing
                               : index_.level_of(a, column.names[static_cast<std::size_t>(local)]));
  }
  return index_.leaf_of(std::move(levels));
}

void GroupReader::leaves(std::int64_t first, std::int64_t n, std::int32_t* out) {
  if (columns_.size() == 1 && !dense_.empty() &&
      reader_impl::known_leaves(columns_[0].codes.data() + first, n, dense_.data(), out))
    return;
  const auto one = [&](std::int64_t key) {
    if (dense_.empty()) {
      const auto it = sparse_.find(key);
      return it != sparse_.end() ? it->second : sparse_[key] = add_leaf(key);
    }
    auto& leaf = dense_[static_cast<std::size_t>(key)];
    if (leaf < 0) [[unlikely]]
      leaf = add_leaf(key);
    return leaf;
  };
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t key = 0;
    for (const auto& column : columns_)
      key += (column.codes[static_cast<std::size_t>(first + i)] + 1) * column.stride;
    out[i] = one(key);
  }
}

}  // namespace leadline::fairness
