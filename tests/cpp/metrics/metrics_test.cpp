#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

#include "catch.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/balanced_accuracy.hpp"
#include "leadline/metrics/brier.hpp"
#include "leadline/metrics/confusion_matrix.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/metrics/precision.hpp"
#include "leadline/metrics/recall.hpp"
#include "leadline/metrics/top_k_accuracy.hpp"
#include "leadline/stats/random.hpp"

using namespace leadline;
using namespace leadline::metrics;
using Labels = std::vector<std::int64_t>;

TEST_CASE("accuracy reads Eigen scores and labels of any layout and dtype", "[metrics][accuracy]") {
  Eigen::MatrixXf columns(4, 3);
  columns << 3, 1, 2, 0, 5, 1, 1, 1, 1, 2, 0, 9;
  const Eigen::VectorXi labels = (Eigen::VectorXi(4) << 0, 1, 1, 2).finished();
  Accuracy accuracy;
  accuracy.update(columns, labels);
  const Estimate e = accuracy.compute();
  CHECK(e.value() == 0.75);  // the row of ties goes to class 0
  CHECK(e.n == 4);
  CHECK(e.method == "wilson");
  CHECK_THAT(*e.lower, WithinAbs(0.3006418423, 1e-9));  // Wilson, 3 of 4
  CHECK_THAT(*e.upper, WithinAbs(0.9544127392, 1e-9));

  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const RowMajor rows = columns.cast<double>();
  Accuracy doubles;
  doubles.update(rows, std::vector<std::uint8_t>{0, 1, 1, 2});
  CHECK(doubles.compute().value() == 0.75);
  Accuracy decided;
  decided.update(std::vector<int>{0, 1, 0, 2}, labels);
  CHECK(decided.compute().value() == 0.75);
}

TEST_CASE("clopper-pearson on request", "[metrics][accuracy]") {
  Accuracy accuracy({.interval = stats::ProportionMethod::clopper_pearson});
  Labels label(50, 0), target(50, 1);
  std::fill_n(target.begin(), 7, 0);
  accuracy.update(label, target);
  const Estimate e = accuracy.compute();
  CHECK_THAT(*e.lower, WithinAbs(0.0581917003, 1e-9));  // 7 of 50
  CHECK_THAT(*e.upper, WithinAbs(0.2673960025, 1e-9));
  CHECK(e.method == "clopper_pearson");
}

TEST_CASE("the vectorised argmax equals the plain one on many shapes", "[metrics][accuracy]") {
  stats::Rng rng(7, "argmax");
  for (const std::int64_t n_classes : {2, 3, 10, 17, 100}) {
    const std::int64_t n = 1100;  // over one block, not a multiple of 16
    std::vector<float> flat(static_cast<std::size_t>(n * n_classes));
    for (float& x : flat) x = static_cast<float>(rng.below(9));  // many ties
    Labels best(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
      const auto row = flat.begin() + i * n_classes;
      best[static_cast<std::size_t>(i)] = std::max_element(row, row + n_classes) - row;
    }
    ArrayView view(flat);
    view.rows = n;
    view.cols = view.row_stride = n_classes;
    view.rank = 2;
    Accuracy accuracy;
    accuracy.update(view, best);
    CHECK(accuracy.fold().hits() == n);
  }
}

TEST_CASE("an empty batch is allowed and nothing seen is empty", "[metrics]") {
  Accuracy accuracy;
  accuracy.update(Labels{}, Labels{});
  CHECK(accuracy.compute().status == Status::empty);
  CHECK(F1().compute().status == Status::empty);
  CHECK(F1().per_class().empty());
  CHECK(LogLoss().compute().status == Status::empty);
  CHECK_THROWS_AS(accuracy.compute().value(), ValueError);
}

TEST_CASE("classes without a value are left out and counted", "[metrics][f1]") {
  F1 f1({.n_classes = 5});
  f1.update(Labels{0, 2, 2, 2}, Labels{0, 1, 2, 2});
  const Estimate e = f1.compute();
  CHECK_THAT(e.value(), WithinAbs(0.6, 1e-15));  // scikit-learn with zero_division=nan
  CHECK(e.facts.at("classes_averaged") == 3);
  CHECK(f1.per_class()[4].status == Status::undefined);
  CHECK(f1.per_class()[1].value() == 0.0);  // class 1 occurs and is missed: that is a true 0

  Precision precision;
  precision.update(Labels{0, 0}, Labels{1, 0});
  CHECK(precision.compute().facts.at("classes_undefined") == 1);  // class 1: never predicted
  CHECK(precision.per_class()[1].why == "the class was never predicted");
}

