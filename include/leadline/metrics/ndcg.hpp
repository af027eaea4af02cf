#pragma once

#include "leadline/metrics/label_ranking.hpp"

namespace leadline::metrics {

struct NdcgOptions {
  std::int64_t k = 0;
  bool normalise = true;
  double level = 0.95;
  static Fields fields() {
    return {field("k", &NdcgOptions::k, "Only the first k places count; 0: all.").at_least(0),
            field("normalise", &NdcgOptions::normalise,
                  "Divide by the gain of the ideal order; off: the discounted cumulative gain."),
            field("level", &NdcgOptions::level, "Coverage of the interval.").above(0).below(1)};
  }
};

/// Normalised discounted cumulative gain: sum over places r of relevance / log2(r + 1), over that
/// of the ideal order; tied scores share the mean relevance of their places (Jarvelin and
/// Kekalainen 2002; McSherry and Najork 2008). The mean over samples (queries).
///
/// Reads:   "scores" [n, n_items]; "target" [n, n_items] relevances >= 0, integers or floats
/// Returns: Estimate in [0, 1] (not normalised: >= 0), higher is better; t interval. A sample
///          without any relevant item has no value: fact samples_undefined
class LEADLINE_API Ndcg : public LabelRankingMetric<Ndcg, NdcgOptions> {
 public:
  static constexpr std::string_view type_name = "metrics.Ndcg", who = "Ndcg.update";
  explicit Ndcg(Options options = {});
  using LabelRankingMetric::update;
  [[nodiscard]] MetricInfo info() const override;
};

}  // namespace leadline::metrics
