/// What everything that plugs into leadline must hold to, as checks that third parties can run on
/// their own metrics, probes, models and data sets.
///
///     testing::check_metric(MyMetric()).require();   // throws with everything that is broken
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/metric.hpp"
#include "leadline/core/probe.hpp"
#include "leadline/core/subject.hpp"
#include "leadline/engine/evaluate.hpp"

namespace leadline::testing {

/// Which laws of a contract held and which broke, each with what was seen.
struct LEADLINE_API Contract {
  struct Law {
    std::string name;  // "merge_is_associative"
    bool held = true;
    std::string detail;  // what was seen when it broke
  };
  std::string subject;  // what was checked
  std::vector<Law> laws;

  [[nodiscard]] bool ok() const;
  /// One line a law.
  [[nodiscard]] std::string text() const;
  /// Throws ValueError that lists every broken law.
  void require() const;
};

/// Rows with owned columns, to be fed in parts.
class LEADLINE_API ExampleRows {
 public:
  /// "scores", "probabilities" [n, n_classes], "prediction", "confidence", "target", "correct",
  /// "loss" of a classifier that is right more often than not. Every class occurs.
  static ExampleRows classification(std::int64_t n = 240, std::int64_t n_classes = 8,
                                    std::uint64_t seed = 0);

  /// "predicted", "target" (not 0), "ensemble" [n, 5] of a model of numbers that is often close.
  static ExampleRows regression(std::int64_t n = 240, std::uint64_t seed = 0);
  /// "scores", "target" [n, n_labels] of 0 and 1: some of many labels, at least one and not all.
  static ExampleRows labels(std::int64_t n = 240, std::int64_t n_labels = 5,
                            std::uint64_t seed = 0);
  /// "predicted", "target" [n, k]: two distributions a sample, none of them with a 0.
  static ExampleRows distributions(std::int64_t n = 240, std::int64_t k = 4,
                                   std::uint64_t seed = 0);
  /// Those that hold what `reads` names: regression where it reads "predicted" or "ensemble".
  static ExampleRows of(const std::vector<std::string>& reads);

  /// A column [n] or [n, cols], row by row. Throws ShapeError on another length.
  ExampleRows& add(std::string name, std::vector<double> values, std::int64_t cols = 1);
  ExampleRows& add(std::string name, std::vector<std::int64_t> values, std::int64_t cols = 1);
  [[nodiscard]] std::int64_t size() const { return n_; }

  /// Calls `use` with rows [first, first + n).
  void with(std::int64_t first, std::int64_t n, const std::function<void(const Rows&)>& use) const;
  /// The same rows with one value of a float column replaced.
  [[nodiscard]] ExampleRows replaced(const std::string& column, std::int64_t row,
                                     double value) const;
  [[nodiscard]] ExampleRows without(const std::string& column) const;
  [[nodiscard]] bool has_floats(const std::string& column) const {
    return floats_.contains(column);
  }

 private:
  void require_size(const std::string& name, std::int64_t rows);
  template <class T>
  struct Values {
    std::vector<T> values;
    std::int64_t cols = 1;
  };
  using Floats = Values<double>;
  std::int64_t n_ = -1;
  std::map<std::string, Floats, std::less<>> floats_;
  std::map<std::string, Values<std::int64_t>, std::less<>> integers_;
};

/// Monoid laws, invariance under splitting, save and load (and refusal of what is no state), the
/// empty input, refusal of NaN and of missing columns without a change of state, `describe` that
/// survives JSON. `rows` must hold the columns that the metric reads.
[[nodiscard]] LEADLINE_API Contract check_metric(const Metric& metric, const ExampleRows& rows);
/// On the example that fits what it reads: regression, or eight classes, or two where the metric
/// refuses eight and takes two (an event against its absence), or five labels a sample.
[[nodiscard]] LEADLINE_API Contract check_metric(const Metric& metric);

struct ProbeContract {
  std::map<std::string, DatasetPtr> also{};  // roles that the probe needs
  /// Its numbers are times or sizes of the machine: not compared between runs.
  bool timed = false;
  double relative_tolerance = 1e-9;  // between batch sizes and shards
};

/// Repeatability from the seed, invariance under the batch size, resume in the middle, shards,
/// refusal of what is no state, model left as found, a finding that is well formed and survives
/// JSON, an orderly answer when cancelled at once.
/// `data` must be small (a few hundred samples) and the model independent of its batch.
[[nodiscard]] LEADLINE_API Contract check_probe(std::shared_ptr<const Probe> probe,
                                                std::shared_ptr<Subject> subject, DatasetPtr data,
                                                const ProbeContract& options = {});

/// Ids and order, equal answers, cursor, lengths, refusal of unknown ids, a stable fingerprint; of
/// a stream that it says so.
[[nodiscard]] LEADLINE_API Contract check_dataset(const Dataset& data);

/// One row a sample, equal answers, finite outputs of the declared kind, layers that it names,
/// refusal of those it does not, inputs left alone, a pullback that agrees with differences.
[[nodiscard]] LEADLINE_API Contract check_model(Model& model, const Inputs& example);

}  // namespace leadline::testing
