#include "leadline/robustness/attack_loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace leadline::detail::attack_loss {

using namespace robustness;
using Scores = std::span<const double>;
using Slopes = std::span<double>;

constexpr double dlr_floor = 1e-12;

/// Index of the largest score for which `holds`, first of ties; -1: none.
template <class Holds>
std::int64_t best(Scores z, Holds holds) {
  std::int64_t at = -1;
  for (std::int64_t i = 0; i < std::ssize(z); ++i)
    if (holds(i) && (at < 0 || z[static_cast<std::size_t>(i)] > z[static_cast<std::size_t>(at)]))
      at = i;
  return at;
}

double at(Scores z, std::int64_t i) { return z[static_cast<std::size_t>(i)]; }
void add(Slopes dz, std::int64_t i, double v) { dz[static_cast<std::size_t>(i)] += v; }

double softplus(double t) { return t > 0 ? t + std::log1p(std::exp(-t)) : std::log1p(std::exp(t)); }

/// log-sum-exp over the classes that count, and their softmax in `share`.
template <class Counts>
double log_sum(Scores z, Counts counts, std::vector<double>& share) {
  const double most = at(z, best(z, counts));
  share.assign(z.size(), 0.0);
  double sum = 0;
  for (std::int64_t i = 0; i < std::ssize(z); ++i)
    if (counts(i)) sum += share[static_cast<std::size_t>(i)] = std::exp(at(z, i) - most);
  for (double& s : share) s /= sum;
  return most + std::log(sum);
}

/// Climbs log P(good) - log P(not good), the log odds of the goal.
template <class Good>
double log_odds(Scores z, Slopes dz, Good good, bool untargeted) {
  std::vector<double> up, down;
  const double high = log_sum(z, good, up);
  const double low = log_sum(
      z, [&](std::int64_t i) { return !good(i); }, down);
  std::fill(dz.begin(), dz.end(), 0.0);
  for (std::size_t i = 0; i < z.size(); ++i) dz[i] = up[i] - down[i];
  // -log p(label) untargeted, log p(target) targeted: both rise with the odds.
  return untargeted ? softplus(high - low) : -softplus(low - high);
}

template <class Good>
double margin(Scores z, Slopes dz, Good good) {
  const std::int64_t up = best(z, good);
  const std::int64_t down = best(z, [&](std::int64_t i) { return !good(i); });
  std::fill(dz.begin(), dz.end(), 0.0);
  add(dz, up, 1);
  add(dz, down, -1);
  return at(z, up) - at(z, down);
}

/// Positions of the four largest scores.
std::array<std::int64_t, 4> leaders(Scores z) {
  std::array<std::int64_t, 4> top{};
  std::array<bool, 4> filled{};
  for (std::size_t k = 0; k < 4 && k < z.size(); ++k) {
    top[k] = best(z, [&](std::int64_t i) {
      for (std::size_t j = 0; j < k; ++j)
        if (filled[j] && top[j] == i) return false;
      return true;
    });
    filled[k] = true;
  }
  return top;
}

/// numerator (z_a - z_b) over spread, both differentiated.
double ratio(Scores z, Slopes dz, std::int64_t a, std::int64_t b,
             std::initializer_list<std::pair<std::int64_t, double>> spread) {
  const double top = at(z, a) - at(z, b);
  double width = dlr_floor;
  for (const auto& [i, weight] : spread) width += weight * at(z, i);
  std::fill(dz.begin(), dz.end(), 0.0);
  add(dz, a, 1 / width);
  add(dz, b, -1 / width);
  for (const auto& [i, weight] : spread) add(dz, i, -top / (width * width) * weight);
  return top / width;
}

double dlr(Scores z, Slopes dz, std::int64_t label) {
  const auto top = leaders(z);
  const std::int64_t other = top[0] == label ? top[1] : top[0];
  return ratio(z, dz, other, label, {{top[0], 1.0}, {top[2], -1.0}});
}

double dlr_targeted(Scores z, Slopes dz, std::int64_t label, std::int64_t target) {
  const auto top = leaders(z);
  return ratio(z, dz, target, label, {{top[0], 1.0}, {top[2], -0.5}, {top[3], -0.5}});
}

}  // namespace leadline::detail::attack_loss

namespace leadline::robustness {

using namespace leadline::detail::attack_loss;

Objective objective_of(const Row& row, AttackLoss loss) {
  const bool targeted = row.targeted(), untargeted = row.goal() == Goal::untargeted;
  const auto good = [&row](std::int64_t c) { return row.reached({c, {}}); };
  if (loss == AttackLoss::cross_entropy)
    return [good, untargeted](Scores z, Slopes dz) { return log_odds(z, dz, good, untargeted); };
  if (loss == AttackLoss::margin)
    return [good](Scores z, Slopes dz) { return margin(z, dz, good); };
  const std::int64_t label = row.label(), target = row.target();
  return [=, goal = row.goal()](Scores z, Slopes dz) {
    if (uses_fallback(AttackLoss::dlr, goal, std::ssize(z))) return margin(z, dz, good);
    return targeted ? dlr_targeted(z, dz, label, target) : dlr(z, dz, label);
  };
}

Objective targeted_dlr(std::int64_t label, std::int64_t target) {
  return [=](Scores z, Slopes dz) {
    if (std::ssize(z) < 4) {
      std::fill(dz.begin(), dz.end(), 0.0);
      add(dz, target, 1);
      add(dz, label, -1);
      return at(z, target) - at(z, label);
    }
    return dlr_targeted(z, dz, label, target);
  };
}

Objective score_difference(std::int64_t a, std::int64_t b) {
  return [=](Scores z, Slopes dz) {
    std::fill(dz.begin(), dz.end(), 0.0);
    add(dz, a, 1);
    add(dz, b, -1);
    return at(z, a) - at(z, b);
  };
}

}  // namespace leadline::robustness
