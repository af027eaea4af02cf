#include "leadline/fairness/group_frame.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/uncertainty/expected_calibration_error.hpp"
#include "toys.hpp"

using namespace leadline;
using namespace leadline::fairness;
using fair::Labels;

namespace {

struct Sample {
  Labels prediction, target;
  std::vector<float> probability;  // [n, 2]
  std::vector<std::string> sex, age;
  ArrayView scores() const {
    ArrayView view(probability);
    view.rows = std::ssize(target);
    view.cols = view.row_stride = 2;
    view.rank = 2;
    return view;
  }
  Table groups() const {
    Table table;
    table.add("sex", sex).add("age", age);
    return table;
  }
};

Sample sample(int n, std::uint64_t seed) {
  stats::Rng rng(seed, "frame");
  Sample s;
  for (int i = 0; i < n; ++i) {
    s.target.push_back(static_cast<std::int64_t>(rng.below(2)));
    s.prediction.push_back(rng.bernoulli(0.8) ? s.target.back() : 1 - s.target.back());
    const auto p = static_cast<float>(0.05 + 0.9 * rng.uniform());
    s.probability.insert(s.probability.end(), {1 - p, p});
    s.sex.push_back(rng.below(3) ? "f" : "m");
    s.age.push_back(rng.below(20) ? (rng.below(2) ? "young" : "old") : "ancient");
  }
  return s;
}

std::vector<std::shared_ptr<const Metric>> label_metrics() {
  return {std::make_shared<metrics::Accuracy>(),
          std::make_shared<metrics::F1>(metrics::F1::Options{.average = metrics::Average::macro})};
}

}  // namespace

TEST_CASE("what a frame says of a group is what the metric says of its samples alone",
          "[fairness][frame]") {
  const auto s = sample(500, 1);
  auto all = label_metrics();
  all.push_back(std::make_shared<metrics::LogLoss>());
  all.push_back(std::make_shared<uncertainty::ExpectedCalibrationError>());
  const std::array<Column, 4> columns{Column{"scores", s.scores()}, Column{"target", s.target},
                                      Column{"probabilities", s.scores()},
                                      Column{"prediction", s.prediction}};
  GroupFrame frame(all), fast(label_metrics());
  frame.update(Rows{{}, {}, columns}, s.groups());
  fast.update(Rows{{}, {}, columns}, s.groups());
  const auto reports = frame.compute();
  REQUIRE(reports.size() == 4);
  for (std::size_t m = 0; m < all.size(); ++m) {
    for (const auto* group : {"f", "m"}) {
      Labels p, t;
      std::vector<float> scores;
      for (std::size_t i = 0; i < s.sex.size(); ++i) {
        if (s.sex[i] != group) continue;
        p.push_back(s.prediction[i]);
        t.push_back(s.target[i]);
        scores.insert(scores.end(), {s.probability[2 * i], s.probability[2 * i + 1]});
      }
      ArrayView view(scores);
      view.rows = std::ssize(t);
      view.cols = view.row_stride = 2;
      view.rank = 2;
      const std::array<Column, 4> own{Column{"scores", view}, Column{"target", t},
                                      Column{"probabilities", view}, Column{"prediction", p}};
      const auto alone = all[m]->fresh();
      alone->update(Rows{{}, {}, own});
      const Estimate e = reports[m].at("sex=" + std::string(group)).estimate;
      CHECK_THAT(e.value(), WithinAbs(alone->compute().value(), 1e-12));
      CHECK_THAT(*e.lower, WithinAbs(*alone->compute().lower, 1e-12));
      CHECK(e.n == std::ssize(t));
      if (m < 2)
        CHECK(fast.compute()[m].at("sex=" + std::string(group)).estimate.text() == e.text());
    }
    const auto whole = all[m]->fresh();
    whole->update(Rows{{}, {}, columns});
    CHECK_THAT(reports[m].overall.value(), WithinAbs(whole->compute().value(), 1e-12));
  }
  CHECK(reports[0].splits() == std::vector<std::string>{"sex", "age", "sex,age"});
}

TEST_CASE("frames merge, save and load", "[fairness][frame][merge]") {
  const auto s = sample(400, 2), other = sample(300, 3);
  const auto feed = [](GroupFrame& frame, const Sample& data) {
    const std::array<Column, 2> columns{Column{"prediction", data.prediction},
                                        Column{"target", data.target}};
    frame.update(Rows{{}, {}, columns}, data.groups());
  };
  GroupFrame both(label_metrics()), one(label_metrics()), two(label_metrics()),
      empty(label_metrics());
  feed(both, s);
  feed(both, other);
  feed(one, other);
  feed(two, s);
  one.merge(two);
  empty.merge(both);
  State state("t");
  both.save(state);
  GroupFrame back(label_metrics());
  back.load(State::parse(state.dump(), "t"));
  for (const auto* frame : {&one, &empty, &back}) {
    const auto expected = both.compute(), given = frame->compute();
    REQUIRE(expected[1].rows.size() == given[1].rows.size());
    for (std::size_t r = 0; r < given[1].rows.size(); ++r) {
      CHECK(given[1].rows[r].name == expected[1].rows[r].name);
      CHECK(given[1].rows[r].estimate.text() == expected[1].rows[r].estimate.text());
    }
  }
  GroupFrame fewer({std::make_shared<metrics::Accuracy>()});
  CHECK_THROWS_AS(fewer.merge(both), ValueError);
  CHECK_THROWS_AS(fewer.load(State::parse(state.dump(), "t")), StoreError);
}

