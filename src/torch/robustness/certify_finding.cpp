// What the probe `certify` says at the end.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "certify_run.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/moments.hpp"

namespace leadline::detail::certify {
namespace words {

std::string digits(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace words

std::int64_t CertifyRun::n_certified(double eps) const {
  return std::count_if(rows_.begin(), rows_.end(),
                       [&](const Row& r) { return r.right && r.radius >= eps; });
}
std::int64_t CertifyRun::n_standing(double eps) const {
  return std::count_if(rows_.begin(), rows_.end(),
                       [&](const Row& r) { return r.right && r.attacked_at > eps; });
}

void CertifyRun::add_estimates(Finding& finding, double level) const {
  const std::int64_t n = std::ssize(rows_);
  const auto rate = [&](std::int64_t k) { return Estimate::rate(k, n, "wilson", level); };
  const auto keys = robustness::budget_keys(options_.threat.norm, eps_);
  finding.add("clean_accuracy", rate(n_certified(0)), Better::higher,
              "share read correctly when nothing is changed");
  for (std::size_t b = 0; b < eps_.size(); ++b) {
    const std::string size = words::digits(eps_[b]);
    const std::int64_t proven = n_certified(eps_[b]), standing = n_standing(eps_[b]);
    finding.add("certified_accuracy" + keys[b], rate(proven), Better::higher,
                "share proven to be read correctly under every change of up to " + size);
    finding.add("attacked_accuracy" + keys[b],
                options_.attack_steps > 0
                    ? rate(standing)
                    : Estimate::absent(Status::not_measured, "attack_steps = 0", n),
                Better::higher, "share that an attack of up to " + size + " left read correctly");
    finding.add("undecided" + keys[b],
                options_.attack_steps > 0
                    ? rate(standing - proven)
                    : Estimate::absent(Status::not_measured, "attack_steps = 0", n),
                Better::lower, "share neither proven nor misled by a change of up to " + size);
  }
  stats::Moments radius;
  for (const Row& row : rows_) radius.add(row.right ? row.radius : 0);
  const auto interval = stats::mean_interval_t(radius, level);
  finding.add("radius",
              interval
                  ? Estimate::with(radius.mean, interval->lower, interval->upper, n, "t", level)
                  : Estimate::of(radius.mean, n, "one sample"),
              Better::higher, "mean radius that is certified, 0 where misread", "input units");
}

void CertifyRun::add_curve(Finding& finding, double level) const {
  Curve curve;
  curve.title = "Proven and attacked accuracy";
  curve.x_label = "largest change, " + std::string(robustness::name_of(options_.threat.norm)) +
                  " norm (input units)";
  curve.y_label = "share read correctly";
  curve.level = level;
  curve.note =
      "The truth lies between the lines: below the attack, at or above the proof. The bands are "
      "their intervals over samples.";
  const auto keys = robustness::budget_keys(options_.threat.norm, eps_);
  for (const std::string kind : {"attacked_accuracy", "certified_accuracy"}) {
    if (!finding.at(kind + keys.front()).ok()) continue;
    Curve::Series series;
    series.name = kind == "attacked_accuracy" ? "left standing by the attack" : "proven";
    const auto add = [&](double x, const Estimate& e) {
      series.x.push_back(x);
      series.y.push_back(e.value());
      series.lower.push_back(*e.lower);
      series.upper.push_back(*e.upper);
    };
    add(0, finding.at("clean_accuracy"));
    for (std::size_t b = 0; b < keys.size(); ++b) add(eps_[b], finding.at(kind + keys[b]));
    curve.series.push_back(std::move(series));
  }
  finding.blocks.emplace_back(std::move(curve));
}

void CertifyRun::add_checks(Finding& finding) const {
  Check graph{.name = "graph_equals_model", .result = Check::pass, .applies_to = {"*"}};
  graph.why = std::to_string(tally_.differed) + " of " + std::to_string(tally_.compared) +
              " outputs of the recorded operators differ from those of the model (worst " +
              words::digits(tally_.worst) + ", relative)";
  if (tally_.differed > 0) {
    graph.result = Check::fail;
    graph.remedy =
        "the proof is about the recorded operators: look for values that leave torch, branches on "
        "the input, or a state that changes";
  }
  Check hold{.name = "no_contradiction", .result = Check::not_run, .applies_to = {"*"}};
  if (tally_.attacked == 0) {
    hold.why = options_.check_samples == 0 ? "no samples for it (check_samples = 0)"
                                           : "no sample was certified";
  } else {
    hold.result = tally_.contradicted > 0 ? Check::fail : Check::pass;
    hold.why = std::to_string(tally_.contradicted) + " of " + std::to_string(tally_.attacked) +
               " certified samples fall to an attack inside their certified ball";
    if (hold.result == Check::fail)
      hold.remedy =
          "certified and attacked cannot both be true: the model is not what was certified (see "
          "graph_equals_model), or there is a fault in leadline: report it";
  }
  finding.checks.push_back(std::move(graph));
  finding.checks.push_back(std::move(hold));
}

void CertifyRun::add_words(Finding& finding) const {
  const auto keys = robustness::budget_keys(options_.threat.norm, eps_);
  const std::string size = words::digits(eps_.back()) + " (" +
                           std::string(robustness::name_of(options_.threat.norm)) + ")";
  const std::string things = modality_ == Modality::image ? "images" : "samples";
  const Estimate& proven = finding.at("certified_accuracy" + keys.back());
  const Estimate& standing = finding.at("attacked_accuracy" + keys.back());
  finding.headline = "No change of at most " + size + " can mislead the model on " +
                     plain::share(proven) + " of the " + things + ": proven.";
  if (standing.ok())
    finding.headline += " An attack left " + plain::share(standing) + "; the truth lies between.";
  finding.consequence =
      "What is neither proven nor attacked may fall to a stronger attack, or be proven by a "
      "tighter "
      "method.";
  if (options_.method != robustness::BoundMethod::alpha_crown)
    finding.remedies.push_back(
        {"Tighten the bounds.", "leadline.robustness.Certify(method=\"alpha_crown\")"});
  finding.remedies.push_back(
      {"Give the undecided samples to a complete verifier.", "leadline.robustness.export_problem"});
  finding.remedies.push_back({"Certify the model under noise, which scales to any model.",
                              "leadline.robustness.RandomizedSmoothing"});
}

Finding CertifyRun::finish(Session& session) {
  Finding finding;
  if (rows_.empty()) {
    finding.status = Status::empty;
    finding.why = "no samples were visited";
    return finding;
  }
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.id < b.id; });
  add_estimates(finding, session.level());
  add_curve(finding, session.level());
  add_checks(finding);
  add_words(finding);
  if (!options_.rounding)
    finding.warnings.push_back("the bounds are of real arithmetic; the model rounds");
  if (std::ssize(rows_) < n_total_)
    finding.warnings.push_back("stopped after " + std::to_string(rows_.size()) + " of " +
                               std::to_string(n_total_) + " samples");
  std::vector<const Row*> fallen;
  for (const Row& row : rows_)
    if (row.right && std::isfinite(row.attacked_at)) fallen.push_back(&row);
  std::sort(fallen.begin(), fallen.end(), [](const Row* a, const Row* b) {
    return std::pair(a->attacked_at, a->id) < std::pair(b->attacked_at, b->id);
  });
  for (std::size_t i = 0; i < fallen.size() && i < 24; ++i)
    finding.flags.push_back(
        {fallen[i]->id, "misled by a change of at most " + words::digits(fallen[i]->attacked_at),
         1 / (1 + fallen[i]->attacked_at)});
  return finding;
}

}  // namespace leadline::detail::certify
