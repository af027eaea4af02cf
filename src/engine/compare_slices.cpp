// The finding "slices": one paired test a group and class, held together by Holm.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/compare_findings.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/stats/moments.hpp"
#include "leadline/stats/tests.hpp"

namespace leadline::detail::compare {
namespace slices {

constexpr std::size_t max_slices = 200;  // tested; the largest ones

struct Member {
  std::string name;
  std::vector<std::int64_t> rows;
};

std::vector<Member> members_of(const Pairs& pairs) {
  std::vector<Member> out;
  for (const Slicing& slicing : pairs.slicings) {
    const std::size_t first = out.size();
    for (const auto& value : slicing.values)
      out.push_back({plain::key_value(slicing.name) + "=" + plain::key_value(value), {}});
    for (std::size_t i = 0; i < slicing.code.size(); ++i)
      if (slicing.code[i] >= 0)
        out[first + static_cast<std::size_t>(slicing.code[i])].rows.push_back(
            static_cast<std::int64_t>(i));
  }
  return out;
}

Slice tested(const Pairs& pairs, const Member& member, const CompareOptions& options,
             double joint_level) {
  Slice slice;
  slice.name = member.name;
  slice.n = std::ssize(member.rows);
  if (pairs.classes) {
    slice.counts = count_pairs(pairs, member.rows);
    const auto& c = slice.counts;
    slice.a = Estimate::rate(c.both + c.only_first, slice.n, "wilson", options.level);
    slice.b = Estimate::rate(c.both + c.only_second, slice.n, "wilson", options.level);
    const stats::PairedCounts turned{c.both, c.only_second, c.only_first, c.neither};
    const double value =
        static_cast<double>(c.only_second - c.only_first) / static_cast<double>(slice.n);
    slice.difference = estimate_around(value, stats::paired_difference(turned, options.level),
                                       slice.n, "newcombe paired", options.level);
    slice.simultaneous = stats::paired_difference(turned, joint_level);
    const auto test = stats::mcnemar_test(c.only_first, c.only_second);
    slice.p = options.test == McNemarTest::exact ? test.exact : test.mid_p;
    return slice;
  }
  stats::Moments a, b, difference;
  std::vector<double> differences;
  for (const std::int64_t row : member.rows) {
    const auto i = static_cast<std::size_t>(row);
    const double x = std::abs(pairs.a.prediction[i] - pairs.target[i]);
    const double y = std::abs(pairs.b.prediction[i] - pairs.target[i]);
    a.add(x);
    b.add(y);
    difference.add(y - x);
    differences.push_back(y - x);
  }
  const auto mean = [&](const stats::Moments& moments) {
    const auto interval = stats::mean_interval_t(moments, options.level);
    return interval ? estimate_around(moments.mean, *interval, moments.n, "t", options.level)
                    : Estimate::of(moments.mean, moments.n, "one sample has no spread");
  };
  slice.a = mean(a);
  slice.b = mean(b);
  slice.difference = mean(difference);
  slice.simultaneous = stats::mean_interval_t(difference, joint_level)
                           .value_or(stats::Interval{-INFINITY, INFINITY});
  slice.p = stats::sign_flip_test(differences, {1999, options.seed, "compare/slices"});
  return slice;
}

/// Worse: significant after Holm, and the loss is not shown to be within the margin.
Change change_of(const Slice& slice, bool classes, const CompareOptions& options) {
  const double sign = classes ? 1 : -1;
  const double gain = sign * slice.difference.value();
  if (slice.p_adjusted > 1 - options.level) return Change::undecided;
  if (gain > 0) return Change::better;
  const double lowest = classes ? slice.simultaneous.lower : -slice.simultaneous.upper;
  return lowest > -options.margin.value_or(0) ? Change::equivalent : Change::worse;
}

std::string signed_points(double value) { return fmt::format("{:+.1f} points", 100 * value); }

}  // namespace slices

Slices slice_tests(const Pairs& pairs, const CompareOptions& options) {
  Slices out;
  auto members = slices::members_of(pairs);
  const auto small = [&](const slices::Member& m) {
    return std::ssize(m.rows) < options.min_slice;
  };
  for (const auto& member : members) out.too_small += !member.rows.empty() && small(member);
  std::erase_if(members, small);
  if (members.size() > slices::max_slices) {
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& x, const auto& y) { return x.rows.size() > y.rows.size(); });
    members.resize(slices::max_slices);
  }
  const double joint =
      1 - (1 - options.level) / static_cast<double>(std::max<std::size_t>(1, members.size()));
  std::vector<double> p;
  for (const auto& member : members) {
    out.tested.push_back(slices::tested(pairs, member, options, joint));
    p.push_back(out.tested.back().p);
  }
  const auto adjusted = stats::holm(p);
  for (std::size_t i = 0; i < out.tested.size(); ++i) {
    Slice& slice = out.tested[i];
    slice.p_adjusted = adjusted[i];
    slice.change = slices::change_of(slice, pairs.classes, options);
    if (slice.change == Change::worse) out.worse.push_back(slice.name);
  }
  return out;
}

