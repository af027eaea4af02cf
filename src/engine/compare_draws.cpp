#include "engine/compare_draws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "leadline/core/error.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/random.hpp"
#include "leadline/stats/tests.hpp"

namespace leadline::detail::compare {
namespace draws {

constexpr std::size_t block = 16;  // replicates drawn at once; a multiple of four

double weight_at(std::span<const double> weights, std::size_t i) {
  return weights.empty() ? 1.0 : weights[i];
}

/// Balanced accuracy over classes that occur, and F1 over classes that occur or were named.
std::vector<double> class_values(const Pairs& pairs, const Side& side,
                                 std::span<const double> weights) {
  const auto k = static_cast<std::size_t>(pairs.n_classes);
  std::vector<double> support(k), called(k), hit(k);
  for (std::size_t i = 0; i < pairs.ids.size(); ++i) {
    const double w = weight_at(weights, i);
    support[static_cast<std::size_t>(pairs.label[i])] += w;
    called[static_cast<std::size_t>(side.label[i])] += w;
    if (side.correct[i] != 0) hit[static_cast<std::size_t>(pairs.label[i])] += w;
  }
  double recall = 0, f1 = 0, occurring = 0, named = 0;
  for (std::size_t c = 0; c < k; ++c) {
    if (support[c] > 0) {
      recall += hit[c] / support[c];
      occurring += 1;
    }
    if (support[c] + called[c] > 0) {
      f1 += 2 * hit[c] / (support[c] + called[c]);
      named += 1;
    }
  }
  if (occurring == 0) return {undefined, undefined};
  return {recall / occurring, f1 / named};
}

double calibration_value(const Pairs& pairs, const Side& side, std::int64_t bins,
                         std::span<const double> weights) {
  std::vector<double> gap(static_cast<std::size_t>(bins));
  double total = 0;
  for (std::size_t i = 0; i < pairs.ids.size(); ++i) {
    const double w = weight_at(weights, i);
    const auto bin = std::min(
        bins - 1, static_cast<std::int64_t>(side.confidence[i] * static_cast<double>(bins)));
    gap[static_cast<std::size_t>(bin)] += w * (side.confidence[i] - side.correct[i]);
    total += w;
  }
  double sum = 0;
  for (const double g : gap) sum += std::abs(g);
  return total > 0 ? sum / total : undefined;
}

/// Columns as `Context::rows` names them.
std::vector<Column> columns_of(const Pairs& pairs, const Side& side) {
  std::vector<Column> columns;
  const auto matrix = [&](std::string_view name, const std::vector<double>& values) {
    if (values.empty()) return;
    ArrayView view(values);
    view.rows = pairs.n();
    view.cols = std::ssize(values) / pairs.n();
    view.row_stride = view.cols;
    view.rank = 2;
    columns.push_back({name, view});
  };
  matrix("scores", side.scores);
  matrix("probabilities", side.probabilities);
  if (pairs.classes) {
    columns.push_back({"prediction", ArrayView(side.label)});
    columns.push_back({"target", ArrayView(pairs.label)});
    columns.push_back({"correct", ArrayView(side.correct)});
  } else {
    columns.push_back({"prediction", ArrayView(side.prediction)});
    columns.push_back({"target", ArrayView(pairs.target)});
  }
  if (!side.confidence.empty()) columns.push_back({"confidence", ArrayView(side.confidence)});
  if (!side.loss.empty()) columns.push_back({"loss", ArrayView(side.loss)});
  return columns;
}

void require_columns(const Pairs& pairs, const Metric& metric) {
  const MetricInfo about = metric.info();
  for (const Side* side : {&pairs.a, &pairs.b}) {
    const auto columns = columns_of(pairs, *side);
    for (const auto& read : about.reads) {
      const bool there = std::any_of(columns.begin(), columns.end(),
                                     [&](const Column& c) { return c.name == read; });
      if (there || (read == "prediction" && !columns.empty())) continue;
      throw CapabilityError(
          "compare", fmt::format("'{}' of each sample for '{}'", read, about.name),
          fmt::format("none for '{}'", side->name),
          "compare the models themselves on the data: stored runs hold no scores");
    }
  }
}

}  // namespace draws

Kernel class_kernel(const Pairs& pairs) {
  return {{{"balanced_accuracy", "share read correctly, every class counting the same", "",
            Better::higher},
           {"f1{average=macro}", "balance of precision and recall, every class counting the same",
            "", Better::higher}},
          [&pairs](const Side& side, std::span<const double> weights) {
            return draws::class_values(pairs, side, weights);
          }};
}

Kernel calibration_kernel(const Pairs& pairs, std::int64_t bins) {
  return {
      {{"ece", "distance of the confidence from the share of right answers", "", Better::lower}},
      [&pairs, bins](const Side& side, std::span<const double> weights) {
        return std::vector{draws::calibration_value(pairs, side, bins, weights)};
      }};
}

Kernel metric_kernel(const Pairs& pairs, std::shared_ptr<const Metric> metric) {
  if (metric == nullptr) throw TypeError("compare", "a metric", "none", "pass metrics=[F1()]");
  draws::require_columns(pairs, *metric);
  const MetricInfo about = metric->info();
  return {{{about.name, about.label, about.unit, about.better}},
          [&pairs, metric](const Side& side, std::span<const double> weights) {
            const auto columns = draws::columns_of(pairs, side);
            const auto fresh = metric->fresh();
            fresh->update(Rows{pairs.ids, weights, columns});
            return std::vector{fresh->compute().value_if_ok().value_or(undefined)};
          }};
}

std::vector<Drawn> draw(const Pairs& pairs, const std::vector<Kernel>& kernels,
                        const CompareOptions& options) {
  std::vector<Drawn> out;
  for (const auto& kernel : kernels) {
    const auto a = kernel.compute(pairs.a, {}), b = kernel.compute(pairs.b, {});
    for (std::size_t i = 0; i < kernel.metrics.size(); ++i)
      out.push_back({kernel.metrics[i], a[i], b[i], {}, {}});
  }
  if (out.empty()) return out;
  const bool cut_short = options.cancel.cancelled();  // the pass was: answer on what it saw
  const stats::Stream stream(options.seed, "compare/bootstrap");
  const auto n = pairs.ids.size();
  const auto replicates = static_cast<std::size_t>(options.replicates);
  std::vector<double> weights(draws::block * n);
  std::array<std::uint8_t, draws::block> one{};
  for (std::size_t first = 0; first < replicates; first += draws::block) {
    for (std::size_t i = 0; i < n; ++i) {
      stats::poisson1_weights(stream, pairs.ids[i], first, one);
      for (std::size_t r = 0; r < draws::block; ++r) weights[r * n + i] = one[r];
    }
    for (std::size_t r = 0; r < std::min(draws::block, replicates - first); ++r) {
      const std::span<const double> drawn(weights.data() + r * n, n);
      std::size_t at = 0;
      for (const auto& kernel : kernels) {
        const auto a = kernel.compute(pairs.a, drawn), b = kernel.compute(pairs.b, drawn);
        for (std::size_t i = 0; i < a.size(); ++i, ++at) {
          out[at].draws_a.push_back(a[i]);
          out[at].draws_b.push_back(b[i]);
        }
      }
    }
    if (!cut_short && options.cancel.cancelled())
      throw Cancelled("compare", "to finish the bootstrap", "a request to stop", "run it again");
  }
  return out;
}

Estimate estimate_around(double value, stats::Interval interval, std::int64_t n, std::string method,
                         double level) {
  return Estimate::with(value, std::min(value, interval.lower), std::max(value, interval.upper), n,
                        std::move(method), level);
}

Row row_of(const Drawn& drawn, std::int64_t n, double level) {
  Row row{drawn.about, {}, {}, {}, {}, "paired bootstrap"};
  const auto claim = [&](double value, const std::vector<double>& draws) {
    if (!std::isfinite(value))
      return Estimate::absent(Status::undefined, "it has no value on these samples", n);
    const auto interval = stats::percentile_interval(draws, level);
    if (!interval) return Estimate::of(value, n, "too many resamples have no value");
    return estimate_around(value, *interval, n, "paired bootstrap", level);
  };
  row.a = claim(drawn.a, drawn.draws_a);
  row.b = claim(drawn.b, drawn.draws_b);
  std::vector<double> differences;
  std::int64_t above = 0, below = 0, defined = 0;
  for (std::size_t i = 0; i < drawn.draws_a.size(); ++i) {
    const double d = drawn.draws_b[i] - drawn.draws_a[i];
    differences.push_back(d);
    if (!std::isfinite(d)) continue;
    ++defined;
    above += d >= 0;
    below += d <= 0;
  }
  row.difference = claim(drawn.b - drawn.a, differences);
  if (row.difference.ok() && row.difference.lower)
    row.p_value = std::min(1.0, 2 * stats::permutation_p_value(std::min(above, below), defined));
  return row;
}

}  // namespace leadline::detail::compare
