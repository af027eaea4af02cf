// The attacks as coroutines, for their probes and for the checks that run them against each other.
#pragma once

#include "leadline/robustness/apgd.hpp"
#include "leadline/robustness/pgd.hpp"

namespace leadline::detail::attack_methods {

/// One full step from the clean point, for every budget from one gradient.
[[nodiscard]] robustness::AttackMethod fgsm(robustness::AttackLoss loss);

struct PgdPlan {
  int steps = 40;
  double step_share = 0;              // of eps; 0: 2.5 / steps
  std::optional<double> step_size{};  // in input units; before step_share
  int restarts = 1;
  bool random_start = true;
  robustness::AttackLoss loss = robustness::AttackLoss::cross_entropy;
  double momentum = 0;
  int eot_samples = 1;
};
[[nodiscard]] robustness::AttackMethod pgd(const PgdPlan& plan);

struct ApgdPlan {
  int steps = 100;
  int restarts = 1;
  robustness::AttackLoss loss = robustness::AttackLoss::cross_entropy;
  bool targeted = false;  // the targeted logit ratio towards row.target()
  double rho = 0.75;
  int eot_samples = 1;
  robustness::Compat compat = robustness::Compat::none;
  bool wide_first = false;               // l1: budgets of 3, 2 and 1 eps in turn
  std::vector<double>* trace = nullptr;  // tests: the size of each step
};
[[nodiscard]] robustness::AttackMethod apgd(const ApgdPlan& plan);

/// Square attack on the scores (Andriushchenko et al. 2020, arXiv:1912.00049), linf.
[[nodiscard]] robustness::AttackMethod square(int queries);

/// Ascent along a gradient estimated from pairs of scores (NES; Ilyas et al. 2018,
/// arXiv:1804.08598): that of the model smoothed by a normal of deviation `sigma_share` * eps.
struct NesPlan {
  int steps = 40;
  int pairs = 20;
  double sigma_share = 0.25;
};
[[nodiscard]] robustness::AttackMethod nes(const NesPlan& plan);

/// `draws` points drawn in the ball.
[[nodiscard]] robustness::AttackMethod noise(int draws);

/// The clean point alone.
[[nodiscard]] robustness::AttackMethod clean();

}  // namespace leadline::detail::attack_methods
