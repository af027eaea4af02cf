// What the loops of probes share: which samples of this shard they visit, and how.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "leadline/core/probe.hpp"
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

/// Gives the samples of `ids` from `next` on to `visit(batch)`, at most `most` at a time, until all
/// are seen or the session stops; `run` may be saved after each batch. `next` is part of its state.
template <class Visit>
void visit_batches(Session& session, const ProbeRun& run, std::span<const SampleId> ids,
                   std::int64_t most, std::int64_t& next, Visit&& visit) {
  const std::int64_t total = std::ssize(ids);
  while (next < total && !session.stopping()) {
    const std::int64_t n = std::min(most, total - next);
    visit(session.data().batch(
        ids.subspan(static_cast<std::size_t>(next), static_cast<std::size_t>(n))));
    next += n;
    session.progress(next, total);
    session.checkpoint(run);
  }
}

}  // namespace leadline::detail::own_loop
