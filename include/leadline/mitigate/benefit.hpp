/// What mitigations of one model gain under attack, and what that costs, on the same samples.
///
///     std::vector<mitigate::Attacked> seen;       // the model without mitigation comes first
///     for (const auto& [name, model] : models)
///       seen.push_back(mitigate::attacked(name, evaluate(model, data, suite)));
///     for (const auto& row : mitigate::benefits(seen, {.eps = 8.0 / 255}))
///       std::cout << row.name << " " << row.gain.text() << "\n";
///
/// Attacks must know what they attack (an attack on a detector has the goal `any_of`), and their
/// checks decide whether a gain is to be trusted: `Report::doubts`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "leadline/core/estimate.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/report/report.hpp"

namespace leadline::mitigate {

/// One model on the samples that all its attacks looked at, ascending ids.
struct Attacked {
  std::string name;
  std::vector<SampleId> ids;
  std::vector<std::uint8_t> correct, rejected;  // when nothing is attacked
  std::vector<double> fooled_at;  // smallest budget at which any attack misleads it; 0: misread
                                  // already, infinity: none did
  /// Read correctly, and misled by no attack within `eps`.
  [[nodiscard]] bool stands(std::size_t i, double eps) const {
    return !(fooled_at[i] <= eps * (1 + 1e-9));
  }
};
/// Reads a run of `accuracy` and attacks with its results by sample. `rejects`: the class that
/// means "rejected". Throws CapabilityError when no attack of the report gave results.
[[nodiscard]] LEADLINE_API Attacked attacked(std::string name, const Report& report,
                                             std::optional<std::int64_t> rejects = {});

struct BenefitOptions {
  double eps = 0;  // the budget that decides
  double level = 0.95;
  std::int64_t replicates = 1000;  // of the paired bootstrap
  std::uint64_t seed = 0;
  std::int64_t min_group = 10;  // smaller groups are left out
};
/// Changes are mitigation minus baseline.
struct Benefit {
  std::string name;
  Estimate robust_accuracy;  // Wilson
  /// Newcombe's paired interval; facts: p_value (McNemar's mid-p), p_holm (over all mitigations)
  Estimate gain;
  Estimate accuracy;            // when nothing is attacked
  Estimate accuracy_change;     // paired; fact: p_value
  Estimate worst_group_change;  // of the least accuracy over the groups; paired bootstrap
  Estimate rejections;          // share rejected when nothing is attacked
};
/// One row a mitigation, in the order given; the first of `models` is the baseline. `groups`: the
/// group of each sample as a number, NaN: none; empty: no groups. Throws ValueError unless all
/// models saw the same samples.
[[nodiscard]] LEADLINE_API std::vector<Benefit> benefits(std::span<const Attacked> models,
                                                         const BenefitOptions& options,
                                                         std::span<const double> groups = {});

}  // namespace leadline::mitigate
