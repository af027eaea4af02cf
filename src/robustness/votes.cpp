#include "votes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/clones.hpp"
#include "leadline/stats/distributions.hpp"

namespace leadline::detail::votes {

using robustness::SmoothedCertificate;
using robustness::SmoothingDraws;

LEADLINE_CLONES void scale_and_shift(float* __restrict z, const float* __restrict x, std::int64_t d,
                                     float sigma) {
  for (std::int64_t j = 0; j < d; ++j) z[j] = x[j] + sigma * z[j];
}

/// n copies of a row [1, ...].
Tensor repeated(const Tensor& row, std::int64_t n) {
  const Tensor host = row.host();
  std::vector<std::int64_t> shape(host.shape().begin(), host.shape().end());
  shape[0] = n;
  const std::size_t bytes = bytes_of(host.dtype()) * static_cast<std::size_t>(host.n_elements());
  auto all = std::make_shared<std::vector<std::uint8_t>>(bytes * static_cast<std::size_t>(n));
  const auto* from = static_cast<const std::uint8_t*>(host.layout().data);
  for (std::int64_t i = 0; i < n; ++i)
    std::copy_n(from, bytes, all->data() + static_cast<std::size_t>(i) * bytes);
  return Tensor::borrow(all->data(), host.dtype(), shape, all);
}

NoisyRow::NoisyRow(Model& model, OutputKind output, const Inputs& x, double sigma,
                   stats::Stream stream, SampleId id)
    : model_(model),
      output_(output),
      x_(x.primary.host(), x.extras),
      sigma_(sigma),
      stream_(stream),
      id_(id),
      size_(x.primary.n_elements()) {
  if (!is_floating(x.primary.dtype()))
    throw CapabilityError("Smoothing", "inputs of floats", x.primary.describe(),
                          "noise rounded to whole numbers is not Gaussian and certifies nothing: "
                          "give float32 and put the scaling into the model");
  const Tensor wide = x_.primary.host(DType::f64);
  centre_.assign(wide.data<double>(), wide.data<double>() + size_);
}

void NoisyRow::move(std::span<const double> shift) {
  for (std::size_t j = 0; j < centre_.size(); ++j) centre_[j] += shift[j];
}

std::vector<float> NoisyRow::noise(std::int64_t draw) const {
  std::vector<float> z(static_cast<std::size_t>(size_));
  stream_.at(id_, static_cast<std::uint64_t>(draw)).fill_normal(z);
  return z;
}

template <class T>
Tensor NoisyRow::fill(std::int64_t first, std::int64_t n) {
  const auto d = static_cast<std::size_t>(size_);
  std::vector<T> out(static_cast<std::size_t>(n) * d);
  for (std::int64_t i = 0; i < n; ++i) {
    const auto z = noise(first + i);
    for (std::size_t j = 0; j < d; ++j)
      out[static_cast<std::size_t>(i) * d + j] =
          static_cast<T>(centre_[j] + sigma_ * static_cast<double>(z[j]));
  }
  std::vector<std::int64_t> shape(x_.primary.shape().begin(), x_.primary.shape().end());
  shape[0] = n;
  return Tensor::own(std::move(out), shape);
}

Tensor NoisyRow::noisy(std::int64_t first, std::int64_t n) {
  switch (x_.primary.dtype()) {
    case DType::f16:
      return fill<Eigen::half>(first, n);
    case DType::bf16:
      return fill<Eigen::bfloat16>(first, n);
    case DType::f64:
      return fill<double>(first, n);
    default:
      break;
  }
  const auto d = static_cast<std::size_t>(size_);
  const std::size_t total = d * static_cast<std::size_t>(n);
  // Written again for each batch, unless somebody kept the last one.
  if (buffer_ == nullptr || buffer_.use_count() > 1 || buffer_->size() < total)
    buffer_ = std::make_shared<std::vector<float>>(total);
  const std::vector<float> centre(centre_.begin(), centre_.end());
  for (std::int64_t i = 0; i < n; ++i) {
    float* row = buffer_->data() + static_cast<std::size_t>(i) * d;
    stream_.at(id_, static_cast<std::uint64_t>(first + i)).fill_normal(std::span(row, d));
    scale_and_shift(row, centre.data(), size_, static_cast<float>(sigma_));
  }
  std::vector<std::int64_t> shape(x_.primary.shape().begin(), x_.primary.shape().end());
  shape[0] = n;
  return Tensor::borrow(buffer_->data(), DType::f32, shape, buffer_);
}

std::vector<std::int64_t> NoisyRow::labels(std::int64_t first, std::int64_t n) {
  Inputs inputs(noisy(first, n));
  for (const auto& [name, extra] : x_.extras) inputs.extras.emplace(name, repeated(extra, n));
  const std::vector<SampleId> ids(static_cast<std::size_t>(n), id_);
  return predictions_of(model_.forward(inputs).output, output_, Tensor(), ids).label;
}

std::int64_t count(NoisyRow& row, std::int64_t first, std::int64_t n, std::int64_t batch,
                   Counts& counts, const std::function<bool()>& stop) {
  std::int64_t done = 0;
  while (done < n && !(stop && stop())) {
    const std::int64_t now = std::min(batch, n - done);
    for (const std::int64_t label : row.labels(first + done, now)) ++counts[label];
    done += now;
  }
  return done;
}

/// Bounds that hold at every number of draws, and whether more draws are worth it.
class Watch {
 public:
  Watch(const SmoothingDraws& draws, double sigma)
      : draws_(draws), sigma_(sigma), sequence_({.level = 1 - draws.alpha}) {}

