/// Enumerators cross the border as the words that reports print: "ok", "higher", "image".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "leadline/core/dataset.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/core/subject.hpp"
#include "leadline/core/verdict.hpp"

namespace leadline::bindings {

/// The enumerator of E, out of `count`, that `text` names.
template <class E>
E enum_in(std::string_view text, int count, std::string_view who, std::string_view what) {
  std::string known;
  for (int i = 0; i < count; ++i) {
    const auto candidate = static_cast<E>(i);
    if (name_of(candidate) == text) return candidate;
    known += (i ? ", '" : "'") + std::string(name_of(candidate)) + "'";
  }
  throw ValueError(who, std::string(what) + " to be one of " + known, "'" + std::string(text) + "'",
                   "use one of these words");
}
inline Status status_in(std::string_view text, std::string_view who) {
  return enum_in<Status>(text, 6, who, "status");
}
inline Better better_in(std::string_view text, std::string_view who) {
  return enum_in<Better>(text, 3, who, "better");
}
inline OutputKind output_kind_in(std::string_view text, std::string_view who) {
  return enum_in<OutputKind>(text, 5, who, "output");
}
inline Modality modality_in(std::string_view text, std::string_view who) {
  return enum_in<Modality>(text, 3, who, "modality");
}

/// Access bits from "labels, outputs" or ["labels", "outputs"] joined by the caller.
inline Access access_in(std::string_view text, std::string_view who) {
  Access all = Access::none;
  while (!text.empty()) {
    const auto end = text.find_first_of(",|+ ");
    const auto word = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (word.empty() || word == "none") continue;
    Access bit = Access::none;
    for (const auto candidate : {Access::labels, Access::outputs, Access::gradients,
                                 Access::activations, Access::weights, Access::text})
      if (text_of(candidate) == word) bit = candidate;
    if (bit == Access::none)
      throw ValueError(who,
                       "access out of 'labels', 'outputs', 'gradients', 'activations', 'weights', "
                       "'text'",
                       "'" + std::string(word) + "'", "separate them by commas");
    all = all | bit;
  }
  return all;
}

}  // namespace leadline::bindings
