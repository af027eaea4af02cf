#include "leadline/torch/attribution/saliency.hpp"

#include <ATen/ATen.h>

#include "attribution_run.hpp"

namespace leadline::attribution {

Saliency::Saliency(Options options) : options_(options) { check_options("Saliency", options_); }

ProbeInfo Saliency::info() const {
  ProbeInfo info{"saliency", "What does a decision react to?"};
  info.access = Access::outputs | Access::gradients;
  info.needs_target = false;
  info.needs_random_access = true;
  info.relative_cost = 2;
  info.alternative = "leadline.explain.PermutationImportance()";
  return info;
}

std::vector<std::pair<std::string, std::string>> Saliency::options() const {
  return options_text(options_);
}

Attribution Saliency::attribute(models::TorchModel& model, const at::Tensor& x,
                                const at::Tensor& target) const {
  return saliency(model, x, target, options_.absolute);
}

std::shared_ptr<ProbeRun> Saliency::start(Session& session) const {
  leadline::detail::attribution_run::Recipe recipe{
      "saliency",       {}, false, 1, options_.baseline, options_.share, options_.max_samples,
      options_.absolute};
  recipe.explain = [absolute = options_.absolute](models::TorchModel& model, const at::Tensor& x,
                                                  const at::Tensor& target,
                                                  const models::NamedTensors* extras) {
    return saliency(model, x, target, absolute, extras);
  };
  return leadline::detail::attribution_run::make_run(std::move(recipe), session);
}

}  // namespace leadline::attribution
