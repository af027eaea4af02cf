/// Requirements on estimates and how they came out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "leadline/config.hpp"
#include "leadline/core/estimate.hpp"

namespace leadline {

enum class Outcome : std::uint8_t { met, not_met, undecided, not_measured };
[[nodiscard]] LEADLINE_API std::string_view name_of(Outcome outcome);

enum class Comparison : std::uint8_t { at_least, at_most, above, below };
/// ">=", "<=", ">", "<".
[[nodiscard]] LEADLINE_API std::string_view symbol_of(Comparison comparison);

/// "the whole interval of `estimate` lies on the right side of `limit`".
struct Requirement {
  std::string name;      // of the requirement: "robust enough"; "" : made from the rest
  std::string estimate;  // full name: "pgd.accuracy{norm=linf,eps=0.0314}"
  Comparison comparison = Comparison::at_least;
  double limit = 0;
  std::string slice;   // "sex=f"; "" : all samples
  std::string reason;  // why this limit: for the reader
};

struct Verdict {
  Requirement requirement;
  Outcome outcome = Outcome::not_measured;
  std::string why;                           // one plain sentence
  std::optional<Estimate> estimate;          // what was judged
  std::optional<std::int64_t> more_samples;  // about how many further samples would decide
};

}  // namespace leadline
