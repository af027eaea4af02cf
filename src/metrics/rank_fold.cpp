#include "leadline/metrics/rank_fold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "rank_batch.hpp"

namespace leadline::detail::rank_fold {

/// Columns of row-major scores, `stride` values a row, each contiguous at a distance of `length`.
template <class T>
void turn(const T* scores, std::int64_t n, std::int64_t columns, std::int64_t stride,
          std::int64_t length, T* out) {
  constexpr std::int64_t rows = 64;  // their lines stay in the cache while columns are picked
  for (std::int64_t begin = 0; begin < n; begin += rows) {
    const std::int64_t end = std::min(n, begin + rows);
    for (std::int64_t k = 0; k < columns; ++k)
      for (std::int64_t i = begin; i < end; ++i) out[k * length + i] = scores[i * stride + k];
  }
}

/// How many of n bytes, each 0 or 1, are 1.
LEADLINE_CLONES std::int64_t count_ones(const std::uint8_t* bytes, std::int64_t n) {
  constexpr std::int64_t block = 512;  // a fixed length is what compilers vectorise at -O2
  std::int64_t count = 0, i = 0;
  for (; i + block <= n; i += block) {
    std::int32_t here = 0;
    for (std::int64_t k = 0; k < block; ++k) here += bytes[i + k];
    count += here;
  }
  for (; i < n; ++i) count += bytes[i];
  return count;
}

}  // namespace leadline::detail::rank_fold

