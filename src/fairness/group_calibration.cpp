#include "leadline/fairness/group_calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/fairness/group_counts.hpp"
#include "leadline/stats/calibration.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "null_gap.hpp"

namespace leadline::fairness {

GroupCalibration::Sums& GroupCalibration::Sums::operator+=(const Sums& other) {
  n += other.n;
  weight += other.weight;
  squares += other.squares;
  probability += other.probability;
  positive += other.positive;
  expected += other.expected;
  squared += other.squared;
  return *this;
}
double GroupCalibration::Sums::n_effective() const {
  return squares > 0 ? weight * weight / squares : 0.0;
}
double GroupCalibration::Sums::gap() const {
  return weight > 0 ? (positive - probability) / weight : 0.0;
}

GroupCalibration::GroupCalibration(std::int64_t bins, std::vector<std::string> attributes)
    : bins_(bins), index_(std::move(attributes)) {
  if (bins < 1 || bins > 1000)
    throw ValueError("GroupCalibration", "bins in [1, 1000]", fmt::format("{}", bins), "use 10");
}

void GroupCalibration::update(const Rows& rows, const Table& groups, std::string_view who) {
  const auto& probability = rows.at("probability", who);
  const auto& target = rows.at("target", who);
  const std::int64_t n = probability.rows;
  if (!is_floating(probability.dtype) || probability.cols != 1)
    throw TypeError(who, "'probability' as floats [n]", std::string(name_of(probability.dtype)),
                    "pass the probability of the positive class");
  if (is_floating(target.dtype) || target.cols != 1)
    throw TypeError(who, "'target' as integer labels [n]", std::string(name_of(target.dtype)),
                    "convert labels to int64");
  if (target.rows != n || groups.size() != n ||
      (!rows.weights.empty() && std::ssize(rows.weights) != n))
    throw ShapeError(who, fmt::format("{} targets, groups and weights", n),
                     fmt::format("{}, {} and {}", target.rows, groups.size(), rows.weights.size()),
                     "pass one a sample");
  GroupCalibration batch(bins_, index_.attributes());
  std::vector<std::int32_t> leaf(static_cast<std::size_t>(n));
  GroupReader(batch.index_, groups, who).leaves(0, n, leaf.data());
  batch.sums_.resize(static_cast<std::size_t>(batch.index_.n_leaves() * bins_));
  for (std::int64_t i = 0; i < n; ++i) {
    const double p = probability.at(i), y = target.at(i);
    const double w = rows.weights.empty() ? 1.0 : rows.weights[static_cast<std::size_t>(i)];
    if (!(p >= 0 && p <= 1))
      throw ValueError(who, "probability in [0, 1]", fmt::format("{} at row {}", p, i),
                       "apply a sigmoid to logits");
    if (y != 0 && y != 1)
      throw ValueError(who, "target in {0, 1}", fmt::format("{} at row {}", y, i),
                       "pass 1 for the positive class");
    if (!(w >= 0) || !std::isfinite(w))
      throw ValueError(who, "finite weights >= 0", fmt::format("{} at row {}", w, i),
                       "leave the sample out or give it weight 0");
    const auto bin = std::min(bins_ - 1, static_cast<std::int64_t>(p * static_cast<double>(bins_)));
    Sums one{1, w, w * w, w * p, w * y, w * w * p * (1 - p), w * w * (y - p) * (y - p)};
    batch.sums_[static_cast<std::size_t>(leaf[static_cast<std::size_t>(i)] * bins_ + bin)] += one;
  }
  batch.n_ = n;
  merge(batch);
}

void GroupCalibration::merge(const GroupCalibration& other) {
  if (other.bins_ != bins_)
    throw ValueError("GroupCalibration.merge", fmt::format("{} bins", bins_),
                     fmt::format("{}", other.bins_), "merge states of the same bins");
  const auto here = index_.merge(other.index_);
  sums_.resize(static_cast<std::size_t>(index_.n_leaves() * bins_));
  for (std::size_t l = 0; l < here.size(); ++l)
    for (std::int64_t b = 0; b < bins_; ++b)
      sums_[static_cast<std::size_t>(here[l] * bins_ + b)] +=
          other.sums_[l * static_cast<std::size_t>(bins_) + static_cast<std::size_t>(b)];
  n_ += other.n_;
}

GroupCalibration::Sums GroupCalibration::total(std::span<const std::int32_t> leaves,
                                               std::int64_t bin) const {
  Sums sum;
  for (const auto l : leaves)
    for (std::int64_t b = bin < 0 ? 0 : bin; b <= (bin < 0 ? bins_ - 1 : bin); ++b)
      sum += sums_[static_cast<std::size_t>(l * bins_ + b)];
  return sum;
}

std::vector<GroupValue> GroupCalibration::bias(std::string_view by, std::int64_t min_support,
                                               double level) const {
  std::vector<GroupValue> out;
  for (const auto& slice : slices_by(index_, by)) {
    const Sums sum = total(slice.leaves, -1);
    const auto n = static_cast<std::int64_t>(sum.n);
    if (n < min_support || sum.weight <= 0) {
      out.push_back(
          {slice.name, Estimate::absent(
                           Status::not_measured,
                           fmt::format("n = {}, fewer than min_support = {}", n, min_support), n)});
      continue;
    }
    const double gap = sum.gap();
    const double error =
        std::sqrt(std::max(0.0, sum.squared - gap * gap * sum.squares)) / sum.weight;
    const double half = stats::normal_two_sided(level) * error;
    out.push_back({slice.name, Estimate::with(gap, gap - half, gap + half, n, "normal", level)});
  }
  return out;
}

std::vector<GroupValue> GroupCalibration::expected_error(std::string_view by,
                                                         std::int64_t min_support,
                                                         double level) const {
  std::vector<GroupValue> out;
  for (const auto& slice : slices_by(index_, by)) {
    const Sums sum = total(slice.leaves, -1);
    const auto n = static_cast<std::int64_t>(sum.n);
    if (n < min_support || sum.weight <= 0) {
      out.push_back(
          {slice.name, Estimate::absent(
                           Status::not_measured,
                           fmt::format("n = {}, fewer than min_support = {}", n, min_support), n)});
      continue;
    }
    const double scale = sum.n_effective() / sum.weight;
    std::vector<stats::CalibrationBin> bins;
    for (std::int64_t b = 0; b < bins_; ++b) {
      const Sums s = total(slice.leaves, b);
      bins.push_back({s.weight * scale, std::min(s.probability, s.weight) * scale,
                      std::min(s.positive, s.weight) * scale});
    }
    const auto error = stats::calibration_error(bins, level);
    Estimate e =
        Estimate::with(error.plugin, std::min(error.interval.lower, error.plugin),
                       std::max(error.interval.upper, error.plugin), n, "inversion", level);
    e.facts["corrected"] = error.corrected;
    out.push_back({slice.name, std::move(e)});
  }
  return out;
}

Gap GroupCalibration::multicalibration(std::int64_t depth, const GapOptions& options) const {
  struct Cell {
    std::string name;
    Sums sum;
  };
  std::vector<Cell> cells;
  double left_out = 0;
  for (const auto& slice : index_.slices(depth))
    for (std::int64_t b = 0; b < bins_; ++b) {
      const Sums sum = total(slice.leaves, b);
      if (sum.n <= 0) continue;
      if (sum.n < static_cast<double>(options.min_support) || sum.weight <= 0) {
        ++left_out;
        continue;
      }
      const auto edge = [&](std::int64_t k) {
        return static_cast<double>(k) / static_cast<double>(bins_);
      };
      cells.push_back(
          {fmt::format("{}, scores from {:.3g} to {:.3g}", slice.name, edge(b), edge(b + 1)), sum});
    }
  Gap gap;
  if (cells.empty()) {
    gap.estimate = Estimate::absent(
        Status::not_measured,
        fmt::format("no group and bin has {} samples or more", options.min_support), n_);
    return gap;
  }
  const double level = 1 - (1 - options.level) / static_cast<double>(cells.size());
  detail::null_gap::Family family;
  double value = -1, lower = 0, upper = 0, least_p = 1;
  std::int64_t rows = 0;
  for (const auto& cell : cells) {
    const double n = cell.sum.n_effective(),
                 rate = std::clamp(cell.sum.positive / cell.sum.weight, 0.0, 1.0);
    const double p = cell.sum.probability / cell.sum.weight, d = rate - p;
    const auto wilson = stats::proportion_interval(rate * n, n, level);
    const double low = wilson.lower - p, high = wilson.upper - p;
    lower = std::max({lower, low, -high});
    upper = std::max({upper, std::abs(low), std::abs(high)});
    const double error = std::sqrt(cell.sum.expected) / cell.sum.weight;
    family.value.push_back(d);
    family.error.push_back(error);
    if (error > 0) least_p = std::min(least_p, 2 * stats::normal_sf(std::abs(d) / error));
    if (error <= 0 && d != 0) least_p = 0;  // certain scores that are wrong
    if (std::abs(d) <= value) continue;
    value = std::abs(d);
    gap.highest = cell.name;
    rows = static_cast<std::int64_t>(cell.sum.n);
  }
  gap.lowest = "its own scores";
  gap.estimate = Estimate::with(value, std::min(lower, value), std::max(upper, value), rows,
                                "wilson_bonferroni", options.level);
  const std::array families{family};
  const auto null = detail::null_gap::simulate(
      families,
      [](std::span<const std::span<const double>> draws) {
        double most = 0;
        for (const double d : draws[0]) most = std::max(most, std::abs(d));
        return most;
      },
      value, options);
  auto& facts = gap.estimate.facts;
  facts["null_gap"] = null.mean;
  facts["corrected"] = null.corrected;
  facts["p_value"] = std::min(1.0, least_p * static_cast<double>(cells.size()));
  facts["n_cells"] = static_cast<double>(cells.size());
  if (left_out > 0) facts["cells_left_out"] = left_out;
  return gap;
}

Curve GroupCalibration::reliability(std::string_view by, std::int64_t min_support,
                                    double level) const {
  Curve curve;
  curve.title = "Reliability by group";
  curve.x_label = "probability stated";
  curve.y_label = "share of positives";
  curve.diagonal = true;
  curve.level = level;
  for (const auto& slice : slices_by(index_, by)) {
    Curve::Series series;
    series.name = slice.name;
    for (std::int64_t b = 0; b < bins_; ++b) {
      const Sums sum = total(slice.leaves, b);
      if (sum.n < static_cast<double>(min_support) || sum.weight <= 0) continue;
      const double n = sum.n_effective(), rate = std::clamp(sum.positive / sum.weight, 0.0, 1.0);
      const auto i = stats::proportion_interval(rate * n, n, level);
      series.x.push_back(sum.probability / sum.weight);
      series.y.push_back(rate);
      series.lower.push_back(i.lower);
      series.upper.push_back(i.upper);
    }
    if (!series.x.empty()) curve.series.push_back(std::move(series));
  }
  return curve;
}

void GroupCalibration::save(State& state) const {
  index_.save(state);
  std::vector<double> values;
  for (const auto& s : sums_)
    values.insert(values.end(),
                  {s.n, s.weight, s.squares, s.probability, s.positive, s.expected, s.squared});
  state.set("bins", bins_).set("n", n_).set("sums", std::move(values));
}

void GroupCalibration::load(const State& state) {
  GroupCalibration loaded(bins_);
  loaded.index_.load(state);
  if (state.integer("bins") != bins_)
    throw StoreError("GroupCalibration.load", fmt::format("{} bins", bins_),
                     fmt::format("{}", state.integer("bins")), "make it with the same bins");
  loaded.n_ = state.integer("n");
  const auto size = loaded.index_.n_leaves() * bins_;
  const auto& values = state.numbers("sums", size * static_cast<std::int64_t>(n_sums));
  for (std::size_t i = 0; i < values.size(); i += n_sums) {
    const std::span<const double> v(values.data() + i, n_sums);
    if (std::any_of(v.begin(), v.end(), [](double x) { return !(x >= 0 && x < 1e300); }) ||
        v[3] > v[1] * (1 + 1e-9) || v[4] > v[1] * (1 + 1e-9))
      throw StoreError("GroupCalibration.load", "sums that agree", "a sum out of range",
                       "the saved state is damaged; run again");
    loaded.sums_.push_back({v[0], v[1], v[2], v[3], v[4], v[5], v[6]});
  }
  *this = std::move(loaded);
}

}  // namespace leadline::fairness
