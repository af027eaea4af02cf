#include "images.hpp"

#include <fmt/format.h>

#include <cmath>
#include <type_traits>

#include "leadline/core/error.hpp"

namespace leadline::detail::corruption {
namespace {

/// Range of the pixels and how far a value may lie outside by rounding.
struct Range {
  double low = 0, high = 1;
  [[nodiscard]] double slop() const { return 1e-6 * (high - low); }
};

Range range_of(std::string_view who, DType dtype, std::optional<std::pair<double, double>> bounds) {
  const double most = dtype == DType::u8 ? 255 : 1;
  const auto [low, high] = bounds.value_or(std::pair(0.0, most));
  if (!(std::isfinite(low) && std::isfinite(high) && low < high))
    throw ValueError(who, "bounds low < high", fmt::format("({}, {})", low, high),
                     "give the range of the pixels, e.g. (0, 1)");
  return {low, high};
}

[[noreturn]] void refuse(std::string_view who, const Range& range, double value, SampleId id) {
  throw DataError(who, fmt::format("pixels inside the bounds [{:g}, {:g}]", range.low, range.high),
                  fmt::format("{:g} in sample {}", value, id),
                  "declare the true range of the inputs; normalisation belongs into the model");
}

/// Calls visit(place in memory, place in the picture) for every value.
template <class Visit>
void each_place(const ImageLayout& layout, std::size_t area, Visit&& visit) {
  const auto channels = static_cast<std::size_t>(layout.channels);
  if (!layout.channels_last) {
    for (std::size_t i = 0; i < channels * area; ++i) visit(i, i);
    return;
  }
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < area; ++i) visit(i * channels + c, c * area + i);
}

template <class T>
void read(const T* from, const ImageLayout& layout, const Range& range, Picture& picture,
          std::string_view who, SampleId id) {
  const double scale = 1 / (range.high - range.low);
  const double least = range.low - range.slop(), most = range.high + range.slop();
  const auto is_inside = [&](T value) {
    return static_cast<double>(value) >= least && static_cast<double>(value) <= most;
  };
  bool inside = true;
  each_place(layout, picture.area(), [&](std::size_t i, std::size_t to) {
    inside &= is_inside(from[i]);
    picture.values[to] = static_cast<float>(
        std::clamp((static_cast<double>(from[i]) - range.low) * scale, 0.0, 1.0));
  });
  for (std::size_t i = 0; !inside && i < picture.values.size(); ++i)
    if (!is_inside(from[i])) refuse(who, range, static_cast<double>(from[i]), id);
}

template <class T>
void write(const Picture& picture, const ImageLayout& layout, const Range& range, bool rounded,
           T* to) {
  const double width = range.high - range.low, lift = rounded ? 0.5 : 1e-3;
  each_place(layout, picture.area(), [&](std::size_t i, std::size_t from) {
    const double share = static_cast<double>(std::clamp(picture.values[from], 0.0F, 1.0F));
    if constexpr (std::is_same_v<T, std::uint8_t>)
      to[i] = static_cast<T>(static_cast<int>(range.low + share * width + lift));
    else
      to[i] = static_cast<T>(std::clamp(range.low + share * width, range.low, range.high));
  });
}

template <class T>
Tensor each_of(std::string_view who, const Tensor& host, std::span<const SampleId> ids,
               const Range& range, const std::function<bool(Picture&, std::size_t)>& change) {
  const ImageLayout layout = image_layout(who, host);
  Picture picture{
      layout.channels, layout.height, layout.width, std::is_same_v<T, std::uint8_t>, {}};
  const std::size_t size = static_cast<std::size_t>(layout.channels) * picture.area();
  picture.values.resize(size);
  const T* from = host.data<T>();
  std::vector<T> out(static_cast<std::size_t>(host.n_elements()));
  for (std::size_t i = 0; i < static_cast<std::size_t>(host.size(0)); ++i) {
    const SampleId id = ids.empty() ? static_cast<SampleId>(i) : ids[i];
    read(from + i * size, layout, range, picture, who, id);
    const bool rounded = change(picture, i);
    write(picture, layout, range, rounded, out.data() + i * size);
  }
  return Tensor::own(std::move(out), host.shape());
}

}  // namespace

ImageLayout image_layout(std::string_view who, const Tensor& images) {
  const auto size = [&](int d) { return static_cast<int>(images.size(d)); };
  for (int d = 1; d < images.rank(); ++d)
    if (images.size(d) > 1 << 20)
      throw ShapeError(who, "images of at most 2^20 pixels a side", images.describe(), "");
  ImageLayout layout;
  if (images.rank() == 3)
    layout = {1, size(1), size(2), false};
  else if (images.rank() == 4 && (size(1) <= 4 || size(3) > 4))
    layout = {size(1), size(2), size(3), false};
  else if (images.rank() == 4)
    layout = {size(3), size(1), size(2), true};
  if (layout.channels < 1 || layout.height < 2 || layout.width < 2)
    throw ShapeError(who, "images [n, h, w], [n, c, h, w] or [n, h, w, c] of at least 2 x 2 pixels",
                     images.describe(), "add the dimension of the samples, even for one image");
  return layout;
}

Tensor each_image(std::string_view who, const Tensor& images, std::span<const SampleId> ids,
                  std::optional<std::pair<double, double>> bounds,
                  const std::function<bool(Picture&, std::size_t)>& change) {
  if (!images.defined()) throw TypeError(who, "images", "nothing", "pass an array");
  if (!ids.empty() && std::ssize(ids) != images.size(0))
    throw ShapeError(who, fmt::format("{} ids, one an image", images.size(0)),
                     fmt::format("{}", ids.size()), "pass one id an image, or none");
  const Range range = range_of(who, images.dtype(), bounds);
  const Tensor host = images.host();
  switch (host.dtype()) {
    case DType::u8:
      return each_of<std::uint8_t>(who, host, ids, range, change);
    case DType::f16:
      return each_of<Eigen::half>(who, host, ids, range, change);
    case DType::bf16:
      return each_of<Eigen::bfloat16>(who, host, ids, range, change);
    case DType::f32:
      return each_of<float>(who, host, ids, range, change);
    case DType::f64:
      return each_of<double>(who, host, ids, range, change);
    default:
      throw TypeError(who, "images of floats or bytes", images.describe(),
                      "convert them to uint8 or float32");
  }
}

}  // namespace leadline::detail::corruption
