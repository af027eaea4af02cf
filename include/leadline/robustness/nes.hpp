/// Ascent along gradients estimated from scores: natural evolution strategies (Ilyas et al. 2018,
/// arXiv:1804.08598).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct NesOptions {
  Threat threat{};
  std::int64_t queries = 5000;
  int pairs = 25;
  std::optional<double> sigma{};
  std::optional<double> step_size{};
  double momentum = 0.9;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<NesOptions>(
        {field("queries", &NesOptions::queries, "Rows of the model asked, a budget.").at_least(3),
         field("pairs", &NesOptions::pairs,
               "Pairs of points behind one gradient, on either side of where the row stands.")
             .at_least(1),
         field("sigma", &NesOptions::sigma,
               "Deviation of the normal that smooths the scores; none: a quarter of eps (linf), of "
               "eps over the root of the number of values (else).")
             .above(0)
             .in("input units"),
         field("step_size", &NesOptions::step_size, "Length of a step; none: 2.5 * eps / steps.")
             .above(0)
             .in("input units"),
         field("momentum", &NesOptions::momentum, "Weight of the gradients before.")
             .at_least(0)
             .below(1)});
  }
};

/// Projected steps along the gradient of the margin smoothed by a normal, estimated from
/// antithetic pairs of scores. Because it looks at finite differences of size sigma it goes on
/// where gradients are zero: on quantised inputs, behind rounding. See Attack.
class LEADLINE_API Nes : public Attack {
 public:
  using Options = NesOptions;
  /// Throws ValueError on options out of range and for the norm l0.
  explicit Nes(const Options& options = {});
};

}  // namespace leadline::robustness
