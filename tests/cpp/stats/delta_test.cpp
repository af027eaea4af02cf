#include "leadline/stats/delta.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::delta_test {

using CellTable = std::vector<double>;
using stats::Average;
using stats::DeltaEstimate;
using stats::Ratio;
using stats::RatioOptions;
using Estimator = std::function<DeltaEstimate(const CellTable&)>;

const CellTable table{40, 3, 2, 5, 30, 6, 0, 4, 20};

/// The multinomial variance from central differences of the value.
double numeric_variance(const CellTable& cells, const Estimator& f) {
  double n = 0, squares = 0, sum = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    CellTable up = cells, down = cells;
    const double h = 1e-4 * std::max(1.0, cells[i]);
    up[i] += h;
    down[i] = std::max(0.0, cells[i] - h);
    const double slope = (f(up).value - f(down).value) / (up[i] - down[i]);
    n += cells[i];
    squares += cells[i] * slope * slope;
    sum += cells[i] * slope;
  }
  return squares - sum * sum / n;
}

/// One multinomial table with `n` samples and cell probabilities `p`.
CellTable draw(stats::Rng& rng, const CellTable& p, std::int64_t n) {
  CellTable cells;
  double left = 1;
  std::int64_t remaining = n;
  for (const double q : p) {
    const double share = left > 0 ? std::min(1.0, q / left) : 0.0;
    const auto k = rng.binomial(remaining, share);
    cells.push_back(static_cast<double>(k));
    remaining -= k;
    left -= q;
  }
  cells.back() += static_cast<double>(remaining);
  return cells;
}

CellTable truth(int classes, double accuracy, double shrink) {
  CellTable p;
  double prior = 1, total = 0;
  for (int i = 0; i < classes; ++i, prior *= shrink)
    for (int j = 0; j < classes; ++j)
      p.push_back(prior * (i == j ? accuracy : (1 - accuracy) / (classes - 1)));
  for (const double x : p) total += x;
  for (double& x : p) x /= total;
  return p;
}

int covered(const Estimator& f, const CellTable& p, std::int64_t n, int trials) {
  const double target = f(p).value;
  int hits = 0;
  for (int t = 0; t < trials; ++t) {
    stats::Rng rng(1, "delta", t);
    const auto e = f(draw(rng, p, n));
    hits += e.defined && stats::score_interval(e).contains(target);
  }
  return hits;
}

void check_coverage(int trials, double slack) {
  for (const int classes : {2, 3, 10})
    for (const std::int64_t n : {100, 1000})
      for (const double accuracy : {0.6, 0.9, 0.99}) {
        const CellTable p = truth(classes, accuracy, classes == 3 ? 0.5 : 1.0);
        CAPTURE(classes, n, accuracy);
        const auto macro_f1 = [classes](const CellTable& c) {
          return stats::average_ratio(c, classes, Average::macro);
        };
        const auto balanced = [classes](const CellTable& c) {
          return stats::balanced_accuracy(c, classes);
        };
        const auto last_precision = [classes](const CellTable& c) {
          return stats::class_ratios(c, classes, {.ratio = Ratio::precision}).back();
        };
        const auto matthews = [classes](const CellTable& c) {
          return stats::matthews_correlation(c, classes);
        };
        CHECK(covered(macro_f1, p, n, trials) >= (0.92 - slack) * trials);
        CHECK(covered(balanced, p, n, trials) >= (0.92 - slack) * trials);
        CHECK(covered(matthews, p, n, trials) >= (0.92 - slack) * trials);
        if (n > 100) CHECK(covered(last_precision, p, n, trials) >= (0.92 - slack) * trials);
      }
}

}  // namespace leadline::detail::delta_test

using namespace leadline::detail::delta_test;
namespace stats = leadline::stats;

