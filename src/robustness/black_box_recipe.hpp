// What the recipes of black-box attacks have in common.
#pragma once

#include <string>
#include <utility>

#include "leadline/core/error.hpp"
#include "leadline/robustness/attack.hpp"

namespace leadline::detail::black_box {

/// Throws ValueError unless the norm of the threat is one of `norms`.
inline void check_norm(const char* who, const robustness::Threat& threat,
                       std::initializer_list<robustness::Norm> norms, const char* remedy) {
  std::string known;
  for (const auto norm : norms) {
    if (norm == threat.norm) return;
    known += (known.empty() ? "'" : "' or '") + std::string(name_of(norm));
  }
  throw ValueError(who, "a threat with norm=" + known + "'",
                   "'" + std::string(name_of(threat.norm)) + "'", remedy);
}

/// The recipe of an attack whose effort is its `queries`: `method_of(options)` makes its method.
template <class Options, class MethodOf>
robustness::Attack::Recipe recipe_of(std::string_view who, std::string name, Options options,
                                     MethodOf method_of, robustness::Knowledge needs,
                                     bool minimum_norm) {
  auto recipe = robustness::recipe_from(who, name, options);
  recipe.stages.push_back({name, method_of(options), needs, minimum_norm});
  const double runs = minimum_norm ? 1.0 : static_cast<double>(options.threat.eps.size());
  recipe.relative_cost = 1.0 + 2.0 * static_cast<double>(options.queries) * runs;
  options.queries *= 2;
  recipe.longer = {name + ", twice the queries", method_of(options), needs, minimum_norm};
  return recipe;
}

}  // namespace leadline::detail::black_box
