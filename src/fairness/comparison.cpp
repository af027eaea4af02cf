#include "leadline/fairness/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "leadline/fairness/group_calibration.hpp"
#include "leadline/fairness/group_counts.hpp"
#include "leadline/fairness/group_metrics.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/calibration.hpp"

namespace leadline::detail::comparison {

using fairness::ComparisonOptions;
using fairness::Decisions;
using fairness::Effect;
using fairness::Gap;
using fairness::GroupCounts;
using fairness::RateKind;

/// Counts of (group, true, before, after), row-major; groups without support are left out of gaps.
struct Joint {
  std::size_t groups = 0;
  std::vector<std::int64_t> counts;
  [[nodiscard]] static std::size_t at(std::size_t g, int y, int before, int after) {
    return ((g * 2 + static_cast<std::size_t>(y)) * 2 + static_cast<std::size_t>(before)) * 2 +
           static_cast<std::size_t>(after);
  }
};

enum class Measure { parity, opportunity, odds, predictive, worst };

double ratio(double a, double b) { return b > 0 ? a / b : NAN; }

/// The measure of the decisions before or after; NaN where a group has none.
double value_of(Measure measure, std::span<const std::int64_t> counts, bool after,
                std::span<const std::size_t> kept) {
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  const int families = measure == Measure::odds ? 2 : 1;
  for (const auto g : kept) {
    double cell[2][2] = {};  // [true][decided]
    for (int y = 0; y < 2; ++y)
      for (int b = 0; b < 2; ++b)
        for (int a = 0; a < 2; ++a)
          cell[y][after ? a : b] += static_cast<double>(counts[Joint::at(g, y, b, a)]);
    const double positives = cell[1][0] + cell[1][1], negatives = cell[0][0] + cell[0][1];
    double rate[2] = {0, 0};
    switch (measure) {
      case Measure::parity:
        rate[0] = ratio(cell[0][1] + cell[1][1], positives + negatives);
        break;
      case Measure::opportunity:
        rate[0] = ratio(cell[1][1], positives);
        break;
      case Measure::odds:
        rate[0] = ratio(cell[1][1], positives);
        rate[1] = ratio(cell[0][1], negatives);
        break;
      case Measure::predictive:
        rate[0] = ratio(cell[1][1], cell[0][1] + cell[1][1]);
        break;
      case Measure::worst:
        rate[0] = ratio(cell[0][0] + cell[1][1], positives + negatives);
    }
    for (int f = 0; f < families; ++f) {
      if (std::isnan(rate[f])) return NAN;
      low[f] = std::min(low[f], rate[f]);
      high[f] = std::max(high[f], rate[f]);
    }
  }
  if (measure == Measure::worst) return low[0];
  return families == 2 ? std::max(high[0] - low[0], high[1] - low[1]) : high[0] - low[0];
}

Estimate change_of(Measure measure, const Joint& joint, std::span<const std::size_t> kept,
                   std::int64_t n, const ComparisonOptions& options) {
  const auto statistic = [&](std::span<const std::int64_t> counts) {
    return value_of(measure, counts, true, kept) - value_of(measure, counts, false, kept);
  };
  const double value = statistic(joint.counts);
  if (std::isnan(value))
    return Estimate::absent(Status::undefined, "a group has no rate on one side", n);
  const auto draws = stats::multinomial_bootstrap(
      joint.counts, statistic,
      {.replicates = options.replicates, .seed = options.seed, .stream = "fairness.mitigation"});
  auto interval = stats::bias_corrected_interval(draws, value, options.level);
  const char* method = "bootstrap_bias_corrected";
  if (!interval) {
    interval = stats::percentile_interval(draws, options.level);
    method = "bootstrap_percentile";
  }
  if (!interval) return Estimate::of(value, n, "too many replicates leave a group without a rate");
  return Estimate::with(value, std::min(value, interval->lower), std::max(value, interval->upper),
                        n, method, options.level);
}

/// The paired change of a rate from the pairs that changed.
Estimate paired_change(std::int64_t both, std::int64_t only_before, std::int64_t only_after,
                       std::int64_t neither, double level) {
  const stats::PairedCounts pairs{both, only_after, only_before, neither};
  const auto n = static_cast<double>(pairs.n());
  const double value = static_cast<double>(only_after - only_before) / n;
  const auto i = stats::paired_difference(pairs, level);
  return Estimate::with(value, std::min(i.lower, value), std::max(i.upper, value), pairs.n(),
                        "newcombe_paired", level);
}

/// Accuracy (or the selection rate) of some groups before, after and changed.
Effect rate_effect(std::string name, const Joint& joint, std::span<const std::size_t> groups,
                   bool accuracy, double level) {
  std::int64_t both = 0, before = 0, after = 0, neither = 0;
  for (const auto g : groups)
    for (int y = 0; y < 2; ++y)
      for (int b = 0; b < 2; ++b)
        for (int a = 0; a < 2; ++a) {
          const bool x = accuracy ? b == y : b == 1, z = accuracy ? a == y : a == 1;
          (x && z ? both : x ? before : z ? after : neither) += joint.counts[Joint::at(g, y, b, a)];
        }
  const std::int64_t n = both + before + after + neither;
  return {std::move(name), accuracy ? Better::higher : Better::neither,
          Estimate::rate(both + before, n, "wilson", level),
          Estimate::rate(both + after, n, "wilson", level),
          paired_change(both, before, after, neither, level)};
}

constexpr int ece_bins = 10;
std::size_t bin_of(double p) {
  return static_cast<std::size_t>(std::min(ece_bins - 1, static_cast<int>(p * ece_bins)));
}

double ece(std::span<const double> p, std::span<const std::int64_t> y,
           std::span<const std::uint8_t> weight) {
  std::array<double, ece_bins> gap{};
  double total = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double w = weight.empty() ? 1.0 : weight[i];
    gap[bin_of(p[i])] += w * (static_cast<double>(y[i]) - p[i]);
    total += w;
  }
  double sum = 0;
  for (const double g : gap) sum += std::abs(g);
  return total > 0 ? sum / total : NAN;
}

