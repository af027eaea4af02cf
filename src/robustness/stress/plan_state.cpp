// The state of `corruption_benchmark` and `stress`: sums that add up over shards.
#include <algorithm>

#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"
#include "plan.hpp"

namespace leadline::detail::stress {

/// Every counter of the state in one fixed order, but for the classes.
std::vector<std::int64_t> PlanRun::counts() const {
  std::vector<std::int64_t> out{next_,          n_total_,       n_,
                                n_labelled_,    n_clean_right_, n_zero_answers_,
                                n_zero_inputs_, n_outside_};
  for (const Cell& c : cells_)
    out.insert(out.end(), {c.right, c.changed, c.same_input, c.gains, c.losses, c.up, c.down});
  for (const auto* list :
       {&products_, &sums_, &changed_, &changed_squared_, &flips_, &flip_products_})
    out.insert(out.end(), list->begin(), list->end());
  return out;
}

void PlanRun::take(std::span<const std::int64_t> counts) {
  std::size_t at = 0;
  for (auto* one : {&next_, &n_total_, &n_, &n_labelled_, &n_clean_right_, &n_zero_answers_,
                    &n_zero_inputs_, &n_outside_})
    *one = counts[at++];
  for (Cell& c : cells_)
    for (auto* one : {&c.right, &c.changed, &c.same_input, &c.gains, &c.losses, &c.up, &c.down})
      *one = counts[at++];
  for (auto* list : {&products_, &sums_, &changed_, &changed_squared_, &flips_, &flip_products_})
    for (auto& one : *list) one = counts[at++];
}

void PlanRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const PlanRun&>(other);
  auto sum = counts();
  const auto more = run.counts();
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
  take(sum);
  for (const auto& [label, counts] : run.classes_) {
    auto& mine = classes_[label];
    mine.resize(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) mine[i] += counts[i];
  }
  lowest_ = std::min(lowest_, run.lowest_);
  highest_ = std::max(highest_, run.highest_);
  exhibits_.merge(run.exhibits_);
}

std::string PlanRun::save() const {
  State state(plan_.probe);
  state.set("counts", counts());
  std::vector<std::int64_t> classes;
  for (const auto& [label, counts] : classes_) {
    classes.push_back(label);
    classes.insert(classes.end(), counts.begin(), counts.end());
  }
  state.set("classes", std::move(classes));
  state.set("lowest", lowest_).set("highest", highest_);
  exhibits_.save(state, "exhibits");
  return state.dump();
}

void PlanRun::load(std::string_view text) {
  const State state = State::parse(text, plan_.probe);
  const auto& loaded = state.integers("counts", std::ssize(counts()));
  const auto damaged = [&] {
    return StoreError(plan_.probe + ".load", "counts that agree", "others",
                      "the saved state is damaged; run again");
  };
  if (std::ranges::any_of(loaded, [](std::int64_t c) { return c < 0 || c > 1LL << 48; }) ||
      loaded[0] > loaded[1] || loaded[3] > loaded[2] || loaded[4] > loaded[3])
    throw damaged();
  const std::size_t cells = 7 * cells_.size();
  for (std::size_t i = 0; i < cells; ++i)
    if (loaded[8 + i] > loaded[2]) throw damaged();
  const auto& flat = state.integers("classes");
  const std::size_t width = 3 + plan_.kinds.size();
  if (flat.size() % width != 0) throw damaged();
  std::map<std::int64_t, std::vector<std::int64_t>> classes;
  for (std::size_t at = 0; at < flat.size(); at += width) {
    std::vector<std::int64_t> row(flat.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                  flat.begin() + static_cast<std::ptrdiff_t>(at + width));
    if (row[0] <= 0 || row[1] < 0 || row[1] > row[0]) throw damaged();
    for (std::size_t k = 2; k < row.size(); ++k)
      if (row[k] < 0 || row[k] > row[0] * std::ssize(plan_.severities)) throw damaged();
    classes[flat[at]] = std::move(row);
  }
  const double lowest = state.number("lowest"), highest = state.number("highest");
  exhibits_.load(state, "exhibits");
  take(loaded);
  classes_ = std::move(classes);
  lowest_ = lowest;
  highest_ = highest;
}

}  // namespace leadline::detail::stress
