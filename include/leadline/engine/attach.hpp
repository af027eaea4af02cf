/// The first look at a subject: is it wired to the data as its owner believes?
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline {

struct AttachOptions {
  std::int64_t rows = 32;

  static Fields fields() {
    return {
        field("rows", &AttachOptions::rows,
              "Samples forwarded again, alone and together, for determinism and row independence.")
            .at_least(2)
            .at_most(100000)
            .in("samples")};
  }
};

/// Attach-time checks, on any `Model`; the suites run it first.
///
/// Checks: `outputs_finite`; `inputs_within_bounds` (needs declared bounds; says min, max and the
/// likely cause); `inputs_fill_bounds` (values that use a small part of the declared range: a
/// forgotten or doubled scaling); `outputs_match_classes` (needs class names);
/// `rows_independent` (the answer to a sample alone and among others: differences beyond rounding
/// fail); `deterministic` (two forwards of the same rows are equal).
/// Estimates: `decisions_within_margin` (share of samples whose decision could turn with the batch
/// size alone: the gap of the two best scores is below the largest change that was seen),
/// `batch_size_change` (that change, relative to the largest score), `inputs_min`, `inputs_max`,
/// `reachable_layers`, `n_outputs`.
/// Memory: 2 numbers a sample seen, at most 100,000 gaps.
class LEADLINE_API Attach : public Probe {
 public:
  using Options = AttachOptions;
  Attach() : Attach(Options{}) {}
  explicit Attach(Options options);

  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline
