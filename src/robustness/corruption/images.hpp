// Between tensors of images and pictures in [0, 1].
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "leadline/core/rows.hpp"
#include "leadline/core/tensor.hpp"
#include "picture.hpp"

namespace leadline::detail::corruption {

/// How the numbers of one image lie in memory.
struct ImageLayout {
  int channels = 1, height = 0, width = 0;
  bool channels_last = false;
};

/// Throws ShapeError for what is not a batch of images.
[[nodiscard]] ImageLayout image_layout(std::string_view who, const Tensor& images);

/// The images, each changed by `change(picture, i)` and clipped into the bounds. Throws as
/// `corrupt`. Bytes are rounded after a change that answers true, else cut.
[[nodiscard]] Tensor each_image(std::string_view who, const Tensor& images,
                                std::span<const SampleId> ids,
                                std::optional<std::pair<double, double>> bounds,
                                const std::function<bool(Picture&, std::size_t)>& change);

}  // namespace leadline::detail::corruption
