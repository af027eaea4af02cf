/// What FGSM and PGD share: a probe that attacks every sample the model reads correctly.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/probe.hpp"
#include "leadline/torch/robustness/attack_loop.hpp"

namespace leadline::robustness {

struct PerturbOptions {
  /// Least and greatest value an input may take, in its own units.
  std::pair<double, double> bounds{0, 1};
  std::uint64_t seed = 0;
  std::int64_t batch_size = 0;  // 0: all rows at once, at most 256
  /// unknown: as the model says; logits when it does not know.
  OutputKind output = OutputKind::unknown;
  /// Targeted attacks: class [n] to drive each row to; undefined: by `Threat::target`.
  at::Tensor targets{};
};

struct Perturbed {
  at::Tensor x;                       // as the input: shape, dtype, device
  std::vector<AttackResult> results;  // one a row, in order
};

/// A white-box attack on the inputs, as a probe and as a function.
///
/// Only rows read correctly are attacked; a wrong one counts as not robust. A row is fooled when
/// any iterate is (another class than the label; the target class when targeted; an output that is
/// not finite). Budgets run from small to large: a row fooled by one is fooled by all larger ones.
///
/// Estimates: clean_accuracy, accuracy{norm,eps} and attack_success{norm,eps} a budget (Wilson),
/// steps_to_fool, saturated. Columns: `<id>.fooled_at` (0 where the clean input is misread, inf
/// where no budget sufficed).
/// Checks: docs/rooms/robustness.md.
class LEADLINE_API GradientAttack : public Probe {
 public:
  struct Recipe {
    std::string name;  // catalog name
    Threat threat{};
    AttackPlan plan;  // bounds, output and batch size are set by the run
    std::int64_t max_samples = 0;
    std::int64_t check_samples = 128;  // 0: no checks
  };

  ~GradientAttack() override;
  [[nodiscard]] const Recipe& recipe() const { return recipe_; }
  [[nodiscard]] ProbeInfo info() const override;
  /// Throws CapabilityError when the data set declares no bounds or the model no gradients.
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

  /// Adversarial versions of `x` [n, ...] with labels `y` [n]: the first iterate that fools the
  /// model at the smallest budget that does, else the iterate of highest loss at the largest
  /// one. Rows do not depend on each other, nor on the batch size. Throws ShapeError, ValueError
  /// (inputs outside the bounds, labels out of range), CapabilityError.
  ///
  ///     at::Tensor adversarial = Pgd({.steps = 20}).perturb(*model, x, y, {.bounds = {0, 1}});
  [[nodiscard]] at::Tensor perturb(models::TorchModel& model, const at::Tensor& x,
                                   const at::Tensor& y, const PerturbOptions& options = {}) const;
  /// The same with what happened to each row.
  [[nodiscard]] Perturbed attack(models::TorchModel& model, const at::Tensor& x,
                                 const at::Tensor& y, const PerturbOptions& options = {}) const;

 protected:
  explicit GradientAttack(Recipe recipe);

 private:
  Recipe recipe_;
};

}  // namespace leadline::robustness
