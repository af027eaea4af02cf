#include "leadline/ood/score_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/operating_point.hpp"
#include "leadline/stats/rank_curves.hpp"
#include "leadline/stats/ranking.hpp"

namespace leadline::ood {
namespace detail::score_sets {

constexpr double kept = 0.95;  // share of test samples that the operating point accepts
constexpr std::int64_t enough = 50;
constexpr double alarm_rate = 1e-3;  // of a check alone; over a report Holm decides

std::vector<double> values_of(const ScoreSets::Scores& scores) {
  std::vector<double> values;
  values.reserve(scores.size());
  for (const auto& [id, score] : scores) values.push_back(score);
  return values;
}

/// The known samples are the positives; sorted once for every number and the curve.
stats::Levels levels_of(const ScoreSets::Scores& test, const ScoreSets::Scores& ood) {
  return stats::levels_of(stats::Ranked::of_groups(values_of(test), values_of(ood)));
}

Estimate fpr95(const stats::Levels& levels, double level) {
  const auto found = stats::fpr_at_tpr(levels, kept, stats::PointInterval::matched_beta, level);
  return Estimate::with(found.value, found.interval.lower, found.interval.upper,
                        std::llround(levels.negatives), std::string(found.method), level);
}

Estimate auroc_of(const stats::Levels& levels, double level) {
  const auto found = stats::auroc(levels, level);
  auto estimate = Estimate::with(found.value, found.interval.lower, found.interval.upper, levels.n,
                                 "delong, logit", level);
  estimate.facts = {{"n_test", levels.positives}, {"n_ood", levels.negatives}};
  return estimate;
}

Curve roc_of(std::string title, const stats::Levels& levels, double level) {
  Curve curve;
  curve.title = std::move(title);
  curve.x_label = "share of foreign samples accepted";
  curve.y_label = "share of known samples accepted";
  curve.note = "the band holds the whole curve with its level";
  curve.diagonal = true;
  curve.level = level;
  auto points = stats::thin(stats::roc_curve(levels, stats::CurveBand::simultaneous, level), 200);
  Curve::Series series;
  series.name = "detector";
  series.x = std::move(points.x);
  series.y = std::move(points.y);
  series.lower = std::move(points.lower);
  series.upper = std::move(points.upper);
  curve.series.push_back(std::move(series));
  return curve;
}

Check enough_samples(const std::string& name, std::int64_t n_test, std::int64_t n_ood,
                     std::vector<std::string> covers) {
  Check check;
  check.name = "enough_samples{ood=" + name + "}";
  check.applies_to = std::move(covers);
  const auto least = std::min(n_test, n_ood);
  check.result = least >= enough ? Check::pass : Check::fail;
  check.why =
      fmt::format("{} known and {} foreign samples; {} of each are wanted", n_test, n_ood, enough);
  check.remedy = "give more samples of the smaller group";
  return check;
}

/// Chance of an auroc this far below 0.5 (DeLong, normal); where every pair agrees and the variance
/// is 0, that of `n` coins, n being the smaller group.
double p_below_half(const stats::Auroc& found, std::size_t n) {
  if (found.variance > 0) return stats::normal_sf((0.5 - found.value) / std::sqrt(found.variance));
  return found.value < 0.5 ? std::pow(0.5, static_cast<double>(n)) : 1.0;
}

/// Half of the test samples against the other half must look alike: a detector that separates them
/// scores the order or the position, not the content.
Check halves_look_alike(const ScoreSets::Scores& test, Session& session,
                        std::vector<std::string> covers) {
  Check check;
  check.name = "known_halves_look_alike";
  check.applies_to = std::move(covers);
  check.remedy = "check that scores do not depend on the position of a sample in the batch or file";
  std::vector<double> first, second;
  // By position, not at random: an effect of the order is what is looked for.
  for (const auto& [id, score] : test)
    (2 * first.size() < test.size() ? first : second).push_back(score);
  if (std::ssize(first) < enough || std::ssize(second) < enough) {
    check.why = "too few test samples to halve";
    return check;
  }
  const auto found = stats::auroc(first, second, session.level());
  const double one = std::min(found.value, 1 - found.value);
  check.p_value = std::min(1.0, 2 * p_below_half({.value = one, .variance = found.variance},
                                                 std::min(first.size(), second.size())));
  check.evidence = Estimate::with(found.value, found.interval.lower, found.interval.upper,
                                  std::ssize(test), "delong, logit", session.level());
  check.result =
      *check.p_value < alarm_rate && std::abs(found.value - 0.5) > 0.05 ? Check::fail : Check::pass;
  check.why =
      fmt::format("first half against second half of the test samples: auroc {:.3f}, p = {:.3g}",
                  found.value, *check.p_value);
  return check;
}

/// Scores that separate the wrong way round mean a wrong sign, or foreign data nearer to the
/// training data than the test data is. One-sided against a detector that tells nothing (0.5).
Check right_way_round(const std::string& name, const stats::Auroc& found, std::size_t n,
                      const Estimate& auroc, std::vector<std::string> covers) {
  Check check;
  check.name = "separates_the_right_way_round{ood=" + name + "}";
  check.applies_to = std::move(covers);
  check.evidence = auroc;
  check.p_value = p_below_half(found, n);
  check.result = *check.p_value < alarm_rate ? Check::fail : Check::pass;
  check.why = fmt::format("auroc {}, below 0.5: p = {:.2g}", auroc.text(), *check.p_value);
  check.remedy =
      "the foreign samples look more familiar than the test samples: use another detector, or look "
      "whether the two sets are what they are called";
  return check;
}

Check not_constant(const ScoreSets::Scores& test) {
  Check check;
  check.name = "scores_differ";
  check.applies_to = {"*"};
  const auto values = values_of(test);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  check.result = *low < *high ? Check::pass : Check::fail;
  check.why = fmt::format("test scores from {:.6g} to {:.6g}", *low, *high);
  check.remedy = "a constant score detects nothing: check that the outputs are not saturated";
  return check;
}

}  // namespace detail::score_sets

void ScoreSets::add(const std::string& role, std::span<const SampleId> ids,
                    std::span<const double> scores) {
  auto& target = roles_[role];
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!std::isfinite(scores[i]))
      throw DataError("ood scores", "finite scores",
                      fmt::format("{} for sample {} of '{}'", scores[i], ids[i], role),
                      "check the model's outputs and activations");
    target[ids[i]] = scores[i];
  }
}

