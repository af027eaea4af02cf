/// Saliency as a probe.
#pragma once

#include <cstdint>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/torch/attribution/attribute.hpp"

namespace leadline::attribution {

struct SaliencyOptions {
  bool absolute = true;
  double baseline = 0;
  std::int64_t max_samples = 64;
  double share = 0.1;
  static Fields fields() {
    return {
        field("absolute", &SaliencyOptions::absolute, "Size of the gradient; off: with its sign."),
        field("baseline", &SaliencyOptions::baseline, "What the deletion test puts in place.")
            .in("input units"),
        field("max_samples", &SaliencyOptions::max_samples,
              "Samples explained, drawn at random; 0: all.")
            .at_least(0),
        field("share", &SaliencyOptions::share,
              "Share of the input that the deletion test removes.")
            .above(0)
            .below(1)};
  }
};

/// Which input values the predicted class reacts to most. See `saliency` for the method and
/// `IntegratedGradients` for the deletion test.
///
/// Gives: deletion_drop, random_drop, faithfulness = their difference. With `absolute` a value does
///        not say whether removing it lowers or raises the score, so these are mean sizes of
///        changes when one value alone is removed: the first 8 of `share`, against 8 drawn at
///        random.
class LEADLINE_API Saliency : public Probe {
 public:
  using Options = SaliencyOptions;
  explicit Saliency(Options options = {});
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