namespace leadline::metrics {
namespace rank_fold = leadline::detail::rank_fold;

RankFold::RankFold(const RankSettings& settings)
    : settings_(settings), exact_(settings.exact || settings.keep > 0) {}

void RankFold::update(const Rows& rows, std::string_view who) {
  if (!exact_ && count_plain(rows, who)) return;
  Batch batch = read(rows, who);
  if (batch.n == 0) return;
  layout_ = batch.layout;
  n_columns_ = batch.n_columns;
  if (!batch.weights.empty()) start_weights();
  if (exact_ && !settings_.exact && (n_ + batch.n) * n_columns_ > settings_.keep) fold();
  if (exact_)
    append(batch);
  else
    count(batch);
  n_ += batch.n;
}

void RankFold::start_weights() {
  if (weighted_) return;
  weighted_ = true;
  if (exact_) weights_.assign(static_cast<std::size_t>(n_), 1.0);
}

void RankFold::widen() {
  doubles_.assign(floats_.begin(), floats_.end());
  floats_.clear();
  floats_.shrink_to_fit();
}

void RankFold::append(Batch& batch) {
  if (doubles_.empty() && batch.doubles.empty()) {
    floats_.insert(floats_.end(), batch.floats.begin(), batch.floats.end());
  } else {
    if (doubles_.empty()) widen();
    doubles_.insert(doubles_.end(), batch.floats.begin(), batch.floats.end());
    doubles_.insert(doubles_.end(), batch.doubles.begin(), batch.doubles.end());
  }
  const auto take = [](auto& into, auto& from) {
    if (into.empty())
      into = std::move(from);
    else
      into.insert(into.end(), from.begin(), from.end());
  };
  take(group_, batch.group);
  take(label_, batch.label);
  if (!weighted_) return;
  if (batch.weights.empty())
    weights_.insert(weights_.end(), static_cast<std::size_t>(batch.n), 1.0);
  else
    weights_.insert(weights_.end(), batch.weights.begin(), batch.weights.end());
}

void RankFold::count(const Batch& batch) {
  if (histograms_.empty())
    histograms_.assign(static_cast<std::size_t>(n_columns_),
                       stats::ScoreHistogram(static_cast<int>(settings_.bits), settings_.scale));
  const auto add = [&]<class T>(std::span<const T> scores) {
    if (n_columns_ == 1) return histograms_.front().add(scores, batch.group, batch.weights);
    if (layout_ == multiclass && batch.weights.empty())
      return stats::add_classes(histograms_, scores, batch.label);
    // A cache line of a row holds sixteen floats: that many columns are turned at once, to places
    // whose distance is no power of two, which would share one set of the cache.
    constexpr std::int64_t rows = 8192, together = 16, length = rows + 64;
    std::vector<T> turned(length * together);
    std::vector<std::uint8_t> group(rows);
    for (std::int64_t first = 0; first < batch.n; first += rows) {
      const std::int64_t n = std::min(rows, batch.n - first);
      const auto size = static_cast<std::size_t>(n);
      const auto weights = batch.weights.empty()
                               ? batch.weights
                               : batch.weights.subspan(static_cast<std::size_t>(first), size);
      for (std::int64_t begin = 0; begin < n_columns_; begin += together) {
        const std::int64_t count = std::min(together, n_columns_ - begin);
        rank_fold::turn(scores.data() + first * n_columns_ + begin, n, count, n_columns_, length,
                        turned.data());
        for (std::int64_t k = 0; k < count; ++k) {
          const std::int64_t c = begin + k;
          const auto column =
              std::span<const T>(turned).subspan(static_cast<std::size_t>(k * length), size);
          for (std::int64_t i = 0; i < n; ++i)
            group[static_cast<std::size_t>(i)] =
                layout_ == multiclass
                    ? batch.label[static_cast<std::size_t>(first + i)] == c
                    : batch.group[static_cast<std::size_t>((first + i) * n_columns_ + c)];
          histograms_[static_cast<std::size_t>(c)].add(
              column, std::span<const std::uint8_t>(group).first(size), weights);
        }
      }
    }
  };
  if (batch.doubles.empty())
    add(batch.floats);
  else
    add(batch.doubles);
}

/// Turns the scores kept into histograms.
void RankFold::fold() {
  exact_ = false;
  if (n_ == 0) return;
  Batch all;
  all.layout = layout_;
  all.n = n_;
  all.n_columns = n_columns_;
  all.floats = floats_;
  all.doubles = doubles_;
  all.group = std::move(group_);
  all.label = std::move(label_);
  const std::vector<double> weights = std::move(weights_);
  all.weights = weights;
  count(all);
  group_.clear();
  label_.clear();
  weights_.clear();
  floats_ = {};
  doubles_ = {};
}

void RankFold::merge(const RankFold& other) {
  if (other.n_ == 0) return;
  if (&other == this) return merge(RankFold(other));
  if (n_ > 0 && (layout_ != other.layout_ || n_columns_ != other.n_columns_))
    throw ValueError("RankFold.merge", fmt::format("scores of {} columns", n_columns_),
                     fmt::format("{} columns", other.n_columns_),
                     "merge states of one problem only");
  layout_ = other.layout_;
  n_columns_ = other.n_columns_;
  if (other.weighted_) start_weights();
  const bool keep =
      exact_ && other.exact_ && (settings_.exact || (n_ + other.n_) * n_columns_ <= settings_.keep);
  if (!keep && exact_) fold();
  if (other.exact_) {  // as one batch
    Batch batch;
    batch.n = other.n_;
    batch.n_columns = n_columns_;
    batch.layout = layout_;
    batch.floats = other.floats_;
    batch.doubles = other.doubles_;
    batch.group = other.group_;
    batch.label = other.label_;
    batch.weights = other.weights_;
    if (exact_)
      append(batch);
    else
      count(batch);
  } else {
    if (histograms_.empty())
      histograms_.assign(static_cast<std::size_t>(n_columns_),
                         stats::ScoreHistogram(static_cast<int>(settings_.bits), settings_.scale));
    for (std::size_t c = 0; c < histograms_.size(); ++c) histograms_[c].merge(other.histograms_[c]);
  }
  n_ += other.n_;
}

std::vector<std::uint8_t> RankFold::group(std::int64_t column) const {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(n_));
  for (std::int64_t i = 0; i < n_; ++i)
    out[static_cast<std::size_t>(i)] =
        layout_ == multiclass ? label_[static_cast<std::size_t>(i)] == column
                              : group_[static_cast<std::size_t>(i * n_columns_ + column)];
  return out;
}

