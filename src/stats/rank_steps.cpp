#include "leadline/stats/rank_steps.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "stats/delong_counts.hpp"
#include "stats/operating_walk.hpp"
#include "stats/precision_recall_area.hpp"
#include "stats/ranked_walk.hpp"

namespace leadline::stats {
namespace detail::rank_steps {

constexpr std::size_t block = precision_recall::block;

/// Some levels as `precision_recall::Block` has them; loops of a fixed length but for the last.
template <class Put>
[[gnu::always_inline]] inline void put_levels(std::size_t n, const Put& put) {
  if (n == block)
    for (std::size_t i = 0; i < block; ++i) put(i);
  else
    for (std::size_t i = 0; i < n; ++i) put(i);
}
LEADLINE_CLONES void read_down(const RankSteps::Step* steps, std::size_t n,
                               precision_recall::Block& here) {
  put_levels(n, [&](std::size_t i) {
    const double positives = steps[i].positives, negatives = steps[i].negatives;
    here.above[i + 1] = positives;
    here.total[i + 1] = positives + negatives;
  });
}
/// From the last step up: what is left when each is taken away from the whole.
LEADLINE_CLONES void read_up(const RankSteps::Step* last, std::size_t n, double n_positive,
                             double n_negative, precision_recall::Block& here) {
  const RankSteps::Step* steps = last + 1 - n;
  std::array<double, block> positives, negatives;
  put_levels(n, [&](std::size_t i) {
    positives[i] = steps[i].positives;
    negatives[i] = steps[i].negatives;
  });
  const auto put = [&](std::size_t i, std::size_t from) {
    const double left = n_negative - negatives[from];
    here.above[i + 1] = left;
    here.total[i + 1] = left + (n_positive - positives[from]);
  };
  if (n == block)
    for (std::size_t i = 0; i < block; ++i) put(i, block - 1 - i);
  else
    for (std::size_t i = 0; i < n; ++i) put(i, n - 1 - i);
}

/// The steps as `precision_recall::area` reads levels, from the positives' side or the negatives'.
template <bool Reverse>
struct Source {
  static constexpr bool counts = true;
  const std::vector<RankSteps::Step>& steps;
  double n_positive, n_negative;

  [[nodiscard]] std::size_t size() const { return steps.size() - 1; }
  [[nodiscard]] double positives() const { return Reverse ? n_negative : n_positive; }
  [[nodiscard]] double positives_effective() const { return positives(); }
  [[nodiscard]] double n_effective() const { return n_positive + n_negative; }
  [[nodiscard]] double above(std::size_t k) const {
    return Reverse ? n_negative - step(k).negatives : step(k).positives;
  }
  [[nodiscard]] double total(std::size_t k) const {
    const double samples = static_cast<double>(step(k).samples());
    return Reverse ? n_effective() - samples : samples;
  }
  void fill(std::size_t first, std::size_t n, precision_recall::Block& here) const {
    if constexpr (Reverse)
      read_up(&step(first), n, n_positive, n_negative, here);
    else
      read_down(&step(first), n, here);
  }

