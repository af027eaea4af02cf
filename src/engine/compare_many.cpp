// Many models on the same samples: a ranking, and each pair.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ranges>
#include <set>

#include "engine/compare_findings.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/friedman.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/tests.hpp"

namespace leadline {
namespace detail::compare_many {

using compare::Pairs;
using compare::Side;

struct Field {
  std::vector<std::string> names;
  std::vector<Side> sides;
  std::int64_t n = 0;
  bool classes = true;
  std::vector<double> target;
};

/// What a model is scored by on one sample; higher is better.
double score(const Field& field, std::size_t model, std::size_t row) {
  const Side& side = field.sides[model];
  return field.classes ? side.correct[row] : -std::abs(side.prediction[row] - field.target[row]);
}

Estimate level_of(const Field& field, std::size_t model, double level) {
  if (field.classes) {
    const auto& hits = field.sides[model].correct;
    return Estimate::rate(std::accumulate(hits.begin(), hits.end(), std::int64_t{0}), field.n,
                          "wilson", level);
  }
  stats::Moments moments;
  for (std::size_t i = 0; i < static_cast<std::size_t>(field.n); ++i)
    moments.add(-score(field, model, i));
  const auto interval = stats::mean_interval_t(moments, level);
  return interval ? compare::estimate_around(moments.mean, *interval, field.n, "t", level)
                  : Estimate::of(moments.mean, field.n, "one sample has no spread");
}

struct Pair {
  std::size_t first, second;
  Estimate difference;  // second - first
  double p = 1, adjusted = 1;
};

Pair tested(const Field& field, std::size_t i, std::size_t j, const CompareOptions& options) {
  Pair pair{i, j, {}};
  if (field.classes) {
    stats::PairedCounts counts;
    for (std::size_t r = 0; r < static_cast<std::size_t>(field.n); ++r) {
      const bool a = field.sides[i].correct[r] != 0, b = field.sides[j].correct[r] != 0;
      ++(a ? (b ? counts.both : counts.only_second) : (b ? counts.only_first : counts.neither));
    }
    const double value =
        static_cast<double>(counts.only_first - counts.only_second) / static_cast<double>(field.n);
    pair.difference =
        compare::estimate_around(value, stats::paired_difference(counts, options.level), field.n,
                                 "newcombe paired", options.level);
    const auto test = stats::mcnemar_test(counts.only_first, counts.only_second);
    pair.p = options.test == McNemarTest::exact ? test.exact : test.mid_p;
    return pair;
  }
  stats::Moments moments;
  std::vector<double> differences;
  for (std::size_t r = 0; r < static_cast<std::size_t>(field.n); ++r) {
    differences.push_back(score(field, i, r) - score(field, j, r));  // of errors: second - first
    moments.add(differences.back());
  }
  const auto interval = stats::mean_interval_t(moments, options.level);
  pair.difference =
      interval ? compare::estimate_around(moments.mean, *interval, field.n, "t", options.level)
               : Estimate::of(moments.mean, field.n, "one sample has no spread");
  pair.p = stats::sign_flip_test(differences, {999, options.seed, "compare_many"});
  return pair;
}

std::vector<Pair> all_pairs(const Field& field, const CompareOptions& options) {
  std::vector<Pair> pairs;
  std::vector<double> p;
  for (std::size_t i = 0; i < field.sides.size(); ++i)
    for (std::size_t j = i + 1; j < field.sides.size(); ++j) {
      pairs.push_back(tested(field, i, j, options));
      p.push_back(pairs.back().p);
    }
  const auto adjusted = stats::holm(p);
  for (std::size_t k = 0; k < pairs.size(); ++k) pairs[k].adjusted = adjusted[k];
  return pairs;
}

Finding pairs_finding(const Field& field, const std::vector<Pair>& pairs,
                      const CompareOptions& options) {
  Finding finding;
  finding.probe = "pairs";
  finding.kind = "compare_many.pairs";
  finding.question = "Which models differ?";
  const std::string metric = field.classes ? "accuracy" : "mae";
  TableBlock table;
  table.title = "Each pair";
  table.columns = {"first", "second", "difference (second - first)", "p-value", "p (Holm)"};
  table.note =
      fmt::format("{}; Holm over {} pairs.",
                  field.classes ? "McNemar on the same samples" : "Sign flips", pairs.size());
  std::int64_t different = 0;
  for (const Pair& pair : pairs) {
    Estimate difference = pair.difference;
    difference.facts["p_value"] = pair.p;
    difference.facts["p_value_adjusted"] = pair.adjusted;
    const auto &a = field.names[pair.first], &b = field.names[pair.second];
    different += pair.adjusted <= 1 - options.level;
    finding.add(fmt::format("{}_difference{{first={},second={}}}", metric, plain::key_value(a),
                            plain::key_value(b)),
                difference, field.classes ? Better::higher : Better::lower,
                fmt::format("{}, '{}' minus '{}'", metric, b, a));
    table.rows.push_back({a, b, difference, pair.p, pair.adjusted});
  }
  finding.headline =
      fmt::format("{} of {} pairs of models differ beyond chance.", different, pairs.size());
  finding.blocks.emplace_back(std::move(table));
  return finding;
}

Finding ranking_finding(const Field& field, const std::vector<Pair>& pairs,
                        const CompareOptions& options) {
  Finding finding;
  finding.probe = "ranking";
  finding.kind = "compare_many.ranking";
  finding.question = "Which model is best on these samples?";
  const std::size_t k = field.sides.size();
  std::vector<double> values;
  for (std::size_t r = 0; r < static_cast<std::size_t>(field.n); ++r)
    for (std::size_t m = 0; m < k; ++m) values.push_back(score(field, m, r));
  const auto test = stats::friedman_test(values, static_cast<std::int64_t>(k));
  const double critical =
      stats::nemenyi_critical_difference(static_cast<std::int64_t>(k), field.n, 1 - options.level);
  std::vector<std::size_t> order(k);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return test.mean_ranks[a] < test.mean_ranks[b]; });
  const auto separated = [&](std::size_t a, std::size_t b) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const Pair& pair) {
      return ((pair.first == a && pair.second == b) || (pair.first == b && pair.second == a)) &&
             pair.adjusted <= 1 - options.level;
    });
  };
  TableBlock table;
  table.title = "Ranking";
  const std::string metric = field.classes ? "accuracy" : "mae";
  table.columns = {"model", metric, "mean rank", "not separated from"};
  table.note = fmt::format(
      "Mean rank over samples, ties shared; not separated: McNemar with Holm over all pairs.");
  if (!field.classes)
    table.note = "Mean rank over samples, ties shared; not separated: sign flips with Holm.";
  std::vector<double> sorted;
  for (const std::size_t m : order) {
    std::vector<std::string> near;
    for (const std::size_t other : order)
      if (other != m && !separated(m, other)) near.push_back(field.names[other]);
    const Estimate level = level_of(field, m, options.level);
    finding.add(fmt::format("{}{{model={}}}", metric, plain::key_value(field.names[m])), level,
                field.classes ? Better::higher : Better::lower,
                field.classes ? "share read correctly" : "mean absolute error");
    finding.add(fmt::format("mean_rank{{model={}}}", plain::key_value(field.names[m])),
                Estimate::of(test.mean_ranks[m], field.n, "see the critical difference"),
                Better::lower, "mean rank over samples");
    table.rows.push_back(
        {field.names[m], level, test.mean_ranks[m], fmt::format("{}", fmt::join(near, ", "))});
    sorted.push_back(test.mean_ranks[m]);
  }
  Estimate friedman = Estimate::of(test.statistic, field.n, "a test statistic");
  friedman.facts["p_value"] = test.p_value;
  finding.add("friedman", friedman, Better::neither, "evidence that any two models differ");
  finding.add("critical_difference", Estimate::of(critical, field.n, "Nemenyi"), Better::neither,
              "mean ranks that differ by more are separated");
  Curve curve;
  curve.title = "Critical difference";
  curve.x_label = "mean rank (1 is best)";
  curve.y_label = "model, best first";
  curve.note = fmt::format(
      "Nemenyi's critical difference is {:.3g}; lines join models that it does "
      "not separate. Models: {}.",
      critical,
      fmt::join(order | std::views::transform([&](std::size_t m) { return field.names[m]; }),
                ", "));
  Curve::Series points{"models", sorted, {}, {}, {}, Curve::Series::points};
  for (std::size_t i = 0; i < k; ++i) points.y.push_back(static_cast<double>(i + 1));
  curve.series.push_back(std::move(points));
  for (const auto& [first, last] : stats::rank_cliques(sorted, critical)) {
    const double at = 0.5 * static_cast<double>(first + last + 2);
    curve.series.push_back(
        {"not separated",
         {sorted[static_cast<std::size_t>(first)], sorted[static_cast<std::size_t>(last)]},
         {at, at},
         {},
         {}});
  }
  finding.blocks.emplace_back(std::move(table));
  finding.blocks.emplace_back(std::move(curve));
  const std::string& best = field.names[order[0]];
  std::vector<std::string> rivals;
  for (std::size_t i = 1; i < k; ++i)
    if (!separated(order[0], order[i])) rivals.push_back(field.names[order[i]]);
  finding.headline = rivals.empty()
                         ? fmt::format("'{}' is the best of {} models beyond chance.", best, k)
                         : fmt::format("'{}' comes first, but {} {} not separated from it.", best,
                                       fmt::join(rivals, ", "), rivals.size() == 1 ? "is" : "are");
  if (!rivals.empty())
    finding.remedies.push_back(
        {"Choose among these by cost or size, or compare on more samples.", ""});
  finding.checks.push_back({.name = "same_samples",
                            .result = Check::pass,
                            .why = fmt::format("{} samples through {} models", field.n, k),
                            .applies_to = {"*"}});
  return finding;
}

