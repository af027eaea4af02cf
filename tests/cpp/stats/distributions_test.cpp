#include "leadline/stats/distributions.hpp"

#include <cmath>
#include <limits>

#include "catch.hpp"
#include "leadline/core/error.hpp"

TEST_CASE("distributions match scipy to 1e-12", "[stats][distributions]") {
  struct Row {
    double ours, scipy;  // scipy 1.17.1
  };
  for (const auto& [ours, scipy] :
       {Row{leadline::stats::normal_quantile(1e-10), -6.36134090240406},
        {leadline::stats::normal_quantile(.975), 1.95996398454005},
        {leadline::stats::normal_sf(10), 7.61985302416047e-24},
        {leadline::stats::normal_cdf(-1.5), 0.0668072012688581},
        {leadline::stats::student_t_sf(2.5, 3.7), 0.0359110114559134},
        {leadline::stats::student_t_cdf(-40, 5), 9.20598108588648e-08},
        {leadline::stats::student_t_quantile(.995, 2), 9.92484320091829},
        {leadline::stats::chi_square_sf(30.2, 15), 0.0112204028402928},
        {leadline::stats::chi_square_sf(700, 10), 6.28014669923573e-144},
        {leadline::stats::chi_square_quantile(.95, 1), 3.84145882069412},
        {leadline::stats::chi_square_cdf(.001, 1), 0.0252271206300396},
        {leadline::stats::beta_quantile(.05, 901, 100), 0.884075488583474},
        {leadline::stats::beta_cdf(.3, .5, 2.5), 0.796889336279945},
        {leadline::stats::beta_sf(.999, 3, 2), 5.99200300000001e-06},
        {leadline::stats::binomial_cdf(3, 50, .1), 0.250293905953308},
        {leadline::stats::binomial_sf(60, 100, .3), 1.41989248321106e-10},
        {leadline::stats::binomial_pmf(300, 1000, .3), 0.0275210038212684}})
    CHECK_THAT(ours, WithinRel(scipy, 1e-12));
  CHECK_THAT(leadline::stats::normal_two_sided(0.95), WithinAbs(1.959963984540054, 1e-14));
}

TEST_CASE("distributions at their ends", "[stats][distributions]") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(leadline::stats::normal_cdf(-infinity) == 0.0);
  CHECK(leadline::stats::normal_sf(-infinity) == 1.0);
  CHECK(leadline::stats::student_t_cdf(infinity, 3) == 1.0);
  CHECK(leadline::stats::chi_square_sf(0, 3) == 1.0);
  CHECK(leadline::stats::chi_square_sf(infinity, 3) == 0.0);
  CHECK(leadline::stats::binomial_cdf(-1, 10, .5) == 0.0);
  CHECK(leadline::stats::binomial_cdf(10, 10, .5) == 1.0);
  CHECK(leadline::stats::binomial_cdf(3, 10, 0.0) == 1.0);
  CHECK(leadline::stats::binomial_sf(3, 10, 1.0) == 1.0);
  CHECK(leadline::stats::binomial_pmf(11, 10, .5) == 0.0);
  CHECK(leadline::stats::binomial_pmf(0, 10, 0.0) == 1.0);
}

TEST_CASE("distributions refuse what has no meaning", "[stats][distributions]") {
  using leadline::ValueError;
  CHECK_THROWS_AS(leadline::stats::normal_quantile(0.0), ValueError);
  CHECK_THROWS_AS(leadline::stats::normal_quantile(std::nan("")), ValueError);
  CHECK_THROWS_AS(leadline::stats::normal_cdf(std::nan("")), ValueError);
  CHECK_THROWS_AS(leadline::stats::student_t_sf(1.0, 0.0), ValueError);
  CHECK_THROWS_AS(leadline::stats::chi_square_sf(-1.0, 2.0), ValueError);
  CHECK_THROWS_AS(leadline::stats::beta_cdf(1.5, 1.0, 1.0), ValueError);
  CHECK_THROWS_AS(leadline::stats::binomial_cdf(1, 10, 1.5), ValueError);
}
