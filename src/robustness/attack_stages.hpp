// The stages of an attack in turn, each on what the ones before it left standing: what a run of its
// probe and a call of it share.
#pragma once

#include "attack_run.hpp"

namespace leadline::detail::attack_run {

/// What whoever runs the stages gives and hears. All but `stop` and `closed` are set.
struct StageIo {
  std::function<Inputs(std::span<const SampleId>)> fetch;
  std::function<stats::Rng(const AttackStage&, std::string_view stream, SampleId,
                           std::uint64_t extra)>
      rng;
  std::function<void(std::size_t stage, std::int64_t forwards, std::int64_t backwards)> count;
  std::function<void(std::string)> note;
  /// Of each row of the engine, alternatives too. `fell`: no smaller budget had sufficed before.
  /// `adversarial` as in AttackIo.
  std::function<void(const AttackResult&, const Tensor& adversarial, bool fell)> found;
  /// No stage is left that this sample need try; `again`: it was told already, and a budget fell.
  std::function<void(const Record&, bool again)> closed{};
  std::function<bool()> stop{};  // asked between batches
};

/// Runs `stages` on `records` from where each stands and keeps them up to date; those that some
/// budgets already fooled try the smaller ones only. Returns false when stopped. `spent`, one a
/// stage, counts the samples given to it.
[[nodiscard]] bool run_stages(Model& model, const AttackPlan& plan,
                              std::span<const AttackStage> stages, std::span<Record* const> records,
                              std::span<StageTally> spent, const StageIo& io);

}  // namespace leadline::detail::attack_run
