#include "leadline/engine/policy.hpp"

#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

Report report_of(Estimate estimate, Check::Result check = Check::pass) {
  Report report;
  Finding finding;
  finding.probe = finding.kind = "task";
  finding.add("accuracy", std::move(estimate), Better::higher);
  finding.add("accuracy@sex=f", Estimate::rate(40, 50), Better::higher);
  finding.checks.push_back({"planted", check, "it was planted", "", {"accuracy"}, {}, {}});
  report.findings.push_back(std::move(finding));
  report.findings.push_back(
      absent_finding("pgd", "pgd", "?", Status::not_measured, "no gradients"));
  return report;
}

Verdict judged(const Report& report, Comparison comparison, double limit,
               std::string estimate = "task.accuracy", std::string slice = "") {
  Policy policy;
  policy.require({.name = {},
                  .estimate = std::move(estimate),
                  .comparison = comparison,
                  .limit = limit,
                  .slice = std::move(slice),
                  .reason = {}});
  return policy.judge(report).at(0);
}

constexpr auto text = R"(
name = "gate"   # a comment
[[require]]
estimate = "task.accuracy"
at_least = 0.9
name = "reads \"well\""
reason = "contract, 4.2"
[[require]]
estimate = "task.log_loss"
below = 1
slice = "sex=f"
)";

}  // namespace

TEST_CASE("a verdict needs the whole interval on one side", "[engine][policy]") {
  const Report report = report_of(Estimate::with(0.9, 0.88, 0.92, 1000, "wilson"));
  using enum Comparison;
  const auto outcome = [&](Comparison comparison, double limit) {
    return judged(report, comparison, limit).outcome;
  };
  CHECK(outcome(at_least, 0.88) == Outcome::met);  // the end itself is allowed
  CHECK(outcome(above, 0.88) == Outcome::undecided);
  CHECK(outcome(at_least, 0.9) == Outcome::undecided);
  CHECK(outcome(at_least, 0.92) == Outcome::undecided);
  CHECK(outcome(above, 0.92) == Outcome::not_met);
  CHECK(outcome(at_least, 0.93) == Outcome::not_met);
  CHECK(outcome(at_most, 0.92) == Outcome::met);
  CHECK(outcome(below, 0.92) == Outcome::undecided);
  CHECK(outcome(at_most, 0.87) == Outcome::not_met);
  CHECK(outcome(below, 0.88) == Outcome::not_met);
  CHECK(outcome(below, 0.95) == Outcome::met);
}

TEST_CASE("an undecided verdict says how many more samples would decide", "[engine][policy]") {
  const Estimate few = Estimate::rate(93, 100);
  const Verdict verdict = judged(report_of(few), Comparison::at_least, 0.9);
  REQUIRE(verdict.outcome == Outcome::undecided);
  REQUIRE(verdict.more_samples.has_value());
  // At this rate that many decide, and the interval then lies above the limit.
  const auto n = 100 + *verdict.more_samples;
  REQUIRE(*Estimate::rate(static_cast<std::int64_t>(std::llround(0.93 * n)), n).lower >= 0.895);
  // The count is a field; the reason leaves it to whoever shows the verdict.
  REQUIRE(verdict.why.find("would decide") == std::string::npos);
}

TEST_CASE("an undecided verdict says how a probe takes more of the data", "[engine][policy]") {
  Report report = report_of(Estimate::rate(93, 100));
  report.findings[0].options = {{"max_samples", "100"}};
  report.provenance = {{"data.test.size", "10000"}};
  Verdict verdict = judged(report, Comparison::at_least, 0.9);
  CHECK_THAT(verdict.why, ContainsSubstring("the limit lies inside the range"));
  CHECK_THAT(verdict.why, ContainsSubstring("'task' took 100 of the 10000 samples"));
  CHECK_THAT(verdict.why, ContainsSubstring("max_samples"));
  CHECK(verdict.why.find("straddles") == std::string::npos);
  report.provenance = {{"data.test.size", "100"}};  // it took all there are
  verdict = judged(report, Comparison::at_least, 0.9);
  CHECK(verdict.why == "the limit lies inside the range");
}

TEST_CASE("a failed check that covers the estimate leaves it undecided", "[engine][policy]") {
  const Report report = report_of(Estimate::rate(990, 1000), Check::fail);
  const Verdict verdict = judged(report, Comparison::at_least, 0.5);
  REQUIRE(verdict.outcome == Outcome::undecided);
  REQUIRE_THAT(verdict.why, ContainsSubstring("'planted' failed (it was planted)"));
  REQUIRE(judged(report, Comparison::at_least, 0.5, "task.accuracy", "sex=f").outcome ==
          Outcome::met);  // the check does not cover the slice
}

TEST_CASE("what is missing is not measured, with the reason", "[engine][policy]") {
  const Report report = report_of(Estimate::absent(Status::undefined, "one class only"));
  const auto why = [&](std::string estimate, std::string slice = "") {
    const Verdict verdict =
        judged(report, Comparison::at_least, 0.5, std::move(estimate), std::move(slice));
    CHECK(verdict.outcome == Outcome::not_measured);
    return verdict.why;
  };
  CHECK_THAT(why("task.accuracy"), ContainsSubstring("one class only"));
  CHECK_THAT(why("pgd.accuracy"), ContainsSubstring("no gradients"));
  CHECK_THAT(why("fgsm.accuracy"), ContainsSubstring("no probe 'fgsm'"));
  CHECK_THAT(why("task.f1"), ContainsSubstring("gives no estimate"));
  CHECK_THAT(why("task.acuracy"), ContainsSubstring("did you mean 'task.accuracy'?"));
  CHECK_THAT(why("task.accuracy", "sex=m"), ContainsSubstring("the slice 'sex=m'"));
}