TEST_CASE("ratios of a confusion matrix match scikit-learn", "[stats][delta]") {
  // scikit-learn 1.9.1 on the same 110 samples
  const auto value = [](Average a, RatioOptions o) {
    return stats::average_ratio(table, 3, a, o).value;
  };
  const RatioOptions precision{.ratio = Ratio::precision}, recall{.ratio = Ratio::recall};
  const RatioOptions f1{}, f2{.beta = 2.0};
  CHECK_THAT(value(Average::macro, precision), WithinAbs(0.8046618046618047, 1e-14));
  CHECK_THAT(value(Average::macro, recall), WithinAbs(0.8179765130984643, 1e-14));
  CHECK_THAT(value(Average::macro, f1), WithinAbs(0.809116809116809, 1e-14));
  CHECK_THAT(value(Average::macro, f2), WithinAbs(0.813869719502844, 1e-14));
  CHECK_THAT(value(Average::weighted, precision), WithinAbs(0.8216918216918216, 1e-14));
  CHECK_THAT(value(Average::weighted, recall), WithinAbs(0.8181818181818182, 1e-14));
  CHECK_THAT(value(Average::weighted, f1), WithinAbs(0.8181818181818183, 1e-14));
  CHECK_THAT(value(Average::weighted, f2), WithinAbs(0.8177441239550051, 1e-14));
  for (const auto& o : {precision, recall, f1, f2})
    CHECK_THAT(value(Average::micro, o), WithinAbs(90.0 / 110, 1e-14));
  CHECK_THAT(stats::balanced_accuracy(table, 3).value, WithinAbs(0.8179765130984643, 1e-14));
  CHECK_THAT(stats::matthews_correlation(table, 3).value, WithinAbs(0.7225062416604704, 1e-14));
  const auto half = stats::class_ratios(table, 3, {.beta = 0.5});
  CHECK_THAT(half[0].value, WithinAbs(0.88888889, 1e-8));
  CHECK_THAT(half[1].value, WithinAbs(0.79365079, 1e-8));
  CHECK_THAT(half[2].value, WithinAbs(0.73529412, 1e-8));
}

TEST_CASE("the exact gradients agree with central differences", "[stats][delta]") {
  const auto agrees = [](const Estimator& f) {
    CHECK_THAT(f(table).variance, WithinRel(numeric_variance(table, f), 1e-5));
  };
  for (const auto ratio : {Ratio::precision, Ratio::recall, Ratio::f_beta})
    for (const auto average : {Average::macro, Average::weighted, Average::micro})
      agrees([=](const CellTable& c) {
        return stats::average_ratio(c, 3, average, {.ratio = ratio, .beta = 1.7});
      });
  for (std::size_t k = 0; k < 3; ++k)
    agrees([=](const CellTable& c) { return stats::class_ratios(c, 3)[k]; });
  agrees([](const CellTable& c) { return stats::balanced_accuracy(c, 3); });
  agrees([](const CellTable& c) { return stats::matthews_correlation(c, 3); });
}

TEST_CASE("the variance of plain rates is p q / n", "[stats][delta]") {
  const auto recall = stats::class_ratios(table, 3, {.ratio = Ratio::recall})[0];
  CHECK_THAT(recall.variance, WithinRel(40.0 / 45 * 5 / 45 / 45, 1e-12));
  CHECK_THAT(recall.n_effective, WithinRel(45.5, 1e-12));
  const auto micro = stats::average_ratio(table, 3, Average::micro);
  CHECK_THAT(micro.variance, WithinRel(90.0 / 110 * 20 / 110 / 110, 1e-12));
  const auto interval = stats::score_interval(micro);
  const auto wilson = stats::proportion_interval(90, 110);
  CHECK_THAT(interval.lower, WithinAbs(wilson.lower, 2e-3));
  CHECK_THAT(interval.upper, WithinAbs(wilson.upper, 2e-3));
}

TEST_CASE("undefined classes are left out and counted", "[stats][delta]") {
  // class 3 occurs but is never predicted, class 4 neither
  CellTable cells(25);
  cells[0] = 10, cells[1] = 2, cells[5] = 1, cells[6] = 7, cells[12] = 5, cells[15] = 3;
  const auto precision = [&](Average a, stats::ZeroDivision z) {
    return stats::average_ratio(cells, 5, a, {.ratio = Ratio::precision, .zero_division = z});
  };
  using stats::ZeroDivision;
  const auto left_out = precision(Average::macro, ZeroDivision::exclude);
  CHECK_THAT(left_out.value, WithinAbs(0.8306878306878307, 1e-14));  // scikit-learn, nan
  CHECK(left_out.classes_averaged == 3);
  CHECK(left_out.classes_undefined == 1);
  const auto as_zero = precision(Average::macro, ZeroDivision::zero);
  CHECK_THAT(as_zero.value, WithinAbs(0.623015873015873, 1e-14));  // scikit-learn, 0
  CHECK(as_zero.classes_averaged == 4);
  CHECK(as_zero.classes_undefined == 1);
  CHECK_THAT(precision(Average::weighted, ZeroDivision::exclude).value,
             WithinAbs(0.7917460317460318, 1e-14));
  CHECK_THAT(precision(Average::weighted, ZeroDivision::zero).value,
             WithinAbs(0.7069160997732427, 1e-14));
  CHECK_THAT(stats::average_ratio(cells, 5, Average::macro).value,
             WithinAbs(0.6481900452488688, 1e-14));
  const auto each = stats::class_ratios(cells, 5, {.ratio = Ratio::precision});
  CHECK(!each[3].defined);
  CHECK(!each[4].defined);
  CHECK_THROWS_AS(stats::score_interval(each[3]), leadline::ValueError);
}

