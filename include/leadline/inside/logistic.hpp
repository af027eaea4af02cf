/// Multinomial logistic regression on standardised features: small, deterministic, no options
/// beyond the penalty.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "leadline/config.hpp"

namespace leadline::inside {

/// W [n_classes, n_features], b [n_classes] on features standardised by `mean` and `scale`.
struct Logistic {
  Eigen::MatrixXd weights;
  Eigen::VectorXd bias, mean, scale;
  int n_iterations = 0;
  bool converged = false;
  double gradient_norm = 0;  // largest absolute entry, at the end
  double gap = 0;  // nats: the loss is at most this far above the least; infinite if unknown

  /// Class of each row of `features` [n, n_features].
  [[nodiscard]] LEADLINE_API std::vector<std::int64_t> predict(
      const Eigen::Ref<const Eigen::MatrixXd>& features) const;
};

/// Minimises mean log loss + penalty / 2 * |W|^2 by accelerated gradient descent with restarts
/// (Nesterov 1983; O'Donoghue and Candes 2015) until the gradient is below 1e-5, or the loss at
/// most `enough` nats above the least. A small gradient alone says little where features nearly
/// repeat each other, so `gap` bounds what is left to gain by strong convexity: |gradient|^2 / (2
/// penalty). Throws ShapeError, ValueError for labels outside [0, n_classes).
[[nodiscard]] LEADLINE_API Logistic fit_logistic(const Eigen::Ref<const Eigen::MatrixXd>& features,
                                                 std::span<const std::int64_t> labels,
                                                 std::int64_t n_classes, double penalty,
                                                 int max_iterations = 2000, double enough = 0);

}  // namespace leadline::inside
