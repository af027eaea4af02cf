/// Linear classifiers with their exact distances to the decision boundary, without torch.
#pragma once

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "leadline/core/subject.hpp"
#include "leadline/robustness/threat.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::test {

/// z = W x + b on float32 rows, with the gradient by hand.
class LinearModel : public Model {
 public:
  LinearModel(std::int64_t k, std::int64_t d, std::uint64_t seed, double scale = 1)
      : k_(k), d_(d), w_(static_cast<std::size_t>(k * d)), scale_(scale) {
    stats::Rng(seed, "weights").fill_normal(std::span(w_));
  }

  SubjectInfo info() const override {
    SubjectInfo info;
    info.name = "linear";
    info.access = Access::labels | Access::outputs | Access::gradients;
    info.output = OutputKind::logits;
    return info;
  }
  Outputs forward(const Inputs& inputs, std::span<const std::string>) override {
    largest_batch = std::max(largest_batch, inputs.primary.size(0));
    if (memory > 0 && inputs.primary.size(0) > memory) throw std::bad_alloc();
    return {scores(inputs.primary), {}, {}};
  }
  Pullback pullback(const Inputs& inputs, std::span<const std::string> taps) override {
    Outputs outputs = forward(inputs, taps);
    const auto n = inputs.primary.size(0);
    const std::vector<std::int64_t> shape(inputs.primary.shape().begin(),
                                          inputs.primary.shape().end());
    return {std::move(outputs), [this, n, shape](const Tensor& back) {
              const Tensor dz = back.host(DType::f64);
              std::vector<float> dx(static_cast<std::size_t>(n * d_), 0.0F);
              for (std::int64_t i = 0; i < n; ++i)
                for (std::int64_t c = 0; c < k_; ++c)
                  for (std::int64_t j = 0; j < d_; ++j)
                    dx[static_cast<std::size_t>(i * d_ + j)] +=
                        static_cast<float>(dz.data<double>()[i * k_ + c] * scale_ * weight(c, j));
              return Tensor::own(std::move(dx), shape);
            }};
  }

  [[nodiscard]] double weight(std::int64_t c, std::int64_t j) const {
    return w_[static_cast<std::size_t>(c * d_ + j)];
  }
  [[nodiscard]] std::vector<double> logits(std::span<const float> x) const {
    std::vector<double> z(static_cast<std::size_t>(k_), shift);
    for (std::int64_t c = 0; c < k_; ++c)
      for (std::int64_t j = 0; j < d_; ++j)
        z[static_cast<std::size_t>(c)] +=
            scale_ * weight(c, j) * static_cast<double>(x[static_cast<std::size_t>(j)]);
    return z;
  }
  /// min over j of (z_y - z_j) / |w_y - w_j|_q, q dual to the norm: exact without bounds.
  [[nodiscard]] double exact_distance(std::span<const float> x, robustness::Norm norm) const {
    const auto z = logits(x);
    const auto y = std::max_element(z.begin(), z.end()) - z.begin();
    double best = std::numeric_limits<double>::infinity();
    for (std::int64_t c = 0; c < k_; ++c) {
      if (c == y) continue;
      double l1 = 0, l2 = 0, most = 0;
      for (std::int64_t j = 0; j < d_; ++j) {
        const double dw = std::abs(scale_ * (weight(y, j) - weight(c, j)));
        l1 += dw;
        l2 += dw * dw;
        most = std::max(most, dw);
      }
      const double size = norm == robustness::Norm::linf ? l1
                          : norm == robustness::Norm::l2 ? std::sqrt(l2)
                                                         : most;
      best =
          std::min(best, (z[static_cast<std::size_t>(y)] - z[static_cast<std::size_t>(c)]) / size);
    }
    return best;
  }

  std::int64_t memory = 0;  // rows of a batch beyond which it throws; 0: no limit
  std::int64_t largest_batch = 0;
  double shift = 0;  // added to all logits

 private:
  Tensor scores(const Tensor& x) const {
    const auto n = x.size(0);
    std::vector<float> out;
    for (std::int64_t i = 0; i < n; ++i) {
      const std::span<const float> row(x.data<float>() + i * d_, static_cast<std::size_t>(d_));
      for (const double z : logits(row)) out.push_back(static_cast<float>(z));
    }
    return Tensor::own(std::move(out), {n, k_});
  }

  std::int64_t k_, d_;
  std::vector<double> w_;
  double scale_;
};

/// Rows about 0.5 with the labels that the model gives them.
struct LinearWorld {
  LinearModel model;
  std::vector<float> values;
  std::vector<std::int64_t> labels;
  std::int64_t n, d;

  LinearWorld(std::int64_t rows, std::int64_t k, std::int64_t dims, std::uint64_t seed = 1,
              double spread = 0.2)
      : model(k, dims, seed), n(rows), d(dims) {
    stats::Rng rng(seed, "rows");
    for (std::int64_t i = 0; i < n * d; ++i)
      values.push_back(static_cast<float>(rng.uniform(0.5 - spread, 0.5 + spread)));
    for (std::int64_t i = 0; i < n; ++i) {
      const auto z = model.logits(row(i));
      labels.push_back(std::max_element(z.begin(), z.end()) - z.begin());
    }
  }
  [[nodiscard]] std::span<const float> row(std::int64_t i) const {
    return std::span(values).subspan(static_cast<std::size_t>(i * d), static_cast<std::size_t>(d));
  }
  [[nodiscard]] Tensor x() const { return Tensor::own(values, {n, d}); }
  [[nodiscard]] Tensor x(std::initializer_list<std::int64_t> shape) const {
    return Tensor::own(values, shape);
  }
  [[nodiscard]] Tensor y() const { return Tensor::own(labels, {n}); }
  [[nodiscard]] double distance(std::int64_t i, robustness::Norm norm) const {
    return model.exact_distance(row(i), norm);
  }
};

}  // namespace leadline::test
