#include "leadline/fairness/group_counts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "metrics/label_rows.hpp"

namespace leadline::detail::group_counts {
namespace rows_of = leadline::detail::label_rows;

using Leaves = std::array<std::int32_t, rows_of::block_rows>;
using Cells = std::array<std::int32_t, rows_of::block_rows>;
constexpr std::int64_t zero = 0;
constexpr std::int64_t most_cells = std::int64_t{1} << 26;
constexpr std::int64_t most_classes = 1 << 12;

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

/// The cell of each sample of a block in [leaves, classes, classes].
[[gnu::always_inline]] inline void put_cells(const std::int32_t* leaf, const std::int64_t* target,
                                             const std::int64_t* label, std::int64_t n,
                                             std::int32_t classes, std::int32_t* out) {
  for (std::int64_t i = 0; i < n; ++i)
    out[i] = (leaf[i] * classes + static_cast<std::int32_t>(target[i])) * classes +
             static_cast<std::int32_t>(label[i]);
}
LEADLINE_CLONES void cells_of(const std::int32_t* leaf, const std::int64_t* target,
                              const std::int64_t* label, std::int64_t n, std::int32_t classes,
                              Cells& out) {
  Cells cells;                   // apart from what is read, so that the loop is vectorised
  if (n == rows_of::block_rows)  // a fixed length is what compilers vectorise at -O2
    put_cells(leaf, target, label, rows_of::block_rows, classes, cells.data());
  else
    put_cells(leaf, target, label, n, classes, cells.data());
  std::copy_n(cells.data(), n, out.data());
}

/// Four interleaved tables: equal neighbours do not wait for each other's store.
struct Tables {
  std::array<std::vector<std::int64_t>, 4> part;
  void resize(std::size_t n) {
    for (auto& p : part) p.resize(n);
  }
  void count(const Cells& cells, std::int64_t n) {
    const auto at = [&](std::int64_t i) {
      return static_cast<std::size_t>(cells[static_cast<std::size_t>(i)]);
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

/// Of a block: `known`, or more where a label needs it. Refuses labels out of range.
std::int64_t classes_of(const rows_of::Source& source, const std::int64_t* target,
                        const std::int64_t* label, std::int64_t first, std::int64_t n,
                        std::int64_t known) {
  if (rows_of::all_below(target, n, known) && rows_of::all_below(label, n, known)) return known;
  const std::int64_t limit = source.from_scores ? source.n_columns : most_classes;
  if (!rows_of::all_below(target, n, limit))
    rows_of::refuse_label(source, "target", target, first, n, limit);
  if (!rows_of::all_below(label, n, limit))
    rows_of::refuse_label(source, "prediction", label, first, n, limit);
  return std::max({known, rows_of::greatest(target, n) + 1, rows_of::greatest(label, n) + 1});
}

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
  counts_impl::Cells cells;
  rows_of::Buffer target_buffer, label_buffer;
  for (std::int64_t first = 0; first < source.n; first += rows_of::block_rows) {
    const std::int64_t n = std::min(rows_of::block_rows, source.n - first);
    const auto* target = rows_of::targets(source, first, n, target_buffer);
    const auto* label = rows_of::decided(source, first, n, label_buffer);
    reader.leaves(first, n, leaf.data());
    const std::int64_t classes = counts_impl::classes_of(
        source, target, label, first, n, std::max(std::int64_t{2}, batch.n_classes_));
    if (classes > batch.n_classes_) tables.drain(batch.counts_);
    if (classes > batch.n_classes_ ||
        batch.index_.n_leaves() * classes * classes != std::ssize(batch.counts_)) {
      batch.reserve(classes);
      tables.resize(batch.counts_.size());
    }
    counts_impl::cells_of(leaf.data(), target, label, n, static_cast<std::int32_t>(classes), cells);
    tables.count(cells, n);
    for (std::int64_t i = 0; i < n && batch.weighted_; ++i) {
      const double w = rows.weights[static_cast<std::size_t>(first + i)];
      const auto at = static_cast<std::size_t>(cells[static_cast<std::size_t>(i)]);
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
  if (loaded.n_classes_ < 0 || loaded.n_classes_ > counts_impl::most_classes ||
      loaded.n_without_target_ < 0 || loaded.n_without_target_ > loaded.n_)
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
