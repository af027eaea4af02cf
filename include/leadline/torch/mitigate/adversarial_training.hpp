/// Adversarial training: a loss in the user's own loop, with the user's optimiser.
///
///     auto net = torch::nn::Sequential(...);
///     mitigate::PgdTraining hardening{{.threat = {.eps = 8.0 / 255}, .steps = 10}};
///     const mitigate::Trainee trainee = mitigate::trainee(net);
///     for (const auto& [x, y] : batches) {
///       for (int r = 0; r < hardening.replays(); ++r) {  // 1, but for FreeTraining
///         optimizer.zero_grad();
///         hardening.loss(trainee, x, y).backward();
///         optimizer.step();
///       }
///     }
///
/// The adversarial examples are those of the attack engine, so any norm, per-feature budgets and
/// frozen values work; its rows pass through the host in double precision. The net is attacked in
/// evaluation mode and left as found: mode, buffers, `.grad` and torch's random state; no parameter
/// gradient is computed. `forward` then runs as the loop has set it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "leadline/core/estimate.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/robustness/threat.hpp"
#include "leadline/torch/models/backends.hpp"

namespace leadline::robustness {
class Attack;
}

namespace leadline::mitigate {

/// A net in training: as the loop calls it, and as attacks see it.
struct Trainee {
  std::shared_ptr<models::TorchModel> model;
  std::function<at::Tensor(const at::Tensor&)> forward;  // logits [n, k], with a graph
};
template <class M>
[[nodiscard]] Trainee trainee(const ::torch::nn::ModuleHolder<M>& net) {
  return {models::from_module(net, {.name = "net", .output = OutputKind::logits}),
          [module = net.ptr()](const at::Tensor& x) { return module->forward(x); }};
}

/// What all four have in common.
class LEADLINE_API AdversarialTraining {
 public:
  virtual ~AdversarialTraining();
  /// The loss of a minibatch, a scalar with its graph. `x` [n, ...] floats inside the bounds, `y`
  /// [n] classes. Random starts are drawn from (seed, number of the call, row).
  /// Throws ValueError for a net without parameters or values outside the bounds, CapabilityError
  /// for a net without gradients, ShapeError.
  [[nodiscard]] virtual at::Tensor loss(const Trainee& trainee, const at::Tensor& x,
                                        const at::Tensor& y) = 0;
  /// How often the loop asks for the loss of one minibatch, with a step of the optimiser each time.
  [[nodiscard]] virtual int replays() const { return 1; }
  /// Calls of `loss` so far; set it to go on where an earlier run stopped.
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  void set_calls(std::uint64_t calls) { calls_ = calls; }
  [[nodiscard]] const robustness::Threat& threat() const { return threat_; }

 protected:
  /// Throws ValueError (naming `who`) for several budgets, or one that is not above 0.
  AdversarialTraining(const char* who, robustness::Threat threat, std::uint64_t seed);
  void check(const Trainee& trainee, const at::Tensor& x, const at::Tensor& y) const;
  /// Where `attack` ends on this minibatch.
  [[nodiscard]] at::Tensor examples(const robustness::Attack& attack, const Trainee& trainee,
                                    const at::Tensor& x, const at::Tensor& y) const;
  /// (low, high) of the threat, else [0, 1].
  [[nodiscard]] std::pair<double, double> bounds() const;
  [[nodiscard]] double eps() const { return threat_.eps.front(); }

  const char* who_;
  robustness::Threat threat_;
  std::uint64_t seed_;
  std::uint64_t calls_ = 0;
};

struct PgdTrainingOptions {
  robustness::Threat threat{};
  int steps = 10;
  std::optional<double> step_size{};  // none: 2.5 * eps / steps
  std::uint64_t seed = 0;
};
/// Cross-entropy at the end point of projected gradient descent (Madry et al. 2018,
/// arXiv:1706.06083).
class LEADLINE_API PgdTraining : public AdversarialTraining {
 public:
  explicit PgdTraining(const PgdTrainingOptions& options = {});
  [[nodiscard]] at::Tensor loss(const Trainee& trainee, const at::Tensor& x,
                                const at::Tensor& y) override;

