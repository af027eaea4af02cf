/// One batch of a pass and the memo of everything computed on it: each product is made once,
/// whichever probes ask for it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/rows.hpp"
#include "leadline/core/session.hpp"

namespace leadline {

/// Decisions of one batch on the host, row-major.
struct Predictions {
  std::int64_t n = 0, n_classes = 0;
  std::vector<double> scores;         // [n, n_classes] as the model gave them; empty: labels only
  std::vector<double> probabilities;  // [n, n_classes]; empty: labels only
  std::vector<std::int64_t> label;    // [n] argmax, first of ties
  std::vector<double> confidence;     // [n] probability of `label`; empty: labels only
  std::vector<std::int64_t> target;   // [n]; empty: no labels given
  std::vector<std::uint8_t> correct;  // [n]; empty: no labels given
  std::vector<double> loss;  // [n] log loss in nats, may be +inf; empty: no labels or scores
};

/// Turns an output into decisions. A single column [n] or [n, 1] of logits or probabilities is a
/// binary model: two classes. Logits pass through softmax (sigmoid when binary); probabilities
/// stay. Throws ShapeError, TypeError or DataError (a value that is not finite, naming the sample).
/// `kind` unknown: probabilities when every row is in [0, 1] and sums to 1 within 1e-3 is NOT
/// guessed; the caller decides (the engine's attach step settles it once a run).
[[nodiscard]] LEADLINE_API Predictions predictions_of(const Tensor& output, OutputKind kind,
                                                      const Tensor& target,
                                                      std::span<const SampleId> ids);

class LEADLINE_API Context {
 public:
  /// `taps`: union of the layers asked for by the probes of this pass.
  Context(Session& session, Batch batch, OutputKind kind, std::vector<std::string> taps);

  [[nodiscard]] Session& session() const { return session_; }
  [[nodiscard]] const Batch& batch() const { return batch_; }
  [[nodiscard]] OutputKind kind() const { return kind_; }
  /// Runs the model on first use.
  [[nodiscard]] const Outputs& outputs();
  /// [n, ...] in the model's dtype and device. Throws CapabilityError if it was not asked for.
  [[nodiscard]] const Tensor& activation(std::string_view layer);
  /// Classification only. Throws as `predictions_of`.
  [[nodiscard]] const Predictions& predictions();
  /// Columns for metrics, borrowed from `predictions()`: "scores", "probabilities" [n, n_classes],
  /// "prediction", "confidence", "target", "correct", "loss" - those that exist.
  [[nodiscard]] Rows rows();
  [[nodiscard]] bool ran() const { return ran_; }

 private:
  Session& session_;
  Batch batch_;
  OutputKind kind_;
  std::vector<std::string> taps_;
  bool ran_ = false;
  Outputs outputs_;
  std::unique_ptr<Predictions> predictions_;
  std::vector<Column> columns_;
};

}  // namespace leadline
