#include "leadline/metrics/hits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::hits {
namespace rows_of = leadline::detail::label_rows;

using Flags = std::array<std::uint8_t, rows_of::block_rows>;

/// hit[i] = whether the true class is among the k largest of its row.
template <class T>
void rank_rows(const rows_of::Source& source, const T* scores, std::int64_t first, std::int64_t n,
               std::int64_t k, const std::int64_t* target, Flags& hit) {
  const ArrayView& view = source.decision;
  for (std::int64_t i = 0; i < n; ++i) {
    const T* row = scores + (first + i) * view.row_stride;
    const double own = static_cast<double>(row[target[i] * view.col_stride]);
    std::int64_t ahead = 0;
    bool nan = false;
    for (std::int64_t j = 0; j < view.cols; ++j) {
      const double score = static_cast<double>(row[j * view.col_stride]);
      nan |= score != score;
      ahead += score > own || (score == own && j < target[i]);
    }
    if (nan) rows_of::refuse_nan(source, first + i);
    hit[static_cast<std::size_t>(i)] = ahead < k;
  }
}

LEADLINE_CLONES std::int64_t flag_equal(const std::int64_t* a, const std::int64_t* b,
                                        std::int64_t n, std::uint8_t* hit) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    hit[i] = a[i] == b[i];
    count += a[i] == b[i];
  }
  return count;
}

LEADLINE_CLONES std::int64_t count_equal(const std::int64_t* a, const std::int64_t* b,
                                         std::int64_t n) {
  constexpr std::int64_t lane_rows = 64;  // a fixed length is vectorised at -O2
  std::int64_t count = 0, i = 0;
  for (; i + lane_rows <= n; i += lane_rows)
    for (std::int64_t k = 0; k < lane_rows; ++k) count += a[i + k] == b[i + k] ? 1 : 0;
  for (; i < n; ++i) count += a[i] == b[i];
  return count;
}

}  // namespace leadline::detail::hits