RankFold::Support RankFold::support(std::int64_t column) const {
  if (n_ == 0) return {};
  if (!exact_) {
    const auto bins = histograms_[static_cast<std::size_t>(column)].levels();
    return {bins.positives, bins.negatives, bins.positives_effective, bins.negatives_effective,
            bins.size() > 1};
  }
  const auto positive = [&](std::int64_t i) {
    return layout_ == multiclass ? label_[static_cast<std::size_t>(i)] == column
                                 : group_[static_cast<std::size_t>(i * n_columns_ + column)] != 0;
  };
  std::array<double, 2> sum{}, square{};  // of positives, negatives
  if (weighted_) {
    for (std::int64_t i = 0; i < n_; ++i) {
      const double w = weights_[static_cast<std::size_t>(i)];
      sum[positive(i) ? 0 : 1] += w;
      square[positive(i) ? 0 : 1] += w * w;
    }
  } else {
    std::int64_t count = layout_ == binary ? rank_fold::count_ones(group_.data(), n_) : 0;
    for (std::int64_t i = 0; layout_ != binary && i < n_; ++i) count += positive(i) ? 1 : 0;
    sum = square = {static_cast<double>(count), static_cast<double>(n_ - count)};
  }
  const auto differ = [&](const auto& scores) {
    for (std::int64_t i = 1; i < n_; ++i)
      if (scores[static_cast<std::size_t>(i * n_columns_ + column)] !=
          scores[static_cast<std::size_t>(column)])
        return true;
    return false;
  };
  const auto effective = [](double s, double ss) { return ss > 0 ? s * s / ss : 0.0; };
  return {sum[0], sum[1], effective(sum[0], square[0]), effective(sum[1], square[1]),
          doubles_.empty() ? differ(floats_) : differ(doubles_)};
}

stats::Ranked RankFold::ranked(std::int64_t column) const {
  if (!exact_)
    throw ValueError("RankFold.ranked", "scores that were kept", "histograms",
                     "make the metric with exact=True");
  const auto of = [&]<class T>(const std::vector<T>& scores) {
    if (n_columns_ == 1) return stats::Ranked(std::span<const T>(scores), group_, weights_);
    std::vector<T> values(static_cast<std::size_t>(n_));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] =
          scores[i * static_cast<std::size_t>(n_columns_) + static_cast<std::size_t>(column)];
    return stats::Ranked(std::span<const T>(values), group(column), weights_);
  };
  return doubles_.empty() ? of(floats_) : of(doubles_);
}

stats::Levels RankFold::levels(std::int64_t column) const {
  if (n_ == 0) return {};
  return exact_ ? stats::levels_of(ranked(column))
                : histograms_[static_cast<std::size_t>(column)].levels();
}

stats::ColumnAuroc RankFold::aurocs(stats::ClassContrast contrast, bool by_prevalence,
                                    double level) const {
  const stats::ScoreTable table{floats_, doubles_, n_columns_};
  return layout_ == multiclass
             ? stats::class_auroc(table, label_, weights_, contrast, by_prevalence, level)
             : stats::label_auroc(table, group_, weights_, by_prevalence, level);
}

