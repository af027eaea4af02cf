#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "leadline/core/error.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/torch/mitigate/adversarial_training.hpp"

namespace leadline::detail::fast_training {

using robustness::Attack;
using robustness::Pgd;

constexpr double alarm_rate = 0.01;  // over all watches together
constexpr double least_fall = 0.1;   // share of the rows

std::shared_ptr<const Attack> single_step(const mitigate::FastTrainingOptions& options) {
  if (!(options.step_share > 0 && std::isfinite(options.step_share)))
    throw ValueError("FastTraining", "a finite step_share above 0",
                     std::to_string(options.step_share), "1.25 is usual");
  if (options.threat.eps.empty()) return nullptr;  // refused by the base class
  return std::make_shared<Pgd>(
      robustness::PgdOptions{.threat = options.threat,
                             .steps = 1,
                             .step_size = options.step_share * options.threat.eps.front()});
}

using Standing = std::vector<bool>;
std::int64_t count(const Standing& rows) {
  return static_cast<std::int64_t>(std::count(rows.begin(), rows.end(), true));
}

std::string percent(const Estimate& share) {
  return std::to_string(std::lround(100 * share.value_if_ok().value_or(0))) + " %";
}

}  // namespace leadline::detail::fast_training

namespace leadline::mitigate {

namespace step = leadline::detail::fast_training;

struct FastTraining::Watched {
  step::Standing single, strong;  // rows left standing
};

FastTraining::FastTraining(const FastTrainingOptions& options)
    : AdversarialTraining("FastTraining", options.threat, options.seed),
      attack_(step::single_step(options)),
      strong_(std::make_shared<robustness::Pgd>(
          robustness::PgdOptions{.threat = options.threat, .steps = options.watch_steps})) {}
FastTraining::~FastTraining() = default;

at::Tensor FastTraining::loss(const Trainee& trainee, const at::Tensor& x, const at::Tensor& y) {
  check(trainee, x, y);
  const at::Tensor adversarial = examples(*attack_, trainee, x, y);
  ++calls_;
  return at::cross_entropy_loss(trainee.forward(adversarial), y);
}

OverfittingWatch FastTraining::watch(const Trainee& trainee, const at::Tensor& x,
                                     const at::Tensor& y) {
  check(trainee, x, y);
  const auto standing = [&](const robustness::Attack& attack) {
    const auto found = attack.attack(
        *trainee.model, x, y, {.bounds = bounds(), .seed = seed_, .output = OutputKind::logits});
    step::Standing rows;
    for (const auto& row : found.results) rows.push_back(!std::isfinite(row.fooled_at));
    return rows;
  };
  const Watched now{standing(*attack_), standing(*strong_)};
  const auto n = std::ssize(now.strong);
  if (best_ != nullptr && std::ssize(best_->strong) != n)
    throw ValueError("FastTraining.watch",
                     "the same " + std::to_string(best_->strong.size()) + " rows every time",
                     std::to_string(n), "keep one held-out batch");

  OverfittingWatch seen;
  seen.single_step_accuracy = Estimate::rate(step::count(now.single), n);
  seen.pgd_accuracy = Estimate::rate(step::count(now.strong), n);
  seen.check = {.name = "catastrophic_overfitting",
                .result = Check::not_run,
                .why = "the first watch: nothing to compare with",
                .remedy =
                    "stop, go back to the weights of the best watch, and train with a smaller "
                    "step_share or budget, or with PgdTraining"};
  if (best_ != nullptr) {
    std::int64_t lost = 0, won = 0;
    for (std::size_t i = 0; i < now.strong.size(); ++i) {
      lost += best_->strong[i] && !now.strong[i] ? 1 : 0;
      won += !best_->strong[i] && now.strong[i] ? 1 : 0;
    }
    const auto k = static_cast<double>(++watches_);  // sum of 1 / (k (k + 1)) is 1
    const double p = lost + won == 0 ? 1.0 : stats::binomial_sf(lost - 1, lost + won, 0.5);
    const std::int64_t fell = lost - won;
    const std::int64_t single_fell = step::count(best_->single) - step::count(now.single);
    seen.collapsed = p * k * (k + 1) < step::alarm_rate &&
                     static_cast<double>(fell) >= step::least_fall * static_cast<double>(n) &&
                     2 * single_fell < fell;
    seen.check.result = seen.collapsed ? Check::fail : Check::pass;
    seen.check.p_value = std::min(1.0, p * k * (k + 1));
    seen.check.why = "PGD leaves " + step::percent(seen.pgd_accuracy) +
                     " standing, the single step of the training " +
                     step::percent(seen.single_step_accuracy) +
                     "; against the best watch PGD won " + std::to_string(lost) +
                     " rows and lost " + std::to_string(won);
  }
  if (best_ == nullptr || step::count(now.strong) >= step::count(best_->strong))
    best_ = std::make_unique<Watched>(now);
  return seen;
}

}  // namespace leadline::mitigate
