// From records to numbers.
#include <algorithm>
#include <cmath>

#include "attack_finding.hpp"
#include "attack_repeats.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/quantiles.hpp"

namespace leadline::detail::attack_run {
namespace {

/// The median of the nearest adversarial, by order statistics; of attacks that look for it.
void add_distance(const Outcome& outcome, Finding& finding) {
  if (!outcome.recipe.stages.front().minimum_norm) return;
  std::vector<double> found;
  for (const Record* r : outcome.counted)
    if (r->correct) found.push_back(r->distance);
  Estimate median = Estimate::absent(Status::undefined, "no sample was attacked");
  if (!found.empty()) {
    std::sort(found.begin(), found.end());
    const auto range = stats::quantile_order_range(std::ssize(found), 0.5, outcome.level);
    const double middle = found[(found.size() - 1) / 2];
    const auto at = [&](std::int64_t i) { return found[static_cast<std::size_t>(i)]; };
    if (!std::isfinite(middle))
      median = Estimate::absent(Status::undefined, "less than half of the samples were misled");
    else if (range && std::isfinite(at(range->upper)))
      median = Estimate::with(middle, at(range->lower), at(range->upper), std::ssize(found),
                              "order statistics", outcome.level);
    else
      median = Estimate::of(middle, std::ssize(found), "too few samples for an interval");
  }
  finding.add("distance", median, Better::higher,
              "size of the smallest change found that misleads, in the middle of the samples",
              "input units");
}

/// Mean forward and backward rows a sample attacked.
void add_cost(const Outcome& outcome, Finding& finding) {
  stats::Moments forwards, backwards;
  for (const Record* r : outcome.counted) {
    if (!r->correct) continue;
    forwards.add(static_cast<double>(r->forwards));
    backwards.add(static_cast<double>(r->backwards));
  }
  const auto mean = [&](const stats::Moments& m) {
    if (m.n == 0) return Estimate::absent(Status::undefined, "no sample was attacked");
    const auto interval = stats::mean_interval_t(m, outcome.level);
    return interval
               ? Estimate::with(m.mean, interval->lower, interval->upper, m.n, "t", outcome.level)
               : Estimate::of(m.mean, m.n, "one sample");
  };
  finding.add("queries", mean(forwards), Better::neither, "rows of the model asked a sample",
              "rows");
  if (outcome.recipe.stages.front().needs == robustness::Knowledge::white_box)
    finding.add("gradients", mean(backwards), Better::neither, "gradients taken a sample", "rows");
}

/// Stored examples run again, and the accuracy to expect where answers change from run to run.
void add_repeats(const Outcome& outcome, std::int64_t right, const std::string& key,
                 Finding& finding) {
  const Tally& t = outcome.tally;
  if (t.repeat_n == 0) return;
  const attack_repeats::Repeats repeats{t.repeat_n, repeats_of_success, t.repeat_fooled,
                                        t.repeat_square};
  finding.add("repeated_success", attack_repeats::repeated_success(repeats, outcome.level),
              Better::neither, "share of further runs of the stored examples that mislead again");
  const std::int64_t fooled =
      count_if(outcome, [](const Record& r) { return r.correct && std::isfinite(r.fooled_at); });
  if (repeats.all() || fooled == 0) return;
  finding.add(
      "expected_accuracy" + key,
      attack_repeats::expected_accuracy(repeats, std::ssize(outcome.counted), right, fooled,
                                        outcome.level),
      Better::higher,
      "share read correctly on average over further runs of what was found: the model draws "
      "random numbers, and one success in many questions is not success for good");
}

}  // namespace

void add_estimates(const Outcome& outcome, Finding& finding) {
  const auto n = std::ssize(outcome.counted);
  const auto eps_list = budgets_of(outcome);
  const auto keys = robustness::budget_keys(outcome.recipe.threat.norm, eps_list);
  const std::int64_t right = count_if(outcome, [](const Record& r) { return r.correct; });
  const auto rate = [&](std::int64_t k, std::int64_t of) {
    return Estimate::rate(k, of, "wilson", outcome.level);
  };
  const std::string things = thing(outcome);
  finding.add("clean_accuracy", rate(right, n), Better::higher,
              "share of " + things + " read correctly when nothing is changed");
  for (std::size_t b = 0; b < eps_list.size(); ++b) {
    const double eps = eps_list[b];
    const std::int64_t fooled =
        count_if(outcome, [&](const Record& r) { return r.correct && r.fooled_at <= eps; });
    finding.add("accuracy" + keys[b], rate(right - fooled, n), Better::higher,
                "share of " + things + " read correctly under changes of up to " +
                    budget_words(outcome, eps));
    finding.add("attack_success" + keys[b], rate(fooled, right), Better::lower,
                "share of the correctly read " + things + " that a change of up to " +
                    budget_words(outcome, eps) + " misleads");
  }
  add_distance(outcome, finding);
  add_cost(outcome, finding);
  const std::int64_t saturated =
      count_if(outcome, [](const Record& r) { return r.correct && r.saturated; });
  if (outcome.recipe.stages.front().needs == robustness::Knowledge::white_box)
    finding.add("saturated", rate(saturated, right), Better::neither,
                "share of the correctly read " + things +
                    " so confident that the plain cross-entropy has no gradient in float32");
  const Tally& t = outcome.tally;
  add_repeats(outcome, right, keys.back(), finding);
  if (t.byte_n > 0)
    finding.add("rounded_success", rate(t.byte_fooled, t.byte_n), Better::neither,
                "share of the stored examples that still mislead when saved with 8 bits a value");
}

}  // namespace leadline::detail::attack_run