void ScoreSets::merge(const ScoreSets& other) {
  for (const auto& [role, scores] : other.roles_) roles_[role].insert(scores.begin(), scores.end());
}

void ScoreSets::save(State& state) const {
  std::vector<std::string> names;
  for (const auto& [role, scores] : roles_) {
    std::vector<std::int64_t> ids;
    for (const auto& [id, score] : scores) ids.push_back(id);
    const auto index = std::to_string(names.size());
    state.set("ids" + index, std::move(ids))
        .set("scores" + index, detail::score_sets::values_of(scores));
    names.push_back(role);
  }
  state.set("roles", std::move(names));
}

void ScoreSets::load(const State& state) {
  std::map<std::string, Scores> roles;
  const auto& names = state.texts("roles");
  for (std::size_t r = 0; r < names.size(); ++r) {
    const auto& ids = state.integers("ids" + std::to_string(r));
    const auto& scores = state.numbers("scores" + std::to_string(r), std::ssize(ids));
    auto& target = roles[names[r]];
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!std::isfinite(scores[i]))
        throw StoreError("ood scores", "finite scores", "another value",
                         "delete the run and start again");
      target[ids[i]] = scores[i];
    }
  }
  roles_ = std::move(roles);
}

Finding ScoreSets::finding(std::string_view detector, Session& session) const {
  namespace impl = detail::score_sets;
  const auto test = roles_.find("test");
  Finding finding;
  if (test == roles_.end() || test->second.empty()) {
    finding.status = Status::empty;
    finding.why = "no test sample was scored";
    return finding;
  }
  finding.checks.push_back(impl::not_constant(test->second));
  std::string worst;
  double least = 2;
  bool detects = false;
  for (const auto& [role, scores] : roles_) {
    if (!role.starts_with("ood/") || scores.empty()) continue;
    const std::string name = role.substr(4);
    const std::string auroc_name = "auroc{ood=" + name + "}";
    const std::string fpr_name = "fpr95{ood=" + name + ",positive=id}";
    const auto levels = impl::levels_of(test->second, scores);
    const Estimate auroc = impl::auroc_of(levels, session.level());
    const Estimate fpr = impl::fpr95(levels, session.level());
    finding.add(
        auroc_name, auroc, Better::higher,
        "how well scores tell '" + name + "' from the test data (0.5 is a coin, 1 is perfect)");
    finding.add(fpr_name, fpr, Better::lower,
                "share of '" + name + "' accepted when 95 % of the test data is");
    finding.checks.push_back(impl::enough_samples(name, std::ssize(test->second),
                                                  std::ssize(scores), {auroc_name, fpr_name}));
    finding.checks.push_back(impl::right_way_round(name, stats::auroc(levels, session.level()),
                                                   std::min(test->second.size(), scores.size()),
                                                   auroc, {auroc_name, fpr_name}));
    finding.blocks.emplace_back(
        impl::roc_of("Known against '" + name + "'", levels, session.level()));
    if (auroc.value() < least) {
      least = auroc.value();
      worst = fmt::format(
          "Of 100 foreign samples ('{}'), about {:.0f} would pass as familiar (between {:.0f} and "
          "{:.0f}) if 95 of 100 ordinary ones are to pass.",
          name, 100 * fpr.value(), 100 * *fpr.lower, 100 * *fpr.upper);
      detects = *fpr.upper < 0.5;
      finding.consequence =
          detects ? "Most inputs of this foreign kind can be stopped before the model answers them."
          : *fpr.lower > 0.5
              ? "This detector misses most inputs of this foreign kind; another may find them."
              : "It is not shown that this detector finds most inputs of this foreign kind.";
    }
  }
  std::vector<std::string> all;
  for (const auto& named : finding.estimates) all.push_back(named.name);
  finding.checks.push_back(impl::halves_look_alike(test->second, session, std::move(all)));
  finding.headline = worst;
  if (detects)
    finding.remedies.push_back(
        {"Reject inputs whose score lies below the threshold that keeps 95 % of ordinary ones.",
         ""});
  finding.remedies.push_back(
      {detector == "energy" ? "Try a detector that looks inside the network."
                            : "Compare with a detector that needs outputs only.",
       detector == "energy" ? "leadline.ood.Mahalanobis()" : "leadline.ood.Energy()"});
  return finding;
}

std::vector<std::string> ood_roles(Session& session) {
  std::vector<std::string> names;
  for (const auto& role : session.roles())
    if (role.starts_with("ood/")) names.push_back(role);
  std::sort(names.begin(), names.end());
  return names;
}

Tour::Tour(std::vector<std::string> fit_first, Session& session) : roles_(std::move(fit_first)) {
  roles_.emplace_back("test");
  for (auto& role : ood_roles(session)) roles_.push_back(std::move(role));
}

std::optional<std::string> Tour::next() {
  if (at_ == roles_.size()) return std::nullopt;
  return roles_[at_++];
}

void Tour::restore(std::int64_t position) {
  if (position < 0 || position > std::ssize(roles_))
    throw StoreError("ood state", fmt::format("a pass in [0, {}]", roles_.size()),
                     std::to_string(position), "the run belongs to other data: start a new one");
  at_ = static_cast<std::size_t>(position);
}

}  // namespace leadline::ood
