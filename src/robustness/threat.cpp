#include "leadline/robustness/threat.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "leadline/core/error.hpp"

namespace leadline::robustness {
namespace {

std::string threat_digits(double value, int digits) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, value);
  return text.data();
}

/// The threats that are no balls, and the attacks made for them, keep to each other.
void check_kind(std::string_view who, const Threat& threat, std::optional<Norm> own) {
  if (own ? threat.norm != *own : !is_ball(threat.norm)) {
    const std::string knows = own ? std::string(name_of(*own)) : "linf, l2, l1 or l0";
    const char* remedy = threat.norm == Norm::spatial ? "use SpatialAttack"
                         : threat.norm == Norm::patch ? "use PatchAttack or UniversalPerturbation"
                                                      : "use Pgd, or leave out 'norm'";
    throw ValueError(who, "a threat with norm " + knows,
                     "'" + std::string(name_of(threat.norm)) + "'", remedy);
  }
  if (!is_ball(threat.norm) && !(threat.frozen.empty() && threat.feature_eps.empty()))
    throw ValueError(who, "a threat without 'frozen' and 'feature_eps'", "one with them",
                     "a picture moves, or is covered, as a whole");
}

/// "rotations of at most 30 degrees and shifts of at most 0.1 of a side, times 0.5, 1 (spatial)".
std::string size_of(const Threat& threat) {
  std::string list;
  for (const double e : threat.eps) list += (list.empty() ? "" : ", ") + threat_digits(e, 3);
  if (threat.norm == Norm::spatial)
    return "rotations of at most " + threat_digits(threat.max_rotation, 3) +
           " degrees and shifts of at most " + threat_digits(threat.max_translation, 3) +
           " of a side, times " + list + " (spatial)";
  if (threat.norm == Norm::patch)
    return "one patch, " + text_of(PatchForm{threat.patch_shape, threat.patch_aspect}) +
           " of any values over at most " + list + " of the picture (patch)";
  constexpr std::array<std::string_view, 4> where{
      " at each value (linf)", " in Euclidean length (l2)", " in sum (l1)", " values (l0)"};
  return "changes of at most " + list + std::string(where[static_cast<std::size_t>(threat.norm)]);
}

}  // namespace

std::string text_of(const PatchForm& form) {
  const bool round = form.shape == PatchShape::ellipse;
  if (form.aspect == 1) return round ? "a circle" : "a square";
  return std::string(round ? "an ellipse" : "a rectangle") + " " + threat_digits(form.aspect, 3) +
         " times as wide as high,";
}

std::vector<double> sorted_budgets(std::string_view who, const Threat& threat) {
  std::vector<double> eps = threat.eps;
  if (eps.empty())
    throw ValueError(who, "at least one budget in 'eps'", "an empty list", "pass eps=8/255");
  for (const double e : eps) {
    if (!std::isfinite(e) || e <= 0)
      throw ValueError(who, "budgets in 'eps' that are finite and above 0", threat_digits(e, 6),
                       "give the radius in the units of the inputs, e.g. 8/255 for images in "
                       "[0, 1]");
    if (threat.norm == Norm::l0 && e != std::floor(e))
      throw ValueError(who, "whole budgets in 'eps' for the norm l0", threat_digits(e, 6),
                       "give the number of values that may change");
    if (threat.norm == Norm::patch && e > 1)
      throw ValueError(who, "budgets in 'eps' of at most 1 for the norm patch", threat_digits(e, 6),
                       "give the share of the picture's area, e.g. 0.05");
  }
  std::sort(eps.begin(), eps.end());
  const auto twice = std::adjacent_find(eps.begin(), eps.end());
  if (twice != eps.end())
    throw ValueError(who, "different budgets in 'eps'", threat_digits(*twice, 6) + " twice",
                     "name each budget once");
  return eps;
}

void check_threat(std::string_view who, const Threat& threat, Knowledge needs,
                  std::optional<Norm> own) {
  (void)sorted_budgets(who, threat);
  check_kind(who, threat, own);
  if (needs > threat.knowledge)
    throw ValueError(
        who,
        "a threat with knowledge='" + std::string(name_of(needs)) + "', which this attack needs",
        "'" + std::string(name_of(threat.knowledge)) + "'",
        threat.knowledge == Knowledge::labels ? "use an attack on labels such as HopSkipJump"
                                              : "use an attack on scores such as Square");
  if (threat.goal == Goal::any_of && threat.classes.empty())
    throw ValueError(who, "the 'classes' that count for the goal any_of", "none",
                     "pass classes=[3, 5]");
  if (threat.goal != Goal::any_of && !threat.classes.empty())
    throw ValueError(who, "'classes' for the goal any_of only", "another goal",
                     "pass goal='any_of', or drop 'classes'");
  const auto& b = threat.bounds;
  if (!b.empty() && !(b.size() == 2 && b[0] < b[1]))
    throw ValueError(who, "bounds (low, high) with low < high",
                     std::to_string(b.size()) + " numbers or another order",
                     "pass bounds=(0.0, 1.0) for images scaled to [0, 1]");
  for (const double share : threat.feature_eps)
    if (!std::isfinite(share))
      throw ValueError(who, "finite feature budgets", "one that is not", "0 freezes a value");
}

std::vector<std::string> budget_keys(Norm norm, const std::vector<double>& eps) {
  std::vector<std::string> keys;
  for (int digits = 3; digits <= 17; ++digits) {
    keys.clear();
    for (const double e : eps)
      keys.push_back("{norm=" + std::string(name_of(norm)) + ",eps=" + threat_digits(e, digits) +
                     "}");
    auto sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) break;
  }
  return keys;
}

std::string text_of(const Threat& threat) {
  std::string text = size_of(threat);
  if (!threat.feature_eps.empty()) text += ", scaled by feature";
  if (!threat.frozen.empty())
    text += ", " + std::to_string(threat.frozen.size()) + " values frozen";
  constexpr std::array<std::string_view, 3> knows{"sees labels", "sees scores", "white box"};
  text += std::string("; ") + std::string(knows[static_cast<std::size_t>(threat.knowledge)]);
  constexpr std::array<std::string_view, 3> wants{"any wrong class", "one chosen class",
                                                  "any of the classes"};
  text += std::string("; ") + std::string(wants[static_cast<std::size_t>(threat.goal)]);
  if (threat.goal == Goal::any_of)
    for (std::size_t i = 0; i < threat.classes.size(); ++i)
      text += (i > 0 ? ", " : " ") + std::to_string(threat.classes[i]);
  if (threat.query_budget > 0)
    text += "; at most " + std::to_string(threat.query_budget) + " queries a sample";
  return text;
}

}  // namespace leadline::robustness
