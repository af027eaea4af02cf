/// How many decisions were right: the state of accuracy and top-k accuracy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/core/state.hpp"
#include "leadline/metrics/decision_rule.hpp"

namespace leadline::detail::label_rows {
struct Source;
}

namespace leadline::metrics {

/// Right decisions and samples, in constant memory. Reads and throws as `Confusion`.
///
/// A sample is a hit when its true class is among the `k` largest scores; equal scores rank by
/// class number. k above 1 needs scores. Exact under merge (weights: to 1e-12 relative).
class LEADLINE_API Hits {
 public:
  explicit Hits(std::int64_t k = 1, std::optional<std::int64_t> n_classes = {},
                const DecisionRule& rule = {})
      : k_(k), n_classes_(n_classes), rule_(rule) {}

  void update(const Rows& rows, std::string_view who);
  void merge(const Hits& other);
  /// Says which states are kept alike.
  [[nodiscard]] std::string key() const;
  /// The share of hits; `method` "wilson", "clopper_pearson" or "jeffreys".
  [[nodiscard]] Estimate rate(std::string_view method, double level) const;

  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] std::int64_t hits() const { return hits_; }

  void save(State& state) const;
  void load(const State& state);

 private:
  [[nodiscard]] bool add_binary(const detail::label_rows::Source& source);

  std::int64_t k_;
  std::optional<std::int64_t> n_classes_;
  DecisionRule rule_;
  std::int64_t n_ = 0, hits_ = 0;
  bool weighted_ = false;
  double weight_ = 0, weight_hits_ = 0, squared_weights_ = 0;  // kept from the first weight on
};

}  // namespace leadline::metrics
