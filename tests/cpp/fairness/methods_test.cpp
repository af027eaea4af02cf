// Calibration by group, weak slices, mitigations and their comparison.
#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/comparison.hpp"
#include "leadline/fairness/group_calibration.hpp"
#include "leadline/fairness/group_metrics.hpp"
#include "leadline/fairness/mitigation.hpp"
#include "leadline/fairness/weak_slices.hpp"
#include "support/golden.hpp"
#include "toys.hpp"

using namespace leadline;
using namespace leadline::fairness;
using fair::Labels;

namespace {

struct Scored {
  std::vector<double> probability;
  Labels target;
  std::vector<std::string> sex, city;
  Table groups() const {
    Table table;
    table.add("sex", sex).add("city", city);
    return table;
  }
};

/// Calibrated scores; those of group (f, city 2) are `off` too low.
Scored scored(int n, std::uint64_t seed, double off) {
  stats::Rng rng(seed, "scored");
  Scored s;
  for (int i = 0; i < n; ++i) {
    s.sex.push_back(rng.below(2) ? "f" : "m");
    s.city.push_back(std::to_string(rng.below(3)));
    const double p = 0.1 + 0.7 * rng.uniform();
    const bool hurt = s.sex.back() == "f" && s.city.back() == "2";
    s.probability.push_back(p);
    s.target.push_back(rng.bernoulli(hurt ? std::min(1.0, p + off) : p));
  }
  return s;
}

GroupCalibration calibration_of(const Scored& s, const std::vector<double>& weights = {}) {
  const std::array<Column, 2> columns{Column{"probability", s.probability},
                                      Column{"target", s.target}};
  GroupCalibration out(5);
  out.update(Rows{{}, weights, columns}, s.groups());
  return out;
}

Table metadata(int n, stats::Rng& rng) {
  std::vector<double> age;
  Labels site;
  std::vector<std::string> device;
  for (int i = 0; i < n; ++i) {
    age.push_back(20 + 60 * rng.uniform());
    site.push_back(static_cast<std::int64_t>(rng.below(5)));
    device.push_back(rng.below(3) ? "phone" : "scanner");
  }
  Table table;
  table.add("age", age).add("site", site).add("device", device);
  return table;
}

}  // namespace

TEST_CASE("calibration by group finds the group whose scores are too low",
          "[fairness][calibration]") {
  const auto calibration = calibration_of(scored(3000, 1, 0.2));
  const auto bias = calibration.bias("sex,city");
  REQUIRE(bias.size() == 6);
  for (const auto& value : bias) {
    const bool hurt = value.group == "sex=f,city=2";
    CHECK((*value.estimate.lower > 0.1) == hurt);
    if (!hurt) CHECK((*value.estimate.lower < 0.03 && *value.estimate.upper > -0.03));
  }
  const auto worst = calibration.multicalibration(2);
  CHECK_THAT(worst.highest, ContainsSubstring("sex=f,city=2"));
  CHECK(worst.estimate.facts.at("p_value") < 1e-4);
  CHECK(*worst.estimate.lower > 0.05);
  CHECK(worst.estimate.facts.at("n_cells") <= 11 * 5);
  CHECK(calibration.reliability("sex").series.size() == 2);
}

TEST_CASE("calibrated scores raise multicalibration alarms no more often than stated",
          "[fairness][calibration][null]") {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto gap = calibration_of(scored(600, 100 + seed, 0))
                         .multicalibration(2, {.replicates = 100, .seed = seed});
    alarms += gap.estimate.facts.at("p_value") <= 0.05;
    if (seed == 0) CHECK(gap.estimate.facts.at("null_gap") > 0.08);  // 55 cells of 20 to 100
  }
  CHECK(alarms <= 12);  // at most 5 expected
}

TEST_CASE("calibration states merge, and weight 2 is twice the sample", "[fairness][calibration]") {
  const auto a = scored(300, 2, 0), b = scored(200, 3, 0.1);
  auto both = a;
  both.probability.insert(both.probability.end(), b.probability.begin(), b.probability.end());
  both.target.insert(both.target.end(), b.target.begin(), b.target.end());
  both.sex.insert(both.sex.end(), b.sex.begin(), b.sex.end());
  both.city.insert(both.city.end(), b.city.begin(), b.city.end());
  auto merged = calibration_of(b);
  merged.merge(calibration_of(a));
  const auto whole = calibration_of(both);
  for (std::size_t g = 0; g < 2; ++g) {
    CHECK_THAT(merged.bias("sex")[g].estimate.value(),
               WithinAbs(whole.bias("sex")[g].estimate.value(), 1e-12));
    CHECK_THAT(*merged.expected_error("sex")[g].estimate.upper,
               WithinAbs(*whole.expected_error("sex")[g].estimate.upper, 1e-9));
  }
  const auto doubled = calibration_of(a, std::vector<double>(300, 2.0));
  CHECK_THAT(doubled.bias("sex")[0].estimate.value(),
             WithinAbs(calibration_of(a).bias("sex")[0].estimate.value(), 1e-12));
  State state("t");
  whole.save(state);
  GroupCalibration back(5);
  back.load(State::parse(state.dump(), "t"));
  CHECK(back.multicalibration().estimate.text() == whole.multicalibration().estimate.text());
  GroupCalibration other(7);
  CHECK_THROWS_AS(other.merge(whole), ValueError);
  auto bad = a;
  bad.probability[4] = 1.5;
  CHECK_THROWS_WITH(calibration_of(bad),
                    ContainsSubstring("expected probability in [0, 1], got 1.5 at row 4"));
}

