// Names and estimates of the metrics; their states are in hits, confusion and probability_loss.
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/balanced_accuracy.hpp"
#include "leadline/metrics/brier.hpp"
#include "leadline/metrics/confusion_matrix.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/metrics/precision.hpp"
#include "leadline/metrics/recall.hpp"
#include "leadline/metrics/top_k_accuracy.hpp"

namespace leadline::metrics {

Accuracy::Accuracy(Options options)
    : ScoreMetric("Accuracy", options, Hits(1, options.n_classes)) {}
MetricInfo Accuracy::info() const {
  return {"accuracy",
          Better::higher,
          {0, 1},
          "",
          "share of samples read correctly",
          {"prediction", "target"}};
}
Estimate Accuracy::compute() const {
  return fold_.rate(stats::name_of(options_.interval), options_.level);
}

TopKAccuracy::TopKAccuracy(Options options)
    : ScoreMetric("TopKAccuracy", options, Hits(options.k)) {}
MetricInfo TopKAccuracy::info() const {
  return {"top_k_accuracy",
          Better::higher,
          {0, 1},
          "",
          "share of samples whose true class is among the " + std::to_string(options_.k) +
              " first guesses",
          {"scores", "target"}};
}
Estimate TopKAccuracy::compute() const {
  return fold_.rate(stats::name_of(options_.interval), options_.level);
}

BalancedAccuracy::BalancedAccuracy(Options options)
    : ScoreMetric("BalancedAccuracy", options, Confusion(options.n_classes)) {}
MetricInfo BalancedAccuracy::info() const {
  return {"balanced_accuracy",
          Better::higher,
          {0, 1},
          "",
          "share read correctly, every class counting the same",
          {"prediction", "target"}};
}
Estimate BalancedAccuracy::compute() const { return balanced_accuracy_of(fold_, options_.level); }

Precision::Precision(Options options) : ClassRatioMetric(options) {}
MetricInfo Precision::info() const {
  return {"precision",
          Better::higher,
          {0, 1},
          "",
          "of the samples called a class, the share of it",
          {"prediction", "target"}};
}

Recall::Recall(Options options) : ClassRatioMetric(options) {}
MetricInfo Recall::info() const {
  return {"recall",
          Better::higher,
          {0, 1},
          "",
          "of the samples of a class, the share found",
          {"prediction", "target"}};
}

F1::F1(Options options) : ClassRatioMetric(options) {}
MetricInfo F1::info() const {
  return {"f1",
          Better::higher,
          {0, 1},
          "",
          "balance of precision and recall",
          {"prediction", "target"}};
}

ConfusionMatrix::ConfusionMatrix(Options options)
    : ScoreMetric("ConfusionMatrix", options, Confusion(options.n_classes)) {}
MetricInfo ConfusionMatrix::info() const {
  return {"confusion_matrix",      Better::higher, {0, 1}, "", "share of samples read correctly",
          {"prediction", "target"}};
}
Estimate ConfusionMatrix::compute() const { return accuracy_of(fold_, options_.level); }
void ConfusionMatrix::describe(Finding& finding, std::string_view prefix) const {
  finding.blocks.emplace_back(confusion_grid(fold_));
  const std::string start(prefix);
  const auto add = [&](const char* name, stats::Ratio ratio, const char* label) {
    std::int64_t k = 0;
    for (Estimate& estimate : class_ratios(fold_, ratio, options_.level))
      finding.add(start + name + "{class=" + class_text(k++) + "}", std::move(estimate),
                  Better::higher, label);
  };
  add("recall", stats::Ratio::recall, "of the samples of the class, the share found");
  add("precision", stats::Ratio::precision, "of the samples called so, the share of the class");
}

LogLoss::LogLoss(Options options)
    : ScoreMetric("LogLoss", options,
                  ProbabilityLoss(ProbabilityLoss::log_loss, options.input, options.floor)) {}
MetricInfo LogLoss::info() const {
  return {"log_loss",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "nats",
          "surprise at the true class",
          {std::string(column_of({})), "target"}};
}
Estimate LogLoss::compute() const {
  return fold_.loss().mean(MeanInterval::t, options_.level,
                           "the true class was given probability 0, the log loss is infinite");
}

Brier::Brier(Options options)
    : ScoreMetric("Brier", options, ProbabilityLoss(ProbabilityLoss::brier, options.input)) {}
MetricInfo Brier::info() const {
  return {"brier",
          Better::lower,
          {0, 2},
          "",
          "squared distance of the probabilities from the truth",
          {std::string(column_of({})), "target"}};
}
Estimate Brier::compute() const {
  return fold_.loss().mean(options_.interval, options_.level, "infinite");
}

}  // namespace leadline::metrics
