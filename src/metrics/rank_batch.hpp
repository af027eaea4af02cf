// One checked batch of scores and labels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "leadline/metrics/rank_fold.hpp"

namespace leadline::metrics {

struct RankFold::Batch {
  Layout layout = none;
  std::int64_t n = 0, n_columns = 1;
  std::span<const float> floats;    // row-major [n, n_columns]; borrowed or in the buffer
  std::span<const double> doubles;  // where a score is not a float
  std::vector<std::uint8_t> group;  // as in the fold
  std::vector<std::int32_t> label;
  std::span<const double> weights;
  std::vector<float> float_buffer;
  std::vector<double> double_buffer;
};

}  // namespace leadline::metrics