TEST_CASE("a planted weak segment is found, with its name", "[fairness][slices]") {
  int found = 0, first = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    stats::Rng rng(seed, "planted");
    const Table table = metadata(1500, rng);
    const auto& site = std::get<std::vector<std::int64_t>>(table.at("site").values);
    std::vector<double> wrong;
    for (int i = 0; i < 1500; ++i)  // 300 samples of site 3 at 25 % instead of 10 %
      wrong.push_back(rng.bernoulli(site[static_cast<std::size_t>(i)] == 3 ? 0.25 : 0.1));
    const auto search =
        find_weak_slices(table, wrong, {.permutations = 99, .seed = static_cast<int>(seed)});
    const auto weak = search.significant();
    found += !weak.empty();
    first += !weak.empty() && weak[0].name.find("site=3") != std::string::npos;
    if (!weak.empty()) CHECK(*weak[0].difference.lower > 0);
  }
  CHECK(found >= 18);  // power at 15 points in 300 of 1500
  CHECK(first >= 18);
}

TEST_CASE("honest data raise no alarm more often than stated", "[fairness][slices][null]") {
  for (const auto correction : {SearchCorrection::permutation, SearchCorrection::split}) {
    int alarms = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      stats::Rng rng(seed, "honest");
      const Table table = metadata(500, rng);
      std::vector<double> wrong;
      for (int i = 0; i < 500; ++i) wrong.push_back(rng.bernoulli(0.1));
      const auto search = find_weak_slices(
          table, wrong,
          {.correction = correction, .permutations = 39, .seed = static_cast<int>(seed)});
      CHECK(search.n_searched > 10);
      alarms += !search.significant().empty();
    }
    CHECK(alarms <= 9);  // 3 expected at most
  }
}

TEST_CASE("the search says what it searched and refuses what it cannot", "[fairness][slices]") {
  Table table;
  std::vector<std::string> names, half;
  std::vector<double> loss;
  std::vector<std::uint8_t> valid;
  for (int i = 0; i < 400; ++i) {
    names.push_back("person " + std::to_string(i));
    half.push_back(i % 2 ? "a" : "b");
    valid.push_back(i % 4 != 0);
    loss.push_back(i % 4 == 0 ? 1 : 0.1);  // missing is the weak segment
  }
  table.add("name", names).add("half", half, valid);
  const auto search = find_weak_slices(table, loss);
  CHECK(search.skipped == std::vector<std::string>{"name"});
  CHECK(search.columns == std::vector<std::string>{"half"});
  CHECK(search.n_searched == 3);
  REQUIRE_FALSE(search.significant().empty());
  CHECK(search.significant()[0].name == "half=missing");
  CHECK_THAT(search.slices[0].difference.value(), WithinAbs(0.9, 1e-12));
  CHECK_THROWS_AS(find_weak_slices(table, std::vector<double>(3, 0.0)), ShapeError);
  loss[7] = NAN;
  CHECK_THROWS_WITH(find_weak_slices(table, loss), ContainsSubstring("at row 7"));
  CHECK_THROWS_AS(find_weak_slices(table, loss, {.depth = 3}), ValueError);
  Table small;
  small.add("half", std::vector<std::string>{"a", "b"});
  CHECK(find_weak_slices(small, std::vector<double>{0, 1}).overall.status == Status::not_measured);
}

