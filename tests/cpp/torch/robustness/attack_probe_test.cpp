#include <ATen/ATen.h>

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/fgsm.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/torch.hpp"
#include "torch/robustness/planted.hpp"
#include "torch/robustness/run_probe.hpp"

using namespace leadline;
using namespace leadline::robustness;

namespace {

std::shared_ptr<TensorDataset> data_of(const at::Tensor& x, const at::Tensor& y,
                                       std::pair<double, double> bounds = {0, 1}) {
  TensorDataset::Options options;
  options.bounds = bounds;
  return std::make_shared<TensorDataset>(Inputs(from_aten(x)), from_aten(y), options);
}

struct ImageCase {
  std::shared_ptr<models::TorchModel> model = test::small_cnn();
  at::Tensor x, y;
  std::shared_ptr<TensorDataset> data;
  /// Labels as the model says, but every `wrong`-th one.
  explicit ImageCase(std::int64_t n = 60, std::int64_t wrong = 10, double phase = 7) {
    x = (0.5 + test::fixed_tensor({n, 1, 8, 8}, 0.5, phase)).to(at::kFloat);
    y = model->call(x).output.argmax(1);
    for (std::int64_t i = 0; i < n; i += wrong) y[i] = (y[i] + 1) % 3;
    data = data_of(x, y);
  }
};

const Pgd& quick_pgd() {
  static const Pgd pgd({.threat = {.eps = {0.03, 0.08}}, .steps = 10});
  return pgd;
}

std::string failed_checks(const Finding& finding) {
  std::string text;
  for (const Check& c : finding.checks)
    if (c.result == Check::fail) text += c.name + ": " + c.why + "; ";
  return text;
}

Finding run_planted(const std::shared_ptr<models::TorchModel>& model, const PgdOptions& options,
                    double phase, std::int64_t n = 128) {
  const at::Tensor x = test::near_half(n, phase);
  test::LoneSession session(model, data_of(x, at::zeros({n}, at::kLong)));
  session.batch = 64;
  session.seed_value = static_cast<std::uint64_t>(phase);
  return test::run_probe(Pgd(options), session);
}

}  // namespace

TEST_CASE("pgd counts a sample as robust when it is right and not fooled", "[torch][pgd]") {
  const ImageCase c;
  test::LoneSession session(c.model, c.data);
  const Finding finding = test::run_probe(quick_pgd(), session);

  const auto direct = quick_pgd().attack(*c.model, c.x, c.y);  // other random starts: same or near
  std::int64_t standing = 0;
  for (std::int64_t i = 0; i < 60; ++i)
    standing +=
        i % 10 != 0 && !std::isfinite(direct.results[static_cast<std::size_t>(i)].fooled_at);
  CHECK(finding.at("clean_accuracy").value() == 54.0 / 60);
  const Estimate& robust = finding.at("accuracy{norm=linf,eps=0.08}");
  CHECK_THAT(robust.value(), WithinAbs(static_cast<double>(standing) / 60, 0.04));
  CHECK(robust.n == 60);
  CHECK(robust.method == "wilson");
  CHECK(finding.at("accuracy{norm=linf,eps=0.03}").value() >= robust.value());
  const Estimate& success = finding.at("attack_success{norm=linf,eps=0.08}");
  CHECK(success.n == 54);
  CHECK_THAT(success.value(), WithinAbs((54 - 60 * robust.value()) / 54, 1e-12));
  CHECK(finding.at("gradients").value() > 0);
  CHECK(failed_checks(finding).empty());
  CHECK_THAT(finding.headline, ContainsSubstring("20.4 of 255 brightness steps at each pixel"));
  CHECK_FALSE(finding.consequence.empty());
  CHECK_FALSE(finding.remedies.empty());
  CHECK(session.forwards > 0);
  CHECK(session.backwards > 0);
}

TEST_CASE("the table of samples holds the smallest budget that fooled each", "[torch][pgd]") {
  const ImageCase c;
  test::LoneSession session(c.model, c.data);
  const Finding finding = test::run_probe(quick_pgd(), session);
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < 60; ++i) {
    const double at = session.table().get("pgd.fooled_at", i).value();
    if (i % 10 == 0)
      CHECK(at == 0);
    else
      CHECK((at == 0.03 || at == 0.08 || std::isinf(at)));
    right += at > 0.03;
  }
  CHECK(finding.at("accuracy{norm=linf,eps=0.03}").value() == static_cast<double>(right) / 60);
}

