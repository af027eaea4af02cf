#include "leadline/decisions/rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/random.hpp"

namespace leadline {
namespace detail::rates {

using decisions::SizePoint;

/// Half the width of an interval as a standard error.
double error_of(const Estimate& estimate) {
  if (!estimate.ok() || !estimate.lower) return 0;
  return (*estimate.upper - *estimate.lower) / (2 * stats::normal_two_sided(estimate.level));
}

struct PowerLaw {
  double a = 0, b = 0, c = 0, chi_square = 0;
  [[nodiscard]] double at(double n) const { return a + b * std::pow(n, -c); }
};

/// Weighted least squares of y on n^-c for each c of a grid; the best.
PowerLaw fit(const std::vector<SizePoint>& points, const std::vector<double>& y,
             const std::vector<double>& errors) {
  PowerLaw best;
  best.chi_square = -1;
  for (int step = 0; step <= 76; ++step) {
    const double c = 0.1 + 0.025 * step;
    double sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double w = 1 / (errors[i] * errors[i]), x = std::pow(points[i].n, -c);
      sw += w;
      sx += w * x;
      sy += w * y[i];
      sxx += w * x * x;
      sxy += w * x * y[i];
    }
    const double determinant = sw * sxx - sx * sx;
    if (!(std::abs(determinant) > 1e-300)) continue;
    PowerLaw law;
    law.c = c;
    law.b = (sw * sxy - sx * sy) / determinant;
    law.a = (sy - law.b * sx) / sw;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double miss = (y[i] - law.at(points[i].n)) / errors[i];
      law.chi_square += miss * miss;
    }
    if (best.chi_square < 0 || law.chi_square < best.chi_square) best = law;
  }
  return best;
}

/// The size at which the law reaches `goal`; infinity when it never does.
double size_for(const PowerLaw& law, double goal, Better better) {
  const double left = goal - law.a;
  if (better == Better::higher ? law.a <= goal : law.a >= goal) return INFINITY;
  const double ratio = left / law.b;
  return ratio > 0 ? std::pow(ratio, -1 / law.c) : INFINITY;
}

/// `value` with percentiles of the draws; says how many draws never get there.
Estimate drawn(double value, std::vector<double> draws, std::int64_t n, double level) {
  if (!std::isfinite(value))
    return Estimate::absent(Status::undefined, "the fitted curve never reaches the goal", n);
  const auto infinite =
      std::count_if(draws.begin(), draws.end(), [](double d) { return !std::isfinite(d); });
  if (static_cast<double>(infinite) > 0.025 * static_cast<double>(draws.size()))
    return Estimate::of(
        value, n, fmt::format("{} of {} refits never reach the goal", infinite, draws.size()));
  std::erase_if(draws, [](double d) { return !std::isfinite(d); });
  const auto interval = stats::percentile_interval(draws, level);
  if (!interval) return Estimate::of(value, n, "too few refits");
  return Estimate::with(value, std::min(value, interval->lower), std::max(value, interval->upper),
                        n, "refits", level);
}

void check_points(const std::vector<SizePoint>& points) {
  if (points.size() < 2)
    throw ValueError("learning_curve", "at least 2 sizes", std::to_string(points.size()),
                     "measure at several sizes");
  for (std::size_t i = 0; i < points.size(); ++i)
    if (!(points[i].n > 0) || !std::isfinite(points[i].n) ||
        (i > 0 && points[i].n == points[i - 1].n))
      throw ValueError("learning_curve", "distinct sizes > 0", fmt::format("{:g}", points[i].n),
                       "give each size once");
}

