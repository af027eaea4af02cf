#include "attack_ball.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <cstring>

#include "attack_kernels.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::attack_ball {
namespace {

using robustness::Norm;

std::vector<std::int64_t> with_rows(const at::Tensor& example, std::int64_t rows) {
  auto sizes = example.sizes().vec();
  sizes[0] = rows;
  return sizes;
}

/// A point of the unit ball: uniform in the cube (linf) or in the ball (l2: a normal direction at
/// radius u^(1/d)).
void draw_unit(Norm norm, stats::Rng& rng, std::vector<float>& unit) {
  if (norm == Norm::linf) {
    rng.fill_uniform(unit);
    for (float& u : unit) u = 2 * u - 1;
    return;
  }
  rng.fill_normal(unit);
  double norm2 = 0;
  for (const float u : unit) norm2 += static_cast<double>(u) * u;
  const double radius = std::pow(rng.uniform(), 1.0 / static_cast<double>(unit.size()));
  const double scale = norm2 > 0 ? radius / std::sqrt(norm2) : 0.0;
  for (float& u : unit) u = static_cast<float>(u * scale);
}

template <class T>
class HostBall final : public Ball {
 public:
  HostBall(const at::Tensor& example, std::int64_t rows, Norm norm,
           std::pair<double, double> bounds)
      : norm_(norm),
        bounds_(bounds),
        n_(example.numel() / std::max<std::int64_t>(1, example.size(0))) {
    const auto sizes = with_rows(example, rows);
    x = at::empty(sizes, example.options());
    x0 = at::empty(sizes, example.options());
    if (norm == Norm::linf) {
      low_.resize(static_cast<std::size_t>(rows * n_));
      high_.resize(low_.size());
    }
    unit_.resize(static_cast<std::size_t>(n_));
  }

  void start(std::int64_t row, double eps, stats::Rng* rng) override {
    T* at = row_of(x, row);
    const T* clean = row_of(x0, row);
    if (norm_ == Norm::linf)
      attack_kernels::box(clean, low(row), high(row), eps, bounds_.first, bounds_.second, n_);
    if (rng == nullptr) {
      std::copy(clean, clean + n_, at);
      return;
    }
    draw_unit(norm_, *rng, unit_);
    if (norm_ == Norm::linf) {
      for (std::int64_t i = 0; i < n_; ++i) {
        const T to = static_cast<T>(clean[i] + eps * unit_[i]);
        at[i] = std::min(std::max(to, low(row)[i]), high(row)[i]);
      }
      return;
    }
    for (std::int64_t i = 0; i < n_; ++i) at[i] = static_cast<T>(clean[i] + eps * unit_[i]);
    zeros_.resize(static_cast<std::size_t>(n_));
    attack_kernels::l2_step(at, zeros_.data(), clean, 0, eps, bounds_.first, bounds_.second, n_);
  }

  void step(at::Tensor& gradient, std::vector<Move>& moves) override {
    const at::Tensor g = gradient.contiguous();
    for (Move& m : moves) {
      T* at = row_of(x, m.row);
      const T* slope = g.const_data_ptr<T>() + m.row * n_;
      const auto seen =
          norm_ == Norm::linf
              ? attack_kernels::linf_step(at, slope, low(m.row), high(m.row), m.step, n_)
              : attack_kernels::l2_step(at, slope, row_of(x0, m.row), m.step, m.eps, bounds_.first,
                                        bounds_.second, n_);
      m.zero = seen.zero;
      m.bad = seen.bad;
    }
  }

  void move(const std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) override {
    Ball::move(to, from);
    if (norm_ != Norm::linf) return;
    for (std::size_t i = 0; i < to.size(); ++i) {
      std::copy(low(from[i]), low(from[i]) + n_, low(to[i]));
      std::copy(high(from[i]), high(from[i]) + n_, high(to[i]));
    }
  }

 private:
  T* row_of(at::Tensor& t, std::int64_t row) const { return t.mutable_data_ptr<T>() + row * n_; }
  T* low(std::int64_t row) { return low_.data() + row * n_; }
  T* high(std::int64_t row) { return high_.data() + row * n_; }

  Norm norm_;
  std::pair<double, double> bounds_;
  std::int64_t n_;
  std::vector<T> low_, high_, zeros_;
  std::vector<float> unit_;
};

/// Any device and floating dtype.
class AtenBall final : public Ball {
 public:
  AtenBall(const at::Tensor& example, std::int64_t rows, Norm norm,
           std::pair<double, double> bounds)
      : norm_(norm),
        bounds_(bounds),
        n_(example.numel() / std::max<std::int64_t>(1, example.size(0))) {
    const auto sizes = with_rows(example, rows);
    x = at::empty(sizes, example.options());
    x0 = at::empty(sizes, example.options());
  }

  void start(std::int64_t row, double eps, stats::Rng* rng) override {
    at::Tensor at = x.narrow(0, row, 1), clean = x0.narrow(0, row, 1);
    if (rng == nullptr) {
      at.copy_(clean);
      return;
    }
    std::vector<float> unit(static_cast<std::size_t>(n_));
    draw_unit(norm_, *rng, unit);
    const at::Tensor noise =
        at::from_blob(unit.data(), clean.sizes(), at::kFloat).to(x.device(), wide());
    place(at, clean, noise * eps, at::full({1}, eps, x.options().dtype(wide())));
  }

