// A row in flight: its coroutine, what it asks, and what came of it so far.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "leadline/robustness/attack_engine.hpp"

namespace leadline::detail::attack_engine {

using namespace robustness;

/// Samples read together.
struct Chunk {
  Tensor primary;  // host
  std::map<std::string, Tensor, std::less<>> extras;
};

/// Success is judged here, at every point asked, for all attacks alike.
class Live {
 public:
  /// The sample is row `row` of `chunk`. What is given by reference outlives it.
  Live(const AttackPlan& plan, const AttackSpace& space, const AttackMethod& method,
       const AttackRow& what, std::size_t position, std::shared_ptr<const Chunk> chunk,
       std::int64_t row, const AttackIo& io);

  [[nodiscard]] const AttackRow& what() const { return row_.what_; }
  [[nodiscard]] const Chunk& chunk() const { return *chunk_; }
  [[nodiscard]] std::int64_t chunk_row() const { return chunk_row_; }
  [[nodiscard]] std::span<const double> clean() const { return row_.x0_; }

  /// Lets the coroutine go on to its next question. Throws what the attack throws.
  void resume();
  /// It has nothing more to ask.
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] bool fooled() const { return fooled_; }  // within its aim
  /// Its goal is reached: nothing that it may still ask matters.
  [[nodiscard]] bool leaves() const;

  // ---- its question ----
  [[nodiscard]] bool climbs() const { return !row_.objectives_.empty(); }
  [[nodiscard]] std::size_t next_point() const { return row_.asked_; }
  [[nodiscard]] std::int64_t points_left() const;
  [[nodiscard]] std::span<double> point(std::size_t k) {
    return row_.points_.subspan(k * row_.size(), row_.size());
  }

  // ---- the answer ----
  /// Of point `k`. True: it reached the goal, and must be confirmed before it counts.
  /// Throws ValueError for labels that are no class of the model.
  [[nodiscard]] bool answer(std::size_t k, std::int64_t label, std::span<const double> logits);
  [[nodiscard]] bool reached(std::int64_t label) const { return row_.reached({label, {}}); }
  /// `votes` of the `plan.confirmations` further runs of point `k` reached the goal.
  void confirm(std::size_t k, int votes);

  // ---- its gradients: begin, then round by round slope and gradient, then end ----
  [[nodiscard]] std::size_t rounds() const { return row_.objectives_.size(); }
  void begin_gradients();
  /// The value of objective `round` is kept, its gradient by the logits added to `dz` [k].
  void slope(std::size_t round, std::span<double> dz);
  /// `by_value`: the gradient by all values of the sample.
  void gradient(std::size_t round, std::span<const double> by_value);
  void end_gradients();

  /// Drops the coroutine; what came of the row.
  [[nodiscard]] AttackResult end();
  /// Where its adversarial is, in coordinates; empty: there is none to give. After `end`.
  [[nodiscard]] std::vector<double> adversarial() const;

 private:
  void judge(std::size_t k, const Answer& answer, bool& lucky);
  void accept(std::size_t k, std::int64_t decision, double confidence);
  void strengthen(std::size_t k, int votes);
  void check_class(std::int64_t n_classes) const;
  [[nodiscard]] bool out_of_reach() const;

  const AttackPlan& plan_;
  std::shared_ptr<const Chunk> chunk_;
  std::int64_t chunk_row_;
  Row row_;
  Task<> task_;
  AttackResult result_;
  bool ended_itself_ = false;                                  // not cut short
  bool fooled_ = false, over_ = false, started_ = false;       // started: has asked once
  int votes_ = 0;                                              // that confirmed the best point
  double nearest_ = -std::numeric_limits<double>::infinity();  // largest margin within the aim
  std::vector<double> kept_;                                   // where it was
};

}  // namespace leadline::detail::attack_engine
