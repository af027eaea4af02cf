#include "leadline/fairness/fairness.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fairness_run.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"

namespace leadline::detail::fairness_probe {

std::optional<PassNeeds> FairnessRun::next_pass() {
  if (asked_) return std::nullopt;
  asked_ = true;
  return PassNeeds{};
}

void FairnessRun::choose_columns(const Table& table) {
  if (!columns_.empty()) return;
  columns_ = options_.groups;
  for (const auto& field : table.fields()) {
    if (!options_.groups.empty()) break;
    const auto* groups = std::get_if<Categories>(&field.values);
    if (groups != nullptr && groups->names.size() >= 2 && groups->names.size() <= 50)
      columns_.push_back(field.name);
  }
  if (columns_.empty())
    throw CapabilityError("fairness", "a column of groups (categories with 2 to 50 levels)",
                          "none in the data's table",
                          "pass table={\"sex\": sex}, or name integer columns with groups=");
  counts_ = fairness::GroupCounts(columns_);
  calibration_ = fairness::GroupCalibration(calibration_.bins(), columns_);
}

void FairnessRun::observe(Context& context) {
  const Predictions& seen = context.predictions();
  if (seen.n == 0) return;
  if (context.batch().table == nullptr)
    throw CapabilityError("fairness", "a table of groups beside the samples", "none",
                          "pass table={\"sex\": sex} with the data");
  if (seen.target.empty())
    throw CapabilityError("fairness", "class labels", "none", "pass the true labels with the data");
  const Table& table = *context.batch().table;
  choose_columns(table);
  const std::array<Column, 2> decided{Column{"prediction", seen.label},
                                      Column{"target", seen.target}};
  counts_.update(Rows{context.batch().ids, {}, decided}, table, "fairness");
  if (seen.probabilities.empty()) {
    has_probabilities_ = false;
    return;
  }
  const bool binary = seen.n_classes == 2 || options_.positive.has_value();
  const std::int64_t positive = options_.positive.value_or(1);
  if (positive >= seen.n_classes)
    throw ValueError("fairness", fmt::format("positive below {} classes", seen.n_classes),
                     fmt::format("{}", positive), "name a class of the model");
  std::vector<double> probability(static_cast<std::size_t>(seen.n));
  std::vector<std::int64_t> outcome(probability.size());
  for (std::size_t i = 0; i < probability.size(); ++i) {
    const auto at =
        i * static_cast<std::size_t>(seen.n_classes) + static_cast<std::size_t>(positive);
    probability[i] = std::clamp(binary ? seen.probabilities[at] : seen.confidence[i], 0.0, 1.0);
    outcome[i] = binary ? seen.target[i] == positive : seen.label[i] == seen.target[i];
  }
  const std::array<Column, 2> stated{Column{"probability", probability}, Column{"target", outcome}};
  calibration_.update(Rows{context.batch().ids, {}, stated}, table, "fairness");
}

void FairnessRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const FairnessRun&>(other);
  asked_ = asked_ || run.asked_;
  if (columns_.empty()) columns_ = run.columns_;
  counts_.merge(run.counts_);
  calibration_.merge(run.calibration_);
  has_probabilities_ = has_probabilities_ && run.has_probabilities_;
}

std::string FairnessRun::save() const {
  State state("fairness"), counts("counts"), calibration("calibration");
  counts_.save(counts);
  calibration_.save(calibration);
  state.set("run", std::vector<std::int64_t>{asked_, has_probabilities_});
  state.set("columns", columns_);
  state.set("counts", counts.dump()).set("calibration", calibration.dump());
  return state.dump();
}

void FairnessRun::load(std::string_view text) {
  const State state = State::parse(text, "fairness");
  const auto& run = state.integers("run", 2);
  fairness::GroupCounts counts;
  fairness::GroupCalibration calibration(calibration_.bins());
  counts.load(State::parse(state.text("counts"), "counts"));
  calibration.load(State::parse(state.text("calibration"), "calibration"));
  columns_ = state.texts("columns");
  counts_ = std::move(counts);
  calibration_ = std::move(calibration);
  asked_ = run[0] != 0;
  has_probabilities_ = run[1] != 0;
}

}  // namespace leadline::detail::fairness_probe

namespace leadline::fairness {

Fairness::Fairness(Options options) : options_(std::move(options)) {
  check_options("Fairness", options_);
}

ProbeInfo Fairness::info() const {
  return {.name = "fairness",
          .question = "Are groups treated alike?",
          .access = Access::labels,
          .relative_cost = 1};
}

std::shared_ptr<ProbeRun> Fairness::start(Session& session) const {
  if (session.output_kind() == OutputKind::values)
    throw CapabilityError("fairness", "a model that classifies", "values",
                          "use by_group with a metric of values");
  return std::make_shared<leadline::detail::fairness_probe::FairnessRun>(options_);
}

}  // namespace leadline::fairness
