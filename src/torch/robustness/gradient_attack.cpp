#include "leadline/torch/robustness/gradient_attack.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "attack_run.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::gradient_attack {
namespace {

using robustness::AttackInputs;
using robustness::AttackRow;
using robustness::PerturbOptions;
using robustness::TargetRule;

/// Labels on the host, checked.
std::vector<std::int64_t> labels_of(const at::Tensor& y, std::int64_t n, const char* what) {
  if (y.dim() != 1 || y.size(0) != n || !at::isIntegralType(y.scalar_type(), false))
    throw ShapeError("perturb", std::string(what) + " as integers [" + std::to_string(n) + "]",
                     std::string(c10::toString(y.scalar_type())) + " " + c10::str(y.sizes()),
                     "pass one class number a row");
  const at::Tensor host = y.to(at::kCPU, at::kLong).contiguous();
  const auto* data = host.const_data_ptr<std::int64_t>();
  return {data, data + n};
}

at::Tensor gather(const at::Tensor& x, std::span<const SampleId> ids) {
  const at::Tensor index = at::tensor(at::ArrayRef<std::int64_t>(ids.data(), ids.size()));
  return x.index_select(0, index.to(x.device()));
}

/// Targets by the rule of the threat, from the clean scores; checks the labels on the way.
void fill_targets(models::TorchModel& model, const at::Tensor& x, std::int64_t batch,
                  TargetRule rule, std::vector<AttackRow>& rows) {
  for (std::size_t first = 0; first < rows.size(); first += static_cast<std::size_t>(batch)) {
    const auto n = std::min<std::size_t>(static_cast<std::size_t>(batch), rows.size() - first);
    std::vector<SampleId> ids;
    for (std::size_t i = 0; i < n; ++i) ids.push_back(rows[first + i].id);
    const at::Tensor in = models::input_for(model, Inputs(from_aten(gather(x, ids))));
    at::Tensor scores = model.call(in).output.detach().to(at::kCPU, at::kDouble).contiguous();
    const std::int64_t k = scores.numel() / static_cast<std::int64_t>(n);
    const auto* z = scores.const_data_ptr<double>();
    for (std::size_t i = 0; i < n; ++i)
      rows[first + i].target = attack_run::choose_target(rule, rows[first + i].label,
                                                         {z + i * k, static_cast<std::size_t>(k)});
  }
}

}  // namespace
}  // namespace leadline::detail::gradient_attack

namespace leadline::robustness {

GradientAttack::GradientAttack(Recipe recipe) : recipe_(std::move(recipe)) {}
GradientAttack::~GradientAttack() = default;

ProbeInfo GradientAttack::info() const {
  ProbeInfo info;
  info.name = recipe_.name;
  info.question = "How often can a change too small to matter to a person mislead it?";
  info.access = Access::outputs | Access::gradients;
  info.needs_random_access = true;
  info.relative_cost =
      1.0 + 5.0 * recipe_.plan.steps * recipe_.plan.restarts * std::ssize(recipe_.plan.eps);
  info.alternative = "robustness.GaussianNoise";
  return info;
}

std::shared_ptr<ProbeRun> GradientAttack::start(Session& session) const {
  return detail::attack_run::make(recipe_, session);
}

Perturbed GradientAttack::attack(models::TorchModel& model, const at::Tensor& x,
                                 const at::Tensor& y, const PerturbOptions& options) const {
  using namespace detail::gradient_attack;
  if (x.dim() < 2)
    throw ShapeError("perturb", "inputs [n, ...]", c10::str(x.sizes()), "add a batch dimension");
  if (!at::isFloatingType(x.scalar_type()))
    throw CapabilityError("perturb", "floating-point inputs",
                          std::string(c10::toString(x.scalar_type())),
                          "convert them to float32 in the units of the bounds");
  const std::int64_t n = x.size(0);
  const auto labels = labels_of(y, n, "labels");
  std::vector<AttackRow> rows;
  for (std::int64_t i = 0; i < n; ++i) rows.push_back({i, labels[static_cast<std::size_t>(i)], -1});

  const auto held = model.hold();
  AttackPlan plan = recipe_.plan;
  plan.keep_best = true;
  plan.bounds = options.bounds;
  plan.output = detail::attack_run::output_of(
      options.output == OutputKind::unknown ? model.info().output : options.output);
  plan.batch_size =
      options.batch_size > 0 ? options.batch_size : std::clamp<std::int64_t>(n, 1, 256);
  if (plan.targeted) {
    if (options.targets.defined()) {
      const auto targets = labels_of(options.targets, n, "targets");
      for (std::size_t i = 0; i < rows.size(); ++i) rows[i].target = targets[i];
    } else {
      fill_targets(model, x, plan.batch_size, recipe_.threat.target, rows);
    }
  }

  Perturbed out{at::empty_like(x, x.options().requires_grad(false), at::MemoryFormat::Contiguous),
                std::vector<AttackResult>(rows.size())};
  AttackIo io;
  io.fetch = [&](std::span<const SampleId> ids) {
    return AttackInputs{models::input_for(model, Inputs(from_aten(gather(x.detach(), ids)))), {}};
  };
  io.rng = [stream = recipe_.name, seed = options.seed](SampleId id, int restart) {
    return stats::Rng(seed, stream + ".start", id, static_cast<std::uint64_t>(restart));
  };
  io.done = [&](const AttackResult& result, const at::Tensor& adversarial) {
    out.x.select(0, static_cast<std::int64_t>(result.position)).copy_(adversarial[0]);
    out.results[result.position] = result;
  };
  (void)run_attack(model, plan, rows, io);
  return out;
}

at::Tensor GradientAttack::perturb(models::TorchModel& model, const at::Tensor& x,
                                   const at::Tensor& y, const PerturbOptions& options) const {
  return attack(model, x, y, options).x;
}

}  // namespace leadline::robustness
