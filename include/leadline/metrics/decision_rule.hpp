/// How scores become decisions: declared, never guessed from the values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "leadline/config.hpp"

namespace leadline::metrics {

/// What the labels of a sample are.
enum class TaskType : std::uint8_t {
  multiclass,  // one of n_classes: "target" [n]; "scores" [n, n_classes], the largest wins
  binary,      // 0 or 1: "target" [n]; "scores" [n] of the positive class, >= threshold is positive
  multilabel,  // any of n_labels: "target" [n, n_labels] of 0 and 1; "scores" likewise, >=
               // threshold
};
[[nodiscard]] constexpr auto names_of(std::type_identity<TaskType>) {
  return std::array<std::string_view, 3>{"multiclass", "binary", "multilabel"};
}

struct DecisionRule {
  TaskType task = TaskType::multiclass;
  double threshold = 0.5;           // in the unit of the scores; not of multiclass
  std::int64_t positive_class = 1;  // binary: the label that high scores speak for
  // multiclass: the true class is called where it is among so many of the largest scores
  std::int64_t top_k = 1;
  friend bool operator==(const DecisionRule&, const DecisionRule&) = default;
};

}  // namespace leadline::metrics
