// What the probe `latency` says at the end.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <utility>

#include "latency_run.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/quantiles.hpp"

namespace leadline::detail::latency {

/// "3.2 ms".
std::string time_text(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.3g} us", seconds * 1e6);
  return seconds < 1 ? fmt::format("{:.3g} ms", seconds * 1e3) : fmt::format("{:.3g} s", seconds);
}

/// Fewest queries from which `percentile` gives a value.
std::int64_t queries_needed(double p, double level) {
  // early stopping sets one slower query aside: as many as may be over, and the one that is told
  std::int64_t n = p > 0.5 ? stats::early_stopping_needed(1, p) + 1 : 6;
  while (!stats::quantile_order_range(n, p, level)) ++n;
  return n;
}

Estimate percentile(const std::vector<double>& seconds, double p, double level) {
  const auto n = static_cast<std::int64_t>(seconds.size());
  const auto interval = stats::quantile_interval(seconds, p, level);
  const auto stopping = stats::early_stopping_percentile(seconds, p);
  if (!interval || (p > 0.5 && !stopping))
    return Estimate::absent(Status::not_measured,
                            fmt::format("{} queries were timed; {} more would show it", n,
                                        std::max<std::int64_t>(1, queries_needed(p, level) - n)),
                            n);
  const double value = stats::quantile(seconds, p);
  Estimate estimate =
      Estimate::with(value, std::min(interval->lower, value), std::max(interval->upper, value), n,
                     "order_statistics", level);
  if (stopping) estimate.facts["early_stopping"] = stopping->value;
  return estimate;
}

void LatencyRun::add_percentiles(Finding& finding, double level) const {
  for (const auto& [name, p] : {std::pair{50, 0.5}, {90, 0.9}, {99, 0.99}})
    finding.add(fmt::format("latency{{percentile={}}}", name), percentile(single_, p, level),
                Better::lower, fmt::format("time within which {} in 100 answers come", name), "s");
  Curve curve;
  curve.title = "Time of one answer";
  curve.x_label = "seconds";
  curve.y_label = "share of answers within";
  Curve::Series series;
  series.name = "single stream";
  series.style = Curve::Series::step;
  std::vector<double> sorted = single_;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t step = std::max<std::size_t>(1, sorted.size() / 200);
  for (std::size_t i = 0; i < sorted.size(); i += step) {
    series.x.push_back(sorted[i]);
    series.y.push_back(static_cast<double>(i + 1) / static_cast<double>(sorted.size()));
  }
  curve.series.push_back(std::move(series));
  finding.blocks.emplace_back(std::move(curve));
}

void LatencyRun::add_throughput(Finding& finding, double level) const {
  Estimate throughput = Estimate::absent(Status::empty, "no batch was timed");
  if (!offline_.empty()) {
    stats::Moments moments;
    moments.add(offline_);
    const auto samples = static_cast<double>(batch_);
    const std::int64_t n = std::ssize(offline_) * batch_;
    const auto interval = stats::mean_interval_t(moments, level);
    const double value = samples / std::max(moments.mean, 1e-12);
    if (interval && interval->lower > 0)
      throughput = Estimate::with(value, std::min(value, samples / interval->upper),
                                  std::max(value, samples / interval->lower), n, "t", level);
    else
      throughput = Estimate::of(value, n, "the times of the batches scatter too much");
    throughput.facts["batch_size"] = samples;
  }
  finding.add("throughput", std::move(throughput), Better::higher, "answers a second in batches",
              "samples/s");
  finding.add(
      "memory_growth",
      memory_growth_ < 0
          ? Estimate::absent(Status::not_measured, "the system does not tell the resident memory")
          : Estimate::of(memory_growth_, std::ssize(single_), "measured once"),
      Better::lower, "memory that the process gained while answering", "bytes");
}

void LatencyRun::add_size(Finding& finding) const {
  const auto add = [&](const char* name, const std::optional<std::int64_t>& value,
                       const char* label, const char* unit) {
    finding.add(
        name,
        value ? Estimate::of(static_cast<double>(*value), 0, "counted, not estimated")
              : Estimate::absent(Status::not_measured, "the subject does not show its parameters"),
        Better::lower, label, unit);
  };
  add("parameters", size_.parameters, "numbers that were learnt", "");
  add("parameter_bytes", size_.bytes, "memory of parameters and buffers", "bytes");
  add("multiply_adds", size_.multiply_adds, "multiplications with addition for one answer", "");
  if (!size_.convention.empty()) finding.warnings.push_back("counted: " + size_.convention);
  if (!size_.uncounted.empty())
    finding.warnings.push_back(
        fmt::format("not in multiply_adds: {}", fmt::join(size_.uncounted, ", ")));
}

std::vector<std::string> percentile_names() {
  return {"latency{percentile=50}", "latency{percentile=90}", "latency{percentile=99}"};
}

