// The attack judged by other attacks on a subsample, and the model it attacks by what it answers.
#pragma once

#include "attack_run.hpp"

namespace leadline::detail::attack_run {

using Sample = std::span<const Record* const>;

inline constexpr std::size_t n_blind = 48;  // rows attacked without gradients, or tried for slopes

/// Everything below; false: stopped.
[[nodiscard]] bool run_battery(const Recipe& recipe, const Bench& bench, Sample sample,
                               Tally& tally);

/// Runs `stage` on the sample at the budgets of `plan`; by position, whether the row was fooled.
/// Empty: stopped.
[[nodiscard]] std::vector<bool> fooled_by(const Bench& bench, const AttackPlan& plan,
                                          const AttackStage& stage, Sample sample,
                                          const std::string& stream);
[[nodiscard]] AttackPlan at_budget(const AttackPlan& plan, double eps);

// ---- attack_model_checks.cpp ----
/// The same batch twice, and its first rows alone.
void run_again(const Bench& bench, Sample sample, Tally& tally);
/// Gradients under both losses, and against finite differences; false: stopped.
[[nodiscard]] bool check_slopes(const Bench& bench, Sample sample, double eps, Tally& tally);

// ---- attack_blind.cpp ----
/// What the attack left standing within `eps`, attacked without its gradients; false: stopped.
[[nodiscard]] bool check_blind(const Recipe& recipe, const Bench& bench, Sample sample, double eps,
                               Tally& tally);

}  // namespace leadline::detail::attack_run
