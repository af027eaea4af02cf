#include <cmath>

#include "catch.hpp"
#include "leadline/metrics/accuracy.hpp"
#include "leadline/metrics/balanced_accuracy.hpp"
#include "leadline/metrics/brier.hpp"
#include "leadline/metrics/confusion_matrix.hpp"
#include "leadline/metrics/f1.hpp"
#include "leadline/metrics/log_loss.hpp"
#include "leadline/metrics/precision.hpp"
#include "leadline/metrics/recall.hpp"
#include "leadline/metrics/top_k_accuracy.hpp"
#include "support/golden.hpp"

namespace leadline::detail::golden_test {
using namespace leadline::metrics;

/// The rows behind tests/golden/metrics.json.
struct Frozen {
  nlohmann::json all = golden("metrics");
  std::vector<std::int64_t> target = all["target"];
  std::vector<double> flat = all["logits"], weights = all["weights"];
  std::int64_t n_classes = all["n_classes"];

  ArrayView logits() const {
    ArrayView view(flat);
    view.rows = std::ssize(target);
    view.cols = view.row_stride = n_classes;
    view.rank = 2;
    return view;
  }
  /// The value after two unequal batches, merged.
  template <class Metric>
  double value(Metric metric, bool weighted) const {
    auto other = metric.fresh();
    ArrayView first = logits(), second = logits();
    first.rows = 113;
    second.rows -= 113;
    second.data = static_cast<const double*>(second.data) + 113 * n_classes;
    const std::span labels(target);
    const std::span<const double> w(weights);
    metric.update(first, labels.first(113), weighted ? w.first(113) : std::span<const double>());
    dynamic_cast<Metric&>(*other).update(second, labels.subspan(113),
                                         weighted ? w.subspan(113) : std::span<const double>());
    metric.merge(*other);
    return metric.compute().value();
  }
};

template <class Metric>
void check_ratio(const Frozen& frozen, const std::string& name) {
  for (const char* kind : {"plain", "weighted"}) {
    const bool weighted = std::string(kind) == "weighted";
    const auto& expected = frozen.all[kind];
    for (const auto& [average, text] : {std::pair{Average::macro, "macro"},
                                        {Average::micro, "micro"},
                                        {Average::weighted, "weighted"}}) {
      INFO(name << " " << kind << " " << text);
      // sums of fractional weights round: 1e-12 relative
      CHECK_THAT(
          frozen.value(Metric({.average = average, .n_classes = frozen.n_classes}), weighted),
          WithinAbs(static_cast<double>(expected[name + "_" + text]), 1e-12));
    }
    Metric whole({.n_classes = frozen.n_classes});
    whole.update(frozen.logits(), frozen.target,
                 weighted ? std::span<const double>(frozen.weights) : std::span<const double>());
    const auto classes = whole.per_class();
    REQUIRE(std::ssize(classes) == frozen.n_classes);
    for (std::size_t k = 0; k < classes.size(); ++k) {
      INFO(name << " " << kind << " class " << k);
      const auto& value = expected[name + "_class"][k];
      CHECK(classes[k].ok() == !value.is_null());
      if (classes[k].ok()) {
        CHECK_THAT(classes[k].value(), WithinAbs(static_cast<double>(value), 1e-12));
        CHECK(*classes[k].lower <= classes[k].value());
        CHECK(*classes[k].upper >= classes[k].value());
      } else {
        CHECK(classes[k].status == Status::undefined);
      }
    }
  }
}

}  // namespace leadline::detail::golden_test

using namespace leadline;
using namespace leadline::detail::golden_test;

TEST_CASE("precision, recall and f1 agree with scikit-learn, averaged, per class and weighted",
          "[metrics][f1]") {
  const Frozen frozen;
  check_ratio<Precision>(frozen, "precision");
  check_ratio<Recall>(frozen, "recall");
  check_ratio<F1>(frozen, "f1");
}

TEST_CASE("accuracies, log loss and brier agree with scikit-learn", "[metrics]") {
  const Frozen frozen;
  for (const char* kind : {"plain", "weighted"}) {
    INFO(kind);
    const bool weighted = std::string(kind) == "weighted";
    const auto& expected = frozen.all[kind];
    const auto near = [&](const char* name) {
      return WithinAbs(expected[name].get<double>(), 1e-12);
    };
    CHECK_THAT(frozen.value(Accuracy(), weighted), near("accuracy"));
    CHECK_THAT(frozen.value(TopKAccuracy({.k = 2}), weighted), near("top_2_accuracy"));
    CHECK_THAT(frozen.value(LogLoss({.input = ScoreInput::logits}), weighted), near("log_loss"));
    CHECK_THAT(frozen.value(Brier({.input = ScoreInput::logits}), weighted), near("brier"));
  }
  CHECK_THAT(frozen.value(BalancedAccuracy(), false),
             WithinAbs(frozen.all["plain"]["balanced_accuracy"].get<double>(), 1e-12));
}

TEST_CASE("the confusion matrix agrees with scikit-learn cell by cell", "[metrics][confusion]") {
  const Frozen frozen;
  ConfusionMatrix matrix;
  matrix.update(frozen.logits(), frozen.target);
  CHECK(matrix.counts() == frozen.all["plain"]["confusion"].get<std::vector<double>>());
}

TEST_CASE("probabilities and logits give the same losses", "[metrics][log_loss]") {
  const Frozen frozen;
  std::vector<double> probabilities = frozen.flat;
  for (std::size_t i = 0; i < probabilities.size(); i += 6) {
    double sum = 0;
    for (std::size_t c = i; c < i + 6; ++c) sum += probabilities[c] = std::exp(probabilities[c]);
    for (std::size_t c = i; c < i + 6; ++c) probabilities[c] /= sum;
  }
  ArrayView view = frozen.logits();
  view.data = probabilities.data();
  LogLoss from_logits({.input = ScoreInput::logits}), from_probabilities;
  Brier brier;
  from_logits.update(frozen.logits(), frozen.target);
  from_probabilities.update(view, frozen.target);
  brier.update(view, frozen.target);
  CHECK_THAT(from_probabilities.compute().value(), WithinRel(from_logits.compute().value(), 1e-12));
  CHECK_THAT(brier.compute().value(), WithinAbs(frozen.all["plain"]["brier"].get<double>(), 1e-12));
}