TEST_CASE("binary average takes the positive class, none has no single number", "[metrics][f1]") {
  const Labels label{1, 1, 0, 0, 1}, target{1, 0, 0, 1, 1};
  F1 f1({.average = Average::binary});
  f1.update(label, target);
  CHECK_THAT(f1.compute().value(), WithinAbs(2.0 / 3, 1e-15));
  F1 other({.average = Average::binary, .positive_class = 7});
  other.update(label, target);
  CHECK(other.compute().status == Status::undefined);
  F1 none({.average = Average::none});
  none.update(label, target);
  CHECK(none.compute().status == Status::undefined);
}

TEST_CASE("a perfect table does not claim certainty", "[metrics][f1]") {
  F1 f1;
  f1.update(Labels{0, 1, 2, 0, 1, 2}, Labels{0, 1, 2, 0, 1, 2});
  CHECK(f1.compute().value() == 1.0);
  CHECK(*f1.compute().lower < 0.8);
}

TEST_CASE("weights of two count as the sample twice", "[metrics]") {
  const Labels target{0, 1, 1, 2}, label{0, 1, 0, 2};
  const std::vector<double> weights{2, 1, 1, 2};
  const Labels target2{0, 0, 1, 1, 2, 2}, label2{0, 0, 1, 0, 2, 2};
  Recall weighted, doubled;
  weighted.update(label, target, weights);
  doubled.update(label2, target2);
  CHECK(weighted.compute().value() == doubled.compute().value());
  CHECK_THAT(weighted.compute().facts.at("n_effective"), WithinAbs(3.6, 1e-12));
  // unweighted rows first, then weighted ones
  Recall mixed;
  mixed.update(Labels{1, 0}, Labels{1, 1});
  mixed.update(Labels{0, 2}, Labels{0, 2}, std::vector<double>{2, 2});
  CHECK(mixed.compute().value() == doubled.compute().value());
}

TEST_CASE("refused batches name the sample and change nothing", "[metrics][errors]") {
  const std::vector<SampleId> ids{40, 41, 42};
  Eigen::MatrixXf scores(3, 2);
  scores << 1, 0, 0, NAN, 1, 0;
  Accuracy accuracy;
  F1 f1;
  f1.update(Labels{0, 1}, Labels{1, 1});
  const std::string before = f1.save();
  CHECK_THROWS_WITH(accuracy.update(scores, Labels{0, 1, 0}, {}, ids),
                    ContainsSubstring("Accuracy.update: expected scores that are numbers, got NaN "
                                      "at sample 41"));
  CHECK_THROWS_WITH(f1.update(scores, Labels{0, 1, 0}), ContainsSubstring("NaN at row 1"));
  scores(1, 1) = 2;
  CHECK_THROWS_WITH(f1.update(scores, Labels{0, 5, 0}, {}, ids),
                    ContainsSubstring("'target' in [0, 2), got 5 at sample 41"));
  CHECK_THROWS_AS(f1.update(scores, Labels{0, -1, 0}), ValueError);
  CHECK_THROWS_AS(f1.update(scores, Labels{0, 1}), ShapeError);
  CHECK_THROWS_AS(f1.update(scores, Labels{0, 1, 1}, std::vector<double>{1, -1, 1}), ValueError);
  CHECK_THROWS_AS(f1.update(scores, Labels{0, 1, 1}, std::vector<double>{1}), ShapeError);
  CHECK_THROWS_AS(f1.update(scores, std::vector<float>{0, 1, 1}), TypeError);
  CHECK_THROWS_WITH(f1.update(std::vector<float>{0.2F, 0.9F}, Labels{0, 1}),
                    ContainsSubstring("stack([1 - p, p])"));
  CHECK_THROWS_AS(f1.update(Eigen::MatrixXf(Eigen::MatrixXf::Zero(3, 1)), Labels{0, 0, 0}), Error);
  Labels late(5000, 0);  // wrong only in the last block
  late.back() = -3;
  Labels grown(5000, 9);
  CHECK_THROWS_AS(f1.update(grown, late), ValueError);
  CHECK_THROWS_AS(f1.update(late, grown, std::vector<double>(5000, 2.0)), ValueError);
  CHECK(f1.save() == before);
  CHECK(accuracy.compute().status == Status::empty);
  Accuracy closed({.n_classes = 3});
  CHECK_THROWS_AS(closed.update(Labels{3}, Labels{0}), ValueError);
  CHECK_THROWS_AS(closed.update(scores, Labels{0, 1, 0}), ShapeError);
  CHECK_THROWS_AS(F1({.level = 1.5}), ValueError);
}

