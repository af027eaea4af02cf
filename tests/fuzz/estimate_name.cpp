#include "fuzz.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/report/report.hpp"

namespace {

const leadline::Report& named_report() {
  static const auto made = [] {
    leadline::Report report;
    for (const char* id : {"task", "pgd", "pgd.strong"}) {
      leadline::Finding finding;
      finding.probe = id;
      finding.status = leadline::Status::ok;
      for (const char* name : {"accuracy", "accuracy{norm=linf,eps=0.03}", "accuracy@sex=f", ""})
        finding.add(name, leadline::Estimate::of(0.5, 10, "no interval"));
      report.findings.push_back(finding);
    }
    return report;
  }();
  return made;
}

}  // namespace

/// Names from policies, the command line and Python: of estimates and of catalog entries.
LEADLINE_FUZZ(estimate_name, input) {
  const auto* found = named_report().find_estimate(input);
  const bool unknown = fuzz::refused([&] { (void)named_report()[input]; });
  fuzz::expect(unknown == (found == nullptr), "look-up and access disagree");
  (void)fuzz::refused([&] { (void)named_report().doubts(input); });
  const auto* entry = leadline::core_catalog().find(input);
  const bool strange = fuzz::refused([&] { (void)leadline::core_catalog().at(input); });
  fuzz::expect(strange == (entry == nullptr), "catalog look-up and access disagree");
  const auto key = leadline::plain::key_value(std::string(input));
  fuzz::expect(key.find_first_of("{},=@") == std::string::npos, "a sign left in a key");
}

LEADLINE_FUZZ_SEEDS(estimate_name) {
  auto names = named_report().estimate_names();
  for (const auto& entry : leadline::core_catalog().entries()) names.emplace_back(entry.name);
  names.emplace_back("task.acuracy");
  return names;
}
