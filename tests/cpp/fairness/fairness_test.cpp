#include "leadline/fairness/fairness.hpp"

#include "catch.hpp"
#include "leadline/engine/evaluate.hpp"
#include "leadline/engine/policy.hpp"
#include "support/toys.hpp"

using namespace leadline;

namespace {

struct Design {
  int n = 1200;
  double worse = 0;    // added error rate of women
  double missing = 0;  // share of samples without a sex
  int rare = 0;        // samples of a third group
  std::uint64_t seed = 1;
};

/// Logits of a model that is right in 90 %, in less among women.
DatasetPtr data(const Design& design) {
  std::vector<float> logits;
  std::vector<std::int64_t> target;
  Categories sex{{}, {"f", "m", "x"}}, region{{}, {"north", "south"}};
  for (int i = 0; i < design.n; ++i) {
    stats::Rng rng(design.seed, "fair.data", i);
    const int code = i < design.rare ? 2 : static_cast<int>(rng.below(2));
    sex.codes.push_back(rng.bernoulli(design.missing) ? -1 : code);
    region.codes.push_back(static_cast<std::int32_t>(rng.below(2)));
    target.push_back(static_cast<std::int64_t>(rng.below(2)));
    const bool right = rng.bernoulli(0.9 - (code == 0 ? design.worse : 0));
    const auto z = static_cast<float>(2.2 * (right == (target.back() == 1) ? 1 : -1));
    logits.insert(logits.end(), {0, z});
  }
  auto table = std::make_shared<Table>();
  table->add("sex", sex).add("region", region);
  return std::make_shared<TensorDataset>(
      Tensor::own(std::move(logits), {design.n, 2}), Tensor::own(std::move(target), {design.n}),
      TensorDataset::Options{.modality = Modality::table}, table);
}

Finding finding_of(const Design& design, fairness::FairnessProbeOptions options = {},
                   EvaluateOptions run = {}) {
  return toys::run(std::make_shared<fairness::Fairness>(options), toys::echo(), data(design), run);
}

}  // namespace

TEST_CASE("the fairness probe finds the group that is served worse", "[fairness][probe]") {
  const Finding f = finding_of({.worse = 0.15});
  INFO(f.why);
  REQUIRE(f.status == Status::ok);
  CHECK(f.at("accuracy@sex=f").value() < 0.8);
  CHECK(f.at("accuracy@sex=m").value() > 0.85);
  CHECK(*f.at("accuracy_gap{by=sex}").lower > 0.08);
  CHECK(f.at("accuracy_gap{by=sex}").facts.at("p_holm") <= 0.05);
  CHECK(f.find("accuracy@sex=f,region=south") != nullptr);
  CHECK(f.find("equalized_odds_difference{by=sex+region}") != nullptr);
  CHECK(f.find("ece@region=north") != nullptr);
  CHECK(f.at("multicalibration_error").ok());
  CHECK(f.at("theil_index").value() > 0);
  CHECK_THAT(f.headline, ContainsSubstring("Groups are not treated alike"));
  CHECK_THAT(f.headline, ContainsSubstring("sex="));
  CHECK_FALSE(f.remedies.empty());
  for (const Check& check : f.checks) {
    INFO(check.name << ": " << check.why);
    CHECK(check.result == Check::pass);
  }
  CHECK(f.blocks.size() >= 7);
}

TEST_CASE("a fair model gets a calm headline, at most as often wrong as stated",
          "[fairness][probe][null]") {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Finding f = finding_of({.n = 400, .seed = 40 + seed}, {.depth = 1});
    alarms += f.headline.find("not treated alike") != std::string::npos;
    for (const Check& check : f.checks) CHECK(check.result == Check::pass);
  }
  CHECK(alarms <= 3);  // at most 1 expected
}

TEST_CASE("the checks see small and unknown groups", "[fairness][probe][check]") {
  const Finding rare = finding_of({.rare = 7});
  const Check& small = toys::check_of(rare, "enough_samples_per_group");
  CHECK(small.result == Check::fail);
  CHECK_THAT(small.why, ContainsSubstring("sex=x (7)"));
  CHECK(rare.find("accuracy@sex=x") == nullptr);
  CHECK(rare.at("accuracy_gap{by=sex}").facts.at("groups_left_out") == 1);
  CHECK_FALSE(rare.doubts("accuracy_gap{by=sex}").empty());
  CHECK(rare.doubts("accuracy_gap{by=region}").empty());
  CHECK(toys::check_of(rare, "enough_of_each_label_per_group").result == Check::fail);
  const Finding unknown = finding_of({.missing = 0.3});
  CHECK(toys::check_of(unknown, "groups_are_known").result == Check::fail);
  CHECK(toys::check_of(finding_of({.missing = 0.02}), "groups_are_known").result == Check::pass);
}

TEST_CASE("without groups the probe is not measured and says what to pass", "[fairness][probe]") {
  const Finding none = toys::run(std::make_shared<fairness::Fairness>(), toys::echo(),
                                 toys::dataset(toys::calibrated(50, 2, 1, 1)));
  CHECK(none.status == Status::not_measured);
  CHECK_THAT(none.why, ContainsSubstring("table"));
  const Finding wrong = finding_of({}, {.groups = {"race"}});
  CHECK(wrong.status != Status::ok);
  CHECK_THAT(wrong.why, ContainsSubstring("race"));
}

TEST_CASE("batches and shards give the same finding", "[fairness][probe][contract]") {
  const Finding whole = finding_of({.n = 500});
  EvaluateOptions small;
  small.batch_size = 37;
  const Finding cut = finding_of({.n = 500}, {}, small);
  REQUIRE(whole.estimates.size() == cut.estimates.size());
  for (std::size_t i = 0; i < whole.estimates.size(); ++i) {
    CHECK(whole.estimates[i].name == cut.estimates[i].name);
    CHECK(whole.estimates[i].estimate.text() == cut.estimates[i].estimate.text());
  }
}