TEST_CASE("pgd shows original, changed and difference of what it fooled", "[torch][pgd]") {
  const ImageCase c;
  test::LoneSession session(c.model, c.data);
  const Finding finding = test::run_probe(quick_pgd(), session);
  std::size_t exhibits = 0, curves = 0;
  for (const Block& block : finding.blocks) {
    if (const auto* curve = std::get_if<Curve>(&block)) {
      ++curves;
      CHECK(curve->series[0].x == std::vector<double>{0, 0.03, 0.08});
      CHECK(curve->series[0].lower.size() == 3);
    }
    const auto* exhibit = std::get_if<Exhibit>(&block);
    if (exhibit == nullptr) continue;
    ++exhibits;
    CHECK(exhibit->kind == Exhibit::image);
    REQUIRE(exhibit->images.size() == 3);
    CHECK(exhibit->labels ==
          std::vector<std::string>{"original", "changed", "difference, grey where there is none"});
    CHECK(exhibit->images[0].pixels.size() == 64);
    CHECK(exhibit->images[0].pixels != exhibit->images[1].pixels);
    CHECK(exhibit->id % 10 != 0);
  }
  CHECK(curves == 1);
  CHECK(exhibits > 3);
  CHECK(exhibits <= Finding::max_exhibits);
  CHECK(finding.flags.size() >= exhibits);
}

TEST_CASE("a table row is shown field by field", "[torch][pgd]") {
  const at::Tensor x = test::near_half(20, 1);
  test::LoneSession session(test::honest_mean(), data_of(x, at::zeros({20}, at::kLong)));
  const Finding finding = test::run_probe(Pgd({.threat = {.eps = {0.1}}, .steps = 10}), session);
  bool seen = false;
  for (const Block& block : finding.blocks)
    if (const auto* exhibit = std::get_if<Exhibit>(&block)) {
      seen = true;
      CHECK(exhibit->kind == Exhibit::row);
      CHECK(exhibit->values.size() == 16);
      CHECK(exhibit->overlay.size() == 16);
      CHECK_THAT(exhibit->values[0], ContainsSubstring(" -> "));
    }
  CHECK(seen);
}

TEST_CASE("fgsm takes one gradient a sample, whatever the number of budgets", "[torch][fgsm]") {
  const ImageCase c;
  test::LoneSession session(c.model, c.data);
  const std::vector<double> eps{0.01, 0.02, 0.04, 0.08};
  const Finding all = test::run_probe(Fgsm({.threat = {.eps = eps}, .check_samples = 0}), session);
  const auto right = std::llround(all.at("clean_accuracy").value() * 60);
  CHECK(session.backwards >= right);
  CHECK(session.backwards < right + session.batch);  // the last batch may be carried whole
  for (const double one : eps) {
    test::LoneSession alone(c.model, c.data);
    const Finding single =
        test::run_probe(Fgsm({.threat = {.eps = {one}}, .check_samples = 0}), alone);
    for (const auto& named : single.estimates)
      if (named.name.starts_with("accuracy{"))
        CHECK(all.at(named.name).value() == named.estimate.value());
  }
}

TEST_CASE("fgsm reports as pgd does, from one step", "[torch][fgsm]") {
  const ImageCase c;
  test::LoneSession session(c.model, c.data);
  session.id = "fgsm";
  const Finding finding = test::run_probe(Fgsm({.threat = {.eps = {0.03, 0.08}}}), session);
  CHECK(finding.at("accuracy{norm=linf,eps=0.08}").ok());
  CHECK(failed_checks(finding).empty());
  CHECK_THAT(finding.warnings.at(0), ContainsSubstring("single step"));
  for (const Check& check : finding.checks) CHECK(check.name != "fgsm_not_stronger");
}

TEST_CASE("a run stopped in the middle, saved and resumed, ends as one run",
          "[torch][pgd][resume]") {
  const ImageCase c;
  test::LoneSession whole(c.model, c.data);
  const Finding expected = test::run_probe(quick_pgd(), whole);

  test::LoneSession first(c.model, c.data);
  auto run = quick_pgd().start(first);
  test::pass_over(*run, first);
  int polls = 0;
  first.stop = [&] { return ++polls > 12; };
  run->work(first);
  const std::string state = run->save();
  const Finding partial = run->finish(first);
  const auto n = partial.at("clean_accuracy").n;
  CHECK(n > 0);
  CHECK(n < 60);
  CHECK(test::check_of(partial, "zero_budget_equals_clean").result == Check::not_run);

  test::LoneSession second(c.model, c.data);
  auto resumed = quick_pgd().start(second);
  resumed->load(state);
  CHECK_FALSE(resumed->next_pass().has_value());
  resumed->work(second);
  const Finding done = resumed->finish(second);
  for (const Named& named : expected.estimates) {
    INFO(named.name);
    CHECK(done.at(named.name).text() == named.estimate.text());
  }
  CHECK(second.backwards < whole.backwards);
}

