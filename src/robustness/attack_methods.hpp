// The attacks as coroutines, for their probes and for the checks that run them against each other.
#pragma once

#include "leadline/robustness/apgd.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/robustness/transfer.hpp"

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

// Minimum-norm attacks: one run answers every budget. `to_budget` ends it at the first point within
// the smallest one (stages of an ensemble); `polish` rounds of local search end it (0: none).

/// Fast adaptive boundary (Croce and Hein 2020, arXiv:1907.02044).
struct FabPlan {
  bool targeted = false;  // towards row.target(); else the nearest of all classes at each step
  int steps = 100;
  int restarts = 1;
  double alpha_max = 0.1, eta = 1.05, beta = 0.9;
  int polish = 3;
  bool to_budget = true;
};
[[nodiscard]] robustness::AttackMethod fab(const FabPlan& plan);

/// DeepFool (Moosavi-Dezfooli et al. 2016, arXiv:1511.04599); `candidates` likeliest classes.
struct DeepFoolPlan {
  int steps = 50;
  double overshoot = 0.02;
  std::int64_t candidates = 10;
  bool to_budget = true;
};
[[nodiscard]] robustness::AttackMethod deep_fool(const DeepFoolPlan& plan);

/// Carlini and Wagner 2017 (arXiv:1608.04644), l2 and linf.
struct CarliniWagnerPlan {
  int steps = 1000;
  int searches = 9;
  std::optional<double> step_size{};      // none: 0.01 (l2), 0.005 (linf)
  std::optional<double> initial_const{};  // none: by the slope at the clean point
  bool abort_early = true;
  int polish = 3;
  bool to_budget = true;
};
[[nodiscard]] robustness::AttackMethod carlini_wagner(const CarliniWagnerPlan& plan);

/// Decoupled direction and norm (Rony et al. 2019, arXiv:1811.09600), l2.
struct DdnPlan {
  int steps = 100;
  std::optional<double> init_norm{};  // none: by the slope at the clean point
  double gamma = 0.05;
  int polish = 3;
  bool to_budget = true;
};
[[nodiscard]] robustness::AttackMethod ddn(const DdnPlan& plan);

/// Fast minimum norm (Pintor et al. 2021, arXiv:2102.12827), all norms.
struct FmnPlan {
  int steps = 100;
  std::optional<double> step_size{};  // none: by the slope at the clean point
  double gamma = 0.05;
  int polish = 3;
  bool to_budget = true;
};
[[nodiscard]] robustness::AttackMethod fmn(const FmnPlan& plan);

/// Elastic net (Chen et al. 2018, arXiv:1709.04114), l1.
struct EadPlan {
  int steps = 1000;
  int searches = 9;
  double step_size = 0.01;
  double beta = 1e-3;
  std::optional<double> initial_const{};  // none: by the slope at the clean point
  bool abort_early = true;
  int polish = 3;
  bool to_budget = true;
};
[[nodiscard]] robustness::AttackMethod ead(const EadPlan& plan);

/// Random search over a patch, on the scores, norm patch.
[[nodiscard]] robustness::AttackMethod patch_search(int queries);

/// Examples of `surrogate` (float32 in, gradients), tried on the model.
[[nodiscard]] robustness::AttackMethod transfer(const robustness::TransferOptions& options,
                                                std::shared_ptr<Model> surrogate);

/// Brendel and Bethge (Brendel et al. 2019, arXiv:1907.01003), all norms.
struct BrendelBethgePlan {
  int steps = 200;
  int start_tries = 100;
  double trust = 0.1;
  int polish = 3;
};
[[nodiscard]] robustness::AttackMethod brendel_bethge(const BrendelBethgePlan& plan);

/// `draws` points drawn in the ball.
[[nodiscard]] robustness::AttackMethod noise(int draws);

/// The clean point alone.
[[nodiscard]] robustness::AttackMethod clean();

}  // namespace leadline::detail::attack_methods
