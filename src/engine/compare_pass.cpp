// One pass over the data, each batch through all models.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "engine/compare_pairs.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/memory.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::compare {
namespace pass {

/// A model in the pass.
struct Runner {
  Model* model = nullptr;
  std::shared_ptr<void> hold;
  std::shared_ptr<SampleTable> table = std::make_shared<SampleTable>();
  Observed seen;
  RowLimit limit{};
};

Runner make_runner(const std::string& name, const std::shared_ptr<Subject>& subject,
                   const DataInfo& data) {
  if (subject == nullptr) throw TypeError("compare", "a model", "none", "pass two models");
  Runner runner;
  runner.model = dynamic_cast<Model*>(subject.get());
  if (runner.model == nullptr)
    throw CapabilityError("compare", "models from tensors to tensors",
                          "'" + subject->info().name + "', a model of text",
                          "store its scores by sample and compare these");
  const SubjectInfo about = subject->info();
  runner.seen.name = name;
  runner.seen.digest = about.digest;
  runner.seen.kind = about.output;
  runner.seen.data_name = data.name;
  runner.seen.fingerprint = data.fingerprint;
  runner.hold = subject->hold();
  return runner;
}

void feed(Runner& runner, const Batch& batch, const CompareOptions& options, bool keep_scores) {
  const Outputs outputs = forward_within(runner.limit, *runner.model, batch.inputs);
  Observed& seen = runner.seen;
  if (seen.kind == OutputKind::unknown) seen.kind = options.output;
  if (seen.kind == OutputKind::unknown) seen.kind = engine::kind_of(outputs.output, batch.target);
  if (seen.kind == OutputKind::values || seen.kind == OutputKind::unknown) {
    engine::record_values(*runner.table, batch.ids, outputs.output, batch.target);
    engine::record_table(*runner.table, batch);
    return;
  }
  const Predictions answers = predictions_of(outputs.output, seen.kind, batch.target, batch.ids);
  engine::record_predictions(*runner.table, batch.ids, answers);  // first: rows in batch order
  engine::record_table(*runner.table, batch);
  seen.n_classes = std::max(seen.n_classes, answers.n_classes);
  if (!keep_scores) return;
  seen.scores.insert(seen.scores.end(), answers.scores.begin(), answers.scores.end());
  seen.probabilities.insert(seen.probabilities.end(), answers.probabilities.begin(),
                            answers.probabilities.end());
}

/// Batches in keyed random order where the data can be read so, else as they come.
class Reader {
 public:
  Reader(const Dataset& data, const CompareOptions& options) : data_(data), options_(options) {
    const DataInfo about = data.info();
    total = about.size.value_or(0);
    if (engine::is_stream(data))
      cursor_ = data.open(0);
    else
      order_.emplace(total, options.seed, "order/test");
  }
  std::optional<Batch> next() {
    if (cursor_ != nullptr) return cursor_->next(options_.batch_size);
    std::vector<SampleId> ids;
    while (at_ < total && std::ssize(ids) < options_.batch_size) ids.push_back((*order_)(at_++));
    if (ids.empty()) return std::nullopt;
    return data_.batch(ids);
  }
  std::int64_t total = 0;

 private:
  const Dataset& data_;
  const CompareOptions& options_;
  std::unique_ptr<Dataset::Cursor> cursor_;
  std::optional<stats::Permutation> order_;
  std::int64_t at_ = 0;
};

}  // namespace pass

Pass observe(const NamedSubjects& subjects, const Dataset& data, const CompareOptions& options,
             bool keep_scores) {
  const DataInfo about = data.info();
  std::vector<pass::Runner> runners;
  for (const auto& [name, subject] : subjects)
    runners.push_back(pass::make_runner(name, subject, about));
  pass::Reader reader(data, options);
  Pass out;
  engine::CategoryNames categories;
  std::int64_t done = 0;
  const auto began = std::chrono::steady_clock::now();
  while (auto batch = reader.next()) {
    if (done == 0) categories = engine::category_names(*batch);
    for (auto& runner : runners) pass::feed(runner, *batch, options, keep_scores);
    done += batch->size();
    out.forwards += batch->size() * std::ssize(runners);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
    if (options.on_progress)
      options.on_progress({"pass over test", done, reader.total, spent.count()});
    if (options.cancel.cancelled()) {
      out.cut_short = fmt::format("cancelled: the pass ended after {} samples", done);
      break;
    }
  }
  if (done == 0)
    throw DataError("compare", "at least one sample", "an empty data set", "check the loading");
  for (auto& runner : runners) {
    runner.seen.samples = runner.table;
    runner.seen.categories = categories;
    out.models.push_back(std::move(runner.seen));
  }
  return out;
}

Observed stored(const Report& report, const std::string& name) {
  Observed seen;
  seen.name = name;
  seen.digest = report.fact("model.digest");
  seen.data_name = report.fact("data.test.name");
  seen.fingerprint = report.fact("data.test.fingerprint");
  if (seen.fingerprint == "none") seen.fingerprint.clear();
  if (seen.digest == "none") seen.digest.clear();
  const std::string kind = report.fact("model.output");
  for (const auto one :
       {OutputKind::logits, OutputKind::probabilities, OutputKind::labels, OutputKind::values})
    if (name_of(one) == kind) seen.kind = one;
  seen.samples = report.sample_table("compare");
  seen.categories = engine::from_facts(report.provenance);
  return seen;
}

}  // namespace leadline::detail::compare
