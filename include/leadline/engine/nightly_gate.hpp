/// The history of a comparison that is made every night, in one small file, with one error rate
/// over all nights together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/stats/e_process.hpp"

namespace leadline {

/// Watches the loss d = P(only the first model is right) - P(only the second is right) over nights.
/// While d <= margin on every night and no group gets worse, the chance of ever raising an alarm is
/// at most `alpha`, however many nights there are. A third of alpha each goes to
/// - nights on data not seen before: evidence multiplies (stats::SequentialGate, sequential);
/// - nights on data seen before, such as the same test set every night: evidence adds
///   (stats::SequentialGate, arbitrary dependence);
/// - groups: the least Holm p-value of a worse group, against alpha / 3 / (k (k + 1)) on night k.
/// Data are known by their fingerprint: a data set that grows and keeps its old samples is not
/// fresh, and must be split by its owner.
///
///     NightlyGate gate({.margin = 0.01});
///     gate.add(counts_of_tonight, fingerprint);
///     gate.save("gate.json");
class LEADLINE_API NightlyGate {
 public:
  struct Options {
    double margin = 0;    // in [0, 1)
    double alpha = 0.05;  // chance of ever raising a false alarm, in (0, 1)
  };
  struct Night {
    std::string time;  // UTC, ISO 8601
    std::string data;  // fingerprint; "" counts as fresh
    std::int64_t n = 0, only_a = 0, only_b = 0;
    bool fresh = true;
    double slice_p = 1;   // least Holm p-value of a worse group
    double e_value = 1;   // of this night alone
    double evidence = 1;  // of its kind of nights after this one; an alarm at 3 / alpha
    std::string alarm;    // "" or what raised it: "evidence", "same data", "group"
  };

  NightlyGate() : NightlyGate(Options{}) {}
  /// Throws ValueError on a margin or alpha out of range.
  explicit NightlyGate(Options options);

  /// Adds a night (`time` "" takes now) and returns it judged. Throws ValueError without samples.
  const Night& add(const stats::PairedCounts& counts, std::string data = {}, double slice_p = 1,
                   std::string time = {});

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] std::span<const Night> nights() const { return nights_; }
  /// Whether any night raised an alarm.
  [[nodiscard]] bool alarmed() const;
  [[nodiscard]] double threshold() const { return 3 / options_.alpha; }

  /// The nights so far as a finding: headline, curve of the evidence, table.
  [[nodiscard]] Finding finding() const;

  [[nodiscard]] std::string to_json() const;
  /// Throws StoreError with the place; what is derived is computed again.
  static NightlyGate from_json(std::string_view json);
  void save(const std::string& path) const;
  static NightlyGate load(const std::string& path);

 private:
  Options options_;
  stats::SequentialGate fresh_, seen_;
  std::vector<Night> nights_;
};

}  // namespace leadline
