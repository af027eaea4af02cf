#include "leadline/tradeoffs/disagreement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/friedman.hpp"
#include "tradeoffs/disagreement_scores.hpp"

namespace leadline {
namespace detail::disagreement {

std::string text_of(const Specification& one) { return one.benchmark + "/" + one.metric; }

void check(std::span<const std::string> models, std::span<const Specification> specifications,
           const tradeoffs::DisagreementOptions& options) {
  constexpr std::string_view who = "disagreement";
  if (models.size() < 2 || specifications.size() < 2)
    throw ValueError(who, "at least 2 models and 2 specifications",
                     fmt::format("{} and {}", models.size(), specifications.size()),
                     "agreement is between two or more");
  if (options.replicates < 100 || options.replicates > 1000000)
    throw ValueError(who, "replicates in [100, 1000000]", std::to_string(options.replicates),
                     "1000 is usual");
  std::set<std::string> names;
  std::map<std::string, std::size_t> items;
  for (const Specification& one : specifications) {
    if (one.better == Better::neither)
      throw ValueError(who, "metrics of which higher or lower is better",
                       fmt::format("'{}', neither", text_of(one)), "leave it out");
    if (!names.insert(text_of(one)).second)
      throw ValueError(who, "each metric of a benchmark once",
                       fmt::format("'{}' twice", text_of(one)), "rename one");
    if (one.values.empty() || one.values.size() % models.size() != 0)
      throw ShapeError(who, fmt::format("values [{}, items]", models.size()),
                       fmt::format("{} numbers for '{}'", one.values.size(), text_of(one)),
                       "give one row of items a model");
    const auto [known, fresh] = items.try_emplace(one.benchmark, one.values.size());
    if (!fresh && known->second != one.values.size())
      throw ShapeError(
          who,
          fmt::format("{} items in benchmark '{}'", known->second / models.size(), one.benchmark),
          fmt::format("{} for '{}'", one.values.size() / models.size(), one.metric),
          "metrics of a benchmark are of the same items");
    for (const double value : one.values)
      if (!std::isfinite(value))
        throw ValueError(who, "finite values", fmt::format("{} for '{}'", value, text_of(one)),
                         "leave out items without a value for every model");
  }
}

Estimate claim(double value, const std::vector<std::vector<double>>& draws, std::size_t at,
               std::int64_t n, double level) {
  if (std::isnan(value)) return Estimate::absent(Status::undefined, "all models are tied", n);
  if (draws.empty()) return Estimate::of(value, n, "aggregates cannot be resampled");
  std::vector<double> column;
  for (const auto& draw : draws) column.push_back(draw[at]);
  const auto interval = stats::percentile_interval(column, level);
  if (!interval) return Estimate::of(value, n, "too many resamples have no value");
  return Estimate::with(value, std::min(value, interval->lower), std::max(value, interval->upper),
                        n, "item bootstrap", level);
}

std::int64_t least_items(std::size_t n_models, std::span<const Specification> specifications) {
  std::size_t least = specifications[0].values.size();
  for (const Specification& one : specifications) least = std::min(least, one.values.size());
  return static_cast<std::int64_t>(least / n_models);
}

void add_taus(Finding& finding, std::span<const Specification> specifications,
              const std::vector<double>& seen, const std::vector<std::vector<double>>& draws,
              std::int64_t n, double level) {
  const std::size_t s = specifications.size();
  Grid grid;
  grid.title = "Kendall's tau-b between specifications";
  grid.note = "1: the same order of models; -1: the reverse; 0: none in common.";
  for (const Specification& one : specifications) grid.row_names.push_back(text_of(one));
  grid.col_names = grid.row_names;
  grid.values.assign(s * s, 1);
  std::size_t at = 2;
  for (std::size_t a = 0; a < s; ++a)
    for (std::size_t b = 0; b < a; ++b, ++at) {
      grid.values[a * s + b] = grid.values[b * s + a] = seen[at];
      finding.add(fmt::format("kendall_tau_b{{first={},second={}}}",
                              plain::key_value(text_of(specifications[b])),
                              plain::key_value(text_of(specifications[a]))),
                  claim(seen[at], draws, at, n, level), Better::higher,
                  "agreement of two specifications on the order of models");
    }
  finding.blocks.emplace_back(std::move(grid));
}

void add_ranks(Finding& finding, std::span<const std::string> models,
               const stats::Friedman& friedman, std::size_t s, double level) {
  Estimate statistic =
      Estimate::of(friedman.statistic, static_cast<std::int64_t>(s), "a test statistic");
  statistic.facts["p_value"] = friedman.p_value;
  finding.add("friedman", statistic, Better::neither, "evidence that any two models differ");
  const double critical = stats::nemenyi_critical_difference(
      std::ssize(models), static_cast<std::int64_t>(s), 1 - level);
  finding.add("critical_difference",
              Estimate::of(critical, static_cast<std::int64_t>(s), "Nemenyi"), Better::neither,
              "mean ranks that differ by more are separated");
  std::vector<std::size_t> order(models.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return friedman.mean_ranks[a] < friedman.mean_ranks[b]; });
  TableBlock table;
  table.title = "Mean ranks over specifications";
  table.columns = {"model", "mean rank"};
  table.note = fmt::format("1 is best; Nemenyi's critical difference is {:.3g}.", critical);
  for (const std::size_t m : order) {
    finding.add(fmt::format("mean_rank{{model={}}}", plain::key_value(models[m])),
                Estimate::of(friedman.mean_ranks[m], static_cast<std::int64_t>(s),
                             "see the critical difference"),
                Better::lower, "mean rank over specifications");
    table.rows.push_back({models[m], friedman.mean_ranks[m]});
  }
  finding.blocks.emplace_back(std::move(table));
}

/// The difference of two models under each specification, ascending.
void add_curve(Finding& finding, std::span<const std::string> models,
               std::span<const Specification> specifications, const std::vector<double>& seen,
               const std::vector<std::vector<double>>& draws, std::size_t first, std::size_t second,
               std::int64_t n, double level) {
  const std::size_t s = specifications.size(), from = seen.size() - s;
  std::vector<std::size_t> order(s);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return seen[from + a] < seen[from + b]; });
  Curve curve;
  curve.title = "Specification curve";
  curve.x_label = "specification, by difference";
  curve.y_label = fmt::format("'{}' minus '{}', oriented so that more is better", models[first],
                              models[second]);
  curve.level = level;
  Curve::Series series{"difference", {}, {}, {}, {}, Curve::Series::points};
  TableBlock table;
  table.title = "Specifications";
  table.columns = {"place", "benchmark", "metric", "difference"};
  std::int64_t ahead = 0;
  for (std::size_t i = 0; i < s; ++i) {
    const Estimate difference = claim(seen[from + order[i]], draws, from + order[i], n, level);
    ahead += difference.value() > 0;
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(difference.value());
    series.lower.push_back(difference.lower.value_or(difference.value()));
    series.upper.push_back(difference.upper.value_or(difference.value()));
    table.rows.push_back({static_cast<std::int64_t>(i + 1), specifications[order[i]].benchmark,
                          specifications[order[i]].metric, difference});
  }
  curve.series.push_back(std::move(series));
  Estimate share =
      Estimate::of(static_cast<double>(ahead) / static_cast<double>(s),
                   static_cast<std::int64_t>(s), "the specifications are a choice, not a sample");
  finding.add("share_first_ahead", share, Better::neither,
              fmt::format("share of specifications under which '{}' leads '{}'", models[first],
                          models[second]));
  finding.blocks.emplace_back(std::move(curve));
  finding.blocks.emplace_back(std::move(table));
}

}  // namespace detail::disagreement

