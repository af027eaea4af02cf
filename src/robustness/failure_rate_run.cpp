#include "failure_rate_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "badness.hpp"
#include "core/own_loop.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::robustness {

FailureRate::FailureRate(Options options) : options_(std::move(options)) {
  check_options("FailureRate", options_);
  if (!std::isfinite(options_.size))
    throw ValueError("FailureRate", "a finite size of the perturbation", "infinity",
                     "give a standard deviation in input units, e.g. 0.1");
}

ProbeInfo FailureRate::info() const {
  return {.name = "failure_rate",
          .question = "How likely is a random perturbation to mislead it?",
          .access = Access::outputs,
          .needs_random_access = true,
          .relative_cost = 200,
          .alternative = "robustness.GaussianNoise, for rates that plain draws show"};
}

std::shared_ptr<ProbeRun> FailureRate::start(Session& session) const {
  return std::make_shared<detail::failure_rate::FailureRateRun>(options_, session);
}

}  // namespace leadline::robustness

namespace leadline::detail::failure_rate {

using robustness::NoiseShape;

FailureRateRun::FailureRateRun(const robustness::FailureRateOptions& options, Session& session)
    : options_(options), data_(session.data().info()), kind_(session.output_kind()) {
  if (kind_ == OutputKind::labels || kind_ == OutputKind::values)
    throw CapabilityError("failure_rate", "a classifier that gives scores",
                          std::string(name_of(kind_)),
                          "splitting climbs scores; with labels use robustness.GaussianNoise");
}

void FailureRateRun::work(Session& session) {
  const auto ids = own_loop::chosen_ids(session, options_.max_samples);
  own_loop::visit_batches(session, *this, ids, 1, next_,
                          [&](const Batch& batch) { visit(session, batch); });
}

namespace {

/// x + size * noise, clipped to the bounds, as floats or doubles.
template <class T>
Tensor perturbed(const Tensor& one, std::span<const double> z, std::int64_t d,
                 const robustness::FailureRateOptions& options,
                 std::optional<std::pair<double, double>> bounds) {
  const T* x = one.data<T>();
  std::vector<T> out(z.size());
  for (std::size_t k = 0; k < z.size(); ++k) {
    const double noise =
        options.perturbation == NoiseShape::gaussian ? z[k] : 2 * stats::normal_cdf(z[k]) - 1;
    double value = static_cast<double>(x[k % static_cast<std::size_t>(d)]) + options.size * noise;
    if (bounds) value = std::clamp(value, bounds->first, bounds->second);
    out[k] = static_cast<T>(value);
  }
  std::vector<std::int64_t> shape(one.shape().begin(), one.shape().end());
  shape.front() = std::ssize(z) / d;
  return Tensor::own(std::move(out), shape);
}

}  // namespace

void FailureRateRun::visit(Session& session, const Batch& one) {
  Model& model = session.subject_as<Model>();
  const Tensor x = one.inputs.primary.host();
  if (x.dtype() != DType::f32 && x.dtype() != DType::f64)
    throw CapabilityError("failure_rate", "inputs of float32 or float64", x.describe(),
                          "use failure_rate.splitting with a score of your own");
  const std::int64_t right = answers::labels_of(one.target, 1).front();
  const auto ask = [&](const Inputs& inputs, std::int64_t n) {
    session.count_forwards(n);
    rows_ += n;
    const std::vector<SampleId> ids(static_cast<std::size_t>(n), one.ids.front());
    return answers::answers_of(model.forward(inputs).output, kind_, ids);
  };
  const auto clean = ask(one.inputs, 1), again = ask(one.inputs, 1);
  ++n_repeated_;
  n_unsteady_ += !answers::same_answer(clean, 0, again, 0, 1e-3);
  if (!clean.finite[0] || clean.label[0] != right) {
    ++n_misread_;
    return;
  }
  const robustness::Performance performance = [&](std::span<const double> z, std::int64_t d) {
    const std::int64_t n = std::ssize(z) / d;
    const std::vector<SampleId> first(static_cast<std::size_t>(n), 0);
    Inputs inputs(x.dtype() == DType::f32 ? perturbed<float>(x, z, d, options_, data_.bounds)
                                          : perturbed<double>(x, z, d, options_, data_.bounds));
    for (const auto& [name, extra] : one.inputs.extras)
      inputs.extras[name] = take_rows(extra.host(), first);
    const auto said = ask(inputs, n);
    std::vector<double> scores;
    for (std::int64_t i = 0; i < n; ++i) scores.push_back(answers::badness(said, i, right, kind_));
    return scores;
  };
  const SampleId id = one.ids.front();
  const std::int64_t d = x.n_elements();
  const std::uint64_t seed = stats::mix64(session.seed(), stats::hash64(session.probe_id()));
  const Estimate plain = robustness::monte_carlo(performance, d, options_.draws, seed, 0.95, id);
  auto split = robustness::splitting(performance, d, options_.splitting, seed, 0.95, id);
  visited_.push_back({id, std::move(split.rates),
                      std::llround(plain.value() * static_cast<double>(plain.n)),
                      split.least_acceptance});
}

void FailureRateRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const FailureRateRun&>(other);
  next_ += run.next_;
  n_misread_ += run.n_misread_;
  n_unsteady_ += run.n_unsteady_;
  n_repeated_ += run.n_repeated_;
  rows_ += run.rows_;
  visited_.insert(visited_.end(), run.visited_.begin(), run.visited_.end());
}

std::string FailureRateRun::save() const {
  State state("failure_rate");
  std::vector<std::int64_t> counts{next_, n_misread_, n_unsteady_, n_repeated_, rows_};
  std::vector<double> numbers;
  for (const Visited& one : visited_) {
    counts.insert(counts.end(), {one.id, one.n_failed});
    numbers.push_back(one.acceptance);
    numbers.insert(numbers.end(), one.rates.begin(), one.rates.end());
  }
  state.set("counts", std::move(counts)).set("numbers", std::move(numbers));
  return state.dump();
}

void FailureRateRun::load(std::string_view text) {
  const State state = State::parse(text, "failure_rate");
  const auto& counts = state.integers("counts");
  const auto damaged = [](bool is) {
    if (is)
      throw StoreError("failure_rate.load", "counts that agree", "others",
                       "the saved state is damaged; run again");
  };
  damaged(counts.size() < 5 || counts.size() % 2 == 0);
  damaged(std::any_of(counts.begin(), counts.end(), [](std::int64_t c) { return c < 0; }));
  const auto n = (std::ssize(counts) - 5) / 2;
  const auto width = 1 + options_.splitting.repeats;
  const auto& numbers = state.numbers("numbers", n * width);
  damaged(n + counts[1] != counts[0]);
  damaged(
      std::any_of(numbers.begin(), numbers.end(), [](double v) { return !(v >= 0 && v <= 1); }));
  std::vector<Visited> visited;
  for (std::int64_t k = 0; k < n; ++k) {
    const auto at = numbers.begin() + k * width;
    const auto c = static_cast<std::size_t>(5 + 2 * k);
    damaged(counts[c + 1] > options_.draws);
    visited.push_back({counts[c], {at + 1, at + width}, counts[c + 1], *at});
  }
  next_ = counts[0];
  n_misread_ = counts[1];
  n_unsteady_ = counts[2];
  n_repeated_ = counts[3];
  rows_ = counts[4];
  visited_ = std::move(visited);
}

}  // namespace leadline::detail::failure_rate
