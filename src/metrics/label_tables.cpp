#include "leadline/metrics/label_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::detail::label_tables {
namespace rows_of = leadline::detail::label_rows;

enum Entry : std::uint8_t { no = 0, yes = 1, ignored = 2 };

void check_shape(std::string_view who, std::string_view name, const ArrayView& view,
                 const ArrayView& target) {
  if (view.rank == 2 && view.rows == target.rows && view.cols == target.cols) return;
  throw ShapeError(
      who, fmt::format("'{}' [n, n_labels] as 'target'", name),
      fmt::format("{} beside {}", rows_of::view_text(view), rows_of::view_text(target)),
      "pass one column a label, or set task='multiclass' or 'binary'");
}

/// [n * n_labels] of 0, 1, and 2 where `ignore` stands.
std::vector<std::uint8_t> entries(const Rows& rows, std::string_view who, std::string_view name,
                                  const ArrayView& view, std::optional<std::int64_t> ignore) {
  if (is_floating(view.dtype))
    throw TypeError(who, fmt::format("'{}' as integers 0 and 1", name), rows_of::view_text(view),
                    "convert labels to int64");
  std::vector<std::uint8_t> out(static_cast<std::size_t>(view.rows * view.cols));
  visit(view, [&](const auto* values) {
    for (std::int64_t i = 0; i < view.rows; ++i)
      for (std::int64_t j = 0; j < view.cols; ++j) {
        const auto value =
            static_cast<std::int64_t>(values[i * view.row_stride + j * view.col_stride]);
        const bool skip = ignore && value == *ignore;
        if (!skip && value != 0 && value != 1)
          throw ValueError(
              who, fmt::format("'{}' of 0 and 1", name),
              fmt::format("{} at {}, label {}", value, rows_of::sample_text(rows, i), j),
              "one column a label; set ignore_index for entries that are unknown");
        out[static_cast<std::size_t>(i * view.cols + j)] =
            static_cast<std::uint8_t>(skip ? std::int64_t{ignored} : value);
      }
  });
  return out;
}

std::vector<std::uint8_t> called(const Rows& rows, std::string_view who, const ArrayView& scores,
                                 double threshold) {
  if (!is_floating(scores.dtype))
    throw TypeError(who, "'scores' as floats [n, n_labels]", rows_of::view_text(scores),
                    "pass decisions as 'prediction'");
  std::vector<std::uint8_t> out(static_cast<std::size_t>(scores.rows * scores.cols));
  visit(scores, [&](const auto* values) {
    for (std::int64_t i = 0; i < scores.rows; ++i)
      for (std::int64_t j = 0; j < scores.cols; ++j) {
        const auto score =
            static_cast<double>(values[i * scores.row_stride + j * scores.col_stride]);
        if (score != score)
          throw ValueError(who, "scores that are numbers",
                           fmt::format("NaN at {}, label {}", rows_of::sample_text(rows, i), j),
                           "find the layer that makes NaN; leadline.evaluate names such samples");
        out[static_cast<std::size_t>(i * scores.cols + j)] = score >= threshold;
      }
  });
  return out;
}

}  // namespace leadline::detail::label_tables