void RankFold::save(State& state) const {
  state.set("layout", static_cast<std::int64_t>(layout_)).set("n", n_);
  state.set("n_columns", n_columns_)
      .set("exact", exact_ ? 1 : 0)
      .set("weighted", weighted_ ? 1 : 0);
  if (exact_) {
    state.set("narrow", doubles_.empty() ? 1 : 0);
    state.set("scores",
              doubles_.empty() ? std::vector<double>(floats_.begin(), floats_.end()) : doubles_);
    state.set("labels", layout_ == multiclass
                            ? std::vector<std::int64_t>(label_.begin(), label_.end())
                            : std::vector<std::int64_t>(group_.begin(), group_.end()));
    state.set("weights", weights_);
    return;
  }
  for (std::size_t c = 0; c < histograms_.size(); ++c) {
    const auto saved = histograms_[c].save();
    const std::string tail = std::to_string(c);
    state.set("bins" + tail, saved.bins).set("positive" + tail, saved.positive);
    state.set("negative" + tail, saved.negative).set("weights" + tail, saved.weights);
  }
}

void RankFold::load(const State& state) {
  const auto refuse = [](std::string_view expected) {
    throw StoreError("RankFold.load", expected, "others", "the saved state is damaged; run again");
  };
  RankFold loaded(settings_);
  const std::int64_t layout = state.integer("layout");
  loaded.n_ = state.integer("n");
  loaded.n_columns_ = state.integer("n_columns");
  loaded.exact_ = state.integer("exact") != 0;
  loaded.weighted_ = state.integer("weighted") != 0;
  constexpr std::int64_t most = std::int64_t{1} << 40;
  if (layout < none || layout > multilabel || loaded.n_ < 0 || loaded.n_ > most ||
      loaded.n_columns_ < 0 || loaded.n_columns_ > (1 << 20) ||
      (layout == none) != (loaded.n_ == 0) || (loaded.n_ > 0 && loaded.n_columns_ < 1) ||
      (layout == binary && loaded.n_columns_ != 1) || (settings_.exact && !loaded.exact_))
    refuse("counts in range");
  loaded.layout_ = static_cast<Layout>(layout);
  const std::int64_t cells = loaded.n_ * loaded.n_columns_;
  if (loaded.exact_ && !settings_.exact && cells > settings_.keep) refuse("at most `keep` scores");
  if (!loaded.exact_ && cells <= settings_.keep && cells > 0) refuse("scores, not histograms");
  if (loaded.exact_) {
    const auto& scores = state.numbers("scores", cells);
    const auto& labels = state.integers("labels", loaded.layout_ == multiclass ? loaded.n_ : cells);
    loaded.weights_ = state.numbers("weights", loaded.weighted_ ? loaded.n_ : 0);
    const std::int64_t limit = loaded.layout_ == multiclass ? loaded.n_columns_ : 2;
    if (std::any_of(scores.begin(), scores.end(), [](double x) { return std::isnan(x); }) ||
        std::any_of(labels.begin(), labels.end(),
                    [limit](std::int64_t x) { return x < 0 || x >= limit; }) ||
        std::any_of(loaded.weights_.begin(), loaded.weights_.end(),
                    [](double w) { return !(w >= 0) || !std::isfinite(w); }))
      refuse("scores, labels and weights in range");
    if (state.integer("narrow") != 0 && stats::all_floats(scores))
      loaded.floats_.assign(scores.begin(), scores.end());
    else
      loaded.doubles_ = scores;
    if (loaded.layout_ == multiclass)
      loaded.label_.assign(labels.begin(), labels.end());
    else
      loaded.group_.assign(labels.begin(), labels.end());
  } else if (loaded.n_ > 0) {
    for (std::int64_t c = 0; c < loaded.n_columns_; ++c) {
      const std::string tail = std::to_string(c);
      stats::ScoreHistogram one(static_cast<int>(settings_.bits), settings_.scale);
      try {
        one.load({state.integers("bins" + tail), state.integers("positive" + tail),
                  state.integers("negative" + tail), state.numbers("weights" + tail)});
      } catch (const ValueError&) {
        refuse("bins and counts in range");
      }
      if (one.n() != loaded.n_) refuse("counts that sum to n");
      loaded.histograms_.push_back(std::move(one));
    }
  }
  *this = std::move(loaded);
}

}  // namespace leadline::metrics
