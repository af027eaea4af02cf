#include "leadline/fairness/group_frame.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "leadline/core/error.hpp"

namespace leadline::detail::group_frame {

constexpr std::int64_t most_classes = 64, most_cells = 1 << 16;

/// Labels of any integer type as int64; false when one is outside [0, most_classes).
bool small_labels(const ArrayView& view, std::vector<std::int64_t>& out) {
  out.resize(static_cast<std::size_t>(view.rows));
  return visit(view, [&](const auto* data) {
    bool good = true;
    for (std::int64_t i = 0; i < view.rows; ++i) {
      const auto label = static_cast<std::int64_t>(data[i * view.row_stride]);
      good &= label >= 0 && label < most_classes;
      out[static_cast<std::size_t>(i)] = label;
    }
    return good;
  });
}

/// Rows of a view in another order, contiguous.
class Gathered {
 public:
  Gathered(const ArrayView& view, std::string_view name) : view_(view), name_(name) {}
  Column take(std::span<const std::int64_t> order) {
    const std::size_t size = bytes_of(view_.dtype), width = static_cast<std::size_t>(view_.cols);
    bytes_.resize(order.size() * width * size);
    const auto* from = static_cast<const std::byte*>(view_.data);
    std::byte* to = bytes_.data();
    for (const auto row : order) {
      if (view_.col_stride == 1) {
        std::memcpy(to, from + row * view_.row_stride * static_cast<std::int64_t>(size),
                    width * size);
        to += width * size;
        continue;
      }
      for (std::int64_t j = 0; j < view_.cols; ++j, to += size)
        std::memcpy(to,
                    from + (row * view_.row_stride + j * view_.col_stride) *
                               static_cast<std::int64_t>(size),
                    size);
    }
    ArrayView out = view_;
    out.data = bytes_.data();
    out.rows = std::ssize(order);
    out.row_stride = view_.cols;
    out.col_stride = 1;
    return {name_, out};
  }

 private:
  ArrayView view_;
  std::string_view name_;
  std::vector<std::byte> bytes_;
};

}  // namespace leadline::detail::group_frame

