#include "leadline/stats/effect_size.hpp"

#include <algorithm>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "leadline/stats/contingency.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/ranking.hpp"
#include "stats/arguments.hpp"

namespace leadline::stats {
namespace detail::effect_size {

namespace bm = boost::math;
using Policy = bm::policies::policy<bm::policies::promote_double<false>>;

Effect undefined(std::int64_t n, std::string_view why) {
  Effect effect;
  effect.n = n;
  effect.why = why;
  return effect;
}

/// P(T <= t) at noncentrality `shift`; the normal where the series would be long.
double noncentral_cdf(double t, double df, double shift) {
  if (df > 1e4 || std::abs(shift) > 35.0)  // Johnson and Kotz: good to 1e-4 out there
    return normal_cdf((t * (1.0 - 1.0 / (4.0 * df)) - shift) / std::sqrt(1.0 + t * t / (2.0 * df)));
  if (shift == 0.0) return student_t_cdf(t, df);
  return cdf(bm::non_central_t_distribution<double, Policy>(df, shift), t);
}

/// The x in [low, high] where the falling `f` meets `goal`.
template <class F>
double meet(double low, double high, double goal, F f) {
  for (int i = 0; i < 60; ++i) {
    const double middle = low + (high - low) / 2.0;
    (f(middle) > goal ? low : high) = middle;
  }
  return low + (high - low) / 2.0;
}

/// Effect `t / scale` with the noncentralities at which t is at the tails.
Effect from_t(double t, double df, double scale, std::int64_t n, double level) {
  const double tail = (1.0 - level) / 2.0;
  const double reach = 10.0 * (1.0 + std::abs(t) / std::sqrt(2.0 * df)) + 8.0;
  const auto cdf_at = [&](double shift) { return noncentral_cdf(t, df, shift); };
  Effect effect;
  effect.n = n;
  effect.method = "noncentral_t";
  effect.value = t / scale;
  effect.interval = {meet(t - reach, t, 1.0 - tail, cdf_at) / scale,
                     meet(t, t + reach, tail, cdf_at) / scale};
  effect.interval.lower = std::min(effect.interval.lower, *effect.value);
  effect.interval.upper = std::max(effect.interval.upper, *effect.value);
  return effect;
}

void check(const char* where, const Moments& moments, double level) {
  arguments::check_level(where, level);
  if (moments.n < 0 || !std::isfinite(moments.mean) || !std::isfinite(moments.m2))
    throw ValueError(where, "finite values", std::to_string(moments.mean) + " as their mean",
                     "leave out what is undefined");
}

double arcsine(double share) { return 2.0 * std::asin(std::sqrt(share)); }

}  // namespace detail::effect_size

Effect cohen_d(const Moments& first, const Moments& second, double level) {
  namespace d = detail::effect_size;
  d::check("cohen_d", first, level);
  d::check("cohen_d", second, level);
  const auto n = first.n + second.n;
  if (first.n < 2 || second.n < 2) return d::undefined(n, "fewer than two values in a group");
  const auto n1 = static_cast<double>(first.n), n2 = static_cast<double>(second.n);
  const double df = n1 + n2 - 2.0, scale = std::sqrt(n1 * n2 / (n1 + n2));
  const double spread = std::sqrt((first.m2 + second.m2) / df);
  if (spread == 0.0) return d::undefined(n, "the values of neither group differ");
  return d::from_t((first.mean - second.mean) / spread * scale, df, scale, n, level);
}

Effect hedges_g(const Moments& first, const Moments& second, double level) {
  Effect effect = cohen_d(first, second, level);
  if (!effect.value) return effect;
  const double df = static_cast<double>(effect.n) - 2.0;
  // Gamma(df / 2) / (sqrt(df / 2) Gamma((df - 1) / 2))
  const double factor =
      boost::math::tgamma_delta_ratio((df - 1.0) / 2.0, 0.5, detail::effect_size::Policy());
  const double correct = 1.0 / (factor * std::sqrt(df / 2.0));
  *effect.value *= correct;
  effect.interval.lower *= correct;
  effect.interval.upper *= correct;
  return effect;
}

Effect cohen_d(const Moments& differences, double level) {
  namespace d = detail::effect_size;
  d::check("cohen_d", differences, level);
  if (differences.n < 2) return d::undefined(differences.n, "fewer than two values");
  const double spread = differences.standard_deviation();
  if (spread == 0.0) return d::undefined(differences.n, "the values do not differ");
  const auto n = static_cast<double>(differences.n);
  return d::from_t(differences.mean / spread * std::sqrt(n), n - 1.0, std::sqrt(n), differences.n,
                   level);
}

Effect cliff_delta(std::span<const double> first, std::span<const double> second, double level) {
  namespace d = detail::effect_size;
  detail::arguments::check_level("cliff_delta", level);
  detail::arguments::check_finite("cliff_delta", first);
  detail::arguments::check_finite("cliff_delta", second);
  const auto n = static_cast<std::int64_t>(first.size() + second.size());
  if (first.empty() || second.empty()) return d::undefined(n, "a group is empty");
  const auto area = auroc(first, second, level);
  Effect effect;
  effect.n = n;
  effect.method = "delong";
  effect.value = 2.0 * area.value - 1.0;
  effect.interval = {2.0 * area.interval.lower - 1.0, 2.0 * area.interval.upper - 1.0};
  return effect;
}

Effect odds_ratio(double successes1, double n1, double successes2, double n2, double level) {
  namespace d = detail::effect_size;
  detail::arguments::check_counts("odds_ratio", successes1, n1);
  detail::arguments::check_counts("odds_ratio", successes2, n2);
  detail::arguments::check_level("odds_ratio", level);
  Effect effect;
  effect.n = static_cast<std::int64_t>(n1 + n2);
  double a = successes1, b = n1 - successes1, c = successes2, e = n2 - successes2;
  const bool up = b == 0.0 || c == 0.0, down = a == 0.0 || e == 0.0;  // infinite; zero
  effect.method = up || down ? "woolf_haldane" : "woolf";
  if (up && down) effect.why = "0 / 0: a row or column has no count";
  if (up && !down) effect.why = "infinite: no failure of the first or no success of the second";
  if (!up) effect.value = a * e / (b * c);
  if (up || down)
    for (double* cell : {&a, &b, &c, &e}) *cell += 0.5;
  const double centre = std::log(a * e / (b * c));
  const double half = normal_two_sided(level) * std::sqrt(1.0 / a + 1.0 / b + 1.0 / c + 1.0 / e);
  effect.interval = {down ? 0.0 : std::exp(centre - half),
                     up ? std::numeric_limits<double>::infinity() : std::exp(centre + half)};
  return effect;
}

Effect cohen_h(double successes1, double n1, double successes2, double n2, double level) {
  namespace d = detail::effect_size;
  detail::arguments::check_counts("cohen_h", successes1, n1);
  detail::arguments::check_counts("cohen_h", successes2, n2);
  detail::arguments::check_level("cohen_h", level);
  const auto n = static_cast<std::int64_t>(n1 + n2);
  if (n1 == 0.0 || n2 == 0.0) return d::undefined(n, "a group is empty");
  const double h = d::arcsine(successes1 / n1) - d::arcsine(successes2 / n2);
  const double half = normal_two_sided(level) * std::sqrt(1.0 / n1 + 1.0 / n2);
  Effect effect;
  effect.n = n;
  effect.method = "arcsine";
  effect.value = h;
  effect.interval = {std::max(-std::numbers::pi, h - half), std::min(std::numbers::pi, h + half)};
  return effect;
}

Effect cramer_v(std::span<const std::int64_t> counts, std::int64_t rows, std::int64_t columns,
                double level) {
  namespace d = detail::effect_size;
  detail::arguments::check_level("cramer_v", level);
  const auto test = chi_square_test(counts, rows, columns, false);
  if (!test.ok()) return d::undefined(test.n, test.why);
  std::vector<bool> row(static_cast<std::size_t>(rows)), column(static_cast<std::size_t>(columns));
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) row[i / column.size()] = column[i % column.size()] = true;
  const auto r = std::count(row.begin(), row.end(), true);
  const auto c = std::count(column.begin(), column.end(), true);
  const double scale = static_cast<double>(test.n) * static_cast<double>(std::min(r, c) - 1);
  const double tail = (1.0 - level) / 2.0, x = test.statistic;
  const auto cdf_at = [&](double shift) {
    if (shift == 0.0) return chi_square_cdf(x, test.df);
    if (shift > 1e4)  // far out the normal is good to 1e-3 and the series long
      return normal_cdf((x - test.df - shift) / std::sqrt(2.0 * (test.df + 2.0 * shift)));
    return cdf(boost::math::non_central_chi_squared_distribution<double, d::Policy>(test.df, shift),
               x);
  };
  const double reach = x + 20.0 * std::sqrt(x + test.df) + 100.0;
  const double low = cdf_at(0.0) <= 1.0 - tail ? 0.0 : d::meet(0.0, reach, 1.0 - tail, cdf_at);
  const double high = cdf_at(0.0) <= tail ? 0.0 : d::meet(0.0, reach, tail, cdf_at);
  Effect effect;
  effect.n = test.n;
  effect.method = "noncentral_chi_square";
  effect.value = std::min(1.0, std::sqrt(x / scale));
  effect.interval = {std::min(*effect.value, std::sqrt(low / scale)),
                     std::clamp(std::sqrt(high / scale), *effect.value, 1.0)};
  return effect;
}

}  // namespace leadline::stats
