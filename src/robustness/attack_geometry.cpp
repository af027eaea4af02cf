#include "attack_geometry.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "attack_kernels.hpp"
#include "patch_place.hpp"

namespace leadline::detail::attack_geometry {
namespace {

void project_l2(const Row& row, double eps, std::span<double> x) {
  const auto x0 = row.clean();
  const double size = distance(Norm::l2, x0, x);
  if (size <= eps) return;
  const double factor = eps / size;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = x0[i] + factor * (x[i] - x0[i]);
}

/// On the intersection of ball and box: each change is shrunk by one t, then clipped; t by
/// bisection.
void project_l1(const Row& row, double eps, std::span<double> x) {
  const auto x0 = row.clean(), low = row.lower(), high = row.upper();
  const auto shrunk = [&](std::size_t i, double t) {
    const double d = x[i] - x0[i];
    return std::clamp(std::copysign(std::max(std::abs(d) - t, 0.0), d),
                      std::min(low[i] - x0[i], 0.0), std::max(high[i] - x0[i], 0.0));
  };
  const auto size_at = [&](double t) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += std::abs(shrunk(i, t));
    return sum;
  };
  double t = 0;
  if (size_at(0) > eps) {
    double least = 0;
    for (std::size_t i = 0; i < x.size(); ++i) t = std::max(t, std::abs(x[i] - x0[i]));
    for (int i = 0; i < 60 && least < t; ++i) {
      const double middle = (least + t) / 2;
      (size_at(middle) > eps ? least : t) = middle;
    }
  }
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = x0[i] + shrunk(i, t);
}

void project_l0(const Row& row, double eps, std::span<double> x) {
  const auto x0 = row.clean();
  const auto keep = static_cast<std::size_t>(eps);
  if (keep >= x.size()) return;
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto first_out = order.begin() + static_cast<std::ptrdiff_t>(keep);
  std::nth_element(order.begin(), first_out, order.end(), [&](std::size_t a, std::size_t b) {
    const double da = std::abs(x[a] - x0[a]), db = std::abs(x[b] - x0[b]);
    return da != db ? da > db : a < b;
  });
  for (auto at = first_out; at != order.end(); ++at) x[*at] = x0[*at];
}

/// Along the values with the largest slopes that can still move that way, each by the same size.
void sparse(const Row& row, std::span<const double> x, std::span<const double> gradient,
            std::span<double> out, double share) {
  std::vector<double> room(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool stuck =
        (gradient[i] > 0 && x[i] >= row.upper()[i]) || (gradient[i] < 0 && x[i] <= row.lower()[i]);
    room[i] = stuck ? 0.0 : std::abs(gradient[i]);
  }
  const auto n = static_cast<std::size_t>(
      std::max<std::int64_t>(1, std::llround(share * static_cast<double>(x.size()))));
  std::vector<double> sorted = room;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(n - 1),
                   sorted.end(), std::greater<>());
  const double least = sorted[n - 1];
  std::size_t used = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool in = room[i] > 0 && room[i] >= least && used < n;
    out[i] = in ? std::copysign(1.0, gradient[i]) : 0.0;
    used += in;
  }
  if (row.norm() == Norm::l1 && used > 0)
    for (double& v : out) v /= static_cast<double>(used);
}

}  // namespace

