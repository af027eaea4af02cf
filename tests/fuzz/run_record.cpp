#include "engine/checkpoint.hpp"
#include "fuzz.hpp"

LEADLINE_FUZZ(run_record, input) {
  using namespace leadline::detail::engine;
  (void)fuzz::refused([&] {
    const std::string saved = to_json(record_from_json(input, "fuzz"));
    fuzz::expect(to_json(record_from_json(saved, "fuzz")) == saved, "a record does not come back");
  });
}

LEADLINE_FUZZ_SEEDS(run_record) {
  leadline::detail::engine::RunRecord record;
  record.identity = "xxh3:00";
  record.started = "2026-11-21T10:00:00Z";
  record.version = "0.1.0";
  record.model = "net";
  record.data = "digits";
  record.suite = "quick";
  record.batch_size = 64;
  record.probe_ids = {0, 7};
  record.probe_outputs = {0.5, -1e300};
  return {to_json(record)};
}
