/// The loop behind every white-box attack: rows wait in a queue, a batch of slots works on them,
/// a row that is fooled leaves and the next one takes its slot, so that the batch stays full.
///
/// - Success is judged at every iterate, the start included ("any iterate").
/// - Gradients are taken of the inputs only; nothing of the model is touched.
/// - The loss gradient on the logits is analytic and scaled a row: it does not vanish where the
///   cross-entropy of a confident row rounds to zero.
/// - What is drawn depends on (seed, sample id, restart) alone, so flags do not depend on batch
///   size, order or dropping (on a model that treats rows independently).
/// - Memory: five batches of inputs, whatever the number of rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "leadline/robustness/threat.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/torch/models/torch_model.hpp"

namespace leadline::robustness {

enum class AttackLoss : std::uint8_t {
  cross_entropy,  // log loss of the label (of the target, negated, when targeted)
  margin          // best other score minus the label's
};
constexpr std::array<std::string_view, 2> names_of(std::type_identity<AttackLoss>) {
  return {"cross_entropy", "margin"};
}

struct AttackPlan {
  Norm norm = Norm::linf;
  std::vector<double> eps;        // rising; 0 is allowed (the clean point)
  std::vector<double> step_size;  // one a budget
  int steps = 40;
  int restarts = 1;
  bool random_start = true;
  AttackLoss loss = AttackLoss::cross_entropy;
  bool targeted = false;
  bool drop_fooled = true;  // false: fooled rows ride along to their last step (benchmarks)
  bool keep_best = false;   // give the iterate of highest loss where a row is not fooled
  std::pair<double, double> bounds{0, 1};
  OutputKind output = OutputKind::logits;
  std::int64_t batch_size = 128;
};

struct AttackRow {
  SampleId id = -1;
  std::int64_t label = 0;
  std::int64_t target = -1;  // targeted only
};

struct AttackResult {
  AttackRow row;
  std::size_t position = 0;  // in the rows given
  /// Smallest budget that fooled the row; +inf: none did.
  double fooled_at = std::numeric_limits<double>::infinity();
  std::int64_t steps = 0;      // gradient steps over all budgets and restarts
  std::int64_t decision = -1;  // label given to the adversarial; -1: the output was not finite
  double confidence = 0;       // probability of that decision
  bool zero_gradient = false;  // exactly zero at the first step of every restart
  bool bad_gradient = false;   // NaN or infinite at some step
  bool saturated = false;      // the float32 cross-entropy had zero gradient at the first step
};

/// A batch of inputs on the model's device, owned by the loop.
struct AttackInputs {
  at::Tensor x;
  models::NamedTensors extras;
};

struct AttackIo {
  std::function<AttackInputs(std::span<const SampleId>)> fetch;
  /// Called once a row, in the order of finishing. `adversarial` [1, ...] is valid during the call;
  /// without `keep_best` it is undefined for a row that was not fooled.
  std::function<void(const AttackResult&, const at::Tensor& adversarial)> done;
  std::function<stats::Rng(SampleId, int restart)> rng;
  std::function<bool()> stop;                                                // optional
  std::function<void(std::int64_t forwards, std::int64_t backwards)> count;  // optional; rows
};

/// Attacks all rows. Returns false when `io.stop` ended it: rows in flight were not reported.
/// Throws CapabilityError for inputs without gradients (integers), ShapeError, ValueError when an
/// input lies outside the bounds.
LEADLINE_API bool run_attack(models::TorchModel& model, const AttackPlan& plan,
                             std::span<const AttackRow> rows, const AttackIo& io);

}  // namespace leadline::robustness
