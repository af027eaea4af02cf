#include "leadline/torch/attribution/integrated_gradients.hpp"

#include <ATen/ATen.h>

#include "attribution_run.hpp"

namespace leadline::attribution {

IntegratedGradients::IntegratedGradients(Options options) : options_(options) {
  check_options("IntegratedGradients", options_);
}

ProbeInfo IntegratedGradients::info() const {
  ProbeInfo info{"integrated_gradients", "What does a decision rest on?"};
  info.access = Access::outputs | Access::gradients;
  info.needs_target = false;
  info.needs_random_access = true;
  info.relative_cost = 4;
  info.alternative = "leadline.explain.PermutationImportance()";
  return info;
}

std::vector<std::pair<std::string, std::string>> IntegratedGradients::options() const {
  return options_text(options_);
}

Attribution IntegratedGradients::attribute(models::TorchModel& model, const at::Tensor& x,
                                           const at::Tensor& target) const {
  return integrated_gradients(model, x, target,
                              {options_.steps, options_.baseline, options_.chunk_rows});
}

std::shared_ptr<ProbeRun> IntegratedGradients::start(Session& session) const {
  leadline::detail::attribution_run::Recipe recipe{
      "integrated_gradients", {}, true, options_.steps, options_.baseline, options_.share,
      options_.max_samples};
  const PathOptions path{options_.steps, options_.baseline, options_.chunk_rows};
  recipe.explain = [path](models::TorchModel& model, const at::Tensor& x, const at::Tensor& target,
                          const models::NamedTensors* extras) {
    return integrated_gradients(model, x, target, path, extras);
  };
  return leadline::detail::attribution_run::make_run(std::move(recipe), session);
}

}  // namespace leadline::attribution
