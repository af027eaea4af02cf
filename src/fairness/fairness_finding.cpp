// What the probe `fairness` says at the end.
#include <fmt/format.h>

#include <algorithm>

#include "fairness_run.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/core/session.hpp"
#include "leadline/stats/multiplicity.hpp"

namespace leadline::detail::fairness_probe {

using fairness::by_key;
using fairness::FairnessOptions;
using fairness::Gap;
using fairness::GapOptions;
using fairness::RateKind;

bool FairnessRun::decides() const {
  return options_.positive.has_value() || counts_.n_classes() <= 2;
}

std::vector<std::string> FairnessRun::splits() const {
  std::vector<std::string> out;
  for (const auto& slice : counts_.index().slices(options_.depth))
    if (out.empty() || out.back() != slice.by) out.push_back(slice.by);
  return out;
}

void FairnessRun::add_rates(Finding& finding, const std::string& by, double level) const {
  struct Measure {
    RateKind kind;
    Better better;
    const char* label;
  };
  std::vector<Measure> measures{{RateKind::accuracy, Better::higher, "share read correctly"}};
  if (decides()) {
    measures.push_back(
        {RateKind::selection_rate, Better::neither, "share given the favourable decision"});
    measures.push_back({RateKind::true_positive_rate, Better::higher,
                        "of those who merit it, the share given it"});
    measures.push_back(
        {RateKind::false_positive_rate, Better::lower, "of those who do not, the share given it"});
  }
  TableBlock table;
  table.title = "By " + by;
  table.note = fmt::format("Groups below {} samples get no value.", options_.min_support);
  table.columns = {"group", "n"};
  Curve forest;
  forest.title = "Share read correctly by " + by;
  forest.x_label = by;
  forest.y_label = "accuracy";
  forest.level = level;
  Curve::Series points;
  points.name = "accuracy";
  points.style = Curve::Series::points;
  for (const auto& measure : measures) {
    table.columns.emplace_back(name_of(measure.kind));
    std::size_t row = 0;
    for (const auto& rate : counts_.rates(measure.kind, by, options_.positive)) {
      const Estimate e = fairness::estimate_of(rate, options_.min_support, level);
      if (measure.kind == RateKind::accuracy) {
        table.rows.push_back({rate.group, rate.rows});
        if (e.ok()) {
          forest.note +=
              fmt::format("{}{}: {}", points.x.empty() ? "" : ", ", points.x.size(), rate.group);
          points.x.push_back(static_cast<double>(points.x.size()));
          points.y.push_back(e.value());
          points.lower.push_back(*e.lower);
          points.upper.push_back(*e.upper);
        }
      }
      table.rows[row++].emplace_back(e);
      if (e.ok())
        finding.add(std::string(name_of(measure.kind)) + "@" + rate.group, e, measure.better,
                    std::string(measure.label) + ", " + rate.group);
    }
  }
  if (has_probabilities_ && calibration_.n() > 0) {
    table.columns.emplace_back("ece");
    std::size_t row = 0;
    for (const auto& value : calibration_.expected_error(by, options_.min_support, level)) {
      table.rows[row++].emplace_back(value.estimate);
      if (value.estimate.ok())
        finding.add("ece@" + value.group, value.estimate, Better::lower,
                    "distance of confidence from outcomes, " + value.group);
    }
    if (by.find(',') == std::string::npos)
      finding.blocks.emplace_back(calibration_.reliability(by, options_.min_support, level));
  }
  finding.blocks.emplace_back(std::move(table));
  if (points.y.size() < 2) return;
  forest.series.push_back(std::move(points));
  finding.blocks.emplace_back(std::move(forest));
}

std::vector<FairnessRun::NamedGap> FairnessRun::gaps(const std::string& by,
                                                     const GapOptions& options) const {
  const FairnessOptions given{by, options_.positive, options};
  std::vector<NamedGap> out{{"accuracy_gap", by, accuracy_difference(counts_, given), Better::lower,
                             "largest gap in the share read correctly"},
                            {"worst_group_accuracy", by, worst_group_accuracy(counts_, given),
                             Better::higher, "share read correctly in the worst group"}};
  if (decides()) {
    out.push_back({"demographic_parity_difference", by,
                   demographic_parity_difference(counts_, given), Better::lower,
                   "largest gap in the share given the favourable decision"});
    out.push_back({"demographic_parity_ratio", by, demographic_parity_ratio(counts_, given),
                   Better::higher, "smallest over largest share given the favourable decision"});
    out.push_back({"equal_opportunity_difference", by, equal_opportunity_difference(counts_, given),
                   Better::lower, "largest gap among those who merit the favourable decision"});
    out.push_back({"equalized_odds_difference", by, equalized_odds_difference(counts_, given),
                   Better::lower, "largest gap among those who merit it or do not"});
    out.push_back({"predictive_parity_difference", by, predictive_parity_difference(counts_, given),
                   Better::lower, "largest gap in how often a favourable decision is right"});
  }
  if (has_probabilities_ && calibration_.n() > 0)
    out.push_back(
        {"ece_gap", by,
         value_difference(calibration_.expected_error(by, options.min_support, options.level),
                          options),
         Better::lower, "largest gap in the calibration error"});
  return out;
}

void FairnessRun::add_gaps(Finding& finding, std::vector<NamedGap> gaps) const {
  std::vector<double> p;
  for (const auto& one : gaps)
    if (one.gap.estimate.facts.count("p_value")) p.push_back(one.gap.estimate.facts.at("p_value"));
  const auto adjusted = stats::holm(p);
  TableBlock table;
  table.title = "Gaps between groups";
  table.note = fmt::format(
      "{} gaps were tested; 'p (all)' is adjusted for that (Holm). A gap is above 0 even when "
      "groups "
      "are treated alike: compare it with the third column.",
      p.size());
  table.columns = {"measure",           "gap",   "equal treatment would show",
                   "without that bias", "p",     "p (all)",
                   "highest",           "lowest"};
  std::size_t next = 0;
  for (auto& one : gaps) {
    auto& facts = one.gap.estimate.facts;
    const bool tested = facts.count("p_value") > 0;
    if (tested) facts["p_holm"] = adjusted[next++];
    const auto cell = [&](const char* name) {
      const auto it = facts.find(name);
      return it == facts.end() ? TableBlock::Cell() : TableBlock::Cell(it->second);
    };
    const std::string name = one.measure + "{by=" + by_key(one.by) + "}";
    const char* null = facts.count("null_gap")     ? "null_gap"
                       : facts.count("null_ratio") ? "null_ratio"
                                                   : "null_worst";
    table.rows.push_back({name, one.gap.estimate, cell(null), cell("corrected"), cell("p_value"),
                          cell("p_holm"), one.gap.highest, one.gap.lowest});
    finding.add(name, one.gap.estimate, one.better, one.label + ", by " + one.by);
  }
  finding.blocks.insert(finding.blocks.begin(), std::move(table));
  add_words(finding, gaps);
}

void FairnessRun::add_checks(Finding& finding) const {
  std::int64_t unknown = 0;
  for (std::int64_t l = 0; l < counts_.index().n_leaves(); ++l) {
    const auto levels = counts_.index().leaf(l);
    if (std::find(levels.begin(), levels.end(), fairness::GroupIndex::missing) == levels.end())
      continue;
    for (std::int64_t t = 0; t < counts_.n_classes(); ++t)
      for (std::int64_t p = 0; p < counts_.n_classes(); ++p) unknown += counts_.cell(l, t, p).n;
  }
  const bool known = unknown * 10 <= counts_.n();
  finding.checks.push_back(
      {.name = "groups_are_known",
       .result = known ? Check::pass : Check::fail,
       .why = fmt::format("{} of {} samples lack a group", unknown, counts_.n()),
       .remedy =
           known ? "" : "find out whom the missing values hide: they are left out of the gaps",
       .applies_to = {"*"}});
  const auto small = [&](const std::string& by, std::initializer_list<RateKind> kinds) {
    std::string names;
    for (const auto kind : kinds)
      for (const auto& rate : counts_.rates(kind, by, options_.positive))
        if (rate.rows < options_.min_support)
          names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", rate.group, rate.rows);
    return names;
  };
  const auto size_check = [&](const char* name, const char* what,
                              std::initializer_list<RateKind> kinds,
                              std::initializer_list<const char*> measures) {
    std::string few;
    std::vector<std::string> hurt, all;
    for (const auto& by : splits()) {
      if (by.find(',') != std::string::npos) continue;
      const std::string names = small(by, kinds);
      for (const char* measure : measures) {
        all.push_back(measure + ("{by=" + by_key(by) + "}"));
        if (!names.empty()) hurt.push_back(all.back());
      }
      if (!names.empty()) few += (few.empty() ? "" : "; ") + names;
    }
    all.emplace_back("headline");
    hurt.emplace_back("headline");
    finding.checks.push_back(
        {.name = name,
         .result = few.empty() ? Check::pass : Check::fail,
         .why = few.empty()
                    ? fmt::format("every group has {} {} or more", options_.min_support, what)
                    : fmt::format("fewer than {} {}: {}", options_.min_support, what, few),
         .remedy = few.empty() ? "" : "collect more of these groups, or join them",
         .applies_to = few.empty() ? all : hurt});
  };
  size_check("enough_samples_per_group", "samples", {RateKind::accuracy},
             {"accuracy_gap", "worst_group_accuracy"});
  if (decides())
    size_check("enough_of_each_label_per_group", "samples of each label",
               {RateKind::true_positive_rate, RateKind::false_positive_rate},
               {"equal_opportunity_difference", "equalized_odds_difference"});
}

void FairnessRun::add_words(Finding& finding, const std::vector<NamedGap>& gaps) const {
  const NamedGap* worst = nullptr;
  const NamedGap* accuracy = nullptr;
  for (const auto& one : gaps) {
    const auto& e = one.gap.estimate;
    if (!e.ok() || one.better != Better::lower) continue;
    if (one.measure == "accuracy_gap" &&
        (accuracy == nullptr || e.value() > accuracy->gap.estimate.value()))
      accuracy = &one;
    const bool proven = e.facts.count("p_holm") && e.facts.at("p_holm") <= 0.05;
    if (proven && (worst == nullptr || *e.lower > *worst->gap.estimate.lower)) worst = &one;
  }
  if (worst != nullptr) {
    const auto& e = worst->gap.estimate;
    finding.headline = fmt::format(
        "Groups are not treated alike: the {}, {} against {}, is {:.1f} points (between {:.1f} and "
        "{:.1f}); equal treatment would show {:.1f}.",
        worst->label, worst->gap.highest, worst->gap.lowest, 100 * e.value(), 100 * *e.lower,
        100 * *e.upper, 100 * e.facts.at("null_gap"));
    finding.consequence =
        fmt::format("Where it decides, {} and {} are served differently, and the average hides it.",
                    worst->gap.highest, worst->gap.lowest);
    finding.remedies.push_back(
        {"Weigh what each mitigation gains and costs, on data that was not used to fit it.",
         "leadline.fairness.compare_mitigations(...)"});
    finding.remedies.push_back(
        {"Look for what the groups differ in besides the attribute (Simpson's paradox) before "
         "acting.",
         "leadline.fairness.by_group(metric, scores, target, groups={...}, depth=2)"});
    return;
  }
  if (accuracy == nullptr) {
    finding.headline = "No two groups are large enough to compare.";
    finding.remedies.push_back({"Collect more samples of the small groups.", ""});
    return;
  }
  const auto& e = accuracy->gap.estimate;
  finding.headline = fmt::format(
      "No difference between groups stands out: the largest gap in the share read correctly is "
      "{:.1f} "
      "points, and equal treatment would show {:.1f}.",
      100 * e.value(), 100 * e.facts.at("null_gap"));
  finding.consequence =
      fmt::format("A true gap of up to {:.1f} points is still possible with this many samples.",
                  100 * *e.upper);
}

Finding FairnessRun::finish(Session& session) {
  Finding finding;
  if (counts_.n() == 0) {
    finding.status = Status::empty;
    finding.why = "no samples were seen";
    return finding;
  }
  const double level = session.level();
  const GapOptions options{
      .level = level, .min_support = options_.min_support, .seed = session.seed()};
  std::vector<NamedGap> all;
  for (const auto& by : splits()) {
    add_rates(finding, by, level);
    auto these = gaps(by, options);
    all.insert(all.end(), these.begin(), these.end());
  }
  if (has_probabilities_ && calibration_.n() > 0)
    finding.add(
        "multicalibration_error", calibration_.multicalibration(options_.depth, options).estimate,
        Better::lower,
        "largest distance of stated probability from outcomes in any group and score range");
  if (decides()) {
    finding.add("generalized_entropy", generalized_entropy(counts_, 2, options_.positive, level),
                Better::lower, "inequality of benefits between people");
    finding.add("theil_index", theil_index(counts_, options_.positive, level), Better::lower,
                "inequality of benefits between people (Theil)");
  }
  add_checks(finding);
  add_gaps(finding, std::move(all));
  return finding;
}

}  // namespace leadline::detail::fairness_probe
