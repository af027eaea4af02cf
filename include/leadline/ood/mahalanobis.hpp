/// Mahalanobis distance in feature space as an out-of-distribution detector.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/core/state.hpp"

namespace leadline::ood {

struct MahalanobisOptions {
  std::string layer{};
  std::int64_t max_features = 2048;
  static Fields fields() {
    return {field("layer", &MahalanobisOptions::layer,
                  "Layer whose activations are scored; empty: the one before the last."),
            field("max_features", &MahalanobisOptions::max_features,
                  "Refuse wider layers: the covariance takes 8 * features^2 bytes.")
                .at_least(1)};
  }
};

/// Class means and one pooled covariance, fitted from mergeable sums.
class LEADLINE_API GaussianFit {
 public:
  /// Adds `features` [n, d] with labels [n]. Throws ShapeError when d differs from before.
  void add(const Eigen::Ref<const Eigen::MatrixXd>& features, std::span<const std::int64_t> labels);
  void merge(const GaussianFit& other);
  void save(State& state) const;
  void load(const State& state);
  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] std::int64_t n_features() const { return scatter_.rows(); }
  [[nodiscard]] std::int64_t n_classes() const;

  /// Rows of `transform` times a feature vector are uncorrelated with unit variance; directions
  /// without variance (below 1e-10 of the largest) are left out, as a pseudo-inverse does.
  struct Solved {
    Eigen::MatrixXd transform;  // [rank, d]
    Eigen::MatrixXd means;      // [n_classes seen, rank], transformed
    std::int64_t rank = 0;
  };
  /// Covariance divides by n (Lee et al. 2018). Throws DataError with fewer than 2 samples.
  [[nodiscard]] Solved solve() const;

 private:
  std::int64_t n_ = 0;
  Eigen::VectorXd shift_;    // first feature vector: keeps the sums small
  Eigen::MatrixXd scatter_;  // sum of outer products of shifted features, [d, d]
  std::map<std::int64_t, std::pair<std::int64_t, Eigen::VectorXd>> classes_;  // count, shifted sum
};

/// Squared distance of each row of `features` [n, d] to the nearest class mean.
[[nodiscard]] LEADLINE_API Eigen::VectorXd nearest_squared_distance(
    const GaussianFit::Solved& fit, const Eigen::Ref<const Eigen::MatrixXd>& features);

/// How well the distance to the nearest class, in the features of a layer, tells foreign inputs
/// from familiar ones.
///
/// score = -min_c (z - mu_c)' S^-1 (z - mu_c), S pooled within classes   (Lee et al. 2018, eq. 2,
/// arXiv:1807.03888); no input perturbation, one layer.
///
/// Needs:   activations of `layer` [n, ...] (more than two dimensions are averaged over the
///          trailing ones); labels and the role `fit` or `train`; roles `test` and `ood/<name>`
/// Gives:   auroc{ood=..}, fpr95{ood=..,positive=id}, mean_squared_distance
class LEADLINE_API Mahalanobis : public Probe {
 public:
  using Options = MahalanobisOptions;
  explicit Mahalanobis(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::ood