void add_fit(Finding& finding, const std::vector<SizePoint>& points, Better better,
             std::optional<double> goal, std::uint64_t seed, std::int64_t draws) {
  std::vector<double> y, errors;
  double largest = 0;
  for (const SizePoint& point : points) {
    y.push_back(point.value.value());
    errors.push_back(error_of(point.value));
    largest = std::max(largest, errors.back());
  }
  if (largest <= 0) {
    finding.warnings.push_back("no point has an interval: no curve is fitted");
    return;
  }
  for (double& error : errors)
    error = std::max(error, 0.01 * largest);  // a flat point is not exact
  const PowerLaw law = fit(points, y, errors);
  std::vector<double> asymptotes, sizes;
  for (std::int64_t d = 0; d < draws; ++d) {
    stats::Rng rng(seed, "learning_curve", d);
    std::vector<double> noisy = y;
    for (std::size_t i = 0; i < y.size(); ++i) noisy[i] += errors[i] * rng.normal();
    const PowerLaw again = fit(points, noisy, errors);
    asymptotes.push_back(again.a);
    if (goal) sizes.push_back(size_for(again, *goal, better));
  }
  const double level = points.front().value.level;
  const std::int64_t n = points.back().value.n;
  finding.add("asymptote", drawn(law.a, asymptotes, n, level), better,
              "where the fitted curve leads to, however much data");
  if (goal)
    finding.add("n_needed", drawn(size_for(law, *goal, better), sizes, n, level), Better::lower,
                fmt::format("size at which the fitted curve reaches {:g}", *goal), "samples");
  const double df = static_cast<double>(points.size()) - 3;
  const double p = stats::chi_square_sf(law.chi_square, df);
  finding.checks.push_back(
      {.name = "fit_describes_points",
       .result = p < 0.01 ? Check::fail : Check::pass,
       .why = fmt::format("chi-square {:.3g} with {:g} degrees of freedom, p = {:.2g}",
                          law.chi_square, df, p),
       .remedy = p < 0.01 ? "do not extrapolate; measure at the size in question" : "",
       .applies_to = goal ? std::vector<std::string>{"asymptote", "n_needed"}
                          : std::vector<std::string>{"asymptote"},
       .p_value = p});
  auto& curve = std::get<Curve>(finding.blocks.front());
  Curve::Series line{"a + b n^-c", {}, {}, {}, {}};
  for (int i = 0; i <= 40; ++i) {
    const double n_at =
        points.front().n * std::pow(4 * points.back().n / points.front().n, i / 40.0);
    line.x.push_back(n_at);
    line.y.push_back(law.at(n_at));
  }
  curve.series.push_back(std::move(line));
  curve.note = fmt::format(
      "Fitted: {:.4g} + {:.4g} n^-{:.3g}; beyond the last point it "
      "extrapolates.",
      law.a, law.b, law.c);
}

}  // namespace detail::rates

