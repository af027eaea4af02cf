// What the probe `task` says at the end: estimates, checks, words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "leadline/core/plain.hpp"
#include "leadline/stats/coverage.hpp"
#include "leadline/stats/distributions.hpp"
#include "task_run.hpp"

namespace leadline::detail::task {

// One in a thousand: ten such checks in a report raise a false alarm in 1 % of honest reports.
constexpr double alarm_rate = 1e-3;

using metrics::ClassCounts;
using metrics::Confusion;
using stats::Ratio;

constexpr std::array<std::pair<const char*, Ratio>, 3> ratios{
    std::pair{"precision", Ratio::precision}, {"recall", Ratio::recall}, {"f1", Ratio::f_beta}};

/// Wilson's interval where it holds its level, else the one that always does.
std::string_view method_for(const Confusion& confusion, double level) {
  double hits = 0;
  for (const ClassCounts& counts : metrics::class_counts(confusion)) hits += counts.hit;
  const auto right = std::llround(hits), n = static_cast<long long>(confusion.n());
  if (n == 0 || std::min(right, n - right) >= 50) return "wilson";
  return stats::interval_is_valid_here(stats::ProportionMethod::wilson, right, n, level).valid
             ? "wilson"
             : "clopper_pearson";
}

void TaskRun::add_averages(Finding& finding, double level) const {
  Estimate accuracy = metrics::accuracy_of(confusion_, level, method_for(confusion_, level));
  const auto classes = metrics::class_counts(confusion_);
  double most = 0;
  for (const ClassCounts& counts : classes) most = std::max(most, counts.support);
  if (accuracy.ok()) accuracy.facts["majority_share"] = most / static_cast<double>(confusion_.n());
  finding.add("accuracy", std::move(accuracy), Better::higher, "share read correctly");
  finding.add("balanced_accuracy", metrics::balanced_accuracy_of(confusion_, level), Better::higher,
              "share read correctly, every class counting the same");
  for (const auto& [name, ratio] : ratios)
    for (const auto& [text, average] : {std::pair{"macro", metrics::Average::macro},
                                        {"micro", metrics::Average::micro},
                                        {"weighted", metrics::Average::weighted}})
      finding.add(fmt::format("{}{{average={}}}", name, text),
                  metrics::average_ratio(confusion_, ratio, average, level), Better::higher,
                  fmt::format("{}, {} average over classes", name, text));
}

void TaskRun::add_classes(Finding& finding, double level) const {
  const std::int64_t n_classes = confusion_.n_classes();
  std::vector<std::int64_t> shown(static_cast<std::size_t>(n_classes));
  std::iota(shown.begin(), shown.end(), 0);
  const auto recall = metrics::class_ratios(confusion_, Ratio::recall, level);
  if (n_classes > 50) {
    const auto key = [&](std::int64_t k) {
      return recall[static_cast<std::size_t>(k)].value_if_ok().value_or(2.0);
    };
    std::stable_sort(shown.begin(), shown.end(), [&](auto a, auto b) { return key(a) < key(b); });
    shown.resize(20);
    std::sort(shown.begin(), shown.end());
    finding.warnings.push_back(fmt::format("of {} classes the 20 weakest are listed", n_classes));
  }
  for (const auto& [name, ratio] : ratios) {
    const auto all =
        ratio == Ratio::recall ? recall : metrics::class_ratios(confusion_, ratio, level);
    for (const std::int64_t k : shown) {
      const std::string text = metrics::class_text(k, data_.class_names);
      finding.add(fmt::format("{}{{class={}}}", name, plain::key_value(text)),
                  all[static_cast<std::size_t>(k)], Better::higher,
                  fmt::format("{} of {}", name, text));
    }
  }
  finding.blocks.emplace_back(metrics::confusion_grid(confusion_, data_.class_names));
}

void TaskRun::add_losses(Finding& finding, double level) const {
  const std::int64_t n_classes = confusion_.n_classes();
  const std::int64_t k = options_.k.value_or(std::min<std::int64_t>(5, n_classes - 1));
  const auto none = [&] {
    return Estimate::absent(Status::not_measured, "the model gives labels only; scores are needed",
                            confusion_.n());
  };
  if (n_classes > 5 || options_.k) {
    Estimate top =
        n_scored_ == 0 ? none() : Estimate::rate(top_k_hits_, n_scored_, "wilson", level);
    if (k >= n_classes)
      top = Estimate::absent(Status::undefined, "k is not below the number of classes");
    finding.add(fmt::format("top_k_accuracy{{k={}}}", k), std::move(top), Better::higher,
                fmt::format("share whose true class is among the {} first guesses", k));
  }
  finding.add("log_loss", n_scored_ == 0 ? none() : log_loss(level), Better::lower,
              "surprise at the true class", "nats");
  finding.add("brier", n_scored_ == 0 ? none() : brier(level), Better::lower,
              "squared distance of the probabilities from the truth");
}

/// How often the t interval of such losses holds their mean, where that is too seldom.
std::optional<double> too_narrow(const Estimate& mean) {
  if (!mean.ok() || !mean.lower) return std::nullopt;
  const auto found = stats::mean_interval_is_valid_here(mean.n, mean.facts.at("skewness"),
                                                        mean.facts.at("kurtosis"), mean.level);
  return found.valid ? std::nullopt : std::optional(found.least_coverage);
}

/// A t interval knows the losses that were seen. None is given where those are too skewed for their
/// number, or where one more misread sample, by a model as sure as this one, would leave it.
Estimate TaskRun::log_loss(double level) const {
  Estimate mean =
      log_loss_.mean(metrics::MeanInterval::t, level, "the true class was given probability 0");
  if (!mean.ok() || !mean.lower) return mean;
  const auto n = static_cast<double>(n_scored_);
  const double one_more = surprise_ / n / n, half = *mean.upper - mean.value();
  std::string why;
  if (const auto covered = too_narrow(mean))
    why = fmt::format(
        "no interval: {} losses of skewness {:.3g} are too few, t would cover {:.3g} "
        "instead of {:g}",
        mean.n, mean.facts.at("skewness"), *covered, level);
  else if (one_more > half)
    why = fmt::format(
        "no interval: one more misread sample, as sure as the others, would add "
        "{:.2g}, t reaches {:.2g} up",
        one_more, half);
  if (why.empty()) return mean;
  Estimate plain = Estimate::of(mean.value(), mean.n, std::move(why));
  plain.facts = mean.facts;
  return plain;
}

/// Bounded: where t is too narrow, the interval that always holds.
Estimate TaskRun::brier(double level) const {
  Estimate mean = brier_.mean(metrics::MeanInterval::t, level, "");
  return too_narrow(mean) ? brier_.mean(metrics::MeanInterval::empirical_bernstein, level, "")
                          : mean;
}

/// Covers the classes that are too small; where there is none, all.
Check TaskRun::support_check(const Finding& finding) const {
  const auto classes = metrics::class_counts(confusion_);
  Check check{.name = "enough_samples_per_class", .result = Check::pass};
  std::vector<std::string> small, all;
  double least = static_cast<double>(confusion_.n());
  for (std::int64_t k = 0; k < std::ssize(classes); ++k) {
    const double support = classes[static_cast<std::size_t>(k)].support;
    const bool few = support < static_cast<double>(options_.few);
    const std::string text = metrics::class_text(k, data_.class_names);
    least = std::min(least, support);
    if (few && small.size() < 5) small.push_back(fmt::format("{} ({:.0f})", text, support));
    for (const auto& [name, ratio] : ratios) {
      const std::string full = fmt::format("{}{{class={}}}", name, plain::key_value(text));
      if (finding.find(full) == nullptr) continue;
      all.push_back(full);
      if (few) check.applies_to.push_back(full);
    }
  }
  if (small.empty()) {
    check.why = fmt::format("every class has at least {:.0f} samples", least);
  } else {
    check.result = Check::fail;
    check.why = fmt::format("too few samples of {}", fmt::join(small, ", "));
    check.remedy = fmt::format("collect at least {} samples of each class", options_.few);
  }
  if (check.applies_to.empty()) check.applies_to = std::move(all);
  return check;
}

void TaskRun::add_checks(Finding& finding) const {
  finding.checks.push_back(support_check(finding));
  std::int64_t occurring = 0, called = 0;
  for (const ClassCounts& counts : metrics::class_counts(confusion_)) {
    occurring += counts.support > 0;
    called += counts.called > 0;
  }
  const LabelOrder order = label_order(confusion_, data_.class_names);
  finding.checks.push_back(
      {.name = "labels_match_outputs",
       .result = order.suspicious ? Check::fail : Check::pass,
       .why = order.why,
       .remedy = order.suspicious
                     ? "compare the order of the model's outputs with the coding of the labels"
                     : "",
       .applies_to = {"*"},
       .p_value = order.p_value});

  Check degenerate{
      .name = "predicts_more_than_one_class", .result = Check::pass, .applies_to = {"*"}};
  degenerate.why = fmt::format("{} of {} occurring classes are predicted", called, occurring);
  if (occurring < 2) {
    degenerate.result = Check::not_run;
    degenerate.why = "the data holds one class only";
  } else if (called < 2) {
    degenerate.result = Check::fail;
    degenerate.why = fmt::format("one class is predicted for all {} samples, {} classes occur",
                                 confusion_.n(), occurring);
    degenerate.remedy = "check the weights that were loaded and the input's normalisation";
  }
  finding.checks.push_back(std::move(degenerate));
}

/// The class that is shown to be read worse than the average: its interval, corrected for the
/// number of classes, lies below. Where there is none, that.
std::string TaskRun::weakest_class(const Estimate& accuracy) const {
  const auto n_classes = static_cast<double>(confusion_.n_classes());
  const auto recall = metrics::class_ratios(confusion_, Ratio::recall,
                                            1 - (1 - accuracy.level) / std::max(n_classes, 1.0));
  std::int64_t weakest = -1;
  double least = accuracy.value();
  for (std::int64_t k = 0; k < std::ssize(recall); ++k) {
    const Estimate& e = recall[static_cast<std::size_t>(k)];
    if (!e.ok() || !e.upper || *e.upper >= accuracy.value() || e.value() >= least) continue;
    weakest = k;
    least = e.value();
  }
  if (weakest < 0)
    return "No class is shown to be read worse than the others, as far as these data show.";
  const auto low = metrics::class_ratios(confusion_, Ratio::recall, accuracy.level);
  return fmt::format("Errors are not spread evenly: of class '{}', {} are found.",
                     metrics::class_text(weakest, data_.class_names),
                     plain::share(low[static_cast<std::size_t>(weakest)]));
}

void TaskRun::add_words(Finding& finding) const {
  const Estimate& accuracy = finding.at("accuracy");
  if (!accuracy.ok()) return;
  const std::string things = data_.modality == Modality::image  ? "images"
                             : data_.modality == Modality::text ? "texts"
                                                                : "samples";
  Estimate wrong = Estimate::with(1 - accuracy.value(), 1 - *accuracy.upper, 1 - *accuracy.lower,
                                  accuracy.n, accuracy.method, accuracy.level);
  finding.headline =
      fmt::format("Of all {} {}, {} are read wrongly.", accuracy.n, things, plain::share(wrong));
  finding.consequence = wrong.value() > 0
                            ? weakest_class(accuracy)
                            : "Few errors are shown, not none: the range says how many could be.";
  if (accuracy.facts.at("majority_share") >= *accuracy.lower)
    finding.warnings.push_back(
        fmt::format("always naming the most frequent class would be right in {}",
                    plain::percent(accuracy.facts.at("majority_share"))));
  finding.remedies.push_back({"Look at the most confident mistakes: they are often wrong labels.",
                              "report.finding('" + finding.probe + "').flags"});
  finding.remedies.push_back({"Compare with another model on the same samples before choosing.",
                              "leadline.compare(model_a, model_b, data)"});
}

Finding TaskRun::finish(Session& session) {
  Finding finding;
  finding.probe = session.probe_id();
  if (confusion_.n() == 0) {
    finding.status = Status::empty;
    finding.why = "the data set is empty";
    return finding;
  }
  const double level = session.level();
  add_averages(finding, level);
  add_losses(finding, level);
  add_classes(finding, level);
  add_checks(finding);
  add_words(finding);
  for (const Exhibit& mistake : mistakes_.kept()) {
    finding.flags.push_back({mistake.id, mistake.title, mistake.severity});
    if (!mistake.images.empty() || !mistake.values.empty()) finding.blocks.emplace_back(mistake);
  }
  return finding;
}

LabelOrder label_order(const Confusion& confusion, const std::vector<std::string>& names) {
  LabelOrder found;
  const std::int64_t n = confusion.n(), n_classes = confusion.n_classes();
  const auto classes = metrics::class_counts(confusion);
  double chance = 0, hits = 0;
  for (const ClassCounts& c : classes) {
    chance += c.support * c.called / static_cast<double>(n) / static_cast<double>(n);
    hits += c.hit;
  }
  chance = std::clamp(chance, 0.0, 1.0);
  found.p_value = stats::binomial_cdf(std::llround(hits), n, chance);
  found.why = fmt::format("agreement {} against {} by chance",
                          plain::percent(hits / static_cast<double>(n)), plain::percent(chance));
  // classes that are called by each other's names more than by their own: follow until it closes
  std::vector<std::int64_t> called_as(classes.size(), -1);
  std::vector<double> p_of(classes.size(), 1.0);
  for (std::int64_t i = 0; i < n_classes; ++i)
    for (std::int64_t j = 0; j < n_classes; ++j) {
      const auto at = static_cast<std::size_t>(i);
      const auto best = called_as[at] < 0 ? i : called_as[at];
      if (confusion.at(i, j) <= confusion.at(i, best)) continue;
      called_as[at] = j;
      const auto other = std::llround(confusion.at(i, j)), own = std::llround(confusion.at(i, i));
      p_of[at] = stats::binomial_sf(other - 1, other + own, 0.5);  // sign test
    }
  for (std::int64_t start = 0; start < n_classes; ++start) {
    std::vector<std::int64_t> path{start};
    double worst = p_of[static_cast<std::size_t>(start)];
    std::int64_t next = called_as[static_cast<std::size_t>(start)];
    while (next >= 0 && next != start && std::ssize(path) <= n_classes &&
           std::find(path.begin(), path.end(), next) == path.end()) {
      path.push_back(next);
      worst = std::max(worst, p_of[static_cast<std::size_t>(next)]);
      next = called_as[static_cast<std::size_t>(next)];
    }
    const double p = std::min(1.0, worst * static_cast<double>(n_classes));
    if (next != start || path.size() < 2 || p >= alarm_rate) continue;
    found.suspicious = true;
    found.p_value = std::min(found.p_value, p);
    std::string chain;
    for (std::size_t i = 0; i < std::min<std::size_t>(path.size(), 6); ++i)
      chain += fmt::format("{} -> ", metrics::class_text(path[i], names));
    found.why += fmt::format("; most samples go round in a circle: {}{}", chain,
                             path.size() > 6 ? "..." : metrics::class_text(start, names));
    return found;
  }
  found.suspicious = found.p_value < alarm_rate;
  if (found.suspicious) found.why += "; a model that knows nothing does better";
  return found;
}

}  // namespace leadline::detail::task
