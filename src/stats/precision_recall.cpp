#include "leadline/stats/precision_recall.hpp"

#include <vector>

#include "leadline/stats/clones.hpp"
#include "leadline/stats/delong.hpp"
#include "stats/precision_recall_area.hpp"

namespace leadline::stats {
namespace detail::precision_recall {

LEADLINE_CLONES void divide(Block& here) {
  for (std::size_t i = 0; i < block; ++i) here.precision[i] = here.above[i] / here.total[i];
  for (std::size_t i = 0; i < block; ++i) here.inverse[i] = 1 / here.total[i];
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
  [[nodiscard]] double positive_square(std::size_t k) const {
    if (!levels_.weighted()) return positive(k);
    return (Reverse ? levels_.negative_square : levels_.positive_square)[at(k)];
  }
  [[nodiscard]] double negative_square(std::size_t k) const {
    if (!levels_.weighted()) return negative(k);
    return (Reverse ? levels_.positive_square : levels_.negative_square)[at(k)];
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
