/// Carlini and Wagner's attack (2017, arXiv:1608.04644).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct CarliniWagnerOptions {
  Threat threat{.norm = Norm::l2, .eps = {0.5}};
  int steps = 1000;
  int searches = 9;
  std::optional<double> step_size{};
  std::optional<double> initial_const{};
  bool abort_early = true;
  int polish = 3;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 128;

  static Fields fields() {
    return attack_fields<CarliniWagnerOptions>(
        {field("steps", &CarliniWagnerOptions::steps, "Gradient steps a search.").at_least(1),
         field("searches", &CarliniWagnerOptions::searches,
               "Values of the constant tried: tenfold until one succeeds, then bisected.")
             .at_least(1),
         field("step_size", &CarliniWagnerOptions::step_size,
               "Step of Adam in tanh space; none: 0.01 (l2), 0.005 (linf).")
             .above(0),
         field("initial_const", &CarliniWagnerOptions::initial_const,
               "First weight of the margin against the distance; none: by the slope at the clean "
               "point.")
             .above(0),
         field("abort_early", &CarliniWagnerOptions::abort_early,
               "End a search that has succeeded once a tenth of its steps brings nothing; judged "
               "row by row."),
         polish_field<CarliniWagnerOptions>()});
  }
};

/// Adam on |change|^2 + c * max(-margin, 0) in tanh space, which has the bounds built in; c
/// is searched. Norm linf: sum max(|change| - tau, 0) in place of the square, tau shrinking with
/// each success and c doubling within. The margin compares the best score on either side, whatever
/// the offset of the scores; values at the bounds move (they start at 0.9999 of the way). Estimates
/// of the minimum-norm attacks: see Attack.
class LEADLINE_API CarliniWagner : public Attack {
 public:
  using Options = CarliniWagnerOptions;
  /// Throws ValueError on options out of range, a norm that it does not measure in.
  explicit CarliniWagner(const Options& options = {});
};

}  // namespace leadline::robustness
