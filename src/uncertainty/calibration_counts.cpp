#include "uncertainty/calibration_counts.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "leadline/stats/clones.hpp"
#include "stats/fixed_units.hpp"

namespace leadline::detail::calibration_counts {
namespace rows_of = leadline::detail::calibration_rows;
namespace units = leadline::stats::detail::moments;
using rows_of::block;

// An integer holds two sums of one block: 2^41 times the count, and halves of confidences, which
// add to less than 2^40 in 1024 samples.
constexpr int count_bits = 41;

struct Scratch {
  rows_of::Block read;
  std::array<Pair, block> parts;  // hit and upper half, 1 and lower half
  std::array<std::int32_t, block> bin;
  double squared_high = 0, squared_low = 0;
};

template <class Confidence, class Hit>
[[gnu::always_inline]] inline bool in_range(const Confidence* confidence, const Hit* hit) {
  int bad = 0;
  for (std::size_t i = 0; i < block; ++i)
    bad |= (confidence[i] >= 0 ? 0 : 1) | (confidence[i] <= 1 ? 0 : 1);
  std::int64_t bits = 0;
  if constexpr (std::is_same_v<Hit, std::int64_t>)
    for (std::size_t i = 0; i < block; ++i) bits |= hit[i];
  else
    for (std::size_t i = 0; i < block; ++i) bad |= hit[i] * hit[i] == hit[i] ? 0 : 1;
  return bad == 0 && (bits & ~std::int64_t{1}) == 0;
}

/// What a block adds; false where a confidence is outside [0, 1] or a hit neither 0 nor 1.
template <class Confidence, class Hit>
[[gnu::always_inline]] inline bool split_block(const Confidence* __restrict confidence,
                                               const Hit* __restrict hit, std::int32_t n_bins,
                                               Scratch& __restrict out) {
  const auto bins = static_cast<double>(n_bins);
  if (!in_range(confidence, hit)) return false;
  for (std::size_t i = 0; i < block; ++i) {
    std::int64_t high = 0, low = 0;
    units::split_units(static_cast<double>(confidence[i]), high, low);
    out.parts[i].first = high + (std::int64_t{static_cast<std::int32_t>(hit[i])} << count_bits);
    out.parts[i].second = low + (std::int64_t{1} << count_bits);
  }
  for (std::size_t i = 0; i < block; ++i) {
    const auto bin = static_cast<std::int32_t>(static_cast<double>(confidence[i]) * bins);
    out.bin[i] = bin < n_bins ? bin : n_bins - 1;
  }
  constexpr std::size_t lanes = 16;
  std::array<double, lanes> highs{}, lows{};
  for (std::size_t i = 0; i < block; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) {
      const double gap = static_cast<double>(confidence[i + k]) -
                         static_cast<double>(static_cast<std::int32_t>(hit[i + k]));
      double high = 0, low = 0;
      units::split_units(gap * gap, high, low);
      highs[k] += high;
      lows[k] += low;
    }
  out.squared_high = out.squared_low = 0;
  for (std::size_t k = 0; k < lanes; ++k) {  // whole numbers: exact in any order
    out.squared_high += highs[k];
    out.squared_low += lows[k];
  }
  return true;
}

LEADLINE_CLONES bool split(const double* confidence, const double* hit, std::int32_t n_bins,
                           Scratch& out) {
  return split_block(confidence, hit, n_bins, out);
}
LEADLINE_CLONES bool split(const double* confidence, const std::int64_t* hit, std::int32_t n_bins,
                           Scratch& out) {
  return split_block(confidence, hit, n_bins, out);
}
LEADLINE_CLONES bool split(const float* confidence, const std::int64_t* hit, std::int32_t n_bins,
                           Scratch& out) {
  return split_block(confidence, hit, n_bins, out);
}

/// Asks for what the next block reads, eight samples of each column at a time.
template <class Confidence>
struct Fetch {
  const Confidence* confidence;
  const std::int64_t* hits;
  void operator()(std::size_t i) const {
#if defined(__GNUC__)
    __builtin_prefetch(confidence + i);
    __builtin_prefetch(hits + i);
#else
    static_cast<void>(i);
#endif
  }
};

Counts::Counts(std::int64_t bins)
    : bins_(static_cast<std::size_t>(bins)),
      cells_(n_sets * bins_.size()),
      scratch_(std::make_shared_for_overwrite<Scratch>()) {}

void Counts::add(rows_of::Source& source, std::int64_t first, std::int64_t n) {
  const auto n_bins = static_cast<std::int32_t>(bins_.size());
  const auto plain = [&]<class T>(const T*) {
    return n == std::int64_t{block} && source.lies_as<T>() &&
           split(static_cast<const T*>(source.confidence().data) + first, source.hits() + first,
                 n_bins, *scratch_);
  };
  constexpr const double* doubles = nullptr;
  constexpr const float* floats = nullptr;
  if (!plain(doubles) && !plain(floats)) {
    // What is past the samples of a short block counts as confidence 0 and wrong: it adds nothing
    // to the squares, and is not counted.
    auto& [confidence, hit] = scratch_->read;
    source.read(first, n, scratch_->read);
    std::fill(confidence.begin() + n, confidence.end(), 0.0);
    std::fill(hit.begin() + n, hit.end(), 0.0);
    split(confidence.data(), hit.data(), n_bins, *scratch_);
  }
  // Memory works on the next block while this one is counted.
  const std::int64_t next = first + n;
  if (next + std::int64_t{block} > source.n())
    count(static_cast<std::size_t>(n), [](std::size_t) {});
  else if (source.lies_as<double>())
    count(static_cast<std::size_t>(n),
          Fetch{source.confidence_at<double>(next), source.hits() + next});
  else if (source.lies_as<float>())
    count(static_cast<std::size_t>(n),
          Fetch{source.confidence_at<float>(next), source.hits() + next});
  else
    count(static_cast<std::size_t>(n), [](std::size_t) {});
}

template <class Next>
void Counts::count(std::size_t n, const Next& fetch) {
  std::array<Pair*, n_sets> sets;
  for (std::size_t set = 0; set < n_sets; ++set) sets[set] = cells_.data() + set * bins_.size();
  const std::int32_t* bin = scratch_->bin.data();
  const Pair* parts = scratch_->parts.data();
  const auto add_to = [&](Pair* cells, std::size_t i) {
    Pair& cell = cells[bin[i]];
    cell = {cell.first + parts[i].first, cell.second + parts[i].second};
  };
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    fetch(i);
    [&]<std::size_t... k>(std::index_sequence<k...>) { (add_to(sets[k % n_sets], i + k), ...); }
    (std::make_index_sequence<8>{});
  }
  for (; i < n; ++i) add_to(sets[0], i);
  drain();
  squared_gap_.merge(units::sum_of_units(scratch_->squared_high, scratch_->squared_low));
}

void Counts::drain() {
  constexpr std::int64_t half = std::int64_t{1} << (count_bits - 1);
  for (std::size_t k = 0; k < cells_.size(); ++k) {
    Sum& bin = bins_[k % bins_.size()];
    const auto [hits, all] = cells_[k];
    const std::int64_t n = (all + half) >> count_bits, correct = hits >> count_bits;
    bin.n += n;
    bin.correct += correct;
    bin.high += hits - (correct << count_bits);
    bin.low += all - (n << count_bits);
    cells_[k] = {};
  }
}

}  // namespace leadline::detail::calibration_counts
