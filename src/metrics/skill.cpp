// Losses as a share of the loss of who knows only how often each outcome occurs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "leadline/core/error.hpp"
#include "leadline/metrics/brier_skill.hpp"
#include "leadline/metrics/log_loss_skill.hpp"
#include "leadline/metrics/pinball_skill.hpp"
#include "leadline/metrics/tweedie_skill.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/quantiles.hpp"

namespace leadline::detail::skill {

/// 1 - ratio of two means, t interval on the scale of log(1 - value); `variance` is of one
/// sample's influence on the ratio.
Estimate estimate(double ratio, double variance, double n_effective, std::int64_t n, double level) {
  if (!(ratio > 0) || !(variance > 0) || !(n_effective > 1))
    return Estimate::of(1 - ratio, n, "a perfect prediction shows no spread");
  const double error = std::sqrt(variance / (n_effective - 1));
  const double half =
      stats::student_t_quantile(0.5 + level / 2, std::max(1.0, n_effective - 1)) * error / ratio;
  Estimate out = Estimate::with(1 - ratio, 1 - ratio * std::exp(half), 1 - ratio * std::exp(-half),
                                n, "delta", level);
  out.facts["n_effective"] = n_effective;
  return out;
}

/// The same from both losses of each sample.
Estimate of_pairs(const std::vector<double>& losses, const std::vector<double>& base,
                  const metrics::StoredPairs& fold, double level) {
  const double total = fold.total(), n = fold.n_effective();
  double loss = 0, below = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    loss += fold.weight(i) / total * losses[i];
    below += fold.weight(i) / total * base[i];
  }
  if (!(below > 0))
    return Estimate::absent(Status::undefined, "all targets are equal", std::ssize(losses));
  const double ratio = loss / below;
  double square = 0;  // n times the variance of the mean influence
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double influence = fold.weight(i) / total * (losses[i] - ratio * base[i]) / below;
    square += influence * influence * n;
  }
  return estimate(ratio, square, n, std::ssize(losses), level);
}

std::optional<Estimate> nothing(const metrics::StoredPairs& fold) {
  if (fold.n() == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (!(fold.total() > 0))
    return Estimate::absent(Status::undefined, "every weight is 0", fold.n());
  return std::nullopt;
}

}  // namespace leadline::detail::skill

namespace leadline::metrics {
namespace skill_impl = leadline::detail::skill;

void ProbabilitySkill::update(const Rows& rows, std::string_view who) {
  const std::vector<double> losses = loss_.losses(rows, who);
  check_rows(rows, std::ssize(losses), who);
  const ArrayView& target = rows.at("target", who);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const auto label = static_cast<std::size_t>(target.at(static_cast<std::int64_t>(i)));
    const double weight = rows.weights.empty() ? 1.0 : rows.weights[i];
    n_ += rows.counted ? static_cast<std::int64_t>(weight) : 1;
    if (std::isinf(losses[i])) {
      n_infinite_ += weight > 0;
      continue;
    }
    if (label >= classes_.size()) classes_.resize(label + 1);
    classes_[label].weight += weight;
    classes_[label].loss += weight * losses[i];
    classes_[label].square += weight * losses[i] * losses[i];
    squared_weights_ += rows.counted ? weight : weight * weight;
  }
}

void ProbabilitySkill::merge(const ProbabilitySkill& other) {
  n_ += other.n_;
  n_infinite_ += other.n_infinite_;
  squared_weights_ += other.squared_weights_;
  classes_.resize(std::max(classes_.size(), other.classes_.size()));
  for (std::size_t c = 0; c < other.classes_.size(); ++c) {
    classes_[c].weight += other.classes_[c].weight;
    classes_[c].loss += other.classes_[c].loss;
    classes_[c].square += other.classes_[c].square;
  }
}

Estimate ProbabilitySkill::skill(double level) const {
  if (n_ == 0) return Estimate::absent(Status::empty, "no samples were seen");
  if (n_infinite_ > 0) {
    Estimate none = Estimate::absent(
        Status::undefined, "the true class was given probability 0, the log loss is infinite", n_);
    none.facts["n_infinite"] = static_cast<double>(n_infinite_);
    return none;
  }
  double weight = 0, loss = 0, same = 0;
  for (const Sums& c : classes_) {
    weight += c.weight;
    loss += c.loss;
  }
  if (!(weight > 0)) return Estimate::absent(Status::undefined, "every weight is 0", n_);
  for (const Sums& c : classes_) same += c.weight / weight * c.weight / weight;
  const auto base = [&](const Sums& c) {  // the loss of a sample of the class under the frequencies
    return loss_.of_frequencies(c.weight / weight, same);
  };
  double below = 0;
  for (const Sums& c : classes_) below += c.weight > 0 ? c.weight / weight * base(c) : 0.0;
  if (!(below > 1e-15))
    return Estimate::absent(Status::undefined, "all samples are of one class", n_);
  const double ratio = loss / weight / below;
  double square = 0;
  for (const Sums& c : classes_) {
    if (c.weight <= 0) continue;
    const double less = ratio * base(c);
    square += (c.square - 2 * less * c.loss + less * less * c.weight) / weight / below / below;
  }
  return skill_impl::estimate(ratio, std::max(0.0, square), weight * weight / squared_weights_, n_,
                              level);
}

