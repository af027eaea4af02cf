// The kinds of stress by what they act on.
#pragma once

#include <span>
#include <vector>

#include "leadline/robustness/stress.hpp"
#include "leadline/stats/random.hpp"
#include "robustness/corruption/picture.hpp"

namespace leadline::detail::stress {

/// One sample of numbers: [steps, columns], row-major; a row of a table has one step.
struct Sample {
  std::span<double> values;
  std::size_t steps = 1, columns = 0;
  std::span<const double> means, spreads;  // [columns]

  [[nodiscard]] double& at(std::size_t step, std::size_t column) const {
    return values[step * columns + column];
  }
};

/// table.cpp. `common` is the same for all samples.
void change_sample(robustness::StressKind kind, double severity, const Sample& sample,
                   stats::Rng& rng, std::uint64_t common);
/// sensor.cpp
void change_picture(robustness::StressKind kind, double severity, corruption::Picture& picture,
                    stats::Rng& rng);

[[nodiscard]] inline bool is_table(robustness::StressKind kind) {
  return kind <= robustness::StressKind::swapped_columns;
}
[[nodiscard]] inline bool is_image(robustness::StressKind kind) {
  return kind >= robustness::StressKind::resolution && kind <= robustness::StressKind::lost_channel;
}
[[nodiscard]] inline bool is_text(robustness::StressKind kind) {
  return kind >= robustness::StressKind::typos;
}

}  // namespace leadline::detail::stress
