// Draws of a model's answers under Gaussian noise, and the bounds made of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "leadline/core/subject.hpp"
#include "leadline/robustness/smoothing.hpp"
#include "leadline/stats/confidence_sequence.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::votes {

/// One row [1, ...] under noise. Draw number `i` of a sample is the same in any batch.
class NoisyRow {
 public:
  /// Throws CapabilityError unless `x` holds floats.
  NoisyRow(Model& model, OutputKind output, const Inputs& x, double sigma, stats::Stream stream,
           SampleId id);

  /// Labels of the draws [first, first + n).
  [[nodiscard]] std::vector<std::int64_t> labels(std::int64_t first, std::int64_t n);
  /// The noise of one draw, in units of sigma.
  [[nodiscard]] std::vector<float> noise(std::int64_t draw) const;
  /// The row moved by `shift` (one value an element), for draws around another point.
  void move(std::span<const double> shift);
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  [[nodiscard]] Tensor noisy(std::int64_t first, std::int64_t n);
  template <class T>
  [[nodiscard]] Tensor fill(std::int64_t first, std::int64_t n);

  Model& model_;
  OutputKind output_;
  Inputs x_;
  std::vector<double> centre_;
  double sigma_;
  stats::Stream stream_;
  SampleId id_;
  std::int64_t size_ = 0;
  std::shared_ptr<std::vector<float>> buffer_;  // reused from batch to batch
};

using Counts = std::map<std::int64_t, std::int64_t>;

/// Adds the labels of draws [first, first + n), in batches; `stop` is asked between them and may
/// end it. Returns how many were drawn.
std::int64_t count(NoisyRow& row, std::int64_t first, std::int64_t n, std::int64_t batch,
                   Counts& counts, const std::function<bool()>& stop = {});

/// Certifies one row; `stop` true: not finished, nullopt.
[[nodiscard]] std::optional<robustness::SmoothedCertificate> certify(
    NoisyRow& row, double sigma, const robustness::SmoothingDraws& draws,
    const std::function<bool()>& stop = {});

/// Throws ValueError where `draws` can never certify.
void check_certify(std::string_view who, const robustness::SmoothingDraws& draws, double sigma);

/// p-value that the chosen class has probability at most `p`: exact binomial for draws whose number
/// was fixed, one over the mixture martingale where they were stopped early.
[[nodiscard]] double p_value(std::int64_t agreed, std::int64_t n, double p, bool early_stop);

}  // namespace leadline::detail::votes
