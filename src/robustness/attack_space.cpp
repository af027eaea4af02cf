#include "attack_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <type_traits>

#include "attack_kernels.hpp"
#include "leadline/core/error.hpp"
#include "motion.hpp"

namespace leadline::detail::attack_space {

using robustness::AttackPlan;
using robustness::AttackSpace;

namespace {

template <class Visit>
decltype(auto) by_dtype(DType dtype, Visit&& visit) {
  switch (dtype) {
    case DType::f16:
      return visit(Eigen::half{});
    case DType::bf16:
      return visit(Eigen::bfloat16{});
    case DType::f32:
      return visit(float{});
    case DType::f64:
      return visit(double{});
    case DType::u8:
      return visit(std::uint8_t{});
    default:
      throw CapabilityError("attack", "inputs of floats or bytes", std::string(name_of(dtype)),
                            "small changes of integers such as token ids have no meaning; attack "
                            "their embeddings");
  }
}

/// The float next to `q` on the side of `to`; q != to.
float next_towards(float q, float to) {
  if (q == 0) return std::bit_cast<float>(to > 0 ? 1U : 0x80000001U);
  const auto bits = std::bit_cast<std::uint32_t>(q);
  return std::bit_cast<float>((q < to) == (q > 0) ? bits + 1 : bits - 1);
}

/// `v` in type T, rounded towards `c`, which T can hold.
template <class T>
T towards(double v, double c) {
  if constexpr (std::is_same_v<T, double>) {
    return v;
  } else if constexpr (std::is_same_v<T, float>) {
    const float q = static_cast<float>(v);
    const double d = q;
    return (v > c ? d > v : d < v) ? next_towards(q, static_cast<float>(c)) : q;
  } else if constexpr (std::is_same_v<T, std::uint8_t>) {
    return static_cast<T>(std::clamp(v > c ? std::floor(v) : std::ceil(v), 0.0, 255.0));
  } else {
    T q = static_cast<T>(static_cast<float>(v));
    const double d = static_cast<float>(q);
    if (v > c ? d <= v : d >= v) return q;
    auto bits = Eigen::numext::bit_cast<std::uint16_t>(q);
    const float f = static_cast<float>(q);
    if (f == 0) return Eigen::numext::bit_cast<T>(static_cast<std::uint16_t>(c > 0 ? 1 : 0x8001));
    bits = static_cast<std::uint16_t>((d < c) == (f > 0) ? bits + 1 : bits - 1);
    return Eigen::numext::bit_cast<T>(bits);
  }
}

/// The number of type T next to `v`.
template <class T>
T nearest(double v) {
  if constexpr (std::is_same_v<T, std::uint8_t>)
    return static_cast<T>(std::clamp(std::round(v), 0.0, 255.0));
  else if constexpr (std::is_same_v<T, double>)
    return v;
  else
    return static_cast<T>(static_cast<float>(v));
}

/// Degrees, pixels down and pixels right of a coordinate of 1.
std::array<double, 3> units_of_motion(const AttackSpace& space) {
  const auto& [degrees, down, right] = *space.motion;
  return {degrees, down * static_cast<double>(space.shape[1]),
          right * static_cast<double>(space.shape[2])};
}

template <class T>
class Buffer final : public RowBuffer {
 public:
  explicit Buffer(const AttackSpace& space) : space_(space) {}

  void reset(std::int64_t n) override {
    n_ = n;
    values_.resize(static_cast<std::size_t>(n * space_.n_values));
  }

  void place(std::int64_t i, const Tensor& inputs, std::int64_t row, std::span<const double> x0,
             std::span<double> x) override {
    T* out = values_.data() + i * space_.n_values;
    if (space_.motion) return place_moved(out, inputs.data<T>() + row * space_.n_values, x);
    if (space_.free.empty() && space_.scale.empty()) {
      if constexpr (std::is_same_v<T, float>)
        if (attack_kernels::round_towards(x.data(), x0.data(), out, std::ssize(x))) return;
      for (std::size_t j = 0; j < x.size(); ++j) {
        out[j] = towards<T>(x[j], x0[j]);
        x[j] = static_cast<double>(out[j]);
      }
      return;
    }
    const T* clean = inputs.data<T>() + row * space_.n_values;
    std::copy(clean, clean + space_.n_values, out);
    for (std::size_t j = 0; j < x.size(); ++j) {
      const auto at = space_.free.empty() ? j : static_cast<std::size_t>(space_.free[j]);
      const double unit = space_.scale.empty() ? 1.0 : space_.scale[j];
      // What did not move stays to the bit, whatever the division by the unit rounds to.
      if (x[j] != x0[j]) out[at] = towards<T>(x[j] * unit, static_cast<double>(clean[at]));
      x[j] = out[at] == clean[at] ? x0[j] : static_cast<double>(out[at]) / unit;
    }
  }

