/// Attributions of a class score to the inputs, in fixed memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "leadline/torch/models/torch_model.hpp"

namespace leadline::attribution {

/// Attributions of n samples.
struct Attribution {
  at::Tensor values;    // like x
  at::Tensor residual;  // [n] float64: sum of values - (score(x) - score(baseline)); undefined for
                        // methods that do not promise completeness
  at::Tensor score;     // [n] float64: the explained class score at x
  at::Tensor baseline_score;       // [n] float64; undefined for methods without a baseline
  std::optional<double> baseline;  // every input value of it
};

struct PathOptions {
  int steps = 50;
  double baseline = 0;          // every input value of the baseline
  std::int64_t chunk_rows = 0;  // path points a model call; 0: about 400 kB of input
};

/// Integrated gradients along the straight path from the baseline, Gauss-Legendre in `steps`
/// points (Sundararajan et al. 2017, eq. 1, arXiv:1703.01365).
///
/// x [n, ...] floating, on the model's device; target [n] class numbers. Two classes from a single
/// column: class 1 is the column, class 0 its negative. Memory does not depend on `steps`.
/// Throws CapabilityError when the model gives no gradient, ShapeError, ValueError.
[[nodiscard]] LEADLINE_API Attribution
integrated_gradients(models::TorchModel& model, const at::Tensor& x, const at::Tensor& target,
                     const PathOptions& options = {}, const models::NamedTensors* extras = nullptr);

/// |d score / d x| (Simonyan et al. 2014, arXiv:1312.6034); `absolute` false keeps the sign.
[[nodiscard]] LEADLINE_API Attribution saliency(models::TorchModel& model, const at::Tensor& x,
                                                const at::Tensor& target, bool absolute = true,
                                                const models::NamedTensors* extras = nullptr);

/// Score [n] float64 of class `target` at x, without a graph.
[[nodiscard]] LEADLINE_API at::Tensor class_score(models::TorchModel& model, const at::Tensor& x,
                                                  const at::Tensor& target,
                                                  const models::NamedTensors* extras = nullptr);

}  // namespace leadline::attribution
