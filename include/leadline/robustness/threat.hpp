/// What an adversary may do to an input: the ball of changes around it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "leadline/core/catalog.hpp"

namespace leadline::robustness {

enum class Norm : std::uint8_t { linf, l2 };
constexpr std::array<std::string_view, 2> names_of(std::type_identity<Norm>) {
  return {"linf", "l2"};
}
[[nodiscard]] constexpr std::string_view name_of(Norm norm) {
  return names_of(std::type_identity<Norm>{})[static_cast<std::size_t>(norm)];
}

/// The class that a targeted attack drives a sample of class y to.
enum class TargetRule : std::uint8_t {
  next_class,   // (y + 1) mod n_classes
  least_likely  // the lowest score on the clean input (the second lowest when that is y)
};
constexpr std::array<std::string_view, 2> names_of(std::type_identity<TargetRule>) {
  return {"next_class", "least_likely"};
}

/// Budgets are radii in input units, the units of the declared bounds: 8/255 of an image in
/// [0, 1]. Several budgets make one curve; they are sorted, duplicates are a ValueError.
struct Threat {
  Norm norm = Norm::linf;
  std::vector<double> eps{8.0 / 255.0};
  bool targeted = false;
  TargetRule target = TargetRule::next_class;

  static constexpr auto fields() {
    return std::make_tuple(field("norm", &Threat::norm, "Norm of the ball of changes."),
                           field("eps", &Threat::eps, "Radius of the ball; several make a curve.")
                               .above(0)
                               .in("input units"),
                           field("targeted", &Threat::targeted,
                                 "Drive each sample to one chosen class instead of any wrong one."),
                           field("target", &Threat::target, "How that class is chosen."));
  }
};

/// The budgets in rising order. Throws ValueError (naming `who`) when there is none, one is not
/// finite and above 0, or two are equal.
[[nodiscard]] LEADLINE_API std::vector<double> sorted_budgets(std::string_view who,
                                                              const Threat& threat);

/// "{norm=linf,eps=0.0314}" for each budget: three significant digits, more where two budgets
/// would read the same.
[[nodiscard]] LEADLINE_API std::vector<std::string> budget_keys(Norm norm,
                                                                const std::vector<double>& eps);

}  // namespace leadline::robustness
