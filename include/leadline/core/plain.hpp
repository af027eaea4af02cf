/// Shares in words for readers without statistics.
#pragma once

#include <string>

#include "leadline/core/estimate.hpp"

namespace leadline::plain {

/// "about 9 in 100", "about 3 in 1000" below one percent, "fewer than 1 in 10000", "none", "all".
[[nodiscard]] LEADLINE_API std::string share(double share);
/// With its interval: "about 9 in 100 (between 8 and 10)"; the reason where there is no value.
[[nodiscard]] LEADLINE_API std::string share(const Estimate& share);
/// "87.3 %".
[[nodiscard]] LEADLINE_API std::string percent(double share);
/// A class or feature name as it may stand inside `{key=value}` of an estimate's name: the signs
/// { } , = @ become '_'.
[[nodiscard]] LEADLINE_API std::string key_value(std::string text);

}  // namespace leadline::plain
