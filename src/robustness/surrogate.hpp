// A smooth stand-in for a model, learned from its answers.
#pragma once

#include <cstdint>
#include <memory>

#include "leadline/core/subject.hpp"

namespace leadline::detail {

struct SurrogatePlan {
  int hidden = 64;
  int copies = 4;      // of each sample, with noise
  double noise = 0.1;  // uniform, of the range of the values
  int batch = 64;
  int steps = 1500;  // of Adam
  double step_size = 0.003;
  double decay = 1e-4;             // of the weights
  std::int64_t batch_asked = 256;  // rows of the model a call
};

/// A perceptron with one hidden layer of tanh, distilled (Hinton et al. 2015) from the scores of a
/// model, or from its decisions where it gives no more. No gradient of the model is asked for, so
/// what masks those does not mask the surrogate's.
///
/// One sample in five is kept back; copies never leave the range of the values. Depends on (inputs
/// in order, answers, seed) alone.
class LEADLINE_API Surrogate {
 public:
  /// `inputs` [n >= 10, ...] on the host, as the model takes them. Throws ShapeError for fewer.
  [[nodiscard]] static Surrogate fit(Model& model, const Tensor& inputs, OutputKind kind,
                                     std::uint64_t seed, const SurrogatePlan& plan = {});

  /// Logits [n, n_classes] and gradients for inputs of the shape it was fitted on.
  [[nodiscard]] const std::shared_ptr<Model>& model() const { return model_; }
  /// How often surrogate and model decide alike on the samples kept back.
  [[nodiscard]] double agreement() const { return agreement_; }
  [[nodiscard]] std::int64_t n_kept_back() const { return n_kept_back_; }
  /// Rows of the model asked.
  [[nodiscard]] std::int64_t queries() const { return queries_; }
  [[nodiscard]] std::int64_t n_classes() const { return n_classes_; }

 private:
  std::shared_ptr<Model> model_;
  double agreement_ = 0;
  std::int64_t n_kept_back_ = 0, queries_ = 0, n_classes_ = 0;
};

}  // namespace leadline::detail
