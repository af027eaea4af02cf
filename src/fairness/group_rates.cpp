// Rates of groups, read off their counts.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/fairness/group_counts.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline::fairness {

std::string_view name_of(RateKind kind) {
  return names_of(std::type_identity<RateKind>{})[static_cast<std::size_t>(kind)];
}

std::array<GroupCounts::Sum, 4> GroupCounts::outcomes(std::span<const std::int32_t> leaves,
                                                      std::int64_t positive) const {
  std::array<Sum, 4> out{};
  const auto add = [&](std::int64_t leaf) {
    for (std::int64_t t = 0; t < n_classes_; ++t)
      for (std::int64_t p = 0; p < n_classes_; ++p)
        out[static_cast<std::size_t>(2 * (t != positive) + (p != positive))] += cell(leaf, t, p);
  };
  for (const auto leaf : leaves) add(leaf);
  for (std::int64_t leaf = 0; leaves.empty() && leaf < index_.n_leaves(); ++leaf) add(leaf);
  return out;  // TP, FN, FP, TN
}

std::int64_t GroupCounts::positive_class(std::optional<std::int64_t> positive) const {
  if (!positive) {
    if (n_classes_ > 2)
      throw ValueError("fairness", fmt::format("positive= for {} classes", n_classes_), "none",
                       "say which class is the favourable decision, e.g. positive=1");
    return 1;
  }
  if (*positive < 0 || *positive >= std::max<std::int64_t>(2, n_classes_))
    throw ValueError("fairness", fmt::format("positive in [0, {})", n_classes_),
                     fmt::format("{}", *positive), "name a class that occurs");
  return *positive;
}

GroupRate GroupCounts::rate(RateKind kind, const Slice& slice, std::int64_t positive) const {
  Sum part, whole;
  if (kind == RateKind::accuracy) {
    for (const auto leaf : slice.leaves)
      for (std::int64_t t = 0; t < n_classes_; ++t)
        for (std::int64_t p = 0; p < n_classes_; ++p) {
          const Sum one = cell(leaf, t, p);
          whole += one;
          if (t == p) part += one;
        }
  } else {
    const auto [tp, fn, fp, tn] = outcomes(slice.leaves, positive);
    const auto set = [&](std::initializer_list<Sum> hits, std::initializer_list<Sum> rest) {
      for (const auto& s : hits) {
        part += s;
        whole += s;
      }
      for (const auto& s : rest) whole += s;
    };
    switch (kind) {
      case RateKind::selection_rate:
        set({tp, fp}, {fn, tn});
        break;
      case RateKind::true_positive_rate:
        set({tp}, {fn});
        break;
      case RateKind::false_positive_rate:
        set({fp}, {tn});
        break;
      case RateKind::positive_predictive_value:
        set({tp}, {fp});
        break;
      case RateKind::negative_predictive_value:
        set({tn}, {fn});
        break;
      default:
        set({tp, fn}, {fp, tn});
    }
  }
  const double n = whole.n_effective();
  const double successes = !weighted_         ? part.weight
                           : whole.weight > 0 ? std::clamp(part.weight / whole.weight, 0.0, 1.0) * n
                                              : 0.0;
  return {slice.name, successes, n, whole.n};
}

std::vector<GroupRate> GroupCounts::rates(RateKind kind, std::string_view by,
                                          std::optional<std::int64_t> positive) const {
  if (kind != RateKind::selection_rate && !has_target())
    throw ValueError("fairness", fmt::format("targets, for the {}", name_of(kind)), "none",
                     "pass the true labels as target");
  const std::int64_t c = kind == RateKind::accuracy ? 0 : positive_class(positive);
  std::vector<GroupRate> out;
  for (const auto& slice : slices_by(index_, by)) out.push_back(rate(kind, slice, c));
  return out;
}

std::vector<Slice> slices_by(const GroupIndex& index, std::string_view by) {
  const auto depth = static_cast<std::int64_t>(index.attributes().size());
  auto all = index.slices(depth);
  std::string wanted(by);
  if (wanted.empty())
    for (const auto& name : index.attributes())
      wanted += (wanted.empty() ? "" : ",") + plain::key_value(name);
  std::vector<Slice> out;
  std::vector<std::string> known;
  for (auto& slice : all) {
    if (known.empty() || known.back() != slice.by) known.push_back(slice.by);
    if (slice.by == wanted) out.push_back(std::move(slice));
  }
  if (out.empty() && !all.empty() && !by.empty())
    throw ValueError("fairness", fmt::format("by one of {}", fmt::join(known, "; ")),
                     fmt::format("'{}'", by), "name attributes of the groups, in their order");
  return out;
}

Estimate estimate_of(const GroupRate& rate, std::int64_t min_support, double level) {
  if (rate.rows < min_support)
    return Estimate::absent(
        rate.rows == 0 ? Status::empty : Status::not_measured,
        fmt::format("n = {}, fewer than min_support = {}", rate.rows, min_support), rate.rows);
  if (rate.n <= 0) return Estimate::absent(Status::undefined, "every weight is 0", rate.rows);
  const auto i = stats::proportion_interval(std::min(rate.successes, rate.n), rate.n, level);
  const double value = rate.rate();
  Estimate out = Estimate::with(value, std::min(i.lower, value), std::max(i.upper, value),
                                rate.rows, "wilson", level);
  if (rate.n != static_cast<double>(rate.rows)) out.facts["n_effective"] = rate.n;
  return out;
}

}  // namespace leadline::fairness
