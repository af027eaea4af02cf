#include "expectations_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/robustness/text_rows.hpp"

namespace leadline::detail::expectations {

using answers::Answers;
using robustness::Expect;
using robustness::Expectation;
using robustness::ExpectationKind;

/// One test on one batch; `rows` are those that count, in the order of `after`.
struct ExpectationsRun::Trial {
  std::size_t test;
  const Batch& batch;
  const robustness::Changed& changed;
  const std::vector<SampleId>& rows;
  const Answers& before;
  const Answers& after;
};

ExpectationsRun::ExpectationsRun(Tests tests, robustness::ExpectationsOptions options,
                                 Session& session)
    : tests_(std::move(tests)),
      options_(std::move(options)),
      data_(session.data().info()),
      kind_(session.output_kind()),
      tallies_(tests_->size()),
      failures_(session.seed()) {
  for (const Expectation& test : *tests_)
    if (kind_ == OutputKind::labels &&
        (test.kind == ExpectationKind::direction ||
         (test.kind == ExpectationKind::invariance && test.tolerance > 0)))
      throw CapabilityError(fmt::format("Expectations['{}']", test.name),
                            "a model that gives scores", "labels only",
                            "use invariance with tolerance 0");
}

std::string ExpectationsRun::key(std::size_t test) const {
  return fmt::format("{{test={}}}", plain::key_value((*tests_)[test].name));
}

std::optional<PassNeeds> ExpectationsRun::next_pass() {
  const bool needed = std::any_of(tests_->begin(), tests_->end(),
                                  [](const Expectation& test) { return test.cases == nullptr; });
  if (passed_ || !needed) return std::nullopt;
  passed_ = true;
  return PassNeeds{};
}

Answers ExpectationsRun::answer(Session& session, const Inputs& inputs,
                                std::span<const SampleId> ids) {
  session.count_forwards(std::ssize(ids));
  return answers::answers_of(session.subject_as<Model>().forward(inputs).output, kind_, ids);
}

void ExpectationsRun::observe(Context& context) {
  const Batch& batch = context.batch();
  const Answers before = answers::answers_of(context.outputs().output, kind_, batch.ids);
  Session& session = context.session();
  repeat(session, batch, before);
  for (std::size_t t = 0; t < tests_->size(); ++t)
    if (!(*tests_)[t].cases) run_test(session, t, batch, data_, before);
}

void ExpectationsRun::work(Session& session) {
  std::int64_t first = 0;  // of the cases of this test among all cases
  for (std::size_t t = 0; t < tests_->size(); ++t) {
    if (!(*tests_)[t].cases) continue;
    const Dataset& cases = *(*tests_)[t].cases;
    const DataInfo info = cases.info();
    const std::int64_t total = info.size.value_or(0);
    while (next_case_ < first + total && !session.stopping()) {
      const std::int64_t from = next_case_ - first;
      std::vector<SampleId> ids(
          static_cast<std::size_t>(std::min(session.batch_size(), total - from)));
      for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = from + static_cast<SampleId>(i);
      const Batch batch = cases.batch(ids);
      const Answers before = answer(session, batch.inputs, ids);
      repeat(session, batch, before);
      run_test(session, t, batch, info, before);
      next_case_ += std::ssize(ids);
      session.checkpoint(*this);
    }
    first += total;
  }
}

/// One row in eight, chosen by its id, is asked again.
void ExpectationsRun::repeat(Session& session, const Batch& batch, const Answers& before) {
  std::vector<SampleId> rows, ids;
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    const SampleId id = batch.ids[static_cast<std::size_t>(i)];
    if (session.rng("repeat", id).below(8) != 0) continue;
    rows.push_back(i);
    ids.push_back(id);
  }
  if (rows.empty()) return;
  const Answers again = answer(session, answers::take(batch.inputs, rows), ids);
  n_repeated_ += std::ssize(rows);
  for (std::size_t k = 0; k < rows.size(); ++k)
    n_unsteady_ +=
        !answers::same_answer(before, rows[k], again, static_cast<std::int64_t>(k), 1e-3);
}

