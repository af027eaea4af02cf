/// What an attack knows of each sample, by id; survives a resumed run.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "attack_run.hpp"
#include "leadline/core/state.hpp"

namespace leadline::detail::attack_run {

class Records {
 public:
  /// A record of the same sample is replaced.
  void add(const Record& record);
  [[nodiscard]] std::span<const Record> all() const { return records_; }
  /// Those of `ids`, in this order. Valid until the next `add`.
  [[nodiscard]] std::vector<Record*> in_order(std::span<const SampleId> ids);

  void save(State& state) const;
  /// Throws StoreError and leaves the records as they were.
  void load(const State& state, std::int64_t n_stages);

 private:
  std::vector<Record> records_;
  std::unordered_map<SampleId, std::size_t> index_;
};

/// Rows that fall leave early, so what is done when a run stops is biased towards them: only the
/// samples before the first one in flight count.
void mark_counted(std::span<Record* const> order);

}  // namespace leadline::detail::attack_run