 private:
  /// Of a level; in reverse what is taken away is the step above it.
  [[nodiscard]] const RankSteps::Step& step(std::size_t k) const {
    return steps[Reverse ? size() - 1 - k : k + 1];
  }
};

}  // namespace detail::rank_steps

namespace steps_impl = detail::rank_steps;

bool RankSteps::can_hold(const Ranked& ranked) {
  return !ranked.weighted() && ranked.n() >> 32 == 0 && ranked.n_positive() > 0 &&
         ranked.n_negative() > 0;
}

RankSteps::RankSteps(const Ranked& ranked) : ranked_(ranked) {
  if (!can_hold(ranked))
    throw ValueError("RankSteps", "scores of both groups without weights",
                     std::to_string(ranked.n_positive()) + " positives and " +
                         std::to_string(ranked.n_negative()) + " negatives",
                     "pass samples of both classes; read weighted ones with levels_of");
  steps_.reserve(static_cast<std::size_t>(ranked.n()) + 1);
  steps_.emplace_back();
  detail::ranked::with_items(ranked, [&](auto items) {
    detail::ranked::reach_down<Step>(items, [&](std::span<const Step> block) {
      steps_.insert(steps_.end(), block.begin(), block.end());
    });
  });
}

double RankSteps::threshold(std::size_t step) const {
  if (step == 0) return std::numeric_limits<double>::infinity();
  const auto least = static_cast<std::size_t>(ranked_.n()) - steps_[step].positives -
                     steps_[step].negatives;  // items ascend
  return detail::ranked::with_items(ranked_,
                                    [&](auto items) { return ranked_.score(items[least].bits); });
}

Auroc RankSteps::auroc(double level) const {
  const auto found =
      detail::delong::counted([&](auto&& visit) { visit(std::span(steps_).subspan(1)); },
                              static_cast<std::uint64_t>(ranked_.n_positive()),
                              static_cast<std::uint64_t>(ranked_.n_negative()));
  return auroc_from(found.value, found.variance, std::min(positives(), negatives()), level);
}

RankValue RankSteps::aupr_of_positives(double level) const {
  const steps_impl::Source<false> source{steps_, positives(), negatives()};
  return detail::precision_recall::area(source, true, level);
}
RankValue RankSteps::aupr_of_negatives(double level) const {
  const steps_impl::Source<true> source{steps_, positives(), negatives()};
  return detail::precision_recall::area(source, true, level);
}
RankValue RankSteps::average_precision(double level) const {
  const steps_impl::Source<false> source{steps_, positives(), negatives()};
  return detail::precision_recall::area(source, false, level);
}

RankValue RankSteps::fpr_at_tpr(double wanted, double level) const {
  if (!(wanted > 0 && wanted <= 1))
    throw ValueError("fpr_at_tpr", "a share in (0, 1]", std::to_string(wanted),
                     "pass a share, not percent");
  const auto reached = [&](double weight) {
    return std::partition_point(steps_.begin() + 1, steps_.end(),
                                [&](const Step& s) { return s.positives < weight; });
  };
  const auto first = std::partition_point(steps_.begin() + 1, steps_.end(), [&](const Step& s) {
    return !detail::operating_point::reaches(s.positives, wanted, positives());
  });
  RankValue out;
  out.value = first->negatives / negatives();
  out.threshold = threshold(static_cast<std::size_t>(first - steps_.begin()));
  // as `operating_point::Reader` on levels: linear inside a level
  const auto above = [&](double at) {
    const auto here = reached(at);
    if (here == steps_.end()) return negatives();
    const double seen = (here - 1)->positives, passed = (here - 1)->negatives;
    const double size = here->positives - seen;
    const double part = size > 0 ? std::clamp((at - seen) / size, 0.0, 1.0) : 0.0;
    double gap = 0;
    if (part == 1) {
      const auto next = std::partition_point(
          here, steps_.end(), [&](const Step& s) { return s.positives == here->positives; });
      gap = (next - 1)->negatives - here->negatives;
    }
    return passed + (here->negatives - passed) * part + gap / 2;
  };
  detail::operating_point::set_interval(out, above, positives(), negatives(), wanted, level);
  return out;
}

/// Steps evenly along |dx| + |dy|, which is 2 over the whole curve.
std::vector<std::size_t> RankSteps::spread(std::size_t max_points) const {
  const std::size_t n = steps_.size();
  std::vector<std::size_t> kept{0};
  if (n <= max_points || max_points < 2) {
    for (std::size_t k = 1; k < n; ++k) kept.push_back(k);
    return kept;
  }
  while (kept.size() + 1 < max_points) {
    const double length =
        2 * static_cast<double>(kept.size()) / static_cast<double>(max_points - 1);
    const auto from = steps_.begin() + static_cast<std::ptrdiff_t>(kept.back()) + 1;
    const auto found = std::partition_point(from, steps_.end() - 1, [&](const Step& s) {
      return s.negatives / negatives() + s.positives / positives() < length;
    });
    if (found == steps_.end() - 1) break;
    kept.push_back(static_cast<std::size_t>(found - steps_.begin()));
  }
  kept.push_back(n - 1);
  return kept;
}

/// The curve at a given share of negatives: the greatest (or least) of a vertical step, and between
/// two points the bound that holds for any order inside a tie.
double RankSteps::tpr_at(double x, bool greatest) const {
  if (x < 0) return 0;
  if (x > 1) return 1;
  const auto before = std::partition_point(
      steps_.begin(), steps_.end(), [&](const Step& s) { return s.negatives / negatives() < x; });
  const auto after = std::partition_point(
      before, steps_.end(), [&](const Step& s) { return s.negatives / negatives() <= x; });
  auto k = static_cast<std::size_t>(after - steps_.begin());
  if (after != before)
    return tpr(greatest ? k - 1 : static_cast<std::size_t>(before - steps_.begin()));
  return greatest ? tpr(std::min(k, steps_.size() - 1)) : tpr(k == 0 ? 0 : k - 1);
}

RankCurve RankSteps::roc_curve(CurveBand band, double level, std::size_t max_points) const {
  if (band == CurveBand::pointwise)
    return thin(stats::roc_curve(levels_of(ranked_), band, level), max_points);
  RankCurve out;
  for (const std::size_t k : spread(max_points)) {
    out.x.push_back(fpr(k));
    out.y.push_back(tpr(k));
    out.threshold.push_back(threshold(k));
  }
  if (band == CurveBand::none) return out;
  const double up = detail::rank_curves::dkw(positives(), level);
  const double along = detail::rank_curves::dkw(negatives(), level);
  for (const double x : out.x) {
    out.upper.push_back(std::min(1.0, tpr_at(x + along, true) + up));
    out.lower.push_back(std::max(0.0, tpr_at(x - along, false) - up));
  }
  return out;
}

}  // namespace leadline::stats
