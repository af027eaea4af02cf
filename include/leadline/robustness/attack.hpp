/// What all attacks share: a probe that attacks every sample the model reads correctly, and the
/// same attack as a function.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "leadline/core/probe.hpp"
#include "leadline/robustness/attack_engine.hpp"
#include "leadline/robustness/attack_options.hpp"

namespace leadline::robustness {

/// A method made for one model, from what it answers at samples of its data.
struct LearnedMethod {
  AttackMethod method;
  std::string note{};         // for the report
  std::int64_t forwards = 0;  // rows of the model asked
};

/// One of the attacks that a probe runs in turn, each on what the ones before it left standing.
struct AttackStage {
  std::string name;
  AttackMethod method;
  Knowledge needs = Knowledge::white_box;
  bool minimum_norm = false;  // one run answers every budget
  /// Above 0: so many alternatives a row, one for each of the likeliest wrong classes, given to
  /// the method as `row.target()`; success is any wrong class.
  std::int64_t n_targets = 0;
  /// Set: gives `method`, learned from at most `learn_samples` inputs.
  std::function<LearnedMethod(Model&, const Tensor& inputs, OutputKind, std::uint64_t seed)>
      learn{};
  std::int64_t learn_samples = 0;
};

/// Which point of an attack is wanted.
enum class Keep : std::uint8_t {
  nearest,  // the nearest that fools the model, as in an evaluation: a fooled row stops there
  last      // where the full number of steps ends, as training needs it; Pgd and Fgsm only
};
constexpr std::array<std::string_view, 2> names_of(std::type_identity<Keep>) {
  return {"nearest", "last"};
}

struct PerturbOptions {
  /// Least and greatest value an input may take, in its own units.
  std::pair<double, double> bounds{0, 1};
  std::uint64_t seed = 0;
  std::int64_t batch_size = 0;  // 0: all rows at once, at most 256
  /// unknown: as the model says; logits when it does not know.
  OutputKind output = OutputKind::unknown;
  /// Targeted attacks: class [n] to drive each row to; undefined: by `Threat::target`.
  Tensor targets{};
  Keep keep = Keep::nearest;
};

template <class Array>
struct PerturbedOf {
  Array x;                            // as the input: shape, dtype; a Tensor is on the host
  std::vector<AttackResult> results;  // one a row, in order
  /// What to know before believing it: smaller batches for want of memory, scores that look like
  /// probabilities.
  std::vector<std::string> notes{};
};
using Perturbed = PerturbedOf<Tensor>;

/// How arrays of another library become tensors and back; specialised where they are known
/// (at::Tensor in leadline/torch.hpp).
template <class Array>
struct ArrayTraits;
template <class Array>
concept ForeignArray = requires(const Array& a) {
  { ArrayTraits<Array>::in(a) } -> std::same_as<Tensor>;
};

/// An attack on the inputs, as a probe and as a function.
///
/// Only rows read correctly are attacked; a wrong one counts as not robust. A row is fooled at a
/// budget when any point that the attack asked for within it is (another class than the label; the
/// target class when targeted; an output that is not finite).
///
/// Estimates: clean_accuracy, accuracy{norm,eps} and attack_success{norm,eps} a budget (Wilson),
///   distance (median of the nearest adversarial, minimum-norm attacks), queries, saturated.
/// Columns: `<id>.fooled_at` (0 where the clean input is misread, inf where no budget sufficed),
///   `<id>.distance`.
/// Checks: docs/rooms/robustness.md.
class LEADLINE_API Attack : public Probe {
 public:
  struct Recipe {
    std::string name;  // catalog name
    Threat threat{};
    std::vector<AttackStage> stages;
    std::optional<Norm> own_norm{};  // spatial or patch, where the attack is made for it
    /// The first stage with twice the effort; without a method it has no such thing.
    AttackStage longer{};
    bool single_step = false;
    bool drop_fooled = true;
    int averaged = 1;         // gradients a step, of a model that draws random numbers
    bool climbs_dlr = false;  // needs three classes, four when targeted
    std::int64_t max_samples = 0;
    std::int64_t check_samples = 128;  // 0: no checks
    double relative_cost = 1;          // in passes over the data
    std::vector<std::string> warnings{};
    std::vector<std::pair<std::string, std::string>> options{};  // see Probe::options
  };

  ~Attack() override;
  [[nodiscard]] const Recipe& recipe() const { return recipe_; }
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return recipe_.options;
  }
  /// Throws CapabilityError when the data set declares no bounds (and the threat none), or the
  /// model does not give what the attack needs.
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

  /// Adversarial versions of `x` [n, ...] with labels `y` [n]: the nearest point found that fools
  /// the model at the smallest budget that does, else the point nearest to it within the largest
  /// one (`Keep::last`: where the steps end). Rows do not depend on each other, nor on the batch
  /// size (but for what a method was learned from: the first of them). Throws ShapeError,
  /// ValueError (inputs outside the bounds, labels out of range), CapabilityError.
  ///
  ///     Tensor adversarial = Pgd({.steps = 20}).perturb(model, x, y, {.bounds = {0, 1}});
  [[nodiscard]] Tensor perturb(Model& model, const Tensor& x, const Tensor& y,
                               const PerturbOptions& options = {}) const {
    return attack(model, x, y, options).x;
  }
  /// The same with what happened to each row.
  [[nodiscard]] Perturbed attack(Model& model, const Tensor& x, const Tensor& y,
                                 const PerturbOptions& options = {}) const;
  /// Both on the arrays of another library, which come back on the device of `x`.
  template <ForeignArray Array>
  [[nodiscard]] Array perturb(Model& model, const Array& x, const Array& y,
                              const PerturbOptions& options = {}) const {
    return attack(model, x, y, options).x;
  }
  template <ForeignArray Array>
  [[nodiscard]] PerturbedOf<Array> attack(Model& model, const Array& x, const Array& y,
                                          const PerturbOptions& options = {}) const {
    using Traits = ArrayTraits<Array>;
    Perturbed out = attack(model, Traits::in(x), Traits::in(y), options);
    return {Traits::out(out.x, x), std::move(out.results), std::move(out.notes)};
  }

 protected:
  /// Checks the threat.
  explicit Attack(Recipe recipe);

 private:
  Recipe recipe_;
};

/// The part of a recipe that every attack takes from its options alike. Throws ValueError (naming
/// `who`) for options out of range.
template <OptionsRecord Options>
[[nodiscard]] Attack::Recipe recipe_from(std::string_view who, std::string name,
                                         const Options& options) {
  check_options(who, options);
  return {.name = std::move(name),
          .threat = options.threat,
          .stages = {},
          .max_samples = options.max_samples,
          .check_samples = options.check_samples,
          .options = options_text(options)};
}

}  // namespace leadline::robustness
