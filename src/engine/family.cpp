#include "engine/family.hpp"

#include <fmt/format.h>

#include "leadline/stats/tests.hpp"

namespace leadline::detail::engine {

std::size_t control_family(std::vector<Finding>& findings) {
  std::vector<Check*> checks;
  std::vector<double> p;
  for (auto& finding : findings)
    for (auto& check : finding.checks)
      if (check.p_value && check.result != Check::not_run) {
        checks.push_back(&check);
        p.push_back(*check.p_value);
      }
  if (checks.empty()) return 0;
  const std::vector<double> adjusted = stats::holm(p);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    Check& check = *checks[i];
    if (check.result != Check::fail || adjusted[i] <= family_level) continue;
    check.result = Check::pass;
    check.why += fmt::format(
        "; alone p = {:.2g}, but among the {} statistical checks of this report p = {:.2g} (Holm), "
        "above {}",
        p[i], p.size(), adjusted[i], family_level);
  }
  return checks.size();
}

}  // namespace leadline::detail::engine