Field field_of(const compare::Pass& pass, const CompareOptions& options) {
  Field field;
  for (std::size_t m = 1; m < pass.models.size(); ++m) {
    Pairs pairs = compare::join(pass.models[0], pass.models[m], options, "compare_many");
    if (m == 1) {
      field.n = pairs.n();
      field.classes = pairs.classes;
      field.target = pairs.target;
      field.sides.push_back(std::move(pairs.a));
    }
    field.sides.push_back(std::move(pairs.b));
  }
  for (const auto& model : pass.models) field.names.push_back(model.name);
  return field;
}

}  // namespace detail::compare_many

Report compare_many(const NamedSubjects& models, DatasetPtr data, const CompareOptions& options) {
  namespace impl = detail::compare_many;
  if (models.size() < 2)
    throw ValueError("compare_many", "at least 2 models", std::to_string(models.size()),
                     "pass {name: model, ...}");
  if (!data)
    throw TypeError("compare_many", "a data set", "none", "pass compare_many(models, data)");
  std::set<std::string> names;
  for (const auto& [name, model] : models)
    if (!names.insert(name).second)
      throw ValueError("compare_many", "a name of its own for each model", "'" + name + "' twice",
                       "rename one");
  const auto pass = detail::compare::observe(models, *data, options, false);
  const impl::Field field = impl::field_of(pass, options);
  const auto pairs = impl::all_pairs(field, options);
  Report report;
  report.kind = "compare_many";
  report.title = options.title.empty()
                     ? fmt::format("{} models on '{}'", models.size(), data->info().name)
                     : options.title;
  report.created = detail::engine::now_utc();
  report.partial = !pass.cut_short.empty();
  report.partial_why = pass.cut_short;
  report.provenance = {{"leadline.version", LEADLINE_VERSION},
                       {"data.test.name", data->info().name},
                       {"data.test.fingerprint", pass.models[0].fingerprint},
                       {"run.forwards", std::to_string(pass.forwards)},
                       {"seed", std::to_string(options.seed)},
                       {"level", fmt::format("{}", options.level)}};
  for (const auto& model : pass.models)
    report.provenance.emplace_back("model." + model.name,
                                   model.digest.empty() ? "no digest" : model.digest);
  report.findings = {impl::ranking_finding(field, pairs, options),
                     impl::pairs_finding(field, pairs, options)};
  return report;
}

}  // namespace leadline
