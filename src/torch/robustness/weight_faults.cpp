#include "leadline/torch/robustness/weight_faults.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

#include "core/own_loop.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"
#include "leadline/core/state.hpp"
#include "weight_faults_run.hpp"

namespace leadline::detail::weight_faults {

at::ScalarType bits_type(std::size_t bytes) {
  return bytes == 8 ? at::kLong : bytes == 4 ? at::kInt : at::kShort;
}

Format format_of(at::ScalarType dtype) {
  switch (dtype) {
    case at::kDouble:
      return {64, 52};
    case at::kHalf:
      return {16, 10};
    case at::kBFloat16:
      return {16, 7};
    default:
      return {32, 23};
  }
}

bool is_known_float(const at::Tensor& t) {
  const auto dtype = t.scalar_type();
  return dtype == at::kFloat || dtype == at::kDouble || dtype == at::kHalf ||
         dtype == at::kBFloat16;
}

}  // namespace leadline::detail::weight_faults

namespace leadline::robustness {

FlippedBit::FlippedBit(const at::Tensor& parameter, std::int64_t element, int bit) {
  namespace faults = detail::weight_faults;
  if (!faults::is_known_float(parameter))
    throw TypeError("FlippedBit", "a floating tensor",
                    std::string(at::toString(parameter.scalar_type())),
                    "flip bits of float16, bfloat16, float32 or float64");
  const int width = static_cast<int>(parameter.element_size()) * 8;
  if (element < 0 || element >= parameter.numel() || bit < 0 || bit >= width)
    throw ValueError(
        "FlippedBit",
        "element < " + std::to_string(parameter.numel()) + " and bit < " + std::to_string(width),
        "element " + std::to_string(element) + ", bit " + std::to_string(bit), "count both from 0");
  at::Tensor value = parameter.variable_data();  // its own version counter
  for (std::int64_t d = parameter.dim() - 1; d >= 0; --d) {
    value = value.select(d, element % parameter.size(d));
    element /= parameter.size(d);
  }
  bits_ = value.view(faults::bits_type(parameter.element_size()));
  saved_ = bits_.clone();
  const std::int64_t mask =
      bit == width - 1 ? -(std::int64_t{1} << (bit - 1)) * 2 : std::int64_t{1} << bit;
  bits_.bitwise_xor_(mask);
}

FlippedBit::~FlippedBit() {
  try {
    bits_.copy_(saved_);
  } catch (const std::exception&) {  // the device is gone, and the weights with it
  }
}

WeightFaults::WeightFaults(Options options) : options_(options) {
  check_options("WeightFaults", options_);
}

ProbeInfo WeightFaults::info() const {
  return {.name = "weight_faults",
          .question = "What does one flipped bit in a weight do to its answers?",
          .access = Access::labels,
          .needs_target = false,
          .needs_random_access = true,
          .relative_cost = 500,
          .alternative = "robustness.ServingFaults, for the path around the model",
          .shards = false};
}

std::shared_ptr<ProbeRun> WeightFaults::start(Session& session) const {
  return std::make_shared<detail::weight_faults::WeightFaultsRun>(options_, session);
}

}  // namespace leadline::robustness