Check LatencyRun::clock_check() const {
  const double median = stats::quantile(single_, 0.5);
  const bool fine = resolution_ <= 0.01 * median;
  return {.name = "clock_resolves_latency",
          .result = fine ? Check::pass : Check::fail,
          .why = fmt::format("the clock steps by {}, the median answer takes {}",
                             time_text(resolution_), time_text(median)),
          .remedy = fine ? "" : "read throughput instead: batches are long enough to be timed",
          .applies_to = percentile_names()};
}

/// The quickest tenth of the first and of the last quarter: what interruptions cannot move.
std::pair<double, double> floors(std::span<const double> seconds) {
  const std::size_t quarter = seconds.size() / 4;
  return {stats::quantile(seconds.first(quarter), 0.1),
          stats::quantile(seconds.last(quarter), 0.1)};
}

/// Whether the second half of the queries is as fast as the first, and if not, why: a model that
/// slows down also slows its quickest answers, and more than it slows a fixed piece of work that is
/// timed between the queries. Other work on the machine does neither; the check is then not run.
Check LatencyRun::steady_check() const {
  Check steady{.name = "latency_is_steady", .applies_to = percentile_names()};
  const std::size_t half = single_.size() / 2;
  if (half < 50) {
    steady.why = fmt::format("{} queries; 100 are needed", single_.size());
    return steady;
  }
  const std::span<const double> all(single_);
  const auto a = all.first(half), b = all.subspan(half);
  const double first = stats::quantile(a, 0.5), second = stats::quantile(b, 0.5);
  const auto x = stats::quantile_interval(a, 0.5, 0.999);
  const auto y = stats::quantile_interval(b, 0.5, 0.999);
  const double ratio = second / std::max(first, 1e-12);
  steady.result = Check::pass;
  steady.why = fmt::format("median {} in the first half, {} in the second", time_text(first),
                           time_text(second));
  // apart beyond chance, and by more than matters
  const bool apart = x && y && (x->upper < y->lower || y->upper < x->lower);
  if (!apart || (ratio < 1.25 && ratio > 0.8)) return steady;
  const auto [early, late] = floors(all);
  const auto [before, after] = floors(yardstick_);
  const double own = late / std::max(early, 1e-12), machine = after / std::max(before, 1e-12);
  // Where processors are short, cold caches slow even the quickest answers.
  const bool quiet = waited_ >= 0 && waited_ < 0.1;
  const double most = quiet ? 1.5 : 2.2;
  const bool by_model =
      ratio > 1 ? std::min(own, own / machine) > most : std::max(own, own / machine) < 1 / most;
  if (by_model) {
    steady.result = Check::fail;
    steady.why +=
        fmt::format("; its quickest answers went from {} to {}", time_text(early), time_text(late));
    steady.remedy = ratio > 1 ? "the model slows down while it answers: look for memory or caches "
                                "that grow, or a processor that gets hot"
                              : "warm up longer: the first answers were not yet at speed";
    return steady;
  }
  steady.result = Check::not_run;
  steady.why += fmt::format(
      "; its quickest answers went from {} to {} and a fixed piece of work from {} to {}: other "
      "work on the machine hides whether the model is steady",
      time_text(early), time_text(late), time_text(before), time_text(after));
  if (!quiet && waited_ >= 0)
    steady.why += fmt::format("; it waited for a processor {:.0f} % of the time", 100 * waited_);
  steady.remedy = "keep the machine idle and measure again";
  return steady;
}

void LatencyRun::add_checks(Finding& finding) const {
  finding.checks = {clock_check(), steady_check()};
  const Check& steady = finding.checks.back();
  if (steady.result == Check::not_run && !steady.remedy.empty())
    finding.warnings.push_back("the machine was not quiet: " + steady.why);
}

Finding LatencyRun::finish(Session& session) {
  Finding finding;
  if (single_.empty()) {
    finding.status = Status::empty;
    finding.why = "no query was timed";
    return finding;
  }
  const double level = session.level();
  add_percentiles(finding, level);
  add_throughput(finding, level);
  add_size(finding);
  add_checks(finding);
  const Estimate& slow = finding.at("latency{percentile=99}");
  const Estimate& rate = finding.at("throughput");
  finding.headline = fmt::format(
      "An answer takes {}{}{}.", time_text(stats::quantile(single_, 0.5)),
      slow.ok() ? fmt::format(", 1 in 100 longer than {}", time_text(slow.value())) : "",
      rate.ok() ? fmt::format("; in batches it gives {:.0f} a second", rate.value()) : "");
  if (!slow.ok()) finding.warnings.push_back("the slowest answers are not known: " + slow.why);
  finding.remedies.push_back({"Measure on the machine that will serve, under its own load.", ""});
  return finding;
}

}  // namespace leadline::detail::latency
