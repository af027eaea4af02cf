#include "boundary_step.hpp"

#include <algorithm>
#include <cmath>

namespace leadline::detail::boundary_step {

using robustness::Norm;

namespace {

/// The Lagrangian's minimisers along lambda, for one pull at a time.
class Dual {
 public:
  Dual(const Problem& problem, std::span<const double> x, std::vector<double>& q)
      : problem_(problem), x_(x), q_(q) {
    q_.resize(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      range_ = std::max(range_, problem.upper[i] - problem.lower[i]);
  }

  /// q <- the minimiser on the plane for this pull (l0: the first beyond it); false where the
  /// bounds do not reach it.
  bool reach(double pull) {
    constexpr int doublings = 50, halvings = 100;
    pull_ = pull;
    const double close = 1e-12 * range_;
    double step = std::max(std::abs(problem_.gap), 1e-6 * range_);
    double high = lambda_, low = lambda_;
    for (int i = 0; i < doublings && gain(high) < problem_.gap; ++i, step *= 2) {
      low = high;
      high += step;
    }
    if (gain(high) < problem_.gap - close) return false;
    for (int i = 0; i < doublings && low == high; ++i, step *= 2)
      if (gain(low - step) < problem_.gap)
        low -= step;
      else
        high = low -= step;
    for (int i = 0; i < halvings && high - low > 1e-14 * (1 + std::abs(high)); ++i) {
      const double middle = (low + high) / 2;
      const double now = gain(middle);
      (now >= problem_.gap ? high : low) = middle;
      if (now >= problem_.gap && now - problem_.gap < close) break;
    }
    if (problem_.norm != Norm::l0 && gain(high) > problem_.gap + 1e-9 * range_) return false;
    (void)gain(high);
    lambda_ = high;
    return true;
  }
  [[nodiscard]] double moved() const {
    double sum = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) sum += (q_[i] - x_[i]) * (q_[i] - x_[i]);
    return std::sqrt(sum);
  }

 private:
  /// q <- the minimiser for lambda; slope . (q - x).
  double gain(double lambda) {
    double sum = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      const double v = x_[i] + lambda * problem_.slope[i];
      q_[i] = std::clamp(drawn(v, x_[i], problem_.clean[i]), problem_.lower[i], problem_.upper[i]);
      sum += problem_.slope[i] * (q_[i] - x_[i]);
    }
    return sum;
  }
  [[nodiscard]] double drawn(double v, double x, double clean) const {
    switch (problem_.norm) {
      case Norm::linf:
        return std::clamp(v, clean - (1 - pull_) * range_, clean + (1 - pull_) * range_);
      case Norm::l1: {
        const double size = std::max(std::abs(v - clean) - pull_ * range_, 0.0);
        return clean + std::copysign(size, v - clean);
      }
      case Norm::l0:
        return std::abs(v - clean) <= pull_ * range_ ? clean : v;
      default:
        return v + pull_ * (clean - x);
    }
  }

  const Problem& problem_;
  std::span<const double> x_;
  std::vector<double>& q_;
  double range_ = 0, pull_ = 0, lambda_ = 0;
};

}  // namespace

void solve(const Problem& problem, std::span<const double> x, std::vector<double>& q) {
  constexpr int halvings = 40;
  Dual dual(problem, x, q);
  const auto fits = [&](double pull) { return dual.reach(pull) && dual.moved() <= problem.radius; };
  if (fits(1)) return;
  (void)dual.reach(0);
  const double least = dual.moved();
  if (least > problem.radius) {
    for (std::size_t i = 0; i < q.size(); ++i) q[i] = x[i] + problem.radius / least * (q[i] - x[i]);
    return;
  }
  std::vector<double> best = q;
  double low = 0, high = 1;
  for (int i = 0; i < halvings && high - low > 1e-12; ++i) {
    const double middle = (low + high) / 2;
    const bool fit = fits(middle);
    (fit ? low : high) = middle;
    if (fit) best = q;
  }
  q = std::move(best);
}

}  // namespace leadline::detail::boundary_step
