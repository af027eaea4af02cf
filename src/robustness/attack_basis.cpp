#include "attack_basis.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace leadline::detail::attack_basis {
namespace {

/// The cosine of frequency u of n places, at place i.
double cosine(std::int64_t n, std::int64_t u, std::int64_t i) {
  return std::sqrt((u == 0 ? 1.0 : 2.0) / static_cast<double>(n)) *
         std::cos(std::numbers::pi * static_cast<double>((2 * i + 1) * u) /
                  static_cast<double>(2 * n));
}

/// [low, n]: the cosine of frequency u at place i.
std::vector<double> cosine_table(std::int64_t n, std::int64_t low) {
  std::vector<double> table;
  for (std::int64_t u = 0; u < low; ++u)
    for (std::int64_t i = 0; i < n; ++i) table.push_back(cosine(n, u, i));
  return table;
}

std::int64_t low_of(std::int64_t n, double share) {
  return std::clamp<std::int64_t>(std::llround(share * static_cast<double>(n)), 1, n);
}

}  // namespace

Planes::Planes(const robustness::Row& row) : width(static_cast<std::int64_t>(row.size())) {
  if (!row.space().is_image()) return;
  channels = row.space().shape[0];
  height = row.space().shape[1];
  width = row.space().shape[2];
}

Cosines::Cosines(const Planes& planes, double share)
    : planes_(planes),
      low_height_(low_of(planes.height, share)),
      low_width_(low_of(planes.width, share)),
      along_height_(cosine_table(planes.height, low_height_)),
      along_width_(cosine_table(planes.width, low_width_)) {}

void Cosines::draw_low(stats::Rng& rng, std::span<double> out) const {
  const std::int64_t h = planes_.height, w = planes_.width;
  std::vector<double> weights(static_cast<std::size_t>(low_height_ * low_width_));
  std::vector<double> rows(static_cast<std::size_t>(low_height_ * w));
  for (std::int64_t c = 0; c < planes_.channels; ++c) {
    rng.fill_normal(weights);
    std::fill(rows.begin(), rows.end(), 0.0);
    for (std::int64_t u = 0; u < low_height_; ++u)
      for (std::int64_t v = 0; v < low_width_; ++v) {
        const double weight = weights[static_cast<std::size_t>(u * low_width_ + v)];
        const double* wave = along_width_.data() + v * w;
        double* row = rows.data() + u * w;
        for (std::int64_t j = 0; j < w; ++j) row[j] += weight * wave[j];
      }
    const std::span<double> plane =
        out.subspan(static_cast<std::size_t>(c * h * w), static_cast<std::size_t>(h * w));
    std::fill(plane.begin(), plane.end(), 0.0);
    for (std::int64_t u = 0; u < low_height_; ++u)
      for (std::int64_t i = 0; i < h; ++i) {
        const double weight = along_height_[static_cast<std::size_t>(u * h + i)];
        const double* row = rows.data() + u * w;
        for (std::int64_t j = 0; j < w; ++j)
          plane[static_cast<std::size_t>(i * w + j)] += weight * row[j];
      }
  }
}

void Cosines::direction(std::int64_t c, std::int64_t u, std::int64_t v,
                        std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  std::vector<double> wave(static_cast<std::size_t>(planes_.width));
  for (std::int64_t j = 0; j < planes_.width; ++j)
    wave[static_cast<std::size_t>(j)] = cosine(planes_.width, v, j);
  for (std::int64_t i = 0; i < planes_.height; ++i) {
    const double height = cosine(planes_.height, u, i);
    for (std::int64_t j = 0; j < planes_.width; ++j)
      out[planes_.at(c, i, j)] = height * wave[static_cast<std::size_t>(j)];
  }
}

std::vector<std::int64_t> Cosines::order(stats::Rng& rng) const {
  std::vector<std::int64_t> low, high;
  for (std::int64_t c = 0; c < planes_.channels; ++c)
    for (std::int64_t u = 0; u < planes_.height; ++u)
      for (std::int64_t v = 0; v < planes_.width; ++v)
        (u < low_height_ && v < low_width_ ? low : high)
            .push_back(c * planes_.plane() + u * planes_.width + v);
  shuffle(rng, low);
  shuffle(rng, high);
  low.insert(low.end(), high.begin(), high.end());
  return low;
}

void shuffle(stats::Rng& rng, std::span<std::int64_t> order) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
}

}  // namespace leadline::detail::attack_basis
