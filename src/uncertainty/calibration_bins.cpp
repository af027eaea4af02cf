#include "leadline/uncertainty/calibration_bins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "leadline/stats/intervals.hpp"
#include "metrics/probability_rows.hpp"
#include "stats/fixed_units.hpp"

namespace leadline::detail::calibration_bins {

constexpr std::size_t block = 1024;  // a fixed length is what compilers vectorise at -O2

/// A block of samples: confidence and hit as given, and what is added to the bins.
struct Block {
  std::array<double, block> confidence, hit;
  std::array<double, block> high, low;  // of the confidence, see `split_units`
  std::array<std::int32_t, block> bin;
  double squared_high = 0, squared_low = 0;  // sums of those of the squared gap
};

/// Whether all n confidences are in [0, 1] and all hits 0 or 1.
LEADLINE_CLONES bool in_range(const Block& all, std::size_t n) {
  int bad = 0;
  const auto look = [&](std::size_t i) {
    bad |= (all.confidence[i] >= 0.0 ? 0 : 1) | (all.confidence[i] <= 1.0 ? 0 : 1);
    bad |= (all.hit[i] * all.hit[i] == all.hit[i] ? 0 : 1);
  };
  if (n == block)
    for (std::size_t i = 0; i < block; ++i) look(i);
  else
    for (std::size_t i = 0; i < n; ++i) look(i);
  return bad == 0;
}

/// What is past the samples of a short block counts as confidence 0 and wrong: it adds 0 to the
/// sums, and is not counted.
LEADLINE_CLONES void prepare(Block& all, double n_bins) {
  namespace units = stats::detail::moments;
  for (std::size_t i = 0; i < block; ++i)
    units::split_units(all.confidence[i], all.high[i], all.low[i]);
  for (std::size_t i = 0; i < block; ++i)
    all.bin[i] = static_cast<std::int32_t>(all.confidence[i] * n_bins);
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> highs{}, lows{};
  for (std::size_t i = 0; i < block; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) {
      const double gap = all.confidence[i + k] - all.hit[i + k];
      double high = 0, low = 0;
      units::split_units(gap * gap, high, low);
      highs[k] += high;
      lows[k] += low;
    }
  all.squared_high = all.squared_low = 0;
  for (std::size_t k = 0; k < lanes; ++k) {  // whole numbers: exact in any order
    all.squared_high += highs[k];
    all.squared_low += lows[k];
  }
}

/// Labels 0 and 1 as doubles; false where there is another.
LEADLINE_CLONES bool read_hits(const std::int64_t* labels, double* out) {
  std::int64_t others = 0;
  for (std::size_t i = 0; i < block; ++i) others |= labels[i];
  for (std::size_t i = 0; i < block; ++i)
    out[i] = static_cast<double>(static_cast<std::int32_t>(labels[i]));
  return (others & ~std::int64_t{1}) == 0;
}

/// Rows [first, first + n) of a column [n] as doubles.
void read(const ArrayView& view, std::int64_t first, std::int64_t n, double* out) {
  visit(view, [&](const auto* data) {
    const auto* from = data + first * view.row_stride;
    if constexpr (std::is_same_v<decltype(data), const std::int64_t*>)
      if (view.row_stride == 1 && n == std::int64_t{block} && read_hits(from, out)) return;
    if (view.row_stride == 1 && n == std::int64_t{block})
      for (std::size_t i = 0; i < block; ++i) out[i] = static_cast<double>(from[i]);
    else
      for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<double>(from[i * view.row_stride]);
  });
}

/// The top classes of row-major probabilities with their targets; false where something is to be
/// refused, or is to be read in another way.
template <class T>
bool decide_plain(const T* rows, const std::int64_t* target, std::int64_t n, std::int64_t n_classes,
                  Block& out) {
  bool good = true;
  for (std::int64_t i = 0; i < n; ++i) {
    const T* row = rows + i * n_classes;
    T best = row[0];
    std::int64_t label = 0;
    double sum = 0;
    for (std::int64_t c = 0; c < n_classes; ++c) {
      const T p = row[c];
      sum += static_cast<double>(p);
      good &= p >= T(0) && p <= T(1);
      label = p > best ? c : label;
      best = p > best ? p : best;
    }
    good &= std::abs(sum - 1) <= 1e-3 && target[i] >= 0 && target[i] < n_classes;
    out.confidence[static_cast<std::size_t>(i)] = static_cast<double>(best);
    out.hit[static_cast<std::size_t>(i)] = label == target[i] ? 1.0 : 0.0;
  }
  return good;
}

/// Where the confidences and hits of a batch are.
class Source {
 public:
  Source(const Rows& rows, std::string_view who) : rows_(rows), who_(who) {
    const ArrayView* probabilities = rows.find("probabilities");
    if (probabilities != nullptr && probabilities->cols == 1) {
      give(*probabilities, rows.at("target", who));
    } else if (probabilities == nullptr && rows.find("confidence") != nullptr) {
      give(rows.at("confidence"), rows.at("correct", who));
    } else {
      reader_.emplace(rows, who, "probabilities");
      n_ = reader_->n();
      confidence_ = *probabilities;
      correct_ = rows.at("target");
    }
  }
  [[nodiscard]] std::int64_t n() const { return n_; }

