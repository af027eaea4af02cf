// Reads a batch for RankFold: shapes, dtypes, labels, NaN, probabilities, weights.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "rank_batch.hpp"

namespace leadline::detail::rank_rows {

std::string view_text(const ArrayView& view) {
  return view.rank == 1 ? fmt::format("{} [{}]", name_of(view.dtype), view.rows)
                        : fmt::format("{} [{}, {}]", name_of(view.dtype), view.rows, view.cols);
}

constexpr std::size_t block = 512;
template <class T>
[[gnu::always_inline]] inline bool outside(const T* x, std::size_t n, T low, T high) {
  std::size_t i = 0;
  int bad = 0;
  for (; i + block <= n && bad == 0; i += block)
    for (std::size_t k = 0; k < block; ++k)
      bad |= (x[i + k] >= low ? 0 : 1) | (x[i + k] <= high ? 0 : 1);
  for (; i < n; ++i) bad |= x[i] >= low && x[i] <= high ? 0 : 1;
  return bad != 0;
}
LEADLINE_CLONES bool any_outside(const float* x, std::size_t n, float low, float high) {
  return outside(x, n, low, high);
}
LEADLINE_CLONES bool any_outside(const double* x, std::size_t n, double low, double high) {
  return outside(x, n, low, high);
}

/// Refuses NaN, and what is no probability where probabilities were declared.
template <class T>
void check_scores(std::span<const T> scores, std::int64_t n_columns, bool probability,
                  const Rows& rows, std::string_view who) {
  const T inf = std::numeric_limits<T>::infinity();
  const T low = probability ? T(0) : -inf, high = probability ? T(1) : inf;
  if (!any_outside(scores.data(), scores.size(), low, high)) return;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] >= low && scores[i] <= high) continue;
    const auto where = label_rows::sample_text(rows, static_cast<std::int64_t>(i) / n_columns);
    if (std::isnan(scores[i]))
      throw ValueError(who, "scores that are numbers", "NaN at " + where,
                       "find the layer that makes NaN; leadline.evaluate names such samples");
    throw ValueError(who, "probabilities in [0, 1]", fmt::format("{} at {}", scores[i], where),
                     "pass probabilities, or set scale='raw' for any other score");
  }
}

/// The values row-major: borrowed where they lie so already, else copied.
template <class To>
std::span<const To> values_of(const ArrayView& view, std::vector<To>& buffer) {
  return visit(view, [&](const auto* data) -> std::span<const To> {
    using From = std::remove_cvref_t<decltype(*data)>;
    const auto size = static_cast<std::size_t>(view.rows * view.cols);
    if constexpr (std::is_same_v<From, To>)
      if (view.is_contiguous() || (view.cols == 1 && view.row_stride == 1)) return {data, size};
    buffer.resize(size);
    std::size_t k = 0;
    for (std::int64_t i = 0; i < view.rows; ++i)
      for (std::int64_t j = 0; j < view.cols; ++j)
        buffer[k++] =
            static_cast<To>(static_cast<double>(data[i * view.row_stride + j * view.col_stride]));
    return buffer;
  });
}

/// Copies labels in one pass; returns whether one is not in [0, limit).
template <class Out>
[[gnu::always_inline]] inline bool narrow(const std::int64_t* labels, std::size_t n,
                                          std::uint64_t limit, std::int64_t positive, Out* out) {
  std::uint64_t most = 0;
  const auto one = [&](std::size_t k) {
    const auto label = static_cast<std::uint64_t>(labels[k]);
    most = label > most ? label : most;
    if constexpr (sizeof(Out) == 1)
      out[k] = static_cast<Out>(label == static_cast<std::uint64_t>(positive));
    else
      out[k] = static_cast<Out>(label);
  };
  std::size_t k = 0;
  for (; k + block <= n; k += block)
    for (std::size_t j = 0; j < block; ++j) one(k + j);
  for (; k < n; ++k) one(k);
  return most >= limit;
}
LEADLINE_CLONES bool narrow_labels(const std::int64_t* labels, std::size_t n, std::uint64_t limit,
                                   std::int64_t positive, std::uint8_t* out) {
  return narrow(labels, n, limit, positive, out);
}
LEADLINE_CLONES bool narrow_labels(const std::int64_t* labels, std::size_t n, std::uint64_t limit,
                                   std::int64_t positive, std::int32_t* out) {
  return narrow(labels, n, limit, positive, out);
}

