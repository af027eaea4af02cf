#include <fmt/format.h>

#include <Eigen/Eigenvalues>

#include "leadline/core/error.hpp"
#include "leadline/ood/mahalanobis.hpp"

namespace leadline::ood {
namespace detail::gaussian_fit {

std::vector<double> flat(const Eigen::MatrixXd& m) { return {m.data(), m.data() + m.size()}; }

constexpr double null_direction = 1e-10;  // of the largest variance

}  // namespace detail::gaussian_fit

void GaussianFit::add(const Eigen::Ref<const Eigen::MatrixXd>& features,
                      std::span<const std::int64_t> labels) {
  const auto d = features.cols();
  if (features.rows() == 0) return;
  if (n_ == 0) {
    shift_ = features.row(0);
    scatter_ = Eigen::MatrixXd::Zero(d, d);
  }
  if (d != scatter_.rows())
    throw ShapeError("mahalanobis", fmt::format("{} features", scatter_.rows()), std::to_string(d),
                     "every batch must give the same layer width");
  const Eigen::MatrixXd shifted = features.rowwise() - shift_.transpose();
  scatter_.noalias() += shifted.transpose() * shifted;
  for (Eigen::Index i = 0; i < shifted.rows(); ++i) {
    auto& [count, sum] = classes_[labels[static_cast<std::size_t>(i)]];
    if (count++ == 0) sum = Eigen::VectorXd::Zero(d);
    sum += shifted.row(i);
  }
  n_ += features.rows();
}

/// Re-centres the other's sums on this shift: sum (x + e)(x + e)' with e = its shift - this shift.
void GaussianFit::merge(const GaussianFit& other) {
  if (other.n_ == 0) return;
  if (n_ == 0) {
    *this = other;
    return;
  }
  if (other.scatter_.rows() != scatter_.rows())
    throw ShapeError("mahalanobis.merge", fmt::format("{} features", scatter_.rows()),
                     std::to_string(other.scatter_.rows()), "");
  const Eigen::VectorXd e = other.shift_ - shift_;
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(e.size());
  for (const auto& [label, part] : other.classes_) sum += part.second;
  scatter_ += other.scatter_ + sum * e.transpose() + e * sum.transpose() +
              static_cast<double>(other.n_) * e * e.transpose();
  for (const auto& [label, part] : other.classes_) {
    auto& [count, mine] = classes_[label];
    if (count == 0) mine = Eigen::VectorXd::Zero(e.size());
    count += part.first;
    mine += part.second + static_cast<double>(part.first) * e;
  }
  n_ += other.n_;
}

std::int64_t GaussianFit::n_classes() const { return std::ssize(classes_); }

GaussianFit::Solved GaussianFit::solve() const {
  if (n_ < 2)
    throw DataError("mahalanobis", "at least 2 samples to fit on", std::to_string(n_),
                    "give more data in the role 'fit'");
  Eigen::MatrixXd within = scatter_;
  Eigen::MatrixXd means(n_classes(), n_features());
  Eigen::Index row = 0;
  for (const auto& [label, part] : classes_) {
    const Eigen::VectorXd mean = part.second / static_cast<double>(part.first);
    within -= static_cast<double>(part.first) * mean * mean.transpose();
    means.row(row++) = mean + shift_;
  }
  within /= static_cast<double>(n_);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(within);
  const double largest = eigen.eigenvalues().maxCoeff();
  if (!(largest > 0))
    throw DataError("mahalanobis", "features that vary within a class", "constant features",
                    "choose another layer");
  Eigen::Index first = 0;
  while (eigen.eigenvalues()(first) <= detail::gaussian_fit::null_direction * largest) ++first;
  Solved solved;
  solved.rank = n_features() - first;
  solved.transform = eigen.eigenvalues().tail(solved.rank).cwiseSqrt().cwiseInverse().asDiagonal() *
                     eigen.eigenvectors().rightCols(solved.rank).transpose();
  solved.means = means * solved.transform.transpose();
  return solved;
}

Eigen::VectorXd nearest_squared_distance(const GaussianFit::Solved& fit,
                                         const Eigen::Ref<const Eigen::MatrixXd>& features) {
  const Eigen::MatrixXd white = features * fit.transform.transpose();
  Eigen::VectorXd best = (white.rowwise() - fit.means.row(0)).rowwise().squaredNorm();
  for (Eigen::Index c = 1; c < fit.means.rows(); ++c)
    best = best.cwiseMin((white.rowwise() - fit.means.row(c)).rowwise().squaredNorm());
  return best;
}

void GaussianFit::save(State& state) const {
  namespace impl = detail::gaussian_fit;
  std::vector<std::int64_t> labels, counts;
  std::vector<double> sums;
  for (const auto& [label, part] : classes_) {
    labels.push_back(label);
    counts.push_back(part.first);
    sums.insert(sums.end(), part.second.begin(), part.second.end());
  }
  state.set("fit.n", n_)
      .set("fit.d", static_cast<std::int64_t>(scatter_.rows()))
      .set("fit.shift", impl::flat(shift_))
      .set("fit.scatter", impl::flat(scatter_))
      .set("fit.labels", std::move(labels))
      .set("fit.counts", std::move(counts))
      .set("fit.sums", std::move(sums));
}

void GaussianFit::load(const State& state) {
  GaussianFit fit;
  fit.n_ = state.integer("fit.n");
  const auto d = state.integer("fit.d");
  if (fit.n_ < 0 || d < 0 || d > 1 << 20)
    throw StoreError("mahalanobis.load", "a fit", "impossible sizes", "start a new run");
  const auto& shift = state.numbers("fit.shift", d);
  const auto& scatter = state.numbers("fit.scatter", d * d);
  const auto& labels = state.integers("fit.labels");
  const auto& counts = state.integers("fit.counts", std::ssize(labels));
  const auto& sums = state.numbers("fit.sums", std::ssize(labels) * d);
  fit.shift_ = Eigen::Map<const Eigen::VectorXd>(shift.data(), d);
  fit.scatter_ = Eigen::Map<const Eigen::MatrixXd>(scatter.data(), d, d);
  for (std::size_t c = 0; c < labels.size(); ++c)
    fit.classes_[labels[c]] = {counts[c], Eigen::Map<const Eigen::VectorXd>(
                                              sums.data() + c * static_cast<std::size_t>(d), d)};
  *this = std::move(fit);
}

}  // namespace leadline::ood
