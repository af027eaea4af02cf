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
  std::vector<std::int64_t> ids, labels, targets, stages, first, forwards, backwards, bits, choices;
  std::vector<double> fooled_at, distance;
  for (const Record& r : records_) {
    ids.push_back(r.id);
    labels.push_back(r.label);
    targets.push_back(r.target);
    stages.push_back(r.stage);
    first.push_back(r.fooled_stage);
    forwards.push_back(r.forwards);
    backwards.push_back(r.backwards);
    fooled_at.push_back(r.fooled_at);
    distance.push_back(r.distance);
    bits.push_back((r.correct ? bit_correct : 0) | (r.done ? bit_done : 0) |
                   (r.counted ? bit_counted : 0) | (r.zero_gradient ? bit_zero : 0) |
                   (r.bad_gradient ? bit_bad : 0) | (r.saturated ? bit_full : 0));
    choices.push_back(std::ssize(r.targets));
    choices.insert(choices.end(), r.targets.begin(), r.targets.end());
  }
  state.set("ids", ids).set("labels", labels).set("targets", targets).set("stages", stages);
  state.set("fooled_stages", first);
  state.set("forwards", forwards).set("backwards", backwards).set("choices", choices);
  state.set("bits", bits).set("fooled_at", fooled_at).set("distance", distance);
}

void Records::load(const State& state, std::int64_t n_stages) {
  const auto refuse = [] {
    throw StoreError("robustness.load", "records in range", "something else",
                     "the saved state is damaged; run again");
  };
  const auto& ids = state.integers("ids");
  const auto n = std::ssize(ids);
  const auto& labels = state.integers("labels", n);
  const auto& targets = state.integers("targets", n);
  const auto& stages = state.integers("stages", n);
  const auto& first_stage = state.integers("fooled_stages", n);
  const auto& forwards = state.integers("forwards", n);
  const auto& backwards = state.integers("backwards", n);
  const auto& bits = state.integers("bits", n);
  const auto& fooled_at = state.numbers("fooled_at", n);
  const auto& distance = state.numbers("distance", n);
  const auto& choices = state.integers("choices");
  Records loaded;
  std::size_t at = 0;  // in choices
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::int64_t b = bits[i];
    if (b < 0 || b >= 64 || !(fooled_at[i] >= 0) || !(distance[i] >= 0) || forwards[i] < 0 ||
        backwards[i] < 0 || labels[i] < 0 || stages[i] < 0 || stages[i] > n_stages ||
        first_stage[i] < -1 || first_stage[i] >= n_stages)
      refuse();
    if (at >= choices.size() || choices[at] < 0 ||
        static_cast<std::size_t>(choices[at]) > choices.size() - at - 1)
      refuse();
    const auto first = choices.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    std::vector<std::int64_t> wrong(first, first + static_cast<std::ptrdiff_t>(choices[at]));
    at += 1 + wrong.size();
    loaded.add({.id = ids[i],
                .label = labels[i],
                .target = targets[i],
                .correct = (b & bit_correct) != 0,
                .done = (b & bit_done) != 0,
                .counted = (b & bit_counted) != 0,
                .fooled_at = fooled_at[i],
                .distance = distance[i],
                .stage = stages[i],
                .fooled_stage = first_stage[i],
                .forwards = forwards[i],
                .backwards = backwards[i],
                .zero_gradient = (b & bit_zero) != 0,
                .bad_gradient = (b & bit_bad) != 0,
                .saturated = (b & bit_full) != 0,
                .targets = std::move(wrong)});
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
