#include "leadline/robustness/attack.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "attack_scores.hpp"
#include "attack_space.hpp"
#include "attack_stages.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/memory.hpp"

namespace leadline::detail::attack {

using namespace robustness;
using attack_run::Record;

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

/// The rows of a call, each with the classes to drive it to: `targets`, where they are given.
std::vector<Record> records_of(Model& model, const Attack::Recipe& recipe, const AttackPlan& plan,
                               const Tensor& x, std::span<const std::int64_t> labels,
                               const Tensor& targets) {
  const std::int64_t n = std::ssize(labels);
  std::vector<Record> records(labels.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].id = static_cast<SampleId>(i);
    records[i].label = labels[i];
  }
  const bool given = targets.defined();
  if (given && plan.goal != Goal::targeted)
    throw ValueError(
        "perturb", "targets with the goal 'targeted'",
        "the goal '" +
            std::string(names_of(std::type_identity<Goal>{})[static_cast<std::size_t>(plan.goal)]) +
            "'",
        "pass goal='targeted' to the attack, or leave the targets out");
  RowLimit limit;
  for (std::int64_t first = 0; first < n && !given && attack_run::targets_by_score(recipe);
       first += plan.batch_size) {
    const std::int64_t count = std::min(plan.batch_size, n - first);
    const auto scores = attack_scores::read(
        forward_within(limit, model, Inputs(x.rows(first, count))).output, plan.output, count);
    const auto k = static_cast<std::size_t>(scores.k);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
      attack_run::choose_targets(recipe, scores.k, std::span(scores.logits).subspan(i * k, k),
                                 records[static_cast<std::size_t>(first) + i]);
  }
  if (!given) return records;
  const auto classes = labels_of(targets, n, "targets");
  for (std::size_t i = 0; i < records.size(); ++i) records[i].target = classes[i];
  return records;
}

/// What to know before believing `results`.
void add_notes(std::span<const AttackResult> results, std::set<std::string>& notes) {
  if (std::ranges::all_of(results, &AttackResult::sums_to_one))
    notes.insert(std::string("all rows of scores, taken as logits, lie in [0, 1] and sum to 1: ") +
                 attack_scores::declare_probabilities);
  const auto n = std::ssize(results);
  if (const auto bad = std::ranges::count_if(results, &AttackResult::bad_gradient); bad > 0)
    notes.insert(std::to_string(bad) + " of " + std::to_string(n) +
                 " rows had a NaN or infinite gradient, which counts as 0: find the operation that "
                 "overflows (a division, a logarithm or a square root at 0)");
  if (const auto blind = std::ranges::count_if(results, &AttackResult::zero_gradient);
      2 * blind > n)
    notes.insert("every gradient was exactly zero for " + std::to_string(blind) + " of " +
                 std::to_string(n) +
                 " rows: the attack saw nothing there (use robustness.Square, or remove the step "
                 "that hides them)");
}

AttackPlan plan_of(const Attack::Recipe& recipe, const Model& model, const PerturbOptions& options,
                   std::int64_t n) {
  AttackPlan plan = attack_run::plan_of(recipe);
  plan.keep_best = true;
  plan.keep_last = options.keep == Keep::last;
  if (recipe.threat.bounds.empty()) plan.bounds = options.bounds;
  plan.output = attack_run::output_of(options.output == OutputKind::unknown ? model.info().output
                                                                            : options.output);
  plan.batch_size =
      options.batch_size > 0 ? options.batch_size : std::clamp<std::int64_t>(n, 1, 256);
  return plan;
}

/// The stages with their methods, those that depend on the model learned from the first of `x`.
std::vector<AttackStage> stages_of(const Attack::Recipe& recipe, Model& model, const Tensor& x,
                                   const AttackPlan& plan, std::uint64_t seed,
                                   std::set<std::string>& notes) {
  std::vector<AttackStage> stages = recipe.stages;
  for (AttackStage& stage : stages) {
    if (!stage.learn) continue;
    const Tensor first = x.rows(0, std::min(x.size(0), stage.learn_samples));
    LearnedMethod learned = stage.learn(model, first, plan.output, seed);
    stage.method = std::move(learned.method);
    if (!learned.note.empty()) notes.insert(std::move(learned.note));
  }
  return stages;
}

/// What a call gives back, row by row, while the stages run.
class Answers {
 public:
  Answers(const Tensor& x, bool ensemble) : ensemble_(ensemble) {
    for (std::int64_t i = 0; i < x.size(0); ++i) nearest_.push_back(x.rows(i, 1));
    results_.resize(nearest_.size());
  }

  void take(const AttackResult& result, const Tensor& adversarial) {
    const auto at = static_cast<std::size_t>(result.row.id);
    AttackResult& kept = results_[at];
    AttackResult next = result;
    next.position = at;
    next.forwards += kept.forwards;
    next.backwards += kept.backwards;
    next.steps += kept.steps;
    if (better(result, kept)) {
      kept = next;
      nearest_[at] = adversarial;
    } else {
      kept.forwards = next.forwards;
      kept.backwards = next.backwards;
      kept.steps = next.steps;
    }
  }

  [[nodiscard]] Perturbed result(std::span<const Record> records) {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (results_[i].row.id < 0)  // no stage tried it
        results_[i].row = {records[i].id, records[i].label, records[i].target};
      results_[i].position = i;
    }
    return {attack_space::join_rows(nearest_), std::move(results_), {}};
  }

 private:
  [[nodiscard]] bool better(const AttackResult& next, const AttackResult& kept) const {
    if (kept.row.id < 0 || kept.decision < 0 || next.fooled_at < kept.fooled_at) return true;
    // An ensemble answers for its budget: what a minimum-norm stage finds beyond it is no answer.
    const bool beyond = ensemble_ && !std::isfinite(next.fooled_at);
    return !beyond && next.fooled_at == kept.fooled_at && next.distance < kept.distance;
  }

  bool ensemble_;
  std::vector<Tensor> nearest_;
  std::vector<AttackResult> results_;
};

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

  const AttackPlan plan = inside::plan_of(recipe_, model, options, n);
  if (n == 0) return {host, {}, {}};
  leadline::detail::attack_space::check_inputs(host, n, plan);
  inside::check_knowledge(recipe_, plan.output);
  auto records = inside::records_of(model, recipe_, plan, host, labels, options.targets);
  std::set<std::string> notes;
  const auto stages = inside::stages_of(recipe_, model, host, plan, options.seed, notes);
  inside::Answers answers(host, stages.size() > 1);
  run::StageIo io;
  io.fetch = [&](std::span<const SampleId> ids) { return Inputs(take_rows(host, ids)); };
  io.rng = [&](const AttackStage& stage, std::string_view stream, SampleId id,
               std::uint64_t extra) {
    return stats::Rng(options.seed, recipe_.name + "/" + stage.name + "/" + std::string(stream), id,
                      extra);
  };
  io.count = [](std::size_t, std::int64_t, std::int64_t) {};
  io.note = [&](std::string text) { notes.insert(std::move(text)); };
  io.found = [&](const AttackResult& result, const Tensor& adversarial, bool) {
    answers.take(result, adversarial);
  };
  std::vector<run::Record*> order;
  for (run::Record& record : records) order.push_back(&record);
  std::vector<run::StageTally> spent(stages.size());
  (void)run::run_stages(model, plan, stages, order, spent, io);
  Perturbed out = answers.result(records);
  inside::add_notes(out.results, notes);
  out.notes.assign(notes.begin(), notes.end());
  return out;
}

}  // namespace leadline::robustness