Finding slices_finding(const Pairs& pairs, const Slices& slices, const CompareOptions& options) {
  Finding finding;
  finding.probe = "slices";
  finding.kind = "compare.slices";
  finding.question = "Did any group get worse?";
  if (slices.tested.empty())
    return absent_finding(finding.probe, finding.kind, finding.question, Status::not_measured,
                          fmt::format("no group with at least {} samples", options.min_slice),
                          {{"give the data groups", "Dataset(x, y, table={\"sex\": sex})"}});
  const std::string metric = pairs.classes ? "accuracy" : "mae";
  const Better better = pairs.classes ? Better::higher : Better::lower;
  const std::string label = pairs.classes ? "share read correctly" : "mean absolute error";
  TableBlock table;
  table.title = "Groups and classes";
  table.columns = {
      "slice",     "samples",    pairs.a.name, pairs.b.name, "difference (second - first)",
      "got worse", "got better", "p-value",    "p (Holm)",   "verdict"};
  table.note = fmt::format(
      "Holm over {} slices; a slice is worse when p (Holm) <= {:.3g} and its loss is not shown to "
      "be within the margin.",
      slices.tested.size(), 1 - options.level);
  for (const Slice& slice : slices.tested) {
    Estimate difference = slice.difference;
    difference.facts["p_value"] = slice.p;
    difference.facts["p_value_adjusted"] = slice.p_adjusted;
    const std::string at = "@" + slice.name;
    finding.add(metric + "{model=a}" + at, slice.a, better, label + ", " + slice.name);
    finding.add(metric + "{model=b}" + at, slice.b, better, label + ", " + slice.name);
    finding.add(metric + "_difference" + at, difference, better,
                label + ", second model minus first, " + slice.name);
    table.rows.push_back({slice.name, slice.n, slice.a, slice.b, difference,
                          slice.counts.only_first, slice.counts.only_second, slice.p,
                          slice.p_adjusted, std::string(name_of(slice.change))});
  }
  std::stable_sort(table.rows.begin(), table.rows.end(), [](const auto& x, const auto& y) {
    return std::get<Estimate>(x[4]).value() < std::get<Estimate>(y[4]).value();
  });
  if (!pairs.classes) std::reverse(table.rows.begin(), table.rows.end());
  finding.blocks.emplace_back(std::move(table));
  finding.add("family_size",
              Estimate::of(static_cast<double>(slices.tested.size()), pairs.n(), "a count"),
              Better::neither, "groups and classes that were tested", "slices");
  if (!pairs.not_sliced.empty())
    finding.warnings.push_back(fmt::format("not tested by group, for they have too many values: {}",
                                           fmt::join(pairs.not_sliced, ", ")));
  if (slices.too_small > 0)
    finding.warnings.push_back(fmt::format("{} groups with fewer than {} samples were not tested",
                                           slices.too_small, options.min_slice));
  if (slices.worse.empty()) {
    finding.headline =
        fmt::format("None of {} groups and classes got worse beyond chance.", slices.tested.size());
    return finding;
  }
  const auto worst = std::find_if(slices.tested.begin(), slices.tested.end(),
                                  [&](const Slice& s) { return s.name == slices.worse.front(); });
  finding.headline = fmt::format(
      "{} of {} groups and classes got worse: {}.", slices.worse.size(), slices.tested.size(),
      fmt::join(slices.worse.begin(),
                slices.worse.begin() + std::min<std::ptrdiff_t>(5, std::ssize(slices.worse)),
                ", "));
  if (pairs.classes)
    finding.consequence = fmt::format(
        "In '{}' the share of right answers changed by {} ({} of {} samples got worse).",
        worst->name, slices::signed_points(worst->difference.value()), worst->counts.only_first,
        worst->n);
  finding.remedies.push_back({"Look at the flipped samples of these groups; train on more of them.",
                              "comparison.flips.worse"});
  return finding;
}

}  // namespace leadline::detail::compare
