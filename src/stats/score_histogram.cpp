#include "leadline/stats/score_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "stats/operating_walk.hpp"

namespace leadline::stats {
namespace detail::score_histogram {

// Floats of magnitude [2^-32, 2^32) or probabilities [2^-64, 1/2]: 64 octaves, 2^29 float bits.
constexpr std::uint32_t octaves = 64;
constexpr std::uint32_t span_bits = 29;  // 6 of the octave, 23 of the mantissa
constexpr std::uint32_t middle = std::uint32_t{1} << span_bits;
constexpr std::uint32_t raw_base = (127 - 32) << 23;
constexpr std::uint32_t probability_base = (127 - 65) << 23;

/// A number in [0, 2^30) that orders as the score does. Rounding a double to a float keeps the
/// order (two may fall together), and 1 - p is exact for p in [1/2, 1].
[[gnu::always_inline]] inline std::uint32_t place_raw(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t size = bits & 0x7FFFFFFFU;
  std::uint32_t up = size > raw_base ? size - raw_base : 0;
  up = up < middle ? up : middle - 1;
  const std::uint32_t flip = bits > 0x80000000U ? 2 * middle - 1 : 0;  // -0 is 0
  return (middle + up) ^ flip;  // middle - 1 - up where it is negative
}
template <class T>
[[gnu::always_inline]] inline std::uint32_t place_probability(T p) {
  const T rest = T(1) - p;
  const float least = static_cast<float>(rest < p ? rest : p);
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(least) & 0x7FFFFFFFU;  // -0 is 0
  std::uint32_t up = bits > probability_base ? bits - probability_base : 0;
  up = up < middle ? up : middle - 1;
  const std::uint32_t flip = rest < p ? 2 * middle - 1 : 0;  // of 2^30 - 1: all ones
  return up ^ flip;
}

constexpr std::size_t block = 1024;

template <class T>
[[gnu::always_inline]] inline void places(const T* scores, std::size_t n, bool probability,
                                          int shift, std::uint32_t* out) {
  if (n == block) {  // a fixed length is what compilers vectorise at -O2
    if (probability)
      for (std::size_t i = 0; i < block; ++i) out[i] = place_probability(scores[i]) >> shift;
    else
      for (std::size_t i = 0; i < block; ++i)
        out[i] = place_raw(static_cast<float>(scores[i])) >> shift;
    return;
  }
  for (std::size_t i = 0; i < n; ++i)
    out[i] =
        (probability ? place_probability(scores[i]) : place_raw(static_cast<float>(scores[i]))) >>
        shift;
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
  places(scores, n, probability, shift, out);
  return range_of(out, n);
}
LEADLINE_CLONES Range places_of(const double* scores, std::size_t n, bool probability, int shift,
                                std::uint32_t* out) {
  places(scores, n, probability, shift, out);
  return range_of(out, n);
}

double score_at(std::uint64_t place, bool probability) {
  if (probability) {
    const auto of = [](std::uint64_t up) {
      return up == 0 ? 0.0
                     : static_cast<double>(
                           std::bit_cast<float>(static_cast<std::uint32_t>(up) + probability_base));
    };
    return place >= middle ? 1 - of(2 * std::uint64_t{middle} - 1 -
                                    std::min<std::uint64_t>(place, 2 * std::uint64_t{middle} - 1))
                           : of(place);
  }
  const auto of = [](std::uint64_t up) {
    return up == 0 ? 0.0
                   : static_cast<double>(
                         std::bit_cast<float>(static_cast<std::uint32_t>(up) + raw_base));
  };
  return place >= middle ? of(place - middle) : -of(middle - 1 - place);
}

}  // namespace detail::score_histogram

namespace histogram = detail::score_histogram;

ScoreHistogram::ScoreHistogram(int bits, ScoreScale scale) : bits_(bits), scale_(scale) {
  if (bits < 8 || bits > 20)
    throw ValueError("ScoreHistogram", "bits in [8, 20]", std::to_string(bits), "16 is usual");
}

void ScoreHistogram::start_weights() {
  if (weighted_) return;
  weighted_ = true;
  weights_.resize(positive_.size() * 4);
  for (std::size_t bin = 0; bin < positive_.size(); ++bin)
    for (std::size_t k = 0; k < 4; ++k)
      weights_[4 * bin + k] = static_cast<double>((k % 2 == 0 ? positive_ : negative_)[bin]);
}

/// Makes room for bins low to high: only what lies between the scores that occur is kept.
void ScoreHistogram::cover(std::size_t low, std::size_t high) {
  constexpr std::size_t step = 1024;
  const std::size_t end = first_ + positive_.size();
  if (!positive_.empty() && low >= first_ && high < end) return;
  std::size_t from = low / step * step;
  std::size_t to = std::min(std::size_t{1} << bits_, (high / step + 1) * step);
  const bool fresh = positive_.empty();
  if (!fresh) {
    from = std::min(from, first_);
    to = std::max(to, end);
  }
  const auto widen = [&](auto& cells, std::size_t per_bin) {
    std::remove_reference_t<decltype(cells)> wider((to - from) * per_bin);
    std::copy(cells.begin(), cells.end(),
              wider.begin() + static_cast<std::ptrdiff_t>(fresh ? 0 : (first_ - from) * per_bin));
    cells = std::move(wider);
  };
  if (weighted_) widen(weights_, 4);
  widen(positive_, 1);
  widen(negative_, 1);
  first_ = from;
}

/// Calls `visit(first, n, bins)` for blocks of scores, their bins covered and counted from the
/// first.
template <class T, class Visit>
void ScoreHistogram::by_block(std::span<const T> scores, Visit&& visit) {
  std::array<std::uint32_t, histogram::block> place;
  const int shift = static_cast<int>(histogram::span_bits) + 1 - bits_;
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

void ScoreHistogram::add_negatives(std::span<const float> scores) { add_group(scores); }
void ScoreHistogram::add_negatives(std::span<const double> scores) { add_group(scores); }

template <class T>
void ScoreHistogram::add_group(std::span<const T> scores) {
  if (weighted_) return add_all(scores, std::vector<std::uint8_t>(scores.size(), 0), {});
  by_block(scores, [&](std::size_t, std::size_t n, const std::uint32_t* place) {
    std::int64_t* negatives = negative_.data();
    const std::size_t from = first_;
    for (std::size_t i = 0; i < n; ++i) ++negatives[place[i] - from];
  });
}

void ScoreHistogram::make_positive(float score) { move_to_positives(score); }
void ScoreHistogram::make_positive(double score) { move_to_positives(score); }

template <class T>
void ScoreHistogram::move_to_positives(T score) {
  std::uint32_t place = 0;
  histogram::places_of(&score, 1, scale_ == ScoreScale::probability,
                       static_cast<int>(histogram::span_bits) + 1 - bits_, &place);
  const std::size_t bin = place - first_;
  ++positive_[bin];
  --negative_[bin];
  if (!weighted_) return;
  for (const std::size_t k : {std::size_t{0}, std::size_t{2}}) {
    ++weights_[4 * bin + k];
    --weights_[4 * bin + k + 1];
  }
}

void ScoreHistogram::add(std::span<const float> scores, std::span<const std::uint8_t> positive,
                         std::span<const double> weights) {
  add_all(scores, positive, weights);
}
void ScoreHistogram::add(std::span<const double> scores, std::span<const std::uint8_t> positive,
                         std::span<const double> weights) {
  add_all(scores, positive, weights);
}

void ScoreHistogram::merge(const ScoreHistogram& other) {
  if (bits_ != other.bits_ || scale_ != other.scale_)
    throw ValueError("ScoreHistogram.merge", "equal bits and scale", "others",
                     "make both with the same options");
  if (&other == this) return merge(ScoreHistogram(other));
  if (other.n_ == 0) return;
  cover(other.first_, other.first_ + other.positive_.size() - 1);
  if (other.weighted()) start_weights();
  const std::size_t start = other.first_ - first_;
  for (std::size_t bin = 0; bin < other.positive_.size(); ++bin) {
    positive_[start + bin] += other.positive_[bin];
    negative_[start + bin] += other.negative_[bin];
    for (std::size_t k = 0; weighted_ && k < 4; ++k)
      weights_[4 * (start + bin) + k] += other.weight(bin, k);
  }
  n_ += other.n_;
}

/// Of a bin's positives, its negatives, or the squares of theirs; counts without weights.
double ScoreHistogram::weight(std::size_t bin, std::size_t k) const {
  if (weighted_) return weights_[4 * bin + k];
  return static_cast<double>((k % 2 == 0 ? positive_ : negative_)[bin]);
}

double ScoreHistogram::upper_end(std::size_t bin) const {
  const int shift = static_cast<int>(histogram::span_bits) + 1 - bits_;
  return histogram::score_at(((std::uint64_t{bin} + 1) << shift) - 1,
                             scale_ == ScoreScale::probability);
}
double ScoreHistogram::lower_end(std::size_t bin) const {
  const int shift = static_cast<int>(histogram::span_bits) + 1 - bits_;
  return histogram::score_at(std::uint64_t{bin} << shift, scale_ == ScoreScale::probability);
}

Levels ScoreHistogram::levels() const {
  Levels out;
  out.n = n_;
  std::array<double, 4> total{};
  for (std::size_t bin = positive_.size(); bin-- > 0;) {
    if (positive_[bin] == 0 && negative_[bin] == 0) continue;
    std::array<double, 4> sum{};
    for (std::size_t k = 0; k < 4; ++k) {
      sum[k] = weight(bin, k);
      total[k] += sum[k];
    }
    if (sum[0] == 0 && sum[1] == 0) continue;
    out.score.push_back(upper_end(first_ + bin));
    out.positive.push_back(sum[0]);
    out.negative.push_back(sum[1]);
    if (!weighted()) continue;
    out.positive_square.push_back(sum[2]);
    out.negative_square.push_back(sum[3]);
  }
  out.positives = total[0];
  out.negatives = total[1];
  out.positives_effective = total[2] > 0 ? total[0] * total[0] / total[2] : 0;
  out.negatives_effective = total[3] > 0 ? total[1] * total[1] / total[3] : 0;
  return out;
}

Bounded ScoreHistogram::auroc() const { return bounded_auroc(levels()); }
Bounded ScoreHistogram::average_precision() const { return bounded_average_precision(levels()); }
Bounded ScoreHistogram::fpr_at_tpr(double tpr) const { return bounded_fpr_at_tpr(levels(), tpr); }

std::vector<CalibrationBin> ScoreHistogram::calibration_bins(int bins) const {
  if (scale_ != ScoreScale::probability)
    throw ValueError("ScoreHistogram.expected_calibration_error", "scale 'probability'", "'raw'",
                     "confidences are probabilities: make it with scale probability");
  if (bins < 1)
    throw ValueError("ScoreHistogram.expected_calibration_error", "bins >= 1", std::to_string(bins),
                     "15 is usual");
  std::vector<CalibrationBin> out(static_cast<std::size_t>(bins));
  double total = 0, squares = 0;
  for (std::size_t bin = 0; bin < positive_.size(); ++bin) {
    const double right = weight(bin, 0), all = right + weight(bin, 1);
    if (all == 0) continue;
    const double middle = (lower_end(first_ + bin) + upper_end(first_ + bin)) / 2;
    CalibrationBin& into = out[std::min(static_cast<std::size_t>(middle * bins), out.size() - 1)];
    into.n += all;
    into.confidence += middle * all;
    into.correct += right;
    total += all;
    squares += weight(bin, 2) + weight(bin, 3);
  }
  const double scale = squares > 0 ? total / squares : 1.0;  // n_effective / weight
  for (CalibrationBin& one : out)
    one = {scale * one.n, scale * std::min(one.n, one.confidence),
           scale * std::min(one.n, one.correct)};
  return out;
}

Bounded ScoreHistogram::expected_calibration_error(int bins) const {
  // In a bin of the histogram each confidence is within half its width of the middle; where it
  // straddles an edge, each sample may also move to the neighbour, which changes two gaps by at
  // most 1 a sample each.
  double sum = 0, n = 0;
  for (const CalibrationBin& bin : calibration_bins(bins)) {
    sum += std::abs(bin.confidence - bin.correct);
    n += bin.n;
  }
  if (!(n > 0)) return {};
  double total = 0, slack = 0;
  for (std::size_t bin = 0; bin < positive_.size(); ++bin) {
    const double all = weight(bin, 0) + weight(bin, 1);
    if (all == 0) continue;
    const double low = lower_end(first_ + bin), high = upper_end(first_ + bin);
    const auto index = [&](double x) {
      return std::min(static_cast<std::int64_t>(x * bins), std::int64_t{bins} - 1);
    };
    total += all;
    slack += all * (high - low) / 2;
    if (index(low) != index(high)) slack += 2 * all;
  }
  return {sum / n, std::min(1.0, slack / total)};
}

Bounded ScoreHistogram::area_under_risk_coverage() const {
  return bounded_area_under_risk_coverage(levels());
}

ScoreHistogram::Saved ScoreHistogram::save() const {
  Saved out;
  for (std::size_t bin = 0; bin < positive_.size(); ++bin) {
    if (positive_[bin] == 0 && negative_[bin] == 0) continue;
    out.bins.push_back(static_cast<std::int64_t>(first_ + bin));
    out.positive.push_back(positive_[bin]);
    out.negative.push_back(negative_[bin]);
    if (weighted())
      out.weights.insert(out.weights.end(), weights_.begin() + static_cast<std::ptrdiff_t>(4 * bin),
                         weights_.begin() + static_cast<std::ptrdiff_t>(4 * bin + 4));
  }
  return out;
}

void ScoreHistogram::load(const Saved& saved) {
  const std::size_t n = saved.bins.size();
  const auto refuse = [](const char* expected) {
    throw ValueError("ScoreHistogram.load", expected, "others",
                     "the saved state is damaged; run again");
  };
  if (saved.positive.size() != n || saved.negative.size() != n ||
      (!saved.weights.empty() && saved.weights.size() != 4 * n))
    refuse("one count a bin");
  ScoreHistogram loaded(bits_, scale_);
  if (n > 0) {
    const auto [low, high] = std::minmax_element(saved.bins.begin(), saved.bins.end());
    if (*low < 0 || *high >= std::int64_t{1} << bits_) refuse("bins in range");
    loaded.cover(static_cast<std::size_t>(*low), static_cast<std::size_t>(*high));
  }
  if (!saved.weights.empty()) loaded.start_weights();
  for (std::size_t k = 0; k < n; ++k) {
    if (saved.positive[k] < 0 || saved.negative[k] < 0 ||
        saved.positive[k] > std::numeric_limits<std::int64_t>::max() / 4 - loaded.n_ ||
        saved.negative[k] > std::numeric_limits<std::int64_t>::max() / 4 - loaded.n_)
      refuse("bins and counts in range");
    const std::size_t bin = static_cast<std::size_t>(saved.bins[k]) - loaded.first_;
    loaded.positive_[bin] += saved.positive[k];
    loaded.negative_[bin] += saved.negative[k];
    loaded.n_ += saved.positive[k] + saved.negative[k];
    for (std::size_t j = 0; j < 4 && !saved.weights.empty(); ++j) {
      const double w = saved.weights[4 * k + j];
      if (!(w >= 0 && w < 1e300)) refuse("finite weights >= 0");
      loaded.weights_[4 * bin + j] += w;
    }
  }
  *this = std::move(loaded);
}

Bounded bounded_auroc(const Levels& levels) {
  double above = 0, sum = 0, inside = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    sum += q * (above + p / 2);
    inside += p * q;
    above += p;
  }
  const double pairs = levels.positives * levels.negatives;
  return pairs > 0 ? Bounded{std::clamp(sum / pairs, 0.0, 1.0), inside / (2 * pairs)} : Bounded{};
}

namespace detail::score_histogram {

/// Integral over a level of (errors so far) / (samples so far), errors spread evenly in it.
double risk_part(double seen, double errors, double size, double rate) {
  if (!(size > 0)) return 0.0;
  if (!(seen > 0)) return rate * size;
  return rate * size + (errors - rate * seen) * std::log1p(size / seen);
}

/// The area is at most that with the positives of a level first and their last precision
/// throughout; at least that with the negatives first: for steps the integral of the rising
/// precision, for the trapezoid its chord (it is concave, more points only add).
Bounded area(const Levels& levels, bool trapezoid) {
  double a = 0, b = 0, value = 0, best = 0, worst = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    if (p > 0) {
      // integral over x in [0, p] of (a + x) / (a + b + x (1 + q / p)): mixed evenly
      const double slope = 1 + q / p, total = a + b;
      value += total > 0 ? p / slope + (a - total / slope) / slope * std::log1p(slope * p / total)
                         : p / slope;
      best += p * (a + p) / (a + p + b);
      const double last = (a + p) / (a + b + p + q);
      if (trapezoid)
        worst += a + b + q > 0 ? p * (a / (a + b + q) + last) / 2 : p;
      else
        worst += a + b + q > 0 ? p - (b + q) * std::log1p(p / (a + b + q)) : p;
    }
    a += p;
    b += q;
  }
  if (!(levels.positives > 0)) return {};
  return {std::clamp(value / levels.positives, 0.0, 1.0),
          std::max({0.0, best - value, value - worst}) / levels.positives};
}

}  // namespace detail::score_histogram

