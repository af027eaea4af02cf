// Adds scores to a histogram: their places are found in vectors, then counted.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "leadline/stats/clones.hpp"
#include "leadline/stats/score_histogram.hpp"
#include "stats/score_places.hpp"

namespace leadline::stats {
namespace detail::score_histogram {

constexpr std::size_t block = 1024;  // a fixed length is what compilers vectorise at -O2

template <bool Probability, class T>
[[gnu::always_inline]] inline void places(const T* scores, std::size_t n, int shift,
                                          std::uint32_t* out) {
  if (n == block)
    for (std::size_t i = 0; i < block; ++i) out[i] = place_of<Probability>(scores[i], shift);
  else
    for (std::size_t i = 0; i < n; ++i) out[i] = place_of<Probability>(scores[i], shift);
}
using Range = std::array<std::uint32_t, 2>;  // least and greatest

[[gnu::always_inline]] inline Range range_of(const std::uint32_t* place, std::size_t n) {
  std::uint32_t least = ~0U, most = 0;
  if (n == block) {
    for (std::size_t i = 0; i < block; ++i) {
      least = place[i] < least ? place[i] : least;
      most = place[i] > most ? place[i] : most;
    }
    return {least, most};
  }
  for (std::size_t i = 0; i < n; ++i) {
    least = place[i] < least ? place[i] : least;
    most = place[i] > most ? place[i] : most;
  }
  return {least, most};
}
LEADLINE_CLONES Range places_of(const float* scores, std::size_t n, bool probability, int shift,
                                std::uint32_t* out) {
  probability ? places<true>(scores, n, shift, out) : places<false>(scores, n, shift, out);
  return range_of(out, n);
}
LEADLINE_CLONES Range places_of(const double* scores, std::size_t n, bool probability, int shift,
                                std::uint32_t* out) {
  probability ? places<true>(scores, n, shift, out) : places<false>(scores, n, shift, out);
  return range_of(out, n);
}

/// Whether all scores of a block are numbers from `least` to `most`.
template <class T>
[[gnu::always_inline]] inline bool within(const T* scores, std::size_t n, T least, T most) {
  int bad = 0;
  const auto look = [&](std::size_t i) {
    bad |= (scores[i] >= least ? 0 : 1) | (scores[i] <= most ? 0 : 1);
  };
  if (n == block)
    for (std::size_t i = 0; i < block; ++i) look(i);
  else
    for (std::size_t i = 0; i < n; ++i) look(i);
  return bad == 0;
}
LEADLINE_CLONES bool all_within(const float* scores, std::size_t n, float least, float most) {
  return within(scores, n, least, most);
}
LEADLINE_CLONES bool all_within(const double* scores, std::size_t n, double least, double most) {
  return within(scores, n, least, most);
}

/// Counts of all in the lower half, of the positives in the upper: one addition a sample.
using Cell = std::uint64_t;
constexpr int half = 32;

/// Counts a block into cells, and asks memory for what lies `ahead` of it. Returns whether every
/// label is 0 or 1; if not, the cells say nothing.
template <class T>
bool count_block(const std::uint32_t* place, const T* scores, const std::int64_t* labels,
                 std::int64_t flip, std::size_t n, std::size_t ahead, Cell* cells) {
  constexpr std::size_t line = 8;
  std::int64_t seen = 0;
  const auto one = [&](std::size_t i) {
    seen |= labels[i];
    cells[place[i]] += 1 + (static_cast<Cell>(labels[i] ^ flip) << half);
  };
  std::size_t i = 0;
  for (; i + line <= n; i += line) {
#if defined(__GNUC__)
    __builtin_prefetch(scores + ahead + i);
    __builtin_prefetch(labels + ahead + i);
#else
    static_cast<void>(scores), static_cast<void>(ahead);
#endif
    for (std::size_t k = 0; k < line; ++k) one(i + k);
  }
  for (; i < n; ++i) one(i);
  return (seen & ~std::int64_t{1}) == 0;
}

}  // namespace detail::score_histogram

namespace histogram = detail::score_histogram;

/// Calls `visit(first, n, bins)` for blocks of scores, their bins covered and counted from the
/// first.
template <class T, class Visit>
void ScoreHistogram::by_block(std::span<const T> scores, Visit&& visit) {
  std::array<std::uint32_t, histogram::block> place;
  const int shift = histogram::shift_of(bits_);
  const bool probability = scale_ == ScoreScale::probability;
  for (std::size_t first = 0; first < scores.size(); first += histogram::block) {
    const std::size_t n = std::min(histogram::block, scores.size() - first);
    const auto range =
        histogram::places_of(scores.data() + first, n, probability, shift, place.data());
    cover(range[0], range[1]);
    visit(first, n, place.data());
  }
  n_ += std::ssize(scores);
}

template <class T>
void ScoreHistogram::add_all(std::span<const T> scores, std::span<const std::uint8_t> positive,
                             std::span<const double> weights) {
  if (!weights.empty() && !weighted_) start_weights();
  by_block(scores, [&](std::size_t first, std::size_t n, const std::uint32_t* place) {
    const std::array<std::int64_t*, 2> counts{negative_.data(), positive_.data()};
    const std::size_t from = first_;
    for (std::size_t i = 0; i < n; ++i) ++counts[positive[first + i] != 0][place[i] - from];
    if (!weighted_) return;
    for (std::size_t i = 0; i < n; ++i) {
      const double w = weights.empty() ? 1.0 : weights[first + i];
      double* bin = weights_.data() + 4 * (place[i] - from) + (positive[first + i] != 0 ? 0 : 1);
      bin[0] += w;
      bin[2] += w * w;
    }
  });
}

void ScoreHistogram::add_counts(std::size_t low, std::span<const std::uint32_t> all,
                                std::span<const std::uint32_t> positive) {
  cover(low, low + all.size() - 1);
  const std::size_t start = low - first_;
  std::int64_t n = 0;
  for (std::size_t bin = 0; bin < all.size(); ++bin) {
    positive_[start + bin] += positive[bin];
    negative_[start + bin] += all[bin] - positive[bin];
    n += all[bin];
  }
  n_ += n;
  for (std::size_t bin = 0; weighted_ && bin < all.size(); ++bin)
    for (std::size_t k = 0; k < 4; ++k)
      weights_[4 * (start + bin) + k] += k % 2 == 0 ? positive[bin] : all[bin] - positive[bin];
}

void ScoreHistogram::add(std::span<const float> scores, std::span<const std::uint8_t> positive,
                         std::span<const double> weights) {
  add_all(scores, positive, weights);
}
void ScoreHistogram::add(std::span<const double> scores, std::span<const std::uint8_t> positive,
                         std::span<const double> weights) {
  add_all(scores, positive, weights);
}

template <class T>
bool ScoreHistogram::add_checked_all(std::span<const T> scores,
                                     std::span<const std::int64_t> labels, std::int64_t positive) {
  using Cell = histogram::Cell;
  const std::size_t n = scores.size();
  if (n >> histogram::half != 0) return false;
  const int shift = histogram::shift_of(bits_);
  const bool probability = scale_ == ScoreScale::probability;
  const T most = probability ? T(1) : std::numeric_limits<T>::infinity();
  std::vector<Cell> cells(std::size_t{1} << bits_);
  std::array<std::uint32_t, histogram::block> place;
  histogram::Range range{~0U, 0};
  for (std::size_t first = 0; first < n; first += histogram::block) {
    const std::size_t size = std::min(histogram::block, n - first);
    const T* some = scores.data() + first;
    if (!histogram::all_within(some, size, probability ? T(0) : -most, most)) return false;
    const auto here = histogram::places_of(some, size, probability, shift, place.data());
    range = {std::min(range[0], here[0]), std::max(range[1], here[1])};
    const std::size_t ahead = first + 2 * histogram::block <= n ? histogram::block : 0;
    if (!histogram::count_block(place.data(), some, labels.data() + first, positive == 1 ? 0 : 1,
                                size, ahead, cells.data()))
      return false;
  }
  if (n == 0) return true;
  std::vector<std::uint32_t> all, positives;
  for (std::size_t bin = range[0]; bin <= range[1]; ++bin) {
    all.push_back(static_cast<std::uint32_t>(cells[bin]));
    positives.push_back(static_cast<std::uint32_t>(cells[bin] >> histogram::half));
  }
  add_counts(range[0], all, positives);
  return true;
}

bool ScoreHistogram::add_checked(std::span<const float> scores,
                                 std::span<const std::int64_t> labels, std::int64_t positive) {
  return add_checked_all(scores, labels, positive);
}
bool ScoreHistogram::add_checked(std::span<const double> scores,
                                 std::span<const std::int64_t> labels, std::int64_t positive) {
  return add_checked_all(scores, labels, positive);
}

}  // namespace leadline::stats