  void step(at::Tensor& gradient, std::vector<Move>& moves) override {
    const std::int64_t rows = gradient.size(0);
    std::vector<double> eps(static_cast<std::size_t>(rows), 0.0), steps(eps);
    for (const Move& m : moves) {
      eps[static_cast<std::size_t>(m.row)] = m.eps;
      steps[static_cast<std::size_t>(m.row)] = m.step;
    }
    const at::Tensor finite = at::isfinite(gradient);
    const at::Tensor g = at::where(finite, gradient, 0).to(wide());
    const at::Tensor flat = g.flatten(1);
    const at::Tensor flags =
        at::stack({(flat != 0).any(1), finite.flatten(1).all(1)}).to(at::kCPU, at::kBool);
    for (Move& m : moves) {
      m.bad = !flags[1][m.row].item<bool>();
      m.zero = !m.bad && !flags[0][m.row].item<bool>();
    }
    at::Tensor direction =
        norm_ == Norm::linf ? g.sign() : g / per_row(flat.norm(2, {1}).clamp_min(1e-300), g.dim());
    direction *= per_row(on_device(steps), g.dim());
    at::Tensor at = x.narrow(0, 0, rows);
    const at::Tensor clean = x0.narrow(0, 0, rows);
    const at::Tensor moved = at.to(wide()) + direction - clean.to(wide());
    const at::Tensor still = at::tensor(at::ArrayRef<double>(steps)).to(x.device()) == 0;
    const at::Tensor before = at.clone();
    place(at, clean, moved, on_device(eps));
    at.copy_(at::where(per_row(still, at.dim()), before, at));
  }

 private:
  [[nodiscard]] at::ScalarType wide() const { return at::kDouble; }
  [[nodiscard]] at::Tensor on_device(std::vector<double>& values) const {
    return at::tensor(at::ArrayRef<double>(values)).to(x.device(), wide());
  }
  static at::Tensor per_row(const at::Tensor& values, std::int64_t dim) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(dim), 1);
    shape[0] = values.size(0);
    return values.view(shape);
  }

  /// at <- the point clean + delta, projected, clipped and rounded towards clean.
  void place(at::Tensor at, const at::Tensor& clean, const at::Tensor& delta,
             const at::Tensor& eps) const {
    const at::Tensor base = clean.to(wide());
    const at::Tensor radius = per_row(eps, base.dim());
    at::Tensor d = delta;
    if (norm_ == Norm::linf) {
      d = at::minimum(at::maximum(d, -radius), radius);
    } else {
      const at::Tensor norm = per_row(d.flatten(1).norm(2, {1}), d.dim());
      d = d * (radius / norm.clamp_min(1e-300)).clamp_max(1.0);
    }
    at::Tensor to = (base + d).clamp(bounds_.first, bounds_.second);
    at::Tensor rounded = to.to(x.scalar_type());
    // Where rounding went outwards, take the next number on the side of the clean value.
    const at::Tensor outward = (rounded.to(wide()) - base).abs() > (to - base).abs();
    const double unit = x.scalar_type() == at::kBFloat16 ? 0x1p-7
                        : x.scalar_type() == at::kHalf   ? 0x1p-10
                        : x.scalar_type() == at::kFloat  ? 0x1p-23
                                                         : 0x1p-52;
    const at::Tensor back =
        to - (to - base).sign() * at::minimum(to.abs() * unit + 1e-300, (to - base).abs());
    at.copy_(at::where(outward, back.to(x.scalar_type()), rounded));
  }

  Norm norm_;
  std::pair<double, double> bounds_;
  std::int64_t n_;
};

}  // namespace

void Ball::move(const std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) {
  copy_rows(x, to, x, from);
  copy_rows(x0, to, x0, from);
}

std::unique_ptr<Ball> make_ball(const at::Tensor& example, std::int64_t rows, Norm norm,
                                std::pair<double, double> bounds) {
  if (example.device().is_cpu() && example.scalar_type() == at::kFloat)
    return std::make_unique<HostBall<float>>(example, rows, norm, bounds);
  if (example.device().is_cpu() && example.scalar_type() == at::kDouble)
    return std::make_unique<HostBall<double>>(example, rows, norm, bounds);
  return std::make_unique<AtenBall>(example, rows, norm, bounds);
}

void copy_rows(at::Tensor& dst, const std::vector<std::int64_t>& to, const at::Tensor& src,
               const std::vector<std::int64_t>& from) {
  if (to.empty()) return;
  if (dst.device().is_cpu() && src.device().is_cpu() && dst.is_contiguous() &&
      src.is_contiguous() && dst.scalar_type() == src.scalar_type()) {
    const std::size_t bytes =
        dst.numel() == 0 ? 0
                         : static_cast<std::size_t>(dst.numel() / dst.size(0)) * dst.element_size();
    auto* out = static_cast<std::byte*>(dst.mutable_data_ptr());
    const auto* in = static_cast<const std::byte*>(src.const_data_ptr());
    for (std::size_t i = 0; i < to.size(); ++i)
      std::memmove(out + static_cast<std::size_t>(to[i]) * bytes,
                   in + static_cast<std::size_t>(from[i]) * bytes, bytes);
    return;
  }
  const auto index = [&](const std::vector<std::int64_t>& rows) {
    return at::tensor(at::ArrayRef<std::int64_t>(rows)).to(dst.device());
  };
  dst.index_copy_(0, index(to), src.index_select(0, index(from).to(src.device())));
}

}  // namespace leadline::detail::attack_ball