void ProbabilitySkill::save(State& state) const {
  std::vector<double> numbers;
  for (const Sums& c : classes_) numbers.insert(numbers.end(), {c.weight, c.loss, c.square});
  state.set("skill.counts", std::vector<std::int64_t>{n_, n_infinite_});
  state.set("skill.squared_weights", squared_weights_).set("skill.classes", std::move(numbers));
}

void ProbabilitySkill::load(const State& state) {
  const auto& counts = state.integers("skill.counts", 2);
  const auto& numbers = state.numbers("skill.classes");
  const double squared = state.number("skill.squared_weights");
  const auto sane = [](double x) { return x >= 0 && std::isfinite(x); };
  if (counts[0] < 0 || counts[1] < 0 || counts[1] > counts[0] ||
      counts[0] > (std::int64_t{1} << 53) || numbers.size() % 3 != 0 || !sane(squared) ||
      !std::all_of(numbers.begin(), numbers.end(), sane))
    throw StoreError("ProbabilitySkill.load", "sums of losses by class", "values out of range",
                     "the saved state is damaged; run again");
  n_ = counts[0];
  n_infinite_ = counts[1];
  squared_weights_ = squared;
  classes_.clear();
  for (std::size_t k = 0; k < numbers.size(); k += 3)
    classes_.push_back({numbers[k], numbers[k + 1], numbers[k + 2]});
}

namespace {
TaskType one_label_of(std::string_view who, TaskType task) {
  if (task == TaskType::multilabel)
    throw ValueError(who, "task 'multiclass' or 'binary'", "'multilabel'",
                     "measure each label as a binary task");
  return task;
}
}  // namespace

LogLossSkill::LogLossSkill(Options options)
    : SkillMetric("LogLossSkill", options,
                  ProbabilitySkill(ProbabilityLoss(ProbabilityLoss::log_loss, options.input, {},
                                                   one_label_of("LogLossSkill", options.task)))) {}
MetricInfo LogLossSkill::info() const {
  return {"log_loss_skill",
          Better::higher,
          {-std::numeric_limits<double>::infinity(), 1},
          "",
          "share of the surprise that the probabilities take away",
          {std::string(column_of({})), "target"}};
}

BrierSkill::BrierSkill(Options options)
    : SkillMetric("BrierSkill", options,
                  ProbabilitySkill(ProbabilityLoss(ProbabilityLoss::brier, options.input, {},
                                                   one_label_of("BrierSkill", options.task)))) {}
MetricInfo BrierSkill::info() const {
  return {"brier_skill",
          Better::higher,
          {-std::numeric_limits<double>::infinity(), 1},
          "",
          "share of the squared distance that the probabilities take away",
          {std::string(column_of({})), "target"}};
}

PinballSkill::PinballSkill(Options options)
    : RegressionMetric("PinballSkill", options, StoredPairs()) {}
MetricInfo PinballSkill::info() const {
  return {"pinball_skill",
          Better::higher,
          {-std::numeric_limits<double>::infinity(), 1},
          "",
          fmt::format("share of the pinball loss of the {} quantile that is explained",
                      options_.quantile),
          {"predicted", "target"}};
}
Estimate PinballSkill::estimate(const StoredPairs& fold) const {
  if (auto none = skill_impl::nothing(fold)) return *none;
  const std::vector<double> ones(fold.weights().empty() ? fold.target().size() : 0, 1.0);
  const double q = options_.quantile;
  const double constant =
      stats::weighted_quantile(fold.target(), ones.empty() ? fold.weights() : ones, q);
  std::vector<double> losses, base;
  for (std::size_t i = 0; i < fold.target().size(); ++i) {
    losses.push_back(pinball_loss(fold.target()[i] - fold.predicted()[i], q));
    base.push_back(pinball_loss(fold.target()[i] - constant, q));
  }
  return skill_impl::of_pairs(losses, base, fold, options_.level);
}

TweedieSkill::TweedieSkill(Options options)
    : RegressionMetric("TweedieSkill", options, StoredPairs()) {
  check_tweedie_power("TweedieSkill", options.power);
}
void TweedieSkill::update(const Rows& rows) {
  Outputs(RegressionLoss(RegressionLoss::deviance, options_.power))
      .update(rows, who);  // refuses first
  RegressionMetric::update(rows);
}
MetricInfo TweedieSkill::info() const {
  return {"tweedie_skill",
          Better::higher,
          {-std::numeric_limits<double>::infinity(), 1},
          "",
          fmt::format("share of the deviance of power {:g} that is explained", options_.power),
          {"predicted", "target"}};
}
Estimate TweedieSkill::estimate(const StoredPairs& fold) const {
  if (auto none = skill_impl::nothing(fold)) return *none;
  double mean = 0;
  const double total = fold.total();
  for (std::size_t i = 0; i < fold.target().size(); ++i)
    mean += fold.weight(i) / total * fold.target()[i];
  if (options_.power != 0 && !(mean > 0))
    return Estimate::absent(Status::undefined, "the mean of the targets is not above 0", fold.n());
  std::vector<double> losses, base;
  for (std::size_t i = 0; i < fold.target().size(); ++i) {
    losses.push_back(tweedie_deviance(fold.target()[i], fold.predicted()[i], options_.power));
    base.push_back(tweedie_deviance(fold.target()[i], mean, options_.power));
  }
  return skill_impl::of_pairs(losses, base, fold, options_.level);
}

}  // namespace leadline::metrics