Estimate ece_estimate(std::span<const double> p, std::span<const std::int64_t> y, double level) {
  std::vector<stats::CalibrationBin> bins(ece_bins);
  for (std::size_t i = 0; i < p.size(); ++i) {
    auto& bin = bins[bin_of(p[i])];
    bin.n += 1;
    bin.confidence += p[i];
    bin.correct += static_cast<double>(y[i]);
  }
  const auto e = stats::calibration_error(bins, level);
  return Estimate::with(e.plugin, std::min(e.interval.lower, e.plugin),
                        std::max(e.interval.upper, e.plugin), std::ssize(p), "inversion", level);
}

Effect ece_effect(const Decisions& before, const Decisions& after, std::span<const std::int64_t> y,
                  const ComparisonOptions& options) {
  Effect out{.name = "ece", .better = Better::lower, .before = {}, .after = {}, .change = {}};
  if (before.probability.empty() || after.probability.empty()) {
    out.change =
        Estimate::absent(Status::not_measured, "no probabilities to compare", std::ssize(y));
    out.before = out.after = out.change;
    return out;
  }
  out.before = ece_estimate(before.probability, y, options.level);
  out.after = ece_estimate(after.probability, y, options.level);
  const double value = out.after.value() - out.before.value();
  if (before.probability == after.probability) {
    out.change = Estimate::with(0, 0, 0, std::ssize(y), "same_probabilities", options.level);
    return out;
  }
  const stats::Stream stream(options.seed, "fairness.mitigation.ece");
  constexpr std::int64_t replicates = 400;
  std::vector<std::uint8_t> weight(y.size());
  std::vector<double> draws;
  for (std::int64_t r = 0; r < replicates; ++r) {
    stats::Rng rng = stream.at(r);
    for (auto& w : weight) w = static_cast<std::uint8_t>(rng.poisson1());
    draws.push_back(ece(after.probability, y, weight) - ece(before.probability, y, weight));
  }
  const auto interval = stats::percentile_interval(draws, options.level);
  out.change = interval ? Estimate::with(value, std::min(value, interval->lower),
                                         std::max(value, interval->upper), std::ssize(y),
                                         "bootstrap_percentile", options.level)
                        : Estimate::of(value, std::ssize(y), "too few samples to resample");
  return out;
}

GroupCounts counted(std::span<const std::int64_t> prediction, std::span<const std::int64_t> target,
                    const Table& groups) {
  const std::array<Column, 2> columns{Column{"prediction", prediction}, Column{"target", target}};
  GroupCounts counts;
  counts.update(Rows{{}, {}, columns}, groups, "compare_mitigations");
  return counts;
}

void check(const Decisions& d, std::int64_t n) {
  const bool wrong_size =
      std::ssize(d.prediction) != n || (!d.probability.empty() && std::ssize(d.probability) != n);
  if (wrong_size)
    throw ShapeError(
        "compare_mitigations", fmt::format("{} decisions of '{}'", n, d.name),
        fmt::format("{} and {} probabilities", d.prediction.size(), d.probability.size()),
        "pass one decision a sample");
  for (std::int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (d.prediction[at] != 0 && d.prediction[at] != 1)
      throw ValueError("compare_mitigations", fmt::format("decisions of '{}' in {{0, 1}}", d.name),
                       fmt::format("{} at row {}", d.prediction[at], i), "pass decided labels");
    if (!d.probability.empty() && !(d.probability[at] >= 0 && d.probability[at] <= 1))
      throw ValueError("compare_mitigations",
                       fmt::format("probabilities of '{}' in [0, 1]", d.name),
                       fmt::format("{} at row {}", d.probability[at], i), "apply a sigmoid");
  }
}

}  // namespace leadline::detail::comparison

