/// What a layer of the model knows, read off by a linear classifier.
#pragma once

#include <cstdint>
#include <string>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::inside {

struct LinearProbeOptions {
  std::string layer{};
  std::string column{};
  double penalty = 1e-3;
  std::int64_t max_samples = 5000;
  std::int64_t max_features = 2048;
  static Fields fields() {
    return {field("layer", &LinearProbeOptions::layer,
                  "Layer whose activations are read; empty: the one before the last."),
            field("column", &LinearProbeOptions::column,
                  "Categorical column of the table to read off; empty: the label."),
            field("penalty", &LinearProbeOptions::penalty, "L2 penalty on standardised features.")
                .at_least(0),
            field("max_samples", &LinearProbeOptions::max_samples, "Samples to fit on, at most.")
                .at_least(10)
                .in("samples"),
            field("max_features", &LinearProbeOptions::max_features,
                  "Wider activations are averaged over their trailing dimensions, then refused.")
                .at_least(1)};
  }
};

/// How well a linear classifier reads the label (or a column of the table) off a layer.
///
/// Fits multinomial logistic regression on frozen activations of the role `fit` or `train` and
/// scores it on `test` (Alain and Bengio 2016, arXiv:1610.01644). The same is done with control
/// labels that depend on nothing but the content of the input (Hewitt and Liang 2019,
/// arXiv:1909.03368): accuracy on them above chance means that fit and test data share samples.
///
/// Gives: accuracy, control_accuracy, majority_rate, selectivity = accuracy - control_accuracy
class LEADLINE_API LinearProbe : public Probe {
 public:
  using Options = LinearProbeOptions;
  explicit LinearProbe(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::inside
