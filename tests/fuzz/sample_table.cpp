#include "leadline/core/sample_table.hpp"

#include <cmath>

#include "fuzz.hpp"
#include "leadline/core/fingerprint.hpp"

namespace {

void read_table(std::string_view bytes) {
  using leadline::SampleTable;
  (void)fuzz::refused([&] {
    SampleTable table = SampleTable::load(bytes);
    const std::string saved = table.save();
    const SampleTable again = SampleTable::load(saved);
    fuzz::expect(again.save() == saved, "a table does not come back");
    for (const auto& column : table.columns())
      for (const auto id : table.ids()) {
        const auto value = table.get(column, id);
        fuzz::expect(value == again.get(column, id), "a value does not come back");
        fuzz::expect(!value || !std::isnan(*value), "NaN in a table");
      }
    table.merge(again);
    fuzz::expect(table.size() == again.size(), "merging a table with itself adds samples");
  });
}

constexpr std::size_t table_digest_size = 37;

}  // namespace

/// As it is, and with the checksum that its content would have: damage that was meant.
LEADLINE_FUZZ(sample_table, input) {
  read_table(input);
  if (input.size() < table_digest_size) return;
  std::string forged(input.substr(0, input.size() - table_digest_size));
  forged += leadline::Fingerprint().add(forged.data(), forged.size()).text();
  read_table(forged);
}

LEADLINE_FUZZ_SEEDS(sample_table) {
  leadline::SampleTable table;
  for (leadline::SampleId id = 0; id < 5; ++id) table.put("correct", id, id % 2 == 0);
  table.put("loss", 9, HUGE_VAL);
  table.put("pgd.robust{eps=0.03}", 2, 1);
  return {leadline::SampleTable().save(), table.save()};
}
