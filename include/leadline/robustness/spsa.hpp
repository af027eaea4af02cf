/// Simultaneous perturbation stochastic approximation (Spall 1992; Uesato et al. 2018,
/// arXiv:1802.05666).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct SpsaOptions {
  Threat threat{};
  std::int64_t queries = 5000;
  int pairs = 64;
  std::optional<double> delta{};
  std::optional<double> step_size{};
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<SpsaOptions>(
        {field("queries", &SpsaOptions::queries, "Rows of the model asked, a budget.").at_least(3),
         field("pairs", &SpsaOptions::pairs,
               "Pairs of points behind one gradient, on either side of where the row stands.")
             .at_least(1),
         field(
             "delta", &SpsaOptions::delta,
             "How far each value is moved for a difference; none: a quarter of eps (linf), of eps "
             "over the root of the number of values (l2).")
             .above(0)
             .in("input units"),
         field("step_size", &SpsaOptions::step_size,
               "Step of Adam at each value; none: 2.5 * eps / steps (linf), over the root of the "
               "number of values (l2).")
             .above(0)
             .in("input units")});
  }
};

/// Steps of Adam on the margin, its gradient estimated by moving all values at once by +-delta with
/// random signs; each step is followed by the way back into ball and bounds. See Attack.
class LEADLINE_API Spsa : public Attack {
 public:
  using Options = SpsaOptions;
  /// Throws ValueError on options out of range and for the norms l1 and l0.
  explicit Spsa(const Options& options = {});
};

}  // namespace leadline::robustness
