#include <Eigen/Core>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/mean_squared_error.hpp"
#include "leadline/metrics/r2.hpp"

using namespace leadline;

TEST_CASE("weights of outputs weigh their values and limits", "[metrics][outputs]") {
  const Eigen::MatrixXd target = (Eigen::MatrixXd(4, 2) << 0, 0, 1, 2, 2, 4, 3, 6).finished();
  Eigen::MatrixXd predicted = target;
  predicted(0, 0) += 1;  // mean squared errors 0.25 and 1
  predicted(3, 1) += 2;
  metrics::MeanSquaredError weighted({.output_weights = {3, 1}});
  weighted.update(predicted, target);
  const Estimate found = weighted.compute();
  CHECK_THAT(found.value(), WithinAbs((3 * 0.25 + 1) / 4, 1e-15));
  double lower = 0, upper = 0;
  for (const int j : {0, 1}) {
    metrics::MeanSquaredError alone;
    alone.update(Eigen::VectorXd(predicted.col(j)), Eigen::VectorXd(target.col(j)));
    const double w = j == 0 ? 3 : 1;
    lower += w * *alone.compute().lower / 4;
    upper += w * *alone.compute().upper / 4;
  }
  CHECK_THAT(*found.lower, WithinAbs(lower, 1e-15));
  CHECK_THAT(*found.upper, WithinAbs(upper, 1e-15));
}

TEST_CASE("weights of outputs that do not fit are refused", "[metrics][outputs]") {
  const Eigen::MatrixXd numbers = Eigen::MatrixXd::Zero(3, 2);
  metrics::MeanSquaredError three({.output_weights = {1, 1, 1}});
  CHECK_THROWS_AS(three.update(numbers, numbers), ShapeError);
  CHECK(three.compute().status == Status::empty);
  CHECK_THROWS_AS(metrics::MeanSquaredError({.output_weights = {0, 0}}), ValueError);
  CHECK_THROWS_AS(metrics::MeanSquaredError({.output_weights = {-1, 2}}), ValueError);
  CHECK_THROWS_AS(metrics::R2({.multioutput = metrics::OutputAverage::variance_weighted,
                               .output_weights = {1, 2}}),
                  ValueError);
}
