#include "leadline/torch/robustness/pgd.hpp"

#include "leadline/core/error.hpp"
#include "leadline/torch/robustness/fgsm.hpp"

namespace leadline::detail::pgd {

using namespace robustness;

GradientAttack::Recipe recipe_of(const PgdOptions& options) {
  check_options("Pgd", options);
  if (options.restarts > 1 && !options.random_start)
    throw ValueError("Pgd", "random_start=true with several restarts",
                     "restarts=" + std::to_string(options.restarts) + " from one start",
                     "drop 'restarts', they would all be the same");
  GradientAttack::Recipe recipe{.name = "pgd", .threat = options.threat, .plan = {}};
  recipe.max_samples = options.max_samples;
  recipe.check_samples = options.check_samples;
  AttackPlan& plan = recipe.plan;
  plan.norm = options.threat.norm;
  plan.eps = sorted_budgets("Pgd", options.threat);
  for (const double eps : plan.eps)
    plan.step_size.push_back(options.step_size.value_or(2.5 * eps / options.steps));
  plan.steps = options.steps;
  plan.restarts = options.restarts;
  plan.random_start = options.random_start;
  plan.loss = options.loss;
  plan.targeted = options.threat.targeted;
  plan.drop_fooled = options.drop_fooled;
  return recipe;
}

GradientAttack::Recipe recipe_of(const FgsmOptions& options) {
  check_options("Fgsm", options);
  GradientAttack::Recipe recipe{.name = "fgsm", .threat = options.threat, .plan = {}};
  recipe.max_samples = options.max_samples;
  recipe.check_samples = options.check_samples;
  AttackPlan& plan = recipe.plan;
  plan.norm = options.threat.norm;
  plan.eps = sorted_budgets("Fgsm", options.threat);
  plan.step_size = plan.eps;
  plan.steps = 1;
  plan.random_start = false;
  plan.loss = options.loss;
  plan.targeted = options.threat.targeted;
  return recipe;
}

}  // namespace leadline::detail::pgd

namespace leadline::robustness {

Pgd::Pgd(Options options)
    : GradientAttack(detail::pgd::recipe_of(options)), options_(std::move(options)) {}
std::vector<std::pair<std::string, std::string>> Pgd::options() const {
  return options_text(options_);
}

Fgsm::Fgsm(Options options)
    : GradientAttack(detail::pgd::recipe_of(options)), options_(std::move(options)) {}
std::vector<std::pair<std::string, std::string>> Fgsm::options() const {
  return options_text(options_);
}

}  // namespace leadline::robustness