  /// Reads and checks rows [first, first + n), n <= block.
  void read(std::int64_t first, std::int64_t n, Block& out) {
    if (reader_) return decide(first, n, out);
    calibration_bins::read(confidence_, first, n, out.confidence.data());
    calibration_bins::read(correct_, first, n, out.hit.data());
    if (in_range(out, static_cast<std::size_t>(n))) return;
    for (std::int64_t i = 0; i < n; ++i) refuse(out, i, first + i);
  }

 private:
  void give(const ArrayView& confidence, const ArrayView& correct) {
    if (confidence.rows != correct.rows || confidence.cols != 1 || correct.cols != 1)
      throw ShapeError(who_, "'confidence' [n] and 'correct' [n]",
                       fmt::format("{} and {} rows", confidence.rows, correct.rows),
                       "pass one value of each a sample");
    confidence_ = confidence;
    correct_ = correct;
    n_ = confidence.rows;
  }
  void refuse(const Block& all, std::int64_t i, std::int64_t row) const {
    const double p = all.confidence[static_cast<std::size_t>(i)];
    const double hit = all.hit[static_cast<std::size_t>(i)];
    const auto where = leadline::detail::label_rows::sample_text(rows_, row);
    if (!(p >= 0 && p <= 1))
      throw ValueError(who_, "confidence in [0, 1]", fmt::format("{:g} at {}", p, where),
                       "pass probabilities; apply softmax to logits");
    if (hit != 0 && hit != 1)
      throw ValueError(who_, "correct in {0, 1}", fmt::format("{:g} at {}", hit, where), "");
  }
  /// Top-1 from "probabilities" and "target".
  void decide(std::int64_t first, std::int64_t n, Block& out) {
    if (confidence_.is_contiguous() && correct_.dtype == DType::i64 && correct_.row_stride == 1) {
      const auto* target = static_cast<const std::int64_t*>(correct_.data) + first;
      const auto plain = [&](const auto* rows) {
        return decide_plain(rows + first * confidence_.cols, target, n, confidence_.cols, out);
      };
      if (confidence_.dtype == DType::f32 && plain(static_cast<const float*>(confidence_.data)))
        return;
      if (confidence_.dtype == DType::f64 && plain(static_cast<const double*>(confidence_.data)))
        return;
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const auto row = reader_->row(first + i);
      const auto best = std::max_element(row.begin(), row.end());
      out.confidence[static_cast<std::size_t>(i)] = *best;
      out.hit[static_cast<std::size_t>(i)] =
          best - row.begin() == reader_->target(first + i) ? 1.0 : 0.0;
    }
  }

  const Rows& rows_;
  std::string_view who_;
  ArrayView confidence_, correct_;
  std::optional<probability_rows::Reader> reader_;
  std::int64_t n_ = 0;
};

}  // namespace leadline::detail::calibration_bins

