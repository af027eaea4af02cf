#include "leadline/robustness/attack.hpp"

#include <algorithm>
#include <cmath>

#include "attack_run.hpp"
#include "attack_scores.hpp"
#include "attack_space.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::attack {

using namespace robustness;

/// Labels on the host, checked.
std::vector<std::int64_t> labels_of(const Tensor& y, std::int64_t n, const char* what) {
  if (y.rank() != 1 || y.size(0) != n || is_floating(y.dtype()) || y.dtype() == DType::b8)
    throw ShapeError("perturb", std::string(what) + " as integers [" + std::to_string(n) + "]",
                     y.describe(), "pass one class number a row");
  const Tensor host = y.host(DType::i64);
  return {host.data<std::int64_t>(), host.data<std::int64_t>() + n};
}

/// Access a model must offer for `needs`.
Access access_of(Knowledge needs) {
  switch (needs) {
    case Knowledge::labels:
      return Access::labels;
    case Knowledge::scores:
      return Access::outputs;
    case Knowledge::white_box:
      break;
  }
  return Access::outputs | Access::gradients;
}

Knowledge needs_of(const Attack::Recipe& recipe) {
  Knowledge most = Knowledge::labels;
  for (const AttackStage& stage : recipe.stages) most = std::max(most, stage.needs);
  return most;
}

void check_knowledge(const Attack::Recipe& recipe, OutputKind output) {
  if (output != OutputKind::labels || needs_of(recipe) == Knowledge::labels) return;
  throw CapabilityError("perturb", "a model that gives scores, which '" + recipe.name + "' needs",
                        "one that gives labels only",
                        "use an attack on labels such as HopSkipJump");
}

/// The rows of a call, with what the stages ask of the clean scores.
struct Call {
  std::vector<AttackRow> rows;
  std::vector<std::vector<std::int64_t>> targets;
};

Call prepare(Model& model, const Attack::Recipe& recipe, const AttackPlan& plan, const Tensor& x,
             const std::vector<std::int64_t>& labels, const Tensor& targets) {
  Call call;
  const std::int64_t n = std::ssize(labels);
  std::int64_t most = 0;
  for (const AttackStage& stage : recipe.stages) most = std::max(most, stage.n_targets);
  call.targets.resize(labels.size());
  for (std::int64_t i = 0; i < n; ++i)
    call.rows.push_back({i, labels[static_cast<std::size_t>(i)], -1});
  const bool targeted = plan.goal == Goal::targeted;
  if (targeted && targets.defined()) {
    const auto given = labels_of(targets, n, "targets");
    for (std::size_t i = 0; i < given.size(); ++i) call.rows[i].target = given[i];
  }
  const bool choose = targeted && !targets.defined();
  if (!choose && most == 0) return call;
  for (std::int64_t first = 0; first < n; first += plan.batch_size) {
    const std::int64_t count = std::min(plan.batch_size, n - first);
    const auto scores =
        attack_scores::read(model.forward(Inputs(x.rows(first, count))).output, plan.output, count);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(first + i);
      const auto k = static_cast<std::size_t>(scores.k);
      const auto z = std::span(scores.logits).subspan(static_cast<std::size_t>(i) * k, k);
      if (choose)
        call.rows[at].target =
            attack_run::choose_target(recipe.threat.target, labels[at], scores.k, z);
      if (most > 0) call.targets[at] = attack_run::likeliest(most, labels[at], z);
    }
  }
  return call;
}

}  // namespace leadline::detail::attack

