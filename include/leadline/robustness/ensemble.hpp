/// Several attacks as one: a sample counts as robust when all of them fail.
#pragma once

#include <memory>

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct EnsembleOptions {
  std::int64_t max_samples = 0;     // looked at, drawn at random; 0: all
  std::int64_t check_samples = 64;  // behind the checks; 0: no checks
};

/// Each attack runs on what the ones before it left standing, those by gradients first; estimates
/// and checks are of their joint result, with what each attack found and spent beside it. See
/// Attack.
///
///     Ensemble attacks({std::make_shared<Pgd>(PgdOptions{.threat = threat}),
///                       std::make_shared<Square>(SquareOptions{.threat = threat})});
///
/// The checks do not ask whether one attack missed what another found, but what all of them
/// missed. `max_samples` and `check_samples` of the single attacks are without effect.
class LEADLINE_API Ensemble : public Attack {
 public:
  using Options = EnsembleOptions;
  /// Throws ValueError for no attacks, attacks of unequal threats, options below 0.
  explicit Ensemble(std::vector<std::shared_ptr<const Attack>> attacks,
                    const Options& options = {});
};

}  // namespace leadline::robustness
