#include "leadline/stats/one_vs_rest.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "leadline/core/error.hpp"
#include "stats/rank_slots.hpp"
#include "stats/ranked_walk.hpp"

namespace leadline::stats::detail::one_vs_rest {
struct Indexed;
}
namespace leadline::stats::detail::ranked {
template <>
constexpr int key_shift<one_vs_rest::Indexed> = 33;
}

namespace leadline::stats {
namespace detail::one_vs_rest {

/// A float with group and place in 64 bits: 31 of the key, one of the group, 32 of the place.
struct Indexed {
  std::uint64_t bits;
};
constexpr std::uint32_t key_of(Indexed item) { return static_cast<std::uint32_t>(item.bits >> 33); }
constexpr std::uint64_t group_of(Indexed item) { return item.bits >> 32 & 1U; }
constexpr std::uint64_t place_of(Indexed item) { return item.bits & 0xFFFFFFFFU; }
struct Placed {
  std::uint64_t bits, place;
};
constexpr std::uint64_t key_of(const Placed& item) { return item.bits >> 1; }
constexpr std::uint64_t group_of(const Placed& item) { return item.bits & 1U; }
constexpr std::uint64_t place_of(const Placed& item) { return item.place; }

struct Problem {
  std::int64_t n = 0, n_columns = 1;
  std::span<const std::int32_t> labels;    // classes, or
  std::span<const std::uint8_t> positive;  // [n, n_columns]
  std::span<const double> weights;
  bool one_vs_one = false, by_prevalence = false;
  std::vector<double> class_weight;  // by label
  double total = 0;

