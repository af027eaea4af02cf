#include <bit>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::stats {
namespace detail::permutation {

void check_index(const char* where, std::int64_t i, std::int64_t n) {
  if (i < 0 || i >= n)
    throw ValueError(where, "an index in [0, " + std::to_string(n) + ")", std::to_string(i),
                     "permute positions, not sample ids");
}

}  // namespace detail::permutation

Permutation::Permutation(std::int64_t n, std::uint64_t seed, std::string_view stream,
                         std::uint64_t extra)
    : n_(n), key_(mix64(mix64(mix64(seed, hash64(stream)), extra), hash64("permutation"))) {
  if (n < 0 || n >= std::int64_t{1} << 62)
    throw ValueError("Permutation", "0 <= n < 2^62", std::to_string(n), "pass a number of rows");
  const int bits = n <= 4 ? 2 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n - 1)));
  rounds_ = bits <= 10 ? 48 : 12;  // few bits a round mix slowly: 12 leave a bias at n = 5
  right_bits_ = (bits + 1) / 2;
  right_mask_ = (std::uint64_t{1} << right_bits_) - 1;
  left_mask_ = (std::uint64_t{1} << (bits - right_bits_)) - 1;
}

std::uint64_t Permutation::round(std::uint64_t half, int number) const noexcept {
  return mix64(key_ + (static_cast<std::uint64_t>(number) << 56 ^ half));
}

std::uint64_t Permutation::encrypt(std::uint64_t x) const noexcept {
  std::uint64_t left = x >> right_bits_;
  std::uint64_t right = x & right_mask_;
  for (int r = 0; r < rounds_; r += 2) {
    left ^= round(right, r) & left_mask_;
    right ^= round(left, r + 1) & right_mask_;
  }
  return left << right_bits_ | right;
}

std::uint64_t Permutation::decrypt(std::uint64_t x) const noexcept {
  std::uint64_t left = x >> right_bits_;
  std::uint64_t right = x & right_mask_;
  for (int r = rounds_; r > 0; r -= 2) {
    right ^= round(left, r - 1) & right_mask_;
    left ^= round(right, r - 2) & left_mask_;
  }
  return left << right_bits_ | right;
}

std::int64_t Permutation::forward(std::int64_t i) const {
  detail::permutation::check_index("Permutation.forward", i, n_);
  auto x = static_cast<std::uint64_t>(i);
  do x = encrypt(x);
  while (x >= static_cast<std::uint64_t>(n_));
  return static_cast<std::int64_t>(x);
}

std::int64_t Permutation::inverse(std::int64_t i) const {
  detail::permutation::check_index("Permutation.inverse", i, n_);
  auto x = static_cast<std::uint64_t>(i);
  do x = decrypt(x);
  while (x >= static_cast<std::uint64_t>(n_));
  return static_cast<std::int64_t>(x);
}

}  // namespace leadline::stats
