#include "leadline/stats/precision_recall.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "leadline/stats/clones.hpp"
#include "leadline/stats/delong.hpp"
#include "stats/precision_recall_area.hpp"

namespace leadline::stats {
namespace detail::precision_recall {

// Loops of a fixed length, divisions and sums that need not wait for each other.
constexpr std::size_t lanes = 8;
using Sums = std::array<double, lanes>;

double total_of(const Sums& sums) {
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/// Before the first level there is nothing, and precision is 1.
[[gnu::always_inline]] inline void set_first(Block& here) {
  here.precision[0] = here.total[0] > 0 ? here.above[0] / here.total[0] : 1;
}
LEADLINE_CLONES void divide(Block& here) {
  for (std::size_t i = 1; i <= block; ++i) here.precision[i] = here.above[i] / here.total[i];
  set_first(here);
}
LEADLINE_CLONES void invert(Block& here) {
  for (std::size_t i = 1; i <= block; ++i) here.inverse[i] = 1 / here.total[i];
  for (std::size_t i = 1; i <= block; ++i) here.precision[i] = here.above[i] * here.inverse[i];
  set_first(here);
}

template <bool Trapezoid>
[[gnu::always_inline]] inline double height(const Block& here, std::size_t i) {
  return Trapezoid ? (here.precision[i + 1] + here.precision[i]) / 2 : here.precision[i + 1];
}

template <bool Trapezoid>
[[gnu::always_inline]] inline void add_area(const Block& here, Sums& sums) {
  for (std::size_t i = 0; i < block; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k)
      sums[k] += (here.above[i + k + 1] - here.above[i + k]) * height<Trapezoid>(here, i + k);
}
LEADLINE_CLONES double area_of(const Block& here, bool trapezoid) {
  Sums sums{};
  trapezoid ? add_area<true>(here, sums) : add_area<false>(here, sums);
  return total_of(sums);
}

LEADLINE_CLONES void square_counts(Block& here) {
  for (std::size_t i = 0; i < block; ++i) {
    const double p = here.above[i + 1] - here.above[i];
    here.positive_square[i] = p;
    here.negative_square[i] = here.total[i + 1] - here.total[i] - p;
  }
}

using Terms = std::array<double, block>;

/// Each term becomes the sum of itself and all after it; four parts of both, side by side.
[[gnu::always_inline]] inline void sum_up(Terms& a, Terms& b, Later& later) {
  constexpr std::size_t parts = 4, size = block / parts;
  std::array<double, parts> of_a{}, of_b{};
  for (std::size_t j = size; j-- > 0;)
    for (std::size_t s = 0; s < parts; ++s) {
      a[s * size + j] = of_a[s] += a[s * size + j];
      b[s * size + j] = of_b[s] += b[s * size + j];
    }
  for (std::size_t s = parts; s-- > 0;) {
    for (std::size_t j = 0; j < size; ++j) a[s * size + j] += later.positive;
    for (std::size_t j = 0; j < size; ++j) b[s * size + j] += later.negative;
    later.positive += of_a[s];
    later.negative += of_b[s];
  }
}

template <bool Trapezoid>
[[gnu::always_inline]] inline void climb(const Block& here, double value, Later& later) {
  Terms of_positive, of_negative;
  std::array<double, block + 1> width;
  for (std::size_t i = 0; i < block; ++i) width[i] = here.above[i + 1] - here.above[i];
  width[block] = later.width;
  for (std::size_t i = 0; i < block; ++i) {
    const double wide = Trapezoid ? (width[i] + width[i + 1]) / 2 : width[i];
    const double share = wide * here.inverse[i + 1];
    of_positive[i] = share * (1 - here.precision[i + 1]);
    of_negative[i] = share * here.precision[i + 1];
  }
  sum_up(of_positive, of_negative, later);
  Sums spread{};
  for (std::size_t i = 0; i < block; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) {
      const std::size_t at = i + k;
      const double positive = height<Trapezoid>(here, at) + of_positive[at] - value;
      spread[k] += here.positive_square[at] * positive * positive +
                   here.negative_square[at] * of_negative[at] * of_negative[at];
    }
  later.spread += total_of(spread);
  later.width = width[0];
}
LEADLINE_CLONES void go_up(const Block& here, bool trapezoid, double value, Later& later) {
  trapezoid ? climb<true>(here, value, later) : climb<false>(here, value, later);
}

/// Levels as `area` reads them; `Reverse`: from the least score up, with the groups exchanged.
template <bool Reverse>
class LevelSource {
 public:
  static constexpr bool counts = false;
  explicit LevelSource(const Levels& of) : levels_(of), above_(of.size()), total_(of.size()) {
    double a = 0, t = 0;
    for (std::size_t k = 0; k < size(); ++k) {
      a += positive(k);
      t += positive(k) + negative(k);
      above_[k] = a;
      total_[k] = t;
    }
  }

  [[nodiscard]] std::size_t size() const { return levels_.size(); }
  [[nodiscard]] double positives() const { return Reverse ? levels_.negatives : levels_.positives; }
  [[nodiscard]] double positives_effective() const {
    return Reverse ? levels_.negatives_effective : levels_.positives_effective;
  }
  [[nodiscard]] double n_effective() const {
    return levels_.positives_effective + levels_.negatives_effective;
  }
  [[nodiscard]] double above(std::size_t k) const { return above_[k]; }
  [[nodiscard]] double total(std::size_t k) const { return total_[k]; }
  void fill(std::size_t first, std::size_t n, Block& here) const {
    std::copy_n(above_.data() + first, n, here.above.data() + 1);
    std::copy_n(total_.data() + first, n, here.total.data() + 1);
  }
  void squares(std::size_t first, std::size_t n, Block& here) const {
    here.positive_square.fill(0);
    here.negative_square.fill(0);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t k = first + i;
      here.positive_square[i] = !levels_.weighted() ? positive(k)
                                                    : (Reverse ? levels_.negative_square
                                                               : levels_.positive_square)[at(k)];
      here.negative_square[i] = !levels_.weighted() ? negative(k)
                                                    : (Reverse ? levels_.positive_square
                                                               : levels_.negative_square)[at(k)];
    }
  }

 private:
  [[nodiscard]] std::size_t at(std::size_t k) const { return Reverse ? size() - 1 - k : k; }
  [[nodiscard]] double positive(std::size_t k) const {
    return (Reverse ? levels_.negative : levels_.positive)[at(k)];
  }
  [[nodiscard]] double negative(std::size_t k) const {
    return (Reverse ? levels_.positive : levels_.negative)[at(k)];
  }

  const Levels& levels_;
  std::vector<double> above_, total_;
};

}  // namespace detail::precision_recall

RankValue share_from(double value, double variance, double n_least, double level) {
  const Auroc found = auroc_from(value, variance, n_least, level);
  RankValue out;
  out.value = value;
  out.variance = variance;
  out.interval = found.interval;
  out.method = found.method == "delong, logit" ? "influence, logit" : found.method;
  return out;
}

RankValue average_precision(const Levels& levels, double level) {
  return detail::precision_recall::area(detail::precision_recall::LevelSource<false>(levels), false,
                                        level);
}

RankValue aupr_trapezoid(const Levels& levels, double level) {
  return detail::precision_recall::area(detail::precision_recall::LevelSource<false>(levels), true,
                                        level);
}

RankValue aupr_of_negatives(const Levels& levels, double level) {
  return detail::precision_recall::area(detail::precision_recall::LevelSource<true>(levels), true,
                                        level);
}

}  // namespace leadline::stats
