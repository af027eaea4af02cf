#include "leadline/torch/mitigate/adversarial_training.hpp"

#include <ATen/ATen.h>

#include "leadline/core/error.hpp"
#include "leadline/mitigate/trades_attack.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::mitigate {

using robustness::Attack;
using robustness::Pgd;
using robustness::Threat;

AdversarialTraining::~AdversarialTraining() = default;

AdversarialTraining::AdversarialTraining(const char* who, Threat threat, std::uint64_t seed)
    : who_(who), threat_(std::move(threat)), seed_(seed) {
  robustness::check_threat(who, threat_, robustness::Knowledge::white_box);
  if (robustness::sorted_budgets(who, threat_).size() > 1)
    throw ValueError(who, "one budget to train for", std::to_string(threat_.eps.size()),
                     "train on the largest, evaluate on all");
}

std::pair<double, double> AdversarialTraining::bounds() const {
  if (threat_.bounds.empty()) return {0.0, 1.0};
  return {threat_.bounds[0], threat_.bounds[1]};
}

void AdversarialTraining::check(const Trainee& trainee, const at::Tensor& x,
                                const at::Tensor& y) const {
  const std::string where = std::string(who_) + ".loss";
  if (trainee.model == nullptr || !trainee.forward)
    throw TypeError(where, "a net", "none", "make the trainee with mitigate::trainee(net)");
  if (trainee.model->parameters().empty())
    throw ValueError(where, "a net with parameters to train",
                     "'" + trainee.model->info().name + "'",
                     "pass the module itself, not a function or a fixed model");
  if (!x.is_floating_point() || x.dim() < 2)
    throw ShapeError(where, "floating inputs [n, ...]", from_aten(x.detach()).describe(),
                     "scale images to floats in the bounds");
  if (y.dim() != 1 || y.size(0) != x.size(0) || y.is_floating_point())
    throw ShapeError(where, "integer labels [" + std::to_string(x.size(0)) + "]",
                     from_aten(y.detach()).describe(), "pass one class number a row");
}

at::Tensor AdversarialTraining::examples(const Attack& attack, const Trainee& trainee,
                                         const at::Tensor& x, const at::Tensor& y) const {
  const std::uint64_t drawn = stats::Rng(seed_, "mitigate.training", 0, calls_)();
  return attack.perturb(*trainee.model, x, y,
                        {.bounds = bounds(),
                         .seed = drawn,
                         .batch_size = x.size(0),
                         .output = OutputKind::logits,
                         .keep = robustness::Keep::last});
}

PgdTraining::PgdTraining(const PgdTrainingOptions& options)
    : AdversarialTraining("PgdTraining", options.threat, options.seed),
      attack_(std::make_shared<Pgd>(robustness::PgdOptions{
          .threat = options.threat, .steps = options.steps, .step_size = options.step_size})) {}

at::Tensor PgdTraining::loss(const Trainee& trainee, const at::Tensor& x, const at::Tensor& y) {
  check(trainee, x, y);
  const at::Tensor adversarial = examples(*attack_, trainee, x, y);
  ++calls_;
  return at::cross_entropy_loss(trainee.forward(adversarial), y);
}

TradesTraining::TradesTraining(const TradesTrainingOptions& options)
    : AdversarialTraining("TradesTraining", options.threat, options.seed),
      beta_(options.beta),
      attack_(std::make_shared<TradesAttack>(TradesAttackOptions{
          .threat = options.threat, .steps = options.steps, .step_size = options.step_size})) {
  if (!(beta_ >= 0 && std::isfinite(beta_)))
    throw ValueError(who_, "a finite beta of at least 0", std::to_string(beta_), "6 is usual");
}

at::Tensor TradesTraining::loss(const Trainee& trainee, const at::Tensor& x, const at::Tensor& y) {
  check(trainee, x, y);
  const at::Tensor adversarial = examples(*attack_, trainee, x, y);
  ++calls_;
  const at::Tensor clean = trainee.forward(x.detach());
  const at::Tensor moved = trainee.forward(adversarial);
  const at::Tensor divergence =
      at::kl_div(at::log_softmax(moved, 1), at::softmax(clean, 1), at::Reduction::Sum);
  return at::cross_entropy_loss(clean, y) + divergence * (beta_ / static_cast<double>(x.size(0)));
}

FreeTraining::FreeTraining(const FreeTrainingOptions& options)
    : AdversarialTraining("FreeTraining", options.threat, 0), replays_(options.replays) {
  using robustness::Norm;
  if (replays_ < 1)
    throw ValueError(who_, "replays of at least 1", std::to_string(replays_), "4 to 8 are usual");
  if (threat_.norm != Norm::linf && threat_.norm != Norm::l2)
    throw ValueError(who_, "the norm linf or l2", std::string(name_of(threat_.norm)),
                     "use PgdTraining");
  if (!threat_.feature_eps.empty() || !threat_.frozen.empty() ||
      threat_.goal != robustness::Goal::untargeted)
    throw ValueError(who_, "a plain untargeted threat",
                     "budgets by feature, frozen values or a goal", "use PgdTraining");
}

/// The perturbation after the backward pass of the last loss: one step of eps, back into the ball.
void FreeTraining::advance() {
  if (!active_.defined()) return;
  const at::Tensor slope = active_.grad();
  if (!slope.defined())
    throw ValueError("FreeTraining.loss", "the last loss put backwards", "no gradient",
                     "call loss.backward() and a step of the optimiser before the next loss");
  const auto rows_norm = [](const at::Tensor& t) {
    auto shape = std::vector<std::int64_t>(static_cast<std::size_t>(t.dim()), 1);
    shape[0] = t.size(0);
    return t.flatten(1).norm(2, 1).view(shape).clamp_min(1e-12);
  };
  at::Tensor next = active_.detach();
  if (threat_.norm == robustness::Norm::linf) {
    next = (next + eps() * slope.sign()).clamp(-eps(), eps());
  } else {
    next = next + eps() * slope / rows_norm(slope);
    next = next * (eps() / rows_norm(next)).clamp_max(1);
  }
  noise_.narrow(0, 0, next.size(0)).copy_(next);
  active_.reset();
}

at::Tensor FreeTraining::loss(const Trainee& trainee, const at::Tensor& x, const at::Tensor& y) {
  check(trainee, x, y);
  advance();
  const auto [low, high] = bounds();
  const std::int64_t n = x.size(0);
  const bool fits = noise_.defined() && noise_.sizes().slice(1) == x.sizes().slice(1) &&
                    noise_.options().device() == x.device() && noise_.dtype() == x.dtype();
  if (!fits)
    noise_ = at::zeros_like(x);
  else if (noise_.size(0) < n)
    noise_ = at::cat({noise_, at::zeros_like(x.slice(0, noise_.size(0)))});
  active_ = noise_.narrow(0, 0, n).clone().set_requires_grad(true);
  ++calls_;
  return at::cross_entropy_loss(trainee.forward((x.detach() + active_).clamp(low, high)), y);
}

}  // namespace leadline::mitigate
