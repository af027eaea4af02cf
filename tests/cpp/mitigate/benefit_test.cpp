#include <cmath>
#include <limits>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/sample_table.hpp"
#include "leadline/mitigate/benefit.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/tests.hpp"

using namespace leadline;
using namespace leadline::mitigate;

namespace benefit_test {

constexpr double never = std::numeric_limits<double>::infinity();

/// Sample i of n: misread when i % 10 is `wrong`, misled at 0.1 when i % 10 < `weak`.
Attacked model_of(std::string name, int n, int wrong, int weak) {
  Attacked model{
      .name = std::move(name), .ids = {}, .correct = {}, .rejected = {}, .fooled_at = {}};
  for (int i = 0; i < n; ++i) {
    const bool right = i % 10 != wrong;
    model.ids.push_back(3 * i);
    model.correct.push_back(right ? 1 : 0);
    model.rejected.push_back(0);
    model.fooled_at.push_back(!right ? 0 : i % 10 < weak ? 0.1 : never);
  }
  return model;
}

}  // namespace benefit_test

using namespace benefit_test;

TEST_CASE("a benefit is the paired change of what stands, with McNemar and Holm",
          "[mitigate][benefit]") {
  const std::vector<Attacked> models{model_of("baseline", 200, 9, 6), model_of("good", 200, 8, 2),
                                     model_of("same", 200, 9, 6)};
  const auto rows = benefits(models, {.eps = 0.1});
  REQUIRE(rows.size() == 2);
  const Benefit& good = rows[0];
  // The baseline stands at 6, 7, 8 of each ten, the other at 2 to 7 and 9.
  CHECK(good.robust_accuracy.value() == Approx(0.7));
  CHECK(good.gain.value() == Approx(0.4));
  const auto range =
      stats::paired_difference({.both = 40, .only_first = 100, .only_second = 20, .neither = 40});
  CHECK(*good.gain.lower == Approx(range.lower));
  CHECK(*good.gain.upper == Approx(range.upper));
  CHECK(good.gain.facts.at("p_value") == Approx(stats::mcnemar_test(100, 20).mid_p));
  CHECK(good.gain.facts.at("p_holm") == Approx(2 * good.gain.facts.at("p_value")));
  CHECK(good.accuracy.value() == Approx(0.9));
  CHECK(good.accuracy_change.value() == 0);
  CHECK(good.rejections.value() == 0);
  CHECK(good.worst_group_change.status == Status::undefined);
  CHECK(rows[1].gain.value() == 0);
  CHECK(rows[1].gain.facts.at("p_holm") == Approx(1));
  // At a smaller budget nothing is misled yet.
  CHECK(benefits(models, {.eps = 0.05})[0].gain.value() == 0);
}

TEST_CASE("the worst group may be another one after the mitigation", "[mitigate][benefit]") {
  auto base = model_of("baseline", 300, -1, 0), after = base;
  std::vector<double> groups;
  for (std::size_t i = 0; i < 300; ++i) {
    groups.push_back(i < 5 ? 7.0 : static_cast<double>(i % 3));
    base.correct[i] = i % 3 == 0 && i % 2 == 0 ? 0 : 1;
    after.correct[i] = i % 3 == 1 && i % 5 == 0 ? 0 : 1;
  }
  const std::vector<Attacked> models{base, after};
  const auto row = benefits(models, {.eps = 0.1, .replicates = 500}, groups)[0];
  const auto least = [&](const Attacked& model) {
    double worst = 1;
    for (int g = 0; g < 3; ++g) {  // group 7 is too small
      double n = 0, right = 0;
      for (std::size_t i = 5; i < 300; ++i)
        if (static_cast<int>(i % 3) == g) ++n, right += model.correct[i];
      worst = std::min(worst, right / n);
    }
    return worst;
  };
  CHECK(row.worst_group_change.value() == Approx(least(after) - least(base)));
  CHECK(*row.worst_group_change.lower < row.worst_group_change.value());
  CHECK(*row.worst_group_change.upper > row.worst_group_change.value());
  CHECK(*row.worst_group_change.lower > 0);
}

TEST_CASE("attacked reads what every attack of a run looked at", "[mitigate][benefit]") {
  Report report;
  Finding pgd, square;
  pgd.probe = "pgd";
  square.probe = "square";
  report.findings = {pgd, square};
  auto table = std::make_shared<SampleTable>();
  for (const SampleId id : {5, 2, 9}) {
    table->put("correct", id, id == 9 ? 0 : 1);
    table->put("prediction", id, id == 5 ? 3 : 1);
    table->put("pgd.fooled_at", id, id == 9 ? 0 : 0.2);
    if (id != 2) table->put("square.fooled_at", id, id == 9 ? 0 : 0.1);
  }
  report.samples = table;
  const Attacked seen = attacked("net", report, 3);
  CHECK(seen.ids == std::vector<SampleId>{5, 9});
  CHECK(seen.correct == std::vector<std::uint8_t>{1, 0});
  CHECK(seen.rejected == std::vector<std::uint8_t>{1, 0});
  CHECK(seen.fooled_at == std::vector<double>{0.1, 0.0});
  CHECK(seen.stands(0, 0.05));
  CHECK_FALSE(seen.stands(0, 0.1));
  report.findings = {};
  CHECK_THROWS_AS(attacked("net", report), CapabilityError);
}

TEST_CASE("benefits of models on different samples are refused", "[mitigate][benefit]") {
  const std::vector<Attacked> models{model_of("baseline", 20, 9, 6), model_of("other", 30, 8, 2)};
  CHECK_THROWS_AS(benefits(models, {.eps = 0.1}), ValueError);
  CHECK_THROWS_AS(benefits(std::span(models).first(1), {.eps = 0.1}), ValueError);
  const std::vector<Attacked> pair{models[0], models[0]};
  CHECK_THROWS_AS(benefits(pair, {.eps = 0.1}, std::vector<double>{1.0}), ShapeError);
}
