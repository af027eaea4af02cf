/// Two models on the same samples: which is better, by how much, and on which samples they differ.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/metric.hpp"
#include "leadline/engine/evaluate.hpp"

namespace leadline {

/// How the second model stands to the first one.
enum class Change : std::uint8_t {
  better,  // the whole interval of the difference is on the good side of 0
  worse,   // the whole interval is on the bad side of 0 and not all of it within the margin; or a
           // group is worse in that sense, after Holm
  equivalent,  // not shown better, but the whole interval is on the good side of -margin
  undecided,   // the interval allows more than one of these
};
[[nodiscard]] LEADLINE_API std::string_view name_of(Change change);

/// The p-value of paired decisions.
enum class McNemarTest : std::uint8_t {
  mid_p,  // recommended: error rate near the level (Fagerland et al. 2013)
  exact,  // never above the level, less power
};
[[nodiscard]] constexpr auto names_of(std::type_identity<McNemarTest>) {
  return std::array<std::string_view, 2>{"mid_p", "exact"};
}

struct CompareOptions {
  /// How much worse the second model may be on `metric`, in its unit; >= 0. Unset: 0, and the
  /// verdict is never `equivalent`.
  std::optional<double> margin{};
  /// What decides: an estimate of the finding "task"; "": accuracy, or mae for models of numbers.
  std::string metric{};
  /// Further metrics, each with a paired bootstrap over samples. Two models in one pass: they may
  /// read what `Context::rows` has; stored runs hold no scores of more than two classes.
  std::vector<std::shared_ptr<const Metric>> metrics{};
  /// Columns of the data's table to slice by; empty: all of at most 64 values, and the classes.
  std::vector<std::string> slices{};
  std::int64_t min_slice = 20;  // smaller slices are not tested
  McNemarTest test = McNemarTest::mid_p;
  std::int64_t replicates = 1000;  // of the paired bootstrap
  std::int64_t bins = 15;          // of confidence, the same for both models
  std::uint64_t seed = 0;
  std::int64_t batch_size = 128;
  double level = 0.95;
  std::array<std::string, 2> names{};  // "" : the models' own
  std::string title{};
  /// File of a `NightlyGate`: made where it is missing, else continued, then saved.
  std::string history{};
  ProgressCallback on_progress{};
  CancelToken cancel{};
  std::vector<std::pair<std::string, std::string>> provenance{};
  OutputKind output = OutputKind::unknown;  // of models that do not know their own
};

/// One metric of both models. `difference` is second minus first.
struct Compared {
  Estimate a, b, difference;
  Better better = Better::higher;
  std::optional<double> p_value;           // of no difference
  std::optional<double> p_value_adjusted;  // Holm over all metrics of the finding
  std::string test;                        // "McNemar mid-p", "sign-flip", ...
};

/// Samples on which the decisions differ, ascending ids.
struct Flips {
  std::vector<SampleId> worse;       // the first model was right, the second is wrong
  std::vector<SampleId> better;      // the first was wrong, the second is right
  std::vector<SampleId> both_wrong;  // both wrong, in different ways
};

/// A report of kind "compare", read.
///
/// Findings: `task` (each metric of both and the difference: `accuracy{model=a}`,
/// `accuracy{model=b}`, `accuracy_difference`), `flips`, `slices`, `calibration`, `gate` (with a
/// history). The facts compare.verdict, compare.why, compare.more_samples hold the verdict.
class LEADLINE_API ModelComparison {
 public:
  /// Throws ValueError for a report of another kind.
  explicit ModelComparison(Report report);
  static ModelComparison load(const std::string& path) {
    return ModelComparison(Report::load(path));
  }

  [[nodiscard]] const Report& report() const { return report_; }
  [[nodiscard]] Change verdict() const { return verdict_; }
  /// One plain sentence.
  [[nodiscard]] const std::string& why() const { return why_; }
  /// About how many further samples would decide; nullopt when decided, or none would.
  [[nodiscard]] std::optional<std::int64_t> more_samples() const { return more_samples_; }
  /// By `<finding>.<metric>`: "task.accuracy", "task.f1{average=macro}", "calibration.ece",
  /// "slices.accuracy@sex=f". Throws ValueError naming the nearest.
  [[nodiscard]] Compared operator[](std::string_view full_name) const;
  [[nodiscard]] std::vector<std::string> metrics() const;
  /// Throws StoreError when the results by sample are gone, CapabilityError for models of numbers.
  [[nodiscard]] Flips flips() const;

 private:
  Report report_;
  Change verdict_ = Change::undecided;
  std::string why_;
  std::optional<std::int64_t> more_samples_;
};

/// Runs both models in one pass over `data`, on the same batches, and compares.
/// Throws ValueError (options), DataError (no samples), what a model throws, Cancelled.
///
///     auto result = compare(old_net, new_net, data, {.margin = 0.01});
///     if (result.verdict() == Change::worse) ...
[[nodiscard]] LEADLINE_API ModelComparison compare(std::shared_ptr<Subject> a,
                                                   std::shared_ptr<Subject> b, DatasetPtr data,
                                                   const CompareOptions& options = {});

/// From two stored runs over the same samples. `data` (optional) gives the pictures of flipped
/// samples. Throws StoreError without results by sample; ValueError when ids, labels or
/// fingerprints of the data differ (says how many).
[[nodiscard]] LEADLINE_API ModelComparison compare(const Report& a, const Report& b,
                                                   const CompareOptions& options = {},
                                                   const DatasetPtr& data = nullptr);

/// Names in place of positions: at least two models on one data set, each batch through all.
using NamedSubjects = std::vector<std::pair<std::string, std::shared_ptr<Subject>>>;

/// Ranks many models on the same samples: each pair by McNemar with Holm over all pairs, Friedman's
/// test of any difference, mean ranks with Nemenyi's critical difference. Report of kind
/// "compare_many" with the findings `ranking` and `pairs`.
[[nodiscard]] LEADLINE_API Report compare_many(const NamedSubjects& models, DatasetPtr data,
                                               const CompareOptions& options = {});

}  // namespace leadline