TEST_CASE("a group below the minimum support has a status and a shrunk value",
          "[fairness][frame][support]") {
  const auto s = sample(500, 4);
  GroupFrame frame(label_metrics(), {.min_support = 60});
  const std::array<Column, 2> columns{Column{"prediction", s.prediction},
                                      Column{"target", s.target}};
  frame.update(Rows{{}, {}, columns}, s.groups());
  const auto report = frame.compute()[0];
  const auto& small = report.at("age=ancient");
  CHECK(small.n < 60);
  CHECK(small.estimate.status == Status::not_measured);
  CHECK_THAT(small.estimate.why, ContainsSubstring("fewer than min_support = 60"));
  REQUIRE(small.shrunk);
  CHECK(small.shrunk->method == "beta_binomial");
  CHECK(report.gap("age").estimate.facts.at("n_groups") == 2);
  CHECK(report.worst("sex").estimate.ok());
  CHECK_THROWS_WITH(report.at("sex=q"), ContainsSubstring("did you mean 'sex="));
  CHECK_THROWS_AS(report.gap("shoe size"), ValueError);
  Finding finding;
  report.describe(finding);
  CHECK(finding.at("accuracy@sex=f").value() == report.at("sex=f").estimate.value());
  CHECK(finding.find("accuracy@age=ancient") == nullptr);
  CHECK(finding.find("accuracy_gap{by=sex+age}") != nullptr);
  CHECK(finding.find("worst_group_accuracy{by=sex}") != nullptr);
  CHECK(finding.blocks.size() >= 5);
}

TEST_CASE("shrinkage pulls noise in and leaves what is real", "[fairness][frame][shrink]") {
  // Twenty intersections of 20: all alike, then spread from 0.4 to 0.9.
  for (const bool real : {false, true}) {
    stats::Rng rng(6, "shrink");
    double raw = 0, shrunk = 0;
    int covered = 0, groups = 0;
    for (int run = 0; run < 30; ++run) {
      Labels p, t;
      std::vector<std::string> a, b;
      std::vector<double> truth;
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 5; ++j) {
          truth.push_back(real ? 0.4 + 0.055 * ((3 * i + 7 * j) % 10) : 0.85);
          for (int k = 0; k < 20; ++k) {
            t.push_back(1);
            p.push_back(rng.bernoulli(truth.back()));
            a.push_back(std::to_string(i));
            b.push_back(std::to_string(j));
          }
        }
      Table table;
      table.add("a", a).add("b", b);
      GroupFrame frame({std::make_shared<metrics::Accuracy>()},
                       {.min_support = 1, .replicates = 100});
      const std::array<Column, 2> columns{Column{"prediction", p}, Column{"target", t}};
      frame.update(Rows{{}, {}, columns}, table);
      std::size_t g = 0;
      const auto reports = frame.compute();
      for (const auto& row : reports[0].rows) {
        if (row.by != "a,b") continue;
        raw += std::pow(row.estimate.value() - truth[g], 2);
        shrunk += std::pow(row.shrunk->value() - truth[g], 2);
        covered += *row.shrunk->lower <= truth[g] && truth[g] <= *row.shrunk->upper;
        ++groups;
        ++g;
      }
    }
    CHECK(shrunk < (real ? 1.0 : 0.35) * raw);
    CHECK(covered > 0.88 * groups);
  }
}

TEST_CASE("a frame refuses what its metrics refuse and stays as it was",
          "[fairness][frame][errors]") {
  GroupFrame frame(label_metrics());
  const Labels p{1, 1, 0}, bad{1, -2, 0};
  const auto groups = fair::table_of("g", {"a", "b", "b"});
  const std::array<Column, 2> wrong{Column{"prediction", p}, Column{"target", bad}};
  CHECK_THROWS_WITH(frame.update(Rows{{}, {}, wrong}, groups), ContainsSubstring("-2 at sample 1"));
  CHECK(frame.n() == 0);
  CHECK(frame.index().n_leaves() == 0);
  const std::array<Column, 2> uneven{Column{"prediction", p}, Column{"target", Labels{1}}};
  CHECK_THROWS_AS(frame.update(Rows{{}, {}, uneven}, groups), ShapeError);
  const std::array<Column, 2> good{Column{"prediction", p}, Column{"target", p}};
  CHECK_THROWS_AS(frame.update(Rows{{}, {}, good}, fair::table_of("g", {"a"})), ShapeError);
  CHECK_THROWS_AS(GroupFrame({}), ValueError);
  CHECK_THROWS_AS(GroupFrame({nullptr}), TypeError);
  CHECK_THROWS_AS(GroupFrame(label_metrics(), {.level = 2}), ValueError);
  CHECK(frame.compute()[0].overall.status == Status::empty);
}