TEST_CASE("a value without an interval decides only when it is exact", "[engine][policy]") {
  Estimate count = Estimate::of(100, 1, "a maximum has no interval");
  CHECK(judged(report_of(count), Comparison::at_most, 200).outcome == Outcome::undecided);
  count.method = "exact";
  CHECK(judged(report_of(count), Comparison::at_most, 200).outcome == Outcome::met);
  CHECK(judged(report_of(count), Comparison::at_most, 50).outcome == Outcome::not_met);
}

TEST_CASE("a policy survives TOML, and formatting does not change its hash", "[engine][policy]") {
  const Policy policy = Policy::from_toml(text);
  REQUIRE(policy.name() == "gate");
  REQUIRE(policy.requirements().size() == 2);
  REQUIRE(policy.requirements()[0].name == "reads \"well\"");
  REQUIRE(policy.requirements()[1].comparison == Comparison::below);
  REQUIRE(policy.requirements()[1].limit == 1.0);
  const Policy again = Policy::from_toml(policy.to_toml());
  REQUIRE(again.hash() == policy.hash());
  REQUIRE(again.to_toml() == policy.to_toml());
  std::string other = text;
  other.replace(other.find("0.9"), 3, "0.8");
  REQUIRE(Policy::from_toml(other).hash() != policy.hash());
}

TEST_CASE("a limit of minus zero is a limit of zero", "[engine][policy]") {
  const auto limit = [](const char* zero) {
    return Policy::from_toml(std::string("[[require]]\nestimate = 'a.b'\nat_most = ") + zero);
  };
  REQUIRE(limit("-0.0").to_toml() == limit("0").to_toml());
  REQUIRE(limit("-0.0").hash() == limit("0.0").hash());
}

TEST_CASE("a policy edited after locking is refused", "[engine][policy]") {
  TemporaryDirectory folder;
  Policy policy = Policy::from_toml(text);
  policy.lock("2026-11-21T10:00:00Z");
  REQUIRE_THROWS_AS(policy.lock(), ValueError);
  REQUIRE_THROWS_AS(policy.require(Requirement{{}, "a.b", Comparison::at_least, 0, {}, {}}),
                    ValueError);
  policy.save(folder / "policy.toml");
  REQUIRE(Policy::load(folder / "policy.toml").locked_at() == "2026-11-21T10:00:00Z");
  std::string edited = policy.to_toml();
  edited.replace(edited.find("= 0.9"), 5, "= 0.5");
  REQUIRE_THROWS_WITH(Policy::from_toml(edited), ContainsSubstring("edited after locking"));
  REQUIRE_THROWS_AS(Policy().lock(), ValueError);
  Policy now = Policy::from_toml(text);
  now.lock();
  REQUIRE(now.locked());
}

TEST_CASE("bad policies are refused with line and column", "[engine][policy]") {
  const auto message = [](std::string_view toml) -> std::string {
    try {
      (void)Policy::from_toml(toml, "gate.toml");
    } catch (const ValueError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK_THAT(message("name = "), ContainsSubstring("gate.toml, line 1, column"));
  CHECK_THAT(message("nmae = 'x'"), ContainsSubstring("'nmae'"));
  CHECK_THAT(message("[[require]]\nestimate = 'a.b'\natleast = 1"), ContainsSubstring("line 3"));
  CHECK_THAT(message("[[require]]\nestimate = 'a.b'"), ContainsSubstring("0 limits"));
  CHECK_THAT(message("[[require]]\nestimate = 'a.b'\nabove = 1\nbelow = 2"),
             ContainsSubstring("2 limits"));
  CHECK_THAT(message("[[require]]\nestimate = 'a.b'\nabove = 'x'"), ContainsSubstring("a number"));
  CHECK_THAT(message("[[require]]\nestimate = 'a.b'\nabove = nan"), ContainsSubstring("finite"));
  CHECK_THAT(message("[[require]]\nestimate = 'accuracy'\nabove = 1"),
             ContainsSubstring("full name"));
  CHECK_THAT(message("require = 3"), ContainsSubstring("[[require]]"));
}

TEST_CASE("the report says whether limits were set before the first look", "[engine][policy]") {
  TemporaryDirectory folder;
  const auto timing = [&](std::string time, std::string out = {}) {
    Policy policy;
    policy.require(Requirement{{}, "task.right", Comparison::at_least, 0.5, {}, {}});
    if (!time.empty()) policy.lock(time);
    EvaluateOptions options;
    options.policy = policy;
    options.out = std::move(out);
    Suite one;
    one.add(right());
    const Report report = evaluate(std::make_shared<HalfPlane>(), points(200), one, options);
    CHECK(report.verdicts.at(0).outcome == Outcome::met);
    CHECK(report.policy->hash == policy.hash());
    return report.policy->timing;
  };
  CHECK(timing("2020-01-01T00:00:00Z") == "before");
  CHECK(timing("2999-01-01T00:00:00Z") == "after");
  CHECK(timing("") == "unknown");
  // The first look is the one of the directory, not of the attempt that judges.
  CHECK(timing("", folder / "run") == "unknown");
  std::ifstream file(folder / "run/run.json");
  std::string record((std::istreambuf_iterator<char>(file)), {});
  const auto at = record.find("\"started\": \"") + 12;
  record.replace(at, 4, "2021");
  std::ofstream(folder / "run/run.json") << record;
  CHECK(timing("2022-01-01T00:00:00Z", folder / "run") == "after");
}
