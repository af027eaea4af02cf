// One change for many samples: how it is put on them, and how it is fitted.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "attack_space.hpp"
#include "leadline/robustness/universal_perturbation.hpp"
#include "leadline/stats/random.hpp"
#include "patch_place.hpp"

namespace leadline::detail::universal {

using robustness::AttackPlan;
using robustness::Norm;

/// Puts a change on samples like `like`. A change is one value a coordinate (linf, l2), or those of
/// a patch, channel by channel (patch). `plan.eps` has the one budget.
class LEADLINE_API Canvas {
 public:
  /// Throws ValueError for a patch of less than a pixel; else as make_space.
  Canvas(const Tensor& like, AttackPlan plan, std::uint64_t seed);

  [[nodiscard]] const AttackPlan& plan() const { return plan_; }
  /// To begin with: none (linf, l2), the middle of the range (patch).
  [[nodiscard]] std::vector<double> start() const;
  /// Of the full size: random signs (linf), a random direction (l2), random values (patch).
  [[nodiscard]] std::vector<double> random(stats::Rng rng) const;
  /// The samples `inputs` (host) with the change on each; `round` draws the places of a patch.
  [[nodiscard]] Tensor put(const Tensor& inputs, std::span<const SampleId> ids,
                           std::span<const double> change, std::uint64_t round);
  /// sum += the gradient of the change, from those of the changed samples [n, ...] in float64.
  void gather(const Tensor& inputs, std::span<const SampleId> ids, std::span<const double> change,
              std::uint64_t round, const Tensor& gradient, std::span<double> sum) const;
  /// change <- a step of `share` of the budget along `way`, back into the budget.
  void ascend(std::span<const double> way, double share, std::span<double> change) const;
  /// Rows of `changed` that are farther from those of `inputs` than the budget.
  [[nodiscard]] std::int64_t n_too_far(const Tensor& inputs, const Tensor& changed) const;
  /// As a tensor [1, ...].
  [[nodiscard]] Tensor tensor_of(std::span<const double> change) const;

 private:
  [[nodiscard]] bool is_patch() const { return plan_.norm == Norm::patch; }
  [[nodiscard]] patch_place::Place place(SampleId id, std::uint64_t round) const;

  AttackPlan plan_;
  std::uint64_t seed_;
  robustness::AttackSpace space_;
  std::unique_ptr<attack_space::RowBuffer> buffer_;
  patch_place::Place size_;
};

/// Whether `label` is a success on a sample that the clean model reads as `clean`.
[[nodiscard]] bool misled(const AttackPlan& plan, std::int64_t clean, std::int64_t label);

/// What fitting needs from outside.
struct FitIo {
  std::function<Inputs(std::span<const SampleId>)> fetch;
  std::function<bool()> stop;
  std::function<void(std::int64_t forwards, std::int64_t backwards)> count;
};

struct Fitted {
  std::vector<double> change;
  std::int64_t n = 0;
  std::int64_t n_climbed = 0, n_zero = 0;  // in the first epoch; gradients that are exactly zero
  bool complete = true;                    // false: stopped
};
[[nodiscard]] Fitted fit(Model& model, Canvas& canvas, std::span<const SampleId> ids,
                         const robustness::UniversalPerturbationOptions& options,
                         std::int64_t batch_size, std::uint64_t seed, const FitIo& io);

/// Labels of a batch, -1 where a score is not finite.
[[nodiscard]] std::vector<std::int64_t> decide(Model& model, const Inputs& inputs,
                                               OutputKind output, std::int64_t n);

}  // namespace leadline::detail::universal
