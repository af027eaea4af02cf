#include "leadline/fairness/group_counts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/intervals.hpp"
#include "metrics/label_rows.hpp"

namespace leadline::detail::group_counts {
namespace rows_of = leadline::detail::label_rows;

using Leaves = std::array<std::int32_t, rows_of::block_rows>;
constexpr std::int64_t zero = 0;
constexpr std::int64_t most_cells = std::int64_t{1} << 26;

/// The batch with a target of zeros where it has none.
std::vector<Column> with_target(const Rows& rows) {
  std::vector<Column> columns(rows.columns.begin(), rows.columns.end());
  if (rows.find("target") == nullptr) {
    ArrayView none;
    none.data = &zero;
    none.dtype = DType::i64;
    none.rows = rows.size();
    none.row_stride = 0;
    columns.push_back({"target", none});
  }
  return columns;
}

/// Four interleaved tables: equal neighbours do not wait for each other's store.
struct Tables {
  std::array<std::vector<std::int64_t>, 4> part;
  void resize(std::size_t n) {
    for (auto& p : part) p.resize(n);
  }
  void count(const std::int32_t* leaf, const std::int64_t* target, const std::int64_t* label,
             std::int64_t n, std::int64_t classes) {
    const auto at = [&](std::int64_t i) {
      return static_cast<std::size_t>((leaf[i] * classes + target[i]) * classes + label[i]);
    };
    std::int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      ++part[0][at(i)];
      ++part[1][at(i + 1)];
      ++part[2][at(i + 2)];
      ++part[3][at(i + 3)];
    }
    for (; i < n; ++i) ++part[0][at(i)];
  }
  void drain(std::vector<std::int64_t>& into) {
    for (auto& p : part) {
      for (std::size_t i = 0; i < p.size(); ++i) into[i] += p[i];
      std::fill(p.begin(), p.end(), 0);
    }
  }
};

template <class T>
std::vector<T> regrown(const std::vector<T>& from, std::int64_t old_c, std::int64_t new_c) {
  if (old_c == 0) return {};
  const auto old_size = static_cast<std::size_t>(old_c * old_c);
  const std::size_t leaves = from.size() / old_size;
  std::vector<T> out(leaves * static_cast<std::size_t>(new_c * new_c));
  for (std::size_t l = 0; l < leaves; ++l)
    for (std::int64_t t = 0; t < old_c; ++t)
      for (std::int64_t p = 0; p < old_c; ++p)
        out[l * static_cast<std::size_t>(new_c * new_c) + static_cast<std::size_t>(t * new_c + p)] =
            from[l * old_size + static_cast<std::size_t>(t * old_c + p)];
  return out;
}

}  // namespace leadline::detail::group_counts