TEST_CASE("probabilities are checked, not guessed", "[metrics][errors]") {
  Eigen::MatrixXd p(2, 2);
  p << 0.4, 0.6, 1.7, -0.7;
  LogLoss loss;
  CHECK_THROWS_WITH(loss.update(p, Labels{0, 1}),
                    ContainsSubstring("expected probabilities in [0, 1], got 1.7 at row 1"));
  p.row(1) << 0.9, 0.9;
  CHECK_THROWS_WITH(loss.update(p, Labels{0, 1}), ContainsSubstring("sum to 1"));
  p.row(1) << 0, 1;
  loss.update(p, Labels{0, 0});
  CHECK(loss.compute().status == Status::undefined);
  CHECK(loss.compute().facts.at("n_infinite") == 1);
  LogLoss floored({.floor = 1e-6});
  floored.update(p, Labels{0, 0});
  CHECK_THAT(floored.compute().value(), WithinAbs((-std::log(0.4) - std::log(1e-6)) / 2, 1e-12));
}

TEST_CASE("brier's bernstein interval is inside [0, 2] and wider than t", "[metrics][brier]") {
  Brier t, wide({.interval = MeanInterval::empirical_bernstein});
  Eigen::MatrixXd p(200, 2);
  Labels target(200);
  stats::Rng rng(3, "brier");
  for (int i = 0; i < 200; ++i) {
    p(i, 1) = rng.uniform();
    p(i, 0) = 1 - p(i, 1);
    target[static_cast<std::size_t>(i)] = rng.bernoulli(p(i, 1));
  }
  t.update(p, target);
  wide.update(p, target);
  CHECK(t.compute().value() == wide.compute().value());
  CHECK(*wide.compute().lower < *t.compute().lower);
  CHECK(*wide.compute().upper > *t.compute().upper);
  CHECK(*wide.compute().lower >= 0.0);
  CHECK(wide.compute().method == "empirical_bernstein");
}

namespace {

/// Random probabilities with the decisions they lead to and unrelated targets.
struct CatalogRows {
  std::int64_t n_classes;
  std::vector<double> probabilities{};
  Labels target{}, prediction{};

  CatalogRows(std::int64_t n, std::int64_t classes) : n_classes(classes) {
    stats::Rng rng(11, "contract");
    for (std::int64_t i = 0; i < n; ++i) {
      double sum = 0;
      for (std::int64_t c = 0; c < n_classes; ++c) {
        probabilities.push_back(rng.uniform());
        sum += probabilities.back();
      }
      const auto row = probabilities.end() - n_classes;
      for (auto p = row; p != probabilities.end(); ++p) *p /= sum;
      target.push_back(static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(n_classes))));
      prediction.push_back(std::max_element(row, probabilities.end()) - row);
    }
  }
  Rows rows(std::int64_t first, std::int64_t count, std::vector<Column>& columns) const {
    ArrayView view(std::span<const double>(probabilities).subspan(first * n_classes));
    view.rows = count;
    view.cols = view.row_stride = n_classes;
    view.rank = 2;
    columns = {{"scores", view},
               {"probabilities", view},
               {"target", std::span<const std::int64_t>(target).subspan(first, count)},
               {"prediction", std::span<const std::int64_t>(prediction).subspan(first, count)}};
    return Rows{{}, {}, columns};
  }
};

}  // namespace

