#include "leadline/fairness/group_counts.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/group_metrics.hpp"
#include "toys.hpp"

using namespace leadline;
using namespace leadline::fairness;
using fair::counts_of;
using fair::Labels;

namespace {
// Group a: TP 3, FN 1, FP 1, TN 5; group b: TP 2, FN 2, FP 3, TN 3. Each 10 rows.
const Labels target{1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
const Labels prediction{1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0};
std::vector<std::string> ab() {
  std::vector<std::string> out(20, "a");
  for (std::size_t i = 10; i < 20; ++i) out[i] = "b";
  return out;
}
FairnessOptions small() { return {.gap = {.min_support = 1}}; }
Slice slice(const GroupCounts& counts, std::size_t i) { return slices_by(counts.index(), "")[i]; }
}  // namespace

TEST_CASE("rates by group are those of the four-fold table", "[fairness][counts]") {
  const auto counts = counts_of(prediction, target, fair::table_of("g", ab()));
  const auto rate = [&](RateKind kind, std::size_t group) {
    return counts.rate(kind, slice(counts, group), 1).rate();
  };
  CHECK(rate(RateKind::selection_rate, 0) == 0.4);
  CHECK(rate(RateKind::selection_rate, 1) == 0.5);
  CHECK(rate(RateKind::true_positive_rate, 0) == 0.75);
  CHECK(rate(RateKind::true_positive_rate, 1) == 0.5);
  CHECK(rate(RateKind::false_positive_rate, 0) == 1.0 / 6);
  CHECK(rate(RateKind::false_positive_rate, 1) == 0.5);
  CHECK(rate(RateKind::positive_predictive_value, 0) == 0.75);
  CHECK(rate(RateKind::positive_predictive_value, 1) == 0.4);
  CHECK(rate(RateKind::negative_predictive_value, 1) == 0.6);
  CHECK(rate(RateKind::base_rate, 1) == 0.4);
  CHECK(rate(RateKind::accuracy, 0) == 0.8);
}

TEST_CASE("the fairness metrics are differences and ratios of these rates", "[fairness][metrics]") {
  const auto counts = counts_of(prediction, target, fair::table_of("g", ab()));
  const auto value = [](const Gap& gap) { return gap.estimate.value(); };
  CHECK_THAT(value(demographic_parity_difference(counts, small())), WithinAbs(0.1, 1e-12));
  CHECK_THAT(value(demographic_parity_ratio(counts, small())), WithinAbs(0.8, 1e-12));
  CHECK_THAT(value(equal_opportunity_difference(counts, small())), WithinAbs(0.25, 1e-12));
  CHECK_THAT(value(equalized_odds_difference(counts, small())), WithinAbs(1.0 / 3, 1e-12));
  CHECK_THAT(value(equalized_odds_difference(counts, small(), Aggregate::mean)),
             WithinAbs((0.25 + 1.0 / 3) / 2, 1e-12));
  CHECK_THAT(value(predictive_parity_difference(counts, small())), WithinAbs(0.35, 1e-12));
  CHECK_THAT(value(accuracy_difference(counts, small())), WithinAbs(0.3, 1e-12));
  CHECK(worst_group_accuracy(counts, small()).lowest == "g=b");
  // AIF360's smoothed EDF: (k + 1/2) / (n + 1), the larger |log ratio| of either decision.
  CHECK_THAT(value(differential_fairness(counts, small())),
             WithinAbs(std::max(std::log(5.5 / 4.5), std::log(6.5 / 5.5)), 1e-12));
}

TEST_CASE("generalized entropy and Theil give AIF360's documented values", "[fairness][metrics]") {
  // Nine samples of its own test: benefits 0, 0, 1 x 8 and so on, worked by hand.
  const auto one = fair::table_of("g", std::vector<std::string>(10, "all"));
  const auto ge2 = generalized_entropy(
      counts_of({0, 1, 1, 1, 1, 0, 0, 0, 0, 0}, {0, 1, 1, 1, 1, 1, 1, 0, 0, 0}, one));
  CHECK_THAT(ge2.value(), WithinAbs(0.125, 1e-12));  // mu 0.8: (1.25 - 1) / 2
  // All benefits 0 or 2 in equal shares: mu 1, GE(2) = (2 - 1) / 2, Theil = ln 2.
  const auto two = fair::table_of("g", std::vector<std::string>(4, "all"));
  const auto half = counts_of({0, 0, 1, 1}, {1, 1, 0, 0}, two);
  CHECK_THAT(generalized_entropy(half).value(), WithinAbs(0.5, 1e-12));
  CHECK_THAT(theil_index(half).value(), WithinAbs(std::log(2.0), 1e-12));
  CHECK(generalized_entropy(half, 0).status == Status::undefined);
  const auto none = counts_of({0, 0}, {1, 1}, fair::table_of("g", {"x", "x"}));
  CHECK(generalized_entropy(none).status == Status::undefined);
  const auto right = generalized_entropy(counts_of({0, 1, 0, 1}, {0, 1, 0, 1}, two));
  CHECK(right.value() == 0);
  CHECK(*right.upper > 0);
}

TEST_CASE("the interval of generalized entropy covers", "[fairness][metrics][coverage]") {
  stats::Rng rng(4, "entropy");
  for (const double wrong : {0.02, 0.1, 0.3}) {
    const double mu = 1;  // as many false positives as false negatives
    const double truth = ((1 - wrong) + 4 * wrong / 2 - mu) / 2;
    int covered = 0;
    for (int run = 0; run < 400; ++run) {
      Labels predicted, labels;
      for (int i = 0; i < 300; ++i) {
        labels.push_back(i % 2);
        const double u = rng.uniform();
        predicted.push_back(u < wrong ? 1 - labels.back() : labels.back());
      }
      const auto e = generalized_entropy(
          counts_of(predicted, labels, fair::table_of("g", std::vector<std::string>(300, "x"))));
      covered += *e.lower <= truth && truth <= *e.upper;
    }
    INFO(wrong);
    CHECK(covered >= 366);  // 0.95 of 400 is 380, sd 4.4; a point less is allowed for
  }
}

TEST_CASE("consistency is that of the definition", "[fairness][metrics]") {
  // On a line, k = 1: the neighbours of 0, 1, 3, 7 are 1, 0, 1, 3.
  const Eigen::MatrixXd x = (Eigen::MatrixXd(4, 1) << 0, 1, 3, 7).finished();
  const Labels y{1, 1, 0, 0};
  const auto e = consistency(x, y, 1);
  CHECK_THAT(e.value(), WithinAbs(0.75, 1e-12));  // only the third differs from its neighbour
  CHECK(e.n == 4);
  CHECK_THAT(consistency(x, y, 3).value(), WithinAbs(1 - (2.0 / 3 * 4) / 4, 1e-12));
  CHECK_THROWS_AS(consistency(x, y, 4), ValueError);
  CHECK_THROWS_AS(consistency(x, Labels{1, 1, 0}, 1), ShapeError);
  CHECK_THROWS_AS(consistency(x, Labels{1, 1, 0, 2}, 1), ValueError);
}

TEST_CASE("counts merge in any order and weight 2 is a sample twice", "[fairness][counts][merge]") {
  stats::Rng rng(8, "merge");
  Labels p, t;
  std::vector<std::string> sex, age;
  for (int i = 0; i < 600; ++i) {
    p.push_back(static_cast<std::int64_t>(rng.below(3)));
    t.push_back(static_cast<std::int64_t>(rng.below(3)));
    sex.push_back(rng.below(5) == 0 ? "" : rng.below(2) ? "f" : "m");
    age.push_back(std::to_string(rng.below(4)));
  }
  Table all;
  std::vector<std::uint8_t> valid;
  for (const auto& s : sex) valid.push_back(!s.empty());
  all.add("sex", sex, valid).add("age", age);
  const auto whole = counts_of(p, t, all);
  std::vector<GroupCounts> parts;
  for (int k = 0; k < 3; ++k) {
    std::vector<std::int64_t> rows;
    Labels pp, tt;
    for (std::int64_t i = k; i < 600; i += 3) {
      rows.push_back(i);
      pp.push_back(p[static_cast<std::size_t>(i)]);
      tt.push_back(t[static_cast<std::size_t>(i)]);
    }
    parts.push_back(counts_of(pp, tt, *all.take(rows)));
  }
  GroupCounts forward, backward;
  for (int k = 0; k < 3; ++k) {
    forward.merge(parts[static_cast<std::size_t>(k)]);
    backward.merge(parts[static_cast<std::size_t>(2 - k)]);
  }
  for (const auto* by : {"sex", "age", "sex,age"}) {
    const auto a = whole.rates(RateKind::accuracy, by), b = forward.rates(RateKind::accuracy, by),
               c = backward.rates(RateKind::accuracy, by);
    REQUIRE(a.size() == b.size());
    REQUIRE(a.size() == c.size());
    for (std::size_t g = 0; g < a.size(); ++g) {
      CHECK(a[g].group == b[g].group);
      CHECK(a[g].successes == b[g].successes);
      CHECK(a[g].successes == c[g].successes);
      CHECK(a[g].n == c[g].n);
    }
  }
  State state("t");
  whole.save(state);
  GroupCounts back;
  back.load(State::parse(state.dump(), "t"));
  State again("t");
  back.save(again);
  CHECK(again.dump() == state.dump());

  const auto table = fair::table_of("g", {"a", "a", "b"});
  const auto twice =
      counts_of({1, 1, 0}, {1, 1, 0}, fair::table_of("g", {"a", "a", "b"}), {2, 1, 3});
  const auto rate = twice.rates(RateKind::selection_rate);
  CHECK(rate[0].rate() == 1);
  CHECK_THAT(rate[0].n, WithinAbs(9.0 / 5, 1e-12));  // Kish
}

TEST_CASE("missing values keep a sample out of that attribute only", "[fairness][counts]") {
  Table table;
  table.add("sex", Categories{{0, -1, 1, 0}, {"f", "m"}}).add("age", Labels{10, 9, 10, 9});
  const auto counts = counts_of({1, 1, 0, 0}, {1, 1, 1, 1}, table);
  const auto sex = counts.rates(RateKind::accuracy, "sex");
  REQUIRE(sex.size() == 2);
  CHECK(sex[0].rows == 2);
  CHECK(sex[1].rows == 1);
  const auto age = counts.rates(RateKind::accuracy, "age");
  CHECK(age[0].group == "age=9");  // numbers in their order
  CHECK(age[0].rows == 2);
  CHECK(counts.rates(RateKind::accuracy, "sex,age").size() == 3);
  CHECK(counts.n() == 4);
}

TEST_CASE("bad groups and labels are refused and change nothing", "[fairness][counts][errors]") {
  GroupCounts counts;
  const Labels ones{1, 1};
  const std::array<Column, 2> columns{Column{"prediction", ones}, Column{"target", ones}};
  const Rows rows{{}, {}, columns};
  CHECK_THROWS_WITH(counts.update(rows, fair::table_of("g", {"a"})),
                    ContainsSubstring("GroupCounts.update: expected groups of 2 rows, as the "
                                      "target, got 1 (pass one group a sample)"));
  Table floats;
  floats.add("age", std::vector<double>{1.5, 2.5});
  CHECK_THROWS_WITH(
      counts.update(rows, floats),
      ContainsSubstring("GroupCounts.update: expected groups 'age' as categories, integers or "
                        "texts, got floats (bin them first, e.g. with quantile_bins)"));
  CHECK_THROWS_WITH(GroupCounts({"race"}).update(rows, fair::table_of("sex", {"a", "b"})),
                    ContainsSubstring("GroupCounts.update: expected a column 'race', got columns "
                                      "sex (name one of these)"));
  const std::vector<double> negative{1, -1};
  CHECK_THROWS_AS(counts.update(Rows{{}, negative, columns}, fair::table_of("g", {"a", "b"})),
                  ValueError);
  const Labels bad{0, -3};
  const std::array<Column, 2> wrong{Column{"prediction", bad}, Column{"target", ones}};
  CHECK_THROWS_AS(counts.update(Rows{{}, {}, wrong}, fair::table_of("g", {"a", "b"})), ValueError);
  CHECK(counts.n() == 0);
  CHECK(counts.index().n_leaves() == 0);
  CHECK_THROWS_AS(counts_of({0, 1, 2}, {0, 1, 2}, fair::table_of("g", {"a", "b", "b"}))
                      .rates(RateKind::selection_rate),
                  ValueError);  // three classes: which is favourable?
  const std::array<Column, 1> bare{Column{"prediction", ones}};
  GroupCounts untold;
  untold.update(Rows{{}, {}, bare}, fair::table_of("g", {"a", "b"}));
  CHECK(untold.rates(RateKind::selection_rate).size() == 2);
  CHECK_THROWS_WITH(untold.rates(RateKind::true_positive_rate),
                    ContainsSubstring("fairness: expected targets, for the true_positive_rate"));
  State state("t");
  untold.save(state);
  auto text = state.dump();
  CHECK_THROWS_AS(untold.load(State("t").set("attributes", std::vector<std::string>{"g"})),
                  StoreError);
}

TEST_CASE("Simpson's paradox: Berkeley's admissions", "[fairness][data]") {
  // UCBAdmissions (Bickel, Hammel and O'Connell 1975): department, admitted and rejected by sex.
  const int table[6][4] = {{512, 313, 89, 19},   {353, 207, 17, 8},  {120, 205, 202, 391},
                           {138, 279, 131, 244}, {53, 138, 94, 299}, {22, 351, 24, 317}};
  Labels admitted;
  std::vector<std::string> sex, department;
  for (int d = 0; d < 6; ++d)
    for (int cell = 0; cell < 4; ++cell)
      for (int i = 0; i < table[d][cell]; ++i) {
        admitted.push_back(cell % 2 == 0);
        sex.push_back(cell < 2 ? "male" : "female");
        department.push_back(std::string(1, static_cast<char>('A' + d)));
      }
  REQUIRE(admitted.size() == 4526);
  Table groups;
  groups.add("sex", sex).add("department", department);
  const auto counts = counts_of(admitted, admitted, groups);
  const auto overall = demographic_parity_difference(counts, {.by = "sex"});
  CHECK(overall.highest == "sex=male");
  CHECK_THAT(overall.estimate.value(), WithinAbs(1198.0 / 2691 - 557.0 / 1835, 1e-12));  // 0.1416
  CHECK(overall.estimate.facts.at("p_value") < 0.001);
  int women_ahead = 0, men_clearly_ahead = 0;
  const auto rates = counts.rates(RateKind::selection_rate, "sex,department");
  for (int d = 0; d < 6; ++d) {
    const std::vector pair{rates[static_cast<std::size_t>(d)],
                           rates[static_cast<std::size_t>(d + 6)]};
    const auto gap = rate_difference(pair, {.min_support = 20, .reference = pair[1].group});
    women_ahead += gap.estimate.value() > 0;
    men_clearly_ahead += *gap.estimate.upper < 0;
  }
  CHECK(women_ahead == 4);
  CHECK(men_clearly_ahead == 0);
}
