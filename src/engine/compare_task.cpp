// The finding "task": every metric of both models, paired.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/compare_findings.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/delong.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/tests.hpp"

namespace leadline::detail::compare {
namespace task {

// Up to here the p-value of a mean difference is by sign flips, beyond by Student's t: flips cost
// 10,000 passes, and agree with t to two digits there.
constexpr std::int64_t flips_up_to = 2000;
constexpr std::int64_t few = 30;  // below, t intervals of skewed losses cover too little

Row accuracy_row(const Pairs& pairs, const CompareOptions& options) {
  const auto counts = count_pairs(pairs);
  const std::int64_t n = counts.n();
  Row row{{"accuracy", "share read correctly", "", Better::higher}, {}, {}, {}, {}, ""};
  row.a = Estimate::rate(counts.both + counts.only_first, n, "wilson", options.level);
  row.b = Estimate::rate(counts.both + counts.only_second, n, "wilson", options.level);
  const stats::PairedCounts turned{counts.both, counts.only_second, counts.only_first,
                                   counts.neither};
  const double value =
      static_cast<double>(counts.only_second - counts.only_first) / static_cast<double>(n);
  row.difference = estimate_around(value, stats::paired_difference(turned, options.level), n,
                                   "newcombe paired", options.level);
  row.difference.facts["only_a_right"] = static_cast<double>(counts.only_first);
  row.difference.facts["only_b_right"] = static_cast<double>(counts.only_second);
  const auto test = stats::mcnemar_test(counts.only_first, counts.only_second);
  const bool exact = options.test == McNemarTest::exact;
  row.p_value = exact ? test.exact : test.mid_p;
  row.test = exact ? "McNemar exact" : "McNemar mid-p";
  return row;
}

Estimate mean_estimate(const std::vector<double>& values, double level) {
  stats::Moments moments;
  moments.add(values);
  const auto interval = stats::mean_interval_t(moments, level);
  if (!interval) return Estimate::of(moments.mean, moments.n, "one sample has no spread");
  return estimate_around(moments.mean, *interval, moments.n, "t", level);
}

double t_test(const std::vector<double>& values) {
  stats::Moments moments;
  moments.add(values);
  const double error = moments.standard_error();
  if (error == 0) return moments.mean == 0 ? 1.0 : 0.0;
  const double t = std::abs(moments.mean) / error;
  return std::min(1.0, 2 * stats::student_t_sf(t, static_cast<double>(moments.n - 1)));
}

/// A loss a sample of both, and the mean of their difference.
Row mean_row(Described about, const std::vector<double>& a, const std::vector<double>& b,
             const CompareOptions& options) {
  Row row{std::move(about), {}, {}, {}, {}, ""};
  std::vector<double> differences;
  std::int64_t infinite = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    infinite += !std::isfinite(a[i]) || !std::isfinite(b[i]);
    differences.push_back(b[i] - a[i]);
  }
  if (infinite > 0) {
    const auto none = Estimate::absent(
        Status::undefined,
        fmt::format("the true class was given probability 0 in {} samples", infinite),
        std::ssize(a));
    row.a = row.b = row.difference = none;
    return row;
  }
  row.a = mean_estimate(a, options.level);
  row.b = mean_estimate(b, options.level);
  row.difference = mean_estimate(differences, options.level);
  const bool flips = std::ssize(a) <= flips_up_to;
  row.p_value = flips ? stats::sign_flip_test(differences, {9999, options.seed, "compare"})
                      : t_test(differences);
  row.test = flips ? "sign flips" : "paired t";
  return row;
}

std::vector<double> errors_of(const Pairs& pairs, const Side& side, bool squared) {
  std::vector<double> out;
  for (std::size_t i = 0; i < pairs.ids.size(); ++i) {
    const double miss = side.prediction[i] - pairs.target[i];
    out.push_back(squared ? miss * miss : std::abs(miss));
  }
  return out;
}

std::vector<Row> value_rows(const Pairs& pairs, const CompareOptions& options) {
  std::vector<Row> rows;
  for (const bool squared : {false, true})
    rows.push_back(
        mean_row({squared ? "mse" : "mae", squared ? "mean squared error" : "mean absolute error",
                  "", Better::lower},
                 errors_of(pairs, pairs.a, squared), errors_of(pairs, pairs.b, squared), options));
  return rows;
}

/// DeLong's test; nullopt unless both models give the probability of class 1 of two.
std::optional<Row> auroc_row(const Pairs& pairs, const CompareOptions& options) {
  if (pairs.n_classes > 2 || pairs.a.positive.empty() || pairs.b.positive.empty())
    return std::nullopt;
  std::vector<std::uint8_t> target;
  std::int64_t positives = 0;
  for (const std::int64_t label : pairs.label) {
    target.push_back(label == 1 ? 1 : 0);
    positives += label == 1;
  }
  Row row{
      {"auroc", "how often a sample of class 1 is ranked above one of class 0", "", Better::higher},
      {},
      {},
      {},
      {},
      "DeLong"};
  if (positives < 2 || pairs.n() - positives < 2) {
    row.a = row.b = row.difference =
        Estimate::absent(Status::undefined, "fewer than two samples of a class", pairs.n());
    return row;
  }
  const auto found =
      stats::delong_paired(pairs.b.positive, pairs.a.positive, target, {}, options.level);
  const auto claim = [&](const stats::Auroc& one) {
    return estimate_around(one.value, one.interval, pairs.n(), "delong", options.level);
  };
  row.a = claim(found.second);
  row.b = claim(found.first);
  row.difference =
      estimate_around(found.difference, found.interval, pairs.n(), "delong paired", options.level);
  row.p_value = found.p_value;
  return row;
}

/// The columns of a table with the p-values of all metrics adjusted together.
std::vector<double> adjusted(const std::vector<Row>& rows) {
  std::vector<double> p;
  for (const Row& row : rows)
    if (row.p_value) p.push_back(*row.p_value);
  const auto holm = stats::holm(p);
  std::vector<double> out;
  std::size_t at = 0;
  for (const Row& row : rows) out.push_back(row.p_value ? holm[at++] : undefined);
  return out;
}

Check interval_check(const Pairs& pairs, const std::vector<Row>& rows) {
  Check check{.name = "interval_valid_at_this_n", .result = Check::pass};
  for (const Row& row : rows)
    if (row.difference.method == "t" || row.difference.method == "paired bootstrap")
      check.applies_to.push_back(difference_name(row.about.name));
  check.why = fmt::format("{} pairs", pairs.n());
  if (check.applies_to.empty()) check.result = Check::not_run;
  check.applies_to.emplace_back("headline");
  if (check.result == Check::pass && pairs.n() < few) {
    check.result = Check::fail;
    check.why =
        fmt::format("{} pairs; t and bootstrap intervals are too narrow below {}", pairs.n(), few);
    check.remedy = fmt::format("compare on at least {} samples", few);
  }
  return check;
}

}  // namespace task

