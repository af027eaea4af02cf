#include "picture.hpp"

namespace leadline::detail::corruption {

/// Adds to the value of hue, saturation, value; the other two stay, so colours are scaled.
void brightness(Picture& picture, const Parameters& c, stats::Rng&) {
  const auto more = static_cast<float>(c[0]);
  const int colours = picture.colours();
  for (std::size_t i = 0; colours > 0 && i < picture.area(); ++i) {
    const std::array<float*, 3> rgb{picture.plane(0) + i, picture.plane(1) + i,
                                    picture.plane(2) + i};
    const float value = std::max({*rgb[0], *rgb[1], *rgb[2]});
    const float raised = std::clamp(value + more, 0.0F, 1.0F);
    for (float* channel : rgb) *channel = value > 0 ? *channel * (raised / value) : raised;
  }
  for (int k = colours; k < picture.channels; ++k)
    for (std::size_t i = 0; i < picture.area(); ++i)
      picture.plane(k)[i] = std::clamp(picture.plane(k)[i] + more, 0.0F, 1.0F);
}

void contrast(Picture& picture, const Parameters& c, stats::Rng&) {
  for (int k = 0; k < picture.channels; ++k) {
    float* plane = picture.plane(k);
    double total = 0;
    for (std::size_t i = 0; i < picture.area(); ++i) total += static_cast<double>(plane[i]);
    const auto mean = static_cast<float>(total / static_cast<double>(picture.area()));
    const auto gain = static_cast<float>(c[0]);
    for (std::size_t i = 0; i < picture.area(); ++i) plane[i] = (plane[i] - mean) * gain + mean;
  }
}

/// Multiplies and shifts the saturation. The references give grey the hue of red, so an offset
/// tints it. Grey planes stay.
void saturate(Picture& picture, const Parameters& c, stats::Rng&) {
  if (picture.colours() == 0) return;
  const auto gain = static_cast<float>(c[0]), offset = static_cast<float>(c[1]);
  for (std::size_t i = 0; i < picture.area(); ++i) {
    float &r = picture.plane(0)[i], &g = picture.plane(1)[i], &b = picture.plane(2)[i];
    const float value = std::max({r, g, b}), least = std::min({r, g, b});
    const float before = value > 0 ? (value - least) / value : 0.0F;
    const float after = std::clamp(before * gain + offset, 0.0F, 1.0F);
    if (before > 0) {
      for (float* channel : {&r, &g, &b}) *channel = value - (value - *channel) * (after / before);
    } else {
      g = b = value * (1 - after);
    }
  }
}

}  // namespace leadline::detail::corruption
