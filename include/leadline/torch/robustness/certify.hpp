/// Certificates from linear bounds: for which inputs no change inside a ball can alter the answer.
///
/// The operators of one forward are recorded and read as a graph of affine maps, elementwise
/// functions and max pooling; anything else is refused by name. Over that graph, in float64:
///   ibp          intervals layer by layer, the last layers merged with the margin
///                (Gowal et al. 2018, arXiv:1810.12715)
///   crown_ibp    one backward pass of linear functions over interval bounds (Zhang et al. 2020,
///                arXiv:1906.06316)
///   crown        the same for every layer that intervals leave unsettled (Zhang et al. 2018,
///                arXiv:1811.00866; adaptive lower slopes)
///   alpha_crown  the lower slopes of ReLU learnt by gradient, the best kept (Xu et al. 2021,
///                arXiv:2011.13824); the bounds of inner layers are those of crown
/// In this order none is ever weaker than the one before: ibp <= crown_ibp <= crown <= alpha_crown.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "leadline/core/probe.hpp"
#include "leadline/robustness/threat.hpp"
#include "leadline/torch/models/torch_model.hpp"

namespace leadline::detail::bounds {
struct Net;
}

namespace leadline::robustness {

enum class BoundMethod : std::uint8_t { ibp, crown_ibp, crown, alpha_crown };
constexpr std::array<std::string_view, 4> names_of(std::type_identity<BoundMethod>) {
  return {"ibp", "crown_ibp", "crown", "alpha_crown"};
}

struct BoundOptions {
  BoundMethod method = BoundMethod::crown;
  Norm norm = Norm::linf;
  /// Least and greatest value of an input: the ball is cut to them.
  std::optional<std::pair<double, double>> bounds{};
  int alpha_steps = 20;  // of alpha_crown
  /// alpha_crown learns the slopes behind the bounds of inner layers too; off: the last pass alone.
  bool alpha_inner = true;
  /// Take off what rounding to the dtype of the model can move a margin, whatever the order of its
  /// sums (float32: 2^-24 an operation). Off: the bounds are of real arithmetic.
  bool rounding = true;
};

/// A classifier whose bounds are known. Rows of `x` [n, ...] as the model takes them; `eps` [n] or
/// a single number, in input units.
///
///     const LinearBounds bounds(*model, x);
///     at::Tensor safe = bounds.margins(x, y, at::full({n}, 8 / 255.0)).amin(1) > 0;
class LEADLINE_API LinearBounds {
 public:
  /// Reads the model from a forward on rows like `example` [n, ...]. Throws CapabilityError naming
  /// the operator, and the layer where it is known, that has no bounds; also for a model that its
  /// operators do not describe (random, or with values that leave torch).
  LinearBounds(models::TorchModel& model, const at::Tensor& example);

  /// Lower bounds [n, n_classes - 1] of the score of `y` minus that of each other class, in their
  /// order; above 0 in all: no change inside the ball alters the answer. A model that gives
  /// probabilities through a last softmax or sigmoid is bounded before it.
  [[nodiscard]] at::Tensor margins(const at::Tensor& x, const at::Tensor& y, const at::Tensor& eps,
                                   const BoundOptions& options = {}) const;
  /// Bounds [n, n_outputs] of the outputs themselves.
  [[nodiscard]] std::pair<at::Tensor, at::Tensor> outputs(const at::Tensor& x,
                                                          const at::Tensor& eps,
                                                          const BoundOptions& options = {}) const;
  /// Largest radius [n] found, at most `largest`, at which a row is certified: bisection, each step
  /// a certificate of its own. 0: not even without a change.
  [[nodiscard]] at::Tensor radius(const at::Tensor& x, const at::Tensor& y, double largest,
                                  int steps = 12, const BoundOptions& options = {}) const;
  /// What the recorded operators give for `x`, in float64.
  [[nodiscard]] at::Tensor forward(const at::Tensor& x) const;
  [[nodiscard]] std::int64_t n_classes() const;

 private:
  [[nodiscard]] at::Tensor bound(const at::Tensor& x, const at::Tensor& rows, const at::Tensor& eps,
                                 const BoundOptions& options) const;

  std::shared_ptr<const detail::bounds::Net> net_;
  double unit_ = 0;  // rounding unit of the model
};

struct CertifyOptions {
  Threat threat{};
  BoundMethod method = BoundMethod::crown;
  int alpha_steps = 20;
  bool alpha_inner = true;
  bool rounding = true;
  int radius_steps = 8;
  int attack_steps = 20;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 64;

  static Fields fields() {
    using Self = CertifyOptions;
    return {
        field("threat", &Self::threat, "What the adversary may do."),
        field("method", &Self::method, "How the bounds are made, from loose and quick to tight."),
        field("alpha_steps", &Self::alpha_steps, "Steps of alpha_crown.").at_least(1),
        field("alpha_inner", &Self::alpha_inner,
              "alpha_crown learns the slopes behind the bounds of inner layers too; off: the last "
              "pass alone."),
        field("rounding", &Self::rounding,
              "Take off what the rounding of the model can move; off: of real arithmetic."),
        field("radius_steps", &Self::radius_steps,
              "Halvings in the search for the radius of each sample; 0: budgets only.")
            .at_least(0),
        field("attack_steps", &Self::attack_steps,
              "Gradient steps of the attack that bounds the truth from above; 0: none.")
            .at_least(0),
        field("max_samples", &Self::max_samples, "Samples looked at, drawn at random; 0: all.")
            .at_least(0),
        field("check_samples", &Self::check_samples,
              "Certified samples that are attacked inside their ball; 0: none.")
            .at_least(0)};
  }
};

/// How many answers are proven, and how many are known to fall: certified <= truth <= attacked.
///
/// Estimates: clean_accuracy; certified_accuracy{norm,eps}, attacked_accuracy{norm,eps} and
///            undecided{norm,eps} a budget (Wilson); radius (mean, 0 where misread)
/// Columns:   <id>.radius (certified; 0: none), <id>.attacked_at (smallest budget at which the
///            attack succeeded; 0 where the clean input is misread, inf: none)
/// Checks:    graph_equals_model, no_contradiction: docs/rooms/robustness.md
class LEADLINE_API Certify : public Probe {
 public:
  using Options = CertifyOptions;
  /// Throws ValueError on options out of range, on targeted threats, l0, and budgets that differ
  /// from value to value.
  explicit Certify(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override;
  /// Throws CapabilityError when the data set declares no bounds, the model has no scores, or an
  /// operator of it no bounds.
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::robustness