 private:
  std::shared_ptr<const robustness::Attack> attack_;
};

struct TradesTrainingOptions {
  robustness::Threat threat{};
  int steps = 10;
  std::optional<double> step_size{};  // none: 2.5 * eps / steps
  double beta = 6;
  std::uint64_t seed = 0;
};
/// Cross-entropy on clean inputs + beta * mean KL(p(x) || p(x')), x' of `TradesAttack` (Zhang et
/// al. 2019, arXiv:1901.08573, eq. 5 with 1/lambda = beta). Larger beta: more robust, less
/// accurate.
class LEADLINE_API TradesTraining : public AdversarialTraining {
 public:
  explicit TradesTraining(const TradesTrainingOptions& options = {});
  [[nodiscard]] at::Tensor loss(const Trainee& trainee, const at::Tensor& x,
                                const at::Tensor& y) override;

 private:
  double beta_;
  std::shared_ptr<const robustness::Attack> attack_;
};

struct FreeTrainingOptions {
  robustness::Threat threat{};
  int replays = 4;
};
/// Each minibatch is trained on `replays` times; one backward pass gives the gradient of the
/// weights and of the perturbation, which carries over to the next minibatch (Shafahi et al. 2019,
/// arXiv:1904.12843). Norms linf and l2. Nothing is drawn at random.
class LEADLINE_API FreeTraining : public AdversarialTraining {
 public:
  explicit FreeTraining(const FreeTrainingOptions& options = {});
  /// Throws ValueError when the last loss was not put backwards.
  [[nodiscard]] at::Tensor loss(const Trainee& trainee, const at::Tensor& x,
                                const at::Tensor& y) override;
  [[nodiscard]] int replays() const override { return replays_; }

 private:
  void advance();

  int replays_;
  at::Tensor noise_;   // [most rows seen, ...]
  at::Tensor active_;  // the leaf of the last loss
};

/// What `FastTraining::watch` saw.
struct OverfittingWatch {
  Estimate single_step_accuracy, pgd_accuracy;  // share of the held-out rows left standing
  bool collapsed = false;
  /// `catastrophic_overfitting`; fails when collapsed.
  Check check{};
};

struct FastTrainingOptions {
  robustness::Threat threat{};
  double step_share = 1.25;  // of eps
  int watch_steps = 10;
  std::uint64_t seed = 0;
};
/// One sign step of 1.25 eps from a random start (Wong, Rice and Kolter 2020, arXiv:2001.03994): a
/// step costs twice that of plain training. It can collapse: the net learns to withstand the single
/// step and nothing else ("catastrophic overfitting"). `watch` sees that.
class LEADLINE_API FastTraining : public AdversarialTraining {
 public:
  explicit FastTraining(const FastTrainingOptions& options = {});
  ~FastTraining() override;
  [[nodiscard]] at::Tensor loss(const Trainee& trainee, const at::Tensor& x,
                                const at::Tensor& y) override;
  /// Attacks held-out rows, always the same ones, with the single step and with PGD. Collapsed: of
  /// the rows that withstood PGD at the best watch so far, more are lost than won (exact one-sided
  /// McNemar, p below 0.01 over all watches together, and by a tenth of the rows at least), while
  /// the single step gained nothing like it.
  [[nodiscard]] OverfittingWatch watch(const Trainee& trainee, const at::Tensor& x,
                                       const at::Tensor& y);

 private:
  struct Watched;

  std::shared_ptr<const robustness::Attack> attack_, strong_;
  std::unique_ptr<Watched> best_;
  std::int64_t watches_ = 0;
};

}  // namespace leadline::mitigate
