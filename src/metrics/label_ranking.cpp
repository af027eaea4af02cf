#include "leadline/metrics/label_ranking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "label_rows.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/coverage_error.hpp"
#include "leadline/metrics/label_ranking_average_precision.hpp"
#include "leadline/metrics/label_ranking_loss.hpp"
#include "leadline/metrics/ndcg.hpp"

namespace leadline::detail::label_ranking {
namespace rows_of = leadline::detail::label_rows;

/// Labels that share a score, from the greatest score down.
struct Place {
  double size = 0, relevant = 0;  // how many labels, the sum of their relevances
};

/// One sample: its scores and relevances without the entries that do not count.
struct Sample {
  std::vector<double> score, relevance;
  std::vector<std::size_t> order;

  [[nodiscard]] std::vector<Place> places() {
    order.resize(score.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return score[a] > score[b]; });
    std::vector<Place> out;
    for (std::size_t k = 0; k < order.size(); ++k) {
      if (k == 0 || score[order[k]] != score[order[k - 1]]) out.emplace_back();
      out.back().size += 1;
      out.back().relevant += relevance[order[k]];
    }
    return out;
  }
};

constexpr double none = std::numeric_limits<double>::quiet_NaN();

double coverage(const std::vector<Place>& places) {
  double seen = 0, last = none;
  for (const Place& place : places) {
    seen += place.size;
    if (place.relevant > 0) last = seen;
  }
  return last;
}

double average_precision(const std::vector<Place>& places) {
  double seen = 0, found = 0, sum = 0;
  for (const Place& place : places) {
    seen += place.size;
    found += place.relevant;
    sum += place.relevant * found / seen;
  }
  return found > 0 ? sum / found : none;
}

double ranking_loss(const std::vector<Place>& places) {
  double others = 0, found = 0, wrong = 0;
  for (const Place& place : places) {
    others += place.size - place.relevant;
    found += place.relevant;
    wrong += place.relevant * others;
  }
  return found > 0 && others > 0 ? wrong / found / others : none;
}

/// Sum of 1 / log2(r + 1) over the places r in (first, first + size] that are at most k.
double discount(std::int64_t first, std::int64_t size, std::int64_t k) {
  double sum = 0;
  for (std::int64_t r = first + 1; r <= first + size && (k == 0 || r <= k); ++r)
    sum += 1 / std::log2(static_cast<double>(r) + 1);
  return sum;
}

double gain(const std::vector<Place>& places, std::int64_t k) {
  double sum = 0;
  std::int64_t seen = 0;
  for (const Place& place : places) {
    const auto size = static_cast<std::int64_t>(place.size);
    sum += place.relevant / place.size * discount(seen, size, k);
    seen += size;
  }
  return sum;
}

double ideal_gain(std::vector<double> relevance, std::int64_t k) {
  std::sort(relevance.begin(), relevance.end(), std::greater<>());
  double sum = 0;
  for (std::size_t r = 0; r < relevance.size(); ++r)
    sum += relevance[r] * discount(static_cast<std::int64_t>(r), 1, k);
  return sum;
}

/// [n * n_labels] of a column, row-major.
std::vector<double> values_of(const ArrayView& view) {
  std::vector<double> out(static_cast<std::size_t>(view.rows * view.cols));
  visit(view, [&](const auto* values) {
    for (std::int64_t i = 0; i < view.rows; ++i)
      for (std::int64_t j = 0; j < view.cols; ++j)
        out[static_cast<std::size_t>(i * view.cols + j)] =
            static_cast<double>(values[i * view.row_stride + j * view.col_stride]);
  });
  return out;
}

[[noreturn]] void refuse(const Rows& rows, std::string_view who, std::string_view expected,
                         double got, std::int64_t row, std::size_t label, std::string_view remedy) {
  throw ValueError(who, std::string(expected),
                   fmt::format("{} at {}, label {}", got, rows_of::sample_text(rows, row), label),
                   std::string(remedy));
}

std::string_view why_undefined(metrics::LabelRanking::Kind kind) {
  return kind == metrics::LabelRanking::loss ? "no sample has some labels and lacks others"
                                             : "no sample has a label";
}

}  // namespace leadline::detail::label_ranking

