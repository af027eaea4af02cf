// How the limits came out, and whether they were set before the first look.
#include "engine/run.hpp"

namespace leadline::detail::engine {

void Run::judge(Report& report) {
  if (!options_.policy) return;
  const Policy& policy = *options_.policy;
  std::string timing = "unknown";
  if (policy.locked()) timing = policy.locked_at() <= started_ ? "before" : "after";
  report.policy = PolicyRecord{policy.name(), policy.hash(), policy.locked_at(), timing};
  report.verdicts = policy.judge(report);
}

}  // namespace leadline::detail::engine
