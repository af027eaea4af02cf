/// A report that holds every block, status, outcome and check result once.
#pragma once

#include <cmath>
#include <limits>

#include "leadline/report/report.hpp"

namespace sample {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

// Frozen, not computed: the golden report must not move with the last bits of an interval.
inline leadline::Estimate wilson(double value, double lower, double upper, std::int64_t n) {
  return leadline::Estimate::with(value, lower, upper, n, "wilson");
}

inline leadline::Finding robustness() {
  using namespace leadline;
  Finding finding;
  finding.probe = "pgd";
  finding.kind = "robustness.pgd";
  finding.question = "Does the model hold against small deliberate changes?";
  finding.headline = "About 7 in 100 such images are still read correctly; between 5 and 9.";
  finding.consequence = "Anyone who can change pixels can choose the answer.";
  finding.remedies = {{"Train on perturbed images.", "leadline.robustness.train(net, data)"}};
  finding.add("accuracy{norm=linf,eps=0.0314}",
              wilson(0.07, 0.05577636414629405, 0.08751464815128335, 1000), Better::higher,
              "share still read correctly");
  finding.add("distance", Estimate::of(0.1 + 0.2, 1000, "the median has no interval yet"),
              Better::higher, "median change needed", "L2");
  finding.add("accuracy@sex=f", Estimate::absent(Status::undefined, "no sample of this group"));
  auto& bounded = finding.add("area", Estimate::with(0.5, 0.25, 0.75, 10, "t"));
  bounded.estimate.error_bound = 1e-300;
  bounded.estimate.facts = {{"n_effective", 9.5}, {"worst", -infinity}};
  Check passed{"zero_budget_equals_clean", Check::pass, "0 of 1000 differ", "", {"*"}, {}, {}};
  passed.evidence = wilson(0, 0, 0.0038267584855551234, 1000);
  passed.p_value = 0.5;
  finding.checks = {
      passed,
      {"more_steps_converge",
       Check::fail,
       "accuracy still falls by 3 in 100 when the steps double",
       "double the steps",
       {"accuracy{norm=linf,eps=0.0314}"},
       {},
       {}},
      {"float64_reverify", Check::not_run, "the model has no float64", "", {}, {}, {}}};
  Curve curve;
  curve.title = "Accuracy against the size of the change";
  curve.x_label = "eps";
  curve.y_label = "accuracy";
  curve.series.push_back({"pgd",
                          {0, 0.01, infinity},
                          {0.9, std::nan(""), 0.1},
                          {0.8, 0, 0},
                          {1, 1, 0.2},
                          Curve::Series::line});
  curve.series.push_back({"random", {0}, {0.9}, {}, {}, Curve::Series::points});
  Grid grid;
  grid.title = "Confusion";
  grid.row_names = {"shirt", "coat"};
  grid.col_names = {"shirt", "coat"};
  grid.values = {8, 2, 1, 9};
  grid.counts = true;
  TableBlock table;
  table.title = "Facts";
  table.columns = {"a", "b", "c", "d", "e", "f"};
  table.rows = {{std::monostate(), std::int64_t{9007199254740993}, 2.0, std::string("text"),
                 wilson(0.5, 0.09453120573423074, 0.9054687942657693, 2), infinity}};
  Exhibit picture;
  picture.id = 17;
  picture.title = "a shirt read as a coat";
  picture.images = {{2, 2, 1, {0, 128, 255, 7}}, {1, 1, 3, {1, 2, 3}}};
  picture.labels = {"original", "changed"};
  picture.overlay = {-1, 0, 0.5, 1};
  picture.severity = infinity;
  Exhibit words;
  words.kind = Exhibit::tokens;
  words.labels = {"not", "good"};
  words.overlay = {-0.5, 0.25};
  Exhibit row;
  row.kind = Exhibit::row;
  row.labels = {"age"};
  row.values = {"39"};
  finding.blocks = {curve, grid, table, picture, words, row};
  finding.flags = {{17, "label looks wrong", 0.75}, {-1, "no id", infinity}};
  finding.warnings = {"the loss saturates on 3 samples"};
  finding.options = {{"eps", "0.0314"}, {"steps", "40"}};
  finding.cost = {1.25, 41000, 40000, 1 << 20};
  return finding;
}

inline leadline::Report report() {
  using namespace leadline;
  Report report;
  report.title = "A small network on Fashion-MNIST";
  report.created = "2026-11-21T10:00:00Z";
  report.provenance = {{"leadline.version", "0.1.0"}, {"seed", "0"}};
  Finding task;
  task.probe = "task";
  task.kind = "task";
  task.question = "How often is the model right?";
  task.headline = "About 91 in 100 images are read correctly.";
  task.add("accuracy", wilson(0.91, 0.9042323687192863, 0.915452752616759, 10000), Better::higher,
           "share read correctly");
  report.findings = {task, robustness(),
                     absent_finding("ood", "ood.energy", "Does it notice foreign images?",
                                    Status::not_measured, "no foreign data was given",
                                    {{"Give foreign data.", "also={'ood/mnist': mnist}"}}),
                     absent_finding("latency", "cost.latency", "How fast is it?", Status::failed,
                                    "the model raised")};
  report.policy = PolicyRecord{"release", "xxh3:00", "2026-11-20T09:00:00Z", "before"};
  const auto verdict = [](std::string estimate, Comparison comparison, double limit,
                          Outcome outcome) {
    Verdict made;
    made.requirement = {"", std::move(estimate), comparison, limit, "", ""};
    made.outcome = outcome;
    return made;
  };
  report.verdicts = {
      verdict("task.accuracy", Comparison::at_least, 0.9, Outcome::met),
      verdict("pgd.accuracy{norm=linf,eps=0.0314}", Comparison::above, 0.5, Outcome::not_met),
      verdict("pgd.distance", Comparison::below, 0.3, Outcome::undecided),
      verdict("ood.auroc", Comparison::at_most, 1, Outcome::not_measured)};
  report.verdicts[0].estimate = task.estimates[0].estimate;
  report.verdicts[2].more_samples = 1200;
  return report;
}

}  // namespace sample
