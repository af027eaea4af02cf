#include "leadline/metrics/brier_decomposition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "leadline/core/error.hpp"
#include "probability_rows.hpp"

namespace leadline::metrics {

BrierDecompositionFold::BrierDecompositionFold(const BrierDecompositionOptions& options)
    : method_(options.method), binary_(options.task == TaskType::binary) {
  if (method_ == Decomposition::binned)
    bins_.assign(static_cast<std::size_t>(5 * std::clamp<std::int64_t>(options.bins, 1, 10000)),
                 0.0);
}

void BrierDecompositionFold::update(const Rows& rows, std::string_view who) {
  leadline::detail::probability_rows::Reader reader(rows, who, "probabilities", binary_);
  std::vector<double> p(static_cast<std::size_t>(reader.n())), y(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) {  // all is read, and refused, before it is counted
    const auto row = reader.row(static_cast<std::int64_t>(i));
    const auto best = binary_ ? row.begin() + 1 : std::max_element(row.begin(), row.end());
    p[i] = *best;
    y[i] = best - row.begin() == reader.target(static_cast<std::int64_t>(i)) ? 1.0 : 0.0;
  }
  const auto size = static_cast<std::int64_t>(bins_.size() / 5);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double w = rows.weights.empty() ? 1.0 : rows.weights[i];
    n_ += rows.counted ? static_cast<std::int64_t>(w) : 1;
    if (size == 0) {
      samples_.insert(samples_.end(), {p[i], y[i], w});
      continue;
    }
    const auto at = std::min(static_cast<std::int64_t>(p[i] * static_cast<double>(size)), size - 1);
    double* bin = &bins_[static_cast<std::size_t>(5 * at)];
    const double sums[5] = {w, w * p[i], w * y[i], w * p[i] * p[i], w * p[i] * y[i]};
    for (int k = 0; k < 5; ++k) bin[k] += sums[k];
  }
}

void BrierDecompositionFold::merge(const BrierDecompositionFold& given) {
  const BrierDecompositionFold other = given;
  n_ += other.n_;
  for (std::size_t i = 0; i < bins_.size(); ++i) bins_[i] += other.bins_[i];
  samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
}

double BrierDecompositionFold::weight() const {
  double sum = 0;
  for (std::size_t i = 0; i < bins_.size(); i += 5) sum += bins_[i];
  for (std::size_t i = 0; i < samples_.size(); i += 3) sum += samples_[i + 2];
  return sum;
}

BrierTerms BrierDecompositionFold::terms() const {
  return method_ == Decomposition::binned ? binned() : corp();
}

BrierTerms BrierDecompositionFold::binned() const {
  BrierTerms t;
  double w = 0, y = 0;
  for (std::size_t i = 0; i < bins_.size(); i += 5) {
    w += bins_[i];
    y += bins_[i + 2];
  }
  const double rate = y / w;
  for (std::size_t i = 0; i < bins_.size(); i += 5) {
    const double* b = &bins_[i];
    if (b[0] <= 0) continue;
    const double share = b[0] / w, p = b[1] / b[0], hit = b[2] / b[0];
    t.score += (b[3] - 2 * b[4] + b[2]) / w;
    t.miscalibration += share * (p - hit) * (p - hit);
    t.discrimination += share * (hit - rate) * (hit - rate);
    t.within_variance += share * (b[3] / b[0] - p * p);
    t.within_covariance += share * (b[4] / b[0] - p * hit);
  }
  t.uncertainty = rate * (1 - rate);
  return t;
}

