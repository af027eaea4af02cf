// A sample seen as channels of pixels, and the cosines that span its smooth changes.
#pragma once

#include <span>
#include <vector>

#include "leadline/robustness/attack_row.hpp"

namespace leadline::detail::attack_basis {

/// A picture [channels, height, width]; what is no picture is one row of its values.
struct Planes {
  std::int64_t channels = 1, height = 1, width = 1;
  explicit Planes(const robustness::Row& row);
  [[nodiscard]] std::int64_t plane() const { return height * width; }
  [[nodiscard]] bool is_line() const { return channels == 1 && height == 1; }
  [[nodiscard]] std::size_t at(std::int64_t c, std::int64_t h, std::int64_t w) const {
    return static_cast<std::size_t>((c * height + h) * width + w);
  }
};

/// The orthonormal cosine basis (DCT-II) of each plane.
class Cosines {
 public:
  /// `share` in (0, 1]: the part of the frequencies, along each side, that counts as low.
  Cosines(const Planes& planes, double share);

  [[nodiscard]] std::int64_t n_low() const { return planes_.channels * low_height_ * low_width_; }
  /// out [size] <- a normal of variance 1 along each direction of low frequency.
  void draw_low(stats::Rng& rng, std::span<double> out) const;
  /// out [size] <- the direction of frequency (u, v) of channel c: length 1.
  void direction(std::int64_t c, std::int64_t u, std::int64_t v, std::span<double> out) const;
  /// The directions as c * plane + u * width + v: those of low frequency first, else at random.
  [[nodiscard]] std::vector<std::int64_t> order(stats::Rng& rng) const;

 private:
  Planes planes_;
  std::int64_t low_height_, low_width_;
  std::vector<double> along_height_, along_width_;  // [frequency, place]
};

/// Shuffles in place.
void shuffle(stats::Rng& rng, std::span<std::int64_t> order);

}  // namespace leadline::detail::attack_basis
