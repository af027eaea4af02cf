#include "label_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"

namespace leadline::detail::label_rows {

std::string view_text(const ArrayView& view) {
  return view.rank == 1 ? fmt::format("{} [{}]", name_of(view.dtype), view.rows)
                        : fmt::format("{} [{}, {}]", name_of(view.dtype), view.rows, view.cols);
}

namespace {

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

namespace {

void check_class_scores(std::string_view who, const ArrayView& scores) {
  if (scores.rank == 1 || !is_floating(scores.dtype))
    throw TypeError(who, "'scores' as floats [n, n_classes]", view_text(scores),
                    scores.rank == 1 && is_floating(scores.dtype)
                        ? "for a binary model set task='binary', or pass stack([1 - p, p])"
                        : "pass integer labels as 'prediction' [n]");
  if (scores.cols < 2)
    throw ShapeError(who, "'scores' with at least 2 columns", view_text(scores),
                     "for a binary model set task='binary', or pass stack([1 - p, p])");
}

/// The scores of the positive class, one a sample.
ArrayView positive_scores(const Rows& rows, std::string_view who,
                          const metrics::DecisionRule& rule) {
  if (rule.positive_class > 1)
    throw ValueError(who, "positive_class 0 or 1 for a binary task",
                     fmt::format("{}", rule.positive_class),
                     "number the two classes 0 and 1, or set task='multiclass'");
  const ArrayView& scores = rows.at("scores", who);
  if (scores.cols == 1 && is_floating(scores.dtype)) return scores;
  const ArrayView* both = rows.find("probabilities");
  if (both == nullptr || both->cols != 2)
    throw ShapeError(who, "'scores' of the positive class as floats [n], for task 'binary'",
                     view_text(scores),
                     scores.cols == 2 ? "pass the column of the positive class, or set "
                                        "task='multiclass'"
                                      : "set task='multiclass' or 'multilabel'");
  ArrayView column = *both;
  column.data =
      static_cast<const std::byte*>(both->data) +
      rule.positive_class * both->col_stride * static_cast<std::int64_t>(bytes_of(both->dtype));
  column.cols = 1;
  column.rank = 1;
  return column;
}

}  // namespace

Source open(const Rows& rows, std::string_view who, bool needs_scores,
            const metrics::DecisionRule& rule) {
  Source source{.who = who, .rows = &rows};
  source.rule = rule;
  source.target = &rows.at("target", who);
  source.n = source.target->rows;
  check_labels(who, "target", *source.target);
  const bool ranks = rule.top_k > 1;  // decisions alone do not say what came second
  const ArrayView* labels = needs_scores || ranks ? nullptr : rows.find("prediction");
  if (source.binary() && labels != nullptr && rule.threshold != 0.5 &&
      rows.find("scores") != nullptr)
    labels = nullptr;
  source.from_scores = labels == nullptr;
  if (labels != nullptr) {
    source.decision = *labels;
    check_labels(who, "prediction", *labels);
    if (source.binary()) source.n_columns = 2;
  } else if (source.binary()) {
    source.decision = positive_scores(rows, who, rule);
    source.n_columns = 2;
  } else {
    source.decision = rows.at("scores", who);
    check_class_scores(who, source.decision);
    source.n_columns = source.decision.cols;
    if (ranks && rule.top_k >= source.n_columns)
      throw ValueError(who, fmt::format("top_k below the {} classes", source.n_columns),
                       fmt::format("{}", rule.top_k), "the true class is always among all of them");
  }
  if (source.decision.rows != source.n)
    throw ShapeError(who, fmt::format("{} rows as in 'target'", source.n),
                     view_text(source.decision), "pass one row a sample");
  check_rows(rows, source.n, who);
  return source;
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

/// Row of the first NaN, or -1.
template <class T>
std::int64_t decide_binary(const T* scores, const Source& source, std::int64_t first,
                           std::int64_t n, Buffer& out) {
  const std::int64_t positive = source.rule.positive_class;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto score = static_cast<double>(scores[(first + i) * source.decision.row_stride]);
    if (score != score) return first + i;
    out[static_cast<std::size_t>(i)] = score >= source.rule.threshold ? positive : 1 - positive;
  }
  return -1;
}

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

namespace {

/// Replaces a decision by the true class where that is among the k largest scores; equal scores
/// rank by class number.
void allow_top_k(const Source& source, std::int64_t first, std::int64_t n, Buffer& decided) {
  const ArrayView& view = source.decision;
  Buffer target_buffer;
  const std::int64_t* target = targets(source, first, n, target_buffer);
  visit(view, [&](const auto* values) {
    for (std::int64_t i = 0; i < n; ++i) {
      const std::int64_t own = target[i];
      if (own < 0 || own >= view.cols || own == decided[static_cast<std::size_t>(i)]) continue;
      const auto* row = values + (first + i) * view.row_stride;
      const auto score = static_cast<double>(row[own * view.col_stride]);
      std::int64_t before = 0;
      for (std::int64_t j = 0; j < view.cols; ++j) {
        const auto other = static_cast<double>(row[j * view.col_stride]);
        before += other > score || (other == score && j < own) ? 1 : 0;
      }
      if (before < source.rule.top_k) decided[static_cast<std::size_t>(i)] = own;
    }
  });
}

const std::int64_t* largest(const Source& source, std::int64_t first, std::int64_t n,
                            Buffer& buffer);

}  // namespace

const std::int64_t* decided(const Source& source, std::int64_t first, std::int64_t n,
                            Buffer& buffer) {
  const std::int64_t* labels = largest(source, first, n, buffer);
  if (source.rule.top_k > 1) allow_top_k(source, first, n, buffer);
  return labels;
}

namespace {

const std::int64_t* largest(const Source& source, std::int64_t first, std::int64_t n,
                            Buffer& buffer) {
  const ArrayView& view = source.decision;
  if (!source.from_scores) return read_labels(view, first, n, buffer);
  if (source.binary()) {
    const std::int64_t bad = visit(
        view, [&](const auto* values) { return decide_binary(values, source, first, n, buffer); });
    if (bad >= 0) refuse_nan(source, bad);
    return buffer.data();
  }
  if (view.dtype == DType::f32 && view.is_contiguous() &&
      argmax_rows(static_cast<const float*>(view.data) + first * view.cols, n, view.cols,
                  buffer.data()))
    return buffer.data();
  const std::int64_t bad = visit(
      view, [&](const auto* values) { return argmax_any(values, view, first, n, buffer.data()); });
  if (bad >= 0) refuse_nan(source, bad);
  return buffer.data();
}

}  // namespace

}  // namespace leadline::detail::label_rows
