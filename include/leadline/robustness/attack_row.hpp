/// One row under attack, as the coroutine of an attack sees it: where it stands, what the adversary
/// may do, and the questions it can ask the model.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/robustness/attack_task.hpp"
#include "leadline/robustness/threat.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::attack_engine {
class Live;
}

namespace leadline::robustness {

/// A sample to attack. Rows of one id are alternatives (several targets): when one succeeds, the
/// others are dropped.
struct AttackRow {
  SampleId id = -1;
  std::int64_t label = 0;
  std::int64_t target = -1;  // goal targeted only
};

/// Whether the decision `label` on `row` is what the adversary wants; `classes` of the goal any_of.
[[nodiscard]] LEADLINE_API bool reaches(Goal goal, std::span<const std::int64_t> classes,
                                        const AttackRow& row, std::int64_t label);

/// What the model says at a point.
struct Answer {
  std::int64_t label = -1;         // -1: a score was not finite
  std::span<const double> logits;  // k >= 2; empty where the model gives labels only
};

/// A function of the logits z [k] that an attack climbs: gives its value and writes the gradient
/// dz [k].
using Objective = std::function<double(std::span<const double> z, std::span<double> dz)>;

/// An answer with the value and the input gradient [size] of each objective asked for.
class Slope {
 public:
  Answer answer;
  std::span<const double> values;
  [[nodiscard]] double value(std::size_t k = 0) const { return values[k]; }
  /// What is NaN or infinite in a gradient counts as 0 and is noted.
  [[nodiscard]] std::span<const double> gradient(std::size_t k = 0) const {
    const std::size_t d = gradients.size() / values.size();
    return gradients.subspan(k * d, d);
  }
  std::span<const double> gradients;  // [values.size(), size]
};

/// What of the input the adversary can change, and within which limits; shared by all rows.
struct AttackSpace {
  std::vector<std::int64_t> shape;   // of one sample
  std::vector<std::int64_t> free;    // positions of the values that can change; empty: all
  std::vector<double> scale;         // of each free value, a unit of the distance; empty: 1
  std::vector<double> lower, upper;  // of each free value, in its unit
  std::int64_t n_values = 0;         // of one sample
  /// Norm spatial: the coordinates are rotation, shift down and shift right, in these units
  /// (degrees, shares of a side, the same), and the clean point is zero.
  std::optional<std::array<double, 3>> motion{};
  PatchForm patch{};  // norm patch
  [[nodiscard]] std::int64_t size() const { return std::ssize(lower); }
  /// All values of a picture [channels, height, width] can change alike.
  [[nodiscard]] bool is_image() const {
    return shape.size() == 3 && free.empty() && scale.empty() && !motion;
  }
};

/// Coordinates are those of `AttackSpace`: doubles, in the order of the sample's values.
///
/// A point that is asked for is first rounded, in place, to a number of the input's dtype, each
/// value towards the clean one: so no norm of the change grows, and what was asked is what counts.
/// The engine keeps the nearest point that reached the goal; an attack need not.
class LEADLINE_API Row {
 public:
  [[nodiscard]] SampleId id() const { return what_.id; }
  [[nodiscard]] std::int64_t label() const { return what_.label; }
  [[nodiscard]] std::int64_t target() const { return what_.target; }
  [[nodiscard]] Goal goal() const { return goal_; }
  [[nodiscard]] bool targeted() const { return goal_ == Goal::targeted; }
  [[nodiscard]] Norm norm() const { return norm_; }
  [[nodiscard]] const AttackSpace& space() const { return *space_; }
  [[nodiscard]] std::size_t size() const { return x0_.size(); }
  [[nodiscard]] std::span<const double> clean() const { return x0_; }
  [[nodiscard]] std::vector<double> clean_point() const { return x0_; }
  [[nodiscard]] std::span<const double> lower() const { return space_->lower; }
  [[nodiscard]] std::span<const double> upper() const { return space_->upper; }
  /// Random numbers of this row: keyed by (seed, attack, stream, sample id, extra) alone.
  [[nodiscard]] stats::Rng rng(std::string_view stream, std::uint64_t extra = 0) const {
    return rng_(stream, what_.id, extra);
  }

  [[nodiscard]] bool reached(const Answer& answer) const;
  /// How far from the goal, in logits: above 0 where it is reached. -inf without scores that are
  /// not finite.
  [[nodiscard]] double margin(const Answer& answer) const;
  /// The distance of `x` from the clean point in the threat's norm.
  [[nodiscard]] double distance(std::span<const double> x) const;

  /// The nearest point that reached the goal, and its distance; +inf: none yet.
  [[nodiscard]] double best_distance() const { return best_distance_; }
  [[nodiscard]] std::span<const double> best() const { return best_; }
  /// From now on a point within `eps` that reaches the goal ends the attack of this row.
  void aim(double eps) { aim_ = eps; }
  /// Tells where the attack ended. True: that point is all that is wanted of it (`Keep::last`), so
  /// it need not ask what the model says there.
  [[nodiscard]] bool end_at(std::span<const double> x) {
    if (keep_last_) ended_.assign(x.begin(), x.end());
    return keep_last_;
  }

  struct Wait {
    Row& row;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const noexcept { row.waiting_ = handle; }
  };
  struct OneAnswer : Wait {
    const Answer& await_resume() const { return row.answers_[0]; }
  };
  struct AllAnswers : Wait {
    std::span<const Answer> await_resume() const { return row.answers_; }
  };
  struct OneSlope : Wait {
    const Slope& await_resume() const { return row.slope_; }
  };

  /// What the model says at `x` [size]. Answers are valid until the row asks again.
  [[nodiscard]] OneAnswer look(std::span<double> x) {
    ask(x, {});
    return {{*this}};
  }
  /// The same at the points [m, size], which may be spread over several batches.
  [[nodiscard]] AllAnswers look_all(std::span<double> points) {
    ask(points, {});
    return {{*this}};
  }
  /// Answer, value and gradient of `objective` at `x`. White box only.
  [[nodiscard]] OneSlope climb(std::span<double> x, const Objective& objective) {
    ask(x, {&objective, 1});
    return {{*this}};
  }
  /// Several gradients at one point: one forward pass, a backward pass each.
  [[nodiscard]] OneSlope climb_all(std::span<double> x, std::span<const Objective> objectives) {
    ask(x, objectives);
    return {{*this}};
  }

 private:
  friend class leadline::detail::attack_engine::Live;
  void ask(std::span<double> points, std::span<const Objective> objectives) {
    points_ = points;
    objectives_ = objectives;
    asked_ = 0;
  }

  AttackRow what_;
  Goal goal_ = Goal::untargeted;
  Norm norm_ = Norm::linf;
  std::span<const std::int64_t> classes_;  // goal any_of
  const AttackSpace* space_ = nullptr;
  std::vector<double> x0_;
  std::function<stats::Rng(std::string_view, SampleId, std::uint64_t)> rng_;

  double aim_ = 0;
  double best_distance_ = std::numeric_limits<double>::infinity();
  std::vector<double> best_;
  bool keep_last_ = false;
  std::vector<double> ended_;

  std::coroutine_handle<> waiting_;
  std::span<double> points_;
  std::span<const Objective> objectives_;
  std::size_t asked_ = 0;  // points already sent
  std::vector<Answer> answers_;
  std::vector<double> logits_;
  Slope slope_;
  std::vector<double> values_, gradients_;
};

}  // namespace leadline::robustness
