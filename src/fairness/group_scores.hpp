// Probabilities, labels and group names of one batch, checked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/rows.hpp"
#include "leadline/core/table.hpp"

namespace leadline::detail::group_scores {

struct Scores {
  std::vector<double> probability;
  std::vector<std::int64_t> target;  // empty when none was given
  std::vector<std::int32_t> group;   // index into names
  std::vector<std::string> names;    // "sex=f,age=young"
  std::vector<std::string> attributes;
};

/// `target` may be null. `attributes` empty: every column. Throws naming `who`.
[[nodiscard]] Scores read(const ArrayView* probability, const ArrayView* target,
                          const Table& groups, const std::vector<std::string>& attributes,
                          std::string_view who);

/// Throws the ValueError of a group that the fit did not see.
[[noreturn]] void unseen(std::string_view who, const std::string& group);

}  // namespace leadline::detail::group_scores
