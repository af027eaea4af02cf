/// Energy score of the logits as an out-of-distribution detector.
#pragma once

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::ood {

struct EnergyOptions {
  double temperature = 1.0;
  static Fields fields() {
    return {field("temperature", &EnergyOptions::temperature, "T in T * logsumexp(logits / T).")
                .above(0)};
  }
};

/// How well the energy of the logits tells foreign inputs from familiar ones.
///
/// score = T * logsumexp(f / T), higher = more familiar   (Liu et al. 2020, eq. 4,
/// arXiv:2010.03759)
///
/// Needs:   logits [n, n_classes]; roles `test` and at least one `ood/<name>`; no labels
/// Gives:   auroc{ood=..}, fpr95{ood=..,positive=id}; column `score` in the sample table
/// On probabilities the score would be constant: the finding is then not measured.
class LEADLINE_API Energy : public Probe {
 public:
  using Options = EnergyOptions;
  explicit Energy(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

/// T * logsumexp(row / T) of one row of logits.
[[nodiscard]] LEADLINE_API double energy_score(std::span<const double> logits,
                                               double temperature = 1);

}  // namespace leadline::ood
