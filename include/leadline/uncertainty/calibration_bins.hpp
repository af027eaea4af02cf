/// Confidence and hits by bin: the state of every calibration measure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/calibration.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/score_histogram.hpp"

namespace leadline::detail::calibration_rows {
class Source;
}

namespace leadline::uncertainty {

/// Equal-width bins of confidence, [k/B, (k+1)/B), the last one closed: confidence 1.0 is in the
/// last bin. Bit for bit the same under any order of merging (weights: 1e-12 relative).
///
/// Reads:  "probabilities" [n, n_classes] and "target" [n] (top-1: largest, first of ties), or
///         "probabilities" [n] of class 1 and "target" [n] of 0 and 1 (how often class 1 occurs
///         where it is given that probability); without that column "confidence" [n] in [0, 1] and
///         "correct" [n] in {0, 1}
/// Throws: ValueError for a confidence outside [0, 1], a hit that is neither 0 nor 1, rows that do
///         not sum to 1 within 1e-3; ShapeError, TypeError. A refused batch changes nothing.
class LEADLINE_API CalibrationBins {
 public:
  /// `histogram_bits` above 0: what is kept is a `stats::ScoreHistogram` of so many bits, from
  /// which other curves can be read too; the calibration error is then known within a bound.
  explicit CalibrationBins(std::int64_t bins, std::int64_t histogram_bits = 0);

  void update(const Rows& rows, std::string_view who);
  void merge(const CalibrationBins& other);

  [[nodiscard]] std::int64_t n() const { return n_; }
  /// Where that is kept; right answers are its positives.
  [[nodiscard]] const std::optional<stats::ScoreHistogram>& histogram() const { return histogram_; }
  /// Sums by bin, scaled to the effective number of samples when weighted.
  [[nodiscard]] std::vector<stats::CalibrationBin> bins() const;

  /// Expected calibration error; the fact `corrected` is its value without the upward bias.
  [[nodiscard]] Estimate expected_error(double level) const;
  /// Largest gap of a bin that holds samples; Wilson intervals joined by Bonferroni.
  [[nodiscard]] Estimate maximum_error(double level) const;
  /// Mean confidence minus accuracy, in [-1, 1]: above 0 the model is too sure.
  [[nodiscard]] Estimate overconfidence(double level) const;
  [[nodiscard]] Curve reliability(double level) const;

  void save(State& state) const;
  void load(const State& state);

 private:
  struct Bin {
    std::int64_t n = 0, correct = 0;
    stats::FixedSum confidence;
    double weight = 0, weight_confidence = 0, weight_correct = 0;
  };
  void add(double confidence, bool correct, double weight, bool counted);
  void add_each(leadline::detail::calibration_rows::Source& source, const Rows& rows);
  void count(leadline::detail::calibration_rows::Source& source);
  void update_histogram(const Rows& rows, std::string_view who);
  void start_weights();
  [[nodiscard]] double n_effective() const;

  std::int64_t n_ = 0;
  bool weighted_ = false;
  double weight_ = 0, squared_weights_ = 0;
  std::vector<Bin> bins_;
  stats::FixedSum squared_gap_;
  std::optional<stats::ScoreHistogram> histogram_;
};

}  // namespace leadline::uncertainty