namespace leadline::metrics {
namespace labels_impl = leadline::detail::label_tables;

LabelTables::LabelTables(std::optional<std::int64_t> n_labels,
                         std::optional<ClassRatioRule> per_sample)
    : fixed_(n_labels.has_value()), per_sample_(per_sample) {
  if (n_labels) size(*n_labels);
}

void LabelTables::size(std::int64_t n_labels) {
  n_labels_ = n_labels;
  cells_.assign(static_cast<std::size_t>(4 * n_labels), 0.0);
  const std::int64_t width = n_labels <= most_joint_labels ? 3 * n_labels : 0;
  joint_.assign(static_cast<std::size_t>(width * width), 0.0);
}

void LabelTables::Sums::add(double value, double weight, double square) {
  w += weight;
  x += weight * value;
  xx += weight * value * value;
  ww += square;
}
void LabelTables::Sums::merge(const Sums& other) {
  w += other.w;
  x += other.x;
  xx += other.xx;
  ww += other.ww;
}

Estimate LabelTables::Sums::mean(std::int64_t n, double level) const {
  if (n == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (!(w > 0)) return Estimate::absent(Status::undefined, "every weight is 0", n);
  const double value = x / w;
  const stats::WeightedMoments moments{n, w, ww, value, std::max(0.0, xx - x * value)};
  const auto interval = stats::mean_interval_t(moments, level);
  if (!interval) return Estimate::of(value, n, "fewer than 2 effective samples show no spread");
  return Estimate::with(value, std::min(value, interval->lower), std::max(value, interval->upper),
                        n, "t", level);
}

void LabelTables::add_sample(const std::uint8_t* target, const std::uint8_t* called, double weight,
                             double square) {
  std::int64_t wrong = 0, valid = 0;
  BinaryCells4 own;
  std::array<std::int64_t, 3 * most_joint_labels> set;
  std::size_t n_set = 0;
  for (std::int64_t l = 0; l < n_labels_; ++l) {
    const std::uint8_t t = target[l], p = called[l];
    if (t == labels_impl::ignored) {
      ++n_ignored_;
      continue;
    }
    ++valid;
    wrong += t != p;
    cells_[static_cast<std::size_t>(4 * l + (t ? 1 - p : 3 - p))] += weight;
    (t ? (p ? own.tp : own.fn) : (p ? own.fp : own.tn)) += 1;
    if (joint_.empty()) continue;
    if (t) set[n_set++] = l;
    if (p) set[n_set++] = n_labels_ + l;
    if (t && p) set[n_set++] = 2 * n_labels_ + l;
  }
  for (std::size_t a = 0; a < n_set; ++a)
    for (std::size_t b = 0; b < n_set; ++b)
      joint_[static_cast<std::size_t>(set[a] * 3 * n_labels_ + set[b])] += square;
  if (valid == 0) return;
  exact_.add(wrong == 0 ? 1.0 : 0.0, weight, square);
  wrong_.add(static_cast<double>(wrong) / static_cast<double>(valid), weight, square);
  if (!per_sample_) return;
  const RatioSlopes ratio = ratio_of(*per_sample_, own);
  n_undefined_ += !ratio.defined;
  if (ratio.defined || per_sample_->zero_division == ZeroDivision::zero)
    ratio_.add(ratio.value, weight, square);
}

void LabelTables::update(const Rows& rows, std::string_view who, const DecisionRule& rule,
                         std::optional<std::int64_t> ignore_index) {
  const ArrayView& target = rows.at("target", who);
  labels_impl::check_shape(who, "target", target, target);
  const ArrayView* labels = rows.find("prediction");
  const ArrayView& decision = labels != nullptr ? *labels : rows.at("scores", who);
  labels_impl::check_shape(who, labels != nullptr ? "prediction" : "scores", decision, target);
  check_rows(rows, target.rows, who);
  if (n_labels_ > 0 && target.cols != n_labels_)
    throw ShapeError(who, fmt::format("{} labels", n_labels_), fmt::format("{}", target.cols),
                     fixed_ ? "set n_classes to match" : "every batch has the same labels");
  const auto truth = labels_impl::entries(rows, who, "target", target, ignore_index);
  const auto calls = labels != nullptr
                         ? labels_impl::entries(rows, who, "prediction", decision, std::nullopt)
                         : labels_impl::called(rows, who, decision, rule.threshold);
  if (n_labels_ == 0) size(target.cols);
  for (std::int64_t i = 0; i < target.rows; ++i) {
    const double weight = rows.weights.empty() ? 1.0 : rows.weights[static_cast<std::size_t>(i)];
    const double square = rows.counted ? weight : weight * weight;
    const auto at = static_cast<std::size_t>(i * n_labels_);
    add_sample(truth.data() + at, calls.data() + at, weight, square);
    n_ += rows.counted ? static_cast<std::int64_t>(weight) : 1;
    weight_ += weight;
    squared_weights_ += square;
  }
}

void LabelTables::merge(const LabelTables& other) {
  if (other.n_labels_ == 0) return;
  if (n_labels_ == 0) size(other.n_labels_);
  if (n_labels_ != other.n_labels_)
    throw ValueError("LabelTables.merge", fmt::format("{} labels", n_labels_),
                     fmt::format("{}", other.n_labels_), "merge states of the same labels");
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
  for (std::size_t i = 0; i < joint_.size(); ++i) joint_[i] += other.joint_[i];
  exact_.merge(other.exact_);
  wrong_.merge(other.wrong_);
  ratio_.merge(other.ratio_);
  n_ += other.n_;
  n_undefined_ += other.n_undefined_;
  n_ignored_ += other.n_ignored_;
  weight_ += other.weight_;
  squared_weights_ += other.squared_weights_;
}

double LabelTables::n_effective() const {
  return squared_weights_ > 0 ? weight_ * weight_ / squared_weights_ : 0.0;
}

std::vector<BinaryCells4> LabelTables::cells() const {
  std::vector<BinaryCells4> out;
  for (std::size_t l = 0; l < cells_.size(); l += 4)
    out.push_back({cells_[l], cells_[l + 1], cells_[l + 2], cells_[l + 3]});
  return out;
}

Estimate LabelTables::exact_match(double level) const {
  const Estimate plain = exact_.mean(n_, level);
  if (!plain.ok()) return plain;
  const double n = exact_.w * exact_.w / exact_.ww, value = plain.value();
  const auto interval = stats::proportion_interval(std::min(n, value * n), n, level);
  return Estimate::with(value, std::min(value, interval.lower), std::max(value, interval.upper), n_,
                        "wilson", level);
}

Estimate LabelTables::hamming_loss(double level) const {
  Estimate estimate = wrong_.mean(n_, level);
  if (estimate.lower) {
    estimate.lower = std::max(0.0, *estimate.lower);
    estimate.upper = std::min(1.0, *estimate.upper);
  }
  return estimate;
}

Estimate LabelTables::over_samples(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  Estimate estimate =
      ratio_.w > 0 ? ratio_.mean(n_, level)
                   : Estimate::absent(Status::undefined, "no sample has a value of its own", n_);
  if (estimate.lower) {
    const double low = per_sample_->ratio == ClassRatio::informedness ? -1.0 : 0.0;
    estimate.lower = std::max(low, *estimate.lower);
    estimate.upper = std::min(1.0, *estimate.upper);
  }
  estimate.facts["samples_undefined"] = static_cast<double>(n_undefined_);
  return estimate;
}

double LabelTables::variance(const std::vector<BinaryCells4>& slopes, bool& exact) const {
  exact = !joint_.empty() && n_ignored_ == 0;
  const auto labels = static_cast<std::size_t>(n_labels_);
  if (!exact) {  // |sum of correlated errors| is at most the sum of their sizes
    double spread = 0;
    const double square = weight_ > 0 ? squared_weights_ / weight_ : 0.0;
    for (std::size_t l = 0; l < labels; ++l) {
      const double* n = &cells_[4 * l];
      const BinaryCells4& s = slopes[l];
      const double total = n[0] + n[1] + n[2] + n[3];
      const double first = n[0] * s.tp + n[1] * s.fn + n[2] * s.fp + n[3] * s.tn;
      const double squares =
          n[0] * s.tp * s.tp + n[1] * s.fn * s.fn + n[2] * s.fp * s.fp + n[3] * s.tn * s.tn;
      if (total > 0) spread += std::sqrt(square * std::max(0.0, squares - first * first / total));
    }
    return spread * spread;
  }
  double constant = 0;
  std::vector<double> u(3 * labels);
  for (std::size_t l = 0; l < labels; ++l) {
    const BinaryCells4& s = slopes[l];
    constant += s.tn;
    u[l] = s.fn - s.tn;
    u[labels + l] = s.fp - s.tn;
    u[2 * labels + l] = s.tp - s.fn - s.fp + s.tn;
  }
  double squares = constant * constant * squared_weights_, first = constant * squared_weights_;
  for (std::size_t a = 0; a < u.size(); ++a) {
    const double diagonal = joint_[a * u.size() + a];
    squares += 2 * constant * u[a] * diagonal;
    first += u[a] * diagonal;
    for (std::size_t b = 0; b < u.size(); ++b) squares += u[a] * u[b] * joint_[a * u.size() + b];
  }
  return squared_weights_ > 0 ? std::max(0.0, squares - first * first / squared_weights_) : 0.0;
}

void LabelTables::save(State& state) const {
  state.set("labels.counts", std::vector<std::int64_t>{n_labels_, n_, n_undefined_, n_ignored_});
  std::vector<double> sums{weight_, squared_weights_};
  for (const Sums* one : {&exact_, &wrong_, &ratio_})
    sums.insert(sums.end(), {one->w, one->x, one->xx, one->ww});
  state.set("labels.sums", std::move(sums)).set("labels.cells", cells_);
  state.set("labels.joint", joint_);
}

void LabelTables::load(const State& state) {
  const auto& counts = state.integers("labels.counts", 4);
  const auto& sums = state.numbers("labels.sums", 14);
  const auto refuse = [](std::string_view expected) {
    throw StoreError("LabelTables.load", expected, "others",
                     "the saved state is damaged; run again");
  };
  for (const std::int64_t count : counts)
    if (count < 0 || count > (std::int64_t{1} << 53)) refuse("counts from 0 to 2^53");
  if (counts[0] > (1 << 24) || (fixed_ && counts[0] != n_labels_)) refuse("the number of labels");
  LabelTables loaded({}, per_sample_);
  loaded.fixed_ = fixed_;
  loaded.size(counts[0]);
  const auto& cells = state.numbers("labels.cells", std::ssize(loaded.cells_));
  const auto& joint = state.numbers("labels.joint", std::ssize(loaded.joint_));
  const auto good = [](double x) { return x >= 0 && x < 1e300; };
  if (!std::all_of(cells.begin(), cells.end(), good) ||
      !std::all_of(joint.begin(), joint.end(), good) ||
      !std::all_of(sums.begin(), sums.begin() + 10, good))
    refuse("finite sums >= 0");
  for (std::size_t i = 2; i < sums.size(); i += 4) {  // of values in [-1, 1]
    const double w = sums[i], most = w * (1 + 1e-9);
    const bool fits = w >= 0 && w < 1e150 && std::abs(sums[i + 1]) <= most && sums[i + 2] >= 0 &&
                      sums[i + 2] <= most && sums[i + 3] >= 0 && sums[i + 3] < 1e300 &&
                      (w > 0) == (sums[i + 3] > 0);
    if (!fits) refuse("sums of values in [-1, 1]");
  }
  loaded.cells_ = cells;
  loaded.joint_ = joint;
  loaded.n_ = counts[1];
  loaded.n_undefined_ = counts[2];
  loaded.n_ignored_ = counts[3];
  loaded.weight_ = sums[0];
  loaded.squared_weights_ = sums[1];
  loaded.exact_ = {sums[2], sums[3], sums[4], sums[5]};
  loaded.wrong_ = {sums[6], sums[7], sums[8], sums[9]};
  loaded.ratio_ = {sums[10], sums[11], sums[12], sums[13]};
  *this = std::move(loaded);
}

}  // namespace leadline::metrics
