#include "uncertainty/calibration_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "metrics/label_rows.hpp"

namespace leadline::detail::calibration_rows {

/// Whether all n confidences are in [0, 1] and all hits 0 or 1.
LEADLINE_CLONES bool in_range(const Block& all, std::size_t n) {
  int bad = 0;
  const auto look = [&](std::size_t i) {
    bad |= (all.confidence[i] >= 0.0 ? 0 : 1) | (all.confidence[i] <= 1.0 ? 0 : 1);
    bad |= (all.hit[i] * all.hit[i] == all.hit[i] ? 0 : 1);
  };
  if (n == block)
    for (std::size_t i = 0; i < block; ++i) look(i);
  else
    for (std::size_t i = 0; i < n; ++i) look(i);
  return bad == 0;
}

/// Labels 0 and 1 as doubles; false where there is another.
LEADLINE_CLONES bool read_hits(const std::int64_t* labels, double* out) {
  std::int64_t others = 0;
  for (std::size_t i = 0; i < block; ++i) others |= labels[i];
  for (std::size_t i = 0; i < block; ++i)
    out[i] = static_cast<double>(static_cast<std::int32_t>(labels[i]));
  return (others & ~std::int64_t{1}) == 0;
}

/// Rows [first, first + n) of a column [n] as doubles.
void read_column(const ArrayView& view, std::int64_t first, std::int64_t n, double* out) {
  visit(view, [&](const auto* data) {
    const auto* from = data + first * view.row_stride;
    if constexpr (std::is_same_v<decltype(data), const std::int64_t*>)
      if (view.row_stride == 1 && n == std::int64_t{block} && read_hits(from, out)) return;
    if (view.row_stride == 1 && n == std::int64_t{block})
      for (std::size_t i = 0; i < block; ++i) out[i] = static_cast<double>(from[i]);
    else
      for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<double>(from[i * view.row_stride]);
  });
}

/// The top classes of row-major probabilities with their targets; false where something is to be
/// refused, or is to be read in another way.
template <class T>
bool decide_plain(const T* rows, const std::int64_t* target, std::int64_t n, std::int64_t n_classes,
                  Block& out) {
  bool good = true;
  for (std::int64_t i = 0; i < n; ++i) {
    const T* row = rows + i * n_classes;
    T best = row[0];
    std::int64_t label = 0;
    double sum = 0;
    for (std::int64_t c = 0; c < n_classes; ++c) {
      const T p = row[c];
      sum += static_cast<double>(p);
      good &= p >= T(0) && p <= T(1);
      label = p > best ? c : label;
      best = p > best ? p : best;
    }
    good &= std::abs(sum - 1) <= 1e-3 && target[i] >= 0 && target[i] < n_classes;
    out.confidence[static_cast<std::size_t>(i)] = static_cast<double>(best);
    out.hit[static_cast<std::size_t>(i)] = label == target[i] ? 1.0 : 0.0;
  }
  return good;
}

Source::Source(const Rows& rows, std::string_view who) : rows_(rows), who_(who) {
  const ArrayView* probabilities = rows.find("probabilities");
  if (probabilities != nullptr && probabilities->cols == 1) {
    give(*probabilities, rows.at("target", who));
  } else if (probabilities == nullptr && rows.find("confidence") != nullptr) {
    give(rows.at("confidence"), rows.at("correct", who));
  } else {
    reader_.emplace(rows, who, "probabilities");
    n_ = reader_->n();
    confidence_ = *probabilities;
    correct_ = rows.at("target");
  }
}

void Source::read(std::int64_t first, std::int64_t n, Block& out) {
  if (reader_) return decide(first, n, out);
  read_column(confidence_, first, n, out.confidence.data());
  read_column(correct_, first, n, out.hit.data());
  if (in_range(out, static_cast<std::size_t>(n))) return;
  for (std::int64_t i = 0; i < n; ++i) refuse(out, i, first + i);
}

void Source::give(const ArrayView& confidence, const ArrayView& correct) {
  if (confidence.rows != correct.rows || confidence.cols != 1 || correct.cols != 1)
    throw ShapeError(who_, "'confidence' [n] and 'correct' [n]",
                     fmt::format("{} and {} rows", confidence.rows, correct.rows),
                     "pass one value of each a sample");
  confidence_ = confidence;
  correct_ = correct;
  n_ = confidence.rows;
}

void Source::refuse(const Block& all, std::int64_t i, std::int64_t row) const {
  const double p = all.confidence[static_cast<std::size_t>(i)];
  const double hit = all.hit[static_cast<std::size_t>(i)];
  const auto where = label_rows::sample_text(rows_, row);
  if (!(p >= 0 && p <= 1))
    throw ValueError(who_, "confidence in [0, 1]", fmt::format("{:g} at {}", p, where),
                     "pass probabilities; apply softmax to logits");
  if (hit != 0 && hit != 1)
    throw ValueError(who_, "correct in {0, 1}", fmt::format("{:g} at {}", hit, where), "");
}

/// Top-1 from "probabilities" and "target".
void Source::decide(std::int64_t first, std::int64_t n, Block& out) {
  if (confidence_.is_contiguous() && correct_.dtype == DType::i64 && correct_.row_stride == 1) {
    const auto* target = static_cast<const std::int64_t*>(correct_.data) + first;
    const auto plain = [&](const auto* rows) {
      return decide_plain(rows + first * confidence_.cols, target, n, confidence_.cols, out);
    };
    if (confidence_.dtype == DType::f32 && plain(static_cast<const float*>(confidence_.data)))
      return;
    if (confidence_.dtype == DType::f64 && plain(static_cast<const double*>(confidence_.data)))
      return;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const auto row = reader_->row(first + i);
    const auto best = std::max_element(row.begin(), row.end());
    out.confidence[static_cast<std::size_t>(i)] = *best;
    out.hit[static_cast<std::size_t>(i)] =
        best - row.begin() == reader_->target(first + i) ? 1.0 : 0.0;
  }
}

}  // namespace leadline::detail::calibration_rows