double distance(Norm norm, std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  switch (norm) {
    case Norm::linf:
    case Norm::spatial:
      return attack_kernels::largest_gap(a.data(), b.data(), std::ssize(a));
    case Norm::l2:
      return std::sqrt(attack_kernels::squared_gap(a.data(), b.data(), std::ssize(a)));
    case Norm::l1:
      for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(b[i] - a[i]);
      return sum;
    case Norm::l0:
      for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] != b[i];
      return sum;
    case Norm::patch:
      break;  // needs the sides of the picture
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double distance(const robustness::AttackSpace& space, Norm norm, std::span<const double> a,
                std::span<const double> b) {
  return norm == Norm::patch ? patch_place::covered(space, a, b) : distance(norm, a, b);
}

double dual_norm(Norm norm, std::span<const double> g) {
  double sum = 0;
  for (const double v : g) {
    if (norm == Norm::l2)
      sum += v * v;
    else if (norm == Norm::linf)
      sum += std::abs(v);
    else
      sum = std::max(sum, std::abs(v));
  }
  return norm == Norm::l2 ? std::sqrt(sum) : sum;
}

void clip(const Row& row, std::span<double> x) {
  attack_kernels::clamp(x.data(), row.lower().data(), row.upper().data(), std::ssize(x));
}

void project(const Row& row, double eps, std::span<double> x) {
  switch (row.norm()) {
    case Norm::linf:
    case Norm::spatial:
      attack_kernels::clamp_about(x.data(), row.clean().data(), eps, std::ssize(x));
      break;
    case Norm::l2:
      project_l2(row, eps, x);
      break;
    case Norm::l1:
      project_l1(row, eps, x);
      break;
    case Norm::l0:
      clip(row, x);  // a change that the bounds undo needs no place among the eps largest
      project_l0(row, eps, x);
      return;
    case Norm::patch:
      break;
  }
  clip(row, x);
}

void steepest(const Row& row, std::span<const double> x, std::span<const double> gradient,
              std::span<double> out, double sparsity) {
  switch (row.norm()) {
    case Norm::linf:
    case Norm::spatial:
    case Norm::patch:
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<double>((gradient[i] > 0) - (gradient[i] < 0));
      return;
    case Norm::l2: {
      // Divided by the largest first: squares of slopes as small as 1e-200 are zero.
      double most = 0;
      for (const double v : gradient) most = std::max(most, std::abs(v));
      double size = 0;
      if (most > 0)
        for (const double v : gradient) size += (v / most) * (v / most);
      const double scale = most > 0 ? 1 / (most * std::sqrt(size)) : 0;
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = scale * gradient[i];
      return;
    }
    case Norm::l1:
    case Norm::l0:
      sparse(row, x, gradient, out, sparsity);
  }
}

void ascend(const Row& row, std::span<const double> gradient, double step, double eps,
            std::span<double> x) {
  if (row.norm() == Norm::linf) {
    attack_kernels::sign_step(x.data(), gradient.data(), row.clean().data(), row.lower().data(),
                              row.upper().data(), step, eps, std::ssize(x));
    return;
  }
  std::vector<double> direction(x.size());
  steepest(row, x, gradient, direction);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += step * direction[i];
  project(row, eps, x);
}

void draw_in_ball(const Row& row, double eps, stats::Rng& rng, std::span<double> x) {
  const auto x0 = row.clean();
  const auto d = static_cast<double>(x.size());
  std::vector<double> noise(x.size());
  switch (row.norm()) {
    case Norm::linf:
    case Norm::spatial:
      rng.fill_uniform(noise);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = x0[i] + eps * (2 * noise[i] - 1);
      break;
    case Norm::l2: {
      rng.fill_normal(noise);
      double size = 0;
      for (const double v : noise) size += v * v;
      const double scale = eps * std::pow(rng.uniform(), 1 / d) / std::sqrt(size);
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = x0[i] + scale * noise[i];
      break;
    }
    case Norm::l1: {
      // Exponentials with random signs, normalised with one more of them: uniform in the ball.
      double sum = -std::log1p(-rng.uniform());
      for (double& v : noise) {
        const double u = 2 * rng.uniform() - 1;
        v = std::copysign(-std::log1p(-std::abs(u)), u);
        sum += std::abs(v);
      }
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = x0[i] + eps * noise[i] / sum;
      break;
    }
    case Norm::l0: {
      std::copy(x0.begin(), x0.end(), x.begin());
      const auto k = std::min(static_cast<std::size_t>(eps), x.size());
      std::vector<std::size_t> order(x.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      for (std::size_t i = 0; i < k; ++i) {
        std::swap(order[i], order[i + rng.below(x.size() - i)]);
        x[order[i]] = rng.uniform(row.lower()[order[i]], row.upper()[order[i]]);
      }
      break;
    }
    case Norm::patch: {
      std::copy(x0.begin(), x0.end(), x.begin());
      const auto place = patch_place::draw(row.space(), eps, rng);
      patch_place::fill(row, place, place, rng, x);
      break;
    }
  }
  clip(row, x);
}

double unbounded(const robustness::AttackSpace& space, Norm norm) {
  if (norm == Norm::patch) return 1;
  double sum = 0;
  for (std::size_t i = 0; i < space.lower.size(); ++i) {
    const double range = space.upper[i] - space.lower[i];
    if (norm == Norm::linf)
      sum = std::max(sum, range);
    else
      sum += norm == Norm::l2 ? range * range : norm == Norm::l1 ? range : 1.0;
  }
  return norm == Norm::l2 ? std::sqrt(sum) : sum;
}

}  // namespace leadline::detail::attack_geometry