TEST_CASE("reweighing makes label and group independent", "[fairness][mitigation]") {
  // Kamiran and Calders 2012, table 1: 10 people, weights by sex and class.
  const std::vector<std::string> sex{"m", "m", "m", "m", "m", "f", "f", "f", "f", "f"};
  const Labels y{1, 1, 1, 1, 0, 1, 1, 0, 0, 0};
  const auto fitted = Reweighing::fit(fair::counts_of(y, y, fair::table_of("sex", sex)));
  const auto w = fitted.weights(y, fair::table_of("sex", sex));
  CHECK_THAT(w[0], WithinAbs(0.75, 1e-12));
  CHECK_THAT(w[4], WithinAbs(2.0, 1e-12));
  CHECK_THAT(w[5], WithinAbs(1.5, 1e-12));
  CHECK_THAT(w[9], WithinAbs(2.0 / 3, 1e-12));
  double total = 0;
  for (const double one : w) total += one;
  CHECK_THAT(total, WithinAbs(10, 1e-12));
  const auto counts = fair::counts_of(y, y, fair::table_of("sex", sex), w);
  CHECK_THAT(demographic_parity_difference(counts, {.gap = {.min_support = 1}}).estimate.value(),
             WithinAbs(0, 1e-12));
  CHECK_THROWS_WITH(fitted.weights(Labels{1}, fair::table_of("sex", {"x"})),
                    ContainsSubstring("'sex=x' with label 1"));
}

TEST_CASE("group thresholds are fairlearn's ThresholdOptimizer", "[fairness][mitigation]") {
  const auto frozen = golden("fairness");
  const std::vector<double> all = frozen["score"];
  const Labels everyone = frozen["target"], codes = frozen["sex"];
  const std::vector<double> score(all.begin(), all.begin() + 1000);
  const Labels target(everyone.begin(), everyone.begin() + 1000);
  Table groups;
  groups.add("sex", Labels(codes.begin(), codes.begin() + 1000));
  const auto names = names_of(std::type_identity<ThresholdGoal>{});
  for (std::size_t g = 0; g < names.size(); ++g) {
    const auto fitted =
        GroupThresholds::fit(score, target, groups, {static_cast<ThresholdGoal>(g), 1000, 0});
    // The chance of each decision, from the rules: no randomness in the comparison.
    double right = 0, selected[2] = {}, n[2] = {};
    for (std::size_t i = 0; i < 1000; ++i) {
      const auto& r = fitted.rules().at("sex=" + std::to_string(codes[i]));
      const double chance =
          r.mix * r.constant +
          (1 - r.mix) * (r.share * (score[i] > r.low) + (1 - r.share) * (score[i] > r.high));
      right += (target[i] ? chance : 1 - chance) / 1000;
      selected[codes[i]] += chance;
      n[codes[i]] += 1;
    }
    const auto& peer = frozen["thresholds"][std::string(names[g])];
    INFO(names[g]);
    CHECK_THAT(right, WithinAbs(static_cast<double>(peer["accuracy"]), 1e-3));
    CHECK_THAT(selected[0] / n[0], WithinAbs(static_cast<double>(peer["selection_rate"][0]), 0.01));
    CHECK_THAT(selected[1] / n[1], WithinAbs(static_cast<double>(peer["selection_rate"][1]), 0.01));
  }
  const auto fitted = GroupThresholds::fit(score, target, groups);
  const auto decided = fitted.apply(score, groups);
  const auto counts = [&](const Labels& p) { return fair::counts_of(p, target, groups); };
  Labels plain;
  for (const double s : score) plain.push_back(s > 0.5);
  CHECK(equalized_odds_difference(counts(decided)).estimate.value() <
        equalized_odds_difference(counts(plain)).estimate.value() / 2);
  std::vector<SampleId> ids;  // the same decisions in another order, by id
  std::vector<double> backwards(score.rbegin(), score.rend());
  Labels reversed_codes(codes.begin(), codes.begin() + 1000);
  std::reverse(reversed_codes.begin(), reversed_codes.end());
  Table turned;
  turned.add("sex", reversed_codes);
  for (std::int64_t i = 999; i >= 0; --i) ids.push_back(i);
  auto again = fitted.apply(backwards, turned, ids);
  std::reverse(again.begin(), again.end());
  CHECK(again == decided);
  Table unknown;
  unknown.add("sex", Labels{7});
  CHECK_THROWS_WITH(fitted.apply(std::vector<double>{0.5}, unknown),
                    ContainsSubstring("expected groups that were in the fit, got 'sex=7'"));
  CHECK_THROWS_AS(GroupThresholds::fit(score, Labels(1000, 1), groups), ValueError);
}

