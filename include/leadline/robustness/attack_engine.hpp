/// The loop behind every attack: rows wait in a queue, each runs a coroutine of its own
/// (attack_row.hpp), and what they ask is answered a full batch at a time.
///
/// - A row that reached its goal leaves and the next one takes its place, so batches stay full.
/// - Success is judged at every point asked ("any iterate"), by the engine, for all attacks alike.
/// - Gradients are taken of the inputs only; nothing of the model is touched.
/// - What is drawn depends on (seed, attack, sample id) alone and rows do not see each other, so
///   flags do not depend on batch size, order or dropping (on a model that treats rows
///   independently).
/// - Memory: a few copies of two batches of inputs, whatever the number of rows.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/subject.hpp"
#include "leadline/robustness/attack_row.hpp"

namespace leadline::robustness {

/// Attacks one row: aims at each budget from small to large (minimum-norm attacks run once and
/// answer all). `budgets` outlives the task.
using AttackMethod = std::function<Task<>(Row& row, std::span<const double> budgets)>;

struct AttackPlan {
  Norm norm = Norm::linf;
  std::vector<double> eps;  // rising; 0 is allowed (the clean point)
  Goal goal = Goal::untargeted;
  std::vector<std::int64_t> classes{};  // goal any_of
  std::vector<double> feature_eps{};    // see Threat
  std::vector<std::int64_t> frozen{};
  double max_rotation = 30, max_translation = 0.1;  // norm spatial
  PatchForm patch{};                                // norm patch
  std::pair<double, double> bounds{0, 1};
  OutputKind output = OutputKind::logits;
  std::int64_t batch_size = 128;
  std::int64_t query_budget = 0;  // rows of the model a row; 0: no limit
  /// Above 0, for models that draw random numbers: a point that reached the goal is asked so often
  /// again, and counts where most of these runs reach it too. A row goes on until all of them do.
  int confirmations = 0;
  bool drop_fooled = true;  // false: fooled rows run to their end (benchmarks)
  bool keep_best = false;   // give the point nearest to the goal where a row did not reach it
  bool keep_last = false;   // give the point where the attack of a row ended; none leaves early
};

struct AttackResult {
  AttackRow row;
  std::size_t position = 0;  // in the rows given
  /// Of the nearest point that reached the goal; +inf: none did.
  double distance = std::numeric_limits<double>::infinity();
  /// Smallest budget that holds it; +inf: none does.
  double fooled_at = std::numeric_limits<double>::infinity();
  std::int64_t forwards = 0, backwards = 0;  // rows of the model asked for this row
  std::int64_t steps = 0;                    // points with a gradient
  std::int64_t decision = -1;   // label given to the adversarial; -1: the output was not finite
  double confidence = 0;        // probability of that decision; 0 where only labels are seen
  std::vector<double> point{};  // norm spatial: rotation, shift down, shift right
  bool zero_gradient = false;   // every gradient was exactly zero, and there was one
  bool bad_gradient = false;    // NaN or infinite at some point
  bool sums_to_one = false;     // "logits" of the first point that lie in [0, 1] and sum to 1
  bool saturated = false;       // the float32 cross-entropy has zero gradient at the first point
};

struct AttackIo {
  /// The inputs of these samples.
  std::function<Inputs(std::span<const SampleId>)> fetch;
  /// Called once a row, in the order of finishing, but not for alternatives of a row that
  /// succeeded. `adversarial` [1, ...] has the dtype of the inputs; undefined for a row that was
  /// not fooled (without `keep_best`).
  std::function<void(const AttackResult&, const Tensor& adversarial)> done;
  std::function<stats::Rng(std::string_view stream, SampleId, std::uint64_t extra)> rng;
  std::function<bool()> stop;                                                // optional
  std::function<void(std::int64_t forwards, std::int64_t backwards)> count;  // optional; rows
  std::function<void(std::string)> note;                                     // optional
};

/// Attacks all rows. Returns false when `io.stop` ended it: rows in flight were not reported.
/// When the model runs out of memory the batch is halved, once and for all, and `io.note` told.
/// Throws CapabilityError for inputs without gradients (integers, when one is asked for) and, with
/// keep_last, for a method that does not say where it ended, ShapeError, ValueError when an input
/// lies outside the bounds.
LEADLINE_API bool run_attack(Model& model, const AttackPlan& plan, const AttackMethod& method,
                             std::span<const AttackRow> rows, const AttackIo& io);

/// The method that runs `attempt(row, eps)` for each budget, aiming at it.
[[nodiscard]] LEADLINE_API AttackMethod
each_budget(std::function<Task<>(Row& row, double eps)> attempt);

/// Whether `distance` holds within `eps`, but for the rounding of sums.
[[nodiscard]] constexpr bool within(double distance, double eps) {
  return distance <= eps * (1 + 1e-9);
}

}  // namespace leadline::robustness
