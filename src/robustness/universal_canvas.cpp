#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attack_geometry.hpp"
#include "leadline/core/error.hpp"
#include "universal.hpp"

namespace leadline::detail::universal {

Canvas::Canvas(const Tensor& like, AttackPlan plan, std::uint64_t seed)
    : plan_(std::move(plan)), seed_(seed), space_(attack_space::make_space(like, plan_)) {
  buffer_ = attack_space::make_buffer(space_, like.dtype());
  if (!is_patch()) return;
  size_ = patch_place::size_of(space_, plan_.eps.front());
  if (size_.empty())
    throw ValueError(
        "universal_perturbation", "a patch of at least a pixel",
        fmt::format("{:g} of {} pixels", plan_.eps.front(), space_.shape[1] * space_.shape[2]),
        "raise 'eps', the share of the picture");
}

std::vector<double> Canvas::start() const {
  if (!is_patch()) return std::vector<double>(static_cast<std::size_t>(space_.size()), 0.0);
  std::size_t n = 0;
  patch_place::each_value(space_, size_, [&](std::size_t) { ++n; });
  return std::vector<double>(n, (plan_.bounds.first + plan_.bounds.second) / 2);
}

std::vector<double> Canvas::random(stats::Rng rng) const {
  std::vector<double> out = start();
  const double eps = plan_.eps.front();
  if (plan_.norm == Norm::l2) {
    rng.fill_normal(out);
    double square = 0;
    for (const double v : out) square += v * v;
    for (double& v : out) v *= eps / std::sqrt(square);
    return out;
  }
  for (double& v : out)
    v = is_patch() ? rng.uniform(plan_.bounds.first, plan_.bounds.second)
                   : ((rng.next_u32() & 1U) != 0 ? eps : -eps);
  return out;
}

patch_place::Place Canvas::place(SampleId id, std::uint64_t round) const {
  stats::Rng rng(seed_, "universal/place", id, round);
  return patch_place::draw(space_, plan_.eps.front(), rng);
}

Tensor Canvas::put(const Tensor& inputs, std::span<const SampleId> ids,
                   std::span<const double> change, std::uint64_t round) {
  const auto n = std::ssize(ids);
  buffer_->reset(n);
  for (std::int64_t i = 0; i < n; ++i) {
    const auto clean = attack_space::coordinates(space_, inputs, i);
    std::vector<double> x = clean;
    if (is_patch()) {
      std::size_t at = 0;
      patch_place::each_value(space_, place(ids[static_cast<std::size_t>(i)], round),
                              [&](std::size_t j) { x[j] = change[at++]; });
    } else {
      for (std::size_t j = 0; j < x.size(); ++j)
        x[j] = std::clamp(x[j] + change[j], space_.lower[j], space_.upper[j]);
    }
    buffer_->place(i, inputs, i, clean, x);
  }
  return buffer_->take();
}

void Canvas::gather(const Tensor& inputs, std::span<const SampleId> ids,
                    std::span<const double> change, std::uint64_t round, const Tensor& gradient,
                    std::span<double> sum) const {
  for (std::int64_t i = 0; i < std::ssize(ids); ++i) {
    const double* g = gradient.data<double>() + i * space_.n_values;
    if (is_patch()) {
      std::size_t at = 0;
      patch_place::each_value(space_, place(ids[static_cast<std::size_t>(i)], round),
                              [&](std::size_t j) { sum[at++] += std::isfinite(g[j]) ? g[j] : 0; });
      continue;
    }
    const auto clean = attack_space::coordinates(space_, inputs, i);
    for (std::size_t j = 0; j < sum.size(); ++j) {
      const double moved = clean[j] + change[j];
      if (moved < space_.lower[j] || moved > space_.upper[j]) continue;  // cut off by the bounds
      const double slope = g[space_.free.empty() ? j : static_cast<std::size_t>(space_.free[j])] *
                           (space_.scale.empty() ? 1.0 : space_.scale[j]);
      if (std::isfinite(slope)) sum[j] += slope;
    }
  }
}

void Canvas::ascend(std::span<const double> way, double share, std::span<double> change) const {
  const double eps = plan_.eps.front();
  const auto [low, high] = plan_.bounds;
  double size = 0;
  for (const double v : way) size += v * v;
  if (size == 0) return;
  for (std::size_t j = 0; j < change.size(); ++j) {
    const double sign = static_cast<double>((way[j] > 0) - (way[j] < 0));
    if (is_patch())
      change[j] = std::clamp(change[j] + share * (high - low) * sign, low, high);
    else if (plan_.norm == Norm::linf)
      change[j] = std::clamp(change[j] + share * eps * sign, -eps, eps);
    else
      change[j] += share * eps * way[j] / std::sqrt(size);
  }
  if (plan_.norm != Norm::l2) return;
  size = 0;
  for (const double v : change) size += v * v;
  if (size > eps * eps)
    for (double& v : change) v *= eps / std::sqrt(size);
}

std::int64_t Canvas::n_too_far(const Tensor& inputs, const Tensor& changed) const {
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < inputs.size(0); ++i)
    n += !(attack_geometry::distance(
               space_, plan_.norm, attack_space::coordinates(space_, inputs, i),
               attack_space::coordinates(space_, changed, i)) <= plan_.eps.front() * (1 + 1e-6));
  return n;
}

Tensor Canvas::tensor_of(std::span<const double> change) const {
  std::vector<std::int64_t> shape = space_.shape;
  if (is_patch()) {
    // Around an ellipse: the middle of the range.
    robustness::AttackSpace box;
    box.shape = {shape[0], size_.height, size_.width};
    box.patch = space_.patch;
    std::vector<double> values(static_cast<std::size_t>(shape[0] * size_.height * size_.width),
                               (plan_.bounds.first + plan_.bounds.second) / 2);
    std::size_t at = 0;
    patch_place::each_value(box, size_, [&](std::size_t i) { values[i] = change[at++]; });
    box.shape.insert(box.shape.begin(), 1);
    return Tensor::own(std::move(values), box.shape);
  }
  std::vector<double> whole(static_cast<std::size_t>(space_.n_values), 0.0);
  for (std::size_t j = 0; j < change.size(); ++j)
    whole[space_.free.empty() ? j : static_cast<std::size_t>(space_.free[j])] =
        change[j] * (space_.scale.empty() ? 1.0 : space_.scale[j]);
  shape.insert(shape.begin(), 1);
  return Tensor::own(std::move(whole), shape);
}

}  // namespace leadline::detail::universal
