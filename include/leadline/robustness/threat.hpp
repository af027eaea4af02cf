/// What an adversary knows, wants and may do to an input: printed with every number it led to.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/core/catalog.hpp"

namespace leadline::robustness {

/// How the size of a change is measured.
enum class Norm : std::uint8_t {
  linf,     // the largest change of a value
  l2,       // Euclidean length
  l1,       // sum of sizes
  l0,       // number of changed values
  spatial,  // a picture turned and shifted, as a share of `max_rotation` and `max_translation`
  patch     // share of a picture's area that the smallest patch around all changes covers
};
constexpr std::array<std::string_view, 6> names_of(std::type_identity<Norm>) {
  return {"linf", "l2", "l1", "l0", "spatial", "patch"};
}
/// A ball of changes of the values, which any attack can search; spatial and patch have their own.
[[nodiscard]] constexpr bool is_ball(Norm norm) { return norm <= Norm::l0; }
[[nodiscard]] constexpr std::string_view name_of(Norm norm) {
  return names_of(std::type_identity<Norm>{})[static_cast<std::size_t>(norm)];
}

/// What the adversary sees of the model; each sees all that the ones before it see.
enum class Knowledge : std::uint8_t { labels, scores, white_box };
constexpr std::array<std::string_view, 3> names_of(std::type_identity<Knowledge>) {
  return {"labels", "scores", "white_box"};
}
[[nodiscard]] constexpr std::string_view name_of(Knowledge knowledge) {
  return names_of(std::type_identity<Knowledge>{})[static_cast<std::size_t>(knowledge)];
}

enum class Goal : std::uint8_t {
  untargeted,  // any class but the label
  targeted,    // one class, chosen by `target`
  any_of       // any of `classes`
};
constexpr std::array<std::string_view, 3> names_of(std::type_identity<Goal>) {
  return {"untargeted", "targeted", "any_of"};
}

/// The class that a targeted attack drives a sample of class y to.
enum class TargetRule : std::uint8_t {
  next_class,   // (y + 1) mod n_classes
  least_likely  // the lowest score on the clean input (the second lowest when that is y)
};
constexpr std::array<std::string_view, 2> names_of(std::type_identity<TargetRule>) {
  return {"next_class", "least_likely"};
}

enum class PatchShape : std::uint8_t {
  rectangle,  // of aspect 1: a square
  ellipse     // of aspect 1: a circle; the pixels whose centres lie in it
};
constexpr std::array<std::string_view, 2> names_of(std::type_identity<PatchShape>) {
  return {"rectangle", "ellipse"};
}

/// The form of a patch: `aspect` is its width over its height.
struct PatchForm {
  PatchShape shape = PatchShape::rectangle;
  double aspect = 1;
};

/// One budget or several.
struct Budgets : std::vector<double> {
  Budgets() = default;
  Budgets(double eps) : std::vector<double>{eps} {}  // NOLINT: implicit on purpose
  Budgets(std::initializer_list<double> eps) : std::vector<double>(eps) {}
  Budgets(std::vector<double> eps) : std::vector<double>(std::move(eps)) {}  // NOLINT
};

/// Budgets are radii in input units, the units of the declared bounds: 8/255 of an image in
/// [0, 1]; of l0 the number of values, of spatial and patch a share (see Norm). Several make one
/// curve; they are sorted, duplicates are a ValueError.
struct Threat {
  Norm norm = Norm::linf;
  Budgets eps{8.0 / 255.0};
  Knowledge knowledge = Knowledge::white_box;
  Goal goal = Goal::untargeted;
  TargetRule target = TargetRule::next_class;
  std::vector<std::int64_t> classes{};
  std::int64_t query_budget = 0;
  std::vector<double> feature_eps{};
  std::vector<std::int64_t> frozen{};
  std::vector<double> bounds{};
  double max_rotation = 30;
  double max_translation = 0.1;
  PatchShape patch_shape = PatchShape::rectangle;
  double patch_aspect = 1;

  friend bool operator==(const Threat&, const Threat&) = default;
  static Fields fields() {
    return {
        field("norm", &Threat::norm, "How the size of a change is measured."),
        field("eps", &Threat::eps, "Radius of the ball; several make a curve.")
            .above(0)
            .in("input units"),
        field("knowledge", &Threat::knowledge,
              "What the adversary sees; an attack that needs more is refused."),
        field("goal", &Threat::goal, "What counts as success."),
        field("target", &Threat::target, "How the class of a targeted attack is chosen."),
        field("classes", &Threat::classes, "The classes that count, for the goal any_of.")
            .at_least(0),
        field("query_budget", &Threat::query_budget,
              "Most rows of the model asked for a sample; 0: no limit. The best found by then "
              "counts.")
            .at_least(0),
        field("feature_eps", &Threat::feature_eps,
              "Budget of each input value as a multiple of eps (distances are measured in these "
              "units); empty: 1 for all.")
            .at_least(0),
        field("frozen", &Threat::frozen, "Positions of input values that cannot be changed.")
            .at_least(0),
        field("bounds", &Threat::bounds,
              "Least and greatest value the adversary can give; empty: those of the data set."),
        field("max_rotation", &Threat::max_rotation,
              "Rotation either way that eps = 1 allows, for the norm spatial.")
            .at_least(0)
            .at_most(180)
            .in("degrees"),
        field("max_translation", &Threat::max_translation,
              "Shift each way that eps = 1 allows, for the norm spatial.")
            .at_least(0)
            .at_most(1)
            .in("shares of a side"),
        field("patch_shape", &Threat::patch_shape, "The form of a patch, for the norm patch."),
        field("patch_aspect", &Threat::patch_aspect,
              "Width of a patch over its height, for the norm patch.")
            .above(0)};
  }
};

/// The budgets in rising order. Throws ValueError (naming `who`) when there is none, one is not
/// finite and above 0, two are equal, one of l0 is not whole, or one of patch is above 1.
[[nodiscard]] LEADLINE_API std::vector<double> sorted_budgets(std::string_view who,
                                                              const Threat& threat);

/// Throws ValueError where the threat contradicts itself: any_of without classes, bounds that are
/// not (low, high), frozen values of a picture that turns; where an attack must know more than the
/// adversary does; where the norm is neither a ball nor `own`, which this attack is made for.
LEADLINE_API void check_threat(std::string_view who, const Threat& threat, Knowledge needs,
                               std::optional<Norm> own = std::nullopt);

/// "{norm=linf,eps=0.0314}" for each budget: three significant digits, more where two budgets
/// would read the same.
[[nodiscard]] LEADLINE_API std::vector<std::string> budget_keys(Norm norm,
                                                                const std::vector<double>& eps);

/// "a square", "an ellipse 2 times as wide as high,".
[[nodiscard]] LEADLINE_API std::string text_of(const PatchForm& form);

/// In plain words: "changes of at most 0.0314 at each value, white box, any wrong class".
[[nodiscard]] LEADLINE_API std::string text_of(const Threat& threat);

}  // namespace leadline::robustness
