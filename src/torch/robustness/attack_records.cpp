#include "attack_records.hpp"

#include <cmath>

#include "leadline/core/error.hpp"

namespace leadline::detail::attack_run {

constexpr std::int64_t bit_correct = 1, bit_done = 2, bit_counted = 4, bit_zero = 8, bit_bad = 16,
                       bit_full = 32;

void Records::add(const Record& record) {
  const auto [place, fresh] = index_.emplace(record.id, records_.size());
  if (fresh) {
    records_.push_back(record);
  } else {
    records_[place->second] = record;
  }
}

std::vector<Record*> Records::in_order(std::span<const SampleId> ids) {
  std::vector<Record*> order;
  for (const SampleId id : ids) {
    const auto found = index_.find(id);
    if (found != index_.end()) order.push_back(&records_[found->second]);
  }
  return order;
}

void Records::save(State& state) const {
  std::vector<std::int64_t> ids, labels, targets, steps, bits;
  std::vector<double> fooled_at;
  for (const Record& r : records_) {
    ids.push_back(r.id);
    labels.push_back(r.label);
    targets.push_back(r.target);
    steps.push_back(r.steps);
    fooled_at.push_back(r.fooled_at);
    bits.push_back((r.correct ? bit_correct : 0) | (r.done ? bit_done : 0) |
                   (r.counted ? bit_counted : 0) | (r.zero_gradient ? bit_zero : 0) |
                   (r.bad_gradient ? bit_bad : 0) | (r.saturated ? bit_full : 0));
  }
  state.set("ids", ids).set("labels", labels).set("targets", targets).set("steps", steps);
  state.set("bits", bits).set("fooled_at", fooled_at);
}

void Records::load(const State& state) {
  const auto& ids = state.integers("ids");
  const auto n = std::ssize(ids);
  const auto& labels = state.integers("labels", n);
  const auto& targets = state.integers("targets", n);
  const auto& steps = state.integers("steps", n);
  const auto& bits = state.integers("bits", n);
  const auto& fooled_at = state.numbers("fooled_at", n);
  Records loaded;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::int64_t b = bits[i];
    if (b < 0 || b >= 64 || std::isnan(fooled_at[i]) || fooled_at[i] < 0 || steps[i] < 0 ||
        labels[i] < 0)
      throw StoreError("robustness.load", "records in range", "something else",
                       "the saved state is damaged; run again");
    loaded.add({ids[i], labels[i], targets[i], (b & bit_correct) != 0, (b & bit_done) != 0,
                (b & bit_counted) != 0, fooled_at[i], steps[i], (b & bit_zero) != 0,
                (b & bit_bad) != 0, (b & bit_full) != 0});
  }
  *this = std::move(loaded);
}

void mark_counted(std::span<Record* const> order) {
  bool open = false;
  for (Record* record : order) {
    open = open || !record->done;
    record->counted = !open;
  }
}

}  // namespace leadline::detail::attack_run
