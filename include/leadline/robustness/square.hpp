/// Square attack (Andriushchenko et al. 2020, arXiv:1912.00049; l1: Croce and Hein 2021,
/// arXiv:2103.01208).
#pragma once

#include "leadline/robustness/attack.hpp"
#include "leadline/robustness/attack_loss.hpp"

namespace leadline::robustness {

struct SquareOptions {
  Threat threat{};
  std::int64_t queries = 5000;
  int restarts = 1;
  double first_share = 0.8;
  bool rescale_schedule = false;
  AttackLoss loss = AttackLoss::margin;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<SquareOptions>(
        {field("queries", &SquareOptions::queries, "Rows of the model asked, a restart and budget.")
             .at_least(2),
         field("restarts", &SquareOptions::restarts, "Independent starts a budget.").at_least(1),
         field("first_share", &SquareOptions::first_share,
               "Share of the pixels that the first windows cover.")
             .above(0)
             .at_most(1),
         field(
             "rescale_schedule", &SquareOptions::rescale_schedule,
             "Windows shrink after the same parts of the queries as in a run of 10 000; off: after "
             "the same queries (as AutoAttack does)."),
         field("loss", &SquareOptions::loss, "What is climbed.")});
  }
};

/// Random search over windows of the input that sit on the faces of the ball, keeping what raises
/// the loss; needs scores, no gradients. See Attack.
///
/// Windows are squares; where a side of the picture is too short for one, rectangles of the same
/// area. Inputs that are no pictures have no neighbours: a window is a random set of values.
/// Windows may lie anywhere in the picture (the published code never reaches its last row and
/// column).
class LEADLINE_API Square : public Attack {
 public:
  using Options = SquareOptions;
  /// Throws ValueError on options out of range and for the norm l0.
  explicit Square(const Options& options = {});
};

}  // namespace leadline::robustness