TEST_CASE("every metric of the catalog merges, saves and loads exactly", "[metrics][contract]") {
  const std::int64_t n = 500;
  const CatalogRows eight(n, 8), two(n, 2);
  const std::set<std::string_view> of_two{"expected_cost", "net_benefit",
                                          "severity_weighted_error"};
  // Of several labels or of rows of numbers a sample: tests/contract has such.
  const std::set<std::string_view> of_rows{
      "coverage_error",           "label_ranking_average_precision",
      "label_ranking_loss",       "ndcg",
      "cosine_similarity",        "kl_divergence",
      "jensen_shannon_divergence"};
  int seen = 0;
  for (const Entry& entry : core_catalog().entries()) {
    if (entry.kind != Kind::metric || of_rows.contains(entry.name)) continue;
    INFO(entry.name);
    ++seen;
    const auto rows = [&](std::int64_t first, std::int64_t count, std::vector<Column>& columns) {
      return (of_two.contains(entry.name) ? two : eight).rows(first, count, columns);
    };
    const auto whole = entry.make_metric(), a = whole->fresh(), b = whole->fresh();
    std::vector<Column> columns;
    whole->update(rows(0, n, columns));
    a->update(rows(0, 120, columns));
    b->update(rows(120, n - 120, columns));
    CHECK(whole->info().name == entry.name);
    CHECK(entry.make_metric()->compute().status == Status::empty);
    const auto ab = whole->fresh(), ba = whole->fresh();
    ab->merge(*a);
    ab->merge(*b);
    ba->merge(*b);
    ba->merge(*a);
    CHECK(ab->compute().n == n);
    if (!whole->compute().ok()) {  // a percentage of targets that are 0
      CHECK(entry.name == "mean_absolute_percentage_error");
      CHECK(ab->compute().text() == whole->compute().text());
      continue;
    }
    CHECK_THAT(ab->compute().value(), WithinRel(whole->compute().value(), 1e-12));
    CHECK_THAT(ba->compute().value(), WithinRel(whole->compute().value(), 1e-12));
    const auto back = whole->fresh();
    back->load(whole->save());
    CHECK(back->save() == whole->save());
    CHECK(back->compute().value() == whole->compute().value());
    CHECK_THROWS_AS(back->load("{}"), StoreError);
    CHECK_THROWS_AS(back->load("nonsense"), StoreError);
    CHECK(back->save() == whole->save());
    Finding finding;
    whole->describe(finding, "p.");
    CHECK_FALSE(finding.estimates.empty());
  }
  CHECK(seen >= 9);
}

TEST_CASE("metrics of other options or classes do not merge", "[metrics][errors]") {
  F1 macro, micro({.average = Average::micro});
  Accuracy accuracy;
  CHECK_THROWS_AS(macro.merge(micro), ValueError);
  CHECK_THROWS_AS(macro.merge(accuracy), ValueError);
  CHECK_THROWS_AS(macro.load(micro.save()), StoreError);
  CHECK_THROWS_AS(macro.load(Recall().save()), StoreError);
}

TEST_CASE("the intervals of accuracy and macro F1 cover the truth", "[metrics][coverage]") {
  // 3 classes, right with probability 0.8, else one of the others: true accuracy 0.8; true macro
  // F1 by the population's confusion matrix
  const double prior[3] = {0.5, 0.3, 0.2};
  double f1_truth = 0;
  for (int c = 0; c < 3; ++c) {
    const double called = 0.8 * prior[c] + 0.1 * (1 - prior[c]);
    f1_truth += 2 * 0.8 * prior[c] / (prior[c] + called) / 3;
  }
  int accuracy_covers = 0, f1_covers = 0;
  const int runs = 400;
  for (int run = 0; run < runs; ++run) {
    stats::Rng rng(5, "coverage", run);
    Labels target, label;
    for (int i = 0; i < 150; ++i) {
      const double u = rng.uniform();
      target.push_back(u < 0.5 ? 0 : u < 0.8 ? 1 : 2);
      const auto shift = rng.uniform() < 0.8 ? 0 : 1 + static_cast<std::int64_t>(rng.below(2));
      label.push_back((target.back() + shift) % 3);
    }
    Accuracy accuracy;
    F1 f1;
    accuracy.update(label, target);
    f1.update(label, target);
    const Estimate a = accuracy.compute(), f = f1.compute();
    accuracy_covers += *a.lower <= 0.8 && 0.8 <= *a.upper;
    f1_covers += *f.lower <= f1_truth && f1_truth <= *f.upper;
  }
  // 400 draws at 0.95: 3.5 standard deviations are 0.038
  CHECK(accuracy_covers > 0.912 * runs);
  CHECK(f1_covers > 0.912 * runs);
  CHECK(f1_covers < 0.99 * runs);
}