namespace leadline::fairness {
namespace counts_impl = leadline::detail::group_counts;
namespace rows_of = leadline::detail::label_rows;

std::string_view name_of(RateKind kind) {
  return names_of(std::type_identity<RateKind>{})[static_cast<std::size_t>(kind)];
}

void GroupCounts::reserve(std::int64_t n_classes) {
  if (n_classes > n_classes_) {
    counts_ = counts_impl::regrown(counts_, n_classes_, n_classes);
    weights_ = counts_impl::regrown(weights_, n_classes_, n_classes);
    squares_ = counts_impl::regrown(squares_, n_classes_, n_classes);
    n_classes_ = n_classes;
  }
  const std::int64_t cells = index_.n_leaves() * n_classes_ * n_classes_;
  if (cells > counts_impl::most_cells)
    throw ValueError("fairness", "at most 2^26 cells of group, true and predicted class",
                     fmt::format("{} groups of {} classes", index_.n_leaves(), n_classes_),
                     "group by fewer attributes, or use by_group with a metric");
  counts_.resize(static_cast<std::size_t>(cells));
  if (weighted_) {
    weights_.resize(counts_.size());
    squares_.resize(counts_.size());
  }
}

void GroupCounts::start_weights() {
  if (weighted_) return;
  weighted_ = true;
  weights_.assign(counts_.begin(), counts_.end());
  squares_ = weights_;
}

void GroupCounts::update(const Rows& given, const Table& groups, std::string_view who) {
  const auto columns = counts_impl::with_target(given);
  const Rows rows{given.ids, given.weights, columns};
  const auto source = rows_of::open(rows, who);
  if (groups.size() != source.n)
    throw ShapeError(who, fmt::format("groups of {} rows, as the target", source.n),
                     fmt::format("{}", groups.size()), "pass one group a sample");
  GroupCounts batch(index_.attributes());
  GroupReader reader(batch.index_, groups, who);
  if (!rows.weights.empty()) batch.weighted_ = true;
  if (source.from_scores) batch.n_classes_ = source.n_columns;
  counts_impl::Tables tables;
  counts_impl::Leaves leaf;
  rows_of::Buffer target_buffer, label_buffer;
  for (std::int64_t first = 0; first < source.n; first += rows_of::block_rows) {
    const std::int64_t n = std::min(rows_of::block_rows, source.n - first);
    const auto* target = rows_of::targets(source, first, n, target_buffer);
    const auto* label = rows_of::decided(source, first, n, label_buffer);
    const std::int64_t limit = source.from_scores ? source.n_columns : 1 << 12;
    if (!rows_of::all_below(target, n, limit))
      rows_of::refuse_label(source, "target", target, first, n, limit);
    if (!rows_of::all_below(label, n, limit))
      rows_of::refuse_label(source, "prediction", label, first, n, limit);
    reader.leaves(first, n, leaf.data());
    const auto classes =
        std::max({std::int64_t{2}, batch.n_classes_, rows_of::greatest(target, n) + 1,
                  rows_of::greatest(label, n) + 1});
    if (classes > batch.n_classes_) tables.drain(batch.counts_);
    if (classes > batch.n_classes_ ||
        batch.index_.n_leaves() * classes * classes != std::ssize(batch.counts_)) {
      batch.reserve(classes);
      tables.resize(batch.counts_.size());
    }
    tables.count(leaf.data(), target, label, n, classes);
    for (std::int64_t i = 0; i < n && batch.weighted_; ++i) {
      const double w = rows.weights[static_cast<std::size_t>(first + i)];
      const auto at = static_cast<std::size_t>(
          (leaf[static_cast<std::size_t>(i)] * classes + target[i]) * classes + label[i]);
      batch.weights_[at] += w;
      batch.squares_[at] += w * w;
    }
  }
  tables.drain(batch.counts_);
  batch.n_ = source.n;
  batch.n_without_target_ = given.find("target") == nullptr ? source.n : 0;
  if (n_ == 0 && index_.n_leaves() == 0) {
    *this = std::move(batch);
  } else {
    merge(batch);
  }
}

void GroupCounts::merge(const GroupCounts& other) {
  const auto here = index_.merge(other.index_);
  if (other.weighted_) start_weights();
  reserve(std::max(n_classes_, other.n_classes_));
  const auto c = static_cast<std::size_t>(n_classes_),
             d = static_cast<std::size_t>(other.n_classes_);
  for (std::size_t l = 0; l < here.size(); ++l)
    for (std::size_t t = 0; t < d; ++t)
      for (std::size_t p = 0; p < d; ++p) {
        const std::size_t to = (static_cast<std::size_t>(here[l]) * c + t) * c + p;
        const std::size_t from = (l * d + t) * d + p;
        counts_[to] += other.counts_[from];
        if (!weighted_) continue;
        const auto count = static_cast<double>(other.counts_[from]);
        weights_[to] += other.weighted_ ? other.weights_[from] : count;
        squares_[to] += other.weighted_ ? other.squares_[from] : count;
      }
  n_ += other.n_;
  n_without_target_ += other.n_without_target_;
}

GroupCounts::Sum& GroupCounts::Sum::operator+=(const Sum& other) {
  n += other.n;
  weight += other.weight;
  squares += other.squares;
  return *this;
}

double GroupCounts::Sum::n_effective() const {
  return squares > 0 ? weight * weight / squares : 0.0;
}

GroupCounts::Sum GroupCounts::cell(std::int64_t leaf, std::int64_t target,
                                   std::int64_t predicted) const {
  const auto at = static_cast<std::size_t>((leaf * n_classes_ + target) * n_classes_ + predicted);
  const auto n = static_cast<double>(counts_[at]);
  return {counts_[at], weighted_ ? weights_[at] : n, weighted_ ? squares_[at] : n};
}

std::array<GroupCounts::Sum, 4> GroupCounts::outcomes(std::span<const std::int32_t> leaves,
                                                      std::int64_t positive) const {
  std::array<Sum, 4> out{};
  const auto add = [&](std::int64_t leaf) {
    for (std::int64_t t = 0; t < n_classes_; ++t)
      for (std::int64_t p = 0; p < n_classes_; ++p)
        out[static_cast<std::size_t>(2 * (t != positive) + (p != positive))] += cell(leaf, t, p);
  };
  for (const auto leaf : leaves) add(leaf);
  for (std::int64_t leaf = 0; leaves.empty() && leaf < index_.n_leaves(); ++leaf) add(leaf);
  return out;  // TP, FN, FP, TN
}

std::int64_t GroupCounts::positive_class(std::optional<std::int64_t> positive) const {
  if (!positive) {
    if (n_classes_ > 2)
      throw ValueError("fairness", fmt::format("positive= for {} classes", n_classes_), "none",
                       "say which class is the favourable decision, e.g. positive=1");
    return 1;
  }
  if (*positive < 0 || *positive >= std::max<std::int64_t>(2, n_classes_))
    throw ValueError("fairness", fmt::format("positive in [0, {})", n_classes_),
                     fmt::format("{}", *positive), "name a class that occurs");
  return *positive;
}

GroupRate GroupCounts::rate(RateKind kind, const Slice& slice, std::int64_t positive) const {
  Sum part, whole;
  if (kind == RateKind::accuracy) {
    for (const auto leaf : slice.leaves)
      for (std::int64_t t = 0; t < n_classes_; ++t)
        for (std::int64_t p = 0; p < n_classes_; ++p) {
          const Sum one = cell(leaf, t, p);
          whole += one;
          if (t == p) part += one;
        }
  } else {
    const auto [tp, fn, fp, tn] = outcomes(slice.leaves, positive);
    const auto set = [&](std::initializer_list<Sum> hits, std::initializer_list<Sum> rest) {
      for (const auto& s : hits) {
        part += s;
        whole += s;
      }
      for (const auto& s : rest) whole += s;
    };
    switch (kind) {
      case RateKind::selection_rate:
        set({tp, fp}, {fn, tn});
        break;
      case RateKind::true_positive_rate:
        set({tp}, {fn});
        break;
      case RateKind::false_positive_rate:
        set({fp}, {tn});
        break;
      case RateKind::positive_predictive_value:
        set({tp}, {fp});
        break;
      case RateKind::negative_predictive_value:
        set({tn}, {fn});
        break;
      default:
        set({tp, fn}, {fp, tn});
    }
  }
  const double n = whole.n_effective();
  const double successes = !weighted_         ? part.weight
                           : whole.weight > 0 ? std::clamp(part.weight / whole.weight, 0.0, 1.0) * n
                                              : 0.0;
  return {slice.name, successes, n, whole.n};
}

std::vector<GroupRate> GroupCounts::rates(RateKind kind, std::string_view by,
                                          std::optional<std::int64_t> positive) const {
  if (kind != RateKind::selection_rate && !has_target())
    throw ValueError("fairness", fmt::format("targets, for the {}", name_of(kind)), "none",
                     "pass the true labels as target");
  const std::int64_t c = kind == RateKind::accuracy ? 0 : positive_class(positive);
  std::vector<GroupRate> out;
  for (const auto& slice : slices_by(index_, by)) out.push_back(rate(kind, slice, c));
  return out;
}

std::vector<Slice> slices_by(const GroupIndex& index, std::string_view by) {
  const auto depth = static_cast<std::int64_t>(index.attributes().size());
  auto all = index.slices(depth);
  std::string wanted(by);
  if (wanted.empty())
    for (const auto& name : index.attributes())
      wanted += (wanted.empty() ? "" : ",") + plain::key_value(name);
  std::vector<Slice> out;
  std::vector<std::string> known;
  for (auto& slice : all) {
    if (known.empty() || known.back() != slice.by) known.push_back(slice.by);
    if (slice.by == wanted) out.push_back(std::move(slice));
  }
  if (out.empty() && !all.empty() && !by.empty())
    throw ValueError("fairness", fmt::format("by one of {}", fmt::join(known, "; ")),
                     fmt::format("'{}'", by), "name attributes of the groups, in their order");
  return out;
}

Estimate estimate_of(const GroupRate& rate, std::int64_t min_support, double level) {
  if (rate.rows < min_support)
    return Estimate::absent(
        rate.rows == 0 ? Status::empty : Status::not_measured,
        fmt::format("n = {}, fewer than min_support = {}", rate.rows, min_support), rate.rows);
  if (rate.n <= 0) return Estimate::absent(Status::undefined, "every weight is 0", rate.rows);
  const auto i = stats::proportion_interval(std::min(rate.successes, rate.n), rate.n, level);
  const double value = rate.rate();
  Estimate out = Estimate::with(value, std::min(i.lower, value), std::max(i.upper, value),
                                rate.rows, "wilson", level);
  if (rate.n != static_cast<double>(rate.rows)) out.facts["n_effective"] = rate.n;
  return out;
}

void GroupCounts::save(State& state) const {
  index_.save(state);
  state.set("n", n_).set("n_classes", n_classes_).set("n_without_target", n_without_target_);
  state.set("counts", counts_);
  if (weighted_) state.set("weights", weights_).set("squares", squares_);
}

void GroupCounts::load(const State& state) {
  GroupCounts loaded;
  loaded.index_.load(state);
  loaded.n_ = state.integer("n");
  loaded.n_classes_ = state.integer("n_classes");
  loaded.n_without_target_ = state.integer("n_without_target");
  const auto damaged = [](const std::string& got) {
    return StoreError("GroupCounts.load", "counts that agree", got,
                      "the saved state is damaged; run again");
  };
  if (loaded.n_classes_ < 0 || loaded.n_classes_ > (1 << 12) || loaded.n_without_target_ < 0 ||
      loaded.n_without_target_ > loaded.n_)
    throw damaged(fmt::format("{} classes", loaded.n_classes_));
  const auto cells = loaded.index_.n_leaves() * loaded.n_classes_ * loaded.n_classes_;
  loaded.counts_ = state.integers("counts", cells);
  std::int64_t total = 0;
  for (const auto count : loaded.counts_) {
    if (count < 0 || count > loaded.n_) throw damaged(fmt::format("a count of {}", count));
    total += count;
  }
  if (total != loaded.n_) throw damaged(fmt::format("{} samples in the cells", total));
  if (state.has("weights")) {
    loaded.weighted_ = true;
    loaded.weights_ = state.numbers("weights", cells);
    loaded.squares_ = state.numbers("squares", cells);
    for (const auto* values : {&loaded.weights_, &loaded.squares_})
      for (const double w : *values)
        if (!(w >= 0 && w < 1e300)) throw damaged("a weight out of range");
  }
  *this = std::move(loaded);
}

}  // namespace leadline::fairness