namespace leadline::fairness {
namespace comparison_impl = leadline::detail::comparison;

const Effect& MitigationReport::at(std::string_view wanted) const {
  std::vector<std::string_view> known;
  for (const auto& effect : effects) {
    if (effect.name == wanted) return effect;
    known.push_back(effect.name);
  }
  throw ValueError("MitigationReport", "a measure of the comparison", fmt::format("'{}'", wanted),
                   fmt::format("did you mean '{}'?", nearest_name(wanted, known)));
}

std::vector<MitigationReport> compare_mitigations(const Decisions& baseline,
                                                  std::span<const Decisions> alternatives,
                                                  const ArrayView& target, const Table& groups,
                                                  const ComparisonOptions& options) {
  using comparison_impl::Joint;
  using comparison_impl::Measure;
  const std::int64_t n = target.rows;
  comparison_impl::check(baseline, n);
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < n; ++i) {
    const double y = target.at(i);
    if (y != 0 && y != 1)
      throw ValueError("compare_mitigations", "target in {0, 1}", fmt::format("{} at row {}", y, i),
                       "pass 1 for the favourable class");
    labels.push_back(static_cast<std::int64_t>(y));
  }
  const auto before = comparison_impl::counted(baseline.prediction, labels, groups);
  const auto slices = slices_by(before.index(), options.by);
  std::vector<std::int32_t> leaf(static_cast<std::size_t>(n));
  GroupIndex index = before.index();
  GroupReader(index, groups, "compare_mitigations").leaves(0, n, leaf.data());
  std::vector<std::int64_t> group_of(static_cast<std::size_t>(index.n_leaves()), -1);
  for (std::size_t s = 0; s < slices.size(); ++s)
    for (const auto l : slices[s].leaves)
      group_of[static_cast<std::size_t>(l)] = static_cast<std::int64_t>(s);
  const FairnessOptions gaps{
      options.by, 1, {options.level, options.min_support, {}, 200, options.seed}};
  std::vector<MitigationReport> out;
  for (const auto& other : alternatives) {
    comparison_impl::check(other, n);
    Joint joint{slices.size() + 1, std::vector<std::int64_t>((slices.size() + 1) * 8)};
    std::vector<std::int64_t> size(slices.size());
    for (std::size_t i = 0; i < leaf.size(); ++i) {
      const auto g = group_of[static_cast<std::size_t>(leaf[i])];
      const auto at = g < 0 ? slices.size() : static_cast<std::size_t>(g);  // missing: overall only
      ++joint.counts[Joint::at(at, static_cast<int>(labels[i]),
                               static_cast<int>(baseline.prediction[i]),
                               static_cast<int>(other.prediction[i]))];
      if (g >= 0) ++size[static_cast<std::size_t>(g)];
    }
    std::vector<std::size_t> all(joint.groups), kept;
    for (std::size_t g = 0; g < all.size(); ++g) all[g] = g;
    for (std::size_t g = 0; g < slices.size(); ++g)
      if (size[g] >= options.min_support) kept.push_back(g);
    const auto after = comparison_impl::counted(other.prediction, labels, groups);
    MitigationReport report{other.name, {}};
    report.effects.push_back(
        comparison_impl::rate_effect("accuracy", joint, all, true, options.level));
    const auto add = [&](const char* name, Measure measure, Better better, const Gap& x,
                         const Gap& y) {
      const Estimate change =
          kept.size() < 2 ? Estimate::absent(Status::not_measured, "a gap needs two groups", n)
                          : comparison_impl::change_of(measure, joint, kept, n, options);
      report.effects.push_back({name, better, x.estimate, y.estimate, change});
    };
    add("worst_group_accuracy", Measure::worst, Better::higher, worst_group_accuracy(before, gaps),
        worst_group_accuracy(after, gaps));
    add("demographic_parity_difference", Measure::parity, Better::lower,
        demographic_parity_difference(before, gaps), demographic_parity_difference(after, gaps));
    add("equal_opportunity_difference", Measure::opportunity, Better::lower,
        equal_opportunity_difference(before, gaps), equal_opportunity_difference(after, gaps));
    add("equalized_odds_difference", Measure::odds, Better::lower,
        equalized_odds_difference(before, gaps), equalized_odds_difference(after, gaps));
    add("predictive_parity_difference", Measure::predictive, Better::lower,
        predictive_parity_difference(before, gaps), predictive_parity_difference(after, gaps));
    report.effects.push_back(comparison_impl::ece_effect(baseline, other, labels, options));
    for (const auto g : kept) {
      const std::array one{g};
      report.effects.push_back(comparison_impl::rate_effect("accuracy@" + slices[g].name, joint,
                                                            one, true, options.level));
      report.effects.push_back(comparison_impl::rate_effect("selection_rate@" + slices[g].name,
                                                            joint, one, false, options.level));
    }
    out.push_back(std::move(report));
  }
  return out;
}

TableBlock table_of(const MitigationReport& report) {
  TableBlock table;
  table.title = "What " + report.name + " gains and costs";
  table.note = "Before and after on the same samples; the change is paired.";
  table.columns = {"measure", "better", "before", "after", "change"};
  for (const auto& e : report.effects)
    table.rows.push_back({e.name, std::string(name_of(e.better)), e.before, e.after, e.change});
  return table;
}

}  // namespace leadline::fairness
