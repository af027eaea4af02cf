// The many columns of a classifier into histograms: their places are turned, then counted a column
// at a time, whose counts stay in the nearest cache.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "leadline/stats/clones.hpp"
#include "leadline/stats/score_histogram.hpp"
#include "stats/score_places.hpp"

namespace leadline::stats {
namespace detail::score_columns {
namespace places = detail::score_histogram;

constexpr std::size_t width = 16;  // columns at a time: a cache line of floats
constexpr std::size_t depth = 16;  // rows that are turned at once

struct Range {
  std::uint32_t least = ~0U, most = 0;
};

/// Where the turned places lie: column c from c * length on.
struct Turned {
  std::uint16_t* places;
  std::size_t length;
  Range* ranges;
};

/// Turns `depth` rows of `width` scores.
template <bool Probability, class T>
[[gnu::always_inline]] inline void turn_tile(const T* scores, std::size_t stride, int shift,
                                             std::uint16_t* out, std::size_t length,
                                             Range* ranges) {
  std::array<std::array<std::uint32_t, width>, depth> place;
  for (std::size_t r = 0; r < depth; ++r)
    for (std::size_t k = 0; k < width; ++k)
      place[r][k] = places::place_of<Probability>(scores[r * stride + k], shift);
  std::array<std::uint32_t, width> least = place[0], most = place[0];
  for (std::size_t r = 1; r < depth; ++r)
    for (std::size_t k = 0; k < width; ++k) {
      least[k] = place[r][k] < least[k] ? place[r][k] : least[k];
      most[k] = place[r][k] > most[k] ? place[r][k] : most[k];
    }
  for (std::size_t k = 0; k < width; ++k)
    ranges[k] = {std::min(ranges[k].least, least[k]), std::max(ranges[k].most, most[k])};
  for (std::size_t k = 0; k < width; ++k)
    for (std::size_t r = 0; r < depth; ++r)
      out[k * length + r] = static_cast<std::uint16_t>(place[r][k]);
}

template <bool Probability, class T>
[[gnu::always_inline]] inline void turn(const T* scores, std::size_t n, std::size_t columns,
                                        int shift, const Turned& out) {
  const auto one = [&](std::size_t i, std::size_t c) {
    const std::uint32_t place = places::place_of<Probability>(scores[i * columns + c], shift);
    Range& range = out.ranges[c];
    range = {std::min(range.least, place), std::max(range.most, place)};
    out.places[c * out.length + i] = static_cast<std::uint16_t>(place);
  };
  std::size_t i = 0;
  for (; i + depth <= n; i += depth) {  // rows in the order in which they lie
    std::size_t c = 0;
    for (; c + width <= columns; c += width)
      turn_tile<Probability>(scores + i * columns + c, columns, shift,
                             out.places + c * out.length + i, out.length, out.ranges + c);
    for (; c < columns; ++c)
      for (std::size_t r = 0; r < depth; ++r) one(i + r, c);
  }
  for (; i < n; ++i)
    for (std::size_t c = 0; c < columns; ++c) one(i, c);
}

LEADLINE_CLONES void turn_rows(const float* scores, std::size_t n, std::size_t columns,
                               bool probability, int shift, const Turned& out) {
  probability ? turn<true>(scores, n, columns, shift, out)
              : turn<false>(scores, n, columns, shift, out);
}
LEADLINE_CLONES void turn_rows(const double* scores, std::size_t n, std::size_t columns,
                               bool probability, int shift, const Turned& out) {
  probability ? turn<true>(scores, n, columns, shift, out)
              : turn<false>(scores, n, columns, shift, out);
}

/// Rows by their class: those of class c are rows[start[c]] to rows[start[c + 1]].
struct ByClass {
  std::vector<std::uint32_t> start, rows;
  void sort(std::span<const std::int32_t> labels, std::size_t n_classes) {
    start.assign(n_classes + 1, 0);
    rows.resize(labels.size());
    for (const std::int32_t label : labels) ++start[static_cast<std::size_t>(label) + 1];
    for (std::size_t c = 0; c < n_classes; ++c) start[c + 1] += start[c];
    std::vector<std::uint32_t> next(start.begin(), start.end() - 1);
    for (std::size_t i = 0; i < labels.size(); ++i)
      rows[next[static_cast<std::size_t>(labels[i])]++] = static_cast<std::uint32_t>(i);
  }
};

/// One chunk of rows after the other.
class Strip {
 public:
  explicit Strip(std::span<ScoreHistogram> histograms)
      : histograms_(histograms),
        chunk_(std::clamp(most_places / histograms.size(), std::size_t{4096}, std::size_t{65536})),
        // Columns whose distance is no power of two do not fight for one set of the cache.
        length_(chunk_ + 64),
        turned_(std::make_unique_for_overwrite<std::uint16_t[]>(histograms.size() * length_)) {}
  [[nodiscard]] std::size_t chunk() const { return chunk_; }

