// From a recipe to what the engine is asked to do: the plan, the rows, their targets.
#include <algorithm>

#include "attack_run.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::attack_run {

OutputKind output_of(OutputKind kind) {
  if (kind == OutputKind::unknown) return OutputKind::logits;
  if (kind != OutputKind::values) return kind;
  throw CapabilityError("attack", "a classifier", "a model that gives values",
                        "attacks judge success by the class");
}

namespace {

std::int64_t target_of(robustness::TargetRule rule, std::int64_t label, std::int64_t n_classes,
                       std::span<const double> scores) {
  if (n_classes <= 2) return 1 - label;
  if (rule == robustness::TargetRule::next_class || scores.empty()) return (label + 1) % n_classes;
  std::int64_t least = label == 0 ? 1 : 0;
  for (std::int64_t i = least + 1; i < n_classes; ++i)
    if (i != label && scores[static_cast<std::size_t>(i)] < scores[static_cast<std::size_t>(least)])
      least = i;
  return least;
}

/// The `n` likeliest classes but `label`, likeliest first.
std::vector<std::int64_t> likeliest(std::int64_t n, std::int64_t label,
                                    std::span<const double> scores) {
  std::vector<std::int64_t> order;
  for (std::int64_t c = 0; c < std::ssize(scores); ++c)
    if (c != label) order.push_back(c);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
  });
  if (n < std::ssize(order)) order.resize(static_cast<std::size_t>(n));
  return order;
}

std::int64_t most_targets(const Recipe& recipe) {
  std::int64_t most = 0;
  for (const AttackStage& stage : recipe.stages) most = std::max(most, stage.n_targets);
  return most;
}

}  // namespace

void choose_targets(const Recipe& recipe, std::int64_t n_classes, std::span<const double> scores,
                    Record& record) {
  if (recipe.threat.goal == robustness::Goal::targeted)
    record.target = target_of(recipe.threat.target, record.label, n_classes, scores);
  if (const std::int64_t most = most_targets(recipe); most > 0)
    record.targets = likeliest(most, record.label, scores);
}

bool targets_by_score(const Recipe& recipe) {
  return recipe.threat.goal == robustness::Goal::targeted || most_targets(recipe) > 0;
}

AttackPlan plan_of(const Recipe& recipe) {
  const robustness::Threat& threat = recipe.threat;
  AttackPlan plan{.norm = threat.norm, .eps = sorted_budgets(recipe.name, threat)};
  plan.goal = threat.goal;
  plan.classes = threat.classes;
  plan.feature_eps = threat.feature_eps;
  plan.frozen = threat.frozen;
  plan.max_rotation = threat.max_rotation;
  plan.max_translation = threat.max_translation;
  plan.patch = {threat.patch_shape, threat.patch_aspect};
  if (!threat.bounds.empty()) plan.bounds = {threat.bounds[0], threat.bounds[1]};
  plan.query_budget = threat.query_budget;
  plan.drop_fooled = recipe.drop_fooled;
  return plan;
}

std::vector<AttackRow> rows_of(const AttackStage& stage, std::span<const Record* const> records) {
  std::vector<AttackRow> rows;
  if (stage.n_targets == 0)
    for (const Record* r : records) rows.push_back({r->id, r->label, r->target});
  for (std::int64_t rank = 0; rank < stage.n_targets; ++rank)
    for (const Record* r : records)
      if (rank < std::ssize(r->targets))
        rows.push_back({r->id, r->label, r->targets[static_cast<std::size_t>(rank)]});
  return rows;
}

}  // namespace leadline::detail::attack_run
