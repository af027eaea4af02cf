#include "leadline/robustness/failure_rate.hpp"

#include <array>
#include <bit>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "support/toys.hpp"

using namespace leadline;
using robustness::Performance;

namespace {

/// Fails in the half-space w.z >= t with |w| = 1: the rate is the normal tail beyond t.
Performance half_space(double t) {
  return [t](std::span<const double> z, std::int64_t d) {
    std::vector<double> scores;
    for (std::size_t i = 0; i < z.size(); i += static_cast<std::size_t>(d)) {
      double dot = 0;
      for (std::int64_t k = 0; k < d; ++k) dot += z[i + static_cast<std::size_t>(k)];
      scores.push_back(dot / std::sqrt(static_cast<double>(d)) - t);
    }
    return scores;
  };
}

}  // namespace

TEST_CASE("splitting reaches half-space tails from 1e-2 to 1e-8", "[robustness][failure_rate]") {
  for (const double rate : {1e-2, 1e-4, 1e-6, 1e-8}) {
    const double t = -stats::normal_quantile(rate);
    const auto found = robustness::splitting(half_space(t), 5, {}, 7);
    CAPTURE(rate, found.rate.text(), found.least_acceptance);
    REQUIRE(found.rate.ok());
    // measured relative error at most 0.09: docs/rooms/behaviour.md
    CHECK(found.rate.value() > 0.7 * rate);
    CHECK(found.rate.value() < 1.4 * rate);
    CHECK(*found.rate.lower < found.rate.value());
    CHECK(found.least_acceptance > 0.1);
    CHECK(std::is_sorted(found.thresholds.begin(), found.thresholds.end()));
    CHECK(found.rates.size() == 10);
    CHECK(found.rows < 10 * 1000 * (1 + 5 * 9));
  }
}

TEST_CASE("splitting leaves a ball, and finds two failure regions", "[robustness][failure_rate]") {
  const Performance shell = [](std::span<const double> z, std::int64_t d) {
    std::vector<double> scores;
    for (std::size_t i = 0; i < z.size(); i += static_cast<std::size_t>(d)) {
      double square = 0;
      for (std::int64_t k = 0; k < d; ++k)
        square += z[i + static_cast<std::size_t>(k)] * z[i + static_cast<std::size_t>(k)];
      scores.push_back(square - 45.314747);  // P(chi2 of 20 > 45.314747) = 1e-3
    }
    return scores;
  };
  const auto around = robustness::splitting(shell, 20, {}, 3);
  CAPTURE(around.rate.text());
  CHECK(around.rate.value() > 0.75e-3);
  CHECK(around.rate.value() < 1.33e-3);
  const Performance both = [](std::span<const double> z, std::int64_t d) {
    auto scores = half_space(0)(z, d);
    for (double& s : scores) s = std::abs(s) + stats::normal_quantile(0.5e-4);
    return scores;
  };
  const auto two = robustness::splitting(both, 20, {}, 3);
  CAPTURE(two.rate.text());
  CHECK(two.rate.value() > 0.75e-4);
  CHECK(two.rate.value() < 1.33e-4);
}

TEST_CASE("splitting is unbiased", "[robustness][failure_rate]") {
  double sum = 0;
  const int n = 100;
  for (std::uint64_t seed = 0; seed < n; ++seed)
    sum += robustness::splitting(half_space(-stats::normal_quantile(1e-3)), 2,
                                 {.particles = 40, .moves = 5, .repeats = 4}, seed)
               .rate.value_if_ok()
               .value_or(0);
  // 400 repeats of relative spread about 1: the mean is known to 0.05
  CHECK_THAT(sum / n / 1e-3, WithinAbs(1.0, 0.2));
}

TEST_CASE("the interval of splitting covers about as often as it says",
          "[robustness][failure_rate][coverage]") {
  int covered = 0;
  const int n = 60;
  const double rate = 1e-4, t = -stats::normal_quantile(rate);
  for (std::uint64_t seed = 0; seed < n; ++seed) {
    const auto found =
        robustness::splitting(half_space(t), 2, {.particles = 100, .moves = 8, .repeats = 8}, seed);
    covered += found.rate.ok() && *found.rate.lower <= rate && rate <= *found.rate.upper;
  }
  CAPTURE(covered);
  CHECK(covered >= 47);  // 0.92 of 300 at this size: P(X < 47 | 60, 0.92) = 3e-4
}

TEST_CASE("plain draws cover exactly and agree with splitting", "[robustness][failure_rate]") {
  const double t = -stats::normal_quantile(0.02);
  int covered = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Estimate found = robustness::monte_carlo(half_space(t), 3, 700, seed);
    covered += *found.lower <= 0.02 && 0.02 <= *found.upper;
    CHECK(found.method == "clopper_pearson");
  }
  CHECK(covered >= 89);  // P(X < 89 | 100, 0.95) = 0.004
}

