/// The probe `serving_faults`: what a model does when the path that feeds it breaks, and whether it
/// recovers when the path is whole again.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::robustness {

enum class ServingFault : std::uint8_t {
  nan_input,      // one value of each row becomes NaN
  lost_channel,   // one channel of a picture, one column of a table, becomes 0
  stale_input,    // the row of the sample before arrives in its place
  partial_batch,  // the batch arrives in two halves
  bit_flip        // one bit of each row is flipped
};
constexpr std::array<std::string_view, 5> names_of(std::type_identity<ServingFault>) {
  return {"nan_input", "lost_channel", "stale_input", "partial_batch", "bit_flip"};
}

struct ServingFaultsOptions {
  std::vector<std::string> faults{"nan_input", "lost_channel", "stale_input", "partial_batch",
                                  "bit_flip"};
  std::int64_t max_samples = 512;
  static Fields fields() {
    return {field("faults", &ServingFaultsOptions::faults,
                  "Of nan_input, lost_channel, stale_input, partial_batch, bit_flip."),
            field("max_samples", &ServingFaultsOptions::max_samples,
                  "Most samples to visit, chosen by key; 0: all.")
                .at_least(0)};
  }
};

/// Sends each batch whole, then with a fault, then whole again, fault by fault.
///
/// A row is *detected* when the model raises or gives a value that is not finite, *changed in
/// silence* when it gives another answer (for values: another by more than 0.1 %), *recovered* when
/// the whole batch after the fault gives the answers of before. Rows without a finite answer from
/// the whole path are left out. A batch in which the model raises is sent again row by row, so that
/// every row answers for itself. Which value, channel or bit is keyed by (seed, fault, sample id).
/// Estimates: silent_change_rate{fault=}, silent_error_rate{fault=} (of the rows read correctly
///            before: now misread in silence; needs labels), detected_rate{fault=},
///            recovery_rate{fault=}
/// Columns:   <id>.outcome{fault=} 0 as before, 1 changed in silence, 2 detected
/// Checks:    recovers{fault=}; fault_changes_input{fault=}; clean_answers_repeat
class LEADLINE_API ServingFaults : public Probe {
 public:
  using Options = ServingFaultsOptions;
  /// Throws ValueError for no fault, an unknown one, or one twice.
  explicit ServingFaults(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
  std::vector<ServingFault> faults_;
};

/// The inputs of a batch as the fault leaves them; `before` holds the row that came before each
/// (stale_input). Throws CapabilityError where the fault has no meaning: NaN in whole numbers.
/// partial_batch changes no input.
[[nodiscard]] LEADLINE_API Inputs faulty_inputs(ServingFault fault, const Batch& batch,
                                                const Batch& before, std::uint64_t seed);

}  // namespace leadline::robustness
