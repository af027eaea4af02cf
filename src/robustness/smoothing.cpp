#include "leadline/robustness/smoothing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/input_rows.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/tests.hpp"
#include "votes.hpp"

namespace leadline::detail::smoothing {

/// Kind of the output as votes read it.
OutputKind votes_kind(const SubjectInfo& info, OutputKind asked) {
  const OutputKind kind = asked == OutputKind::unknown ? info.output : asked;
  if (kind == OutputKind::values)
    throw CapabilityError("Smoothing", "a model that names classes", "a model that returns values",
                          "classification only");
  return kind == OutputKind::unknown ? OutputKind::logits : kind;
}

std::vector<SampleId> ids_of(const Inputs& x, std::span<const SampleId> given) {
  const std::int64_t n = x.primary.size(0);
  if (!given.empty() && std::ssize(given) != n)
    throw ShapeError("Smoothing", fmt::format("{} ids, one a row", n),
                     fmt::format("{}", given.size()), "leave 'ids' out to number the rows");
  std::vector<SampleId> ids(given.begin(), given.end());
  for (std::int64_t i = std::ssize(ids); i < n; ++i) ids.push_back(i);
  return ids;
}

void check_draws(const robustness::SmoothingDraws& draws) {
  if (draws.n < 1 || draws.n0 < 1 || draws.batch_size < 1)
    throw ValueError("Smoothing", "n, n0 and batch_size of at least 1",
                     fmt::format("{}, {} and {}", draws.n, draws.n0, draws.batch_size),
                     "n=100_000 and n0=100 are usual");
  if (!(draws.alpha > 0 && draws.alpha < 0.5))
    throw ValueError("Smoothing", "alpha in (0, 0.5)", fmt::format("{}", draws.alpha),
                     "alpha=0.001 is usual");
}

robustness::SmoothedPrediction decide(const votes::Counts& counts, std::int64_t n, double alpha) {
  robustness::SmoothedPrediction found;
  found.n = n;
  std::int64_t best = -1;
  for (const auto& [label, k] : counts) {
    if (k > found.first) {
      found.second = found.first;
      found.first = k;
      best = label;
    } else {
      found.second = std::max(found.second, k);
    }
  }
  found.p_value = stats::binomial_test(found.first, found.first + found.second, 0.5);
  if (found.p_value <= alpha) found.label = best;
  return found;
}

}  // namespace leadline::detail::smoothing

namespace leadline::robustness {

double success_rate_bound(std::int64_t k, std::int64_t n, double alpha) {
  if (k < 0 || k > n || n < 1 || !(alpha > 0 && alpha < 1))
    throw ValueError("success_rate_bound", "0 <= k <= n, n >= 1 and alpha in (0, 1)",
                     fmt::format("k = {}, n = {}, alpha = {}", k, n, alpha), "");
  if (k == 0) return 0;
  if (k == n) return std::pow(alpha, 1 / static_cast<double>(n));
  return stats::beta_quantile(alpha, static_cast<double>(k), static_cast<double>(n - k + 1));
}

double smoothing_radius(double p, double sigma) {
  return p <= 0.5 ? 0 : sigma * stats::normal_quantile(p);
}

double largest_radius(std::int64_t n, double alpha, double sigma) {
  return smoothing_radius(success_rate_bound(n, n, alpha), sigma);
}

std::int64_t draws_needed(double radius, double alpha, double sigma) {
  const double p = std::max(stats::normal_cdf(radius / sigma), std::nextafter(0.5, 1.0));
  auto n = static_cast<std::int64_t>(std::ceil(std::log(alpha) / std::log(p)));
  n = std::max<std::int64_t>(n - 1, 1);  // the logarithms are rounded
  while (success_rate_bound(n, n, alpha) < p) ++n;
  return n;
}

Smoothing::Smoothing(std::shared_ptr<Model> model, double sigma, OutputKind output)
    : model_(std::move(model)), sigma_(sigma), output_(output) {
  if (model_ == nullptr) throw TypeError("Smoothing", "a model", "none", "");
  if (!(std::isfinite(sigma) && sigma > 0))
    throw ValueError("Smoothing", "sigma above 0 and finite", fmt::format("{}", sigma),
                     "give the standard deviation of the noise in input units, e.g. 0.25");
  output_ = detail::smoothing::votes_kind(model_->info(), output);
}

std::vector<SmoothedCertificate> Smoothing::certify(const Inputs& x, const SmoothingDraws& draws,
                                                    std::span<const SampleId> ids) const {
  detail::smoothing::check_draws(draws);
  detail::votes::check_certify("Smoothing.certify", draws, sigma_);
  const auto keys = detail::smoothing::ids_of(x, ids);
  const auto held = model_->hold();
  const stats::Stream stream(draws.seed, "smoothing");
  std::vector<SmoothedCertificate> all;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Inputs one = detail::inputs::rows_of(x, static_cast<std::int64_t>(i), 1);
    detail::votes::NoisyRow row(*model_, output_, one, sigma_, stream, keys[i]);
    all.push_back(*detail::votes::certify(row, sigma_, draws));
  }
  return all;
}

std::vector<SmoothedPrediction> Smoothing::predict(const Inputs& x, const SmoothingDraws& draws,
                                                   std::span<const SampleId> ids) const {
  detail::smoothing::check_draws(draws);
  if (const double p = stats::binomial_test(draws.n, draws.n, 0.5); p > draws.alpha)
    throw ValueError("Smoothing.predict",
                     fmt::format("draws that can decide at alpha = {:g}", draws.alpha),
                     fmt::format("n = {}: even if all agree, p = {:.3g}", draws.n, p),
                     fmt::format("take at least n = {}",
                                 static_cast<std::int64_t>(std::ceil(1 - std::log2(draws.alpha)))));
  const auto keys = detail::smoothing::ids_of(x, ids);
  const auto held = model_->hold();
  const stats::Stream stream(draws.seed, "smoothing");
  std::vector<SmoothedPrediction> all;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Inputs one = detail::inputs::rows_of(x, static_cast<std::int64_t>(i), 1);
    detail::votes::NoisyRow row(*model_, output_, one, sigma_, stream, keys[i]);
    detail::votes::Counts counts;
    const auto n = detail::votes::count(row, 0, draws.n, draws.batch_size, counts);
    all.push_back(detail::smoothing::decide(counts, n, draws.alpha));
  }
  return all;
}

}  // namespace leadline::robustness
