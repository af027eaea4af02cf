// What all metrics share: counts, clusters, ignored labels, collections.
#include <cmath>
#include <numeric>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/brier.hpp"
#include "leadline/metrics/confusion_matrix.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/metrics/metric_collection.hpp"
#include "leadline/metrics/recall.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;
using namespace leadline::metrics;
using Labels = std::vector<std::int64_t>;

namespace {

/// Decisions that are right with `rate`; of one cluster alike where `alike`.
struct Drawn {
  Labels predicted, target, cluster;
  Drawn(std::int64_t n, std::int64_t per_cluster, bool alike, std::uint64_t seed) {
    for (std::int64_t i = 0; i < n; ++i) {
      stats::Rng own(seed, "own", i), shared(seed, "shared", i / per_cluster);
      const double rate = alike ? (shared.uniform() < 0.7 ? 0.95 : 0.35) : 0.77;
      target.push_back(i % 3);
      predicted.push_back(own.uniform() < rate ? i % 3 : (i + 1) % 3);
      cluster.push_back(i / per_cluster);
    }
  }
  [[nodiscard]] std::array<Column, 2> columns() const {
    return {Column{"prediction", predicted}, Column{"target", target}};
  }
};

}  // namespace

TEST_CASE("a count of two is the same as seeing the row twice, intervals included",
          "[metrics][counts]") {
  const Labels target{0, 1, 2, 1, 0, 2}, predicted{0, 1, 1, 1, 2, 2};
  const std::vector<double> twice(6, 2.0);
  const std::array<Column, 2> columns{Column{"prediction", predicted}, Column{"target", target}};
  const auto check = [&](Metric& counted, Metric& repeated) {
    counted.update(Rows{{}, twice, columns, {}, true});
    repeated.update(Rows{{}, {}, columns});
    repeated.update(Rows{{}, {}, columns});
    const Estimate a = counted.compute(), b = repeated.compute();
    CHECK_THAT(a.value(), WithinRel(b.value(), 1e-12));
    CHECK(a.lower == b.lower);
    CHECK(a.upper == b.upper);
    CHECK(a.n == 12);
  };
  Accuracy a, b;
  check(a, b);
  F1 c, d;
  check(c, d);
  ConfusionMatrix e, f;
  check(e, f);
  const std::vector<double> half{1.5, 1, 1, 1, 1, 1};
  REQUIRE_THROWS_WITH(a.update(Rows{{}, half, columns, {}, true}),
                      ContainsSubstring("Accuracy.update: expected counts that are whole numbers "
                                        ">= 0, got 1.5"));
}

TEST_CASE("the interval of clustered samples is wider where clusters are alike",
          "[metrics][clusters]") {
  const Drawn drawn(1200, 20, true, 3);
  const auto columns = drawn.columns();
  Accuracy plain, clustered;
  plain.update(Rows{{}, {}, columns});
  clustered.update(Rows{{}, {}, columns, drawn.cluster});
  const Estimate p = plain.compute(), c = clustered.compute();
  CHECK(p.value() == c.value());
  CHECK(c.method == "cluster_jackknife");
  CHECK(c.facts.at("n_clusters") == 60);
  CHECK(c.facts.at("n_effective") < 600);
  CHECK(*c.upper - *c.lower > 1.5 * (*p.upper - *p.lower));
  // the design effect of the mean of clusters of equal size, by its textbook formula
  double variance = 0;
  for (int g = 0; g < 60; ++g) {
    double hits = 0;
    for (int i = 0; i < 20; ++i) {
      const auto at = static_cast<std::size_t>(20 * g + i);
      hits += drawn.predicted[at] == drawn.target[at];
    }
    variance += std::pow(hits / 20 - c.value(), 2) / 60 / 59;
  }
  CHECK_THAT(c.value() * (1 - c.value()) / c.facts.at("n_effective"), WithinRel(variance, 1e-9));
}

TEST_CASE("clusters do not depend on batches, order or merging, and save", "[metrics][clusters]") {
  for (const std::int64_t per_cluster : {20, 3}) {  // 60 clusters kept, 400 joined in groups
    const Drawn drawn(1200, per_cluster, true, 5);
    F1 whole, parts, other;
    const auto columns = drawn.columns();
    whole.update(Rows{{}, {}, columns, drawn.cluster});
    GatheredRows all(Rows{{}, {}, columns, drawn.cluster}, [] {
      std::vector<std::int64_t> order(1200);
      std::iota(order.rbegin(), order.rend(), 0);
      return order;
    }());
    for (std::int64_t at = 0; at < 700; at += 70) parts.update(all.part(at, 70));
    other.update(all.part(700, 500));
    F1 loaded;
    loaded.load(parts.save());
    loaded.merge(other);
    const Estimate a = whole.compute(), b = loaded.compute();
    CHECK_THAT(a.value(), WithinRel(b.value(), 1e-12));
    CHECK_THAT(*a.lower, WithinRel(*b.lower, 1e-9));
    CHECK_THAT(*a.upper, WithinRel(*b.upper, 1e-9));
    CHECK(a.facts.contains("clusters_grouped") == (per_cluster == 3));
    for (const Estimate& one : whole.per_class()) CHECK(one.method == "cluster_jackknife");
  }
}

