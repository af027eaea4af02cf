#include "leadline/uncertainty/calibration_bins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/stats/intervals.hpp"
#include "metrics/probability_rows.hpp"

namespace leadline::detail::calibration_bins {

struct Decision {
  double confidence = 0;
  bool correct = false;
};

/// From "confidence" and "correct".
std::vector<Decision> given(const Rows& rows, const ArrayView& confidence, const ArrayView& correct,
                            std::string_view who) {
  if (confidence.rows != correct.rows || confidence.cols != 1 || correct.cols != 1)
    throw ShapeError(who, "'confidence' [n] and 'correct' [n]",
                     fmt::format("{} and {} rows", confidence.rows, correct.rows),
                     "pass one value of each a sample");
  std::vector<Decision> all(static_cast<std::size_t>(confidence.rows));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const double p = confidence.at(row), hit = correct.at(row);
    if (!(p >= 0 && p <= 1))
      throw ValueError(
          who, "confidence in [0, 1]",
          fmt::format("{:g} at {}", p, leadline::detail::label_rows::sample_text(rows, row)),
          "pass probabilities; apply softmax to logits");
    if (hit != 0 && hit != 1)
      throw ValueError(
          who, "correct in {0, 1}",
          fmt::format("{:g} at {}", hit, leadline::detail::label_rows::sample_text(rows, row)), "");
    all[i] = {p, hit == 1};
  }
  return all;
}

/// Top-1 from "probabilities" and "target".
std::vector<Decision> decided(const Rows& rows, std::string_view who) {
  leadline::detail::probability_rows::Reader reader(rows, who, "probabilities");
  std::vector<Decision> all(static_cast<std::size_t>(reader.n()));
  for (std::int64_t i = 0; i < reader.n(); ++i) {
    const auto row = reader.row(i);
    const auto best = std::max_element(row.begin(), row.end());
    all[static_cast<std::size_t>(i)] = {*best, best - row.begin() == reader.target(i)};
  }
  return all;
}

}  // namespace leadline::detail::calibration_bins

