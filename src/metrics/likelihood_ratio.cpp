// Likelihood ratios of a decision: two independent rates, one over the other.
#include <algorithm>
#include <cmath>
#include <limits>

#include "leadline/metrics/class_ratio.hpp"
#include "leadline/metrics/negative_likelihood_ratio.hpp"
#include "leadline/metrics/positive_likelihood_ratio.hpp"
#include "leadline/stats/two_proportions.hpp"

namespace leadline::detail::likelihood_ratio {
using metrics::BinaryCells4;

/// Cells of one class against the rest, scaled to the effective number of samples.
BinaryCells4 cells_of(const metrics::Confusion& confusion, std::int64_t positive) {
  const auto all = metrics::one_against_rest(confusion);
  if (positive >= std::ssize(all)) return {};
  const double scale = confusion.n_effective() / confusion.total();
  const BinaryCells4& c = all[static_cast<std::size_t>(positive)];
  return {c.tp * scale, c.fn * scale, c.fp * scale, c.tn * scale};
}

/// `calls`: the ratio of calls, else of calls withheld.
Estimate estimate(const metrics::Confusion& confusion, std::int64_t positive, bool calls,
                  double level) {
  const std::int64_t n = confusion.n();
  if (n == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (!(confusion.total() > 0)) return Estimate::absent(Status::undefined, "every weight is 0", n);
  const BinaryCells4 c = cells_of(confusion, positive);
  const double there = c.tp + c.fn, rest = c.fp + c.tn;
  if (!(there > 0 && rest > 0))
    return Estimate::absent(Status::undefined,
                            there > 0 ? "every sample is of the class" : "the class does not occur",
                            n);
  const double first = calls ? c.tp : c.fn, second = calls ? c.fp : c.tn;
  const auto found =
      stats::ratio_interval(std::min(first, there), there, std::min(second, rest), rest, level);
  if (!found.value)
    return Estimate::absent(Status::undefined,
                            calls ? "no sample of another class was called so"
                                  : "every sample of another class was called so",
                            n);
  Estimate out = Estimate::with(
      *found.value, std::min(found.lower, *found.value), std::max(found.upper, *found.value), n,
      found.method == stats::RatioMethod::katz ? "katz" : "koopman", level);
  if (confusion.weighted()) out.facts["n_effective"] = confusion.n_effective();
  return out;
}

}  // namespace leadline::detail::likelihood_ratio

namespace leadline::metrics {
namespace likelihood_impl = leadline::detail::likelihood_ratio;

PositiveLikelihoodRatio::PositiveLikelihoodRatio(Options options) : TableMetric(options) {}
MetricInfo PositiveLikelihoodRatio::info() const {
  return {"positive_likelihood_ratio",
          Better::higher,
          {0, std::numeric_limits<double>::infinity()},
          "",
          "how many times likelier a call is where the class is there",
          {"prediction", "target"}};
}
Estimate PositiveLikelihoodRatio::estimate(const Decisions& fold) const {
  return likelihood_impl::estimate(fold.confusion(), options_.positive_class, true, options_.level);
}

NegativeLikelihoodRatio::NegativeLikelihoodRatio(Options options) : TableMetric(options) {}
MetricInfo NegativeLikelihoodRatio::info() const {
  return {"negative_likelihood_ratio",
          Better::lower,
          {0, std::numeric_limits<double>::infinity()},
          "",
          "how many times likelier no call is where the class is there",
          {"prediction", "target"}};
}
Estimate NegativeLikelihoodRatio::estimate(const Decisions& fold) const {
  return likelihood_impl::estimate(fold.confusion(), options_.positive_class, false,
                                   options_.level);
}

}  // namespace leadline::metrics
