// One attack in one run: which samples, what came of them, and the checks of the attack itself.
#pragma once

#include <algorithm>
#include <map>
#include <span>

#include "leadline/core/exhibits.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/core/state.hpp"
#include "leadline/robustness/attack.hpp"
#include "leadline/robustness/verify.hpp"
#include "stored_examples.hpp"

namespace leadline::detail::attack_run {

using robustness::AttackPlan;
using robustness::AttackResult;
using robustness::AttackRow;
using robustness::AttackStage;
using Recipe = robustness::Attack::Recipe;

/// A model that draws random numbers is not misled for good by one success.
inline constexpr int repeats_of_success = 9;

/// What is known of one sample.
struct Record {
  SampleId id = -1;
  std::int64_t label = 0, target = -1;
  bool correct = false;  // on the clean input
  bool done = false;     // nothing left to find out
  bool counted = false;  // enters the estimates
  double fooled_at = std::numeric_limits<double>::infinity();
  double distance = std::numeric_limits<double>::infinity();
  std::int64_t stage = 0;          // the next to run
  std::int64_t fooled_stage = -1;  // the first that fooled it at some budget
  std::int64_t forwards = 0, backwards = 0;
  bool zero_gradient = false, bad_gradient = false, saturated = false;
  std::vector<std::int64_t> targets{};  // likeliest wrong classes, for stages with alternatives
};

/// Classes that the logit ratios of the recipe need.
[[nodiscard]] inline std::int64_t dlr_classes(const Recipe& recipe) {
  const bool targeted = recipe.threat.goal != robustness::Goal::untargeted ||
                        std::any_of(recipe.stages.begin(), recipe.stages.end(),
                                    [](const AttackStage& s) { return s.n_targets > 0; });
  return targeted ? 4 : 3;
}

/// A stage that climbs gradients fooled it, at some budget.
[[nodiscard]] inline bool fell_to_gradients(const Recipe& recipe, const Record& record) {
  return record.fooled_stage >= 0 &&
         recipe.stages[static_cast<std::size_t>(record.fooled_stage)].needs ==
             robustness::Knowledge::white_box;
}

/// attack_plan.cpp: from a recipe to what the engine is asked to do.
/// unknown -> logits; values are refused with CapabilityError.
[[nodiscard]] OutputKind output_of(OutputKind kind);
/// The part of a plan that the threat fixes.
[[nodiscard]] AttackPlan plan_of(const Recipe& recipe);
/// The classes to drive a sample to, as goal and stages ask; `scores` may be empty.
void choose_targets(const Recipe& recipe, std::int64_t n_classes, std::span<const double> scores,
                    Record& record);
/// Whether `choose_targets` reads scores.
[[nodiscard]] bool targets_by_score(const Recipe& recipe);
/// Rows to attack in a stage: alternatives one target at a time over all samples, so that those
/// that fall at the first never try the second.
[[nodiscard]] std::vector<AttackRow> rows_of(const AttackStage& stage,
                                             std::span<const Record* const> records);

/// Counts behind the checks; sums over shards.
struct Tally {
  std::int64_t zero_n = 0, zero_changed = 0;              // budget 0
  std::int64_t rise_n = 0, rise_lost = 0, rise_won = 0;   // eps only, 2 eps only
  std::int64_t full_n = 0, full_left = 0;                 // unbounded budget
  std::int64_t fast_n = 0, fast_only = 0, slow_only = 0;  // FGSM only, the attack only
  std::int64_t more_n = 0, more_only = 0, less_only = 0;  // twice the effort only, as run only
  std::int64_t blind_n = 0, blind_only = 0;               // without gradients only
  std::int64_t late_only = 0;  // of blind_n, to attacks of an ensemble that use none, only
  std::int64_t smooth_n = 0, smooth_only = 0;          // through a smooth surrogate only
  std::int64_t noise_n = 0, noise_only = 0;            // drawn at random, not by the attack
  std::int64_t slope_n = 0, slope_wrong = 0;           // finite differences
  std::int64_t flat_n = 0, flat_ce = 0, flat_dlr = 0;  // gradients exactly zero
  std::int64_t again_n = 0, again_changed = 0;         // the same batch twice
  std::int64_t alone_n = 0, alone_changed = 0;         // a row alone and in a batch
  std::int64_t seen_n = 0, too_far = 0, outside = 0, not_fooled = 0;
  std::int64_t repeat_n = 0;  // stored examples run again, `repeats_of_success` times each
  std::int64_t repeat_fooled = 0, repeat_square = 0;  // runs that misled; squares, per example
  std::int64_t byte_n = 0, byte_fooled = 0;           // stored examples as bytes
  std::int64_t logit_n = 0, sum_to_one = 0;           // rows declared as logits; like probabilities

  Tally& operator+=(const Tally& other);
  void save(State& state) const;
  /// Throws StoreError for counts below 0.
  [[nodiscard]] static Tally load(const State& state);
};

/// What one stage spent, in rows.
struct StageTally {
  std::int64_t samples = 0, forwards = 0, backwards = 0;
};

/// Everything `finish` reads.
struct Outcome {
  const Recipe& recipe;
  std::vector<const Record*> counted{};
  const Tally& tally;
  std::span<const StageTally> stages;
  const Exhibits& exhibits;
  const stored_examples::Artefacts& artefacts;
  std::span<const std::string> notes{};
  bool checked = false;
  bool partial = false;  // stopped before the end
  std::string stop_reason{};
  double level = 0.95;
  Modality modality = Modality::table;
  std::pair<double, double> bounds{0, 1};
};

[[nodiscard]] std::shared_ptr<ProbeRun> make(const Recipe& recipe, Session& session);

/// What a run attacks with.
struct Bench {
  Model& model;
  const AttackPlan& plan;
  Session& session;
  std::function<Inputs(std::span<const SampleId>)> fetch;
};
/// attack_checks.cpp
[[nodiscard]] std::vector<Check> judge_checks(const Outcome& outcome);
/// attack_finding.cpp
[[nodiscard]] Finding write_finding(const Outcome& outcome);

}  // namespace leadline::detail::attack_run
