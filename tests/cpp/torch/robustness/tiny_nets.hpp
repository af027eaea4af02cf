/// Random ReLU nets so small that their exact margins can be enumerated.
#pragma once

#include <ATen/ATen.h>

#include <Eigen/Dense>
#include <limits>
#include <memory>
#include <vector>

#include "leadline/stats/random.hpp"
#include "leadline/torch/models/backends.hpp"

namespace leadline::test {

/// x -> W3 relu(W2 relu(W1 x + b1) + b2) + b3 in float64.
struct TinyNet {
  Eigen::MatrixXd w1, w2, w3;
  Eigen::VectorXd b1, b2, b3;

  TinyNet(std::uint64_t seed, int d, int h1, int h2, int classes) {
    stats::Rng rng(seed, "tiny_net");
    const auto matrix = [&](int rows, int cols) {
      return Eigen::MatrixXd(Eigen::MatrixXd::NullaryExpr(
          rows, cols, [&](Eigen::Index, Eigen::Index) { return rng.normal(); }));
    };
    w1 = matrix(h1, d);
    b1 = 0.5 * matrix(h1, 1);
    w2 = matrix(h2, h1);
    b2 = 0.5 * matrix(h2, 1);
    w3 = matrix(classes, h2);
    b3 = matrix(classes, 1);
  }
  [[nodiscard]] Eigen::VectorXd operator()(const Eigen::VectorXd& x) const {
    const Eigen::VectorXd h = (w1 * x + b1).cwiseMax(0);
    return w3 * (w2 * h + b2).cwiseMax(0) + b3;
  }
  [[nodiscard]] std::shared_ptr<models::TorchModel> model() const {
    const auto tensor = [](const Eigen::MatrixXd& m) {
      at::Tensor t = at::empty({m.rows(), m.cols()}, at::kDouble);
      for (Eigen::Index i = 0; i < m.rows(); ++i)
        for (Eigen::Index j = 0; j < m.cols(); ++j) t[i][j] = m(i, j);
      return t;
    };
    const at::Tensor a1 = tensor(w1), a2 = tensor(w2), a3 = tensor(w3), c1 = tensor(b1).view(-1),
                     c2 = tensor(b2).view(-1), c3 = tensor(b3).view(-1);
    return models::from_function(
        [=](at::Tensor x) {
          return at::linear(at::relu(at::linear(at::relu(at::linear(x, a1, c1)), a2, c2)), a3, c3);
        },
        {.name = "tiny", .output = OutputKind::logits, .dtype = at::kDouble});
  }

  /// Exact least value of `row` . f over the box [low, high]. The least value of a piecewise linear
  /// function lies at a vertex: where as many hyperplanes meet as there are dimensions, among the
  /// faces of the box, the bends of the first layer, and those of the second layer under each
  /// pattern of the first. Every point tried is inside the box, so none is below the truth.
  [[nodiscard]] double least(const Eigen::RowVectorXd& row, const Eigen::VectorXd& low,
                             const Eigen::VectorXd& high) const {
    const Eigen::Index d = low.size();
    double best = std::numeric_limits<double>::infinity();
    for (int pattern = 0; pattern < 1 << b1.size(); ++pattern) {
      Eigen::MatrixXd on = Eigen::MatrixXd::Zero(b1.size(), b1.size());
      for (Eigen::Index j = 0; j < b1.size(); ++j) on(j, j) = (pattern >> j) & 1;
      Eigen::MatrixXd faces(2 * d + b1.size() + b2.size(), d);
      Eigen::VectorXd at(faces.rows());
      faces << Eigen::MatrixXd::Identity(d, d), Eigen::MatrixXd::Identity(d, d), w1, w2 * on * w1;
      at << low, high, -b1, -(w2 * (on * b1) + b2);
      std::vector<Eigen::Index> chosen;
      visit(faces, at, chosen, 0, [&](const Eigen::VectorXd& x) {
        if ((x.array() < low.array() - 1e-9).any() || (x.array() > high.array() + 1e-9).any())
          return;
        const Eigen::VectorXd inside = x.cwiseMax(low).cwiseMin(high);
        best = std::min(best, row.dot((*this)(inside)));
      });
    }
    return best;
  }

 private:
  template <class Found>
  void visit(const Eigen::MatrixXd& faces, const Eigen::VectorXd& at,
             std::vector<Eigen::Index>& chosen, Eigen::Index next, const Found& found) const {
    const Eigen::Index d = faces.cols();
    if (static_cast<Eigen::Index>(chosen.size()) == d) {
      Eigen::MatrixXd a(d, d);
      Eigen::VectorXd b(d);
      for (Eigen::Index i = 0; i < d; ++i) {
        a.row(i) = faces.row(chosen[static_cast<std::size_t>(i)]);
        b[i] = at[chosen[static_cast<std::size_t>(i)]];
      }
      const Eigen::FullPivLU<Eigen::MatrixXd> lu(a);
      if (lu.isInvertible()) found(Eigen::VectorXd(lu.solve(b)));
      return;
    }
    for (Eigen::Index i = next; i < faces.rows(); ++i) {
      chosen.push_back(i);
      visit(faces, at, chosen, i + 1, found);
      chosen.pop_back();
    }
  }
};

}  // namespace leadline::test
