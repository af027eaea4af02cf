#include "leadline/metrics/hinge_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "leadline/core/error.hpp"
#include "probability_rows.hpp"

namespace leadline::metrics {

void HingeFold::update(const Rows& rows, std::string_view who) {
  leadline::detail::probability_rows::Reader reader(rows, who, "scores", binary_);
  std::vector<double> losses(static_cast<std::size_t>(reader.n()));
  for (std::int64_t i = 0; i < reader.n(); ++i) {
    const auto row = reader.row(i);
    const auto target = static_cast<std::size_t>(reader.target(i));
    for (const double score : row)
      if (!std::isfinite(score))
        throw ValueError(
            who, "finite scores",
            fmt::format("{} at {}", score, leadline::detail::label_rows::sample_text(rows, i)),
            "a margin of infinite scores means nothing");
    losses[static_cast<std::size_t>(i)] = loss(row, target);
  }
  loss_.add(losses, rows.weights, rows.counted);
}

double HingeFold::loss(std::span<const double> row, std::size_t target) const {
  const auto of = [this](double margin) {
    const double short_of_1 = std::max(0.0, 1 - margin);
    return squared_ ? short_of_1 * short_of_1 : short_of_1;
  };
  if (binary_) return of(target == 1 ? row[1] : -row[1]);
  if (contrast_ == HingeContrast::one_vs_all) {
    double sum = 0;
    for (std::size_t c = 0; c < row.size(); ++c) sum += of(c == target ? row[c] : -row[c]);
    return sum / static_cast<double>(row.size());
  }
  double other = -std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < row.size(); ++c)
    if (c != target) other = std::max(other, row[c]);
  return of(row[target] - other);
}

HingeLoss::HingeLoss(Options options) : ScoreMetric("HingeLoss", options, HingeFold(options)) {
  if (options.task == TaskType::multilabel)
    throw ValueError("HingeLoss", "task 'multiclass' or 'binary'", "'multilabel'",
                     "measure each label as a binary task");
}
MetricInfo HingeLoss::info() const {
  return {"hinge_loss",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "",
          "how far decisions are from a margin of 1",
          {"scores", "target"}};
}
Estimate HingeLoss::estimate(const HingeFold& fold) const {
  return fold.loss().mean(MeanInterval::t, options_.level, "the loss is infinite");
}

}  // namespace leadline::metrics
