#include "leadline/stats/score_histogram.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "leadline/core/error.hpp"
#include "stats/score_places.hpp"

namespace leadline::stats {
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
  const int shift = histogram::shift_of(bits_);
  return histogram::score_at(((std::uint64_t{bin} + 1) << shift) - 1,
                             scale_ == ScoreScale::probability);
}
double ScoreHistogram::lower_end(std::size_t bin) const {
  const int shift = histogram::shift_of(bits_);
  return histogram::score_at(std::uint64_t{bin} << shift, scale_ == ScoreScale::probability);
}

Levels ScoreHistogram::levels() const {
  Levels out;
  out.n = n_;
  std::size_t size = 0;
  for (std::size_t bin = 0; bin < positive_.size(); ++bin)
    size += (positive_[bin] | negative_[bin]) != 0 ? 1 : 0;
  for (auto* column : {&out.score, &out.positive, &out.negative}) column->reserve(size);
  if (weighted_) {
    add_weighted_levels(out);
    return out;
  }
  std::int64_t positives = 0;
  for (std::size_t bin = positive_.size(); bin-- > 0;) {
    if ((positive_[bin] | negative_[bin]) == 0) continue;
    out.score.push_back(upper_end(first_ + bin));
    out.positive.push_back(static_cast<double>(positive_[bin]));
    out.negative.push_back(static_cast<double>(negative_[bin]));
    positives += positive_[bin];
  }
  out.positives = out.positives_effective = static_cast<double>(positives);
  out.negatives = out.negatives_effective = static_cast<double>(n_ - positives);
  return out;
}

void ScoreHistogram::add_weighted_levels(Levels& out) const {
  std::array<double, 4> total{};
  for (std::size_t bin = positive_.size(); bin-- > 0;) {
    const double* sum = weights_.data() + 4 * bin;
    if (sum[0] == 0 && sum[1] == 0) continue;
    for (std::size_t k = 0; k < 4; ++k) total[k] += sum[k];
    out.score.push_back(upper_end(first_ + bin));
    out.positive.push_back(sum[0]);
    out.negative.push_back(sum[1]);
    out.positive_square.push_back(sum[2]);
    out.negative_square.push_back(sum[3]);
  }
  out.positives = total[0];
  out.negatives = total[1];
  out.positives_effective = total[2] > 0 ? total[0] * total[0] / total[2] : 0;
  out.negatives_effective = total[3] > 0 ? total[1] * total[1] / total[3] : 0;
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

}  // namespace leadline::stats
