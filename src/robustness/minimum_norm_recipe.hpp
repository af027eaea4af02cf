// The part of a minimum-norm attack's recipe that all of them share.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "leadline/core/error.hpp"
#include "leadline/robustness/attack.hpp"

namespace leadline::detail::minimum_norm {

/// Throws ValueError for a norm that the attack does not measure in.
inline void check_norm(std::string_view who, robustness::Norm norm,
                       std::initializer_list<robustness::Norm> known) {
  if (std::find(known.begin(), known.end(), norm) != known.end()) return;
  std::string names;
  for (const robustness::Norm n : known)
    names += (names.empty() ? "" : " or ") + std::string(name_of(n));
  throw ValueError(std::string(who), "norm " + names, std::string(name_of(norm)),
                   "use Fmn, which knows all four norms");
}

template <class Options>
robustness::Attack::Recipe recipe_of(std::string_view who, std::string name, const Options& options,
                                     robustness::AttackMethod method) {
  auto recipe = robustness::recipe_from(who, name, options);
  recipe.stages.push_back({.name = name, .method = std::move(method), .minimum_norm = true});
  return recipe;
}

/// The same with twice the effort, for the check of convergence.
inline void set_longer(robustness::Attack::Recipe& recipe, std::string name,
                       robustness::AttackMethod method) {
  recipe.longer = recipe.stages.front();
  recipe.longer.name = std::move(name);
  recipe.longer.method = std::move(method);
}

}  // namespace leadline::detail::minimum_norm
