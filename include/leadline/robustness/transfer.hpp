/// Transfer attack: adversarial examples of one model, tried on another (Papernot et al. 2017,
/// arXiv:1602.02697; steps with momentum as Dong et al. 2018, arXiv:1710.06081).
#pragma once

#include <memory>

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct TransferOptions {
  Threat threat{};
  int steps = 40;
  int restarts = 4;
  double momentum = 1;
  int look_every = 10;
  std::int64_t learn_samples = 1000;
  int learn_copies = 4;
  int hidden = 64;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<TransferOptions>(
        {field("steps", &TransferOptions::steps, "Gradient steps on the surrogate.").at_least(1),
         field("restarts", &TransferOptions::restarts,
               "Starts of a budget: the clean input, then points drawn in the ball.")
             .at_least(1),
         field("momentum", &TransferOptions::momentum,
               "Decay of the sum of past gradients, each divided by its mean size.")
             .at_least(0),
         field("look_every", &TransferOptions::look_every,
               "Steps between two questions to the model; it is asked at the last step too.")
             .at_least(1),
         field("learn_samples", &TransferOptions::learn_samples,
               "Samples from which a surrogate is learned where none is given.")
             .at_least(10),
         field("learn_copies", &TransferOptions::learn_copies,
               "Noisy copies of each of them that the model is asked about as well.")
             .at_least(0),
         field("hidden", &TransferOptions::hidden, "Hidden units of the surrogate learned.")
             .at_least(1)});
  }
};

/// Climbs the loss of a surrogate and asks the model for nothing but its decisions: where this
/// fools more rows than gradients of the model itself do, those gradients are masked. See Attack.
///
/// Without a surrogate, a smooth one (a hidden layer of tanh) is learned from the answers of the
/// model to samples of the data and noisy copies of them: its scores where it gives any, else its
/// decisions. How often it agrees with the model on samples kept back is noted in the report. What
/// it learns depends on those samples: flags are those of the same data and seed only.
class LEADLINE_API Transfer : public Attack {
 public:
  using Options = TransferOptions;
  /// Throws ValueError on options out of range, for frozen values and feature budgets (the
  /// surrogate sees whole samples).
  explicit Transfer(const Options& options = {});
  /// `surrogate` takes the inputs of the model as float32 and gives gradients. Throws also
  /// TypeError without one, CapabilityError when it gives no gradients.
  Transfer(const Options& options, std::shared_ptr<Model> surrogate);
};

}  // namespace leadline::robustness