namespace leadline::fairness {
namespace frame_impl = leadline::detail::group_frame;

GroupFrame::GroupFrame(std::vector<std::shared_ptr<const Metric>> metrics, FrameOptions options,
                       std::vector<std::string> attributes)
    : metrics_(std::move(metrics)), options_(options), index_(std::move(attributes)) {
  if (metrics_.empty())
    throw ValueError("GroupFrame", "at least one metric", "none",
                     "for example metrics::Accuracy()");
  for (const auto& metric : metrics_)
    if (metric == nullptr) throw TypeError("GroupFrame", "metrics", "none", "leave it out");
  if (options_.min_support < 1 || options_.depth < 1 || options_.replicates < 100 ||
      !(options_.level > 0 && options_.level < 1))
    throw ValueError(
        "GroupFrame", "min_support >= 1, depth >= 1, replicates >= 100 and level in (0, 1)",
        fmt::format("min_support={}, depth={}, replicates={}, level={}", options_.min_support,
                    options_.depth, options_.replicates, options_.level),
        "use the defaults 30, 2, 2000 and 0.95");
}

GroupFrame::States GroupFrame::fresh() const {
  States out;
  for (const auto& metric : metrics_) out.push_back(metric->fresh());
  return out;
}

bool GroupFrame::reads_labels_alone(const Rows& rows) const {
  if (!rows.weights.empty()) return false;
  const auto* target = rows.find("target");
  const auto* prediction = rows.find("prediction");
  const auto labels = [](const ArrayView* v) {
    return v != nullptr && v->rank == 1 && !is_floating(v->dtype);
  };
  if (!labels(target) || !labels(prediction)) return false;
  for (const auto& metric : metrics_)
    for (const auto& column : metric->info().reads)
      if (column != "target" && column != "prediction") return false;
  return true;
}

void GroupFrame::feed_counts(const Rows& rows, std::span<const std::int32_t> leaf) {
  std::vector<std::int64_t> target, label;
  const bool small = frame_impl::small_labels(rows.at("target"), target) &&
                     frame_impl::small_labels(rows.at("prediction"), label);
  std::int64_t classes = 1;
  for (std::size_t i = 0; small && i < target.size(); ++i)
    classes = std::max({classes, target[i] + 1, label[i] + 1});
  if (!small || index_.n_leaves() * classes * classes > frame_impl::most_cells) {
    feed_rows(rows, leaf);
    return;
  }
  std::vector<std::int64_t> counts(static_cast<std::size_t>(index_.n_leaves() * classes * classes));
  for (std::size_t i = 0; i < target.size(); ++i)
    ++counts[static_cast<std::size_t>((leaf[i] * classes + target[i]) * classes + label[i])];
  for (std::int64_t l = 0; l < index_.n_leaves(); ++l) {
    target.clear();
    label.clear();
    for (std::int64_t t = 0; t < classes; ++t)
      for (std::int64_t p = 0; p < classes; ++p) {
        const auto count = static_cast<std::size_t>(
            counts[static_cast<std::size_t>((l * classes + t) * classes + p)]);
        target.insert(target.end(), count, t);
        label.insert(label.end(), count, p);
      }
    const std::array<Column, 2> columns{Column{"prediction", label}, Column{"target", target}};
    for (const auto& state : leaves_[static_cast<std::size_t>(l)])
      state->update(Rows{{}, {}, columns});
  }
}

void GroupFrame::feed_rows(const Rows& rows, std::span<const std::int32_t> leaf) {
  std::vector<std::string> wanted;
  for (const auto& metric : metrics_)
    for (auto& column : metric->info().reads) {
      if (column == "prediction" && rows.find(column) == nullptr) column = "scores";
      if (std::find(wanted.begin(), wanted.end(), column) == wanted.end()) wanted.push_back(column);
    }
  std::vector<frame_impl::Gathered> gathered;
  for (const auto& column : rows.columns)
    if (std::find(wanted.begin(), wanted.end(), column.name) != wanted.end())
      gathered.emplace_back(column.values, column.name);
  std::vector<std::vector<std::int64_t>> order(static_cast<std::size_t>(index_.n_leaves()));
  for (std::size_t i = 0; i < leaf.size(); ++i)
    order[static_cast<std::size_t>(leaf[i])].push_back(static_cast<std::int64_t>(i));
  for (std::size_t l = 0; l < order.size(); ++l) {
    std::vector<Column> columns;
    for (auto& one : gathered) columns.push_back(one.take(order[l]));
    std::vector<SampleId> ids(order[l]);  // anonymous samples are named by their row
    std::vector<double> weights;
    for (auto& id : ids) {
      if (!rows.weights.empty()) weights.push_back(rows.weights[static_cast<std::size_t>(id)]);
      if (!rows.ids.empty()) id = rows.ids[static_cast<std::size_t>(id)];
    }
    for (const auto& state : leaves_[l]) state->update(Rows{ids, weights, columns});
  }
}

void GroupFrame::update(const Rows& rows, const Table& groups) {
  const std::int64_t n = rows.size();
  for (const auto& column : rows.columns)
    if (column.values.rows != n)
      throw ShapeError("GroupFrame.update", fmt::format("{} rows in '{}'", n, column.name),
                       fmt::format("{}", column.values.rows), "pass columns of one length");
  if (groups.size() != n)
    throw ShapeError("GroupFrame.update", fmt::format("groups of {} rows, as the columns", n),
                     fmt::format("{}", groups.size()), "pass one group a sample");
  if (!rows.weights.empty() && std::ssize(rows.weights) != n)
    throw ShapeError("GroupFrame.update", fmt::format("{} weights", n),
                     fmt::format("{}", rows.weights.size()), "pass one weight a sample");
  GroupFrame batch(metrics_, options_, index_.attributes());
  std::vector<std::int32_t> leaf(static_cast<std::size_t>(n));
  GroupReader(batch.index_, groups, "GroupFrame.update").leaves(0, n, leaf.data());
  batch.leaf_rows_.assign(static_cast<std::size_t>(batch.index_.n_leaves()), 0);
  for (const auto l : leaf) ++batch.leaf_rows_[static_cast<std::size_t>(l)];
  for (std::int64_t l = 0; l < batch.index_.n_leaves(); ++l) batch.leaves_.push_back(fresh());
  batch.n_ = n;
  if (reads_labels_alone(rows)) {
    batch.feed_counts(rows, leaf);
  } else {
    batch.feed_rows(rows, leaf);
  }
  if (leaves_.empty())
    *this = std::move(batch);
  else
    merge(batch);
}

void GroupFrame::merge(const GroupFrame& other) {
  if (other.metrics_.size() != metrics_.size())
    throw ValueError("GroupFrame.merge", fmt::format("{} metrics", metrics_.size()),
                     fmt::format("{}", other.metrics_.size()), "merge frames of the same metrics");
  const auto here = index_.merge(other.index_);
  while (std::ssize(leaves_) < index_.n_leaves()) {
    leaves_.push_back(fresh());
    leaf_rows_.push_back(0);
  }
  for (std::size_t l = 0; l < here.size(); ++l) {
    const auto to = static_cast<std::size_t>(here[l]);
    for (std::size_t m = 0; m < metrics_.size(); ++m) leaves_[to][m]->merge(*other.leaves_[l][m]);
    leaf_rows_[to] += other.leaf_rows_[l];
  }
  n_ += other.n_;
}

std::vector<GroupReport> GroupFrame::compute() const {
  const auto slices = index_.slices(options_.depth);
  std::vector<GroupReport> out;
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    GroupReport report{metrics_[m]->info(), {}, n_, {}, options_};
    const auto joined = [&](std::span<const std::int32_t> leaves) {
      const auto sum = metrics_[m]->fresh();
      for (const auto l : leaves) sum->merge(*leaves_[static_cast<std::size_t>(l)][m]);
      return sum->compute();
    };
    std::vector<std::int32_t> everything;
    for (std::int32_t l = 0; l < static_cast<std::int32_t>(leaves_.size()); ++l)
      everything.push_back(l);
    report.overall = joined(everything);
    std::vector<Estimate> raw;
    for (const auto& slice : slices) {
      GroupRow row{slice.name, slice.by, 0, {}, {}};
      for (const auto l : slice.leaves) row.n += leaf_rows_[static_cast<std::size_t>(l)];
      raw.push_back(joined(slice.leaves));
      row.estimate = row.n >= options_.min_support
                         ? raw.back()
                         : Estimate::absent(Status::not_measured,
                                            fmt::format("n = {}, fewer than min_support = {}",
                                                        row.n, options_.min_support),
                                            row.n);
      report.rows.push_back(std::move(row));
    }
    shrink_groups(report, raw, index_, slices);
    out.push_back(std::move(report));
  }
  return out;
}

