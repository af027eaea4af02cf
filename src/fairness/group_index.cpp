#include "leadline/fairness/group_index.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"

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

}  // namespace leadline::fairness
