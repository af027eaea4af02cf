#include "leadline/torch/mitigate/transforms.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/torch_model.hpp"

namespace leadline::detail::transforms {

/// Luminance quantisation of ITU-T T.81, table K.1.
constexpr std::array<float, 64> luminance = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};

void check_pictures(const char* who, const at::Tensor& x) {
  if (x.dim() == 4 && x.is_floating_point()) return;
  throw ShapeError(who, "floating pictures [n, c, h, w]", from_aten(x.detach()).describe(),
                   "this transform knows neighbours; use bit_depth for tables");
}
void check_bounds(const char* who, const mitigate::Bounds& bounds) {
  if (bounds.first < bounds.second) return;
  throw ValueError(who, "bounds (low, high) with low < high",
                   std::to_string(bounds.first) + ", " + std::to_string(bounds.second),
                   "pass (0.0, 1.0) for images scaled to [0, 1]");
}

at::Tensor round_through(const at::Tensor& x) { return x + (at::round(x) - x).detach(); }

/// The orthonormal 8 x 8 cosine transform.
at::Tensor cosines(const at::Tensor& like) {
  const at::Tensor k = at::arange(8, at::kDouble);
  at::Tensor d = at::cos((k.unsqueeze(0) * 2 + 1) * k.unsqueeze(1) * (M_PI / 16)) * 0.5;
  d[0] *= std::sqrt(0.5);
  return d.to(like.options());
}

/// Steps of the standard table at `quality`, as libjpeg scales them.
at::Tensor steps(int quality, const at::Tensor& like) {
  const double scale = quality < 50 ? 5000.0 / quality : 200.0 - 2.0 * quality;
  at::Tensor table = at::tensor(at::ArrayRef<float>(luminance.data(), luminance.size()));
  table = at::floor((table.to(at::kDouble) * scale + 50) / 100).clamp(1, 255);
  return table.view({8, 8}).to(like.options());
}

}  // namespace leadline::detail::transforms

namespace leadline::mitigate {

namespace inside = leadline::detail::transforms;

at::Tensor bit_depth(const at::Tensor& x, int bits, Bounds bounds) {
  if (bits < 1 || bits > 16)
    throw ValueError("bit_depth", "bits in [1, 16]", std::to_string(bits), "3 to 5 are usual");
  inside::check_bounds("bit_depth", bounds);
  const double levels = std::exp2(bits) - 1, unit = (bounds.second - bounds.first) / levels;
  return inside::round_through((x - bounds.first) / unit) * unit + bounds.first;
}

at::Tensor median_filter(const at::Tensor& x, int size) {
  inside::check_pictures("median_filter", x);
  if (size < 3 || size % 2 == 0)
    throw ValueError("median_filter", "an odd size above 1", std::to_string(size), "3 is usual");
  const std::int64_t r = size / 2;
  const at::Tensor padded = at::replication_pad2d(x, {r, r, r, r});
  const at::Tensor windows = padded.unfold(2, size, 1).unfold(3, size, 1).flatten(4);
  return std::get<0>(windows.median(4));
}

at::Tensor jpeg_like(const at::Tensor& x, int quality, Bounds bounds) {
  inside::check_pictures("jpeg_like", x);
  inside::check_bounds("jpeg_like", bounds);
  if (quality < 1 || quality > 100)
    throw ValueError("jpeg_like", "quality in [1, 100]", std::to_string(quality), "75 is usual");
  const std::int64_t n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
  const std::int64_t right = (8 - w % 8) % 8, below = (8 - h % 8) % 8;
  const double range = bounds.second - bounds.first;
  const at::Tensor grey = (x - bounds.first) * (255 / range) - 128;
  const at::Tensor padded = at::replication_pad2d(grey, {0, right, 0, below});
  const std::int64_t rows = (h + below) / 8, cols = (w + right) / 8;
  const at::Tensor blocks = padded.view({n, c, rows, 8, cols, 8}).transpose(3, 4);
  const at::Tensor d = inside::cosines(x), q = inside::steps(quality, x);
  const at::Tensor kept = inside::round_through(d.matmul(blocks).matmul(d.t()) / q) * q;
  const at::Tensor back = d.t().matmul(kept).matmul(d).transpose(3, 4);
  const at::Tensor whole = back.reshape({n, c, 8 * rows, 8 * cols}).slice(2, 0, h).slice(3, 0, w);
  return ((whole + 128) * (range / 255) + bounds.first).clamp(bounds.first, bounds.second);
}

at::Tensor resize(const at::Tensor& x, double scale) {
  inside::check_pictures("resize", x);
  if (!(scale > 0 && scale < 1))
    throw ValueError("resize", "a scale in (0, 1)", std::to_string(scale), "0.5 halves each side");
  const auto smaller = [scale](std::int64_t side) {
    return std::max<std::int64_t>(1, std::llround(scale * static_cast<double>(side)));
  };
  const at::Tensor small =
      at::upsample_bilinear2d(x, {smaller(x.size(2)), smaller(x.size(3))}, false);
  return at::upsample_bilinear2d(small, {x.size(2), x.size(3)}, false);
}

at::Tensor with_rejection(const at::Tensor& logits, const at::Tensor& score, double threshold,
                          double sharpness) {
  if (logits.dim() != 2 || score.dim() != 1 || score.size(0) != logits.size(0))
    throw ShapeError(
        "with_rejection", "logits [n, k] and scores [n]",
        from_aten(logits.detach()).describe() + ", " + from_aten(score.detach()).describe(),
        "give one score a row");
  if (!(sharpness > 0 && std::isfinite(sharpness)))
    throw ValueError("with_rejection", "a finite sharpness above 0", std::to_string(sharpness),
                     "the usual difference of two logits over the usual spread of the score");
  const at::Tensor rejected = logits.amax(1) + sharpness * (score - threshold);
  return at::cat({logits, rejected.unsqueeze(1)}, 1);
}

double rejection_threshold(const at::Tensor& scores, double rate) {
  if (!(rate > 0 && rate < 1))
    throw ValueError("rejection_threshold", "a rate in (0, 1)", std::to_string(rate),
                     "0.05 rejects one honest input in twenty");
  const at::Tensor sorted =
      std::get<0>(scores.detach().to(at::kCPU, at::kDouble).flatten().sort()).contiguous();
  const auto n = sorted.size(0);
  const auto above = static_cast<std::int64_t>(std::floor(rate * static_cast<double>(n + 1))) - 1;
  if (above < 0)
    throw ValueError("rejection_threshold",
                     "at least " +
                         std::to_string(static_cast<std::int64_t>(std::ceil(1 / rate)) - 1) +
                         " scores for this rate",
                     std::to_string(n), "calibrate on more samples");
  const double threshold = sorted.const_data_ptr<double>()[n - 1 - above];
  if (!std::isfinite(threshold))
    throw ValueError("rejection_threshold", "finite scores", std::to_string(threshold),
                     "look at the detector's score on these samples");
  return threshold;
}

}  // namespace leadline::mitigate
