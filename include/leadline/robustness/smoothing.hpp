/// Randomized smoothing (Cohen et al. 2019, arXiv:1902.02918): what a model says under Gaussian
/// noise, and how far from the input that answer is proven to stay the same.
///
/// The smoothed classifier answers with the class that the model gives most often to
/// x + N(0, sigma^2 I). If that class has probability p > 1/2, every x' with |x' - x|_2 <
/// sigma * normal_quantile(p) gets the same answer, whatever the model is. p is not known; a lower
/// bound of it is estimated from draws, so that a certificate is wrong with probability at most
/// `alpha`, a point at a time (for many points at once: the probe `RandomizedSmoothing`).
///
/// Needs labels only. The guarantee is of real arithmetic: sums rounded to float32 can be wrong
/// beyond it (Voracek and Hein 2023), and so are inputs that are rounded to bytes after the noise.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "leadline/core/subject.hpp"

namespace leadline::robustness {

/// Largest p with P(X >= k) <= alpha, X ~ Binomial(n, p): the one-sided bound of Clopper and
/// Pearson. 0 without successes.
[[nodiscard]] LEADLINE_API double success_rate_bound(std::int64_t k, std::int64_t n, double alpha);
/// sigma * normal_quantile(p), 0 for p <= 1/2.
[[nodiscard]] LEADLINE_API double smoothing_radius(double p, double sigma);
/// The radius that `n` draws give when all of them agree: no certificate can be larger. 0: `n`
/// draws can certify nothing at this alpha.
[[nodiscard]] LEADLINE_API double largest_radius(std::int64_t n, double alpha, double sigma);
/// Least n with largest_radius(n, alpha, sigma) >= radius.
[[nodiscard]] LEADLINE_API std::int64_t draws_needed(double radius, double alpha, double sigma);

struct SmoothingDraws {
  std::int64_t n = 100'000;  // draws behind the bound
  std::int64_t n0 = 100;     // draws that choose the class; not used again
  double alpha = 0.001;      // probability that a certificate (a prediction) is wrong, a point
  /// Stop when the answer is clear, by a confidence sequence (stats::MixtureSequence) that holds at
  /// every number of draws at once: the same alpha, fewer forwards, a slightly smaller radius.
  bool early_stop = false;
  /// With early_stop: stop once each of these radii is proven or out of reach. Empty: once all
  /// draws left could add at most `tolerance` * sigma to the radius.
  std::vector<double> radii{};
  double tolerance = 0.1;
  std::uint64_t seed = 0;
  std::int64_t batch_size = 256;
};

/// What is known of one point.
struct SmoothedCertificate {
  std::int64_t label = -1;         // -1: abstains
  double radius = 0;               // L2, in input units; 0 where it abstains
  double p_lower = 0;              // lower bound of the probability of the chosen class
  std::int64_t chosen = 0;         // class chosen by the first n0 draws, also where it abstains
  std::int64_t agreed = 0, n = 0;  // draws that gave `chosen`, of n
};

struct SmoothedPrediction {
  std::int64_t label = -1;  // -1: abstains
  double p_value = 1;       // that the two most frequent classes are equally likely
  std::int64_t first = 0, second = 0, n = 0;  // draws for the two, of n
};

/// A model under Gaussian noise. Noise is keyed by (seed, sample id, draw): the same for any batch
/// size and order. Nothing is clipped: the model sees values outside the bounds of the data.
///
///     Smoothing smooth(model, 0.25);
///     const auto found = smooth.certify(x, {.n = 100'000});
class LEADLINE_API Smoothing {
 public:
  /// `output` unknown: as the model says, else logits. Throws ValueError unless sigma is above 0
  /// and finite, CapabilityError for a model that returns values.
  Smoothing(std::shared_ptr<Model> model, double sigma, OutputKind output = OutputKind::unknown);

  /// Certificates of the rows of `x` [n, ...], floats. `ids` key the noise; empty: 0, 1, ...
  /// Throws ValueError when no number of agreeing draws would certify (n too small for alpha, a
  /// radius beyond `largest_radius`), CapabilityError for inputs that are no floats.
  [[nodiscard]] std::vector<SmoothedCertificate> certify(const Inputs& x,
                                                         const SmoothingDraws& draws = {},
                                                         std::span<const SampleId> ids = {}) const;
  /// The most frequent class of n draws; abstains when a two-sided binomial test between the two
  /// most frequent ones gives p > alpha (Hung and Fithian 2019). Throws ValueError when n draws
  /// would always abstain.
  [[nodiscard]] std::vector<SmoothedPrediction> predict(const Inputs& x,
                                                        const SmoothingDraws& draws = {},
                                                        std::span<const SampleId> ids = {}) const;

  [[nodiscard]] double sigma() const { return sigma_; }

 private:
  std::shared_ptr<Model> model_;
  double sigma_;
  OutputKind output_;
};

}  // namespace leadline::robustness
