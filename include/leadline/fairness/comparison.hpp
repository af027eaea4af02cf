/// What a mitigation gains and what it costs, on the same samples.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/table.hpp"
#include "leadline/fairness/gap.hpp"

namespace leadline::fairness {

/// One measure before and after, and its paired change.
struct Effect {
  std::string name;  // "accuracy", "demographic_parity_difference", "accuracy@sex=f"
  Better better = Better::higher;
  Estimate before, after;
  Estimate change;  // after - before, on the same samples
};

/// Decisions of one way of deciding, and its probabilities where it changes them.
struct Decisions {
  std::string name;
  std::vector<std::int64_t> prediction;  // [n] in {0, 1}
  std::vector<double> probability{};     // [n] of the favourable class; empty: not compared
};

struct MitigationReport {
  std::string name;
  std::vector<Effect> effects;
  [[nodiscard]] LEADLINE_API const Effect& at(std::string_view name) const;
};

struct ComparisonOptions {
  std::string by{};  // "" : all attributes
  double level = 0.95;
  std::int64_t min_support = 30;
  std::int64_t replicates = 1000;
  std::uint64_t seed = 0;
};

/// Paired effects of each alternative against `baseline`: accuracy, worst-group accuracy,
/// demographic parity, equal opportunity, equalized odds and predictive parity differences, ECE,
/// and accuracy and selection rate of each group.
///
/// Changes of rates: Newcombe's paired interval. Changes of gaps: percentile interval of the
/// multinomial bootstrap of the joint table (group, true, before, after), bias-corrected where all
/// replicates are not on one side. Change of the ECE: Poisson bootstrap over samples, 10 bins; 0
/// where an alternative keeps the baseline's probabilities, absent where it has none.
/// Throws ShapeError, ValueError naming the row.
[[nodiscard]] LEADLINE_API std::vector<MitigationReport> compare_mitigations(
    const Decisions& baseline, std::span<const Decisions> alternatives, const ArrayView& target,
    const Table& groups, const ComparisonOptions& options = {});

/// The paired table: a row a measure, before, after and change.
[[nodiscard]] LEADLINE_API TableBlock table_of(const MitigationReport& report);

}  // namespace leadline::fairness