namespace tradeoffs {

Finding disagreement(std::span<const std::string> models,
                     std::span<const Specification> specifications,
                     const DisagreementOptions& options) {
  namespace impl = detail::disagreement;
  impl::check(models, specifications, options);
  const std::size_t k = models.size(), s = specifications.size();
  const auto scores = impl::scores_of(k, specifications, {});
  const auto friedman = stats::friedman_test(scores, std::ssize(models));
  std::vector<std::size_t> order(k);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return friedman.mean_ranks[a] < friedman.mean_ranks[b]; });
  const auto seen = impl::statistics(scores, k, s, order[0], order[1]);
  const auto draws = impl::resampled(k, specifications, options, order[0], order[1]);
  const std::int64_t n = impl::least_items(k, specifications);
  Finding finding;
  finding.probe = "disagreement";
  finding.kind = "tradeoffs.disagreement";
  finding.question = "Do the benchmarks agree on which model is better?";
  finding.options = {{"replicates", std::to_string(options.replicates)},
                     {"seed", std::to_string(options.seed)}};
  finding.add("sign_agreement", impl::claim(seen[0], draws, 0, n, options.level), Better::higher,
              "share of pairs of models that two specifications order the same way");
  finding.add("mean_kendall_tau_b", impl::claim(seen[1], draws, 1, n, options.level),
              Better::higher, "mean agreement of two specifications on the order of models");
  impl::add_taus(finding, specifications, seen, draws, n, options.level);
  impl::add_ranks(finding, models, friedman, s, options.level);
  const auto shares = impl::variance_shares(scores, k, specifications);
  const auto share = [&](const char* of, double value, const char* label) {
    finding.add(fmt::format("variance_share{{of={}}}", of),
                Estimate::of(value, n, "a description of these specifications"), Better::neither,
                label);
  };
  share("model", shares.model, "of the spread, what holds over all specifications");
  share("benchmark", shares.benchmark, "of the spread, what depends on the benchmark");
  share("metric", shares.metric, "of the spread, what depends on the metric");
  share("rest", shares.rest, "of the spread, what depends on both");
  impl::add_curve(finding, models, specifications, seen, draws, order[0], order[1], n,
                  options.level);
  finding.headline = fmt::format(
      "Two specifications order two models the same way in {}; '{}' leads '{}' under {} of {}.",
      plain::percent(seen[0]), models[order[0]], models[order[1]],
      std::llround(finding.at("share_first_ahead").value() * static_cast<double>(s)), s);
  if (seen[0] < 0.9) {
    finding.consequence = "Which model is called better depends on the benchmark that is chosen.";
    finding.remedies.push_back(
        {"Fix the benchmark and the metric that matter before looking.", "Policy.lock()"});
  }
  return finding;
}

}  // namespace tradeoffs
}  // namespace leadline
