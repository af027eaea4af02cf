/// The probe `latency`: how long an answer takes and how many come a second.
#pragma once

#include <memory>

#include "leadline/core/catalog.hpp"
#include "leadline/core/probe.hpp"

namespace leadline::cost {

struct LatencyOptions {
  std::int64_t queries = 1024;
  std::int64_t warm_up = 16;
  std::int64_t batch_size = 0;
  double seconds = 10;
  static Fields fields() {
    return {
        field("queries", &LatencyOptions::queries, "Single-sample queries to time.").at_least(1),
        field("warm_up", &LatencyOptions::warm_up, "Queries before the clock counts.").at_least(0),
        field("batch_size", &LatencyOptions::batch_size,
              "Samples a batch in the offline part; 0: that of the run.")
            .at_least(0),
        field("seconds", &LatencyOptions::seconds, "Most time for each of the two parts.")
            .above(0)
            .in("s")};
  }
};

/// Times the model on real samples: one at a time (single stream), then in batches (offline). Data
/// loading is outside the clock; the copy of the output to the host is inside, so that a device
/// has finished.
///
/// Estimates: latency{percentile=50|90|99} in s, intervals by order statistics; a percentile is
///            given once MLPerf's early stopping allows it (p90: 64 queries, p99: 662), else not
///            measured with the number that is missing; its fact `early_stopping` is MLPerf's
///            estimate. throughput in samples / s; memory_growth in bytes; parameters,
///            parameter_bytes, multiply_adds where the subject is a `SizedSubject`
/// Checks:    clock_resolves_latency (the clock's step is at most 1 % of the median);
///            latency_is_steady (first against second half of the queries; fails when also the
///            quickest answers moved, by half and by more than a fixed piece of work timed between
///            the queries, by 2.2 times where the thread had to wait for processors; a shift that
///            other work on the machine explains is not_run, with a warning)
class LEADLINE_API Latency : public Probe {
 public:
  using Options = LatencyOptions;
  explicit Latency(Options options = {});
  [[nodiscard]] ProbeInfo info() const override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const override {
    return options_text(options_);
  }
  [[nodiscard]] std::shared_ptr<ProbeRun> start(Session& session) const override;

 private:
  Options options_;
};

}  // namespace leadline::cost
