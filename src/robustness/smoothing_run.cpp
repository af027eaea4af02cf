#include "smoothing_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/own_loop.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::detail::smoothing_run {

constexpr std::int64_t attack_draws = 200;

SmoothingRun::SmoothingRun(const robustness::RandomizedSmoothingOptions& options, Session& session)
    : options_(options), output_(session.output_kind()) {
  std::sort(options_.radii.begin(), options_.radii.end());
  options_.radii.erase(std::unique(options_.radii.begin(), options_.radii.end()),
                       options_.radii.end());
}

robustness::SmoothingDraws SmoothingRun::draws(Session& session) const {
  return {.n = options_.n,
          .n0 = options_.n0,
          .alpha = options_.alpha,
          .early_stop = options_.early_stop,
          .radii = options_.radii,
          .seed = session.seed(),
          .batch_size = session.batch_size()};
}

void SmoothingRun::work(Session& session) {
  const auto ids = own_loop::chosen_ids(session, options_.max_samples);
  n_total_ = std::ssize(ids);
  while (std::ssize(rows_) < n_total_ && !session.stopping()) {
    const auto at = rows_.size();
    if (!visit(session, session.data().batch(std::span(ids).subspan(at, 1)))) break;
    session.progress(std::ssize(rows_), n_total_);
    session.checkpoint(*this);
  }
}

bool SmoothingRun::visit(Session& session, const Batch& one) {
  Model& model = session.subject_as<Model>();
  const Predictions clean =
      predictions_of(model.forward(one.inputs).output, output_, one.target, one.ids);
  session.count_forwards(1);
  if (clean.target.empty())
    throw DataError("smoothing", "a target for each sample", "a data set without labels",
                    "give the true classes, or use robustness::Smoothing on the inputs alone");
  const stats::Stream stream(session.seed(), session.probe_id() + "/noise");
  votes::NoisyRow noisy(model, output_, one.inputs, options_.sigma, stream, one.ids[0]);
  const auto plan = draws(session);
  const auto found =
      votes::certify(noisy, options_.sigma, plan, [&session] { return session.stopping(); });
  if (!found) return false;
  session.count_forwards(options_.n0 + found->n);
  rows_.push_back({one.ids[0], clean.target[0], clean.label[0] == clean.target[0], *found});
  const Row& row = rows_.back();
  if (std::ssize(rows_) <= options_.check_samples) vote_again(session, one);
  if (tally_.tried < options_.check_samples && row.found.radius > 0) attack(session, one, row);
  SampleTable& table = session.table();
  const std::string& id = session.probe_id();
  table.put(id + ".radius", row.id, row.right() ? row.found.radius : 0.0);
  table.put(id + ".label", row.id, static_cast<double>(row.found.label));
  table.put(id + ".draws", row.id, static_cast<double>(row.found.n + options_.n0));
  return true;
}

/// The same draws in smaller batches: a model that treats rows alone answers the same.
void SmoothingRun::vote_again(Session& session, const Batch& one) {
  const stats::Stream stream(session.seed(), session.probe_id() + "/noise");
  votes::NoisyRow noisy(session.subject_as<Model>(), output_, one.inputs, options_.sigma, stream,
                        one.ids[0]);
  const std::int64_t n = std::min<std::int64_t>(options_.n0, 32);
  const auto whole = noisy.labels(0, n);
  for (std::int64_t i = 0; i < n; ++i)
    tally_.again_changed += noisy.labels(i, 1)[0] != whole[static_cast<std::size_t>(i)];
  tally_.again += n;
  session.count_forwards(2 * n);
}

/// Where the answer is likeliest to change: the mean of the noise under which another class was
/// given (for a linear model the normal of its boundary), else towards an input read as another.
std::vector<double> SmoothingRun::towards_others(Session& session, const Batch& one,
                                                 const Row& row) {
  const stats::Stream stream(session.seed(), session.probe_id() + "/noise");
  votes::NoisyRow noisy(session.subject_as<Model>(), output_, one.inputs, options_.sigma, stream,
                        one.ids[0]);
  std::vector<double> towards(static_cast<std::size_t>(noisy.size()));
  std::int64_t seen = 0;
  const auto labels = noisy.labels(options_.n0, attack_draws);
  session.count_forwards(attack_draws);
  for (std::int64_t i = 0; i < attack_draws; ++i) {
    if (labels[static_cast<std::size_t>(i)] == row.found.chosen) continue;
    const auto z = noisy.noise(options_.n0 + i);
    for (std::size_t j = 0; j < towards.size(); ++j) towards[j] += static_cast<double>(z[j]);
    ++seen;
  }
  const auto other = std::find_if(rows_.begin(), rows_.end(),
                                  [&](const Row& r) { return r.found.chosen != row.found.chosen; });
  if (seen == 0 && other != rows_.end()) {
    const Batch there = session.data().batch(std::span(&other->id, 1));
    const Tensor from = one.inputs.primary.host(DType::f64);
    const Tensor to = there.inputs.primary.host(DType::f64);
    for (std::size_t j = 0; j < towards.size(); ++j)
      towards[j] = to.data<double>()[j] - from.data<double>()[j];
  }
  return towards;
}

