#include "leadline/stats/moments.hpp"

#include <cmath>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline::stats {
namespace detail::moments {

__extension__ using Wide = __int128;

constexpr double unit = 0x1p60;

Wide join(std::int64_t high, std::uint64_t low) {
  return static_cast<Wide>(static_cast<unsigned __int128>(static_cast<std::uint64_t>(high)) << 64 |
                           low);
}

[[noreturn]] void refuse(double x) {
  throw ValueError("FixedSum.add", "finite values below 2^66 in size", std::to_string(x),
                   "use NeumaierSum for unbounded columns");
}

/// x in units of 2^-60, to the nearest.
Wide to_fixed(double x) {
  if (std::abs(x) < 4.0) return std::llrint(x * unit);
  if (!(std::abs(x) < 0x1p66)) refuse(x);
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);  // |x| >= 4: the 53 bits end above 2^-51
  return static_cast<Wide>(static_cast<std::int64_t>(mantissa * 0x1p53)) << (exponent + 7);
}

void check_range(Wide sum) {
  constexpr Wide limit = static_cast<Wide>(1) << 126;
  if (sum >= limit || sum <= -limit)
    throw ValueError("FixedSum", "a sum below 2^66 in size", "more",
                     "use NeumaierSum for unbounded columns");
}

}  // namespace detail::moments

void FixedSum::add(double x) { add(std::span<const double>(&x, 1)); }

void FixedSum::add(std::span<const double> column) {
  namespace d = detail::moments;
  d::Wide sum = d::join(high_, low_);
  for (const double x : column) {
    sum += d::to_fixed(x);
    d::check_range(sum);
  }
  high_ = static_cast<std::int64_t>(sum >> 64);
  low_ = static_cast<std::uint64_t>(sum);
}

void FixedSum::merge(const FixedSum& other) {
  namespace d = detail::moments;
  const d::Wide sum = d::join(high_, low_) + d::join(other.high_, other.low_);
  d::check_range(sum);
  high_ = static_cast<std::int64_t>(sum >> 64);
  low_ = static_cast<std::uint64_t>(sum);
}

double FixedSum::value() const noexcept {
  return static_cast<double>(detail::moments::join(high_, low_)) / detail::moments::unit;
}

std::array<std::int64_t, 2> FixedSum::save() const noexcept {
  return {high_, static_cast<std::int64_t>(low_)};
}

FixedSum FixedSum::load(const std::array<std::int64_t, 2>& words) noexcept {
  FixedSum sum;
  sum.high_ = words[0];
  sum.low_ = static_cast<std::uint64_t>(words[1]);
  return sum;
}

void ShapeMoments::merge(const Moments& own, const ShapeMoments& other,
                         const Moments& others) noexcept {
  if (others.n == 0) return;
  if (own.n == 0) {
    *this = other;
    return;
  }
  const auto a = static_cast<double>(own.n), b = static_cast<double>(others.n);
  const double n = a + b, delta = others.mean - own.mean, step = delta / n;
  m4 += other.m4 + delta * step * step * step * a * b * (a * a - a * b + b * b) +
        6 * step * step * (a * a * others.m2 + b * b * own.m2) + 4 * step * (a * other.m3 - b * m3);
  m3 += other.m3 + delta * step * step * a * b * (a - b) + 3 * step * (a * others.m2 - b * own.m2);
}

double ShapeMoments::skewness(const Moments& own) const noexcept {
  const auto n = static_cast<double>(own.n);
  return own.m2 > 0.0 ? std::sqrt(n) * m3 / (own.m2 * std::sqrt(own.m2)) : 0.0;
}

double ShapeMoments::excess_kurtosis(const Moments& own) const noexcept {
  return own.m2 > 0.0 ? static_cast<double>(own.n) * m4 / (own.m2 * own.m2) - 3.0 : 0.0;
}

double Moments::standard_deviation() const noexcept { return std::sqrt(variance()); }

double Moments::standard_error() const noexcept {
  return n > 1 ? std::sqrt(variance() / static_cast<double>(n)) : 0.0;
}

}  // namespace leadline::stats