  template <class T>
  void add(const T* scores, std::span<const std::int32_t> labels) {
    const ScoreHistogram& kind = histograms_.front();
    by_class_.sort(labels, histograms_.size());
    ranges_.assign(histograms_.size(), {});
    turn_rows(scores, labels.size(), histograms_.size(), kind.scale() == ScoreScale::probability,
              places::shift_of(kind.bits()), {turned_.get(), length_, ranges_.data()});
    for (std::size_t c = 0; c < histograms_.size(); ++c)
      count(c, std::span(turned_.get() + c * length_, labels.size()), ranges_[c]);
  }

 private:
  static constexpr std::size_t most_places = std::size_t{1} << 23;  // 16 MB

  void count(std::size_t column, std::span<const std::uint16_t> place, Range range) {
    all_.assign(range.most - range.least + 1, 0);
    positive_.assign(all_.size(), 0);
    std::uint32_t* all = all_.data();
    for (const std::uint16_t at : place) ++all[at - range.least];
    for (std::size_t j = by_class_.start[column]; j < by_class_.start[column + 1]; ++j)
      ++positive_[place[by_class_.rows[j]] - range.least];
    histograms_[column].add_counts(range.least, all_, positive_);
  }

  std::span<ScoreHistogram> histograms_;
  std::size_t chunk_, length_;
  std::unique_ptr<std::uint16_t[]> turned_;
  std::vector<Range> ranges_;
  ByClass by_class_;
  std::vector<std::uint32_t> all_, positive_;
};

/// Few rows, or more bins than 16 bits number: each column by itself.
template <class T>
void add_each(std::span<ScoreHistogram> histograms, std::span<const T> scores,
              std::span<const std::int32_t> labels) {
  std::vector<T> column(labels.size());
  std::vector<std::uint8_t> group(labels.size());
  for (std::size_t c = 0; c < histograms.size(); ++c) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      column[i] = scores[i * histograms.size() + c];
      group[i] = labels[i] == static_cast<std::int32_t>(c) ? 1 : 0;
    }
    histograms[c].add(std::span<const T>(column), group);
  }
}

template <class T>
void add(std::span<ScoreHistogram> histograms, std::span<const T> scores,
         std::span<const std::int32_t> labels) {
  constexpr std::size_t many = 4096;
  if (histograms.empty()) return;
  if (labels.size() < many || histograms.front().bits() > 16)
    return add_each(histograms, scores, labels);
  Strip strip(histograms);
  for (std::size_t first = 0; first < labels.size(); first += strip.chunk())
    strip.add(scores.data() + first * histograms.size(),
              labels.subspan(first, std::min(strip.chunk(), labels.size() - first)));
}

}  // namespace detail::score_columns

void add_classes(std::span<ScoreHistogram> histograms, std::span<const float> scores,
                 std::span<const std::int32_t> labels) {
  detail::score_columns::add(histograms, scores, labels);
}
void add_classes(std::span<ScoreHistogram> histograms, std::span<const double> scores,
                 std::span<const std::int32_t> labels) {
  detail::score_columns::add(histograms, scores, labels);
}

}  // namespace leadline::stats