namespace leadline::metrics {
namespace hits_impl = leadline::detail::hits;

void Hits::update(const Rows& rows, std::string_view who) {
  namespace rows_of = leadline::detail::label_rows;
  const rows_of::Source source = rows_of::open(rows, who, k_ > 1, rule_);
  if (source.binary() && rows.weights.empty() && source.n > 0 && add_binary(source)) return;
  if (source.from_scores && !source.binary() && n_classes_ && source.n_columns != *n_classes_)
    throw ShapeError(who, fmt::format("scores of {} classes", *n_classes_),
                     fmt::format("{} columns", source.n_columns), "set n_classes to match");
  if (k_ > 1 && k_ >= source.n_columns)
    throw ValueError(who, fmt::format("k below the number of classes, {}", source.n_columns),
                     fmt::format("{}", k_), "every sample would be a hit; lower k");
  const std::int64_t limit =
      source.from_scores || source.binary() ? source.n_columns : n_classes_.value_or(INT64_MAX);
  rows_of::Buffer target_buffer, label_buffer;
  hits_impl::Flags hit;
  Hits sum(k_, n_classes_, rule_);
  for (std::int64_t first = 0; first < source.n; first += rows_of::block_rows) {
    const std::int64_t n = std::min(rows_of::block_rows, source.n - first);
    const std::int64_t* target = rows_of::targets(source, first, n, target_buffer);
    if (!rows_of::all_below(target, n, limit))
      rows_of::refuse_label(source, "target", target, first, n, limit);
    if (k_ > 1) {
      visit(source.decision, [&](const auto* scores) {
        hits_impl::rank_rows(source, scores, first, n, k_, target, hit);
      });
      if (!rows.counted) sum.hits_ += std::count(hit.begin(), hit.begin() + n, std::uint8_t{1});
    } else {
      const std::int64_t* label = rows_of::decided(source, first, n, label_buffer);
      if (!rows_of::all_below(label, n, limit))
        rows_of::refuse_label(source, "prediction", label, first, n, limit);
      const std::int64_t equal = rows.weights.empty()
                                     ? hits_impl::count_equal(target, label, n)
                                     : hits_impl::flag_equal(target, label, n, hit.data());
      if (!rows.counted) sum.hits_ += equal;
    }
    for (std::int64_t i = 0; i < n && !rows.weights.empty(); ++i) {
      const double weight = rows.weights[static_cast<std::size_t>(first + i)];
      if (rows.counted) {
        sum.n_ += static_cast<std::int64_t>(weight);
        sum.hits_ += hit[static_cast<std::size_t>(i)] ? static_cast<std::int64_t>(weight) : 0;
        continue;
      }
      sum.weight_ += weight;
      sum.weight_hits_ += hit[static_cast<std::size_t>(i)] ? weight : 0;
      sum.squared_weights_ += weight * weight;
    }
  }
  if (!rows.counted) sum.n_ = source.n;
  sum.weighted_ = !rows.weights.empty() && !rows.counted;
  merge(sum);
}

bool Hits::add_binary(const leadline::detail::label_rows::Source& source) {
  leadline::detail::label_rows::BinaryCells cells;
  if (!leadline::detail::label_rows::binary_cells(source, cells)) return false;
  Hits sum(k_, n_classes_, rule_);
  sum.n_ = source.n;
  sum.hits_ = source.n - cells.positive - cells.called + 2 * cells.both;
  merge(sum);
  return true;
}

std::string Hits::key() const {
  return fmt::format("hits k={} n_classes={} task={} threshold={} positive_class={}", k_,
                     n_classes_.value_or(0), static_cast<int>(rule_.task), rule_.threshold,
                     rule_.positive_class);
}

void Hits::merge(const Hits& other) {
  const auto as_weights = [](const Hits& h) {  // weight, hits, squares
    const auto n = static_cast<double>(h.n_);
    return h.weighted_ ? std::array{h.weight_, h.weight_hits_, h.squared_weights_}
                       : std::array{n, static_cast<double>(h.hits_), n};
  };
  if (weighted_ || other.weighted_) {
    const auto here = as_weights(*this), there = as_weights(other);
    weight_ = here[0] + there[0];
    weight_hits_ = here[1] + there[1];
    squared_weights_ = here[2] + there[2];
    weighted_ = true;
  }
  n_ += other.n_;
  hits_ += other.hits_;
}

Estimate Hits::rate(std::string_view method, double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (!weighted_) return Estimate::rate(hits_, n_, method, level);
  if (weight_ <= 0) return Estimate::absent(Status::undefined, "every weight is 0", n_);
  const double value = std::clamp(weight_hits_ / weight_, 0.0, 1.0);
  const double n = weight_ * weight_ / squared_weights_;
  const auto interval =
      stats::proportion_interval(value * n, n, level, stats::proportion_method(method));
  Estimate estimate =
      Estimate::with(value, std::min(value, interval.lower), std::max(value, interval.upper), n_,
                     std::string(method), level);
  estimate.facts["n_effective"] = n;
  return estimate;
}

void Hits::save(State& state) const {
  state.set("n", n_).set("hits", hits_).set("weighted", weighted_ ? 1 : 0);
  state.set("weight", weight_).set("weight_hits", weight_hits_);
  state.set("squared_weights", squared_weights_);
}

void Hits::load(const State& state) {
  Hits loaded(k_, n_classes_, rule_);
  loaded.n_ = state.integer("n");
  loaded.hits_ = state.integer("hits");
  loaded.weighted_ = state.integer("weighted") != 0;
  loaded.weight_ = state.number("weight");
  loaded.weight_hits_ = state.number("weight_hits");
  loaded.squared_weights_ = state.number("squared_weights");
  const auto sane = [](double w) { return w >= 0 && w < 1e300; };
  constexpr std::int64_t most = std::int64_t{1} << 53;  // states of so many can still be merged
  if (loaded.hits_ < 0 || loaded.hits_ > loaded.n_ || loaded.n_ > most || !sane(loaded.weight_) ||
      !sane(loaded.weight_hits_) || !sane(loaded.squared_weights_))
    throw StoreError("Hits.load", "0 <= hits <= n <= 2^53 and finite weights",
                     fmt::format("hits = {}, n = {}", loaded.hits_, loaded.n_),
                     "the saved state is damaged; run again");
  *this = loaded;
}

}  // namespace leadline::metrics