  [[nodiscard]] bool is_positive(std::int64_t i, std::int64_t c) const {
    return labels.empty() ? positive[static_cast<std::size_t>(i * n_columns + c)] != 0
                          : labels[static_cast<std::size_t>(i)] == c;
  }
  [[nodiscard]] double weight(std::uint64_t i) const { return weights.empty() ? 1.0 : weights[i]; }
};

struct Pass {
  std::vector<double> influence;  // of the average, by place
  std::vector<double> wins;       // one vs one, by the other class
  std::vector<Indexed> items, scratch;
};

/// One column of sorted items: its AUROC, and `scale` times its influence onto the places.
template <class Item>
Auroc walk(const Problem& problem, std::span<const Item> items, std::int64_t c, double scale,
           Pass& pass, double level) {
  // The weight of a negative: its own, or its own over that of its class.
  const double n_others = [&] {
    double count = 0;
    for (std::int64_t k = 0; problem.one_vs_one && k < std::ssize(problem.class_weight); ++k)
      count += k != c && problem.class_weight[static_cast<std::size_t>(k)] > 0;
    return count;
  }();
  const auto unit = [&](std::uint64_t i) {
    return problem.one_vs_one
               ? 1 / (n_others * problem.class_weight[static_cast<std::size_t>(problem.labels[i])])
               : 1.0;
  };
  double positives = 0, negatives = 0, positive_square = 0, negative_square = 0;
  for (const Item& item : items) {
    const double w = problem.weight(place_of(item));
    if (group_of(item) != 0) {
      positives += w;
      positive_square += w * w;
    } else {
      negatives += w * unit(place_of(item));
      negative_square += w * w;
    }
  }
  if (problem.one_vs_one) pass.wins.assign(problem.class_weight.size(), 0.0);
  double above_positive = 0, above_negative = 0, value = 0;
  const auto levels = [&](auto&& visit) {
    for (std::size_t last = items.size(); last > 0;) {
      std::size_t first = last - 1;
      const auto key = key_of(items[first]);
      while (first > 0 && key_of(items[first - 1]) == key) --first;
      visit(first, last);
      last = first;
    }
  };
  // First the value (and that against each class), then the influences around it.
  levels([&](std::size_t first, std::size_t last) {
    double p = 0, q = 0;
    for (std::size_t i = first; i < last; ++i) {
      const double w = problem.weight(place_of(items[i]));
      (group_of(items[i]) != 0 ? p : q) +=
          group_of(items[i]) != 0 ? w : w * unit(place_of(items[i]));
    }
    const double won = above_positive + p / 2;
    value += q * won;
    if (problem.one_vs_one)
      for (std::size_t i = first; i < last; ++i)
        if (group_of(items[i]) == 0) {
          const auto k = static_cast<std::size_t>(problem.labels[place_of(items[i])]);
          pass.wins[k] += problem.weight(place_of(items[i])) * won;
        }
    above_positive += p;
    above_negative += q;
  });
  value = std::clamp(value / (positives * negatives), 0.0, 1.0);
  above_positive = above_negative = 0;
  double variance_positive = 0, variance_negative = 0;
  levels([&](std::size_t first, std::size_t last) {
    double p = 0, q = 0;
    for (std::size_t i = first; i < last; ++i) {
      const double w = problem.weight(place_of(items[i]));
      (group_of(items[i]) != 0 ? p : q) +=
          group_of(items[i]) != 0 ? w : w * unit(place_of(items[i]));
    }
    const double of_positive = 1 - (above_negative + q / 2) / negatives;
    const double of_negative = (above_positive + p / 2) / positives;
    for (std::size_t i = first; i < last; ++i) {
      const std::uint64_t place = place_of(items[i]);
      const double w = problem.weight(place);
      double influence = 0;
      if (group_of(items[i]) != 0) {
        influence = (of_positive - value) / positives;
        variance_positive += w * w * influence * influence;
      } else {
        const double mean =
            problem.one_vs_one
                ? pass.wins[static_cast<std::size_t>(problem.labels[place])] /
                      (positives *
                       problem.class_weight[static_cast<std::size_t>(problem.labels[place])])
                : value;
        influence = unit(place) / negatives * (of_negative - mean);
        variance_negative += w * w * influence * influence;
      }
      pass.influence[place] += scale * influence;
    }
    above_positive += p;
    above_negative += q;
  });
  const double n_positive = positive_square > 0 ? positives * positives / positive_square : 0;
  double other = 0;
  for (const Item& item : items) other += group_of(item) == 0 ? problem.weight(place_of(item)) : 0;
  const double n_negative = negative_square > 0 ? other * other / negative_square : 0;
  const auto unbiased = [](double n) { return n > 1 ? n / (n - 1) : 0.0; };
  return auroc_from(
      value, variance_positive * unbiased(n_positive) + variance_negative * unbiased(n_negative),
      std::min(n_positive, n_negative), level);
}

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

Auroc of_column(const Problem& problem, std::span<const double> values, std::int64_t c,
                double scale, Pass& pass, double level) {
  const ranked::Keys keys(values);
  std::vector<Placed> items(values.size()), scratch(values.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    items[i] = {
        keys.of(values[i]) << 1 | (problem.is_positive(static_cast<std::int64_t>(i), c) ? 1U : 0U),
        i};
  const Placed* sorted = ranked::sort_items(items.data(), scratch.data(), items.size());
  return walk<Placed>(problem, {sorted, items.size()}, c, scale, pass, level);
}

Auroc of_column(const Problem& problem, std::span<const float> values, std::int64_t c, double scale,
                Pass& pass, double level) {
  std::uint32_t least = 0, most = 0;
  ranked::magnitudes(values, least, most);
  ranked::Packing<std::uint32_t> packing;
  if (!ranked::find_packing(least, most, packing) || values.size() >> 32 != 0 ||
      most == std::bit_cast<std::uint32_t>(std::numeric_limits<float>::infinity())) {
    const std::vector<double> wide(values.begin(), values.end());
    return of_column(problem, std::span<const double>(wide), c, scale, pass, level);
  }
  auto &items = pass.items, &scratch = pass.scratch;
  items.resize(values.size());
  scratch.resize(values.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::uint64_t group = problem.is_positive(static_cast<std::int64_t>(i), c) ? 1U : 0U;
    items[i].bits = std::uint64_t{packing.pack(std::bit_cast<std::uint32_t>(values[i]))} << 33 |
                    group << 32 | i;
  }
  const Indexed* sorted = ranked::sort_items(items.data(), scratch.data(), items.size());
  return walk<Indexed>(problem, {sorted, items.size()}, c, scale, pass, level);
}

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
