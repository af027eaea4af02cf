#include "leadline/uncertainty/calibration_bins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "leadline/core/error.hpp"
#include "stats/fixed_units.hpp"
#include "uncertainty/calibration_counts.hpp"
#include "uncertainty/calibration_rows.hpp"

namespace leadline::uncertainty {
namespace rows_of = leadline::detail::calibration_rows;

CalibrationBins::CalibrationBins(std::int64_t bins, std::int64_t histogram_bits)
    : bins_(static_cast<std::size_t>(std::clamp<std::int64_t>(bins, 1, 10000))) {
  if (histogram_bits > 0)
    histogram_.emplace(static_cast<int>(histogram_bits), stats::ScoreScale::probability);
}

void CalibrationBins::add(double confidence, bool correct, double weight, bool counted) {
  const auto last = std::ssize(bins_) - 1;
  const auto at = static_cast<std::int64_t>(confidence * static_cast<double>(bins_.size()));
  Bin& bin = bins_[static_cast<std::size_t>(std::min(at, last))];
  const double hit = correct ? 1.0 : 0.0;
  const double times = counted ? weight : 1.0;
  const auto n = static_cast<std::int64_t>(times);
  bin.n += n;
  bin.correct += correct ? n : 0;
  bin.confidence.add(confidence * times);
  if (weighted_) {
    bin.weight += weight;
    bin.weight_confidence += weight * confidence;
    bin.weight_correct += weight * hit;
    weight_ += weight;
    squared_weights_ += counted ? weight : weight * weight;
  }
  squared_gap_.add((confidence - hit) * (confidence - hit) * times);
  n_ += n;
}

void CalibrationBins::start_weights() {
  if (weighted_) return;
  weighted_ = true;
  weight_ = squared_weights_ = static_cast<double>(n_);
  for (Bin& bin : bins_) {
    bin.weight = static_cast<double>(bin.n);
    bin.weight_confidence = bin.confidence.value();
    bin.weight_correct = static_cast<double>(bin.correct);
  }
}

void CalibrationBins::update_histogram(const Rows& rows, std::string_view who) {
  rows_of::Source source(rows, who);
  check_rows(rows, source.n(), who);
  stats::ScoreHistogram batch(histogram_->bits(), histogram_->scale());
  const auto all = std::make_unique_for_overwrite<rows_of::Block>();
  std::array<std::uint8_t, rows_of::block> right;
  for (std::int64_t first = 0; first < source.n(); first += rows_of::block) {
    const auto n =
        static_cast<std::size_t>(std::min<std::int64_t>(rows_of::block, source.n() - first));
    source.read(first, static_cast<std::int64_t>(n), *all);
    for (std::size_t i = 0; i < n; ++i) right[i] = all->hit[i] == 1 ? 1 : 0;
    const auto weights = rows.weights.empty()
                             ? rows.weights
                             : rows.weights.subspan(static_cast<std::size_t>(first), n);
    batch.add(std::span<const double>(all->confidence).first(n),
              std::span<const std::uint8_t>(right).first(n), weights);
  }
  histogram_->merge(batch);
  n_ = histogram_->n();
}

void CalibrationBins::update(const Rows& rows, std::string_view who) {
  if (histogram_) return update_histogram(rows, who);
  rows_of::Source source(rows, who);
  check_rows(rows, source.n(), who);
  CalibrationBins batch(std::ssize(bins_));  // a refused batch changes nothing
  if (!rows.weights.empty() && !rows.counted) batch.start_weights();
  // Counting in blocks pays where there are more samples than bins.
  const std::int64_t size = std::ssize(bins_);
  if (rows.weights.empty() && source.n() >= 8 * size &&
      size <= leadline::detail::calibration_counts::Counts::most_bins)
    batch.count(source);
  else
    batch.add_each(source, rows);
  merge(batch);
}

void CalibrationBins::add_each(rows_of::Source& source, const Rows& rows) {
  const auto all = std::make_unique_for_overwrite<rows_of::Block>();
  for (std::int64_t first = 0; first < source.n(); first += rows_of::block) {
    const std::int64_t n = std::min<std::int64_t>(rows_of::block, source.n() - first);
    source.read(first, n, *all);
    for (std::int64_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double weight =
          rows.weights.empty() ? 1.0 : rows.weights[static_cast<std::size_t>(first + i)];
      add(all->confidence[at], all->hit[at] == 1, weight, rows.counted);
    }
  }
}

/// The same sums as `add_each` without weights, bit for bit.
void CalibrationBins::count(rows_of::Source& source) {
  constexpr std::int64_t most = 1024 * std::int64_t{rows_of::block};  // then the sums are full
  for (std::int64_t start = 0; start < source.n(); start += most) {
    const std::int64_t end = std::min(source.n(), start + most);
    leadline::detail::calibration_counts::Counts counts(std::ssize(bins_));
    for (std::int64_t first = start; first < end; first += rows_of::block)
      counts.add(source, first, std::min<std::int64_t>(rows_of::block, end - first));
    for (std::size_t b = 0; b < bins_.size(); ++b) {
      const auto& sum = counts.bins()[b];
      bins_[b].n += sum.n;
      bins_[b].correct += sum.correct;
      bins_[b].confidence.merge(stats::detail::moments::sum_of_units(static_cast<double>(sum.high),
                                                                     static_cast<double>(sum.low)));
    }
    squared_gap_.merge(counts.squared_gap());
  }
  n_ += source.n();
}

void CalibrationBins::merge(const CalibrationBins& other) {
  if (other.bins_.size() != bins_.size() || other.histogram_.has_value() != histogram_.has_value())
    throw ValueError("CalibrationBins.merge", fmt::format("{} bins", bins_.size()),
                     fmt::format("{}", other.bins_.size()), "merge states of equal bins");
  if (histogram_) {
    histogram_->merge(*other.histogram_);
    n_ = histogram_->n();
    return;
  }
  if (weighted_ != other.weighted_) {
    CalibrationBins with_weights(other);
    start_weights();
    with_weights.start_weights();
    return merge(with_weights);
  }
  for (std::size_t b = 0; b < bins_.size(); ++b) {
    Bin& here = bins_[b];
    const Bin& there = other.bins_[b];
    here.n += there.n;
    here.correct += there.correct;
    here.confidence.merge(there.confidence);
    here.weight += there.weight;
    here.weight_confidence += there.weight_confidence;
    here.weight_correct += there.weight_correct;
  }
  n_ += other.n_;
  weight_ += other.weight_;
  squared_weights_ += other.squared_weights_;
  squared_gap_.merge(other.squared_gap_);
}

double CalibrationBins::n_effective() const {
  return squared_weights_ > 0 ? weight_ * weight_ / squared_weights_ : 0.0;
}

std::vector<stats::CalibrationBin> CalibrationBins::bins() const {
  if (histogram_) return histogram_->calibration_bins(static_cast<int>(bins_.size()));
  std::vector<stats::CalibrationBin> all;
  const double scale = weighted_ && weight_ > 0 ? n_effective() / weight_ : 1.0;
  for (const Bin& bin : bins_) {
    stats::CalibrationBin one{static_cast<double>(bin.n), bin.confidence.value(),
                              static_cast<double>(bin.correct)};
    if (weighted_)
      one = {scale * bin.weight, scale * std::min(bin.weight, bin.weight_confidence),
             scale * std::min(bin.weight, bin.weight_correct)};
    one.confidence = std::min(one.confidence, one.n);
    all.push_back(one);
  }
  return all;
}

void CalibrationBins::save(State& state) const {
  if (histogram_) {
    const auto saved = histogram_->save();
    state.set("bins", saved.bins).set("positive", saved.positive).set("negative", saved.negative);
    state.set("weights", saved.weights);
    return;
  }
  std::vector<std::int64_t> counts{n_, weighted_ ? 1 : 0};
  std::vector<double> weights{weight_, squared_weights_};
  const auto put = [&](const stats::FixedSum& sum) {
    const auto words = sum.save();
    counts.insert(counts.end(), words.begin(), words.end());
  };
  put(squared_gap_);
  for (const Bin& bin : bins_) {
    counts.insert(counts.end(), {bin.n, bin.correct});
    put(bin.confidence);
    weights.insert(weights.end(), {bin.weight, bin.weight_confidence, bin.weight_correct});
  }
  state.set("counts", std::move(counts)).set("weights", std::move(weights));
}

void CalibrationBins::load(const State& state) {
  if (histogram_) {
    stats::ScoreHistogram loaded(histogram_->bits(), histogram_->scale());
    try {
      loaded.load({state.integers("bins"), state.integers("positive"), state.integers("negative"),
                   state.numbers("weights")});
    } catch (const ValueError&) {
      throw StoreError("CalibrationBins.load", "bins and counts in range", "others",
                       "the saved state is damaged; run again");
    }
    histogram_ = std::move(loaded);
    n_ = histogram_->n();
    return;
  }
  const std::int64_t size = std::ssize(bins_);
  const auto& counts = state.integers("counts", 4 + 4 * size);
  const auto& weights = state.numbers("weights", 2 + 3 * size);
  const auto refuse = [](std::string_view expected) {
    throw StoreError("CalibrationBins.load", expected, "others",
                     "the saved state is damaged; run again");
  };
  for (const double weight : weights)
    if (!(weight >= 0 && weight < 1e300)) refuse("finite weights >= 0");
  CalibrationBins loaded(size);
  loaded.n_ = counts[0];
  loaded.weighted_ = counts[1] != 0;
  loaded.squared_gap_ = stats::FixedSum::load({counts[2], counts[3]});
  loaded.weight_ = weights[0];
  loaded.squared_weights_ = weights[1];
  std::int64_t sum = 0;
  for (std::int64_t b = 0; b < size; ++b) {
    const auto c = static_cast<std::size_t>(4 + 4 * b), w = static_cast<std::size_t>(2 + 3 * b);
    Bin& bin = loaded.bins_[static_cast<std::size_t>(b)];
    bin.n = counts[c];
    bin.correct = counts[c + 1];
    bin.confidence = stats::FixedSum::load({counts[c + 2], counts[c + 3]});
    bin.weight = weights[w];
    bin.weight_confidence = weights[w + 1];
    bin.weight_correct = weights[w + 2];
    const double confidence = bin.confidence.value();
    if (bin.correct < 0 || bin.correct > bin.n || bin.n > loaded.n_ - sum || confidence < 0 ||
        confidence > static_cast<double>(bin.n) + 1e-6)
      refuse("bins that agree with n");
    sum += bin.n;
  }
  if (sum != loaded.n_) refuse("bins that sum to n");
  if (sum > std::int64_t{1} << 53) refuse("at most 2^53 samples");
  *this = std::move(loaded);
}

}  // namespace leadline::uncertainty