TEST_CASE("a failure that cannot be reached has no rate, and says below what",
          "[robustness][failure_rate]") {
  const Performance never = [](std::span<const double> z, std::int64_t d) {
    return std::vector<double>(z.size() / static_cast<std::size_t>(d), -1.0);
  };
  const auto found = robustness::splitting(never, 2, {.particles = 50});
  CHECK(found.rate.status == Status::undefined);
  CHECK(found.rate.why.find("below 1e-12") != std::string::npos);
  const Performance nan = [](std::span<const double> z, std::int64_t d) {
    return std::vector<double>(z.size() / static_cast<std::size_t>(d), NAN);
  };
  CHECK_THROWS_AS(robustness::splitting(nan, 2), ValueError);
  CHECK_THROWS_AS(robustness::splitting(never, 0), ValueError);
  CHECK_THROWS_AS(robustness::splitting(never, 2, {.keep = 1.5}), ValueError);
  CHECK_THROWS_AS(robustness::monte_carlo(never, 2, 0), ValueError);
}

namespace {

/// All samples at `x`; the model reads the sign of the mean of d values.
DatasetPtr constant_rows(std::int64_t n, std::int64_t d, float x) {
  return std::make_shared<TensorDataset>(
      Tensor::own(std::vector<float>(static_cast<std::size_t>(n * d), x), {n, d}),
      Tensor::own(std::vector<std::int64_t>(static_cast<std::size_t>(n), 1), {n}),
      TensorDataset::Options{});
}

std::shared_ptr<Subject> mean_sign(std::int64_t d) {
  return toys::rowwise(2, [d](const float* x, float* out) {
    out[0] = 0;
    out[1] = 0;
    for (std::int64_t k = 0; k < d; ++k) out[1] += x[k];
  });
}

}  // namespace

TEST_CASE("the probe gives the rate of a linear model under Gaussian noise",
          "[robustness][failure_rate]") {
  // sum of 4 values at 1 with noise of 0.5: fails with P(N(4, 1) <= 0) = 3.2e-5
  const auto probe = std::make_shared<robustness::FailureRate>(
      robustness::FailureRateOptions{.perturbation = robustness::NoiseShape::gaussian,
                                     .size = 0.5,
                                     .max_samples = 4,
                                     .splitting = {.particles = 300, .repeats = 8}});
  const Finding finding = toys::run(probe, mean_sign(4), constant_rows(10, 4, 1));
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  const double truth = stats::normal_sf(4);
  const Estimate& rate = finding.at("failure_rate");
  CAPTURE(rate.text());
  CHECK(rate.value() > 0.6 * truth);
  CHECK(rate.value() < 1.6 * truth);
  const Estimate& sure = finding.at("certified_failure_rate");
  CHECK(sure.n == 4 * 1000);
  CHECK(*sure.lower <= truth);
  CHECK(*sure.upper >= truth);
  CHECK(sure.facts.at("one_sided_upper_bound") < *sure.upper);
  for (const Check& check : finding.checks) {
    INFO(check.name << ": " << check.why);
    CHECK(check.result == Check::pass);
  }
}

TEST_CASE("a model that gets worse while it is used is caught",
          "[robustness][failure_rate][check]") {
  std::int64_t rows = 0;
  const auto drifting = toys::rowwise(2, [&rows](const float* x, float* out) {
    out[0] = 0;
    out[1] = x[0] + x[1] - (++rows > 2500 ? 0.8F : 0.0F);
  });
  const auto probe = std::make_shared<robustness::FailureRate>(robustness::FailureRateOptions{
      .size = 1.2, .max_samples = 2, .draws = 2000, .splitting = {.particles = 200, .repeats = 6}});
  const Finding finding = toys::run(probe, drifting, constant_rows(4, 2, 1));
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  CHECK(toys::check_of(finding, "splitting_agrees_with_monte_carlo").result == Check::fail);
}

TEST_CASE("scores too ragged to climb are caught", "[robustness][failure_rate][check]") {
  const auto ragged = toys::rowwise(2, [](const float* x, float* out) {
    out[0] = 0;
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(std::array<float, 2>{x[0], x[1]});
    out[1] = static_cast<float>((stats::mix64(bits) >> 40) + 1) / 16777216.0F;  // no slope anywhere
  });
  const auto probe = std::make_shared<robustness::FailureRate>(robustness::FailureRateOptions{
      .max_samples = 2, .draws = 100, .splitting = {.particles = 100, .moves = 5, .repeats = 4}});
  const Finding finding = toys::run(probe, ragged, constant_rows(4, 2, 1));
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  CHECK(toys::check_of(finding, "moves_are_accepted").result == Check::fail);
}
