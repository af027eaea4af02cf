#include "leadline/robustness/corruption_benchmark.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "leadline/core/error.hpp"
#include "leadline/robustness/perturbation.hpp"
#include "robustness/corruption/images.hpp"
#include "stress/plan.hpp"

namespace leadline::detail::corruption_benchmark {

using namespace robustness;

/// Mean top-1 errors of AlexNet over severities 1 to 5 (Hendrycks and Dietterich 2019), in the
/// order of the enum, and its error on clean images (torchvision: 56.522 % are right).
constexpr std::array<double, n_common_corruptions> alexnet{
    .886428, .894468, .922640, .819880, .826268, .785948, .798360, .866816,
    .826572, .819324, .564592, .853204, .646056, .717840, .606500};
constexpr double alexnet_clean = 0.43478;

constexpr std::string_view who = "CorruptionBenchmark";

/// Kinds of which a higher severity keeps less of the image in every respect.
bool is_monotone(Corruption kind) {
  return kind != Corruption::elastic_transform && kind != Corruption::saturate &&
         kind != Corruption::spatter && kind != Corruption::snow && kind != Corruption::frost &&
         kind != Corruption::glass_blur;
}

std::vector<Perturbation> perturbations_of(const std::vector<std::string>& names) {
  constexpr auto known = names_of(std::type_identity<Perturbation>{});
  std::vector<Perturbation> out;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (std::ranges::find(names, known[i]) != names.end() ||
        std::ranges::find(names, "all") != names.end())
      out.push_back(static_cast<Perturbation>(i));
  for (const std::string& name : names) {
    if (name == "all" || std::ranges::find(known, name) != known.end()) continue;
    const auto nearest = nearest_name(name, known);
    throw ValueError(who, "perturbations by name, or 'all'", "'" + name + "'",
                     nearest.empty() ? fmt::format("they are {}", fmt::join(known, ", "))
                                     : fmt::format("did you mean '{}'?", nearest));
  }
  return out;
}

std::optional<stress::Reference> reference_of(const CorruptionBenchmarkOptions& options,
                                              const std::vector<Corruption>& kinds) {
  if (options.reference == CorruptionReference::none) {
    if (!options.reference_errors.empty())
      throw ValueError(who, "reference='given' with reference_errors", "reference='none'", "");
    return std::nullopt;
  }
  if (options.reference == CorruptionReference::given) {
    if (options.reference_errors.size() != kinds.size())
      throw ValueError(who, fmt::format("{} reference_errors, one a corruption", kinds.size()),
                       fmt::format("{}", options.reference_errors.size()),
                       "give mean errors over the severities, in the order of the benchmark");
    return stress::Reference{"the reference", options.reference_errors,
                             options.reference_clean_error};
  }
  const std::vector<double> published{1, 2, 3, 4, 5};
  const bool all = options.severities == published &&
                   options.compat == CorruptionTable::imagenet_c &&
                   std::ranges::all_of(kinds, [](Corruption kind) {
                     return static_cast<std::size_t>(kind) < n_common_corruptions;
                   });
  if (!all)
    throw ValueError(who,
                     "common corruptions of imagenet-c at severities 1 to 5 with "
                     "reference='alexnet'",
                     "others", "use reference='given' with errors measured as you measure");
  stress::Reference reference{"AlexNet", {}, alexnet_clean};
  for (const Corruption kind : kinds)
    reference.errors.push_back(alexnet[static_cast<std::size_t>(kind)]);
  return reference;
}

}  // namespace leadline::detail::corruption_benchmark

namespace leadline::robustness {

CorruptionBenchmark::CorruptionBenchmark(Options options) : options_(std::move(options)) {
  namespace detail = leadline::detail::corruption_benchmark;
  check_options(detail::who, options_);
  auto& severities = options_.severities;
  std::ranges::sort(severities);
  if (severities.empty() || std::ranges::adjacent_find(severities) != severities.end())
    throw ValueError(detail::who, "different severities, at least one",
                     severities.empty() ? "none" : "one twice", "range(1, 6) is usual");
  const auto kinds = corruptions_of(detail::who, options_.corruptions);
  if (kinds.empty())
    throw ValueError(detail::who, "at least one corruption", "none", "'common' names the usual 15");
  (void)detail::reference_of(options_, kinds);
  const auto sequences = detail::perturbations_of(options_.perturbations);
  if (!options_.reference_flips.empty() && options_.reference_flips.size() != sequences.size())
    throw ValueError(detail::who,
                     fmt::format("{} reference_flips, one a perturbation", sequences.size()),
                     fmt::format("{}", options_.reference_flips.size()),
                     "give flip probabilities in the order of the benchmark");
}

ProbeInfo CorruptionBenchmark::info() const {
  ProbeInfo info;
  info.name = "corruption_benchmark";
  info.question = "How much less does it read under blur, noise, weather and compression?";
  info.access = Access::labels;
  info.needs_target = false;
  info.needs_random_access = true;
  info.relative_cost =
      2 + static_cast<double>(
              corruptions_of("", options_.corruptions).size() * options_.severities.size() +
              options_.perturbations.size() * static_cast<std::size_t>(options_.frames));
  return info;
}

std::shared_ptr<ProbeRun> CorruptionBenchmark::start(Session& session) const {
  using namespace leadline::detail;
  const DataInfo data = session.data().info();
  if (!data.bounds)
    throw CapabilityError("corruption_benchmark", "declared bounds of the pixels", "none",
                          "pass bounds=(0, 1) with the data");
  const auto kinds = corruptions_of("", options_.corruptions);
  int colours = 3;
  if (data.size.value_or(0) > 0) {
    const auto ids = session.ids();
    const SampleId first = ids.empty() ? 0 : ids.front();
    const Tensor one = session.data().batch({&first, 1}).inputs.primary;
    if (one.rank() < 3)
      throw CapabilityError("corruption_benchmark", "images [n, c, h, w]", one.describe(),
                            "use robustness.Stress for rows and series");
    colours = corruption::Picture{corruption::image_layout("corruption_benchmark", one).channels}
                  .colours();
  }
  stress::Plan plan;
  plan.probe = "corruption_benchmark";
  plan.key = "corruption";
  for (const Corruption kind : kinds)
    plan.kinds.push_back(
        {std::string(name_of(kind)), corruption_benchmark::is_monotone(kind),
         kind == Corruption::saturate && colours == 0 ? "grey images have no saturation" : ""});
  plan.clips = true;
  plan.severities = options_.severities;
  plan.max_samples = options_.max_samples;
  plan.reference = corruption_benchmark::reference_of(options_, kinds);
  plan.sequences = corruption_benchmark::perturbations_of(options_.perturbations);
  plan.frames = static_cast<int>(options_.frames);
  plan.reference_flips = options_.reference_flips;
  plan.change = [kinds, settings = CorruptOptions{options_.compat, session.seed(), 0, data.bounds}](
                    const Batch& batch, std::size_t k, double severity) {
    return Inputs(corrupt(batch.inputs.primary, kinds[k], severity, batch.ids, settings),
                  batch.inputs.extras);
  };
  return std::make_shared<stress::PlanRun>(std::move(plan), session);
}

}  // namespace leadline::robustness