TEST_CASE("cluster ids come with every batch or with none", "[metrics][clusters]") {
  const Drawn drawn(30, 5, false, 1);
  const auto columns = drawn.columns();
  Accuracy mixed;
  mixed.update(Rows{{}, {}, columns, drawn.cluster});
  const std::string before = mixed.save();
  REQUIRE_THROWS_WITH(mixed.update(Rows{{}, {}, columns}),
                      ContainsSubstring("Accuracy.update: expected cluster ids with every batch"));
  Accuracy without;
  without.update(Rows{{}, {}, columns});
  REQUIRE_THROWS_AS(without.merge(mixed), ValueError);
  REQUIRE_THROWS_AS(mixed.merge(without), ValueError);
  const Labels three{1, 2, 3};
  REQUIRE_THROWS_AS(mixed.update(Rows{{}, {}, columns, three}), ShapeError);
  CHECK(mixed.save() == before);
  Accuracy one;
  one.update(Rows{{}, {}, columns, Labels(30, 7)});
  CHECK(one.compute().ok());
  CHECK_FALSE(one.compute().lower);
  CHECK(one.compute().why == "one cluster shows no spread between clusters");
}

TEST_CASE("cluster intervals cover, plain ones do not", "[metrics][clusters]") {
  int covered = 0, plainly = 0;
  constexpr int runs = 200;
  for (int run = 0; run < runs; ++run) {
    const Drawn drawn(400, 10, true, 100 + run);  // rate 0.7 * 0.95 + 0.3 * 0.35 = 0.77
    const auto columns = drawn.columns();
    Accuracy clustered, plain;
    clustered.update(Rows{{}, {}, columns, drawn.cluster});
    plain.update(Rows{{}, {}, columns});
    const Estimate c = clustered.compute(), p = plain.compute();
    covered += *c.lower <= 0.77 && 0.77 <= *c.upper;
    plainly += *p.lower <= 0.77 && 0.77 <= *p.upper;
  }
  CHECK(covered >= 182);  // 0.95 * 200 = 190, three binomial standard deviations lower
  CHECK(plainly < 170);
}

TEST_CASE("a collection keeps one state for metrics of one state and computes all",
          "[metrics][collection]") {
  const Drawn drawn(300, 10, false, 2);
  MetricCollection all(std::vector<std::shared_ptr<const Metric>>{
      std::make_shared<F1>(), std::make_shared<F1>(F1::Options{.average = Average::micro}),
      std::make_shared<Recall>(), std::make_shared<Accuracy>()});
  CHECK(all.names() ==
        std::vector<std::string>{"f1{average=macro}", "f1{average=micro}", "recall", "accuracy"});
  all.update(drawn.predicted, drawn.target);
  F1 f1;
  f1.update(drawn.predicted, drawn.target);
  Recall recall;
  recall.update(drawn.predicted, drawn.target);
  CHECK(all.at("f1{average=macro}").text() == f1.compute().text());
  CHECK(all.at("recall").text() == recall.compute().text());
  CHECK(all.compute().size() == 4);
  REQUIRE_THROWS_WITH(all.at("recal"), ContainsSubstring("did you mean 'recall'?"));

  MetricCollection half = all.fresh(), again = all.fresh();
  CHECK_FALSE(half.at("accuracy").ok());
  half.update(drawn.predicted, drawn.target);
  again.load(half.save());
  again.merge(all);
  CHECK(again.at("accuracy").n == 600);
  CHECK(again.at("accuracy").value() == all.at("accuracy").value());
  REQUIRE_THROWS_AS(again.load("{}"), StoreError);
  Finding finding;
  all.describe(finding);
  CHECK(finding.find("f1{average=micro}") != nullptr);
  CHECK(finding.find("recall{class=2}") != nullptr);
}

TEST_CASE("a batch that one member refuses changes none", "[metrics][collection]") {
  MetricCollection all(std::vector<std::shared_ptr<const Metric>>{std::make_shared<Accuracy>(),
                                                                  std::make_shared<LogLoss>()});
  Eigen::ArrayXXd p(3, 2);
  p << 0.5, 0.5, 0.9, 0.1, 0.2, 0.8;
  const Labels target{0, 0, 1};
  all.update(p, target);
  const std::string before = all.save();
  p(2, 0) = 0.7;  // decides, but is no distribution
  REQUIRE_THROWS_WITH(all.update(p, target), ContainsSubstring("LogLoss.update"));
  CHECK(all.save() == before);
  REQUIRE_THROWS_AS(MetricCollection(std::vector<std::shared_ptr<const Metric>>{}), ValueError);
  REQUIRE_THROWS_AS(MetricCollection(std::vector<std::shared_ptr<const Metric>>{
                        std::make_shared<Accuracy>(), std::make_shared<Accuracy>()}),
                    ValueError);
}
