/// Input transforms as defences, each with the gradient that sees through it: what is rounded
/// passes gradients straight through (BPDA, Athalye et al. 2018, arXiv:1802.00420), what is smooth
/// has its own. So an attack on the transformed model is an adaptive one.
///
///     const auto model = models::from_function(
///         [module = net.ptr()](at::Tensor x) { return module->forward(mitigate::bit_depth(x, 3));
///         });
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>

#include "leadline/config.hpp"

namespace leadline::mitigate {

using Bounds = std::pair<double, double>;

/// Values in `bounds` rounded to 2^bits levels (feature squeezing, Xu et al. 2018). Any shape.
/// Gradient: straight through. Throws ValueError unless 1 <= bits <= 16.
[[nodiscard]] LEADLINE_API at::Tensor bit_depth(const at::Tensor& x, int bits,
                                                Bounds bounds = {0, 1});

/// The median of each size x size window of pictures [n, c, h, w]; the border is repeated.
/// Gradient: that of the value which is the median. Throws ValueError unless size is odd and above
/// 1, ShapeError for other shapes.
[[nodiscard]] LEADLINE_API at::Tensor median_filter(const at::Tensor& x, int size = 3);

/// Pictures [n, c, h, w] through the loss of JPEG: the 8 x 8 cosine transform of each channel,
/// rounded by the luminance table of the standard at `quality` in [1, 100]; no colour transform, no
/// subsampling. Gradient: straight through the rounding.
[[nodiscard]] LEADLINE_API at::Tensor jpeg_like(const at::Tensor& x, int quality = 75,
                                                Bounds bounds = {0, 1});

/// Pictures [n, c, h, w] made smaller by `scale` in (0, 1) and as large again, bilinear both ways.
/// Gradient: its own.
[[nodiscard]] LEADLINE_API at::Tensor resize(const at::Tensor& x, double scale = 0.5);

/// Logits [n, k] of a classifier and a detector's scores [n], larger where it suspects more, as the
/// logits [n, k + 1] of one model whose last class is "rejected": it wins where the score is above
/// `threshold`. An attack on any of the k classes must mislead the classifier and evade the
/// detector at once (Carlini and Wagner 2017, arXiv:1705.07263). `sharpness`: logits that the class
/// of rejection gains for each unit of score.
[[nodiscard]] LEADLINE_API at::Tensor with_rejection(const at::Tensor& logits,
                                                     const at::Tensor& score, double threshold,
                                                     double sharpness = 1);

/// The threshold above which at most a share `rate` of scores like these lies: the smallest score
/// seen such that at most rate * (n + 1) - 1 of n exceed it, so that the rejection rate of a
/// further sample of the same kind is at most `rate`. Throws ValueError for too few scores, or a
/// rate outside (0, 1).
[[nodiscard]] LEADLINE_API double rejection_threshold(const at::Tensor& scores, double rate);

}  // namespace leadline::mitigate