TEST_CASE("what counts after a stop are the samples before the first one in flight",
          "[torch][pgd][resume]") {
  // Ids 0 .. 7 never fall, the others at once: counting all that is done would be biased.
  const auto model = test::two_class([](at::Tensor x) { return 20 * (x.mean(1) - 0.75); });
  at::Tensor x = at::full({40, 16}, 0.74f);
  x.narrow(0, 0, 8).fill_(0.2);
  test::LoneSession session(model, data_of(x, at::zeros({40}, at::kLong)));
  session.batch = 16;
  const Pgd pgd({.threat = {.eps = {0.05}}, .steps = 40});
  auto run = pgd.start(session);
  test::pass_over(*run, session);
  int polls = 0;
  session.stop = [&] { return ++polls > 10; };
  run->work(session);
  CHECK(run->finish(session).at("clean_accuracy").status == Status::empty);
}

TEST_CASE("shards merge into the finding of one run", "[torch][pgd][merge]") {
  const ImageCase c;
  test::LoneSession whole(c.model, c.data);
  const Finding expected = test::run_probe(quick_pgd(), whole);

  std::vector<std::shared_ptr<ProbeRun>> parts;
  for (int shard = 0; shard < 3; ++shard) {
    test::LoneSession session(c.model, c.data);
    session.order.clear();
    for (std::int64_t i = shard; i < 60; i += 3) session.order.push_back(i);
    parts.push_back(quick_pgd().start(session));
    test::pass_over(*parts.back(), session);
    parts.back()->work(session);
  }
  parts[2]->merge(*parts[0]);
  parts[2]->merge(*parts[1]);
  test::LoneSession last(c.model, c.data);
  const Finding merged = parts[2]->finish(last);
  for (const Named& named : expected.estimates) {
    if (named.name == "queries" || named.name == "gradients")
      continue;  // an unbounded sum: order moves the last bits
    CHECK(merged.at(named.name).text() == named.estimate.text());
  }
  CHECK(failed_checks(merged).empty());
}

TEST_CASE("max_samples is of the whole data set, whatever the order and the shards",
          "[torch][pgd]") {
  const ImageCase c;
  test::LoneSession session(c.model, c.data);
  const Pgd pgd({.threat = {.eps = {0.08}}, .steps = 5, .max_samples = 20, .check_samples = 0});
  const Finding finding = test::run_probe(pgd, session);
  CHECK(finding.at("clean_accuracy").n == 20);
  const auto visited = [](test::LoneSession& of) {
    std::set<SampleId> ids;
    for (SampleId id = 0; id < 60; ++id)
      if (of.table().get("pgd.fooled_at", id).has_value()) ids.insert(id);
    return ids;
  };
  const auto whole = visited(session);
  CHECK(whole.size() == 20);
  std::set<SampleId> joined;
  std::int64_t n = 0;
  for (const int rank : {0, 1, 2}) {
    test::LoneSession shard(c.model, c.data);
    std::reverse(shard.order.begin(), shard.order.end());
    std::erase_if(shard.order, [rank](SampleId id) { return id % 3 != rank; });
    n += test::run_probe(pgd, shard).at("clean_accuracy").n;
    joined.merge(visited(shard));
  }
  CHECK(n == 20);
  CHECK(joined == whole);
  CHECK(test::check_of(finding, "steps_converge").result == Check::not_run);
}

TEST_CASE("a damaged state is refused and what was kept stays", "[torch][pgd][resume]") {
  const ImageCase c(20);
  test::LoneSession session(c.model, c.data);
  const auto run = quick_pgd().start(session);
  test::pass_over(*run, session);
  run->work(session);
  const std::string good = run->save();
  CHECK_THROWS_AS(run->load("{}"), StoreError);
  CHECK_THROWS_AS(run->load(good.substr(0, good.size() / 2)), StoreError);
  const auto other = Fgsm({.threat = {.eps = {0.08}}}).start(session);
  CHECK_THROWS_AS(other->load(good), StoreError);
  CHECK(run->save() == good);
}

TEST_CASE("data without bounds are refused with the way to declare them", "[torch][pgd][errors]") {
  const at::Tensor x = test::near_half(8, 0);
  const auto data = std::make_shared<TensorDataset>(
      Inputs(from_aten(x)), from_aten(at::zeros({8}, at::kLong)), TensorDataset::Options{});
  test::LoneSession session(test::honest_mean(), data);
  CHECK_THROWS_WITH(Pgd().start(session), ContainsSubstring("bounds=(0.0, 1.0)"));
  CHECK_THROWS_AS(Pgd().start(session), CapabilityError);
}