template <class Out>
void copy_labels(const ArrayView& view, std::int64_t limit, std::int64_t positive,
                 std::vector<Out>& out, const Rows& rows, std::string_view who) {
  out.resize(static_cast<std::size_t>(view.rows * view.cols));
  visit(view, [&](const auto* data) {
    const bool plain = view.is_contiguous() || (view.cols == 1 && view.row_stride == 1);
    bool bad = false;
    const auto read = [&](std::size_t k, std::int64_t value) {
      bad |= static_cast<std::uint64_t>(value) >= static_cast<std::uint64_t>(limit);
      out[k] = static_cast<Out>(sizeof(Out) == 1 ? value == positive : value);
    };
    if constexpr (std::is_same_v<decltype(data), const std::int64_t*>)
      if (plain)
        bad = narrow_labels(data, out.size(), static_cast<std::uint64_t>(limit), positive,
                            out.data());
    if (plain && std::is_same_v<decltype(data), const std::int64_t*>) {
      // done
    } else if (plain) {
      for (std::size_t k = 0; k < out.size(); ++k) read(k, static_cast<std::int64_t>(data[k]));
    } else {
      std::size_t k = 0;
      for (std::int64_t i = 0; i < view.rows; ++i)
        for (std::int64_t j = 0; j < view.cols; ++j)
          read(k++, static_cast<std::int64_t>(data[i * view.row_stride + j * view.col_stride]));
    }
    if (!bad) return;
    for (std::int64_t i = 0; i < view.rows; ++i)
      for (std::int64_t j = 0; j < view.cols; ++j) {
        const double value = view.at(i, j);
        if (value >= 0 && value < static_cast<double>(limit)) continue;
        throw ValueError(
            who, limit == 2 ? "'target' of 0 and 1" : fmt::format("'target' in [0, {})", limit),
            fmt::format("{} at {}", value, label_rows::sample_text(rows, i)),
            limit == 2 ? "pass target == the positive class, or scores [n, n_classes]"
                       : "number the classes 0 .. n_classes - 1, one column of scores each");
      }
  });
}

}  // namespace leadline::detail::rank_rows

