/// The options that attacks share, described once.
///
/// They are members of each options record, not of a base of it: a designated initialiser of C++20
/// cannot name a member of a base, and `Pgd{{.threat = {...}, .steps = 10}}` is how options are
/// written (docs/design/attacks.md).
#pragma once

#include "leadline/robustness/threat.hpp"

namespace leadline::robustness {

/// The fields of an attack's options: `threat`, its `own`, `max_samples` and `check_samples`.
///
///     static Fields fields() {
///       return attack_fields<BimOptions>(
///           {field("steps", &BimOptions::steps, "Gradient steps.").at_least(1)});
///     }
template <class Options>
[[nodiscard]] Fields attack_fields(Fields own) {
  return joined(
      {{field("threat", &Options::threat, "What the adversary may do.")},
       std::move(own),
       {field("max_samples", &Options::max_samples, "Samples looked at, drawn at random; 0: all.")
            .at_least(0),
        field("check_samples", &Options::check_samples,
              "Samples behind the checks of the attack itself; 0: no checks.")
            .at_least(0)}});
}

/// Of the minimum-norm attacks that end with a local search.
template <class Options>
[[nodiscard]] OptionField polish_field() {
  return field("polish", &Options::polish,
               "Rounds of the local search that ends the attack: the nearest point of the plane "
               "that touches the boundary at the best point so far; 0: none.")
      .at_least(0);
}

}  // namespace leadline::robustness
