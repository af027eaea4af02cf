/// Several metrics over the same rows, read once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/metric.hpp"

namespace leadline::metrics {

/// Updates many metrics at once. Those that keep the same state (`Metric::state_key`: one confusion
/// matrix, one set of scores) keep it once, whatever is computed from it.
///
/// Names: that of the metric; where two share it, the options in which they differ follow in
/// braces: "f1{average=macro}". A commutative monoid like its members; a batch that any member
/// refuses changes none.
///
///     MetricCollection all({std::make_shared<F1>(), std::make_shared<Accuracy>()});
///     all.update(scores, target);
///     all.at("f1").value();
class LEADLINE_API MetricCollection {
 public:
  using Member = std::pair<std::string, std::shared_ptr<const Metric>>;

  /// Throws ValueError for an empty list or equal members, TypeError for a null metric. The members
  /// are copied without what they have seen.
  explicit MetricCollection(std::span<const std::shared_ptr<const Metric>> metrics);
  explicit MetricCollection(const std::vector<std::shared_ptr<const Metric>>& metrics)
      : MetricCollection(std::span(metrics)) {}
  /// With names of one's own. Throws ValueError for a name given twice or empty.
  explicit MetricCollection(std::span<const Member> metrics);

  MetricCollection(MetricCollection&&) = default;
  MetricCollection& operator=(MetricCollection&&) = default;

  /// Rows with every column that a member reads.
  void update(const Rows& rows);
  /// `arrays` in the order in which each member reads (scores or decisions, then targets), with
  /// what else `rest` holds: weights, ids, clusters, further columns.
  void update(std::span<const ArrayView> arrays, const Rows& rest);
  void update(const ArrayView& scores, const ArrayView& target,
              std::span<const double> weights = {}, std::span<const SampleId> ids = {});

  /// Every headline, in the order of the members.
  [[nodiscard]] std::vector<Named> compute() const;
  /// Throws ValueError naming the nearest member.
  [[nodiscard]] Estimate at(std::string_view name) const;
  /// What each member describes.
  void describe(Finding& finding, std::string_view prefix = {}) const;

  [[nodiscard]] MetricCollection fresh() const;
  /// Throws ValueError unless the members are the same, with the same options.
  void merge(const MetricCollection& other);
  [[nodiscard]] std::string save() const;
  /// Throws StoreError and leaves the state as it was.
  void load(std::string_view state);

  [[nodiscard]] std::vector<std::string> names() const;
  /// How many states are kept for the members.
  [[nodiscard]] std::size_t n_states() const;
  /// A copy of a member with its state.
  [[nodiscard]] std::shared_ptr<const Metric> member(std::string_view name) const;

 private:
  struct Part {
    std::string name;
    std::shared_ptr<Metric> metric;
    std::size_t keeper;  // the part whose metric holds the state
  };
  void add(std::string name, const Metric& metric);
  template <class RowsOf>
  void update_keepers(RowsOf&& rows_of);
  [[nodiscard]] std::size_t index(std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const Metric> with_state(const Part& part) const;
  [[nodiscard]] std::vector<std::string> signature() const;

  std::vector<Part> parts_;
};

}  // namespace leadline::metrics
