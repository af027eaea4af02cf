#include <cmath>

#include "fuzz.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/core/metric.hpp"
#include "leadline/testing/contracts.hpp"

/// "<metric>\n<saved state>": what was loaded answers, merges and is saved again.
LEADLINE_FUZZ(metric_state, input) {
  using namespace leadline;
  const auto end = input.find('\n');
  if (end == std::string_view::npos) return;
  const auto* entry = core_catalog().find(input.substr(0, end));
  if (entry == nullptr || entry->kind != Kind::metric) return;
  const auto metric = entry->make_metric();
  const std::string before = metric->save();
  if (fuzz::refused([&] { metric->load(input.substr(end + 1)); })) {
    fuzz::expect(metric->save() == before, "a refused state changed the metric");
    return;
  }
  const std::string saved = metric->save();
  const auto again = metric->fresh();
  again->load(saved);
  fuzz::expect(again->save() == saved, "a metric does not come back");
  const auto estimate = metric->compute();
  if (estimate.ok()) fuzz::expect(!std::isnan(estimate.value()), "NaN as an estimate");
  Finding finding;
  metric->describe(finding);
  (void)fuzz::refused([&] { metric->merge(*again); });
  (void)metric->compute();
}

LEADLINE_FUZZ_SEEDS(metric_state) {
  using namespace leadline;
  std::vector<std::string> seeds;
  const auto rows = testing::ExampleRows::classification(12, 3);
  for (const auto& entry : core_catalog().entries()) {
    if (entry.kind != Kind::metric) continue;
    const auto metric = entry.make_metric();
    const std::string head = std::string(entry.name) + "\n";
    seeds.push_back(head + metric->save());
    // metrics that read other columns start from their empty state
    (void)fuzz::refused([&] {
      rows.with(0, rows.size(), [&](const Rows& all) { metric->update(all); });
      seeds.push_back(head + metric->save());
    });
  }
  return seeds;
}