BrierTerms BrierDecompositionFold::corp() const {
  const std::size_t n = samples_.size() / 3;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return samples_[3 * a] < samples_[3 * b]; });
  struct Pool {
    double w, y;
    [[nodiscard]] double rate() const { return w > 0 ? y / w : 0; }
  };
  std::vector<Pool> pools;  // pool adjacent violators; equal probabilities are one sample
  double w = 0, y = 0, score = 0;
  for (std::size_t i = 0; i < n;) {
    const double p = samples_[3 * order[i]];
    Pool pool{0, 0};
    for (; i < n && samples_[3 * order[i]] == p; ++i) {
      const double* s = &samples_[3 * order[i]];
      pool.w += s[2];
      pool.y += s[2] * s[1];
      score += s[2] * (p - s[1]) * (p - s[1]);
    }
    if (pool.w <= 0) continue;
    w += pool.w;
    y += pool.y;
    while (!pools.empty() && pools.back().rate() >= pool.rate()) {
      pool = {pool.w + pools.back().w, pool.y + pools.back().y};
      pools.pop_back();
    }
    pools.push_back(pool);
  }
  const double rate = y / w;
  double recalibrated = 0;
  for (const Pool& pool : pools) recalibrated += pool.w * pool.rate() * (1 - pool.rate()) / w;
  BrierTerms t;
  t.score = score / w;
  t.uncertainty = rate * (1 - rate);
  t.miscalibration = std::max(0.0, t.score - recalibrated);
  t.discrimination = std::max(0.0, t.uncertainty - recalibrated);
  return t;
}

void BrierDecompositionFold::save(State& state) const {
  state.set("n", n_).set("bins", bins_).set("samples", samples_);
}

void BrierDecompositionFold::load(const State& state) {
  const auto& bins = state.numbers("bins", std::ssize(bins_));
  const auto& samples = state.numbers("samples");
  const auto good = [](double x) { return x >= 0 && x < 1e300; };
  const std::int64_t n = state.integer("n");
  if (n < 0 || n > (std::int64_t{1} << 53) || samples.size() % 3 != 0 ||
      (!bins_.empty() && !samples.empty()) || !std::all_of(bins.begin(), bins.end(), good) ||
      !std::all_of(samples.begin(), samples.end(), good))
    throw StoreError("BrierDecomposition.load", "finite sums >= 0", "others",
                     "the saved state is damaged; run again");
  n_ = n;
  bins_ = bins;
  samples_ = samples;
}

BrierDecomposition::BrierDecomposition(Options options)
    : ScoreMetric("BrierDecomposition", options, BrierDecompositionFold(options)) {
  if (options.task == TaskType::multilabel)
    throw ValueError("BrierDecomposition", "task 'multiclass' or 'binary'", "'multilabel'",
                     "measure each label as a binary task");
}
MetricInfo BrierDecomposition::info() const {
  return {"brier_decomposition",
          Better::lower,
          {0, 1},
          "",
          "part of the Brier score that recalibration would remove",
          {"probabilities", "target"}};
}

Estimate BrierDecomposition::estimate(const BrierDecompositionFold& fold) const {
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (fold.weight() <= 0) return Estimate::absent(Status::undefined, "every weight is 0", fold.n());
  const double value = fold.terms().miscalibration;
  if (!std::isfinite(value))
    return Estimate::absent(Status::failed, "the sums are out of range", fold.n());
  return Estimate::of(value, fold.n(),
                      "the terms of a decomposition are biased and have no plain interval");
}

void BrierDecomposition::describe(Finding& finding, std::string_view prefix) const {
  const std::string start(prefix);
  const auto add = [&](const char* name, double value, Better better, const char* label) {
    Estimate whole = estimate(fold_);
    if (whole.ok() && std::isfinite(value)) whole = Estimate::of(value, whole.n, whole.why);
    finding.add(start + "brier_decomposition{term=" + name + "}", std::move(whole), better, label);
  };
  const BrierTerms t = fold_.weight() > 0 ? fold_.terms() : BrierTerms{};
  add("brier", t.score, Better::lower, "mean squared distance of the probability from the truth");
  add("miscalibration", t.miscalibration, Better::lower, "what recalibration would remove");
  add("discrimination", t.discrimination, Better::higher, "what telling cases apart gains");
  add("uncertainty", t.uncertainty, Better::neither, "the score of always naming the base rate");
  if (options_.method == Decomposition::corp) return;
  add("within_variance", t.within_variance, Better::neither, "spread of probabilities in bins");
  add("within_covariance", t.within_covariance, Better::neither, "what the bins hide");
}

}  // namespace leadline::metrics
