#include "leadline/inside/logistic.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "leadline/core/error.hpp"

namespace leadline::inside {
namespace detail::logistic {

/// Rows of probabilities from rows of scores, in place.
void softmax_rows(Eigen::MatrixXd& scores) {
  const Eigen::VectorXd top = scores.rowwise().maxCoeff();
  scores.colwise() -= top;
  scores = scores.array().exp();
  const Eigen::VectorXd sum = scores.rowwise().sum();
  scores.array().colwise() /= sum.array();
}

/// Parameters as one matrix [n_classes, n_features + 1]; the bias is the last column.
struct Problem {
  const Eigen::MatrixXd& x;  // standardised, with a column of ones
  std::span<const std::int64_t> labels;
  double penalty;

  [[nodiscard]] Eigen::MatrixXd gradient(const Eigen::MatrixXd& parameters) const {
    Eigen::MatrixXd p = x * parameters.transpose();
    softmax_rows(p);
    for (Eigen::Index i = 0; i < p.rows(); ++i) p(i, labels[static_cast<std::size_t>(i)]) -= 1;
    Eigen::MatrixXd g = p.transpose() * x / static_cast<double>(x.rows());
    const auto d = parameters.cols() - 1;
    g.leftCols(d) += penalty * parameters.leftCols(d);
    return g;
  }
};

/// Largest eigenvalue of x'x / n by power iteration: bounds the curvature (times 1/2).
double curvature(const Eigen::MatrixXd& x) {
  Eigen::VectorXd v = Eigen::VectorXd::Ones(x.cols()).normalized();
  double value = 0;
  for (int i = 0; i < 30; ++i) {
    const Eigen::VectorXd next = x.transpose() * (x * v) / static_cast<double>(x.rows());
    value = next.norm();
    if (value <= 0) return 1;
    v = next / value;
  }
  return value;
}

void require(const Eigen::Ref<const Eigen::MatrixXd>& features,
             std::span<const std::int64_t> labels, std::int64_t n_classes) {
  if (features.rows() != std::ssize(labels) || features.rows() < 2)
    throw ShapeError(
        "fit_logistic", "at least two samples with a label each",
        std::to_string(features.rows()) + " rows and " + std::to_string(labels.size()) + " labels",
        "");
  for (const auto label : labels)
    if (label < 0 || label >= n_classes)
      throw ValueError("fit_logistic", "labels in [0, " + std::to_string(n_classes) + ")",
                       std::to_string(label), "");
}

}  // namespace detail::logistic

std::vector<std::int64_t> Logistic::predict(
    const Eigen::Ref<const Eigen::MatrixXd>& features) const {
  const Eigen::MatrixXd x =
      (features.rowwise() - mean.transpose()).array().rowwise() / scale.transpose().array();
  const Eigen::MatrixXd scores = (x * weights.transpose()).rowwise() + bias.transpose();
  std::vector<std::int64_t> labels(static_cast<std::size_t>(features.rows()));
  for (Eigen::Index i = 0; i < scores.rows(); ++i) {
    Eigen::Index best = 0;
    scores.row(i).maxCoeff(&best);
    labels[static_cast<std::size_t>(i)] = best;
  }
  return labels;
}

Logistic fit_logistic(const Eigen::Ref<const Eigen::MatrixXd>& features,
                      std::span<const std::int64_t> labels, std::int64_t n_classes, double penalty,
                      int max_iterations, double enough) {
  namespace impl = detail::logistic;
  impl::require(features, labels, n_classes);
  const auto n = features.rows(), d = features.cols();
  Logistic model;
  model.mean = features.colwise().mean();
  Eigen::MatrixXd x(n, d + 1);
  x.leftCols(d) = features.rowwise() - model.mean.transpose();
  model.scale = (x.leftCols(d).colwise().squaredNorm() / static_cast<double>(n)).cwiseSqrt();
  for (Eigen::Index j = 0; j < d; ++j)
    if (!(model.scale(j) > 0)) model.scale(j) = 1;  // a constant feature stays at 0
  x.leftCols(d).array().rowwise() /= model.scale.transpose().array();
  x.col(d).setOnes();
  const impl::Problem problem{x, labels, penalty};
  const double step = 1 / (0.5 * 1.05 * impl::curvature(x) + penalty);
  Eigen::MatrixXd at = Eigen::MatrixXd::Zero(n_classes, d + 1), ahead = at;
  double momentum = 1;
  for (; model.n_iterations < max_iterations; ++model.n_iterations) {
    const Eigen::MatrixXd g = problem.gradient(ahead);
    model.gradient_norm = g.cwiseAbs().maxCoeff();
    model.gap =
        penalty > 0 ? g.squaredNorm() / (2 * penalty) : std::numeric_limits<double>::infinity();
    if (model.gradient_norm < 1e-5 || model.gap < enough) {
      model.converged = true;
      break;
    }
    const Eigen::MatrixXd next = ahead - step * g;
    const bool overshoots = g.cwiseProduct(next - at).sum() > 0;
    const double grown = overshoots ? 1 : (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
    ahead = overshoots ? next : Eigen::MatrixXd(next + (momentum - 1) / grown * (next - at));
    momentum = grown;
    at = next;
  }
  model.weights = ahead.leftCols(d);
  model.bias = ahead.col(d);
  return model;
}

}  // namespace leadline::inside
