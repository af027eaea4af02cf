// From samples to the batches that go to the model.
#pragma once

#include "attack_live.hpp"
#include "attack_space.hpp"

namespace leadline::detail::attack_engine {

/// A point of a row's question.
struct Place {
  Live* live;
  std::size_t point;
};

/// Reads the samples of `rows` a batch at a time, in order, and builds batches of points.
class Batches {
 public:
  Batches(const AttackPlan& plan, std::span<const AttackRow> rows, const AttackIo& io)
      : plan_(plan), rows_(rows), io_(io) {}

  /// The row at `position`, at or after those of earlier calls, in flight.
  [[nodiscard]] std::unique_ptr<Live> begin(std::size_t position, const AttackMethod& method);
  /// Valid after the first `begin`.
  [[nodiscard]] const AttackSpace& space() const { return space_; }
  [[nodiscard]] Inputs assemble(std::span<const Place> places);
  /// One row at `x` [1, ...].
  [[nodiscard]] Tensor one(Live& live, std::vector<double> x) const;

 private:
  void load(std::size_t first);

  const AttackPlan& plan_;
  std::span<const AttackRow> rows_;
  const AttackIo& io_;
  AttackSpace space_;
  std::unique_ptr<attack_space::RowBuffer> buffer_;
  std::shared_ptr<const Chunk> chunk_;
  std::size_t first_ = 0;  // position of the first row of the chunk
};

}  // namespace leadline::detail::attack_engine
