/// Common corruptions of images (Hendrycks and Dietterich 2019, arXiv:1903.12261): 15 + 4 kinds at
/// any severity, any size and any number of channels, without OpenCV, SciPy or ImageMagick.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "leadline/core/rows.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline::robustness {

/// The 15 of the benchmark, then the 4 kept for validation.
enum class Corruption : std::uint8_t {
  gaussian_noise,
  shot_noise,
  impulse_noise,
  defocus_blur,
  glass_blur,
  motion_blur,
  zoom_blur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elastic_transform,
  pixelate,
  jpeg_compression,
  speckle_noise,
  gaussian_blur,
  spatter,
  saturate,
};
inline constexpr std::size_t n_corruptions = 19, n_common_corruptions = 15;
constexpr std::array<std::string_view, n_corruptions> names_of(std::type_identity<Corruption>) {
  return {"gaussian_noise",
          "shot_noise",
          "impulse_noise",
          "defocus_blur",
          "glass_blur",
          "motion_blur",
          "zoom_blur",
          "snow",
          "frost",
          "fog",
          "brightness",
          "contrast",
          "elastic_transform",
          "pixelate",
          "jpeg_compression",
          "speckle_noise",
          "gaussian_blur",
          "spatter",
          "saturate"};
}
[[nodiscard]] constexpr std::string_view name_of(Corruption kind) {
  return names_of(std::type_identity<Corruption>{})[static_cast<std::size_t>(kind)];
}

/// Whose parameters the severities 1 to 5 stand for: images of 224 pixels, or of 32.
enum class CorruptionTable : std::uint8_t { imagenet_c, cifar_c };
constexpr std::array<std::string_view, 2> names_of(std::type_identity<CorruptionTable>) {
  return {"imagenet-c", "cifar-c"};
}

/// Corruptions by name or by family ("noise", "blur", "weather", "digital", "common", "validation",
/// "all"), each once, in the order of the enum. Throws ValueError naming the nearest name.
[[nodiscard]] LEADLINE_API std::vector<Corruption> corruptions_of(
    std::string_view who, std::span<const std::string> names);

/// The parameters at a severity in [1, 5], in the order of the published scripts; between two whole
/// severities each is interpolated linearly. Throws ValueError for a severity outside.
[[nodiscard]] LEADLINE_API std::vector<double> corruption_parameters(
    Corruption kind, double severity, CorruptionTable compat = CorruptionTable::imagenet_c);

struct CorruptOptions {
  CorruptionTable compat = CorruptionTable::imagenet_c;
  std::uint64_t seed = 0;
  std::uint64_t draw = 0;  // tells repeated draws of one image apart
  /// Range of the pixels; unset: [0, 255] for bytes, [0, 1] for floats.
  std::optional<std::pair<double, double>> bounds{};
};

/// The images, corrupted.
///
/// Reads:    `images` [n, h, w], [n, c, h, w] or [n, h, w, c] (channels are first where the second
///           size is at most 4, else last where the fourth is), h and w at least 2, bytes or floats
///           inside the bounds; `ids` [n], or empty for 0 .. n - 1
/// Returns:  the same shape and dtype, inside the bounds. Bytes are cut, not rounded, as the
///           published scripts do; pixelate and jpeg_compression round.
/// Severity: in [0, 5]. 0 gives the images back bit for bit; below 1 the image is blended with the
///           one at severity 1; above, see `corruption_parameters`.
/// Colour:   the first three of 3 or 4 channels are red, green, blue; all others are grey planes.
/// Random:   keyed by (seed, corruption, id, draw) alone: the same for any batch, order and
///           severity, so that severities of one image share their draws.
/// Throws:   ShapeError, TypeError (integers), ValueError (severity, bounds), DataError (a value
///           outside the bounds or not finite, naming the sample)
[[nodiscard]] LEADLINE_API Tensor corrupt(const Tensor& images, Corruption kind, double severity,
                                          std::span<const SampleId> ids = {},
                                          const CorruptOptions& options = {});

}  // namespace leadline::robustness
