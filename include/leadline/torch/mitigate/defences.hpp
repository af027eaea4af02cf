/// Defences around a classifier, as functions from inputs to logits, each with the way by which an
/// attacker who knows it sees through it. `models::from_function` makes models of them:
///
///     const mitigate::Classifier logits = [net](const at::Tensor& x) { return net->forward(x); };
///     mitigate::Detector detector(logits, {.score = mitigate::Suspicion::energy});
///     detector.fit(honest);
///     const auto model = models::from_function(detector, {.output = OutputKind::logits});
///
/// Input transforms are functions already: transforms.hpp.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>

#include "leadline/torch/mitigate/transforms.hpp"

namespace leadline::mitigate {

/// Inputs [n, ...] to logits [n, k], in evaluation mode, with a graph where one is wanted.
using Classifier = std::function<at::Tensor(const at::Tensor&)>;

/// Noise N(0, sigma^2) of shape [draws, ...shape], f64 on the CPU: draw i depends on (seed, i)
/// only.
[[nodiscard]] LEADLINE_API at::Tensor smoothing_noise(at::IntArrayRef shape, std::int64_t draws,
                                                      double sigma, std::uint64_t seed);
/// Scores [n * draws, k] of noisy copies, those of one input together, as log shares of the votes
/// [n, k], half a vote for each class on top. Gradient: that of the mean probability (Salman et al.
/// 2019, arXiv:1906.04584).
[[nodiscard]] LEADLINE_API at::Tensor vote_shares(const at::Tensor& scores, std::int64_t draws);

struct SmoothedOptions {
  double sigma = 0.25;  // of the noise, in input units
  std::int64_t draws = 32;
  std::uint64_t seed = 0;
};
/// The vote of a classifier over Gaussian noise, as `robustness::RandomizedSmoothing` takes it. The
/// noise is the same for every input and the attacker knows it: a bound from below for what noise
/// drawn anew would give. Throws ValueError unless sigma is finite and above 0 and draws at least
/// 1.
class LEADLINE_API Smoothed {
 public:
  explicit Smoothed(Classifier model, const SmoothedOptions& options = {});
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;

 private:
  Classifier model_;
  SmoothedOptions options_;
};

/// What a detector suspects an input by; larger: more.
enum class Suspicion : std::uint8_t {
  feature_squeezing,  // how far the probabilities move when the input is rounded to 4 bits and, for
                      // pictures, smoothed by a median (Xu et al. 2018, arXiv:1704.01155)
  energy,      // minus the log of the summed exponentials (Liu et al. 2020, arXiv:2010.03759)
  confidence,  // one minus the largest probability
};
[[nodiscard]] constexpr auto names_of(std::type_identity<Suspicion>) {
  return std::array<std::string_view, 3>{"feature_squeezing", "energy", "confidence"};
}
/// Scores [n] of inputs whose logits are `logits`; differentiable.
[[nodiscard]] LEADLINE_API at::Tensor suspicion(Suspicion score, const Classifier& model,
                                                const at::Tensor& x, const at::Tensor& logits,
                                                Bounds bounds = {0, 1});
/// Logits that the class of rejection should gain for each unit of score, so that neither drowns
/// the other: the median lead of the first class over the second, over the spread of the scores.
[[nodiscard]] LEADLINE_API double rejection_sharpness(const at::Tensor& scores,
                                                      const at::Tensor& logits);

struct DetectorOptions {
  Suspicion score = Suspicion::feature_squeezing;
  double false_reject_rate = 0.05;  // of honest inputs
  Bounds bounds{0, 1};              // of inputs, for the rounding
};
/// A classifier that rejects what looks like an attack: logits [n, k + 1], the last class
/// "rejected" (`with_rejection`). The threshold is set by `fit` on honest inputs that are used for
/// nothing else.
class LEADLINE_API Detector {
 public:
  using Score = std::function<at::Tensor(const at::Tensor& x, const at::Tensor& logits)>;

  explicit Detector(Classifier model, const DetectorOptions& options = {});
  /// With a score of one's own in place of `options.score`; differentiable.
  Detector(Classifier model, Score score, const DetectorOptions& options = {});
  /// Throws ValueError for too few inputs for the rate.
  Detector& fit(const at::Tensor& honest);
  /// Throws ValueError before `fit`.
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
  [[nodiscard]] std::optional<double> threshold() const { return threshold_; }

 private:
  Classifier model_;
  Score score_;
  double rate_;
  std::optional<double> threshold_;
  double sharpness_ = 1;
};

}  // namespace leadline::mitigate