TEST_CASE("gaps agree with fairlearn", "[fairness][metrics][golden]") {
  const auto frozen = golden("fairness");
  const std::vector<double> score = frozen["score"], weights = frozen["weights"];
  const Labels target = frozen["target"];
  Labels prediction;
  for (const double s : score) prediction.push_back(s > 0.5);
  Table groups;
  groups.add("sex", frozen["sex"].get<Labels>()).add("age", frozen["age"].get<Labels>());
  const auto counts = fair::counts_of(prediction, target, groups);
  const auto weighted = fair::counts_of(prediction, target, groups, weights);
  const auto compare = [](const GroupCounts& c, const char* by, const nlohmann::json& peer) {
    const FairnessOptions options{.by = by, .gap = {.min_support = 1, .replicates = 100}};
    const auto near = [&](const Gap& gap, const char* name) {
      INFO(by << " " << name);
      CHECK_THAT(gap.estimate.value(), WithinAbs(peer[name].get<double>(), 1e-12));
      CHECK(*gap.estimate.lower <= gap.estimate.value());
    };
    near(demographic_parity_difference(c, options), "demographic_parity_difference");
    near(demographic_parity_ratio(c, options), "demographic_parity_ratio");
    near(equalized_odds_difference(c, options), "equalized_odds_difference");
    near(equalized_odds_difference(c, options, Aggregate::mean), "equalized_odds_mean");
    near(equal_opportunity_difference(c, options), "equal_opportunity_difference");
    const auto rates = c.rates(RateKind::accuracy, by);
    CHECK(rates.size() == peer["accuracy"].size());
    std::size_t i = 0;
    for (const auto& [key, value] : peer["accuracy"].items())
      CHECK_THAT(rates[i++].rate(), WithinAbs(value.get<double>(), 1e-12));
  };
  compare(counts, "sex", frozen["by_sex"]);
  compare(counts, "age", frozen["by_age"]);
  compare(counts, "sex,age", frozen["by_both"]);
  compare(weighted, "sex", frozen["weighted"]);
}

TEST_CASE("reject option decides for the groups selected less, close to the threshold",
          "[fairness][mitigation]") {
  const std::vector<double> p{0.9, 0.55, 0.45, 0.2, 0.48, 0.45, 0.3, 0.1};
  const Labels y{1, 1, 0, 0, 1, 0, 0, 0};
  const auto groups = fair::table_of("g", {"a", "a", "a", "a", "b", "b", "b", "b"});
  const auto fitted = RejectOption::fit(p, y, groups, {.limit = 0.0});
  CHECK(fitted.favoured().at("g=b"));
  CHECK_FALSE(fitted.favoured().at("g=a"));
  // Selected 2 of 4 against 0: at 0.02 the gap falls to 1 of 4, and no margin closes it.
  CHECK_THAT(fitted.margin(), WithinAbs(0.02, 1e-12));
  const auto decided = fitted.apply(p, groups);
  CHECK(decided == Labels{1, 1, 0, 0, 1, 0, 0, 0});
  const auto free = RejectOption::fit(p, y, groups, {.limit = 1.0});
  CHECK(free.margin() == 0);
  CHECK_THROWS_AS(RejectOption::fit(p, y, groups, {.limit = 2}), ValueError);
}

TEST_CASE("a mitigation's benefit and price stand in one paired table", "[fairness][mitigation]") {
  const auto frozen = golden("fairness");
  const std::vector<double> all = frozen["score"];
  const Labels everyone = frozen["target"], codes = frozen["sex"];
  const auto half = [&](std::size_t first) {
    Table table;
    table.add("sex", Labels(codes.begin() + first, codes.begin() + first + 1000));
    return std::tuple(std::vector<double>(all.begin() + first, all.begin() + first + 1000),
                      Labels(everyone.begin() + first, everyone.begin() + first + 1000), table);
  };
  const auto [score, target, groups] = half(0);
  const auto [fresh, truth, people] = half(1000);
  const auto fitted = GroupThresholds::fit(score, target, groups);
  Decisions plain{"baseline", {}, fresh};
  for (const double s : fresh) plain.prediction.push_back(s > 0.5);
  Decisions same{"nothing", plain.prediction, fresh};
  Decisions odds{"thresholds", fitted.apply(fresh, people), fresh};
  const std::vector others{same, odds};
  const auto reports = compare_mitigations(plain, others, truth, people, {.replicates = 500});
  for (const auto& effect : reports[0].effects) {
    INFO(effect.name);
    CHECK(effect.change.value() == 0);
  }
  const auto& gain = reports[1].at("equalized_odds_difference");
  CHECK(gain.change.value() < 0);
  CHECK(*gain.change.upper < 0.02);
  CHECK_THAT(gain.change.value(), WithinAbs(gain.after.value() - gain.before.value(), 1e-12));
  const auto& price = reports[1].at("accuracy");
  CHECK_THAT(price.change.value(), WithinAbs(price.after.value() - price.before.value(), 1e-12));
  CHECK(*price.change.upper - *price.change.lower < 0.06);  // paired: narrower than two intervals
  CHECK(reports[1].at("ece").change.method == "same_probabilities");
  CHECK(reports[1].at("selection_rate@sex=0").change.ok());
  CHECK(table_of(reports[1]).rows.size() == reports[1].effects.size());
  CHECK_THROWS_WITH(reports[1].at("acuracy"), ContainsSubstring("did you mean 'accuracy'?"));
  Decisions off{"off", {0, 1}, {}};
  CHECK_THROWS_AS(compare_mitigations(plain, std::vector{off}, truth, people), ShapeError);
}
