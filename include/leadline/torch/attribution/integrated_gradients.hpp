/// Integrated gradients as a probe.
#pragma once

#include <cstdint>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/torch/attribution/attribute.hpp"

namespace leadline::attribution {

struct IntegratedGradientsOptions {
  int steps = 50;
  double baseline = 0;
  std::int64_t chunk_rows = 0;
  std::int64_t max_samples = 64;
  double share = 0.1;
  static Fields fields() {
    return {field("steps", &IntegratedGradientsOptions::steps, "Gauss-Legendre points on the path.")
                .at_least(1),
            field("baseline", &IntegratedGradientsOptions::baseline,
                  "Every input value of the baseline.")
                .in("input units"),
            field("chunk_rows", &IntegratedGradientsOptions::chunk_rows,
                  "Path points a model call; 0: about 400 kB of input.")
                .at_least(0),
            field("max_samples", &IntegratedGradientsOptions::max_samples,
                  "Samples explained, drawn at random; 0: all.")
                .at_least(0),
            field("share", &IntegratedGradientsOptions::share,
                  "Share of the input that the deletion test removes.")
                .above(0)
                .below(1)};
  }
};

/// Which parts of the input the predicted class rests on, with proof that the answer adds up and
/// that removing these parts matters more than removing others.
///
/// See `integrated_gradients` for the method. The deletion test replaces the `share` of input
/// values with the largest attribution by the baseline and compares the drop of the class score
/// with that of as many values drawn at random (paired a sample).
///
/// Gives: completeness_residual (sum of |residual| over sum of |change of the score|),
/// deletion_drop, random_drop, faithfulness = their difference
/// Checks: attributions_add_up (residual at most 5 %), gradients_are_alive (at most 5 % of the
/// samples with attributions all zero or not finite), important_parts_matter (faithfulness > 0,
/// one-sided t test at 1 %; at least 8 samples)
/// Samples: drawn over the whole data by the seed, so that shards share them; both methods of the
/// room explain the same ones and remove the same random values
class LEADLINE_API IntegratedGradients : public Probe {
 public:
  using Options = IntegratedGradientsOptions;
  explicit IntegratedGradients(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;
  /// Attributions of x [n, ...] to class target [n].
  [[nodiscard]] Attribution attribute(models::TorchModel& model, const at::Tensor& x,
                                      const at::Tensor& target) const;

 private:
  Options options_;
};

}  // namespace leadline::attribution
