#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

/// Checks with given p-values; each fails on its own below 5 %.
class Checked : public Probe {
 public:
  Checked(std::string name, std::vector<double> p) : name_(std::move(name)), p_(std::move(p)) {}
  ProbeInfo info() const override {
    ProbeInfo about;
    about.name = name_;
    about.question = "?";
    return about;
  }
  std::shared_ptr<ProbeRun> start(Session&) const override;

 private:
  std::string name_;
  std::vector<double> p_;
};
class CheckedRun : public ProbeRun {
 public:
  explicit CheckedRun(std::vector<double> p) : p_(std::move(p)) {}
  void merge(const ProbeRun&) override {}
  std::string save() const override { return State("Checked").dump(); }
  void load(std::string_view) override {}
  Finding finish(Session&) override {
    Finding finding;
    finding.add("x", Estimate::rate(1, 2));
    for (std::size_t i = 0; i < p_.size(); ++i)
      finding.checks.push_back({"check_" + std::to_string(i),
                                p_[i] < 0.05 ? Check::fail : Check::pass,
                                "seen",
                                "",
                                {"*"},
                                {},
                                p_[i]});
    return finding;
  }

 private:
  std::vector<double> p_;
};
std::shared_ptr<ProbeRun> Checked::start(Session&) const {
  return std::make_shared<CheckedRun>(p_);
}

int failed(const Report& report) {
  int n = 0;
  for (const auto& finding : report.findings)
    for (const auto& check : finding.checks) n += check.result == Check::fail;
  return n;
}

Report report_of(const std::vector<std::vector<double>>& p) {
  static const auto data = points(4);
  static const auto model = std::make_shared<HalfPlane>();
  Suite suite;
  for (std::size_t i = 0; i < p.size(); ++i) suite.add(Checked("p" + std::to_string(i), p[i]));
  return evaluate(model, data, suite, {});
}

}  // namespace

TEST_CASE("an honest report with 12 checks shows a failed one in at most 5 % of cases",
          "[engine][family]") {
  constexpr int trials = 600;
  stats::Rng rng(1, "family");
  int alarms = 0, uncorrected = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<std::vector<double>> p(3, std::vector<double>(4));
    bool any = false;
    for (auto& probe : p)
      for (auto& value : probe) any |= (value = rng.uniform()) < 0.05;
    uncorrected += any;
    alarms += failed(report_of(p)) > 0;
  }
  REQUIRE(uncorrected > 0.35 * trials);        // 1 - 0.95^12 = 0.46
  REQUIRE(alarms <= 0.05 * trials + 3 * 5.4);  // binomial deviation sqrt(600 * .05 * .95) = 5.3
}

TEST_CASE("a check that fails clearly stays failed, a doubtful one passes with the reason",
          "[engine][family]") {
  const Report report = report_of({{1e-6, 0.03, 0.5}, {0.2, 0.9}});
  REQUIRE(failed(report) == 1);
  const Check& doubtful = report.find("p0")->checks[1];
  REQUIRE(doubtful.result == Check::pass);
  REQUIRE_THAT(doubtful.why, ContainsSubstring("alone p = 0.03, but among the 5"));
  REQUIRE(report.doubts("p0.x").size() == 1);
}
