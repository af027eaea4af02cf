#include "label_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"

namespace leadline::detail::label_rows {

namespace {

std::string view_text(const ArrayView& view) {
  return view.rank == 1 ? fmt::format("{} [{}]", name_of(view.dtype), view.rows)
                        : fmt::format("{} [{}, {}]", name_of(view.dtype), view.rows, view.cols);
}

void check_labels(std::string_view who, std::string_view column, const ArrayView& view) {
  if (view.rank != 1 && view.cols != 1)
    throw ShapeError(who, fmt::format("'{}' of shape [n]", column), view_text(view),
                     "pass one label a sample");
  if (is_floating(view.dtype))
    throw TypeError(who, fmt::format("'{}' as integer labels", column), view_text(view),
                    column == "target"
                        ? "convert labels to int64"
                        : "pass scores [n, n_classes], for a binary model stack([1 - p, p]), "
                          "or decided integer labels [n]");
}

/// Any float type and layout.
template <class T>
std::int64_t argmax_any(const T* scores, const ArrayView& view, std::int64_t first, std::int64_t n,
                        std::int64_t* out) {
  for (std::int64_t i = 0; i < n; ++i) {
    const T* row = scores + (first + i) * view.row_stride;
    double best = static_cast<double>(row[0]);
    std::int64_t label = 0;
    bool nan = best != best;
    for (std::int64_t j = 1; j < view.cols; ++j) {
      const double value = static_cast<double>(row[j * view.col_stride]);
      nan |= value != value;
      if (value > best) {
        best = value;
        label = j;
      }
    }
    if (nan) return first + i;
    out[i] = label;
  }
  return -1;
}

}  // namespace

std::string sample_text(const Rows& rows, std::int64_t row) {
  return rows.ids.empty() ? fmt::format("row {}", row)
                          : fmt::format("sample {}", rows.ids[static_cast<std::size_t>(row)]);
}

Source open(const Rows& rows, std::string_view who, bool needs_scores) {
  Source source{who, &rows};
  source.target = &rows.at("target", who);
  source.decision = needs_scores ? nullptr : rows.find("prediction");
  source.from_scores = source.decision == nullptr;
  if (source.from_scores) source.decision = &rows.at("scores", who);
  source.n = source.target->rows;
  check_labels(who, "target", *source.target);
  const ArrayView& decision = *source.decision;
  if (source.from_scores) {
    if (decision.rank == 1 || !is_floating(decision.dtype))
      throw TypeError(who, "'scores' as floats [n, n_classes]", view_text(decision),
                      decision.rank == 1 && is_floating(decision.dtype)
                          ? "for a binary model pass stack([1 - p, p]) or decided integer labels"
                          : "pass integer labels as 'prediction' [n]");
    if (decision.cols < 2)
      throw ShapeError(who, "'scores' with at least 2 columns", view_text(decision),
                       "for a binary model pass stack([1 - p, p])");
    source.n_columns = decision.cols;
  } else {
    check_labels(who, "prediction", decision);
  }
  if (decision.rows != source.n)
    throw ShapeError(who, fmt::format("{} rows as in 'target'", source.n), view_text(decision),
                     "pass one row a sample");
  if (!rows.weights.empty() && std::ssize(rows.weights) != source.n)
    throw ShapeError(who, fmt::format("{} weights", source.n),
                     fmt::format("{}", rows.weights.size()), "pass one weight a sample");
  if (!rows.ids.empty() && std::ssize(rows.ids) != source.n)
    throw ShapeError(who, fmt::format("{} ids", source.n), fmt::format("{}", rows.ids.size()),
                     "pass one id a sample");
  check_weights(source);
  return source;
}

void check_weights(const Source& source) {
  const auto& weights = source.rows->weights;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (!(weights[i] >= 0) || !std::isfinite(weights[i]))
      throw ValueError(source.who, "finite weights >= 0",
                       fmt::format("{} at {}", weights[i],
                                   sample_text(*source.rows, static_cast<std::int64_t>(i))),
                       "leave the sample out or give it weight 0");
}

void refuse_nan(const Source& source, std::int64_t row) {
  throw ValueError(source.who, "scores that are numbers",
                   "NaN at " + sample_text(*source.rows, row),
                   "find the layer that makes NaN; leadline.evaluate names such samples");
}

void refuse_label(const Source& source, std::string_view column, const std::int64_t* labels,
                  std::int64_t first, std::int64_t n, std::int64_t limit) {
  for (std::int64_t i = 0; i < n; ++i)
    if (labels[i] < 0 || labels[i] >= limit)
      throw ValueError(source.who,
                       limit == INT64_MAX || limit > (std::int64_t{1} << 31)
                           ? fmt::format("'{}' >= 0", column)
                           : fmt::format("'{}' in [0, {})", column, limit),
                       fmt::format("{} at {}", labels[i], sample_text(*source.rows, first + i)),
                       "number the classes 0 .. n_classes - 1, or raise n_classes");
  throw ValueError(source.who, "labels in range", "others", "");
}

namespace {

const std::int64_t* read_labels(const ArrayView& view, std::int64_t first, std::int64_t n,
                                Buffer& buffer) {
  if (view.dtype == DType::i64 && (view.row_stride == 1))
    return static_cast<const std::int64_t*>(view.data) + first;
  visit(view, [&](const auto* values) {
    for (std::int64_t i = 0; i < n; ++i)
      buffer[static_cast<std::size_t>(i)] =
          static_cast<std::int64_t>(values[(first + i) * view.row_stride]);
  });
  return buffer.data();
}

}  // namespace

const std::int64_t* targets(const Source& source, std::int64_t first, std::int64_t n,
                            Buffer& buffer) {
  return read_labels(*source.target, first, n, buffer);
}

const std::int64_t* decided(const Source& source, std::int64_t first, std::int64_t n,
                            Buffer& buffer) {
  const ArrayView& view = *source.decision;
  if (!source.from_scores) return read_labels(view, first, n, buffer);
  if (view.dtype == DType::f32 && view.is_contiguous() &&
      argmax_rows(static_cast<const float*>(view.data) + first * view.cols, n, view.cols,
                  buffer.data()))
    return buffer.data();
  const std::int64_t bad = visit(
      view, [&](const auto* values) { return argmax_any(values, view, first, n, buffer.data()); });
  if (bad >= 0) refuse_nan(source, bad);
  return buffer.data();
}

LEADLINE_CLONES bool all_below(const std::int64_t* labels, std::int64_t n, std::int64_t limit) {
  std::uint64_t outside = 0;
  for (std::int64_t i = 0; i < n; ++i)  // sign bit: negative, or limit - 1 - label negative
    outside |= static_cast<std::uint64_t>(labels[i]) |
               (static_cast<std::uint64_t>(limit) - 1 - static_cast<std::uint64_t>(labels[i]));
  return (outside >> 63) == 0;
}

LEADLINE_CLONES std::int64_t greatest(const std::int64_t* labels, std::int64_t n) {
  std::int64_t most = INT64_MIN;
  for (std::int64_t i = 0; i < n; ++i) most = labels[i] > most ? labels[i] : most;
  return most;
}

// Sixteen rows side by side, turned so that the compiler compares and blends them at once.
LEADLINE_CLONES bool argmax_rows(const float* scores, std::int64_t n, std::int64_t n_columns,
                                 std::int64_t* out) {
  constexpr std::int64_t width = 16, depth = 32;
  float tile[depth][width];
  std::int32_t bad[width] = {};
  std::int64_t i = 0;
  for (; i + width <= n; i += width) {
    float best[width];
    std::int32_t label[width] = {};
    for (std::int64_t r = 0; r < width; ++r) best[r] = scores[(i + r) * n_columns];
    for (std::int64_t start = 0; start < n_columns; start += depth) {
      const std::int64_t columns = std::min(depth, n_columns - start);
      for (std::int64_t r = 0; r < width; ++r) {
        const float* row = scores + (i + r) * n_columns + start;
        for (std::int64_t j = 0; j < columns; ++j) tile[j][r] = row[j];
      }
      for (std::int64_t j = 0; j < columns; ++j)
        for (std::int64_t r = 0; r < width; ++r) {
          const float value = tile[j][r];
          bad[r] |= value != value ? 1 : 0;
          label[r] = value > best[r] ? static_cast<std::int32_t>(start + j) : label[r];
          best[r] = value > best[r] ? value : best[r];
        }
    }
    for (std::int64_t r = 0; r < width; ++r) out[i + r] = label[r];
  }
  std::int32_t nan = 0;
  for (const std::int32_t one : bad) nan |= one;
  for (; i < n; ++i) {
    const float* row = scores + i * n_columns;
    float best = row[0];
    std::int64_t label = 0;
    nan |= best != best;
    for (std::int64_t j = 1; j < n_columns; ++j) {
      nan |= row[j] != row[j];
      if (row[j] > best) {
        best = row[j];
        label = j;
      }
    }
    out[i] = label;
  }
  return nan == 0;
}

}  // namespace leadline::detail::label_rows