void ExpectationsRun::run_test(Session& session, std::size_t test, const Batch& batch,
                               const DataInfo& data, const Answers& before) {
  const Expectation& expectation = (*tests_)[test];
  const std::string who = fmt::format("Expectations['{}']", expectation.name);
  robustness::Changed changed{batch.inputs};
  if (expectation.change)
    changed = expectation.change(
        {batch, data, stats::Stream(session.seed(), session.probe_id() + "/" + expectation.name)});
  if (!changed.inputs.primary.defined() || changed.inputs.primary.size(0) != batch.size() ||
      (!changed.applies.empty() && std::ssize(changed.applies) != batch.size()))
    throw ShapeError(
        who, fmt::format("a change that gives {} rows", batch.size()),
        changed.inputs.primary.defined() ? changed.inputs.primary.describe() : "nothing",
        "mark rows to which it does not apply instead of dropping them");
  changed.inputs.primary = changed.inputs.primary.host();
  const Inputs original(batch.inputs.primary.host(), batch.inputs.extras);
  std::vector<SampleId> rows, ids;
  Tally& tally = tallies_[test];
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    if (!changed.applies.empty() && !changed.applies[static_cast<std::size_t>(i)]) continue;
    ++tally.n_applies;
    if (expectation.change && answers::same_row(original, changed.inputs, i)) {
      ++tally.n_unchanged;
      continue;
    }
    rows.push_back(i);
    ids.push_back(batch.ids[static_cast<std::size_t>(i)]);
  }
  if (rows.empty()) return;
  if (!expectation.change) {
    fold(session, {test, batch, changed, rows, before, before});
    return;
  }
  const Inputs inputs =
      std::ssize(rows) == batch.size() ? changed.inputs : answers::take(changed.inputs, rows);
  fold(session, {test, batch, changed, rows, before, answer(session, inputs, ids)});
}

namespace {

/// How far a row is from what is expected; above 0: the test fails.
double excess(const Expectation& test, const Answers& before, std::int64_t i, const Answers& after,
              std::int64_t j, double target) {
  const auto at = [](std::int64_t row) { return static_cast<std::size_t>(row); };
  if (!after.finite[at(j)]) return 1;
  const bool values = !after.value.empty();
  if (test.kind == ExpectationKind::minimum_function)
    return values ? std::abs(after.value[at(j)] - target) - test.tolerance
                  : static_cast<double>(after.label[at(j)] != static_cast<std::int64_t>(target));
  if (!before.finite[at(i)]) return 1;
  if (test.kind == ExpectationKind::invariance && !values && test.tolerance == 0)
    return static_cast<double>(after.label[at(j)] != before.label[at(i)]);
  const std::int64_t c = values ? 0 : test.of_class >= 0 ? test.of_class : before.label[at(i)];
  if (c >= after.n_classes && !values)
    throw ValueError(fmt::format("Expectations['{}']", test.name),
                     fmt::format("of_class below {}", after.n_classes), std::to_string(c),
                     "count classes from 0");
  const double moved = after.score(j, c) - before.score(i, c);
  if (test.kind == ExpectationKind::invariance) return std::abs(moved) - test.tolerance;
  return (test.expect == Expect::not_fall ? -moved : moved) - test.tolerance;
}

}  // namespace

void ExpectationsRun::fold(Session& session, const Trial& trial) {
  const Expectation& test = (*tests_)[trial.test];
  std::vector<double> target(static_cast<std::size_t>(trial.batch.size()), 0.0);
  if (test.kind == ExpectationKind::minimum_function) {
    const Tensor& given =
        trial.changed.target.defined() ? trial.changed.target : trial.batch.target;
    if (!given.defined())
      throw ValueError(fmt::format("Expectations['{}']", test.name), "labels", "data without",
                       "give labels with the data, the cases or the change");
    target = answers::values_of(given, trial.batch.size());
  }
  Tally& tally = tallies_[trial.test];
  std::vector<double> failed(trial.rows.size());
  std::vector<SampleId> ids;
  for (std::size_t k = 0; k < trial.rows.size(); ++k) {
    const auto i = static_cast<std::size_t>(trial.rows[k]);
    const bool same = &trial.before == &trial.after;
    const double over = excess(test, trial.before, trial.rows[k], trial.after,
                               same ? trial.rows[k] : static_cast<std::int64_t>(k), target[i]);
    failed[k] = over > 0;
    ++tally.n;
    tally.n_failed += over > 0;
    ids.push_back(trial.batch.ids[i]);
    if (over > 0) show(trial, k, over);
  }
  if (!test.cases)
    session.table().put(session.probe_id() + ".failed" + key(trial.test), ids, failed);
}

