#include <fstream>
#include <iterator>

#include "fuzz.hpp"
#include "leadline/report/report.hpp"

/// Whole reports, and single findings as a run directory holds them.
LEADLINE_FUZZ(report_json, input) {
  using namespace leadline;
  (void)fuzz::refused([&] {
    const Report report = Report::from_json(input);
    const std::string text = report.to_json();
    fuzz::expect(Report::from_json(text).to_json() == text, "a report does not come back");
    fuzz::expect(!report.to_markdown().empty(), "a report without Markdown");
    (void)report.summary();
    for (const auto& name : report.estimate_names())
      (void)fuzz::refused([&] {
        (void)report[name];
        (void)report.doubts(name);
      });
  });
  (void)fuzz::refused([&] {
    const std::string text = finding_to_json(finding_from_json(input));
    fuzz::expect(finding_to_json(finding_from_json(text)) == text, "a finding does not come back");
  });
}

LEADLINE_FUZZ_SEEDS(report_json) {
  std::ifstream file(LEADLINE_SOURCE_DIR "/tests/golden/report/v1.json");
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  const auto report = leadline::Report::from_json(golden);
  std::vector<std::string> seeds{report.to_json(-1)};
  for (const auto& finding : report.findings) seeds.push_back(leadline::finding_to_json(finding));
  return seeds;
}
