/// What a test of a hypothesis returns.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "leadline/config.hpp"

namespace leadline::stats {

/// Which departures from the hypothesis count against it.
enum class Alternative : std::uint8_t { two_sided, less, greater };
[[nodiscard]] constexpr auto names_of(std::type_identity<Alternative>) {
  return std::array<std::string_view, 3>{"two_sided", "less", "greater"};
}

/// A p-value with what it was made from. A test that the data cannot answer has p-value 1 and says
/// why; it never rejects.
struct TestResult {
  double p_value = 1.0;
  double statistic = 0.0;
  double df = 0.0;          // degrees of freedom; 0 where there are none
  std::int64_t n = 0;       // samples that took part
  std::string_view method;  // "exact", "normal", "welch", ...
  std::string_view why;     // why the test is undefined; empty when it is not

  [[nodiscard]] bool ok() const noexcept { return why.empty(); }
};

}  // namespace leadline::stats