double area_under_risk_coverage(const Levels& levels) {
  double seen = 0, wrong = 0, sum = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double q = levels.negative[k], n = levels.positive[k] + q;
    if (levels.weighted()) {
      sum += n > 0 ? histogram::risk_part(seen, wrong, n, q / n) : 0.0;
    } else {
      for (double j = 1; j <= n; ++j) sum += (wrong + q * j / n) / (seen + j);
    }
    seen += n;
    wrong += q;
  }
  return seen > 0 ? sum / seen : 0.0;
}

Bounded bounded_area_under_risk_coverage(const Levels& all) {
  // Positives are right answers: fewer errors early is a smaller area.
  double seen = 0, wrong = 0, value = 0, best = 0, worst = 0;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const double p = all.positive[k], q = all.negative[k], n = p + q;
    value += n > 0 ? histogram::risk_part(seen, wrong, n, q / n) : 0.0;
    best += histogram::risk_part(seen, wrong, p, 0) + histogram::risk_part(seen + p, wrong, q, 1);
    worst +=
        histogram::risk_part(seen, wrong, q, 1) + histogram::risk_part(seen + q, wrong + q, p, 0);
    seen += n;
    wrong += q;
  }
  if (!(seen > 0)) return {};
  // The mean over samples against the integral: at most (1 + log n) / n.
  const double discrete = (1 + std::log(std::max(1.0, seen))) / seen;
  return {value / seen, std::max(value - best, worst - value) / seen + discrete};
}