TEST_CASE("both attacks stand in the catalog with flat options", "[torch][pgd][catalog]") {
  const auto probe = torch_catalog().at("pgd").make_probe(
      {{{"norm", std::string("l2")}, {"eps", 0.5}, {"steps", std::int64_t{7}}}});
  const auto* pgd = dynamic_cast<const Pgd*>(probe.get());
  REQUIRE(pgd != nullptr);
  CHECK(pgd->recipe().threat.norm == Norm::l2);
  CHECK(pgd->recipe().threat.eps == Budgets{0.5});
  CHECK(pgd->recipe().stages.size() == 1);
  CHECK(torch_catalog().at("fgsm").make_probe()->info().name == "fgsm");
  CHECK_THROWS_WITH(torch_catalog().at("pgd").make_probe({{{"epsilon", 0.5}}}),
                    ContainsSubstring("eps"));
}

TEST_CASE("twenty honest attacks pass every check", "[torch][pgd][checks]") {
  int failed = 0;
  std::string what;
  const auto note = [&](const Finding& finding) {
    const std::string text = failed_checks(finding);
    failed += !text.empty();
    what += text;
  };
  for (int phase = 0; phase < 6; ++phase) {
    const ImageCase c(48, 9, 100 * phase);
    test::LoneSession session(c.model, c.data);
    session.seed_value = static_cast<std::uint64_t>(phase);
    const Norm norm = phase % 2 == 0 ? Norm::linf : Norm::l2;
    const double eps = norm == Norm::linf ? 0.06 : 0.5;
    note(test::run_probe(Pgd({.threat = {.norm = norm, .eps = {eps}}, .steps = 20}), session));
    if (phase < 4) note(test::run_probe(Fgsm({.threat = {.norm = norm, .eps = {eps}}}), session));
  }
  for (int phase = 0; phase < 6; ++phase)
    note(run_planted(test::honest_mean(), {.threat = {.eps = {0.01 * (phase + 1)}}}, phase, 64));
  for (const auto loss : {AttackLoss::cross_entropy, AttackLoss::margin}) {
    note(run_planted(test::honest_mean(), {.threat = {.eps = {0.05}}, .loss = loss}, 3, 64));
    note(run_planted(test::honest_mean(),
                     {.threat = {.norm = Norm::l2, .eps = {0.1}}, .restarts = 2, .loss = loss}, 4,
                     64));
  }
  INFO(what);
  CHECK(failed == 0);
}

TEST_CASE("each check catches the failure planted for it", "[torch][pgd][checks]") {
  struct Planted {
    const char* check;
    std::shared_ptr<models::TorchModel> model;
    PgdOptions options;
  };
  const PgdOptions plain{.threat = {.eps = {0.05}}, .steps = 20};
  const PgdOptions wide{.threat = {.eps = {0.1}}, .steps = 40};
  PgdOptions timid = wide;
  timid.step_size = 0.1 / 60;
  timid.random_start = false;
  timid.steps = 10;
  const std::vector<Planted> all{
      {"gradients_not_zero", test::quantised(), plain},
      {"gradients_not_zero", test::detached(), plain},
      {"gradients_not_zero", test::saturated_unit(), plain},
      {"unbounded_budget_succeeds", test::detached(), plain},
      {"decisions_repeat", test::noisy(), plain},
      {"zero_budget_equals_clean", test::lucky(), plain},
      {"examples_verified", test::drowned(), plain},
      {"gradients_finite", test::infinite_gradient(), plain},
      {"accuracy_does_not_rise", test::thin_shell(), wide},
      {"fgsm_not_stronger", test::trap(), wide},
      {"steps_converge", test::honest_mean(), timid},
      {"black_box_not_stronger", test::quantised(), plain},
      {"black_box_not_stronger", test::saturated_unit(), plain},
      {"gradients_match_differences", test::shattered(), plain},
      {"rows_independent", test::company(), plain},
  };
  for (const Planted& planted : all) {
    for (const double phase : {1.0, 2.0}) {
      at::manual_seed(static_cast<std::uint64_t>(phase));
      const Finding finding = run_planted(planted.model, planted.options, phase);
      const Check& check = test::check_of(finding, planted.check);
      INFO(planted.check << " on " << phase << ": " << check.why);
      CHECK(check.result == Check::fail);
      CHECK_FALSE(check.remedy.empty());
      CHECK_FALSE(
          finding.doubts("accuracy" + budget_keys(Norm::linf, planted.options.threat.eps)[0])
              .empty());
    }
  }
}

TEST_CASE("rows too confident for float32 are counted and warned about", "[torch][pgd][checks]") {
  const auto sharp = test::two_class([](at::Tensor x) { return 2e4 * (test::shift(x) - 0.03); });
  const Finding finding = run_planted(sharp, {.threat = {.eps = {0.05}}, .steps = 20}, 1);
  CHECK(finding.at("saturated").value() == 1.0);
  CHECK(finding.at("accuracy{norm=linf,eps=0.05}").value() == 0.0);  // the true value
  CHECK(failed_checks(finding).empty());
  CHECK_THAT(finding.warnings.at(0), ContainsSubstring("overstate"));
}