/// At a point inside the certified ball the class must still win: draws there must not say that it
/// has less than half.
void SmoothingRun::attack(Session& session, const Batch& one, const Row& row) {
  auto shift = towards_others(session, one, row);
  double norm = 0;
  for (const double s : shift) norm += s * s;
  if (norm <= 0) return;
  const double scale = 0.99 * row.found.radius / std::sqrt(norm);
  for (double& s : shift) s *= scale;
  const stats::Stream stream(session.seed(), session.probe_id() + "/attack");
  votes::NoisyRow noisy(session.subject_as<Model>(), output_, one.inputs, options_.sigma, stream,
                        one.ids[0]);
  noisy.move(shift);
  votes::Counts counts;
  votes::count(noisy, 0, attack_draws, session.batch_size(), counts);
  session.count_forwards(attack_draws);
  const double p = stats::binomial_cdf(counts[row.found.chosen], attack_draws, 0.5);
  ++tally_.tried;
  tally_.least_p = std::min(tally_.least_p, p);
  tally_.contradicted += p < 1e-6;
}

void SmoothingRun::merge(const ProbeRun& other) {
  const auto& more = dynamic_cast<const SmoothingRun&>(other);
  rows_.insert(rows_.end(), more.rows_.begin(), more.rows_.end());
  n_total_ += more.n_total_;
  tally_.again += more.tally_.again;
  tally_.again_changed += more.tally_.again_changed;
  tally_.tried += more.tally_.tried;
  tally_.contradicted += more.tally_.contradicted;
  tally_.least_p = std::min(tally_.least_p, more.tally_.least_p);
}

std::string SmoothingRun::save() const {
  State state("smoothing");
  std::vector<std::int64_t> counts{n_total_, tally_.again, tally_.again_changed, tally_.tried,
                                   tally_.contradicted};
  std::vector<double> bounds{tally_.least_p};
  for (const Row& row : rows_) {
    const auto& f = row.found;
    counts.insert(counts.end(),
                  {row.id, row.target, row.clean_right, f.label, f.chosen, f.agreed, f.n});
    bounds.insert(bounds.end(), {f.radius, f.p_lower});
  }
  state.set("counts", std::move(counts));
  state.set("bounds", std::move(bounds));
  return state.dump();
}

void SmoothingRun::load(std::string_view text) {
  const State state = State::parse(text, "smoothing");
  const auto& counts = state.integers("counts");
  const auto& bounds = state.numbers("bounds");
  const auto damaged = [](const char* expected) {
    throw StoreError("smoothing.load", expected, "others", "the saved state is damaged; run again");
  };
  if (counts.size() < 5 || (counts.size() - 5) % 7 != 0 ||
      bounds.size() != 1 + 2 * ((counts.size() - 5) / 7))
    damaged("seven counts and two bounds a sample");
  std::vector<Row> rows;
  for (std::size_t i = 5, b = 1; i < counts.size(); i += 7, b += 2) {
    const auto* at = counts.data() + i;
    rows.push_back(
        {at[0], at[1], at[2] != 0, {at[3], bounds[b], bounds[b + 1], at[4], at[5], at[6]}});
    const auto& f = rows.back().found;
    if (f.agreed < 0 || f.agreed > f.n || !(f.radius >= 0 && std::isfinite(f.radius)) ||
        !(f.p_lower >= 0 && f.p_lower <= 1) || (f.label >= 0 && f.label != f.chosen))
      damaged("certificates that agree with their draws");
  }
  for (std::size_t i = 0; i < 5; ++i)
    if (counts[i] < 0) damaged("counts of at least 0");
  if (counts[2] > counts[1] || counts[4] > counts[3] || !(bounds[0] >= 0 && bounds[0] <= 1))
    damaged("counts that agree");
  rows_ = std::move(rows);
  n_total_ = counts[0];
  tally_ = {counts[1], counts[2], counts[3], counts[4], bounds[0]};
}

}  // namespace leadline::detail::smoothing_run

namespace leadline::robustness {

RandomizedSmoothing::RandomizedSmoothing(Options options) : options_(std::move(options)) {
  check_options("RandomizedSmoothing", options_);
  if (options_.radii.empty())
    throw ValueError("RandomizedSmoothing", "at least one radius", "none", "such as radii=[0.25]");
  detail::votes::check_certify("RandomizedSmoothing",
                               {.n = options_.n, .alpha = options_.alpha, .radii = options_.radii},
                               options_.sigma);
}

ProbeInfo RandomizedSmoothing::info() const {
  return {.name = "smoothing",
          .question = "How many answers under noise are proven against every small change?",
          .access = Access::labels,
          .needs_random_access = true,
          .relative_cost = static_cast<double>(options_.n)};
}

std::shared_ptr<ProbeRun> RandomizedSmoothing::start(Session& session) const {
  if (session.output_kind() == OutputKind::values)
    throw CapabilityError("smoothing", "a model that names classes", "a model that returns values",
                          "classification only");
  return std::make_shared<leadline::detail::smoothing_run::SmoothingRun>(options_, session);
}

}  // namespace leadline::robustness
