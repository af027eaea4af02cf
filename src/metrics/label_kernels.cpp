// The loops over labels and scores that vectors do.
#include <algorithm>
#include <cmath>
#include <limits>

#include "label_rows.hpp"
#include "leadline/stats/clones.hpp"

namespace leadline::detail::label_rows {

// Inner loops have a fixed length, so that -O2 vectorises them. `bad` gathers the bits above the
// lowest of targets and decisions, and NaN.
constexpr std::int64_t lane_rows = 64;

LEADLINE_CLONES static void add_scores(const float* scores, const std::int64_t* target,
                                       std::int64_t n, float threshold, std::int64_t* sums,
                                       std::int64_t* bad) {
  std::int64_t positive = 0, called = 0, both = 0, high = 0, i = 0;
  for (; i + lane_rows <= n; i += lane_rows) {
    const float* s = scores + i;
    const std::int64_t* t = target + i;
    std::int32_t call[lane_rows], nan[lane_rows];
    for (std::int64_t k = 0; k < lane_rows; ++k) call[k] = s[k] >= threshold ? 1 : 0;
    for (std::int64_t k = 0; k < lane_rows; ++k) nan[k] = s[k] != s[k] ? 2 : 0;
    for (std::int64_t k = 0; k < lane_rows; ++k) {
      const std::int64_t one = call[k];
      high |= t[k] | std::int64_t{nan[k]};
      positive += t[k];
      called += one;
      both += t[k] & one;
    }
  }
  for (; i < n; ++i) {
    const std::int64_t one = scores[i] >= threshold ? 1 : 0;
    high |= target[i] | (scores[i] != scores[i] ? 2 : 0);
    positive += target[i];
    called += one;
    both += target[i] & one;
  }
  sums[0] += positive;
  sums[1] += called;
  sums[2] += both;
  *bad |= high;
}

LEADLINE_CLONES static void add_decisions(const std::int64_t* label, const std::int64_t* target,
                                          std::int64_t n, std::int64_t* sums, std::int64_t* bad) {
  std::int64_t positive = 0, called = 0, both = 0, high = 0, i = 0;
  for (; i + lane_rows <= n; i += lane_rows)
    for (std::int64_t k = 0; k < lane_rows; ++k) {
      high |= target[i + k] | label[i + k];
      positive += target[i + k];
      called += label[i + k];
      both += target[i + k] & label[i + k];
    }
  for (; i < n; ++i) {
    high |= target[i] | label[i];
    positive += target[i];
    called += label[i];
    both += target[i] & label[i];
  }
  sums[0] += positive;
  sums[1] += called;
  sums[2] += both;
  *bad |= high;
}

bool binary_cells(const Source& source, BinaryCells& cells) {
  const ArrayView &target = *source.target, &decision = source.decision;
  const bool fits = target.dtype == DType::i64 && target.row_stride == 1 &&
                    decision.row_stride == 1 &&
                    decision.dtype == (source.from_scores ? DType::f32 : DType::i64);
  if (!fits) return false;
  auto threshold = static_cast<float>(source.rule.threshold);
  if (static_cast<double>(threshold) < source.rule.threshold)  // no float lies in between
    threshold = std::nextafter(threshold, std::numeric_limits<float>::infinity());
  std::int64_t sums[3] = {0, 0, 0}, bad = 0;
  const auto* labels = static_cast<const std::int64_t*>(target.data);
  if (source.from_scores)
    add_scores(static_cast<const float*>(decision.data), labels, source.n, threshold, sums, &bad);
  else
    add_decisions(static_cast<const std::int64_t*>(decision.data), labels, source.n, sums, &bad);
  if ((bad & ~std::int64_t{1}) != 0) return false;
  cells = {sums[0], sums[1], sums[2]};
  if (source.from_scores && source.rule.positive_class == 0) {
    cells.both = cells.positive - cells.both;
    cells.called = source.n - cells.called;
  }
  return true;
}

LEADLINE_CLONES bool all_below(const std::int64_t* labels, std::int64_t n, std::int64_t limit) {
  const std::uint64_t last = static_cast<std::uint64_t>(limit) - 1;
  std::uint64_t outside = 0;  // sign bit: negative, or limit - 1 - label negative
  std::int64_t i = 0;
  for (; i + lane_rows <= n; i += lane_rows)
    for (std::int64_t k = 0; k < lane_rows; ++k)
      outside |= static_cast<std::uint64_t>(labels[i + k]) |
                 (last - static_cast<std::uint64_t>(labels[i + k]));
  for (; i < n; ++i)
    outside |=
        static_cast<std::uint64_t>(labels[i]) | (last - static_cast<std::uint64_t>(labels[i]));
  return (outside >> 63) == 0;
}

LEADLINE_CLONES std::int64_t greatest(const std::int64_t* labels, std::int64_t n) {
  std::int64_t most = INT64_MIN, i = 0;
  for (; i + lane_rows <= n; i += lane_rows)
    for (std::int64_t k = 0; k < lane_rows; ++k) most = labels[i + k] > most ? labels[i + k] : most;
  for (; i < n; ++i) most = labels[i] > most ? labels[i] : most;
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
