#include "leadline/uncertainty/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/uncertainty/calibration_bins.hpp"

namespace leadline::detail::calibration {

class CalibrationRun : public ProbeRun {
 public:
  explicit CalibrationRun(const uncertainty::CalibrationOptions& options)
      : options_(options), bins_(options.bins) {}

  std::optional<PassNeeds> next_pass() override {
    if (asked_) return std::nullopt;
    asked_ = true;
    return PassNeeds{};
  }

  void observe(Context& context) override {
    const Predictions& seen = context.predictions();
    if (seen.n == 0) return;
    if (seen.target.empty() || seen.confidence.empty())
      throw CapabilityError("calibration", "scores and integer class labels",
                            seen.target.empty() ? "no class labels" : "labels only",
                            "return logits or probabilities from the model");
    logits_ = logits_ || context.kind() == OutputKind::logits;
    const std::array<Column, 2> columns{Column{"confidence", seen.confidence},
                                        Column{"correct", seen.correct}};
    bins_.update(Rows{context.batch().ids, {}, columns}, "calibration");
    for (std::int64_t i = 0; i < seen.n; ++i) {
      saturated_ += seen.confidence[static_cast<std::size_t>(i)] >= 1.0;
      confidence_.add(seen.confidence[static_cast<std::size_t>(i)]);
      const double* row = seen.scores.data() + i * seen.n_classes;
      double sum = 0, least = row[0];
      for (std::int64_t c = 0; c < seen.n_classes; ++c) {
        sum += row[c];
        least = std::min(least, row[c]);
      }
      distributions_ += least >= 0 && std::abs(sum - 1) < 1e-3;
    }
  }

  void merge(const ProbeRun& other) override {
    const auto& run = dynamic_cast<const CalibrationRun&>(other);
    bins_.merge(run.bins_);
    confidence_.merge(run.confidence_);
    saturated_ += run.saturated_;
    distributions_ += run.distributions_;
    logits_ = logits_ || run.logits_;
  }

  std::string save() const override {
    State state("calibration");
    const auto words = confidence_.save();
    state.set("run", std::vector<std::int64_t>{asked_, logits_, saturated_, distributions_,
                                               words[0], words[1]});
    bins_.save(state);
    return state.dump();
  }

  void load(std::string_view text) override {
    const State state = State::parse(text, "calibration");
    const auto& run = state.integers("run", 6);
    bins_.load(state);
    asked_ = run[0] != 0;
    logits_ = run[1] != 0;
    saturated_ = run[2];
    distributions_ = run[3];
    confidence_ = stats::FixedSum::load({run[4], run[5]});
  }

  Finding finish(Session& session) override;

 private:
  void add_checks(Finding& finding) const;
  void add_words(Finding& finding) const;

