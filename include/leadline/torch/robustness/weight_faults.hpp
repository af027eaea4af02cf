/// The probe `weight_faults`: bits of the weights flip, as in memory without error correction;
/// which of them change the answers, and who would notice?
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::robustness {

/// One bit of one value of a floating tensor, flipped while this lives. The bits as they were are
/// put back by the destructor, also on the way of an exception; no version counter moves, so that
/// autograd does not notice. Any layout and device.
class LEADLINE_API FlippedBit {
 public:
  /// `element` counts row-major, `bit` from the least significant. Throws ValueError out of range,
  /// TypeError for a tensor that is not floating.
  FlippedBit(const at::Tensor& parameter, std::int64_t element, int bit);
  ~FlippedBit();
  FlippedBit(const FlippedBit&) = delete;
  FlippedBit& operator=(const FlippedBit&) = delete;

 private:
  at::Tensor bits_, saved_;  // the value seen as a whole number, in place; its copy
};

struct WeightFaultsOptions {
  std::int64_t flips = 4;
  std::int64_t max_samples = 32;
  double tolerated = 0.0;
  static Fields fields() {
    return {
        field("flips", &WeightFaultsOptions::flips, "Flips of each bit position in each parameter.")
            .at_least(1),
        field("max_samples", &WeightFaultsOptions::max_samples,
              "Most samples to ask after each flip, chosen by key; 0: all.")
            .at_least(0),
        field("tolerated", &WeightFaultsOptions::tolerated,
              "A flip is critical when more than this share of the answers changes in silence.")
            .at_least(0)
            .at_most(1)};
  }
};

/// Flips one bit at a time, asks the same samples, puts the bit back.
///
/// Every parameter tensor and bit position gets as many flips, at elements drawn by key, whatever
/// its size: rates are means over (parameter, bit), not over the bits of the memory. The unit of an
/// interval is the flip. Parameters of the most frequent floating dtype; others are named in a
/// warning.
/// Estimates: critical_rate, critical_rate{bits=sign|exponent|mantissa} (Wilson),
///            silent_change_rate{bits=} (mean over flips of the share of answers that change in
///            silence, Student's t), detected_rate{bits=} (the same of answers that are not finite
///            or missing)
/// Checks:    weights_restored (bytes of all parameters); clean_answers_repeat
/// Access:    weights (LibTorch parameters that can be written)
class LEADLINE_API WeightFaults : public Probe {
 public:
  using Options = WeightFaultsOptions;
  explicit WeightFaults(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::robustness