Bounded bounded_average_precision(const Levels& levels) { return histogram::area(levels, false); }
Bounded bounded_aupr_trapezoid(const Levels& levels) { return histogram::area(levels, true); }

Bounded bounded_fpr_at_tpr(const Levels& levels, double tpr) {
  double a = 0, b = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double p = levels.positive[k], q = levels.negative[k];
    if (detail::operating_point::reaches(a + p, tpr, levels.positives)) {
      const double part = p > 0 ? std::clamp((tpr * levels.positives - a) / p, 0.0, 1.0) : 1.0;
      return {std::clamp((b + part * q) / levels.negatives, 0.0, 1.0),
              std::max(part, 1 - part) * q / levels.negatives};
    }
    a += p;
    b += q;
  }
  return {1, 0};
}

Levels split_levels(const Levels& levels, bool positives_first) {
  Levels out;
  out.n = levels.n;
  out.positives = levels.positives;
  out.negatives = levels.negatives;
  out.positives_effective = levels.positives_effective;
  out.negatives_effective = levels.negatives_effective;
  const auto put = [&](std::size_t k, bool positive) {
    const double weight = positive ? levels.positive[k] : levels.negative[k];
    if (weight == 0) return;
    out.score.push_back(levels.score[k]);
    out.positive.push_back(positive ? weight : 0);
    out.negative.push_back(positive ? 0 : weight);
    if (!levels.weighted()) return;
    out.positive_square.push_back(positive ? levels.positive_square[k] : 0);
    out.negative_square.push_back(positive ? 0 : levels.negative_square[k]);
  };
  for (std::size_t k = 0; k < levels.size(); ++k) {
    put(k, positives_first);
    put(k, !positives_first);
  }
  return out;
}

}  // namespace leadline::stats