namespace leadline::detail::weight_faults {

using answers::Answers;

struct WeightFaultsRun::Asked {
  Batch batch;
  Answers clean;
};

WeightFaultsRun::WeightFaultsRun(const robustness::WeightFaultsOptions& options, Session& session)
    : options_(options), kind_(session.output_kind()) {
  const auto& model = session.subject_as<models::TorchModel>();
  std::map<at::ScalarType, int> seen;
  const auto all = model.parameters();
  for (const auto& [name, tensor] : all)
    if (is_known_float(tensor) && tensor.numel() > 0) ++seen[tensor.scalar_type()];
  if (seen.empty())
    throw CapabilityError("weight_faults", "floating parameters that can be written",
                          all.empty() ? "none that are reachable" : "others",
                          "pass the module, not a compiled package or a function");
  const auto dtype = std::max_element(seen.begin(), seen.end(), [](const auto& a, const auto& b) {
                       return a.second < b.second;
                     })->first;
  format_ = format_of(dtype);
  for (const auto& [name, tensor] : all) {
    if (tensor.scalar_type() != dtype || tensor.numel() == 0) {
      skipped_.push_back(name);
      continue;
    }
    names_.push_back(name);
    parameters_.push_back(tensor);
  }
}

int WeightFaultsRun::bit_of(std::size_t flip) const {
  return static_cast<int>(flip / static_cast<std::size_t>(options_.flips)) % format_.bits;
}

std::string WeightFaultsRun::fingerprint() const {
  Fingerprint all;
  for (const at::Tensor& parameter : parameters_) {
    const at::Tensor host = parameter.variable_data().cpu().contiguous();
    all.add(host.data_ptr(), host.nbytes());
  }
  return all.text();
}

std::vector<WeightFaultsRun::Asked> WeightFaultsRun::ask_clean(Session& session) {
  auto ids = own_loop::chosen_ids(session, options_.max_samples);
  std::sort(ids.begin(), ids.end());
  std::vector<Asked> batches;
  auto& model = session.subject_as<Model>();
  const auto step = static_cast<std::size_t>(session.batch_size());
  for (std::size_t first = 0; first < ids.size(); first += step) {
    const auto some = std::span(ids).subspan(first, std::min(step, ids.size() - first));
    Asked asked{session.data().batch(some), {}};
    asked.clean = answers::answers_of(model.forward(asked.batch.inputs).output, kind_, some);
    const auto again = answers::answers_of(model.forward(asked.batch.inputs).output, kind_, some);
    session.count_forwards(2 * std::ssize(some));
    for (std::int64_t i = 0; i < std::ssize(some); ++i)
      n_unsteady_ += !answers::same_answer(asked.clean, i, again, i, 1e-5);
    batches.push_back(std::move(asked));
  }
  n_samples_ = std::ssize(ids);
  return batches;
}

Outcome WeightFaultsRun::ask_flipped(Session& session, const std::vector<Asked>& batches) const {
  Outcome outcome;
  for (const Asked& asked : batches) {
    const std::int64_t n = asked.batch.size();
    session.count_forwards(n);
    Answers said;
    try {
      said = answers::answers_of(session.subject_as<Model>().forward(asked.batch.inputs).output,
                                 kind_, asked.batch.ids);
    } catch (const Cancelled&) {
      throw;
    } catch (const std::exception&) {  // it raised: nobody is misled
      outcome.n_detected += n;
      continue;
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (!asked.clean.finite[at]) continue;
      if (!said.finite[at])
        ++outcome.n_detected;
      else if (kind_ == OutputKind::values ? !answers::same_answer(asked.clean, i, said, i, 1e-3)
                                           : asked.clean.label[at] != said.label[at])
        ++outcome.n_silent;
    }
  }
  return outcome;
}

void WeightFaultsRun::work(Session& session) {
  const std::size_t total =
      parameters_.size() * static_cast<std::size_t>(format_.bits * options_.flips);
  if (outcomes_.size() == total || session.stopping()) return;
  const std::string before = fingerprint();
  n_unsteady_ = 0;
  const auto batches = ask_clean(session);
  while (outcomes_.size() < total && !session.stopping()) {
    const std::size_t k = outcomes_.size();
    const at::Tensor& parameter =
        parameters_[k / static_cast<std::size_t>(format_.bits * options_.flips)];
    const auto element =
        static_cast<std::int64_t>(session.rng("flip", static_cast<SampleId>(k))
                                      .below(static_cast<std::uint64_t>(parameter.numel())));
    const robustness::FlippedBit flipped(parameter, element, bit_of(k));
    outcomes_.push_back(ask_flipped(session, batches));
    session.progress(static_cast<std::int64_t>(k) + 1, static_cast<std::int64_t>(total));
    session.checkpoint(*this);
  }
  n_broken_ += fingerprint() != before;
}

/// One shard does it all: the others are empty.
void WeightFaultsRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const WeightFaultsRun&>(other);
  if (run.outcomes_.size() <= outcomes_.size()) return;
  n_samples_ = run.n_samples_;
  n_unsteady_ = run.n_unsteady_;
  n_broken_ = run.n_broken_;
  outcomes_ = run.outcomes_;
}

std::string WeightFaultsRun::save() const {
  State state("weight_faults");
  std::vector<std::int64_t> counts{n_samples_, n_unsteady_, n_broken_};
  for (const Outcome& outcome : outcomes_)
    counts.insert(counts.end(), {outcome.n_silent, outcome.n_detected});
  state.set("counts", std::move(counts));
  return state.dump();
}

void WeightFaultsRun::load(std::string_view text) {
  const State state = State::parse(text, "weight_faults");
  const auto& counts = state.integers("counts");
  const std::size_t most =
      parameters_.size() * static_cast<std::size_t>(format_.bits * options_.flips);
  bool agree = counts.size() >= 3 && counts.size() % 2 == 1 && (counts.size() - 3) / 2 <= most &&
               std::none_of(counts.begin(), counts.end(), [](std::int64_t c) { return c < 0; });
  std::vector<Outcome> outcomes;
  for (std::size_t k = 3; agree && k < counts.size(); k += 2) {
    outcomes.push_back({counts[k], counts[k + 1]});
    agree = counts[k] + counts[k + 1] <= counts[0];
  }
  if (!agree)
    throw StoreError("weight_faults.load", "counts that agree", "others",
                     "the saved state is damaged; run again");
  n_samples_ = counts[0];
  n_unsteady_ = counts[1];
  n_broken_ = counts[2];
  outcomes_ = std::move(outcomes);
}

}  // namespace leadline::detail::weight_faults
