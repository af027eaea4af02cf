/// ROC and precision-recall curves with confidence bands.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/ranked.hpp"

namespace leadline::stats {

/// What a band promises.
enum class CurveBand : std::uint8_t {
  none,
  pointwise,     // each point by itself is covered with the level
  simultaneous,  // the whole curve is, with at least the level
};
[[nodiscard]] constexpr auto names_of(std::type_identity<CurveBand>) {
  return std::array<std::string_view, 3>{"none", "pointwise", "simultaneous"};
}

/// Points from the threshold +infinity down; y is TPR over x = FPR, or precision over x = recall.
struct RankCurve {
  std::vector<double> x, y, threshold;
  std::vector<double> lower, upper;  // of y at x; empty without a band
};

/// One point a level, none dropped, from (0, 0) at the threshold +infinity to (1, 1).
///
/// Bands of TPR at a given FPR. Pointwise: as `tpr_at_fpr`, the uncertainty of the threshold
/// included, made at 129 points and linear between them. Simultaneous: both empirical distributions
/// lie within d = sqrt(ln(2 / a) / (2 n)) of the true ones with probability 1 - a, a = 1 -
/// sqrt(level) each (Dvoretzky, Kiefer and Wolfowitz; Massart 1990), so that the true curve at x is
/// between the curve at x - d_N less d_P and at x + d_N plus d_P (Campbell 1994).
/// Throws ValueError unless both groups have weight.
[[nodiscard]] LEADLINE_API RankCurve roc_curve(const Levels& levels,
                                               CurveBand band = CurveBand::simultaneous,
                                               double level = 0.95);

/// One point a level, none dropped, after the start (recall 0, precision 1).
///
/// Bands of the precision at the threshold of the point. Pointwise: Wilson, of the positives among
/// the accepted. Simultaneous: from the bounds of TPR and FPR as above, at the prevalence of the
/// sample. Throws ValueError unless both groups have weight.
[[nodiscard]] LEADLINE_API RankCurve precision_recall_curve(
    const Levels& levels, CurveBand band = CurveBand::simultaneous, double level = 0.95);

/// At most `max_points` of the points, for drawing: evenly spread along the curve, both ends stay.
/// Nothing else reads a thinned curve.
[[nodiscard]] LEADLINE_API RankCurve thin(const RankCurve& curve, std::size_t max_points = 257);

}  // namespace leadline::stats