  Tensor take() override {
    std::vector<std::int64_t> shape{n_};
    shape.insert(shape.end(), space_.shape.begin(), space_.shape.end());
    return Tensor::own(std::exchange(values_, {}), shape);
  }

 private:
  void place_moved(T* out, const T* clean, std::span<const double> x) const {
    const std::vector<double> picture(clean, clean + space_.n_values);
    const auto unit = units_of_motion(space_);
    const auto moved =
        motion::moved(picture, space_.shape, x[0] * unit[0], x[1] * unit[1], x[2] * unit[2]);
    std::transform(moved.begin(), moved.end(), out, nearest<T>);
  }

  const AttackSpace& space_;
  std::int64_t n_ = 0;
  std::vector<T> values_;
};

/// Rotation and shifts up to half a turn and a whole side; one that is not allowed is fixed at 0.
void make_motion(const AttackPlan& plan, AttackSpace& space) {
  space.motion = {plan.max_rotation, plan.max_translation, plan.max_translation};
  for (const auto& [unit, whole] :
       {std::pair{plan.max_rotation, 180.0}, std::pair{plan.max_translation, 1.0},
        std::pair{plan.max_translation, 1.0}}) {
    const double most = unit > 0 ? whole / unit : 0.0;
    space.lower.push_back(-most);
    space.upper.push_back(most);
  }
}

std::vector<std::int64_t> free_positions(const AttackPlan& plan, std::int64_t n) {
  std::set<std::int64_t> out;
  for (const std::int64_t i : plan.frozen) {
    if (i < 0 || i >= n)
      throw ValueError("attack", fmt::format("frozen positions in [0, {})", n), std::to_string(i),
                       "count the values of one sample from 0");
    out.insert(i);
  }
  for (std::int64_t i = 0; i < std::ssize(plan.feature_eps); ++i)
    if (plan.feature_eps[static_cast<std::size_t>(i)] == 0) out.insert(i);
  if (out.empty()) return {};
  if (std::ssize(out) == n)
    throw ValueError("attack", "an input value that can change", "all of them frozen",
                     "drop some of 'frozen' or of the zeros in 'feature_eps'");
  std::vector<std::int64_t> free;
  for (std::int64_t i = 0; i < n; ++i)
    if (!out.contains(i)) free.push_back(i);
  return free;
}

}  // namespace

AttackSpace make_space(const Tensor& inputs, const AttackPlan& plan) {
  AttackSpace space;
  space.shape.assign(inputs.shape().begin() + 1, inputs.shape().end());
  space.patch = plan.patch;
  space.n_values = 1;
  for (const std::int64_t size : space.shape) space.n_values *= size;
  if (!is_ball(plan.norm) && space.shape.size() != 3)
    throw ShapeError(
        "attack",
        fmt::format("pictures [n, channels, height, width] for the norm {}", name_of(plan.norm)),
        inputs.describe(), "use a norm of values such as linf");
  if (plan.norm == robustness::Norm::spatial) {
    make_motion(plan, space);
    return space;
  }
  const auto n = static_cast<std::size_t>(space.n_values);
  if (!plan.feature_eps.empty() && plan.feature_eps.size() != n)
    throw ValueError("attack", fmt::format("a feature budget for each of {} input values", n),
                     std::to_string(plan.feature_eps.size()),
                     "give feature_eps one number an input value, in order");
  space.free = free_positions(plan, space.n_values);
  const std::size_t size = space.free.empty() ? n : space.free.size();
  space.lower.assign(size, plan.bounds.first);
  space.upper.assign(size, plan.bounds.second);
  if (plan.feature_eps.empty()) return space;
  space.scale.resize(size);
  for (std::size_t j = 0; j < size; ++j) {
    space.scale[j] =
        plan.feature_eps[space.free.empty() ? j : static_cast<std::size_t>(space.free[j])];
    space.lower[j] /= space.scale[j];
    space.upper[j] /= space.scale[j];
  }
  return space;
}

/// What values from `least` to `most` outside of `bounds` most likely are.
const char* likely(std::pair<double, double> bounds, double least, double most) {
  const auto [low, high] = bounds;
  if (low >= 0 && high <= 1 && least >= 0 && most > 2 && most <= 255.5)
    return "they look like bytes: divide by 255, or declare bounds=(0, 255); put normalisation "
           "into the model, so that inputs stay in the units an adversary can change";
  if (low >= 0 && least < 0 && std::max(-least, most) < 16)
    return "they look normalised already (less a mean, over a deviation): give inputs before that, "
           "and put normalisation into the model, so that they stay in the units an adversary can "
           "change";
  return "declare the true bounds; put normalisation into the model, so that inputs stay in the "
         "units an adversary can change";
}

void check_inputs(const Tensor& inputs, std::int64_t n, const AttackPlan& plan) {
  if (inputs.rank() < 2 || inputs.size(0) != n)
    throw ShapeError("attack", fmt::format("{} rows [n, ...] from the data set", n),
                     inputs.describe(), "return one row an id");
  const auto [low, high] = plan.bounds;
  const double slack = 1e-6 * std::max(1.0, high - low);
  by_dtype(inputs.dtype(), [&](auto type) {
    const auto* x = inputs.data<decltype(type)>();
    double least = high, most = low;
    bool finite = true;
    for (std::int64_t i = 0; i < inputs.n_elements(); ++i) {
      const double v = static_cast<double>(x[i]);
      least = std::min(least, v);
      most = std::max(most, v);
      finite = finite && std::isfinite(v);
    }
    if (finite && least >= low - slack && most <= high + slack) return;
    throw ValueError("attack", fmt::format("inputs inside the bounds [{:g}, {:g}]", low, high),
                     finite ? fmt::format("values from {:g} to {:g}", least, most)
                            : std::string("values that are not finite"),
                     finite ? likely(plan.bounds, least, most) : "clean the data first");
  });
}

std::vector<double> coordinates(const AttackSpace& space, const Tensor& inputs, std::int64_t row) {
  if (space.motion) return {0.0, 0.0, 0.0};
  return by_dtype(inputs.dtype(), [&](auto type) {
    const auto* x = inputs.data<decltype(type)>() + row * space.n_values;
    std::vector<double> out(static_cast<std::size_t>(space.size()));
    for (std::size_t j = 0; j < out.size(); ++j) {
      const double v =
          static_cast<double>(x[space.free.empty() ? j : static_cast<std::size_t>(space.free[j])]);
      out[j] = space.scale.empty() ? v : v / space.scale[j];
    }
    return out;
  });
}

void pull_gradient(const AttackSpace& space, const Tensor& inputs, std::int64_t row,
                   std::span<const double> x, std::span<const double> by_value,
                   std::span<double> out) {
  if (space.motion) {
    by_dtype(inputs.dtype(), [&](auto type) {
      const auto* clean = inputs.data<decltype(type)>() + row * space.n_values;
      const std::vector<double> picture(clean, clean + space.n_values);
      const auto unit = units_of_motion(space);
      const auto slope = motion::slope(picture, space.shape, x[0] * unit[0], x[1] * unit[1],
                                       x[2] * unit[2], by_value);
      for (std::size_t j = 0; j < out.size(); ++j) out[j] = slope[j] * unit[j];
    });
    return;
  }
  for (std::size_t j = 0; j < out.size(); ++j) {
    out[j] = by_value[space.free.empty() ? j : static_cast<std::size_t>(space.free[j])];
    if (!space.scale.empty()) out[j] *= space.scale[j];
  }
}

std::unique_ptr<RowBuffer> make_buffer(const AttackSpace& space, DType dtype) {
  return by_dtype(dtype, [&](auto type) -> std::unique_ptr<RowBuffer> {
    return std::make_unique<Buffer<decltype(type)>>(space);
  });
}

Tensor join_rows(std::span<const Tensor> rows) {
  const Tensor& like = rows.front();
  const std::size_t size = static_cast<std::size_t>(like.n_elements()) * bytes_of(like.dtype());
  std::vector<std::byte> bytes(size * rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(bytes.data() + i * size, rows[i].layout().data, size);
  std::vector<std::int64_t> shape(like.shape().begin(), like.shape().end());
  shape[0] = std::ssize(rows);
  return Tensor::copy(bytes.data(), like.dtype(), shape);
}

}  // namespace leadline::detail::attack_space
