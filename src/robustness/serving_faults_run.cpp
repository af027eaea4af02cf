#include "serving_faults_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/own_loop.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::serving_faults {

using answers::Answers;
using robustness::ServingFault;

constexpr double tolerance = 1e-5;  // between two runs of the same batch

ServingFaultsRun::ServingFaultsRun(std::vector<ServingFault> faults, std::int64_t max_samples,
                                   Session& session)
    : faults_(std::move(faults)),
      max_samples_(max_samples),
      data_(session.data().info()),
      kind_(session.output_kind()),
      tallies_(faults_.size()),
      silent_(session.seed()) {}

std::string ServingFaultsRun::key(std::size_t fault) const {
  return fmt::format(
      "{{fault={}}}",
      names_of(std::type_identity<ServingFault>{})[static_cast<std::size_t>(faults_[fault])]);
}

void ServingFaultsRun::work(Session& session) {
  const auto ids = own_loop::chosen_ids(session, max_samples_);
  own_loop::visit_batches(session, *this, ids, session.batch_size(), next_,
                          [&](const Batch& batch) { visit(session, batch); });
}

Answers ServingFaultsRun::ask(Session& session, const Inputs& inputs,
                              std::span<const SampleId> ids) {
  session.count_forwards(std::ssize(ids));
  try {
    return answers::answers_of(session.subject_as<Model>().forward(inputs).output, kind_, ids);
  } catch (const Cancelled&) {
    throw;
  } catch (const std::exception&) {
    Answers none;
    none.n = std::ssize(ids);
    none.finite.assign(ids.size(), 0);
    if (ids.size() < 2) return none;
    std::vector<Answers> rows;
    for (std::int64_t i = 0; i < none.n; ++i) {
      const SampleId row = i;
      rows.push_back(ask(session, answers::take(inputs, std::span(&row, 1)),
                         ids.subspan(static_cast<std::size_t>(i), 1)));
    }
    return answers::joined(rows);
  }
}

Answers ServingFaultsRun::ask_in_halves(Session& session, const Batch& batch) {
  std::vector<Answers> parts;
  const std::int64_t half = batch.size() / 2;
  for (const auto& [first, n] :
       {std::pair(std::int64_t{0}, half), std::pair(half, batch.size() - half)}) {
    if (n == 0) continue;
    std::vector<SampleId> rows(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) rows[static_cast<std::size_t>(i)] = first + i;
    parts.push_back(ask(session, answers::take(batch.inputs, rows),
                        std::span(batch.ids).subspan(static_cast<std::size_t>(first),
                                                     static_cast<std::size_t>(n))));
  }
  return answers::joined(parts);
}

void ServingFaultsRun::visit(Session& session, const Batch& batch) {
  const Answers clean = ask(session, batch.inputs, batch.ids);
  const Answers again = ask(session, batch.inputs, batch.ids);
  for (const auto finite : clean.finite) n_answered_ += finite != 0;
  for (std::int64_t i = 0; i < batch.size(); ++i)
    n_unsteady_ += !answers::same_answer(clean, i, again, i, tolerance);
  const std::int64_t n = data_.size.value_or(0);
  std::vector<SampleId> previous;
  for (const SampleId id : batch.ids) previous.push_back((id + n - 1) % n);
  const Batch before = session.data().batch(previous);
  for (std::size_t f = 0; f < faults_.size(); ++f) break_path(session, f, batch, before, clean);
}

void ServingFaultsRun::break_path(Session& session, std::size_t fault, const Batch& batch,
                                  const Batch& before, const Answers& clean) {
  const DType dtype = batch.inputs.primary.dtype();
  if (faults_[fault] == ServingFault::nan_input && dtype != DType::f32 && dtype != DType::f64)
    return;  // whole numbers have no NaN: not measured
  const Inputs inputs =
      robustness::faulty_inputs(faults_[fault], batch, before,
                                stats::mix64(session.seed(), stats::hash64(session.probe_id())));
  const bool halves = faults_[fault] == ServingFault::partial_batch;
  const Answers said = halves ? ask_in_halves(session, batch) : ask(session, inputs, batch.ids);
  const Answers after = ask(session, batch.inputs, batch.ids);
  const bool labelled = batch.target.defined() && kind_ != OutputKind::values;
  const auto target =
      labelled ? answers::labels_of(batch.target, batch.size()) : std::vector<std::int64_t>();
  const Inputs original(batch.inputs.primary.host(), batch.inputs.extras);
  const Inputs changed(inputs.primary.host(), inputs.extras);
  FaultTally& tally = tallies_[fault];
  std::vector<double> outcome;
  std::vector<SampleId> answered;
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (!clean.finite[at]) continue;  // no answer to begin with: no fault can be told
    answered.push_back(batch.ids[at]);
    const bool detected = !said.finite[at];
    const bool silent =
        !detected && (kind_ == OutputKind::values ? !answers::same_answer(clean, i, said, i, 1e-3)
                                                  : clean.label[at] != said.label[at]);
    ++tally.n;
    tally.n_same_input += !halves && answers::same_row(original, changed, i);
    tally.n_detected += detected;
    tally.n_silent += silent;
    tally.n_recovered += answers::same_answer(clean, i, after, i, tolerance);
    if (labelled && clean.label[at] == target[at]) {
      ++tally.n_right_before;
      tally.n_silent_errors += silent;
    }
    outcome.push_back(detected ? 2 : silent ? 1 : 0);
    if (silent) show(fault, batch, changed, i, clean, said);
  }
  if (!answered.empty())
    session.table().put(session.probe_id() + ".outcome" + key(fault), answered, outcome);
}

void ServingFaultsRun::show(std::size_t fault, const Batch& batch, const Inputs& inputs,
                            std::int64_t row, const Answers& clean, const Answers& said) {
  const SampleId id = batch.ids[static_cast<std::size_t>(row)];
  const bool graded = said.is_graded() && kind_ != OutputKind::values;
  const double severity = graded ? said.score(row, said.label[static_cast<std::size_t>(row)]) : 0.5;
  if (!silent_.wants(id, severity)) return;
  const auto name = [&](const Answers& a) -> std::string {
    const auto i = static_cast<std::size_t>(row);
    if (!a.value.empty()) return fmt::format("{:.4g}", a.value[i]);
    const auto c = static_cast<std::size_t>(a.label[i]);
    return c < data_.class_names.size() ? data_.class_names[c] : std::to_string(a.label[i]);
  };
  Exhibit exhibit;
  exhibit.kind = Exhibit::row;
  exhibit.id = id;
  exhibit.severity = severity;
  exhibit.title = fmt::format("{} becomes {}", name(clean), name(said));
  exhibit.caption = fmt::format(
      "sample {}, {}", id,
      names_of(std::type_identity<ServingFault>{})[static_cast<std::size_t>(faults_[fault])]);
  auto first = image_of(batch.inputs.primary, row, data_.bounds),
       second = image_of(inputs.primary, row, data_.bounds);
  if (data_.modality == Modality::image && first && second) {
    exhibit.kind = Exhibit::image;
    exhibit.images = {std::move(*first), std::move(*second)};
    exhibit.labels = {name(clean), name(said)};
  }
  silent_.add(std::move(exhibit));
}

}  // namespace leadline::detail::serving_faults
