/// Walks the levels of a sorted sample without storing them; and the sort itself.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "leadline/stats/ranked.hpp"

namespace leadline::stats::detail::ranked {

template <class Item>
constexpr auto key_of(const Item& item) {
  return item.bits >> 1;
}
template <class Item>
constexpr std::uint64_t group_of(const Item& item) {
  return item.bits & 1U;
}
template <class Item>
constexpr double weight_of(const Item& item) {
  if constexpr (requires { item.weight; })
    return item.weight;
  else
    return 1.0;
}

/// Calls `visit(first, last, n_positive)` for each level from the greatest score down; items
/// [first, last) are its samples.
template <class Item, class Visit>
void walk_down(std::span<const Item> items, Visit&& visit) {
  std::size_t last = items.size();
  while (last > 0) {
    std::size_t first = last - 1;
    const auto key = key_of(items[first]);
    std::uint64_t positives = group_of(items[first]);
    while (first > 0 && key_of(items[first - 1]) == key) positives += group_of(items[--first]);
    visit(first, last, positives);
    last = first;
  }
}

/// Weights of the groups at one level: [negative, positive].
template <class Item>
std::array<double, 2> sums_of(std::span<const Item> items, std::size_t first, std::size_t last,
                              std::uint64_t positives) {
  if constexpr (requires(Item i) { i.weight; }) {
    std::array<double, 2> sum{};
    for (std::size_t i = first; i < last; ++i) sum[group_of(items[i])] += items[i].weight;
    return sum;
  } else {
    return {static_cast<double>(last - first - positives), static_cast<double>(positives)};
  }
}

/// `body(span of items)` with the items there are.
template <class Body>
decltype(auto) with_items(const Ranked& ranked, Body&& body) {
  switch (ranked.kind()) {
    case Ranked::floats:
      return body(ranked.items<Ranked::Key32>());
    case Ranked::doubles:
      return body(ranked.items<Ranked::Key64>());
    case Ranked::weights:
      break;
  }
  return body(ranked.items<Ranked::Weighted>());
}

/// How many positives, and samples in all, score at least as much as a level.
struct Reached {
  std::uint64_t positives = 0, all = 0;
  [[nodiscard]] static constexpr Reached of(std::uint64_t positives, std::uint64_t all) {
    return {positives, all};
  }
  [[nodiscard]] std::uint64_t samples() const { return all; }
};

/// The levels of counted items from the greatest score down, `visit(span of Level)` a block of
/// them at a time: no branch on a tie, which a processor cannot foresee.
template <class Level = Reached, class Item, class Visit>
void reach_down(std::span<const Item> items, Visit&& visit) {
  constexpr std::size_t block = 1024;
  std::array<Level, block> reached;
  std::size_t k = 0;
  std::uint64_t positives = 0;
  const std::size_t n = items.size();
  for (std::size_t i = n; i-- > 1;) {
    positives += group_of(items[i]);
    reached[k] = Level::of(positives, n - i);
    k += key_of(items[i]) != key_of(items[i - 1]) ? 1 : 0;
    if (k < block) continue;
    visit(std::span<const Level>(reached));
    k = 0;
  }
  if (n == 0) return;
  reached[k++] = Level::of(positives + group_of(items[0]), n);
  visit(std::span<const Level>(reached).first(k));
}

/// The lowest bit that belongs to the score; what is below it need not be in order.
template <class Item>
constexpr int key_shift = 1;

constexpr int most_digit_bits = 11;
constexpr std::size_t n_passes = 3;

/// The digits that the passes sort by: as narrow as the range of the keys allows, since the
/// buckets of a narrow digit stay in the cache. At most 33 bits, the upper ones.
struct Digits {
  std::array<int, n_passes> shift{}, width{};
  bool complete = true;  // nothing of the key is below
};
constexpr Digits digits_of(int key_start, int key_end) {
  Digits out;
  const int start = std::max(key_start, key_end - most_digit_bits * static_cast<int>(n_passes));
  out.complete = start == key_start;
  int at = start;
  for (std::size_t pass = 0; pass < n_passes; ++pass) {
    const int left = static_cast<int>(n_passes - pass);
    out.shift[pass] = at;
    out.width[pass] = (std::max(0, key_end - at) + left - 1) / left;
    at += out.width[pass];
  }
  return out;
}

/// Puts runs that agree in the sorted bits in order by the rest.
template <class Item>
void finish(Item* items, std::size_t n, decltype(Item::bits) least, int shift) {
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first + 1;
    const auto head = (items[first].bits - least) >> shift;
    bool sorted = true;
    while (last < n && (items[last].bits - least) >> shift == head) {
      sorted &= items[last].bits >= items[last - 1].bits;
      ++last;
    }
    if (!sorted)
      std::stable_sort(items + first, items + last,
                       [](const Item& a, const Item& b) { return a.bits < b.bits; });
    first = last;
  }
}

/// Least and greatest bits of the items.
template <class Item>
std::array<decltype(Item::bits), 2> range_of(const Item* items, std::size_t n) {
  constexpr std::size_t block = 512;  // a fixed length is what compilers vectorise at -O2
  decltype(Item::bits) least = ~decltype(Item::bits){0}, most = 0;
  const auto look = [&](std::size_t i) {
    least = items[i].bits < least ? items[i].bits : least;
    most = items[i].bits > most ? items[i].bits : most;
  };
  std::size_t i = 0;
  for (; i + block <= n; i += block)
    for (std::size_t k = 0; k < block; ++k) look(i + k);
  for (; i < n; ++i) look(i);
  return {least, most};
}

