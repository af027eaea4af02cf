/// Any metric by group, in one pass.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/metric.hpp"
#include "leadline/fairness/gap.hpp"
#include "leadline/fairness/group_index.hpp"

namespace leadline::fairness {

struct FrameOptions {
  std::int64_t min_support = 30;  // a group with fewer samples gets a status, not a value
  std::int64_t depth = 2;         // attributes joined at once: 2 adds every pair
  double level = 0.95;            // of gaps and shrunk values; groups use the metric's own
  std::int64_t replicates = 2000;
  std::uint64_t seed = 0;
};

/// One group of a metric's report.
struct GroupRow {
  std::string name, by;  // "sex=f,age=young", "sex,age"
  std::int64_t n = 0;
  Estimate estimate;  // as the metric gives it; not_measured below min_support
  /// Intersections and small groups, pulled towards what the groups they belong to lead one to
  /// expect: for rates an empirical-Bayes beta-binomial, else a normal. Shown beside the raw value.
  std::optional<Estimate> shrunk;
};

/// A metric overall and by group, with the gaps between groups.
struct LEADLINE_API GroupReport {
  MetricInfo metric;
  Estimate overall;
  std::int64_t n = 0;
  std::vector<GroupRow> rows;  // attribute by attribute, then intersections
  FrameOptions options;

  [[nodiscard]] const GroupRow* find(std::string_view name) const;
  /// Throws ValueError naming the nearest group.
  [[nodiscard]] const GroupRow& at(std::string_view name) const;
  /// The splits: "sex", "age", "sex,age".
  [[nodiscard]] std::vector<std::string> splits() const;
  /// Largest minus smallest between the groups of one split; "" is the first one. Throws
  /// ValueError for an unknown split.
  [[nodiscard]] Gap gap(std::string_view by = {}) const;
  [[nodiscard]] Gap worst(std::string_view by = {}) const;
  /// `<metric>@<group>` for each group with enough samples, `<metric>_gap{by=}`,
  /// `worst_group_<metric>{by=}`, and a forest plot of the groups.
  void describe(Finding& finding, std::string_view prefix = {}) const;

 private:
  [[nodiscard]] std::vector<GroupValue> values(std::string_view by) const;
};

/// Folds any metrics by group: one copy of each metric a leaf (a combination of levels that
/// occurs), merged into groups and into the overall value when asked. What a metric says of a group
/// is what it says of the group's samples alone.
///
///     GroupFrame frame({std::make_shared<metrics::Accuracy>()});
///     frame.update(rows, table);
///     frame.compute().front().at("sex=f").estimate;
///
/// Metrics that read labels alone are fed from one table of (group, true, predicted); others from
/// rows gathered by group. Reads what the metrics read, and a table of n rows. Throws as the
/// metrics and as `GroupReader`; a batch that is refused changes nothing. Metrics written in Python
/// work as those of the catalog.
class LEADLINE_API GroupFrame {
 public:
  /// Throws ValueError without metrics, TypeError for a null one.
  explicit GroupFrame(std::vector<std::shared_ptr<const Metric>> metrics,
                      FrameOptions options = FrameOptions{},
                      std::vector<std::string> attributes = {});

  void update(const Rows& rows, const Table& groups);
  void merge(const GroupFrame& other);
  /// One report a metric, in their order.
  [[nodiscard]] std::vector<GroupReport> compute() const;

  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] const GroupIndex& index() const { return index_; }
  [[nodiscard]] const FrameOptions& options() const { return options_; }

  void save(State& state) const;
  /// Throws StoreError.
  void load(const State& state);

 private:
  using States = std::vector<std::shared_ptr<Metric>>;  // one a metric
  [[nodiscard]] States fresh() const;
  void feed_counts(const Rows& rows, std::span<const std::int32_t> leaf);
  void feed_rows(const Rows& rows, std::span<const std::int32_t> leaf);
  [[nodiscard]] bool reads_labels_alone(const Rows& rows) const;

  std::vector<std::shared_ptr<const Metric>> metrics_;
  FrameOptions options_;
  GroupIndex index_;
  std::int64_t n_ = 0;
  std::vector<States> leaves_;
  std::vector<std::int64_t> leaf_rows_;
};

/// Pulls the estimates of intersections towards what their parts lead one to expect: overall plus
/// the sum of the parts' (shrunk) deviations from it, held inside the metric's range.
///
/// Rates: p_g ~ Beta(m_g k, (1 - m_g) k), k by maximum likelihood over the groups of the split, at
/// most the number of samples behind m_g; the posterior mean and its central interval
/// ("beta_binomial"). Others: p_g ~ N(m_g, t^2), t^2 by DerSimonian and Laird 1986 ("normal").
/// Groups without a single sample get nothing; groups below the minimum support do.
LEADLINE_API void shrink_groups(GroupReport& report, std::span<const Estimate> raw,
                                const GroupIndex& index, std::span<const Slice> slices);

}  // namespace leadline::fairness