void GroupFrame::save(State& state) const {
  index_.save(state);
  state.set("n", n_).set("leaf_rows", leaf_rows_);
  std::vector<std::string> states;
  for (const auto& leaf : leaves_)
    for (const auto& metric : leaf) states.push_back(metric->save());
  state.set("states", std::move(states));
}

void GroupFrame::load(const State& state) {
  GroupFrame loaded(metrics_, options_);
  loaded.index_.load(state);
  const auto& states = state.texts("states");
  const auto n_leaves = static_cast<std::size_t>(loaded.index_.n_leaves());
  if (states.size() != n_leaves * metrics_.size())
    throw StoreError("GroupFrame.load", fmt::format("{} states", n_leaves * metrics_.size()),
                     fmt::format("{}", states.size()), "load the state of the same metrics");
  loaded.n_ = state.integer("n");
  loaded.leaf_rows_ = state.integers("leaf_rows", loaded.index_.n_leaves());
  std::int64_t total = 0;
  for (const auto rows : loaded.leaf_rows_) {
    if (rows < 0 || rows > loaded.n_)
      throw StoreError("GroupFrame.load", "counts that agree", fmt::format("{} rows", rows),
                       "the saved state is damaged; run again");
    total += rows;
  }
  if (total != loaded.n_)
    throw StoreError("GroupFrame.load", fmt::format("{} rows in the groups", loaded.n_),
                     fmt::format("{}", total), "the saved state is damaged; run again");
  for (std::size_t l = 0; l < n_leaves; ++l) {
    loaded.leaves_.push_back(loaded.fresh());
    for (std::size_t m = 0; m < metrics_.size(); ++m)
      loaded.leaves_.back()[m]->load(states[l * metrics_.size() + m]);
  }
  *this = std::move(loaded);
}

}  // namespace leadline::fairness