/// Sorts `items` by their key, using `scratch` of the same length; returns the one that holds the
/// result.
template <class Item>
Item* sort_items(Item* items, Item* scratch, std::size_t n) {
  using Bits = decltype(Item::bits);
  constexpr std::size_t small = 1024;  // counting pays from about here on
  if (n < small) {
    std::stable_sort(items, items + n,
                     [](const Item& a, const Item& b) { return a.bits < b.bits; });
    return items;
  }
  auto [least, most] = range_of(items, n);
  least = least >> key_shift<Item> << key_shift<Item>;
  const Digits digits =
      digits_of(key_shift<Item>, static_cast<int>(std::bit_width(Bits(most - least))));
  const auto mask = [&](std::size_t pass) { return (std::size_t{1} << digits.width[pass]) - 1; };
  std::array<std::array<std::uint64_t, std::size_t{1} << most_digit_bits>, n_passes> counts{};
  const int a = digits.shift[0], b = digits.shift[1], c = digits.shift[2];
  const std::size_t of_a = mask(0), of_b = mask(1), of_c = mask(2);
  for (std::size_t i = 0; i < n; ++i) {
    const Bits bits = items[i].bits - least;
    ++counts[0][bits >> a & of_a];
    ++counts[1][bits >> b & of_b];
    ++counts[2][bits >> c & of_c];
  }
  for (std::size_t pass = 0; pass < n_passes; ++pass) {
    if (digits.width[pass] == 0) continue;
    auto& starts = counts[pass];
    const int shift = digits.shift[pass];
    const std::size_t within = mask(pass);
    if (starts[(items[0].bits - least) >> shift & within] == n) continue;
    std::uint64_t sum = 0;
    for (std::size_t digit = 0; digit <= within; ++digit) {
      const std::uint64_t count = starts[digit];
      starts[digit] = sum;
      sum += count;
    }
    for (std::size_t i = 0; i < n; ++i) {
      const Item item = items[i];
      scratch[starts[(item.bits - least) >> shift & within]++] = item;
    }
    std::swap(items, scratch);
  }
  if (!digits.complete) finish(items, n, least, digits.shift[0]);
  return items;
}

/// How scores become ordered integers that leave one bit free: sign and magnitude, with the
/// magnitudes that do not occur below the least one left out. `Bits` is uint32_t or uint64_t.
template <class Bits>
struct Packing {
  static constexpr int width = sizeof(Bits) * 8;
  static constexpr Bits middle = Bits{1} << (width - 2);
  static constexpr Bits sign = Bits{1} << (width - 1);
  Bits base = 0, infinite = 0;  // the code of infinity; 0: as its bits

  [[nodiscard]] constexpr Bits pack(Bits bits) const {
    const Bits size = bits & ~sign;
    const Bits packed = size > base ? size - base : 0;
    return bits & sign ? middle - packed : middle + packed;
  }
  [[nodiscard]] constexpr Bits unpack(Bits key) const {
    if (key == middle) return 0;
    return key > middle ? key - middle + base : (middle - key + base) | sign;
  }
};

/// The packing of magnitudes between `least` (not 0) and `most`, if there is one.
template <class Bits>
constexpr bool find_packing(Bits least, Bits most, Packing<Bits>& out) {
  constexpr Bits room = Packing<Bits>::middle - 1;
  out.base = most > room ? most - room : 0;
  return least > out.base;
}

/// Least (not 0) and greatest magnitude of the bits of floats.
template <class Bits, class T>
void magnitudes(std::span<const T> scores, Bits& least, Bits& most) {
  Bits below = ~Bits{0}, above = 0;
  for (const T x : scores) {
    const Bits size = std::bit_cast<Bits>(x) & ~Packing<Bits>::sign;
    above = size > above ? size : above;
    below = size - 1 < below ? size - 1 : below;  // 0 wraps to the greatest
  }
  least = below + 1;
  most = above;
  if (least == 0) least = ~Bits{0};
}

/// Doubles as ordered integers below 2^63.
struct Keys {
  explicit Keys(std::span<const double> scores);
  [[nodiscard]] std::uint64_t of(double score) const;
  [[nodiscard]] double score(std::uint64_t key) const;

  Packing<std::uint64_t> packing;
  std::vector<double> table;  // the distinct scores, where magnitudes spread too far to pack
};

/// The score of an item's bits.
template <class Item>
auto scorer(const Ranked& ranked) {
  if constexpr (std::is_same_v<Item, Ranked::Key32>)
    return [packing = Packing<std::uint32_t>{ranked.packing_base(), 0}](std::uint32_t bits) {
      return static_cast<double>(std::bit_cast<float>(packing.unpack(bits >> 1)));
    };
  else
    return [&ranked](std::uint64_t bits) { return ranked.score(bits); };
}

/// Throws what the constructors of `Ranked` throw.
void check(std::size_t n, std::size_t n_groups, std::span<const double> weights, bool nan);

/// A sample with its place in the input; the weight-less item of `placed`.
struct Placed {
  std::uint64_t bits, place;
};
/// Scores with their group and place, ascending.
std::vector<Placed> placed(std::span<const double> scores, std::span<const std::uint8_t> positive);

template <class T>
std::shared_ptr<std::byte[]> room_for(std::size_t n) {
  return std::make_shared_for_overwrite<std::byte[]>(std::max<std::size_t>(1, n) * sizeof(T));
}
template <class T>
T* as(const std::shared_ptr<std::byte[]>& memory) {
  return static_cast<T*>(static_cast<void*>(memory.get()));
}

}  // namespace leadline::stats::detail::ranked