TEST_CASE("nothing seen is not defined", "[stats][delta]") {
  const CellTable nothing(9);
  for (const auto a : {Average::macro, Average::weighted, Average::micro})
    CHECK(!stats::average_ratio(nothing, 3, a).defined);
  CHECK(!stats::balanced_accuracy(nothing, 3).defined);
  CHECK(!stats::matthews_correlation(nothing, 3).defined);
  const CellTable one_truth{5, 3, 0, 0};
  CHECK(!stats::matthews_correlation(one_truth, 2).defined);
  const CellTable single{7};
  CHECK(stats::average_ratio(single, 1, Average::macro).value == 1.0);
}

TEST_CASE("a table without errors gets an interval, not a point", "[stats][delta]") {
  const CellTable perfect{50, 0, 0, 50};
  for (const auto& e :
       {stats::average_ratio(perfect, 2, Average::macro), stats::balanced_accuracy(perfect, 2),
        stats::matthews_correlation(perfect, 2)}) {
    CHECK(e.value == 1.0);
    const auto interval = stats::score_interval(e);
    CHECK(interval.upper == 1.0);
    CHECK(interval.lower > 0.9);
    CHECK(interval.lower < 0.98);  // "no error in 100" reaches down to 0.963
  }
  CHECK(!stats::logit_interval(1.0, 0.0));
}

TEST_CASE("intervals stay inside the range of the value and contain it", "[stats][delta]") {
  for (int t = 0; t < 300; ++t) {
    stats::Rng rng(2, "range", t);
    const CellTable cells = draw(rng, truth(3, 0.34 + 0.65 * rng.uniform(), 0.5), 25);
    for (const auto& e :
         {stats::average_ratio(cells, 3, Average::macro), stats::matthews_correlation(cells, 3)}) {
      if (!e.defined) continue;
      const auto i = stats::score_interval(e);
      REQUIRE(i.contains(e.value));
      REQUIRE((i.lower >= e.low && i.upper <= 1.0));
    }
  }
  const auto logit = stats::logit_interval(0.9, 0.0009);
  REQUIRE(logit);
  // 1 / (1 + exp(-(log 9 -+ 1.959964 * 0.03 / 0.09)))
  CHECK_THAT(logit->lower, WithinAbs(0.8240314266, 1e-9));
  CHECK_THAT(logit->upper, WithinAbs(0.9453468945, 1e-9));
}

TEST_CASE("score intervals of ratios cover", "[stats][delta][coverage]") {
  check_coverage(300, 0.05);  // 4 standard errors of a 300-fold run
}

TEST_CASE("score intervals of ratios cover, thousands of times", "[.full][full]") {
  check_coverage(4000, 0.01);
}

TEST_CASE("bad tables are refused with what is wrong", "[stats][delta]") {
  CHECK_THROWS_AS(stats::class_ratios(table, 2), leadline::ShapeError);
  CHECK_THROWS_AS(stats::class_ratios({}, 0), leadline::ShapeError);
  const CellTable negative{1, -1, 0, 2}, nan{1, std::nan(""), 0, 2};
  CHECK_THROWS_AS(stats::average_ratio(negative, 2, Average::macro), leadline::ValueError);
  CHECK_THROWS_AS(stats::balanced_accuracy(nan, 2), leadline::ValueError);
  CHECK_THROWS_AS(stats::class_ratios(table, 3, {.beta = 0.0}), leadline::ValueError);
}
