/// One attack in one run: which samples, what came of them, and the checks of the attack itself.
#pragma once

#include <map>
#include <set>
#include <span>

#include "leadline/core/exhibits.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/torch/robustness/gradient_attack.hpp"
#include "leadline/torch/robustness/verify.hpp"

namespace leadline::detail::attack_run {

using robustness::AttackResult;
using robustness::AttackRow;
using Recipe = robustness::GradientAttack::Recipe;

/// unknown -> logits; labels and values are refused with CapabilityError.
[[nodiscard]] OutputKind output_of(OutputKind kind);
/// The class to drive a row of class `label` to.
[[nodiscard]] std::int64_t choose_target(robustness::TargetRule rule, std::int64_t label,
                                         std::span<const double> scores);

/// What is known of one sample.
struct Record {
  SampleId id = -1;
  std::int64_t label = 0, target = -1;
  bool correct = false;  // on the clean input
  bool done = false;     // nothing left to find out
  bool counted = false;  // enters the estimates
  double fooled_at = std::numeric_limits<double>::infinity();
  std::int64_t steps = 0;
  bool zero_gradient = false, bad_gradient = false, saturated = false;
};

/// Counts behind the checks; sums over shards.
struct Tally {
  std::int64_t zero_n = 0, zero_changed = 0;              // budget 0
  std::int64_t rise_n = 0, rise_lost = 0, rise_won = 0;   // eps only, 2 eps only
  std::int64_t full_n = 0, full_left = 0;                 // unbounded budget
  std::int64_t fast_n = 0, fast_only = 0, slow_only = 0;  // FGSM only, PGD only
  std::int64_t more_n = 0, more_only = 0, less_only = 0;  // twice the steps only, as run only
  std::int64_t again_n = 0, again_changed = 0;            // the same batch twice
  std::int64_t seen_n = 0, too_far = 0, outside = 0, not_fooled = 0;

  [[nodiscard]] std::vector<std::int64_t> values() const;
  static Tally from(std::span<const std::int64_t> values);
  static constexpr std::int64_t size = 19;
};

/// Everything `finish` reads.
struct Outcome {
  const Recipe& recipe;
  std::vector<const Record*> counted{};
  const Tally& tally;
  const Exhibits& exhibits;
  bool checked = false;
  bool partial = false;  // stopped before the end
  std::string stop_reason{};
  double level = 0.95;
  Modality modality = Modality::table;
  std::pair<double, double> bounds{0, 1};
};

[[nodiscard]] std::shared_ptr<ProbeRun> make(const Recipe& recipe, Session& session);

/// attack_checks.cpp: attacks a subsample again in other ways. Returns false when stopped.
struct Bench {
  models::TorchModel& model;
  const robustness::AttackPlan& plan;
  Session& session;
  std::function<robustness::AttackInputs(std::span<const SampleId>)> fetch;
};
[[nodiscard]] bool run_checks(const Recipe& recipe, const Bench& bench,
                              std::span<const Record* const> sample, Tally& tally);
[[nodiscard]] std::vector<Check> judge_checks(const Outcome& outcome);

/// attack_finding.cpp
[[nodiscard]] Finding write_finding(const Outcome& outcome);

}  // namespace leadline::detail::attack_run
