/// A metric folds rows into a claim. It is a commutative monoid: `fresh()` is its identity,
/// `merge` its operation, so shards, threads and resumed runs give the same answer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/rows.hpp"

namespace leadline {

struct MetricInfo {
  std::string name;  // catalog name: "accuracy"
  Better better = Better::higher;
  std::pair<double, double> range{0, 1};
  std::string unit;
  std::string label;               // in plain words
  std::vector<std::string> reads;  // columns: "scores", "target", ...
};

class LEADLINE_API Metric {
 public:
  virtual ~Metric();
  [[nodiscard]] virtual MetricInfo info() const = 0;
  /// Reads the columns `info().reads`. Throws before anything is changed: a refused batch leaves
  /// the state as it was.
  virtual void update(const Rows& rows) = 0;
  /// Adds the state of another metric of the same kind and options, else throws ValueError.
  virtual void merge(const Metric& other) = 0;
  /// The headline claim. Never throws for lack of data: the status says it.
  [[nodiscard]] virtual Estimate compute() const = 0;
  /// Everything else: per class, curves, matrices. Default: adds `compute()` under
  /// prefix + info().name.
  virtual void describe(Finding& finding, std::string_view prefix = {}) const;
  /// Same options, nothing seen.
  [[nodiscard]] virtual std::shared_ptr<Metric> fresh() const = 0;
  /// The state as text (`State`), and back. `load` throws StoreError and leaves the state as it
  /// was.
  [[nodiscard]] virtual std::string save() const = 0;
  virtual void load(std::string_view state) = 0;

  /// The options as name -> JSON text, where it has any.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> arguments() const;
  /// Metrics with equal keys keep equal states after equal updates: a collection updates one of
  /// them for all. Empty: its state is its own.
  [[nodiscard]] virtual std::string state_key() const { return {}; }
  /// Takes over the state of a metric with the same, not empty, key. Throws ValueError.
  virtual void adopt(const Metric& other);
};

/// The columns that `arrays` are for a metric that reads `reads`, in that order: what
/// `update(scores, target)` means. Floats given for decisions ("prediction") are "scores".
/// Throws TypeError when there are more arrays than it reads.
[[nodiscard]] LEADLINE_API std::vector<Column> columns_of(std::span<const std::string> reads,
                                                          std::span<const ArrayView> arrays,
                                                          std::string_view who);

}  // namespace leadline
