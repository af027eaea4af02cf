// The levels of a sorted sample.
#include <algorithm>
#include <array>
#include <utility>

#include "leadline/stats/ranked.hpp"
#include "stats/ranked_walk.hpp"

namespace leadline::stats {
namespace detail::ranked {

/// The levels of counts.
template <class Item, class Score>
void add_counted(std::span<const Item> items, const Score& score, Levels& out) {
  std::size_t size = items.empty() ? 0 : 1;
  for (std::size_t i = 1; i < items.size(); ++i)
    size += key_of(items[i]) != key_of(items[i - 1]) ? 1 : 0;
  for (auto* column : {&out.score, &out.positive, &out.negative}) column->resize(size);
  std::size_t k = 0;
  Reached above;
  reach_down(items, [&](std::span<const Reached> block) {
    for (const Reached& level : block) {
      const std::uint64_t positives = level.positives - above.positives;
      out.score[k] = score(items[items.size() - level.all].bits);
      out.positive[k] = static_cast<double>(positives);
      out.negative[k] = static_cast<double>(level.all - above.all - positives);
      above = level;
      ++k;
    }
  });
}

/// The levels of weights, with their squares; weight 0 is as if it were not there.
template <class Item, class Score>
void add_weighted(std::span<const Item> items, const Score& score, Levels& out) {
  walk_down(items, [&](std::size_t first, std::size_t last, std::uint64_t positives) {
    const auto sum = sums_of(items, first, last, positives);
    if (sum[0] == 0 && sum[1] == 0) return;
    std::array<double, 2> square{};
    for (std::size_t i = first; i < last; ++i)
      square[group_of(items[i])] += items[i].weight * items[i].weight;
    out.score.push_back(score(items[first].bits));
    out.positive.push_back(sum[1]);
    out.negative.push_back(sum[0]);
    out.positive_square.push_back(square[1]);
    out.negative_square.push_back(square[0]);
  });
}

}  // namespace detail::ranked

Levels levels_of(const Ranked& ranked) {
  namespace impl = detail::ranked;
  Levels out;
  out.n = ranked.n();
  out.positives = ranked.positive_weight();
  out.negatives = ranked.negative_weight();
  out.positives_effective = ranked.positive_effective();
  out.negatives_effective = ranked.negative_effective();
  impl::with_items(ranked, [&](auto items) {
    using Item = typename decltype(items)::value_type;
    const auto score = impl::scorer<Item>(ranked);
    if constexpr (requires(Item i) { i.weight; })
      impl::add_weighted(items, score, out);
    else
      impl::add_counted(items, score, out);
  });
  return out;
}

Levels flipped(const Levels& levels) {
  Levels out = levels;
  std::swap(out.positive, out.negative);
  std::swap(out.positive_square, out.negative_square);
  std::swap(out.positives, out.negatives);
  std::swap(out.positives_effective, out.negatives_effective);
  for (auto* column :
       {&out.score, &out.positive, &out.negative, &out.positive_square, &out.negative_square})
    std::reverse(column->begin(), column->end());
  for (double& score : out.score) score = -score;
  return out;
}

}  // namespace leadline::stats
