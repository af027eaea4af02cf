#include "leadline/stats/one_vs_rest.hpp"

#include <algorithm>
#include <string>

#include "leadline/core/error.hpp"
#include "stats/one_vs_rest_column.hpp"
#include "stats/rank_slots.hpp"

namespace leadline::stats {
namespace detail::one_vs_rest {

/// A block of columns at a time: a cache line of a row holds sixteen floats.
constexpr std::int64_t together = 16;

template <class T>
class Columns {
 public:
  Columns(std::span<const T> scores, std::int64_t n, std::int64_t n_columns)
      : scores_(scores), n_(n), n_columns_(n_columns) {}
  /// The values of column c; columns are asked for in order.
  std::span<const T> at(std::int64_t c) {
    if (c >= first_ + count_ || count_ == 0) {
      first_ = c;
      count_ = std::min(together, n_columns_ - c);
      buffer_.resize(static_cast<std::size_t>(count_ * n_));
      constexpr std::int64_t rows = 256;
      for (std::int64_t begin = 0; begin < n_; begin += rows)
        for (std::int64_t k = 0; k < count_; ++k)
          for (std::int64_t i = begin; i < std::min(n_, begin + rows); ++i)
            buffer_[static_cast<std::size_t>(k * n_ + i)] =
                scores_[static_cast<std::size_t>(i * n_columns_ + c + k)];
    }
    return std::span(buffer_).subspan(static_cast<std::size_t>((c - first_) * n_),
                                      static_cast<std::size_t>(n_));
  }

 private:
  std::span<const T> scores_;
  std::int64_t n_, n_columns_, first_ = 0, count_ = 0;
  std::vector<T> buffer_;
};

template <class T>
ColumnAuroc solve(Problem problem, std::span<const T> scores, double level) {
  ColumnAuroc out;
  const auto n_columns = static_cast<std::size_t>(problem.n_columns);
  out.columns.resize(n_columns);
  std::vector<double> weight(n_columns, 0.0);
  double square = 0;
  for (std::int64_t i = 0; i < problem.n; ++i) {
    const double w = problem.weight(static_cast<std::uint64_t>(i));
    problem.total += w;
    square += w * w;
    if (!problem.labels.empty())
      weight[static_cast<std::size_t>(problem.labels[static_cast<std::size_t>(i)])] += w;
    else
      for (std::size_t c = 0; c < n_columns; ++c)
        weight[c] += problem.is_positive(i, static_cast<std::int64_t>(c)) ? w : 0;
  }
  if (!problem.labels.empty()) problem.class_weight = weight;
  double defined_weight = 0;
  for (std::size_t c = 0; c < n_columns; ++c) {
    out.columns[c].weight = weight[c];
    out.columns[c].defined = weight[c] > 0 && weight[c] < problem.total;
    if (!out.columns[c].defined) continue;
    ++out.averaged;
    defined_weight += weight[c];
  }
  out.n_effective = square > 0 ? problem.total * problem.total / square : 0;
  if (out.averaged == 0) return out;
  Pass pass;
  pass.influence.assign(static_cast<std::size_t>(problem.n), 0.0);
  Columns<T> columns(scores, problem.n, problem.n_columns);
  rank_slots::CountedColumn<T> counted;
  const bool counts = problem.weights.empty() && !problem.one_vs_one && problem.n >> 31 == 0;
  const auto share = [&](std::size_t c) {
    return problem.by_prevalence ? weight[c] / defined_weight : 1.0 / out.averaged;
  };
  for (std::size_t c = 0; c < n_columns; ++c) {
    auto& column = out.columns[c];
    if (!column.defined) continue;
    const auto c_th = static_cast<std::int64_t>(c);
    column.auroc = counts ? counted.solve(
                                columns.at(c_th),
                                [&](std::size_t i) {
                                  return problem.is_positive(static_cast<std::int64_t>(i), c_th);
                                },
                                share(c), pass.influence, level)
                          : of_column(problem, columns.at(c_th), c_th, share(c), pass, level);
    out.value += share(c) * column.auroc.value;
  }
  for (std::int64_t i = 0; i < problem.n; ++i) {
    const auto place = static_cast<std::size_t>(i);
    double influence = pass.influence[place];
    for (std::size_t c = 0; problem.by_prevalence && c < n_columns; ++c)
      if (out.columns[c].defined && problem.is_positive(i, static_cast<std::int64_t>(c)))
        influence += (out.columns[c].auroc.value - out.value) / defined_weight;
    const double w = problem.weight(place);
    out.variance += w * w * influence * influence;
  }
  out.variance *= out.n_effective > 1 ? out.n_effective / (out.n_effective - 1) : 0;
  return out;
}

ColumnAuroc solve_table(const Problem& problem, const ScoreTable& scores, double level) {
  const std::size_t size = scores.floats.size() + scores.doubles.size();
  if (size != static_cast<std::size_t>(problem.n * problem.n_columns) ||
      (!problem.weights.empty() && std::ssize(problem.weights) != problem.n))
    throw ShapeError("class_auroc", "scores [n, n_columns], labels and weights of n samples",
                     std::to_string(size) + " scores, " + std::to_string(problem.n) + " samples",
                     "pass arrays of one length");
  return scores.doubles.empty() ? solve<float>(problem, scores.floats, level)
                                : solve<double>(problem, scores.doubles, level);
}

}  // namespace detail::one_vs_rest

ColumnAuroc class_auroc(const ScoreTable& scores, std::span<const std::int32_t> labels,
                        std::span<const double> weights, ClassContrast contrast, bool by_prevalence,
                        double level) {
  detail::one_vs_rest::Problem problem;
  problem.n = std::ssize(labels);
  problem.n_columns = scores.n_columns;
  problem.labels = labels;
  problem.weights = weights;
  problem.one_vs_one = contrast == ClassContrast::one_vs_one;
  problem.by_prevalence = by_prevalence;
  return detail::one_vs_rest::solve_table(problem, scores, level);
}

ColumnAuroc label_auroc(const ScoreTable& scores, std::span<const std::uint8_t> positive,
                        std::span<const double> weights, bool by_prevalence, double level) {
  detail::one_vs_rest::Problem problem;
  problem.n_columns = scores.n_columns;
  problem.n = std::ssize(positive) / std::max<std::int64_t>(1, scores.n_columns);
  problem.positive = positive;
  problem.weights = weights;
  problem.by_prevalence = by_prevalence;
  return detail::one_vs_rest::solve_table(problem, scores, level);
}

}  // namespace leadline::stats
