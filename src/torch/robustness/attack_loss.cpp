#include "attack_loss.hpp"

#include <algorithm>
#include <cmath>

namespace leadline::detail::attack_loss {
namespace {

using robustness::AttackLoss;

constexpr double half_float_step = -17.328679513998632;  // log(2^-25)

double softplus(double t) { return t > 0 ? t + std::log1p(std::exp(-t)) : std::log1p(std::exp(t)); }

Judged binary(double z, const robustness::AttackRow& row, const robustness::AttackPlan& plan,
              double* dz) {
  const bool logits = plan.output != OutputKind::probabilities;
  const bool one = logits ? z > 0 : z > 0.5;
  const double p = logits ? 1.0 / (1.0 + std::exp(-z)) : z;
  const std::int64_t wanted = plan.targeted ? row.target : 1 - row.label;
  const double sign = wanted == 1 ? 1.0 : -1.0;
  *dz = sign;
  const double against = row.label == 1 ? 1 - p : p;
  return {one, one ? p : 1 - p, sign * (logits ? z : z - 0.5), against < std::exp(half_float_step)};
}

/// Index of the largest score but `skip`, first of ties.
std::int64_t best_but(const double* z, std::int64_t k, std::int64_t skip) {
  std::int64_t best = skip == 0 ? 1 : 0;
  for (std::int64_t i = best + 1; i < k; ++i)
    if (i != skip && z[i] > z[best]) best = i;
  return best;
}

}  // namespace

Judged judge(const double* z, std::int64_t k, const robustness::AttackRow& row,
             const robustness::AttackPlan& plan, double* dz) {
  std::fill(dz, dz + k, 0.0);
  if (!std::all_of(z, z + k, [](double v) { return std::isfinite(v); })) return {};
  if (k == 1) return binary(*z, row, plan, dz);

  const bool logits = plan.output != OutputKind::probabilities;
  const std::int64_t label = std::max_element(z, z + k) - z;
  // The score to move and its direction: away from the label, or towards the target.
  const std::int64_t pivot = plan.targeted ? row.target : row.label;
  const double away = plan.targeted ? -1.0 : 1.0;
  const std::int64_t other = best_but(z, k, pivot);

  Judged judged{label, 0, 0, false};
  if (!logits) {
    judged.confidence = z[label];
    judged.saturated = 1 - z[row.label] < std::exp(half_float_step);
    dz[pivot] = -away;
    if (plan.loss == AttackLoss::margin) dz[other] = away;
    judged.objective =
        plan.loss == AttackLoss::margin ? away * (z[other] - z[pivot]) : -away * z[pivot];
    return judged;
  }
  // The others share a softmax of their own: gradient of the log loss over (1 - p(pivot)).
  double sum = 0;
  for (std::int64_t i = 0; i < k; ++i) {
    if (i == pivot) continue;
    dz[i] = std::exp(z[i] - z[other]);
    sum += dz[i];
  }
  const double rest = z[other] + std::log(sum);  // log-sum-exp of all but the pivot
  const double gap = rest - z[pivot];
  const double p_pivot = 1 / (1 + std::exp(gap));
  judged.confidence = label == pivot ? p_pivot : (1 - p_pivot) * dz[label] / sum;
  judged.saturated = !plan.targeted && gap < half_float_step;
  if (plan.loss == AttackLoss::margin) {
    std::fill(dz, dz + k, 0.0);
    dz[other] = away;
    judged.objective = away * (z[other] - z[pivot]);
  } else {
    for (std::int64_t i = 0; i < k; ++i) dz[i] *= away / sum;
    judged.objective = away * softplus(gap);
  }
  dz[pivot] = -away;
  return judged;
}

}  // namespace leadline::detail::attack_loss