namespace decisions {

Estimate never_events(std::int64_t events, std::int64_t n, double level) {
  if (n < 1 || events < 0 || events > n || !(level > 0 && level < 1))
    throw ValueError("never_events", "0 <= events <= n, n >= 1 and level in (0, 1)",
                     fmt::format("{} of {} at {}", events, n, level), "pass counts");
  const double upper = events == n ? 1
                                   : stats::beta_quantile(level, static_cast<double>(events + 1),
                                                          static_cast<double>(n - events));
  Estimate out = Estimate::with(static_cast<double>(events) / static_cast<double>(n), 0, upper, n,
                                "clopper_pearson_upper", level);
  out.facts["events"] = static_cast<double>(events);
  return out;
}

std::int64_t never_event_samples(double limit, double level) {
  if (!(limit > 0 && limit < 1 && level > 0 && level < 1))
    throw ValueError("never_event_samples", "limit and level in (0, 1)",
                     fmt::format("{} and {}", limit, level), "the limit is a rate, e.g. 0.001");
  // 1e-9: an exact quotient must not round up
  return static_cast<std::int64_t>(std::ceil(std::log1p(-level) / std::log1p(-limit) - 1e-9));
}

Estimate unpaired_difference(const Estimate& first, const Estimate& second) {
  if (!first.ok() || !second.ok())
    return Estimate::absent(Status::undefined,
                            "one of the two has no value: " + (first.ok() ? second : first).why);
  const double d = second.value() - first.value();
  const std::int64_t n = std::min(first.n, second.n);
  if (!first.lower || !second.lower) return Estimate::of(d, n, "one of the two has no interval");
  if (first.level != second.level)
    throw ValueError("unpaired_difference", "intervals of one level",
                     fmt::format("{} and {}", first.level, second.level), "use one level");
  const double below = std::hypot(second.value() - *second.lower, *first.upper - first.value());
  const double above = std::hypot(*second.upper - second.value(), first.value() - *first.lower);
  return Estimate::with(d, d - below, d + above, n, "unpaired", first.level);
}

Finding generalization_gap(const Estimate& train, const Estimate& test, Better better,
                           double allowed) {
  if (!(allowed >= 0))
    throw ValueError("generalization_gap", "allowed >= 0", fmt::format("{}", allowed),
                     "it is the gap that is still accepted, e.g. 0.05");
  Finding finding;
  finding.probe = "generalization_gap";
  finding.kind = "decisions.generalization_gap";
  finding.question = "How much worse is it on samples it did not learn from?";
  finding.options = {{"allowed", fmt::format("{:g}", allowed)}};
  finding.add("train", train, better, "on the samples it learned from");
  finding.add("test", test, better, "on new samples");
  // oriented: positive is worse on new samples
  const Estimate gap =
      better == Better::lower ? unpaired_difference(train, test) : unpaired_difference(test, train);
  finding.add("gap", gap, Better::lower, "by how much it is worse on new samples");
  Check check{.name = "gap_is_small", .result = Check::not_run, .applies_to = {"train"}};
  check.why = gap.text();
  check.evidence = gap;
  if (gap.ok() && gap.lower) {
    check.result = *gap.lower > allowed ? Check::fail : Check::pass;
    check.why = fmt::format("the gap is {}, {:g} is allowed", gap.text(), allowed);
    if (check.result == Check::fail)
      check.remedy = "believe the test value; regularise, or collect more training data";
  }
  finding.checks.push_back(std::move(check));
  finding.headline =
      gap.ok() && gap.lower
          ? fmt::format("On new samples it is worse by {:.3g} (between {:.3g} and {:.3g}).",
                        gap.value(), *gap.lower, *gap.upper)
          : "The gap between old and new samples is not known.";
  return finding;
}

Finding learning_curve(std::vector<SizePoint> points, Better better, std::optional<double> goal,
                       std::uint64_t seed, std::int64_t draws) {
  std::sort(points.begin(), points.end(),
            [](const SizePoint& x, const SizePoint& y) { return x.n < y.n; });
  detail::rates::check_points(points);
  Finding finding;
  finding.probe = "learning_curve";
  finding.kind = "decisions.learning_curve";
  finding.question = "Would more data help?";
  Curve curve;
  curve.title = "Learning curve";
  curve.x_label = "samples";
  curve.y_label = "metric";
  curve.log_x = true;
  Curve::Series measured{"measured", {}, {}, {}, {}, Curve::Series::points};
  TableBlock table;
  table.title = "Metric by size";
  table.columns = {"samples", "metric"};
  std::vector<SizePoint> usable;
  for (const SizePoint& point : points) {
    finding.add(fmt::format("value{{n={:g}}}", point.n), point.value, better,
                "metric at this size");
    table.rows.push_back({point.n, point.value});
    if (!point.value.ok()) continue;
    usable.push_back(point);
    measured.x.push_back(point.n);
    measured.y.push_back(point.value.value());
    measured.lower.push_back(point.value.lower.value_or(point.value.value()));
    measured.upper.push_back(point.value.upper.value_or(point.value.value()));
  }
  curve.series.push_back(std::move(measured));
  finding.blocks.emplace_back(std::move(curve));
  finding.blocks.emplace_back(std::move(table));
  if (usable.size() >= 4) detail::rates::add_fit(finding, usable, better, goal, seed, draws);
  if (usable.size() < 2) {
    finding.status = Status::undefined;
    finding.why = "fewer than two sizes have a value";
    return finding;
  }
  const Estimate step = unpaired_difference(usable[usable.size() - 2].value, usable.back().value);
  const double sign = better == Better::lower ? -1 : 1;
  const bool helps = step.ok() && step.lower && (sign > 0 ? *step.lower > 0 : *step.upper < 0);
  finding.headline = helps ? fmt::format(
                                 "From {:g} to {:g} samples it still improved by {:.3g}: "
                                 "more data would help.",
                                 usable[usable.size() - 2].n, usable.back().n, sign * step.value())
                           : fmt::format("From {:g} to {:g} samples no improvement is shown.",
                                         usable[usable.size() - 2].n, usable.back().n);
  return finding;
}

}  // namespace decisions
}  // namespace leadline
