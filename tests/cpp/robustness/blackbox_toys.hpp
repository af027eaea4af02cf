/// Models for the tests of the black-box attacks: analytic, counted, with known distances.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/subject.hpp"
#include "leadline/robustness/attack.hpp"
#include "leadline/stats/random.hpp"

namespace blackbox_toys {

using namespace leadline;
using namespace leadline::robustness;

/// Two classes: logits (0, scale * (w . q(x) + b)), q rounding to steps of `quantum` (0: none).
class Plane : public Model {
 public:
  std::vector<double> w;
  double b = 0, scale = 1, quantum = 0;
  OutputKind output = OutputKind::logits;
  std::int64_t rows = 0;
  std::vector<std::int64_t> shape;

  explicit Plane(std::vector<double> weights) : w(std::move(weights)) {}

  [[nodiscard]] SubjectInfo info() const override {
    const bool labels = output == OutputKind::labels;
    return {
        .name = "plane",
        .backend = "toy",
        .access = labels ? Access::labels : Access::labels | Access::outputs | Access::gradients,
        .output = output};
  }
  [[nodiscard]] double score(const double* x) const {
    double z = b;
    for (std::size_t i = 0; i < w.size(); ++i)
      z += w[i] * (quantum > 0 ? quantum * std::round(x[i] / quantum) : x[i]);
    return scale * z;
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string> = {}) override {
    const Tensor x = inputs.primary.host(DType::f64);
    const std::int64_t n = x.size(0);
    rows += n;
    shape.assign(x.shape().begin(), x.shape().end());
    std::vector<double> logits;
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < n; ++i) {
      const double z = score(x.data<double>() + i * std::ssize(w));
      const double p = 1 / (1 + std::exp(-z));
      labels.push_back(z > 0);
      if (output == OutputKind::probabilities)
        logits.insert(logits.end(), {1 - p, p});
      else
        logits.insert(logits.end(), {0, z});
    }
    if (output == OutputKind::labels) return {Tensor::own(std::move(labels), {n}), {}, {}};
    return {Tensor::own(std::move(logits), {n, 2}), {}, {}};
  }
  Pullback pullback(const Inputs& inputs, std::span<const std::string> = {}) override {
    const std::vector<std::int64_t> like(inputs.primary.shape().begin(),
                                         inputs.primary.shape().end());
    return {forward(inputs), [this, like](const Tensor& dz) {
              const Tensor host = dz.host(DType::f64);
              std::vector<double> dx;
              for (std::int64_t i = 0; i < host.size(0); ++i)
                for (const double v : w)
                  dx.push_back(quantum > 0 ? 0 : scale * v * host.data<double>()[2 * i + 1]);
              return Tensor::own(std::move(dx), like);
            }};
  }
};

/// Weights drawn once; the same in every test.
inline std::vector<double> plane_weights(std::size_t d, std::uint64_t seed = 5) {
  std::vector<double> w(d);
  stats::Rng rng(seed, "plane");
  rng.fill_normal(w);
  return w;
}

/// n points in the middle of [0, 1]^d, all of class 1: the score is `margin` at each.
inline Tensor points_at(const Plane& model, std::int64_t n, double margin,
                        std::vector<std::int64_t> sample, std::uint64_t seed = 3) {
  const std::size_t d = model.w.size();
  double square = 0;
  for (const double v : model.w) square += v * v;
  std::vector<float> all;
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<double> x(d);
    stats::Rng rng(seed, "points", i);
    double z = model.b;
    for (std::size_t j = 0; j < d; ++j) {
      x[j] = rng.uniform(0.45, 0.55);
      z += model.w[j] * x[j];
    }
    for (std::size_t j = 0; j < d; ++j)
      all.push_back(static_cast<float>(x[j] + (margin - z) * model.w[j] / square));
  }
  sample.insert(sample.begin(), n);
  return Tensor::own(std::move(all), sample);
}
inline Tensor ones(std::int64_t n) {
  return Tensor::own(std::vector<std::int64_t>(static_cast<std::size_t>(n), 1), {n});
}

/// Distance of a point of score `margin` from the plane: |z| over the dual norm of w.
inline double exact_distance(const Plane& model, Norm norm, double margin) {
  double sum = 0;
  for (const double v : model.w) {
    const double a = std::abs(v);
    if (norm == Norm::l2) sum += a * a;
    if (norm == Norm::linf) sum += a;
    if (norm == Norm::l1) sum = std::max(sum, a);
  }
  return margin / (norm == Norm::l2 ? std::sqrt(sum) : sum);
}

inline double median_ratio(const Perturbed& found, double exact) {
  std::vector<double> ratios;
  for (const auto& result : found.results) ratios.push_back(result.distance / exact);
  std::sort(ratios.begin(), ratios.end());
  return ratios[ratios.size() / 2];
}
inline double worst_ratio(const Perturbed& found, double exact) {
  double worst = 0;
  for (const auto& result : found.results) worst = std::max(worst, result.distance / exact);
  return worst;
}
inline std::int64_t n_fooled(const Perturbed& found) {
  std::int64_t n = 0;
  for (const auto& result : found.results) n += std::isfinite(result.fooled_at);
  return n;
}
inline std::int64_t most_queries(const Perturbed& found) {
  std::int64_t most = 0;
  for (const auto& result : found.results) most = std::max(most, result.forwards);
  return most;
}
inline bool same_values(const Tensor& a, const Tensor& b) {
  return a.n_elements() == b.n_elements() &&
         std::equal(a.data<float>(), a.data<float>() + a.n_elements(), b.data<float>());
}

}  // namespace blackbox_toys
