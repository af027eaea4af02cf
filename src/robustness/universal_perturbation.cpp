#include "leadline/robustness/universal_perturbation.hpp"

#include <algorithm>
#include <numeric>

#include "attack_run.hpp"
#include "leadline/core/error.hpp"
#include "universal_run.hpp"

namespace leadline::robustness {

UniversalPerturbation::UniversalPerturbation(Options options) : options_(std::move(options)) {
  check_options("UniversalPerturbation", options_);
  const Threat& threat = options_.threat;
  const bool patch = threat.norm == Norm::patch;
  if (!patch && threat.norm != Norm::linf && threat.norm != Norm::l2)
    throw ValueError("UniversalPerturbation", "a threat with norm linf, l2 or patch",
                     "'" + std::string(name_of(threat.norm)) + "'", "use one of them");
  check_threat("UniversalPerturbation", threat, Knowledge::white_box,
               patch ? std::optional(Norm::patch) : std::nullopt);
  if (threat.goal == Goal::targeted)
    throw ValueError("UniversalPerturbation", "the goal untargeted or any_of", "'targeted'",
                     "one change drives all samples to the same classes: pass goal='any_of' and "
                     "classes=[3]");
}

ProbeInfo UniversalPerturbation::info() const {
  return {.name = "universal_perturbation",
          .question = "Is there one change that misleads it on most inputs?",
          .access = Access::outputs | Access::gradients,
          .needs_random_access = true,
          .relative_cost = 3.0 + 6.0 * options_.fit_share * options_.epochs *
                                     static_cast<double>(options_.threat.eps.size()),
          .alternative = "robustness.GaussianNoise",
          .shards = false};
}

std::vector<std::pair<std::string, std::string>> UniversalPerturbation::options() const {
  return options_text(options_);
}

std::shared_ptr<ProbeRun> UniversalPerturbation::start(Session& session) const {
  if (!session.data().info().bounds && options_.threat.bounds.empty())
    throw CapabilityError("universal_perturbation", "declared bounds of the inputs",
                          "a data set without bounds",
                          "declare the range an input can take: Dataset(x, y, bounds=(0.0, 1.0))");
  (void)session.subject_as<Model>();
  (void)leadline::detail::attack_run::output_of(session.output_kind());
  return std::make_shared<leadline::detail::universal::UniversalRun>(options_, session);
}

Tensor UniversalPerturbation::fit(Model& model, const Tensor& x,
                                  const PerturbOptions& options) const {
  namespace inside = leadline::detail::universal;
  namespace run = leadline::detail::attack_run;
  if (x.rank() < 2 || x.size(0) == 0)
    throw ShapeError("fit", "inputs [n, ...] with n of at least 1", x.describe(),
                     "add a batch dimension");
  const auto held = model.hold();
  const Tensor host = x.host();
  AttackPlan plan =
      run::plan_of({.name = "universal_perturbation", .threat = options_.threat, .stages = {}});
  plan.eps = {plan.eps.back()};
  if (options_.threat.bounds.empty()) plan.bounds = options.bounds;
  plan.output =
      run::output_of(options.output == OutputKind::unknown ? model.info().output : options.output);
  leadline::detail::attack_space::check_inputs(host, host.size(0), plan);
  inside::Canvas canvas(host, plan, options.seed);
  std::vector<SampleId> ids(static_cast<std::size_t>(host.size(0)));
  std::iota(ids.begin(), ids.end(), SampleId{0});
  inside::FitIo io;
  io.fetch = [&](std::span<const SampleId> rows) { return Inputs(take_rows(host, rows)); };
  const std::int64_t batch =
      options.batch_size > 0 ? options.batch_size : std::min<std::int64_t>(host.size(0), 256);
  return canvas.tensor_of(
      inside::fit(model, canvas, ids, options_, batch, options.seed, io).change);
}

}  // namespace leadline::robustness
