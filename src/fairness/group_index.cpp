#include "leadline/fairness/group_index.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/clones.hpp"
#include "leadline/stats/quantiles.hpp"

namespace leadline::detail::group_index {

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "9" before "10", "a" before "b", numbers before words; "[a, b)" by its lower end.
bool level_before(const std::string& a, const std::string& b) {
  const auto bare = [](const std::string& t) {
    return !t.empty() && t.front() == '[' ? t.substr(1, t.find(',') - 1) : t;
  };
  const auto x = number(bare(a)), y = number(bare(b));
  if (x && y && *x != *y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return a < b;
}

/// Subsets of {0 .. n-1} of size 1 .. depth, smaller ones first.
std::vector<std::vector<std::int32_t>> subsets(std::int32_t n, std::int64_t depth) {
  std::vector<std::vector<std::int32_t>> all, last{{}};
  for (std::int64_t size = 1; size <= std::min<std::int64_t>(depth, n); ++size) {
    std::vector<std::vector<std::int32_t>> next;
    for (const auto& set : last)
      for (std::int32_t a = set.empty() ? 0 : set.back() + 1; a < n; ++a) {
        next.push_back(set);
        next.back().push_back(a);
      }
    all.insert(all.end(), next.begin(), next.end());
    last = std::move(next);
  }
  return all;
}

constexpr std::int64_t dense_limit = 1 << 16;

constexpr std::int64_t block = 256;  // a fixed length is what compilers vectorise at -O2

LEADLINE_CLONES void span_of(const std::int64_t* v, std::int64_t n, std::int64_t* least,
                             std::int64_t* most) {
  std::int64_t low = v[0], high = v[0], i = 0;
  const auto look = [&](std::int64_t at) {
    low = v[at] < low ? v[at] : low;
    high = v[at] > high ? v[at] : high;
  };
  for (; i + block <= n; i += block)
    for (std::int64_t k = 0; k < block; ++k) look(i + k);
  for (; i < n; ++i) look(i);
  *least = low;
  *most = high;
}

LEADLINE_CLONES void shift_to(const std::int64_t* v, std::int64_t n, std::int64_t least,
                              std::int32_t* out) {
  std::int64_t i = 0;
  for (; i + block <= n; i += block)
    for (std::int64_t k = 0; k < block; ++k)
      out[i + k] = static_cast<std::int32_t>(v[i + k] - least);
  for (; i < n; ++i) out[i] = static_cast<std::int32_t>(v[i] - least);
}

}  // namespace leadline::detail::group_index

namespace leadline::fairness {
namespace index_impl = leadline::detail::group_index;

GroupIndex::GroupIndex(std::vector<std::string> attributes) {
  name_attributes(std::move(attributes));
}

void GroupIndex::name_attributes(std::vector<std::string> attributes) {
  for (std::size_t i = 0; i < attributes.size(); ++i)
    if (std::find(attributes.begin() + static_cast<std::ptrdiff_t>(i) + 1, attributes.end(),
                  attributes[i]) != attributes.end())
      throw ValueError("groups", "each attribute once", "'" + attributes[i] + "' twice",
                       "drop one");
  attributes_ = std::move(attributes);
  levels_.resize(attributes_.size());
  level_numbers_.resize(attributes_.size());
}

std::int32_t GroupIndex::level_of(std::size_t attribute, const std::string& name) {
  auto& levels = levels_[attribute];
  const auto [it, fresh] =
      level_numbers_[attribute].try_emplace(name, static_cast<std::int32_t>(levels.size()));
  if (!fresh) return it->second;
  if (std::ssize(levels) >= max_levels)
    throw ValueError("groups", fmt::format("at most {} groups", max_levels),
                     fmt::format("more in column '{}'", attributes_[attribute]),
                     "group by something coarser, or bin it with quantile_bins");
  levels.push_back(name);
  return it->second;
}

std::int32_t GroupIndex::leaf_of(std::vector<std::int32_t> levels) {
  const auto [it, fresh] =
      leaf_numbers_.try_emplace(levels, static_cast<std::int32_t>(leaves_.size()));
  if (fresh) leaves_.push_back(std::move(levels));
  return it->second;
}

std::vector<std::int32_t> GroupIndex::merge(const GroupIndex& other) {
  if (other.attributes_.empty()) return {};
  if (attributes_.empty()) name_attributes(other.attributes_);
  if (attributes_ != other.attributes_)
    throw ValueError("groups.merge", fmt::format("groups by {}", fmt::join(attributes_, ", ")),
                     fmt::format("{}", fmt::join(other.attributes_, ", ")),
                     "merge states over the same attributes");
  std::vector<std::int32_t> here;
  for (const auto& there : other.leaves_) {
    std::vector<std::int32_t> levels(there);
    for (std::size_t a = 0; a < levels.size(); ++a)
      if (levels[a] != missing)
        levels[a] = level_of(a, other.levels_[a][static_cast<std::size_t>(levels[a])]);
    here.push_back(leaf_of(std::move(levels)));
  }
  return here;
}

std::vector<Slice> GroupIndex::slices(std::int64_t depth) const {
  std::vector<Slice> all;
  for (const auto& set :
       index_impl::subsets(static_cast<std::int32_t>(attributes_.size()), depth)) {
    std::map<std::vector<std::int32_t>, Slice> found;
    for (std::size_t l = 0; l < leaves_.size(); ++l) {
      std::vector<std::int32_t> key;
      for (const auto a : set) key.push_back(leaves_[l][static_cast<std::size_t>(a)]);
      if (std::find(key.begin(), key.end(), missing) == key.end())
        found[key].leaves.push_back(static_cast<std::int32_t>(l));
    }
    std::vector<Slice> these;
    for (auto& [key, slice] : found) {
      for (std::size_t i = 0; i < set.size(); ++i) {
        const auto a = static_cast<std::size_t>(set[i]);
        slice.parts.emplace_back(set[i], key[i]);
        const char* comma = i == 0 ? "" : ",";
        slice.by += comma + plain::key_value(attributes_[a]);
        slice.name += comma + plain::key_value(attributes_[a]) + "=" +
                      plain::key_value(levels_[a][static_cast<std::size_t>(key[i])]);
      }
      these.push_back(std::move(slice));
    }
    std::sort(these.begin(), these.end(), [&](const Slice& x, const Slice& y) {
      for (std::size_t i = 0; i < x.parts.size(); ++i) {
        const auto& names = levels_[static_cast<std::size_t>(x.parts[i].first)];
        const auto& a = names[static_cast<std::size_t>(x.parts[i].second)];
        const auto& b = names[static_cast<std::size_t>(y.parts[i].second)];
        if (a != b) return index_impl::level_before(a, b);
      }
      return false;
    });
    all.insert(all.end(), these.begin(), these.end());
  }
  return all;
}

void GroupIndex::save(State& state) const {
  state.set("attributes", attributes_);
  std::vector<std::string> names;
  std::vector<std::int64_t> sizes, leaves;
  for (const auto& levels : levels_) {
    sizes.push_back(std::ssize(levels));
    names.insert(names.end(), levels.begin(), levels.end());
  }
  for (const auto& leaf : leaves_) leaves.insert(leaves.end(), leaf.begin(), leaf.end());
  state.set("levels", std::move(names)).set("n_levels", std::move(sizes));
  state.set("leaves", std::move(leaves));
}

void GroupIndex::load(const State& state) {
  GroupIndex loaded(state.texts("attributes"));
  const auto k = static_cast<std::int64_t>(loaded.attributes_.size());
  const auto& sizes = state.integers("n_levels", k);
  const auto& names = state.texts("levels");
  const auto& leaves = state.integers("leaves");
  const auto damaged = [](const std::string& got) {
    return StoreError("groups.load", "levels and leaves that agree", got,
                      "the saved state is damaged; run again");
  };
  std::size_t next = 0;
  for (std::size_t a = 0; a < loaded.attributes_.size(); ++a)
    for (std::int64_t i = 0; i < sizes[a]; ++i) {
      if (next >= names.size()) throw damaged("too few levels");
      if (loaded.level_of(a, names[next++]) != i) throw damaged("a level twice");
    }
  if (next != names.size() || (k > 0 ? std::ssize(leaves) % k != 0 : !leaves.empty()))
    throw damaged("other counts");
  for (std::size_t first = 0; first < leaves.size(); first += static_cast<std::size_t>(k)) {
    std::vector<std::int32_t> leaf;
    for (std::size_t a = 0; a < static_cast<std::size_t>(k); ++a) {
      const auto level = leaves[first + a];
      if (level < missing || level >= sizes[a]) throw damaged(fmt::format("level {}", level));
      leaf.push_back(static_cast<std::int32_t>(level));
    }
    const auto number = static_cast<std::int64_t>(loaded.leaves_.size());
    if (loaded.leaf_of(std::move(leaf)) != number) throw damaged("a leaf twice");
  }
  *this = std::move(loaded);
}

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
  if (product <= index_impl::dense_limit) dense_.assign(static_cast<std::size_t>(product), -1);
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
  if (columns_.size() == 1) {
    const std::int32_t* codes = columns_[0].codes.data() + first;
    for (std::int64_t i = 0; i < n; ++i) out[i] = one(codes[i] + 1);
    return;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t key = 0;
    for (const auto& column : columns_)
      key += (column.codes[static_cast<std::size_t>(first + i)] + 1) * column.stride;
    out[i] = one(key);
  }
}

Categories integer_groups(const ArrayView& values, std::string_view who, const std::string& name) {
  if (is_floating(values.dtype))
    throw TypeError(who, fmt::format("groups '{}' as categories, integers or texts", name),
                    std::string(leadline::name_of(values.dtype)),
                    "bin them first, e.g. with quantile_bins");
  const std::int64_t n = values.rows;
  Categories out;
  if (n == 0) return out;
  std::vector<std::int64_t> copied;
  const auto* data = static_cast<const std::int64_t*>(values.data);
  if (values.dtype != DType::i64 || values.row_stride != 1) {
    copied.resize(static_cast<std::size_t>(n));
    visit(values, [&](const auto* from) {
      for (std::int64_t i = 0; i < n; ++i)
        copied[static_cast<std::size_t>(i)] =
            static_cast<std::int64_t>(from[i * values.row_stride]);
    });
    data = copied.data();
  }
  std::int64_t least = 0, most = 0;
  index_impl::span_of(data, n, &least, &most);
  out.codes.resize(static_cast<std::size_t>(n));
  if (static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) <
      static_cast<std::uint64_t>(GroupIndex::max_levels)) {
    index_impl::shift_to(data, n, least, out.codes.data());
    for (std::int64_t v = least; v <= most; ++v) out.names.push_back(std::to_string(v));
    return out;
  }
  std::unordered_map<std::int64_t, std::int32_t> seen;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto [it, fresh] = seen.try_emplace(data[i], static_cast<std::int32_t>(out.names.size()));
    if (fresh) out.names.push_back(std::to_string(data[i]));
    if (std::ssize(out.names) > GroupIndex::max_levels)
      throw ValueError(who, fmt::format("at most {} groups", GroupIndex::max_levels),
                       fmt::format("more in column '{}'", name),
                       "group by something coarser, or bin it with quantile_bins");
    out.codes[static_cast<std::size_t>(i)] = it->second;
  }
  return out;
}

