#include "stats/one_vs_rest_column.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "stats/ranked_walk.hpp"

namespace leadline::stats::detail::ranked {
template <>
constexpr int key_shift<one_vs_rest::Indexed> = 33;
}

namespace leadline::stats::detail::one_vs_rest {

constexpr std::uint32_t key_of(Indexed item) { return static_cast<std::uint32_t>(item.bits >> 33); }
constexpr std::uint64_t group_of(Indexed item) { return item.bits >> 32 & 1U; }
constexpr std::uint64_t place_of(Indexed item) { return item.bits & 0xFFFFFFFFU; }
struct Placed {
  std::uint64_t bits, place;
};
constexpr std::uint64_t key_of(const Placed& item) { return item.bits >> 1; }
constexpr std::uint64_t group_of(const Placed& item) { return item.bits & 1U; }
constexpr std::uint64_t place_of(const Placed& item) { return item.place; }

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

}  // namespace leadline::stats::detail::one_vs_rest
