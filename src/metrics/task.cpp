#include "leadline/metrics/task.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "leadline/core/error.hpp"
#include "task_run.hpp"

namespace leadline::metrics {

Task::Task(Options options) : options_(options) { check_options("Task", options_); }

ProbeInfo Task::info() const {
  return {.name = "task",
          .question = "How often is it right?",
          .access = Access::labels,
          .relative_cost = 1};
}

std::shared_ptr<ProbeRun> Task::start(Session& session) const {
  if (session.output_kind() == OutputKind::values)
    throw CapabilityError("task", "a model that names classes", "a model that returns values",
                          "classification only; for a classifier declare output='logits'");
  return std::make_shared<leadline::detail::task::TaskRun>(options_, session);
}

}  // namespace leadline::metrics

namespace leadline::detail::task {

TaskRun::TaskRun(const metrics::TaskOptions& options, Session& session)
    : options_(options), data_(session.data().info()), mistakes_(session.seed()) {}

std::optional<PassNeeds> TaskRun::next_pass() {
  if (asked_) return std::nullopt;
  asked_ = true;
  return PassNeeds{};
}

void TaskRun::observe(Context& context) {
  const Predictions& seen = context.predictions();
  if (seen.target.empty() && context.batch().size() > 0)
    throw CapabilityError(
        "task", "integer class labels", context.batch().target.describe(),
        "one-hot targets: y.argmax(1); labels in a column: y.squeeze(1); for regression "
        "use regression metrics");
  const std::int64_t named = std::ssize(data_.class_names);
  std::int64_t n_classes = std::max(seen.n_classes, named);
  if (seen.n_classes == 0)  // labels only: as many as were seen
    for (std::int64_t i = 0; i < seen.n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (seen.label[at] < 0)
        throw DataError("task", "labels >= 0 from the model", fmt::format("{}", seen.label[at]),
                        "number the classes 0 .. n_classes - 1");
      n_classes = std::max({n_classes, seen.label[at] + 1, seen.target[at] + 1});
    }
  confusion_.update(seen.target, seen.label, n_classes);
  if (!seen.probabilities.empty()) add_scores(seen);
  flag_mistakes(context, seen);
}

void TaskRun::add_scores(const Predictions& seen) {
  log_loss_.add(seen.loss);
  std::vector<double> brier(static_cast<std::size_t>(seen.n));
  const std::int64_t k =
      options_.k.value_or(std::min<std::int64_t>(5, std::max<std::int64_t>(1, seen.n_classes - 1)));
  for (std::int64_t i = 0; i < seen.n; ++i) {
    const double* p = seen.probabilities.data() + i * seen.n_classes;
    const double* score = seen.scores.data() + i * seen.n_classes;
    const std::int64_t target = seen.target[static_cast<std::size_t>(i)];
    std::int64_t ahead = 0;
    double loss = 0, first = 0, second = 0;
    for (std::int64_t c = 0; c < seen.n_classes; ++c) {
      const double miss = p[c] - (c == target ? 1.0 : 0.0);
      loss += miss * miss;
      second = std::max(second, std::min(first, p[c]));
      first = std::max(first, p[c]);
      ahead += score[c] > score[target] || (score[c] == score[target] && c < target);
    }
    brier[static_cast<std::size_t>(i)] = loss;
    surprise_ -= std::log(std::max(second, std::numeric_limits<double>::min()));
    top_k_hits_ += ahead < k;
  }
  brier_.add(brier);
  n_scored_ += seen.n;
}

void TaskRun::flag_mistakes(Context& context, const Predictions& seen) {
  const Tensor& inputs = context.batch().inputs.primary;
  for (std::int64_t i = 0; i < seen.n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (seen.correct[at]) continue;
    const double confidence = seen.confidence.empty() ? 0.0 : seen.confidence[at];
    const SampleId id = context.batch().ids[at];
    if (!mistakes_.wants(id, confidence)) continue;
    Exhibit exhibit;
    exhibit.id = id;
    exhibit.severity = confidence;
    exhibit.title =
        fmt::format("read as {}, is {}", metrics::class_text(seen.label[at], data_.class_names),
                    metrics::class_text(seen.target[at], data_.class_names));
    if (!seen.confidence.empty()) exhibit.caption = fmt::format("{:.3g} % sure", 100 * confidence);
    exhibit.kind = Exhibit::row;
    if (data_.modality == Modality::image) {
      if (auto image = image_of(inputs, i, data_.bounds)) {
        exhibit.kind = Exhibit::image;
        exhibit.images.push_back(std::move(*image));
        exhibit.labels.emplace_back("as given");
      }
    } else if (inputs.rank() == 2 && inputs.size(1) <= 64) {
      const Tensor row = inputs.rows(i, 1).host();
      for (std::int64_t f = 0; f < inputs.size(1); ++f) {
        exhibit.labels.push_back(f < std::ssize(data_.feature_names)
                                     ? data_.feature_names[static_cast<std::size_t>(f)]
                                     : fmt::format("feature {}", f));
        exhibit.values.push_back(fmt::format("{:.4g}", ArrayView(row).at(0, f)));
      }
    }
    mistakes_.add(std::move(exhibit));
  }
}

void TaskRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const TaskRun&>(other);
  confusion_.merge(run.confusion_);
  log_loss_.merge(run.log_loss_);
  brier_.merge(run.brier_);
  n_scored_ += run.n_scored_;
  top_k_hits_ += run.top_k_hits_;
  surprise_ += run.surprise_;
  mistakes_.merge(run.mistakes_);
}

std::string TaskRun::save() const {
  State state("task");
  state.set("asked", asked_ ? 1 : 0).set("n_scored", n_scored_).set("top_k_hits", top_k_hits_);
  state.set("surprise", surprise_);
  confusion_.save(state);
  State log_loss("log_loss"), brier("brier");
  log_loss_.save(log_loss);
  brier_.save(brier);
  state.set("log_loss", log_loss.dump()).set("brier", brier.dump());
  mistakes_.save(state, "mistakes");
  return state.dump();
}

void TaskRun::load(std::string_view text) {
  const State state = State::parse(text, "task");
  TaskRun loaded(*this);
  loaded.asked_ = state.integer("asked") != 0;
  loaded.n_scored_ = state.integer("n_scored");
  loaded.top_k_hits_ = state.integer("top_k_hits");
  loaded.surprise_ = state.number("surprise");
  loaded.confusion_.load(state);
  loaded.log_loss_.load(State::parse(state.text("log_loss"), "log_loss"));
  loaded.brier_.load(State::parse(state.text("brier"), "brier"));
  loaded.mistakes_.load(state, "mistakes");
  if (loaded.n_scored_ < 0 || loaded.top_k_hits_ < 0 || loaded.top_k_hits_ > loaded.n_scored_ ||
      loaded.n_scored_ > loaded.confusion_.n() || !(loaded.surprise_ >= 0))
    throw StoreError("task.load", "counts that agree", "others",
                     "the saved state is damaged; run again");
  *this = std::move(loaded);
}

}  // namespace leadline::detail::task
