/// Walks the levels of a sorted sample without storing them.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "leadline/stats/ranked.hpp"

namespace leadline::stats::detail::ranked {

constexpr std::uint64_t place_of(Ranked::Narrow item) { return (item & 0xFFFFFFFFU) >> 1; }
constexpr std::uint64_t place_of(const Ranked::Wide& item) { return item.payload >> 1; }
constexpr std::uint64_t group_of(Ranked::Narrow item) { return item & 1U; }
constexpr std::uint64_t group_of(const Ranked::Wide& item) { return item.payload & 1U; }
constexpr std::uint32_t key_of(Ranked::Narrow item) {
  return static_cast<std::uint32_t>(item >> 32);
}
constexpr std::uint64_t key_of(const Ranked::Wide& item) { return item.key; }

constexpr std::uint32_t ordered(std::uint32_t bits) {
  if (bits == 0x80000000U) bits = 0;  // -0 ties with 0
  return bits ^ (static_cast<std::uint32_t>(static_cast<std::int32_t>(bits) >> 31) | 0x80000000U);
}
constexpr std::uint64_t ordered(std::uint64_t bits) {
  if (bits == 0x8000000000000000U) bits = 0;
  return bits ^
         (static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> 63) | 0x8000000000000000U);
}
inline double score_of(std::uint32_t key) {
  return std::bit_cast<float>(key & 0x80000000U ? key ^ 0x80000000U : ~key);
}
inline double score_of(std::uint64_t key) {
  return std::bit_cast<double>(key & 0x8000000000000000U ? key ^ 0x8000000000000000U : ~key);
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

/// `body(span of items)` with the items there are.
template <class Body>
decltype(auto) with_items(const Ranked& ranked, Body&& body) {
  return ranked.narrow().empty() ? body(ranked.wide()) : body(ranked.narrow());
}

}  // namespace leadline::stats::detail::ranked
