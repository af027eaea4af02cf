#include "leadline/robustness/ensemble.hpp"

#include <algorithm>
#include <set>

#include "leadline/core/error.hpp"

namespace leadline::detail::ensemble {

using namespace robustness;
using Parts = std::vector<std::shared_ptr<const Attack>>;

void check(const Parts& attacks, const EnsembleOptions& options) {
  if (attacks.empty())
    throw ValueError("Ensemble", "at least one attack", "none", "pass {Pgd, Square}");
  for (const auto& attack : attacks) {
    if (attack == nullptr) throw TypeError("Ensemble", "attacks", "none", "pass {Pgd, Square}");
    if (attack->recipe().threat != attacks.front()->recipe().threat)
      throw ValueError(
          "Ensemble", "attacks of one threat",
          text_of(attacks.front()->recipe().threat) + "; and " + text_of(attack->recipe().threat),
          "give all attacks the same Threat");
  }
  if (options.max_samples < 0 || options.check_samples < 0)
    throw ValueError("Ensemble", "max_samples and check_samples of at least 0",
                     std::to_string(std::min(options.max_samples, options.check_samples)),
                     "0 means all, and no checks");
}

/// "pgd", "pgd 2": random numbers are drawn by the name.
std::string fresh(const std::string& name, std::set<std::string>& taken) {
  std::string own = name;
  for (int i = 2; !taken.insert(own).second; ++i) own = name + " " + std::to_string(i);
  return own;
}

/// Adds one attack to what is asked of all.
void join(const Attack& attack, std::set<std::string>& names, Attack::Recipe& recipe) {
  const Attack::Recipe& part = attack.recipe();
  for (AttackStage stage : part.stages) {
    stage.name = fresh(stage.name, names);
    recipe.stages.push_back(std::move(stage));
  }
  if (part.own_norm) recipe.own_norm = part.own_norm;
  recipe.single_step = recipe.single_step && part.single_step;
  recipe.drop_fooled = recipe.drop_fooled && part.drop_fooled;
  recipe.averaged = std::max(recipe.averaged, part.averaged);
  recipe.climbs_dlr = recipe.climbs_dlr || part.climbs_dlr;
  recipe.relative_cost += part.relative_cost;
  const std::string owner = recipe.stages.back().name + ".";
  for (const auto& [name, value] : part.options) recipe.options.emplace_back(owner + name, value);
}

Attack::Recipe recipe_of(Parts attacks, const EnsembleOptions& options) {
  check(attacks, options);
  const auto sees = [](const std::shared_ptr<const Attack>& attack) {
    return attack->recipe().stages.front().needs == Knowledge::white_box;
  };
  std::ranges::stable_partition(attacks, sees);
  const Attack::Recipe& first = attacks.front()->recipe();
  Attack::Recipe recipe{.name = "ensemble", .threat = first.threat, .stages = {}};
  recipe.longer = first.longer;
  recipe.single_step = true;
  recipe.max_samples = options.max_samples;
  recipe.check_samples = options.check_samples;
  recipe.options = {{"max_samples", std::to_string(options.max_samples)},
                    {"check_samples", std::to_string(options.check_samples)}};
  std::set<std::string> names;
  for (const auto& attack : attacks) join(*attack, names, recipe);
  if (attacks.size() == 1) recipe.warnings = first.warnings;
  return recipe;
}

}  // namespace leadline::detail::ensemble

namespace leadline::robustness {

Ensemble::Ensemble(std::vector<std::shared_ptr<const Attack>> attacks, const Options& options)
    : Attack(leadline::detail::ensemble::recipe_of(std::move(attacks), options)) {}

}  // namespace leadline::robustness
