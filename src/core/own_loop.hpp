// What the loops of probes share: which samples of this shard they visit.
#pragma once

#include <cstdint>
#include <vector>

#include "leadline/core/session.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::own_loop {

/// The ids of this shard among the `max_samples` that a key chooses from the whole test data: the
/// same set however the run is sharded. 0: all.
inline std::vector<SampleId> chosen_ids(Session& session, std::int64_t max_samples) {
  const auto all = session.ids();
  std::vector<SampleId> ids(all.begin(), all.end());
  const std::int64_t n = session.data().info().size.value_or(0);
  if (max_samples <= 0 || max_samples >= n) return ids;
  const stats::Permutation rank(n, session.seed(), session.probe_id() + "/subset");
  std::erase_if(ids, [&](SampleId id) { return id < 0 || id >= n || rank(id) >= max_samples; });
  return ids;
}

}  // namespace leadline::detail::own_loop
