#include "leadline/stats/moments.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "stats/fixed_units.hpp"

namespace leadline::stats {
namespace detail::moments {

__extension__ using Wide = __int128;

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
  if (std::abs(x) < 4.0) return std::llrint(x * 0x1p60);
  if (!(std::abs(x) < 0x1p66)) refuse(x);
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);  // |x| >= 4: the 53 bits end above 2^-51
  return static_cast<Wide>(static_cast<std::int64_t>(mantissa * 0x1p53)) << (exponent + 7);
}

constexpr std::size_t block = 1024;

/// The sums of the halves of a block; false where a value is not below 4.
[[gnu::always_inline]] inline bool add_halves(const double* x, std::size_t n, double& high,
                                              double& low) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> highs{}, lows{};
  int large = 0;
  const auto add = [&](std::size_t i, std::size_t k) {
    const bool here = x[i] < 4.0 && x[i] > -4.0;
    large |= here ? 0 : 1;
    double h = 0, l = 0;
    split_units(here ? x[i] : 0.0, h, l);
    highs[k] += h;
    lows[k] += l;
  };
  const std::size_t even = n - n % lanes;
  std::size_t i = 0;
  for (; i < even; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) add(i + k, k);
  for (; i < n; ++i) add(i, i % lanes);
  high = low = 0;
  for (std::size_t k = 0; k < lanes; ++k) {  // whole numbers: exact in any order
    high += highs[k];
    low += lows[k];
  }
  return large == 0;
}
LEADLINE_CLONES bool add_full_halves(const double* x, double& high, double& low) {
  return add_halves(x, block, high, low);
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
  FixedSum total = *this;  // left as it is when something is refused
  for (; !column.empty(); column = column.subspan(std::min(column.size(), d::block))) {
    const auto part = column.first(std::min(column.size(), d::block));
    double high = 0, low = 0;
    const bool small = part.size() == d::block ? d::add_full_halves(part.data(), high, low)
                                               : d::add_halves(part.data(), part.size(), high, low);
    if (small) {
      total.merge(d::sum_of_units(high, low));
      continue;
    }
    for (const double x : part) {
      const d::Wide units = d::to_fixed(x);
      total.merge(load({static_cast<std::int64_t>(units >> 64), static_cast<std::int64_t>(units)}));
    }
  }
  *this = total;
}

void FixedSum::merge(const FixedSum& other) {
  namespace d = detail::moments;
  const d::Wide sum = d::join(high_, low_) + d::join(other.high_, other.low_);
  d::check_range(sum);
  high_ = static_cast<std::int64_t>(sum >> 64);
  low_ = static_cast<std::uint64_t>(sum);
}

double FixedSum::value() const noexcept {
  return static_cast<double>(detail::moments::join(high_, low_)) / 0x1p60;
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