Categories quantile_bins(std::span<const double> values, std::int64_t bins,
                         std::span<const std::uint8_t> valid) {
  if (bins < 2)
    throw ValueError("quantile_bins", "at least 2 bins", std::to_string(bins), "use bins=4");
  std::vector<double> present, cuts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!valid.empty() && valid[i] == 0) continue;
    if (!std::isfinite(values[i]))
      throw ValueError("quantile_bins", "finite values", fmt::format("{} at row {}", values[i], i),
                       "mark missing values as missing");
    present.push_back(values[i]);
  }
  Categories out;
  out.codes.assign(values.size(), GroupIndex::missing);
  if (present.empty()) return out;
  std::vector<double> p;
  for (std::int64_t b = 1; b < bins; ++b)
    p.push_back(static_cast<double>(b) / static_cast<double>(bins));
  const auto [least, most] = std::minmax_element(present.begin(), present.end());
  for (const double cut : stats::quantiles(present, p))
    if (cut > *least && (cuts.empty() || cut > cuts.back())) cuts.push_back(cut);
  for (std::size_t b = 0; b <= cuts.size(); ++b)
    out.names.push_back(fmt::format("[{:.4g}, {:.4g}{}", b == 0 ? *least : cuts[b - 1],
                                    b == cuts.size() ? *most : cuts[b],
                                    b == cuts.size() ? "]" : ")"));
  for (std::size_t b = 1; b < out.names.size(); ++b)  // cuts that print alike
    if (out.names[b] == out.names[b - 1]) out.names[b] += fmt::format(" #{}", b);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (valid.empty() || valid[i] != 0)
      out.codes[i] = static_cast<std::int32_t>(
          std::upper_bound(cuts.begin(), cuts.end(), values[i]) - cuts.begin());
  return out;
}

}  // namespace leadline::fairness