/// The row before and after: two pictures, two texts, or the fields that changed.
void ExpectationsRun::picture(Exhibit& exhibit, const Trial& trial, std::int64_t row,
                              std::vector<std::string> said) const {
  const bool same = &trial.before == &trial.after;
  const Tensor original = trial.batch.inputs.primary.host();
  const Tensor& changed = trial.changed.inputs.primary;
  auto first = image_of(original, row, data_.bounds), second = image_of(changed, row, data_.bounds);
  if (data_.modality == Modality::image && first && second) {
    exhibit.kind = Exhibit::image;
    exhibit.images = {std::move(*first), std::move(*second)};
    exhibit.labels = std::move(said);
  } else if (original.dtype() == DType::u8 && original.rank() == 2) {
    exhibit.labels = {"before", "after"};
    exhibit.values = {robustness::texts_of(original.rows(row, 1)).front(),
                      robustness::texts_of(changed.rows(row, 1)).front()};
  } else if (is_floating(original.dtype()) && original.rank() == 2 &&
             changed.shape()[1] == original.shape()[1]) {
    const Tensor a = original.host(DType::f64), b = changed.host(DType::f64);
    const auto x = a.matrix<double>(), y = b.matrix<double>();
    for (Eigen::Index c = 0; c < x.cols() && exhibit.labels.size() < 12; ++c) {
      if (x(row, c) == y(row, c) && !same) continue;
      const auto f = static_cast<std::size_t>(c);
      exhibit.labels.push_back(f < data_.feature_names.size() ? data_.feature_names[f]
                                                              : fmt::format("feature {}", c));
      exhibit.values.push_back(same ? fmt::format("{:.4g}", x(row, c))
                                    : fmt::format("{:.4g} -> {:.4g}", x(row, c), y(row, c)));
    }
  }
}

void ExpectationsRun::show(const Trial& trial, std::size_t k, double severity) {
  const Expectation& test = (*tests_)[trial.test];
  const auto row = trial.rows[k];
  const SampleId sample = trial.batch.ids[static_cast<std::size_t>(row)];
  const SampleId id = test.cases ? -2 - sample : sample;  // cases have no id among the test data
  if (!failures_.wants(id, severity)) return;
  const bool same = &trial.before == &trial.after;
  const auto said = [&](const Answers& a, std::int64_t at) -> std::string {
    const auto i = static_cast<std::size_t>(at);
    if (!a.finite[i]) return "no answer";
    if (!a.value.empty()) return fmt::format("{:.4g}", a.value[i]);
    const auto c = static_cast<std::size_t>(a.label[i]);
    const std::string name =
        c < data_.class_names.size() ? data_.class_names[c] : std::to_string(c);
    return a.is_graded() ? fmt::format("{} ({:.2f})", name, a.score(at, a.label[i])) : name;
  };
  const std::string before = said(trial.before, row);
  const std::string after = said(trial.after, same ? row : static_cast<std::int64_t>(k));
  Exhibit exhibit;
  exhibit.kind = Exhibit::row;
  exhibit.id = id;
  exhibit.severity = severity;
  exhibit.title = same ? fmt::format("{}: {}", test.name, before)
                       : fmt::format("{}: {} becomes {}", test.name, before, after);
  exhibit.caption = fmt::format("{} {}", test.cases ? "case" : "sample", sample);
  picture(exhibit, trial, row, {before, after});
  failures_.add(std::move(exhibit));
}

}  // namespace leadline::detail::expectations
