/// The inner maximisation of TRADES (Zhang et al. 2019, arXiv:1901.08573): the point of the ball at
/// which the model's answer differs most from its own answer at the clean input.
#pragma once

#include <optional>

#include "leadline/robustness/attack.hpp"

namespace leadline::mitigate {

struct TradesAttackOptions {
  robustness::Threat threat{};
  int steps = 10;
  std::optional<double> step_size{};  // none: 2.5 * eps / steps
};

/// Climbs KL(p(x) || p(x')) over x' from x + 0.001 N(0, I), clipped to the bounds. The label only
/// says which row reached its goal; with `Keep::last` it is not used.
///
///     at::Tensor x_adv = TradesAttack({.threat = {.eps = 0.1}})
///                            .perturb(*model, x, y, {.keep = robustness::Keep::last});
class LEADLINE_API TradesAttack : public robustness::Attack {
 public:
  /// Throws ValueError on options out of range, a goal other than untargeted.
  explicit TradesAttack(const TradesAttackOptions& options = {});
};

}  // namespace leadline::mitigate