std::string with_key(const std::string& name, const std::string& key) {
  const auto at = name.find('@');
  const std::string head = name.substr(0, at),
                    slice = at == std::string::npos ? "" : name.substr(at);
  if (head.ends_with('}')) return head.substr(0, head.size() - 1) + "," + key + "}" + slice;
  return head + "{" + key + "}" + slice;
}

std::string difference_name(const std::string& name) {
  const auto at = std::min(name.find('{'), name.find('@'));
  return name.substr(0, at) + "_difference" + (at == std::string::npos ? "" : name.substr(at));
}

Decision decide(const Estimate& difference, Better better, double margin, bool has_margin) {
  Decision out;
  if (!difference.ok() || !difference.lower || better == Better::neither) return out;
  const bool turned = better == Better::lower;
  const double gain = turned ? -difference.value() : difference.value();
  const stats::Interval interval = turned ? stats::Interval{-*difference.upper, -*difference.lower}
                                          : stats::Interval{*difference.lower, *difference.upper};
  const bool within = has_margin && interval.lower > -margin;
  if (interval.lower > 0)
    out.change = Change::better;
  else if (within)
    out.change = Change::equivalent;
  else if (interval.upper < 0)
    out.change = Change::worse;
  if (out.change != Change::undecided) return out;
  const auto consider = [&](double limit) {
    const auto more = stats::n_to_decide(gain, interval, difference.n, limit);
    if (more && (!out.more_samples || *more < *out.more_samples)) out.more_samples = more;
  };
  consider(0);
  if (has_margin && gain > -margin) consider(-margin);
  return out;
}

