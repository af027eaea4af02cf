/// Zeroth-order optimisation (Chen et al. 2017, arXiv:1708.03999).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct ZooOptions {
  Threat threat{.norm = Norm::l2, .eps = 0.5};
  std::int64_t queries = 20000;
  int searches = 4;
  double initial_constant = 0.1;
  int coordinates = 128;
  double difference = 1e-4;
  double step_size = 0.01;
  double confidence = 0;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<ZooOptions>(
        {field("queries", &ZooOptions::queries, "Rows of the model asked, all searches together.")
             .at_least(3),
         field("searches", &ZooOptions::searches,
               "Values tried of the constant that weighs the margin against the distance.")
             .at_least(1),
         field("initial_constant", &ZooOptions::initial_constant, "The first of them.").above(0),
         field("coordinates", &ZooOptions::coordinates,
               "Values of the input moved together, each by its own difference.")
             .at_least(1),
         field("difference", &ZooOptions::difference, "How far a value is moved for a difference.")
             .above(0)
             .in("input units"),
         field("step_size", &ZooOptions::step_size, "Step of Adam at each value.")
             .above(0)
             .in("input units"),
         field("confidence", &ZooOptions::confidence, "Margin beyond which more does not count.")
             .at_least(0)
             .in("logits")});
  }
};

/// The nearest adversarial in l2 from scores: descends |x - x0|^2 + c * max(confidence - margin, 0)
/// (Carlini and Wagner 2017) with one symmetric difference a value and Adam a value, over random
/// sets of values; c is multiplied by ten until it succeeds, then bisected. One run answers every
/// budget. See Attack.
class LEADLINE_API Zoo : public Attack {
 public:
  using Options = ZooOptions;
  /// Throws ValueError on options out of range and for norms other than l2.
  explicit Zoo(const Options& options = {});
};

}  // namespace leadline::robustness