namespace leadline::metrics {
namespace ranking_impl = leadline::detail::label_ranking;

LabelRanking::LabelRanking(Kind kind, std::optional<std::int64_t> ignore_index, std::int64_t k)
    : kind_(kind), ignore_index_(ignore_index), k_(k) {}

void LabelRanking::update(const Rows& rows, std::string_view who) {
  const ArrayView &scores = rows.at("scores", who), &target = rows.at("target", who);
  const bool graded = kind_ == gain || kind_ == normalised_gain;
  if (scores.rank != 2 || target.rank != 2 || scores.rows != target.rows ||
      scores.cols != target.cols)
    throw ShapeError(who, "'scores' and 'target' [n, n_labels]",
                     ranking_impl::rows_of::view_text(scores) + " beside " +
                         ranking_impl::rows_of::view_text(target),
                     "pass one column a label; for scores of one column use AveragePrecision");
  if (!graded && is_floating(target.dtype))
    throw TypeError(who, "'target' as integers 0 and 1", ranking_impl::rows_of::view_text(target),
                    "convert labels to int64");
  check_rows(rows, target.rows, who);
  const auto score = ranking_impl::values_of(scores), truth = ranking_impl::values_of(target);
  std::vector<double> values, weights;
  std::int64_t n_undefined = 0;
  ranking_impl::Sample sample;
  const auto width = static_cast<std::size_t>(target.cols);
  for (std::int64_t i = 0; i < target.rows; ++i) {
    sample.score.clear();
    sample.relevance.clear();
    for (std::size_t j = 0; j < width; ++j) {
      const std::size_t at = static_cast<std::size_t>(i) * width + j;
      const double s = score[at], t = truth[at];
      if (std::isnan(s))
        ranking_impl::refuse(rows, who, "scores that are numbers", s, i, j,
                             "find the layer that makes NaN; leadline.evaluate names such samples");
      if (!graded && ignore_index_ && t == static_cast<double>(*ignore_index_)) continue;
      if (graded ? !(t >= 0 && std::isfinite(t)) : t != 0 && t != 1)
        ranking_impl::refuse(rows, who,
                             graded ? "relevances >= 0 and finite" : "'target' of 0 and 1", t, i, j,
                             graded ? "shift the scale so that the least relevant is 0"
                                    : "set ignore_index for entries that are unknown");
      sample.score.push_back(s);
      sample.relevance.push_back(t);
    }
    const auto places = sample.places();
    double value = ranking_impl::none;
    switch (kind_) {
      case coverage:
        value = ranking_impl::coverage(places);
        break;
      case average_precision:
        value = ranking_impl::average_precision(places);
        break;
      case loss:
        value = ranking_impl::ranking_loss(places);
        break;
      case gain:
      case normalised_gain: {
        const double ideal = ranking_impl::ideal_gain(sample.relevance, k_);
        if (ideal > 0)
          value = kind_ == gain ? ranking_impl::gain(places, k_)
                                : std::min(ranking_impl::gain(places, k_) / ideal, 1.0);
        break;
      }
    }
    const double weight = rows.weights.empty() ? 1.0 : rows.weights[static_cast<std::size_t>(i)];
    if (std::isnan(value)) {
      n_undefined += rows.counted ? static_cast<std::int64_t>(weight) : 1;
      continue;
    }
    values.push_back(value);
    if (!rows.weights.empty()) weights.push_back(weight);
  }
  n_undefined_ += n_undefined;
  values_.add(values, weights, rows.counted);
}

void LabelRanking::merge(const LabelRanking& other) {
  values_.merge(other.values_);
  n_undefined_ += other.n_undefined_;
}

Estimate LabelRanking::mean(double level) const {
  const std::int64_t n = n_undefined_;
  Estimate found = values_.mean(MeanInterval::t, level, "");
  if (found.status == Status::empty && n > 0)
    found = Estimate::absent(Status::undefined, std::string(ranking_impl::why_undefined(kind_)), n);
  const double low = kind_ == coverage ? 1.0 : 0.0;
  const bool shares = kind_ != coverage && kind_ != gain;
  if (found.lower) found.lower = std::max(*found.lower, low);
  if (found.upper && shares) found.upper = std::min(*found.upper, 1.0);
  if (found.status == Status::empty) return found;
  found.facts["samples_undefined"] = static_cast<double>(n);
  found.facts["samples_averaged"] = found.ok() ? static_cast<double>(found.n) : 0.0;
  return found;
}

void LabelRanking::save(State& state) const {
  values_.save(state);
  state.set("undefined", n_undefined_);
}

void LabelRanking::load(const State& state) {
  LabelRanking loaded(kind_, ignore_index_, k_);
  loaded.values_.load(state);
  loaded.n_undefined_ = state.integer("undefined");
  if (loaded.n_undefined_ < 0 || loaded.n_undefined_ > (std::int64_t{1} << 53))
    throw StoreError("LabelRanking.load", "a count of samples", std::to_string(loaded.n_undefined_),
                     "the saved state is damaged; run again");
  *this = loaded;
}

CoverageError::CoverageError(Options options)
    : LabelRankingMetric("CoverageError", options,
                         LabelRanking(LabelRanking::coverage, options.ignore_index)) {}
MetricInfo CoverageError::info() const {
  return {"coverage_error",
          Better::lower,
          {1, std::numeric_limits<double>::infinity()},
          "labels",
          "labels to look at to meet all of a sample",
          {"scores", "target"}};
}

LabelRankingAveragePrecision::LabelRankingAveragePrecision(Options options)
    : LabelRankingMetric("LabelRankingAveragePrecision", options,
                         LabelRanking(LabelRanking::average_precision, options.ignore_index)) {}
MetricInfo LabelRankingAveragePrecision::info() const {
  return {"label_ranking_average_precision",
          Better::higher,
          {0, 1},
          "",
          "how pure the top of each sample's labels is",
          {"scores", "target"}};
}

LabelRankingLoss::LabelRankingLoss(Options options)
    : LabelRankingMetric("LabelRankingLoss", options,
                         LabelRanking(LabelRanking::loss, options.ignore_index)) {}
MetricInfo LabelRankingLoss::info() const {
  return {"label_ranking_loss",
          Better::lower,
          {0, 1},
          "",
          "share of label pairs of a sample in the wrong order",
          {"scores", "target"}};
}

Ndcg::Ndcg(Options options)
    : LabelRankingMetric(
          "Ndcg", options,
          LabelRanking(options.normalise ? LabelRanking::normalised_gain : LabelRanking::gain, {},
                       options.k)) {}
MetricInfo Ndcg::info() const {
  return {"ndcg",
          Better::higher,
          {0, options_.normalise ? 1.0 : std::numeric_limits<double>::infinity()},
          "",
          options_.normalise ? "gain of the order, as a share of the ideal one"
                             : "relevance found, discounted by its place",
          {"scores", "target"}};
}

}  // namespace leadline::metrics