namespace leadline::uncertainty {
namespace impl = leadline::detail::calibration_bins;

CalibrationBins::CalibrationBins(std::int64_t bins)
    : bins_(static_cast<std::size_t>(std::clamp<std::int64_t>(bins, 1, 10000))) {}

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
  gap_.add((confidence - hit) * times);
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

void CalibrationBins::update(const Rows& rows, std::string_view who) {
  const bool told = rows.find("probabilities") == nullptr && rows.find("confidence") != nullptr;
  const auto all = told ? impl::given(rows, rows.at("confidence"), rows.at("correct", who), who)
                        : impl::decided(rows, who);
  check_rows(rows, std::ssize(all), who);
  if (!rows.weights.empty() && !rows.counted) start_weights();
  for (std::size_t i = 0; i < all.size(); ++i)
    add(all[i].confidence, all[i].correct, rows.weights.empty() ? 1.0 : rows.weights[i],
        rows.counted);
}

void CalibrationBins::merge(const CalibrationBins& other) {
  if (other.bins_.size() != bins_.size())
    throw ValueError("CalibrationBins.merge", fmt::format("{} bins", bins_.size()),
                     fmt::format("{}", other.bins_.size()), "merge states of equal bins");
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
  gap_.merge(other.gap_);
  squared_gap_.merge(other.squared_gap_);
}

double CalibrationBins::n_effective() const {
  return squared_weights_ > 0 ? weight_ * weight_ / squared_weights_ : 0.0;
}

std::vector<stats::CalibrationBin> CalibrationBins::bins() const {
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

Estimate CalibrationBins::expected_error(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (weighted_ && weight_ <= 0)
    return Estimate::absent(Status::undefined, "every weight is 0", n_);
  const auto found = stats::calibration_error(bins(), level);
  Estimate estimate =
      Estimate::with(found.plugin, std::min(found.interval.lower, found.plugin),
                     std::max(found.interval.upper, found.plugin), n_, "test_inversion", level);
  estimate.facts["corrected"] = found.corrected;
  if (weighted_) estimate.facts["n_effective"] = n_effective();
  return estimate;
}

Estimate CalibrationBins::maximum_error(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (weighted_ && weight_ <= 0)
    return Estimate::absent(Status::undefined, "every weight is 0", n_);
  const auto all = bins();
  const auto used = std::count_if(all.begin(), all.end(), [](const auto& b) { return b.n > 0; });
  double value = 0, lower = 0, upper = 0;
  std::size_t worst = 0;
  for (std::size_t b = 0; b < all.size(); ++b) {
    if (all[b].n <= 0) continue;
    const double confidence = all[b].confidence / all[b].n;
    const double gap = std::abs(confidence - all[b].correct / all[b].n);
    const auto rate = stats::proportion_interval(all[b].correct, all[b].n,
                                                 1 - (1 - level) / static_cast<double>(used));
    lower =
        std::max(lower, rate.contains(confidence) ? 0.0
                                                  : std::min(std::abs(confidence - rate.lower),
                                                             std::abs(confidence - rate.upper)));
    upper = std::max({upper, confidence - rate.lower, rate.upper - confidence});
    if (gap > value) {
      value = gap;
      worst = b;
    }
  }
  Estimate estimate = Estimate::with(value, std::min(lower, value), std::max(upper, value), n_,
                                     "wilson_bonferroni", level);
  estimate.facts["bin"] = static_cast<double>(worst);
  estimate.facts["bin_n"] = static_cast<double>(bins_[worst].n);
  return estimate;
}

Estimate CalibrationBins::overconfidence(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (weighted_)
    return Estimate::absent(Status::not_measured, "not defined with sample weights", n_);
  const auto n = static_cast<double>(n_);
  const double mean = gap_.value() / n;
  const double m2 = std::max(0.0, squared_gap_.value() - n * mean * mean);
  const auto interval = stats::mean_interval_t(stats::Moments{n_, mean, m2, -1, 1}, level);
  if (!interval) return Estimate::of(mean, n_, "one sample shows no spread");
  return Estimate::with(mean, std::max(-1.0, std::min(interval->lower, mean)),
                        std::min(1.0, std::max(interval->upper, mean)), n_, "t", level);
}

Curve CalibrationBins::reliability(double level) const {
  Curve curve;
  curve.title = "Reliability";
  curve.x_label = "confidence";
  curve.y_label = "share right";
  curve.note =
      "On the diagonal, confidence can be taken at its word; below it the model is too sure.";
  curve.diagonal = true;
  curve.level = level;
  Curve::Series right, share;
  right.name = "share right";
  share.name = "share of samples";
  share.style = Curve::Series::step;
  const auto all = bins();
  double total = 0;
  for (const auto& bin : all) total += bin.n;
  for (std::size_t b = 0; b < all.size(); ++b) {
    share.x.push_back((static_cast<double>(b) + 0.5) / static_cast<double>(all.size()));
    share.y.push_back(total > 0 ? all[b].n / total : 0.0);
    if (all[b].n <= 0) continue;
    const auto interval = stats::proportion_interval(all[b].correct, all[b].n, level);
    right.x.push_back(all[b].confidence / all[b].n);
    right.y.push_back(all[b].correct / all[b].n);
    right.lower.push_back(std::min(interval.lower, right.y.back()));
    right.upper.push_back(std::max(interval.upper, right.y.back()));
  }
  curve.series = {std::move(right), std::move(share)};
  return curve;
}

void CalibrationBins::save(State& state) const {
  std::vector<std::int64_t> counts{n_, weighted_ ? 1 : 0};
  std::vector<double> weights{weight_, squared_weights_};
  const auto put = [&](const stats::FixedSum& sum) {
    const auto words = sum.save();
    counts.insert(counts.end(), words.begin(), words.end());
  };
  put(gap_);
  put(squared_gap_);
  for (const Bin& bin : bins_) {
    counts.insert(counts.end(), {bin.n, bin.correct});
    put(bin.confidence);
    weights.insert(weights.end(), {bin.weight, bin.weight_confidence, bin.weight_correct});
  }
  state.set("counts", std::move(counts)).set("weights", std::move(weights));
}

void CalibrationBins::load(const State& state) {
  const std::int64_t size = std::ssize(bins_);
  const auto& counts = state.integers("counts", 6 + 4 * size);
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
  loaded.gap_ = stats::FixedSum::load({counts[2], counts[3]});
  loaded.squared_gap_ = stats::FixedSum::load({counts[4], counts[5]});
  loaded.weight_ = weights[0];
  loaded.squared_weights_ = weights[1];
  std::int64_t sum = 0;
  for (std::int64_t b = 0; b < size; ++b) {
    const auto c = static_cast<std::size_t>(6 + 4 * b), w = static_cast<std::size_t>(2 + 3 * b);
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
