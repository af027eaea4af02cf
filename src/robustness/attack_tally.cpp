#include <algorithm>
#include <array>

#include "attack_run.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"

namespace leadline::detail::attack_run {
namespace {

/// All counts, in the order in which they are stored.
constexpr std::array counts{
    &Tally::zero_n,        &Tally::zero_changed, &Tally::rise_n,        &Tally::rise_lost,
    &Tally::rise_won,      &Tally::full_n,       &Tally::full_left,     &Tally::fast_n,
    &Tally::fast_only,     &Tally::slow_only,    &Tally::more_n,        &Tally::more_only,
    &Tally::less_only,     &Tally::blind_n,      &Tally::blind_only,    &Tally::late_only,
    &Tally::smooth_n,      &Tally::smooth_only,  &Tally::noise_n,       &Tally::noise_only,
    &Tally::slope_n,       &Tally::slope_wrong,  &Tally::flat_n,        &Tally::flat_ce,
    &Tally::flat_dlr,      &Tally::again_n,      &Tally::again_changed, &Tally::alone_n,
    &Tally::alone_changed, &Tally::seen_n,       &Tally::too_far,       &Tally::outside,
    &Tally::not_fooled,    &Tally::repeat_n,     &Tally::repeat_fooled, &Tally::repeat_square,
    &Tally::byte_n,        &Tally::byte_fooled,  &Tally::logit_n,       &Tally::sum_to_one};
static_assert(sizeof(Tally) == counts.size() * sizeof(std::int64_t));

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  for (const auto count : counts) this->*count += other.*count;
  return *this;
}

void Tally::save(State& state) const {
  std::vector<std::int64_t> values;
  for (const auto count : counts) values.push_back(this->*count);
  state.set("tally", values);
}

Tally Tally::load(const State& state) {
  const auto& values = state.integers("tally", std::ssize(counts));
  if (std::ranges::any_of(values, [](std::int64_t v) { return v < 0; }))
    throw StoreError("robustness.load", "counts of at least 0", "something else",
                     "the saved state is damaged; run again");
  Tally tally;
  for (std::size_t i = 0; i < counts.size(); ++i) tally.*counts[i] = values[i];
  return tally;
}

}  // namespace leadline::detail::attack_run
