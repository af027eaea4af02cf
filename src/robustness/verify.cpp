#include "leadline/robustness/verify.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "attack_geometry.hpp"
#include "attack_scores.hpp"
#include "attack_space.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/memory.hpp"

namespace leadline::detail::verify {

using namespace robustness;

/// Whether the goal is reached, or nearer to a tie than batch sizes move scores.
bool still_reaches(const AttackPlan& plan, const AttackRow& row, std::int64_t label,
                   std::span<const double> z) {
  const auto good = [&](std::int64_t c) {
    return robustness::reaches(plan.goal, plan.classes, row, c);
  };
  if (label < 0 || z.empty()) return good(label);
  double up = -std::numeric_limits<double>::infinity(), down = up, size = 1;
  for (std::int64_t c = 0; c < std::ssize(z); ++c) {
    const double score = z[static_cast<std::size_t>(c)];
    (good(c) ? up : down) = std::max(good(c) ? up : down, score);
    size = std::max(size, std::abs(score));
  }
  return good(label) || up - down >= -1e-5 * size;
}

/// Which rows of `x` reach their goal: 1, else 0.
std::vector<std::int64_t> reached(Model& model, const AttackPlan& plan,
                                  std::span<const AttackRow> rows, const Inputs& like,
                                  const Tensor& x) {
  const auto n = std::ssize(rows);
  RowLimit limit;
  const auto scores = attack_scores::read(
      forward_within(limit, model, Inputs(x, like.extras)).output, plan.output, n);
  std::vector<std::int64_t> flags(static_cast<std::size_t>(n));
  const auto k = static_cast<std::size_t>(scores.k);
  for (std::size_t i = 0; i < flags.size(); ++i)
    flags[i] =
        still_reaches(plan, rows[i], scores.label[i], std::span(scores.logits).subspan(i * k, k));
  return flags;
}
std::int64_t count_reached(Model& model, const AttackPlan& plan, std::span<const AttackRow> rows,
                           const Inputs& like, const Tensor& x) {
  const auto flags = reached(model, plan, rows, like, x);
  return std::accumulate(flags.begin(), flags.end(), std::int64_t{0});
}

/// Whether row i of `changed` is that of `original` moved by `point`, to the bit.
bool is_moved(const AttackSpace& space, const Tensor& original, const Tensor& changed,
              std::int64_t i, std::vector<double> point) {
  const auto buffer = attack_space::make_buffer(space, original.dtype());
  buffer->reset(1);
  const auto still = attack_space::coordinates(space, original, i);
  buffer->place(0, original, i, still, point);
  const Tensor made = buffer->take(), row = changed.rows(i, 1);
  const std::size_t size = static_cast<std::size_t>(made.n_elements()) * bytes_of(made.dtype());
  return std::memcmp(made.layout().data, row.layout().data, size) == 0;
}

/// As it comes back from a file of bytes; undefined where the bounds are no picture's.
Tensor as_bytes(const AttackPlan& plan, const Tensor& x) {
  if (!is_floating(x.dtype()) || plan.bounds != std::pair{0.0, 1.0}) return {};
  if (x.dtype() != DType::f32 && x.dtype() != DType::f64) return {};
  const Tensor wide = x.host(DType::f64);
  std::vector<double> out(static_cast<std::size_t>(x.n_elements()));
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = std::round(wide.data<double>()[i] * 255) / 255;
  if (x.dtype() == DType::f64) return Tensor::own(std::move(out), x.shape());
  return Tensor::own(std::vector<float>(out.begin(), out.end()), x.shape());
}

}  // namespace leadline::detail::verify

namespace leadline::robustness {

namespace inside = leadline::detail::verify;

Verified verify_examples(Model& model, const AttackPlan& plan, std::span<const AttackRow> rows,
                         std::span<const double> eps, const Inputs& original,
                         const Tensor& adversarial, int repeats,
                         std::span<const std::vector<double>> points) {
  const auto n = std::ssize(rows);
  const Tensor first = original.primary.host();
  if (!std::ranges::equal(first.shape(), adversarial.shape()) || adversarial.size(0) != n ||
      std::ssize(eps) != n)
    throw ShapeError("verify_examples", "originals like the adversarials, one row and eps each",
                     shape_text(first.shape()) + " and " + shape_text(adversarial.shape()),
                     "pass matching batches");
  Verified seen{.n = n, .repeats = repeats};
  seen.repeats_fooled.assign(static_cast<std::size_t>(n), 0);
  if (n == 0) return seen;

  const auto space = leadline::detail::attack_space::make_space(first, plan);
  const Tensor changed = adversarial.host();
  const double slack = 1e-6 * (plan.bounds.second - plan.bounds.first);
  const std::int64_t d = space.n_values;
  const Tensor all = first.host(DType::f64), moved = changed.host(DType::f64);
  if (space.motion && std::ssize(points) != n)
    throw ShapeError("verify_examples", "the motion of each row in 'points'",
                     std::to_string(points.size()), "pass AttackResult::point of each");
  for (std::int64_t i = 0; i < n; ++i) {
    const auto a = leadline::detail::attack_space::coordinates(space, first, i);
    const auto b = space.motion ? points[static_cast<std::size_t>(i)]
                                : leadline::detail::attack_space::coordinates(space, changed, i);
    const double norm = leadline::detail::attack_geometry::distance(space, plan.norm, a, b);
    const double budget = eps[static_cast<std::size_t>(i)];
    const double* from = all.data<double>() + i * d;
    const double* to = moved.data<double>() + i * d;
    bool in = true;
    bool as_allowed = !space.motion || inside::is_moved(space, first, changed, i, b);
    for (std::int64_t j = 0; j < d; ++j)
      in = in && to[j] >= plan.bounds.first - slack && to[j] <= plan.bounds.second + slack;
    if (!space.free.empty()) {
      std::vector<bool> may(static_cast<std::size_t>(d), false);
      for (const std::int64_t j : space.free) may[static_cast<std::size_t>(j)] = true;
      for (std::int64_t j = 0; j < d; ++j)
        as_allowed = as_allowed && (may[static_cast<std::size_t>(j)] || from[j] == to[j]);
    }
    seen.too_far += !(norm <= budget * (1 + 1e-6)) || !as_allowed;
    seen.out_of_bounds += !in;
    if (budget > 0) seen.worst_norm = std::max(seen.worst_norm, norm / budget);
  }

  const auto once = inside::reached(model, plan, rows, original, changed);
  for (int k = 0; k < repeats; ++k) {
    const auto again = inside::reached(model, plan, rows, original, changed);
    for (std::size_t i = 0; i < again.size(); ++i) seen.repeats_fooled[i] += again[i];
  }
  for (std::size_t i = 0; i < once.size(); ++i)
    seen.not_fooled += 2 * (once[i] + seen.repeats_fooled[i]) <= 1 + repeats;
  if (const Tensor bytes = inside::as_bytes(plan, changed); bytes.defined()) {
    seen.rounded_n = n;
    seen.rounded_fooled = inside::count_reached(model, plan, rows, original, bytes);
  }
  return seen;
}

}  // namespace leadline::robustness
