#include "leadline/robustness/perturbation.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>
#include <numbers>

#include "images.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::corruption {
namespace {

/// Replaces each pixel (x, y) by the one at `back` * (x, y, 1).
void warp(Picture& picture, const Eigen::Matrix3d& back) {
  std::vector<float> moved(picture.area());
  for (int k = 0; k < picture.channels; ++k) {
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x) {
        const Eigen::Vector3d from = back * Eigen::Vector3d(x, y, 1);
        moved[static_cast<std::size_t>(y * picture.width + x)] =
            sample(picture.plane(k), picture.height, picture.width,
                   static_cast<float>(from.y() / from.z()), static_cast<float>(from.x() / from.z()),
                   Border::reflect);
      }
    std::copy(moved.begin(), moved.end(), picture.plane(k));
  }
}

Eigen::Matrix3d translation(double x, double y) {
  Eigen::Matrix3d out = Eigen::Matrix3d::Identity();
  out(0, 2) = x;
  out(1, 2) = y;
  return out;
}

/// About the centre: a turn by `degrees` and a magnification by `scale`, inverted.
Eigen::Matrix3d turned_back(const Picture& picture, double degrees, double scale) {
  const double cx = (picture.width - 1) / 2.0, cy = (picture.height - 1) / 2.0;
  const double angle = degrees * std::numbers::pi / 180;
  Eigen::Matrix3d turn = Eigen::Matrix3d::Identity();
  turn.topLeftCorner<2, 2>() << std::cos(angle), std::sin(angle), -std::sin(angle), std::cos(angle);
  turn.topLeftCorner<2, 2>() /= scale;
  return translation(cx, cy) * turn * translation(-cx, -cy);
}

/// Seen by a camera as far away as the diagonal, after turns about both axes; inverted.
Eigen::Matrix3d tilted_back(const Picture& picture, double degrees) {
  const double w = picture.width, h = picture.height, far = std::hypot(w, h);
  const double angle = degrees * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  Eigen::Matrix<double, 4, 3> lift;
  lift << 1, 0, -w / 2, 0, 1, -h / 2, 0, 0, 1, 0, 0, 1;
  Eigen::Matrix4d about_x, about_y, away;
  about_x << 1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0, 0, 0, 0, 1;
  about_y << c, 0, -s, 0, 0, 1, 0, 0, s, 0, c, 0, 0, 0, 0, 1;
  away << 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, far, 0, 0, 0, 1;
  Eigen::Matrix<double, 3, 4> project;
  project << far, 0, w / 2, 0, 0, far, h / 2, 0, 0, 0, 1, 0;
  const Eigen::Matrix3d forth = project * away * about_x * about_y * lift;
  return forth.inverse();
}

/// The mean of the image and of its magnifications up to this frame.
void zoom_to(Picture& picture, int frame) {
  std::vector<float> sum = picture.values;
  for (int i = 1; i <= frame; ++i)
    for (int k = 0; k < picture.channels; ++k)
      add_zoomed(picture.plane(k), picture.height, picture.width, 1 + 0.004 * i,
                 sum.data() + static_cast<std::size_t>(k) * picture.area());
  for (std::size_t i = 0; i < sum.size(); ++i)
    picture.values[i] = sum[i] / static_cast<float>(frame + 1);
}

void step(Picture& picture, robustness::Perturbation kind, int frame, const stats::Stream& stream,
          SampleId id) {
  using robustness::Perturbation;
  stats::Rng rng = stream.at(id, compares_with_first(kind) ? static_cast<std::uint64_t>(frame) : 0);
  const bool moved = frame > 0;
  switch (kind) {
    case Perturbation::gaussian_noise:
      if (moved) gaussian_noise(picture, {0.03}, rng);
      return;
    case Perturbation::shot_noise:
      if (moved) shot_noise(picture, {300}, rng);
      return;
    case Perturbation::motion_blur:
      for (int k = 0; k < picture.channels; ++k)
        correlate(picture.plane(k), picture.height, picture.width,
                  motion_taps(10, 3, (frame - 30) * 4.0), Border::nearest);
      return;
    case Perturbation::zoom_blur:
      return zoom_to(picture, frame);
    case Perturbation::snow:
      return snow_at(picture, {.05, .3, 3, .5, 14, 4, .85}, frame * 4.0 - 150, rng);
    case Perturbation::brightness:
      return brightness(picture, {(frame - 15) * 0.02}, rng);
    case Perturbation::translate:
      return warp(picture, translation(15.0 - frame, 0));
    case Perturbation::rotate:
      return warp(picture, turned_back(picture, frame - 15.0, 1));
    case Perturbation::tilt:
      return warp(picture, tilted_back(picture, frame - 15.0));
    case Perturbation::scale:
      return warp(picture, turned_back(picture, 0, 0.4 + 0.025 * frame));
  }
}

}  // namespace
}  // namespace leadline::detail::corruption

namespace leadline::robustness {

Tensor perturb(const Tensor& images, Perturbation kind, int frame, std::span<const SampleId> ids,
               std::uint64_t seed, std::optional<std::pair<double, double>> bounds) {
  using detail::corruption::Picture;
  if (frame < 0 || frame >= n_perturbation_frames)
    throw ValueError("perturb", "a frame in [0, 31)", std::to_string(frame), "");
  const stats::Stream stream(seed, "perturb/" + std::string(name_of(kind)));
  return detail::corruption::each_image(
      "perturb", images, ids, bounds, [&](Picture& picture, std::size_t i) {
        detail::corruption::step(picture, kind, frame, stream,
                                 ids.empty() ? static_cast<SampleId>(i) : ids[i]);
        return true;
      });
}

}  // namespace leadline::robustness
