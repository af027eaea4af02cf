#include <cmath>

#include "kinds.hpp"

namespace leadline::detail::stress {
namespace {

using corruption::Picture;

/// Means over fewer pixels, stretched back bilinearly.
void coarsen(Picture& picture, double factor) {
  const int low_h = std::max(1, static_cast<int>(std::lround(picture.height / factor)));
  const int low_w = std::max(1, static_cast<int>(std::lround(picture.width / factor)));
  const float scale_y = static_cast<float>(low_h) / static_cast<float>(picture.height);
  const float scale_x = static_cast<float>(low_w) / static_cast<float>(picture.width);
  std::vector<float> small(static_cast<std::size_t>(low_h * low_w));
  std::vector<float> weight(small.size());
  for (int k = 0; k < picture.channels; ++k) {
    std::ranges::fill(small, 0.0F);
    std::ranges::fill(weight, 0.0F);
    float* plane = picture.plane(k);
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x) {
        const auto to = static_cast<std::size_t>(y * low_h / picture.height * low_w +
                                                 x * low_w / picture.width);
        small[to] += plane[y * picture.width + x];
        weight[to] += 1;
      }
    for (std::size_t i = 0; i < small.size(); ++i) small[i] /= weight[i];
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x)
        plane[y * picture.width + x] = corruption::sample(
            small.data(), low_h, low_w, (static_cast<float>(y) + 0.5F) * scale_y - 0.5F,
            (static_cast<float>(x) + 0.5F) * scale_x - 0.5F, corruption::Border::nearest);
  }
}

void kill_pixels(Picture& picture, double share, stats::Rng& rng) {
  for (std::size_t i = 0; i < picture.area(); ++i) {
    if (!rng.bernoulli(share)) continue;
    const float stuck = rng.bernoulli(0.5) ? 1.0F : 0.0F;
    for (int k = 0; k < picture.channels; ++k) picture.plane(k)[i] = stuck;
  }
}

void stick_rows(Picture& picture, double share, stats::Rng& rng) {
  for (int y = 1; y < picture.height; ++y) {
    if (!rng.bernoulli(share)) continue;
    for (int k = 0; k < picture.channels; ++k) {
      float* row = picture.plane(k) + y * picture.width;
      std::copy_n(row - picture.width, picture.width, row);
    }
  }
}

}  // namespace

void change_picture(robustness::StressKind kind, double severity, Picture& picture,
                    stats::Rng& rng) {
  using robustness::StressKind;
  switch (kind) {
    case StressKind::resolution:
      return coarsen(picture, 1 + 0.5 * severity);
    case StressKind::compression:
      return corruption::jpeg_compression(picture, {80 - 14 * severity}, rng);
    case StressKind::dead_pixels:
      return kill_pixels(picture, 0.01 * severity, rng);
    case StressKind::stuck_rows:
      return stick_rows(picture, 0.04 * severity, rng);
    case StressKind::lost_channel:
      if (rng.bernoulli(0.2 * severity)) {
        float* lost = picture.plane(
            static_cast<int>(rng.below(static_cast<std::uint64_t>(picture.channels))));
        std::fill_n(lost, picture.area(), 0.0F);
      }
      return;
    default:
      return;
  }
}

}  // namespace leadline::detail::stress