namespace leadline::robustness {

namespace inside = leadline::detail::attack;

Attack::Attack(Recipe recipe) : recipe_(std::move(recipe)) {
  check_threat(recipe_.name, recipe_.threat, inside::needs_of(recipe_), recipe_.own_norm);
}
Attack::~Attack() = default;

ProbeInfo Attack::info() const {
  ProbeInfo info;
  info.name = recipe_.name;
  info.question = "How often can a change too small to matter to a person mislead it?";
  info.access = inside::access_of(inside::needs_of(recipe_));
  info.needs_random_access = true;
  info.relative_cost = recipe_.relative_cost;
  switch (inside::needs_of(recipe_)) {
    case Knowledge::white_box:
      info.alternative = "robustness.Square";
      break;
    case Knowledge::scores:
      info.alternative = "robustness.HopSkipJump";
      break;
    case Knowledge::labels:
      break;
  }
  return info;
}

std::shared_ptr<ProbeRun> Attack::start(Session& session) const {
  return leadline::detail::attack_run::make(recipe_, session);
}

Perturbed Attack::attack(Model& model, const Tensor& x, const Tensor& y,
                         const PerturbOptions& options) const {
  namespace run = leadline::detail::attack_run;
  if (x.rank() < 2)
    throw ShapeError("perturb", "inputs [n, ...]", x.describe(), "add a batch dimension");
  const Tensor host = x.host();
  const std::int64_t n = host.size(0);
  const auto labels = inside::labels_of(y, n, "labels");
  const auto held = model.hold();

  AttackPlan plan = run::plan_of(recipe_);
  plan.keep_best = true;
  plan.keep_last = options.keep == Keep::last;
  if (recipe_.threat.bounds.empty()) plan.bounds = options.bounds;
  plan.output =
      run::output_of(options.output == OutputKind::unknown ? model.info().output : options.output);
  plan.batch_size =
      options.batch_size > 0 ? options.batch_size : std::clamp<std::int64_t>(n, 1, 256);
  Perturbed out{host, std::vector<AttackResult>(labels.size())};
  if (n == 0) return out;
  leadline::detail::attack_space::check_inputs(host, n, plan);
  inside::check_knowledge(recipe_, plan.output);
  const auto call = inside::prepare(model, recipe_, plan, host, labels, options.targets);
  std::vector<AttackStage> stages = recipe_.stages;
  if (recipe_.learn)
    stages.front().method = recipe_
                                .learn(model, host.rows(0, std::min(n, recipe_.learn_samples)),
                                       plan.output, options.seed)
                                .method;

  std::vector<Tensor> best(labels.size());
  for (std::int64_t i = 0; i < n; ++i) {
    best[static_cast<std::size_t>(i)] = host.rows(i, 1);
    out.results[static_cast<std::size_t>(i)].row = call.rows[static_cast<std::size_t>(i)];
    out.results[static_cast<std::size_t>(i)].position = static_cast<std::size_t>(i);
  }
  // An ensemble answers for its budget: what a minimum-norm stage finds beyond it is no answer.
  const bool alone = stages.size() == 1;
  AttackIo io;
  io.fetch = [&](std::span<const SampleId> ids) { return Inputs(take_rows(host, ids)); };
  for (const AttackStage& stage : stages) {
    io.rng = [&](std::string_view stream, SampleId id, std::uint64_t extra) {
      return stats::Rng(options.seed, recipe_.name + "/" + stage.name + "/" + std::string(stream),
                        id, extra);
    };
    io.done = [&](const AttackResult& result, const Tensor& adversarial) {
      const auto at = static_cast<std::size_t>(result.row.id);
      AttackResult& kept = out.results[at];
      AttackResult next = result;
      next.position = at;
      next.forwards += kept.forwards;
      next.backwards += kept.backwards;
      next.steps += kept.steps;
      const bool beyond = !alone && !std::isfinite(next.fooled_at);
      const bool better =
          next.fooled_at < kept.fooled_at ||
          (!beyond && next.fooled_at == kept.fooled_at && next.distance < kept.distance);
      if (better || kept.decision < 0) {
        kept = next;
        best[at] = adversarial;
      } else {
        kept.forwards = next.forwards;
        kept.backwards = next.backwards;
        kept.steps = next.steps;
      }
    };
    std::vector<AttackRow> left;
    std::vector<std::vector<std::int64_t>> targets;
    for (std::size_t i = 0; i < call.rows.size(); ++i)
      if (!(out.results[i].fooled_at <= plan.eps.front())) {
        left.push_back(call.rows[i]);
        targets.push_back(call.targets[i]);
      }
    (void)run_attack(model, plan, stage.method, run::rows_of(stage, left, targets), io);
  }
  out.x = leadline::detail::attack_space::join_rows(best);
  return out;
}

}  // namespace leadline::robustness
