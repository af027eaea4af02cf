/// AUROC with DeLong's variance, for one score and for two scores of the same samples.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/ranked.hpp"

namespace leadline::stats {

struct Auroc {
  double value = 0.0;     // P(positive > negative) + P(tie) / 2
  double variance = 0.0;  // DeLong; 0 when every pair agrees
  Interval interval{0.0, 1.0};
  std::string_view method = "none";  // "delong, logit", "clopper_pearson", "none" below two a group
};

/// AUROC, ties counted one half (Mann-Whitney), with the variance of DeLong et al. 1988 from
/// midranks (Sun and Xu 2014) in one walk over the sorted scores; counts are summed exactly. The
/// interval is formed on the logit scale, so that it stays in [0, 1]. Where every pair agrees the
/// variance is 0, and the interval is that of Clopper-Pearson for min(n+, n-) successes of as many.
/// Weights: placements are weighted means, the variance is that of reliability weights.
/// Throws ValueError unless both groups have weight.
[[nodiscard]] LEADLINE_API Auroc auroc(const Ranked& ranked, double level = 0.95);
[[nodiscard]] LEADLINE_API Auroc auroc(const Levels& levels, double level = 0.95);
[[nodiscard]] LEADLINE_API Auroc auroc(std::span<const double> positives,
                                       std::span<const double> negatives, double level = 0.95);

/// The interval of an AUROC (or another share in [0, 1]) from its variance: normal on the logit
/// scale; where the variance is 0, Clopper-Pearson at `n_least` successes or failures.
[[nodiscard]] LEADLINE_API Auroc auroc_from(double value, double variance, double n_least,
                                            double level = 0.95);

/// Placements of each sample: the share of the other group that it is on the right side of, ties
/// one half (DeLong's V10 of a positive, V01 of a negative). Their mean over a group is the AUROC.
/// `target` not 0: positive; `weights` empty or one a sample. Throws as `Ranked` and `auroc`.
[[nodiscard]] LEADLINE_API std::vector<double> placements(std::span<const double> scores,
                                                          std::span<const std::uint8_t> target,
                                                          std::span<const double> weights = {});

/// Two scores of the same samples, compared.
struct PairedAuroc {
  Auroc first, second;
  double covariance = 0.0;        // of the two AUROC
  double difference = 0.0;        // first - second
  double standard_error = 0.0;    // of the difference
  Interval interval{-1.0, 1.0};   // of the difference, normal, inside [-1, 1]
  double z = 0.0, p_value = 1.0;  // two-sided test of no difference
  std::int64_t n_positive = 0, n_negative = 0;
};

/// DeLong's test for correlated curves. `target` not 0: positive; `weights` empty or one a sample.
/// A difference whose variance is 0 (the same order throughout) has p_value 1 when it is 0 and 0
/// otherwise. Throws ShapeError on other lengths, ValueError on NaN or fewer than two samples in a
/// group.
///     delong_paired(scores_a, scores_b, target).p_value
[[nodiscard]] LEADLINE_API PairedAuroc delong_paired(std::span<const double> scores_a,
                                                     std::span<const double> scores_b,
                                                     std::span<const std::uint8_t> target,
                                                     std::span<const double> weights = {},
                                                     double level = 0.95);

}  // namespace leadline::stats
