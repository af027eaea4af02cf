/// A probe over any list of metrics: the simple case stays ten lines.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/metric.hpp"
#include "leadline/core/probe.hpp"

namespace leadline {

/// Folds metrics over one pass. Each metric reads its columns (`MetricInfo::reads`) from
/// `Context::rows()`: "scores", "probabilities", "prediction", "confidence", "target", "correct",
/// "loss".
///
///     suite.add(Metrics({std::make_shared<Accuracy>(), std::make_shared<F1>()},
///                       {.name = "task", .question = "How often is it right?"}));
///
/// Needs outputs unless every metric reads labels alone ("prediction", "target", "correct").
/// Finding: what each metric describes; the headline quotes the first metric.
class LEADLINE_API Metrics : public Probe {
 public:
  struct Options {
    std::string name = "metrics";  // default id
    std::string question = "How good are the decisions?";
    std::string over = "test";  // role
  };
  /// Throws ValueError for an empty list, TypeError for a null metric. Metrics with options of
  /// their own give each estimate a name; two metrics of one name are a ValueError.
  explicit Metrics(std::vector<std::shared_ptr<const Metric>> metrics)
      : Metrics(std::move(metrics), Options{}) {}
  Metrics(std::vector<std::shared_ptr<const Metric>> metrics, Options options);

  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  std::vector<std::shared_ptr<const Metric>> metrics_;
  Options options_;
};

}  // namespace leadline