  uncertainty::CalibrationOptions options_;
  uncertainty::CalibrationBins bins_;
  stats::FixedSum confidence_;
  bool asked_ = false, logits_ = false;
  std::int64_t saturated_ = 0;      // confidence exactly 1
  std::int64_t distributions_ = 0;  // rows of scores that are probabilities already
};

Finding CalibrationRun::finish(Session& session) {
  Finding finding;
  if (bins_.n() == 0) {
    finding.status = Status::empty;
    finding.why = "the data set is empty";
    return finding;
  }
  const double level = session.level();
  finding.add("ece", bins_.expected_error(level), Better::lower,
              "mean distance of confidence from the share right");
  finding.add("mce", bins_.maximum_error(level), Better::lower,
              "largest distance of confidence from the share right");
  finding.add("overconfidence", bins_.overconfidence(level), Better::neither,
              "mean confidence minus share right");
  finding.add("mean_confidence",
              Estimate::of(confidence_.value() / static_cast<double>(bins_.n()), bins_.n(),
                           "read it beside overconfidence, which has one"),
              Better::neither, "mean confidence");
  finding.blocks.emplace_back(bins_.reliability(level));
  add_checks(finding);
  add_words(finding);
  return finding;
}

void CalibrationRun::add_checks(Finding& finding) const {
  const auto n = bins_.n();
  const std::int64_t needed = 20 * options_.bins;
  const bool enough = n >= needed;
  finding.checks.push_back(
      {.name = "enough_samples_per_bin",
       .result = enough ? Check::pass : Check::fail,
       .why = fmt::format("{} samples for {} bins, {:.1f} each", n, options_.bins,
                          static_cast<double>(n) / static_cast<double>(options_.bins)),
       .remedy = enough ? "" : fmt::format("use at least {} samples, or fewer bins", needed),
       .applies_to = {"ece", "mce"}});
  const bool twice = logits_ && distributions_ == n;
  finding.checks.push_back(
      {.name = "outputs_are_not_probabilities_already",
       .result = twice ? Check::fail : Check::pass,
       .why = twice
                  ? "every row of the logits lies in [0, 1] and sums to 1: softmax is applied twice"
                  : (logits_ ? "the logits are no probabilities" : "outputs are probabilities"),
       .remedy = twice ? "declare output='probabilities'" : "",
       .applies_to = {"*"}});
  const bool graded = 2 * saturated_ <= n;
  finding.checks.push_back(
      {.name = "confidence_is_graded",
       .result = graded ? Check::pass : Check::fail,
       .why = fmt::format("confidence is exactly 1 for {} of {} samples", saturated_, n),
       .remedy = graded ? "" : "return logits in float32, not rounded or one-hot probabilities",
       .applies_to = {"*"}});
}

/// Decimals of a percentage that tell two shares apart; at most 4.
int digits_to_differ(double a, double b) {
  int digits = 1;
  for (double unit = 10; digits < 4 && std::llround(100 * a * unit) == std::llround(100 * b * unit);
       unit *= 10)
    ++digits;
  return a == b ? 1 : digits;
}

void CalibrationRun::add_words(Finding& finding) const {
  const Estimate& gap = finding.at("overconfidence");
  const double said = finding.at("mean_confidence").value();
  const double right = said - gap.value();
  const bool sure = gap.lower && *gap.lower > 0, modest = gap.upper && *gap.upper < 0;
  const bool slight = std::abs(gap.value()) < 0.01;  // below a point in a hundred
  const int digits = digits_to_differ(said, right);
  finding.headline = fmt::format(
      "On average it claims to be {:.{}f} % sure and is right in {:.{}f} %: {}.", 100 * said,
      digits, 100 * right, digits,
      sure     ? slight ? "a little too sure of itself" : "it is too sure of itself"
      : modest ? slight ? "a little too modest" : "it is more often right than it claims"
               : "on average its confidence holds");
  const Estimate& ece = finding.at("ece");
  if (*ece.lower <= 0) {
    finding.consequence = "Its confidence may be read as a probability, as far as these data show.";
    return;
  }
  if (*ece.upper < 0.01) {  // shown, and below a point in a hundred
    finding.consequence = fmt::format(
        "Its confidence may be read as a probability: it is off by less than {:.2g} points in 100 "
        "on "
        "average.",
        std::ceil(1000 * *ece.upper) / 10);
    return;
  }
  finding.consequence =
      sure || modest
          ? fmt::format(
                "A limit on confidence, such as 'act above 90 %', will let through {} errors "
                "than it promises.",
                modest ? "fewer" : "more")
          : "Its confidence is too high in places and too low in others: a limit on it does not "
            "let "
            "through the errors that it promises.";
  finding.remedies.push_back(
      {"Divide the logits by a temperature fitted on held-out data (Guo et al. 2017), then measure "
       "again on the test data.",
       ""});
}

}  // namespace leadline::detail::calibration

namespace leadline::uncertainty {

Calibration::Calibration(Options options) : options_(options) {
  check_options("Calibration", options_);
}

ProbeInfo Calibration::info() const {
  return {.name = "calibration",
          .question = "Can its confidence be taken at its word?",
          .access = Access::outputs,
          .relative_cost = 1};
}

std::shared_ptr<ProbeRun> Calibration::start(Session& session) const {
  const OutputKind kind = session.output_kind();
  if (kind == OutputKind::values || kind == OutputKind::labels)
    throw CapabilityError("calibration", "logits or probabilities", std::string(name_of(kind)),
                          "return the scores of the classes from the model");
  return std::make_shared<leadline::detail::calibration::CalibrationRun>(options_);
}

}  // namespace leadline::uncertainty