namespace leadline::metrics {
namespace rank_rows = leadline::detail::rank_rows;

RankFold::Batch RankFold::read(const Rows& rows, std::string_view who) const {
  const ArrayView& scores = rows.at("scores", who);
  const ArrayView& target = rows.at("target", who);
  Batch batch;
  batch.n = scores.rows;
  batch.n_columns = scores.rank == 1 ? 1 : scores.cols;
  if (is_floating(target.dtype))
    throw TypeError(who, "'target' as integer labels", rank_rows::view_text(target),
                    "convert labels to int64");
  if (target.rows != scores.rows)
    throw ShapeError(who, fmt::format("{} rows as in 'scores'", scores.rows),
                     rank_rows::view_text(target), "pass one row a sample");
  const bool wide_target = target.rank != 1 && target.cols > 1;
  if (scores.dtype == DType::b8)
    throw TypeError(who, "'scores' as numbers", rank_rows::view_text(scores),
                    "pass the scores, not the decisions");
  if (batch.n_columns < 1 || (wide_target && target.cols != batch.n_columns))
    throw ShapeError(who, "'target' [n], or [n, n_columns] as 'scores'",
                     rank_rows::view_text(target) + " with " + rank_rows::view_text(scores),
                     "pass one class a sample, or 0 and 1 for each column");
  batch.layout = batch.n_columns == 1 ? binary : wide_target ? multilabel : multiclass;
  if (layout_ != none && batch.n > 0 && (layout_ != batch.layout || n_columns_ != batch.n_columns))
    throw ShapeError(who, fmt::format("scores of {} columns and labels as before", n_columns_),
                     rank_rows::view_text(scores) + " with target " + rank_rows::view_text(target),
                     "use a fresh metric for another problem");
  const auto check_length = [&](const char* what, std::int64_t size) {
    if (size != 0 && size != batch.n)
      throw ShapeError(who, fmt::format("{} {}", batch.n, what), fmt::format("{}", size),
                       "pass one a sample");
  };
  check_length("weights", std::ssize(rows.weights));
  check_length("ids", std::ssize(rows.ids));
  for (std::size_t i = 0; i < rows.weights.size(); ++i)
    if (!(rows.weights[i] >= 0) || !std::isfinite(rows.weights[i]))
      throw ValueError(who, "finite weights >= 0",
                       fmt::format("{} at {}", rows.weights[i],
                                   leadline::detail::label_rows::sample_text(
                                       rows, static_cast<std::int64_t>(i))),
                       "leave the sample out or give it weight 0");
  batch.weights = rows.weights;
  if (batch.layout == multiclass)
    rank_rows::copy_labels(target, batch.n_columns, 0, batch.label, rows, who);
  else
    rank_rows::copy_labels(target, 2, batch.layout == binary ? settings_.positive : 1, batch.group,
                           rows, who);
  const bool probability = settings_.scale == stats::ScoreScale::probability;
  if (scores.dtype == DType::f64 || scores.dtype == DType::i64 || scores.dtype == DType::i32) {
    batch.doubles = rank_rows::values_of<double>(scores, batch.double_buffer);
    rank_rows::check_scores(batch.doubles, batch.n_columns, probability, rows, who);
    if (stats::all_floats(batch.doubles) && exact_) {
      batch.float_buffer.assign(batch.doubles.begin(), batch.doubles.end());
      batch.floats = batch.float_buffer;
      batch.doubles = {};
    }
  } else {
    batch.floats = rank_rows::values_of<float>(scores, batch.float_buffer);
    rank_rows::check_scores(batch.floats, batch.n_columns, probability, rows, who);
  }
  return batch;
}

/// A large batch of one column straight into its histogram, if it lies so and nothing is refused.
bool RankFold::count_plain(const Rows& rows, std::string_view who) {
  const ArrayView& scores = rows.at("scores", who);
  const ArrayView& target = rows.at("target", who);
  const std::int64_t n = scores.rows;
  const auto lies_as = [&](const ArrayView& view, DType dtype) {
    return view.dtype == dtype && view.rows == n && view.cols == 1 && view.row_stride == 1;
  };
  if (n < std::int64_t{1} << settings_.bits || !lies_as(target, DType::i64) ||
      !rows.weights.empty() || (!rows.ids.empty() && std::ssize(rows.ids) != n) ||
      (layout_ != none && layout_ != binary))
    return false;
  stats::ScoreHistogram fresh(static_cast<int>(settings_.bits), settings_.scale);
  stats::ScoreHistogram& into = histograms_.empty() ? fresh : histograms_.front();
  const auto size = static_cast<std::size_t>(n);
  const std::span labels(static_cast<const std::int64_t*>(target.data), size);
  const auto added = [&]<class T>(const T* data) {
    return into.add_checked(std::span(data, size), labels, settings_.positive);
  };
  if (!(lies_as(scores, DType::f32) && added(static_cast<const float*>(scores.data))) &&
      !(lies_as(scores, DType::f64) && added(static_cast<const double*>(scores.data))))
    return false;
  if (histograms_.empty()) histograms_.push_back(std::move(fresh));
  layout_ = binary;
  n_columns_ = 1;
  n_ += n;
  return true;
}

}  // namespace leadline::metrics
