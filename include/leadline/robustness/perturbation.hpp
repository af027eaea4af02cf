/// Sequences of slightly changed images, as in ImageNet-P (Hendrycks and Dietterich 2019): does an
/// answer flicker when almost nothing changes?
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "leadline/core/rows.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline::robustness {

enum class Perturbation : std::uint8_t {
  gaussian_noise,
  shot_noise,
  motion_blur,
  zoom_blur,
  snow,
  brightness,
  translate,
  rotate,
  tilt,
  scale,
};
inline constexpr std::size_t n_perturbations = 10;
inline constexpr int n_perturbation_frames = 31;
constexpr std::array<std::string_view, n_perturbations> names_of(std::type_identity<Perturbation>) {
  return {"gaussian_noise", "shot_noise", "motion_blur", "zoom_blur", "snow",
          "brightness",     "translate",  "rotate",      "tilt",      "scale"};
}
[[nodiscard]] constexpr std::string_view name_of(Perturbation kind) {
  return names_of(std::type_identity<Perturbation>{})[static_cast<std::size_t>(kind)];
}
/// The frames of noise are compared with the first, clean one; all others with the frame before.
[[nodiscard]] constexpr bool compares_with_first(Perturbation kind) {
  return kind == Perturbation::gaussian_noise || kind == Perturbation::shot_noise;
}

/// Frame `frame` in [0, 31) of the sequence of each image; arguments, result and errors as those of
/// `corrupt`. Steps are the published ones, in pixels and degrees: 4 degrees of motion blur and of
/// snow, 0.004 of zoom, 0.02 of brightness, 1 pixel, 1 degree, 1 degree, 0.025 of scale.
/// What the published frames cut from around the image is mirrored here.
[[nodiscard]] LEADLINE_API Tensor perturb(const Tensor& images, Perturbation kind, int frame,
                                          std::span<const SampleId> ids = {},
                                          std::uint64_t seed = 0,
                                          std::optional<std::pair<double, double>> bounds = {});

}  // namespace leadline::robustness