  void add(std::int64_t agreed, std::int64_t n) {
    const std::vector<double> ones(static_cast<std::size_t>(agreed), 1.0);
    const std::vector<double> zeros(static_cast<std::size_t>(n - agreed), 0.0);
    sequence_.add(ones);
    sequence_.add(zeros);
    agreed_ += agreed;
    const auto now = sequence_.interval();
    lower_ = std::max(lower_, now.lower);
    upper_ = std::min(upper_, now.upper);
  }
  [[nodiscard]] double lower() const { return std::min(lower_, upper_); }

  [[nodiscard]] bool settled() const {
    if (upper_ <= 0.5) return true;
    const double here = robustness::smoothing_radius(lower_, sigma_), reach = reachable();
    if (draws_.radii.empty()) return reach - here <= draws_.tolerance * sigma_;
    return std::all_of(draws_.radii.begin(), draws_.radii.end(),
                       [&](double r) { return here >= r || reach < r; });
  }

 private:
  /// No further draw lifts the radius beyond this: all agree, or the rate is the highest that the
  /// draws so far allow.
  [[nodiscard]] double reachable() const {
    const std::int64_t best = agreed_ + draws_.n - sequence_.n();
    const double p = std::min(robustness::success_rate_bound(best, draws_.n, draws_.alpha), upper_);
    return robustness::smoothing_radius(std::min(p, std::nextafter(1.0, 0.0)), sigma_);
  }

  const SmoothingDraws& draws_;
  double sigma_;
  stats::MixtureSequence sequence_;
  std::int64_t agreed_ = 0;
  double lower_ = 0, upper_ = 1;
};

/// Draws between two looks at whether more are needed.
constexpr std::int64_t look_every = 128;

std::optional<SmoothedCertificate> certify(NoisyRow& row, double sigma, const SmoothingDraws& draws,
                                           const std::function<bool()>& stop) {
  Counts counts;
  if (count(row, 0, draws.n0, draws.batch_size, counts, stop) < draws.n0) return std::nullopt;
  SmoothedCertificate found;
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;  // the lowest label of a tie
      });
  found.chosen = most->first;
  Watch watch(draws, sigma);
  while (found.n < draws.n && !(draws.early_stop && found.n > 0 && watch.settled())) {
    // Looked at after the same draws whatever the batch, so that the batch does not show.
    const std::int64_t now = std::min(look_every, draws.n - found.n);
    Counts seen;
    if (count(row, draws.n0 + found.n, now, draws.batch_size, seen, stop) < now)
      return std::nullopt;
    const std::int64_t agreed = seen[found.chosen];
    found.agreed += agreed;
    found.n += now;
    if (draws.early_stop) watch.add(agreed, now);
  }
  found.p_lower = draws.early_stop
                      ? watch.lower()
                      : robustness::success_rate_bound(found.agreed, found.n, draws.alpha);
  if (found.p_lower < 0.5) return found;
  found.label = found.chosen;
  found.radius = robustness::smoothing_radius(found.p_lower, sigma);
  return found;
}

void check_certify(std::string_view who, const SmoothingDraws& draws, double sigma) {
  const double most = robustness::largest_radius(draws.n, draws.alpha, sigma);
  if (most <= 0)
    throw ValueError(
        who, fmt::format("draws that can certify at alpha = {:g}", draws.alpha),
        fmt::format("n = {}: even if all agree, the class may have probability {:.3g}", draws.n,
                    robustness::success_rate_bound(draws.n, draws.n, draws.alpha)),
        fmt::format("take at least n = {}", robustness::draws_needed(0, draws.alpha, sigma)));
  for (const double r : draws.radii) {
    if (!(std::isfinite(r) && r >= 0))
      throw ValueError(who, "radii that are finite and at least 0", fmt::format("{}", r), "");
    if (r > most)
      throw ValueError(
          who,
          fmt::format("radii up to {:.4g}, the largest that {} draws can certify", most, draws.n),
          fmt::format("{:g}", r),
          r / sigma < 8 ? fmt::format("take at least n = {}, or a larger sigma",
                                      robustness::draws_needed(r, draws.alpha, sigma))
                        : std::string("take a larger sigma"));
  }
}

double p_value(std::int64_t agreed, std::int64_t n, double p, bool early_stop) {
  if (n == 0 || static_cast<double>(agreed) <= p * static_cast<double>(n)) return 1;
  if (!early_stop) return stats::binomial_sf(agreed - 1, n, p);
  const auto k = static_cast<double>(agreed), rest = static_cast<double>(n - agreed);
  using boost::math::lgamma;
  const double mixture = lgamma(k + 0.5) + lgamma(rest + 0.5) - lgamma(k + rest + 1) -
                         std::log(3.14159265358979323846);  // log B(1/2, 1/2)
  const double null = k * std::log(p) + (rest > 0 ? rest * std::log1p(-p) : 0);
  return std::min(1.0, std::exp(null - mixture));
}

}  // namespace leadline::detail::votes
