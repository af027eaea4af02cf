#include "leadline/mitigate/benefit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "leadline/core/error.hpp"
#include "leadline/core/sample_table.hpp"
#include "leadline/stats/bootstrap.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/multiplicity.hpp"
#include "leadline/stats/tests.hpp"

namespace leadline::detail::benefit {

using mitigate::Attacked;
using mitigate::BenefitOptions;
using Flags = std::vector<std::uint8_t>;

Flags standing(const Attacked& model, double eps) {
  Flags stands(model.ids.size());
  for (std::size_t i = 0; i < stands.size(); ++i) stands[i] = model.stands(i, eps) ? 1 : 0;
  return stands;
}

Estimate share(const Flags& flags, double level) {
  if (flags.empty()) return Estimate::absent(Status::empty, "no sample");
  return Estimate::rate(std::count(flags.begin(), flags.end(), 1), std::ssize(flags), "wilson",
                        level);
}

/// Rate of `after` minus that of `before` on the same samples, with McNemar's mid-p as a fact.
Estimate change(const Flags& after, const Flags& before, double level) {
  stats::PairedCounts counts;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const bool a = after[i] != 0, b = before[i] != 0;
    ++(a && b ? counts.both : a ? counts.only_first : b ? counts.only_second : counts.neither);
  }
  const std::int64_t n = counts.n();
  if (n == 0) return Estimate::absent(Status::empty, "no sample");
  const auto range = stats::paired_difference(counts, level);
  const double value =
      static_cast<double>(counts.only_first - counts.only_second) / static_cast<double>(n);
  auto difference = Estimate::with(value, std::min(range.lower, value),
                                   std::max(range.upper, value), n, "newcombe", level);
  difference.facts["p_value"] = stats::mcnemar_test(counts.only_first, counts.only_second).mid_p;
  return difference;
}

/// By group of at least `min_group` samples: its place.
std::map<double, std::size_t> groups_of(std::span<const double> groups, std::int64_t min_group) {
  std::map<double, std::int64_t> sizes;
  for (const double g : groups)
    if (!std::isnan(g)) ++sizes[g];
  std::map<double, std::size_t> place;
  for (const auto& [group, n] : sizes)
    if (n >= min_group) place.emplace(group, place.size());
  return place;
}

/// Least accuracy after minus least accuracy before; sums a group: samples, right after, right
/// before. NaN where every group is empty.
double worst_change(std::span<const double> sums) {
  double after = std::numeric_limits<double>::infinity(), before = after;
  for (std::size_t g = 0; g + 2 < sums.size(); g += 3) {
    if (!(sums[g] > 0)) continue;
    after = std::min(after, sums[g + 1] / sums[g]);
    before = std::min(before, sums[g + 2] / sums[g]);
  }
  return std::isfinite(after) ? after - before : std::numeric_limits<double>::quiet_NaN();
}

Estimate worst_group_change(const Attacked& model, const Attacked& base,
                            std::span<const double> groups, const BenefitOptions& options) {
  const auto place = groups_of(groups, options.min_group);
  if (place.size() < 2)
    return Estimate::absent(Status::undefined, "fewer than two groups of at least " +
                                                   std::to_string(options.min_group) + " samples");
  const std::size_t columns = 3 * place.size();
  stats::PoissonBootstrap boot(
      {.replicates = options.replicates, .seed = options.seed, .stream = "worst_group"}, columns);
  std::vector<double> row(columns), sums(columns, 0.0);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    if (const auto found = place.find(groups[i]); found != place.end()) {
      const std::size_t at = 3 * found->second;
      row[at] = 1;
      row[at + 1] = model.correct[i];
      row[at + 2] = base.correct[i];
    }
    boot.add(model.ids[i], row);
    for (std::size_t c = 0; c < columns; ++c) sums[c] += row[c];
  }
  const double value = worst_change(sums);
  const auto draws =
      boot.replicate([](std::span<const double> drawn, double) { return worst_change(drawn); });
  const auto range = stats::percentile_interval(draws, options.level);
  if (!range) return Estimate::of(value, boot.n(), "too few replicates are defined");
  return Estimate::with(value, std::min(range->lower, value), std::max(range->upper, value),
                        boot.n(), "bootstrap_percentile", options.level);
}

}  // namespace leadline::detail::benefit

namespace leadline::mitigate {

namespace inside = leadline::detail::benefit;

Attacked attacked(std::string name, const Report& report, std::optional<std::int64_t> rejects) {
  const auto table = report.sample_table();
  std::vector<std::string> columns;
  for (const Finding& finding : report.findings)
    if (const std::string column = finding.probe + ".fooled_at";
        finding.status == Status::ok && table->has(column))
      columns.push_back(column);
  if (columns.empty() || !table->has("correct"))
    throw CapabilityError("mitigate.attacked", "a run of 'accuracy' and an attack",
                          "no results by sample of an attack on '" + name + "'",
                          "see why the attacks of the report did not run");
  Attacked seen{.name = std::move(name), .ids = {}, .correct = {}, .rejected = {}, .fooled_at = {}};
  std::vector<SampleId> ids(table->ids().begin(), table->ids().end());
  std::sort(ids.begin(), ids.end());
  for (const SampleId id : ids) {
    double fooled_at = std::numeric_limits<double>::infinity();
    const bool all = std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
      const auto at = table->get(column, id);
      fooled_at = std::min(fooled_at, at.value_or(fooled_at));
      return at.has_value();
    });
    if (!all) continue;
    seen.ids.push_back(id);
    seen.correct.push_back(table->get("correct", id).value_or(0) > 0.5 ? 1 : 0);
    const auto answer = table->get("prediction", id);
    seen.rejected.push_back(rejects && answer && *answer == static_cast<double>(*rejects) ? 1 : 0);
    seen.fooled_at.push_back(fooled_at);
  }
  return seen;
}

std::vector<Benefit> benefits(std::span<const Attacked> models, const BenefitOptions& options,
                              std::span<const double> groups) {
  const char* who = "mitigate.benefits";
  if (models.size() < 2)
    throw ValueError(who, "the baseline and at least one mitigation",
                     std::to_string(models.size()) + " models", "evaluate both with attacks");
  const Attacked& base = models.front();
  for (const Attacked& model : models)
    if (model.ids != base.ids || model.correct.size() != base.ids.size() ||
        model.rejected.size() != base.ids.size() || model.fooled_at.size() != base.ids.size())
      throw ValueError(who, "the samples of '" + base.name + "'", "others for '" + model.name + "'",
                       "attack all models on the same samples, or keep what they share");
  if (!groups.empty() && groups.size() != base.ids.size())
    throw ShapeError(who, "one group a sample", std::to_string(groups.size()), "");
  const auto stood = inside::standing(base, options.eps);
  std::vector<Benefit> rows;
  std::vector<double> p;
  for (const Attacked& model : models.subspan(1)) {
    const auto stands = inside::standing(model, options.eps);
    Benefit row{.name = model.name,
                .robust_accuracy = inside::share(stands, options.level),
                .gain = inside::change(stands, stood, options.level),
                .accuracy = inside::share(model.correct, options.level),
                .accuracy_change = inside::change(model.correct, base.correct, options.level),
                .worst_group_change = inside::worst_group_change(model, base, groups, options),
                .rejections = inside::share(model.rejected, options.level)};
    p.push_back(row.gain.ok() ? row.gain.facts.at("p_value") : 1);
    rows.push_back(std::move(row));
  }
  const auto adjusted = stats::holm(p);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].gain.facts["p_holm"] = adjusted[i];
  return rows;
}

}  // namespace leadline::mitigate