std::vector<Row> task_rows(const Pairs& pairs, const std::vector<Drawn>& drawn,
                           const CompareOptions& options) {
  if (!pairs.classes) {
    auto rows = task::value_rows(pairs, options);
    for (const Drawn& one : drawn) rows.push_back(row_of(one, pairs.n(), options.level));
    return rows;
  }
  std::vector<Row> rows{task::accuracy_row(pairs, options)};
  for (const Drawn& one : drawn)
    if (one.about.name != "ece") rows.push_back(row_of(one, pairs.n(), options.level));
  if (auto row = task::auroc_row(pairs, options)) rows.push_back(std::move(*row));
  if (!pairs.a.loss.empty() && !pairs.b.loss.empty())
    rows.push_back(task::mean_row({"log_loss", "surprise at the true class", "nats", Better::lower},
                                  pairs.a.loss, pairs.b.loss, options));
  if (!pairs.a.brier.empty() && !pairs.b.brier.empty())
    rows.push_back(task::mean_row(
        {"brier", "squared distance of the probabilities from the truth", "", Better::lower},
        pairs.a.brier, pairs.b.brier, options));
  return rows;
}

void add_rows(Finding& finding, const Pairs& pairs, const std::vector<Row>& rows,
              const std::string& title) {
  TableBlock table;
  table.title = title;
  table.columns = {"metric",  pairs.a.name, pairs.b.name, "difference (second - first)",
                   "p-value", "p (Holm)",   "test"};
  table.note = fmt::format("Paired, sample by sample; Holm over these {} metrics.", rows.size());
  const auto adjusted = task::adjusted(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    Estimate difference = row.difference;
    TableBlock::Cell p, p_holm;
    if (row.p_value) {
      difference.facts["p_value"] = *row.p_value;
      difference.facts["p_value_adjusted"] = adjusted[i];
      p = *row.p_value;
      p_holm = adjusted[i];
    }
    const auto& [name, label, unit, better] = row.about;
    finding.add(with_key(name, "model=a"), row.a, better, label, unit);
    finding.add(with_key(name, "model=b"), row.b, better, label, unit);
    finding.add(difference_name(name), difference, better, label + ", second model minus first",
                unit);
    finding.options.emplace_back("test." + name, row.test);
    table.rows.push_back({name, row.a, row.b, difference, p, p_holm, row.test});
  }
  finding.blocks.emplace_back(std::move(table));
}

Finding task_finding(const Pairs& pairs, const std::vector<Row>& rows,
                     const CompareOptions& options) {
  Finding finding;
  finding.probe = "task";
  finding.kind = "compare.task";
  finding.question = fmt::format("Is '{}' as good as '{}'?", pairs.b.name, pairs.a.name);
  finding.options = {{"replicates", std::to_string(options.replicates)},
                     {"level", fmt::format("{}", options.level)}};
  add_rows(finding, pairs, rows, "Both models, metric by metric");
  finding.checks.push_back({.name = "same_samples",
                            .result = Check::pass,
                            .why = fmt::format("{} samples with equal ids and labels", pairs.n()),
                            .applies_to = {"*"}});
  finding.checks.push_back(task::interval_check(pairs, rows));
  const bool same = pairs.a.prediction == pairs.b.prediction &&
                    pairs.a.confidence == pairs.b.confidence && pairs.a.loss == pairs.b.loss;
  if (same)
    finding.warnings.push_back(
        "both models answer every sample identically: is it the same model twice?");
  return finding;
}

}  // namespace leadline::detail::compare
