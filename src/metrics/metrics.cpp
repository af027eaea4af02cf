// Names and estimates of the metrics; their states are in hits and probability_loss.
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/brier.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/metrics/top_k_accuracy.hpp"

namespace leadline::metrics {

Accuracy::Accuracy(Options options)
    : ScoreMetric("Accuracy", options,
                  Hits(1, options.n_classes, decision_rule("Accuracy", options, false))) {}
MetricInfo Accuracy::info() const {
  return {"accuracy",
          Better::higher,
          {0, 1},
          "",
          "share of samples read correctly",
          {"prediction", "target"}};
}
Estimate Accuracy::estimate(const Hits& fold) const {
  return fold.rate(stats::name_of(options_.interval), options_.level);
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
Estimate TopKAccuracy::estimate(const Hits& fold) const {
  return fold.rate(stats::name_of(options_.interval), options_.level);
}

namespace {
TaskType single_label(std::string_view who, TaskType task) {
  if (task == TaskType::multilabel)
    throw ValueError(who, "task 'multiclass' or 'binary'", "'multilabel'",
                     "measure each label as a binary task");
  return task;
}
}  // namespace

LogLoss::LogLoss(Options options)
    : ScoreMetric("LogLoss", options,
                  ProbabilityLoss(ProbabilityLoss::log_loss, options.input, options.floor,
                                  single_label("LogLoss", options.task))) {}
MetricInfo LogLoss::info() const {
  return {"log_loss",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "nats",
          "surprise at the true class",
          {std::string(column_of({})), "target"}};
}
Estimate LogLoss::estimate(const ProbabilityLoss& fold) const {
  return fold.loss().mean(MeanInterval::t, options_.level,
                          "the true class was given probability 0, the log loss is infinite");
}

Brier::Brier(Options options)
    : ScoreMetric("Brier", options,
                  ProbabilityLoss(ProbabilityLoss::brier, options.input, {},
                                  single_label("Brier", options.task))) {}
MetricInfo Brier::info() const {
  return {"brier",
          Better::lower,
          {0, options_.task == TaskType::binary ? 1.0 : 2.0},
          "",
          "squared distance of the probabilities from the truth",
          {std::string(column_of({})), "target"}};
}
Estimate Brier::estimate(const ProbabilityLoss& fold) const {
  return fold.loss().mean(options_.interval, options_.level, "infinite");
}

}  // namespace leadline::metrics
