// The adversarial examples that a run checks again from their stored copies.
#pragma once

#include <map>
#include <set>

#include "attack_run.hpp"

namespace leadline::detail::attack_run {

/// Keeps those of the first samples in the order of visiting that were misled, not of the first to
/// fall, which fell easily.
class Examples {
 public:
  /// At most `most`, of the samples `order`.
  Examples(std::span<Record* const> order, std::size_t most);

  void keep(const AttackResult& result, const Tensor& adversarial);
  /// Writes and reads them, and counts in `tally` what holds. `artefacts` gains the files that
  /// stay, `notes` why there are none.
  void verify(const Bench& bench, Tally& tally, stored_examples::Artefacts& artefacts,
              std::set<std::string>& notes) const;

 private:
  struct Example {
    AttackRow row;
    double eps;
    Tensor adversarial;
    std::vector<double> point;  // norm spatial
  };
  std::size_t most_;
  std::map<SampleId, std::size_t> rank_;
  std::map<std::size_t, Example> kept_;  // by rank
};

}  // namespace leadline::detail::attack_run