namespace leadline::uncertainty {
namespace impl = leadline::detail::calibration_bins;

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
  impl::Source source(rows, who);
  check_rows(rows, source.n(), who);
  stats::ScoreHistogram batch(histogram_->bits(), histogram_->scale());
  const auto all = std::make_unique_for_overwrite<impl::Block>();
  std::array<std::uint8_t, impl::block> right;
  for (std::int64_t first = 0; first < source.n(); first += impl::block) {
    const auto n =
        static_cast<std::size_t>(std::min<std::int64_t>(impl::block, source.n() - first));
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
  impl::Source source(rows, who);
  check_rows(rows, source.n(), who);
  CalibrationBins batch(std::ssize(bins_));  // a refused batch changes nothing
  if (!rows.weights.empty() && !rows.counted) batch.start_weights();
  // Counting in blocks pays where there are more samples than bins.
  const bool in_blocks = rows.weights.empty() && source.n() >= 8 * std::ssize(bins_);
  Cells cells(in_blocks ? n_sets * bins_.size() : 0);
  const auto all = std::make_unique_for_overwrite<impl::Block>();
  for (std::int64_t first = 0; first < source.n(); first += impl::block) {
    const std::int64_t n = std::min<std::int64_t>(impl::block, source.n() - first);
    source.read(first, n, *all);
    if (in_blocks) {
      batch.count(cells, *all, static_cast<std::size_t>(n));
      if ((first / std::int64_t{impl::block} + 1) % cells_last == 0) batch.take(cells);
      continue;
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double weight =
          rows.weights.empty() ? 1.0 : rows.weights[static_cast<std::size_t>(first + i)];
      batch.add(all->confidence[at], all->hit[at] == 1, weight, rows.counted);
    }
  }
  batch.take(cells);
  merge(batch);
}

/// The same sums as `add`, bit for bit.
void CalibrationBins::count(Cells& cells, impl::Block& all, std::size_t n) {
  std::fill(all.confidence.begin() + static_cast<std::ptrdiff_t>(n), all.confidence.end(), 0.0);
  std::fill(all.hit.begin() + static_cast<std::ptrdiff_t>(n), all.hit.end(), 0.0);
  impl::prepare(all, static_cast<double>(bins_.size()));
  const auto last = static_cast<std::int32_t>(bins_.size()) - 1;
  for (std::size_t i = 0; i < n; ++i) {
    const auto bin = static_cast<std::size_t>(std::min(all.bin[i], last));
    Cell& cell = cells[n_sets * bin + i % n_sets];
    cell.high += all.high[i];
    cell.low += all.low[i];
    cell.counts += 1 + (static_cast<std::int64_t>(all.hit[i]) << 32);
  }
  squared_gap_.merge(stats::detail::moments::sum_of_units(all.squared_high, all.squared_low));
  n_ += static_cast<std::int64_t>(n);
}

void CalibrationBins::take(Cells& cells) {
  for (std::size_t k = 0; k < cells.size(); ++k) {
    Bin& bin = bins_[k / n_sets];
    bin.n += cells[k].counts & 0xFFFFFFFF;
    bin.correct += cells[k].counts >> 32;
    bin.confidence.merge(stats::detail::moments::sum_of_units(cells[k].high, cells[k].low));
    cells[k] = {};
  }
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

Estimate CalibrationBins::expected_error(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (weighted_ && weight_ <= 0)
    return Estimate::absent(Status::undefined, "every weight is 0", n_);
  const auto all = bins();
  if (std::none_of(all.begin(), all.end(), [](const auto& bin) { return bin.n > 0; }))
    return Estimate::absent(Status::undefined, "every weight is 0", n_);
  const auto found = stats::calibration_error(all, level);
  if (histogram_) {
    const double bound =
        histogram_->expected_calibration_error(static_cast<int>(bins_.size())).error_bound;
    Estimate estimate = Estimate::with(
        found.plugin, std::max(0.0, std::min(found.interval.lower, found.plugin) - bound),
        std::min(1.0, std::max(found.interval.upper, found.plugin) + bound), n_,
        "test_inversion, widened by the error bound", level);
    estimate.error_bound = bound;
    estimate.facts["corrected"] = found.corrected;
    estimate.facts["exact"] = 0;
    return estimate;
  }
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
  stats::FixedSum confidence;
  std::int64_t correct = 0;
  for (const Bin& bin : bins_) {
    confidence.merge(bin.confidence);
    correct += bin.correct;
  }
  confidence.add(-static_cast<double>(correct));  // exact: one rounding of the mean
  const double mean = confidence.value() / n;
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
