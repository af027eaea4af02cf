#include "attack_live.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attack_scores.hpp"
#include "attack_space.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::attack_engine {
namespace {

constexpr double log_half_float_step = -17.328679513998632;  // log(2^-25)

/// log of the probability of all classes but `c`.
double log_rest(std::span<const double> logits, std::int64_t c) {
  const double most = *std::max_element(logits.begin(), logits.end());
  double all = 0, rest = 0;
  for (std::int64_t i = 0; i < std::ssize(logits); ++i) {
    const double e = std::exp(logits[static_cast<std::size_t>(i)] - most);
    all += e;
    if (i != c) rest += e;
  }
  return std::log(rest / all);
}
double confidence_of(const Answer& answer) {
  if (answer.logits.empty() || answer.label < 0) return 0;
  return -std::expm1(log_rest(answer.logits, answer.label));
}

}  // namespace

Live::Live(const AttackPlan& plan, const AttackSpace& space, const AttackMethod& method,
           const AttackRow& what, std::size_t position, std::shared_ptr<const Chunk> chunk,
           std::int64_t row, const AttackIo& io)
    : plan_(plan), chunk_(std::move(chunk)), chunk_row_(row) {
  result_.row = what;
  result_.position = position;
  result_.zero_gradient = true;
  row_.what_ = what;
  row_.goal_ = plan.goal;
  row_.norm_ = plan.norm;
  row_.classes_ = plan.classes;
  row_.space_ = &space;
  row_.x0_ = attack_space::coordinates(space, chunk_->primary, row);
  row_.rng_ = io.rng;
  row_.aim_ = plan.eps.back();
  row_.keep_last_ = plan.keep_last;
  task_ = method(row_, plan.eps);
  row_.waiting_ = task_.handle();
  over_ = out_of_reach();
}

/// Goal any_of: no other class counts than the row's own.
bool Live::out_of_reach() const {
  return plan_.goal == Goal::any_of &&
         std::all_of(plan_.classes.begin(), plan_.classes.end(),
                     [&](std::int64_t c) { return c == row_.label(); });
}

void Live::resume() {
  row_.waiting_.resume();
  if (task_.done()) {
    task_.result();  // throws what the attack threw
    over_ = ended_itself_ = true;
    return;
  }
  const std::int64_t asks = points_left();
  row_.answers_.assign(static_cast<std::size_t>(asks), Answer{});
  if (plan_.query_budget > 0 && result_.forwards + asks > plan_.query_budget) over_ = true;
}

/// A row that asked many points at once hears of all of them, or the nearest of those that fool
/// would depend on where a batch ended.
bool Live::leaves() const {
  return fooled_ && plan_.drop_fooled && !plan_.keep_last && points_left() == 0 &&
         votes_ == plan_.confirmations;
}

std::int64_t Live::points_left() const {
  return static_cast<std::int64_t>(row_.points_.size() / row_.size()) -
         static_cast<std::int64_t>(row_.asked_);
}

// ---- answers -----------------------------------------------------------------------------------

bool Live::answer(std::size_t k, std::int64_t label, std::span<const double> logits) {
  const std::size_t n = logits.size();
  if (k == 0 && row_.asked_ == 0) row_.logits_.resize(row_.answers_.size() * n);
  const std::span<double> own = std::span(row_.logits_).subspan(k * n, n);
  std::copy(logits.begin(), logits.end(), own.begin());
  Answer& answer = row_.answers_[k];
  answer = {label, own};
  check_class(std::ssize(logits));
  ++row_.asked_;
  ++result_.forwards;
  bool lucky = false;
  judge(k, answer, lucky);
  return lucky;
}

void Live::check_class(std::int64_t n_classes) const {
  if (n_classes == 0) return;
  const bool targeted = plan_.goal == Goal::targeted;
  const auto known = [&](std::int64_t c) { return c >= 0 && c < n_classes; };
  if (known(row_.label()) && std::ranges::all_of(plan_.classes, known) &&
      (!targeted || (known(row_.target()) && row_.target() != row_.label())))
    return;
  if (targeted && row_.target() == row_.label())
    throw ValueError("attack", "a target other than the label",
                     fmt::format("class {} for both at sample {}", row_.label(), row_.id()),
                     "leave the row out, or drive it to another class");
  throw ValueError(
      "attack",
      fmt::format("labels{} below the number of classes, {}", targeted ? " and targets" : "",
                  n_classes),
      fmt::format("label {}, target {} at sample {}", row_.label(), row_.target(), row_.id()),
      "count classes from 0; check that the labels belong to this model");
}

/// `lucky`: reached the goal, to be confirmed.
void Live::judge(std::size_t k, const Answer& answer, bool& lucky) {
  const std::span<const double> x = point(k);
  const double confidence = confidence_of(answer);
  if (!started_) {
    started_ = true;
    result_.sums_to_one =
        plan_.output == OutputKind::logits && attack_scores::like_probabilities(answer.logits);
    result_.saturated = !answer.logits.empty() && answer.label == row_.label() &&
                        log_rest(answer.logits, row_.label()) < log_half_float_step;
  }
  if (!std::isfinite(row_.best_distance_)) {
    result_.decision = answer.label;
    result_.confidence = confidence;
  }
  if (row_.reached(answer)) {
    if (plan_.confirmations == 0)
      accept(k, answer.label, confidence);
    else
      lucky = within(row_.distance(x), plan_.eps.back());
    return;
  }
  if (!plan_.keep_best || !within(row_.distance(x), row_.aim_)) return;
  const double margin = row_.margin(answer);
  if (margin > nearest_ || kept_.empty()) {
    nearest_ = margin;
    kept_.assign(x.begin(), x.end());
  }
}

void Live::accept(std::size_t k, std::int64_t decision, double confidence) {
  const std::span<const double> x = point(k);
  const double distance = row_.distance(x);
  if (distance < row_.best_distance_) {
    row_.best_distance_ = distance;
    row_.best_.assign(x.begin(), x.end());
    result_.decision = decision;
    result_.confidence = confidence;
  }
  fooled_ = fooled_ || within(row_.best_distance_, row_.aim_);
}

void Live::confirm(std::size_t k, int votes) {
  result_.forwards += plan_.confirmations;
  if (2 * votes <= plan_.confirmations) return;
  const double before = row_.best_distance_;
  const Answer& answer = row_.answers_[k];
  accept(k, answer.label, confidence_of(answer));
  if (row_.best_distance_ < before) votes_ = votes;
  if (votes > votes_) strengthen(k, votes);
}

/// A point of the same budget that more runs confirm than the nearest one takes its place; how far
/// the nearest is stays known.
void Live::strengthen(std::size_t k, int votes) {
  const std::span<const double> x = point(k);
  const auto budget =
      std::ranges::find_if(plan_.eps, [&](double eps) { return within(row_.best_distance_, eps); });
  if (budget == plan_.eps.end() || !within(row_.distance(x), *budget)) return;
  row_.best_.assign(x.begin(), x.end());
  votes_ = votes;
}

// ---- gradients ---------------------------------------------------------------------------------

void Live::begin_gradients() {
  row_.values_.assign(row_.objectives_.size(), 0.0);
  row_.gradients_.assign(row_.objectives_.size() * row_.size(), 0.0);
  if (!leaves()) ++result_.steps;
}

void Live::slope(std::size_t round, std::span<double> dz) {
  if (row_.answers_[0].label >= 0)
    row_.values_[round] = row_.objectives_[round](row_.answers_[0].logits, dz);
  ++result_.backwards;
}

void Live::gradient(std::size_t round, std::span<const double> by_value) {
  const auto out = std::span(row_.gradients_).subspan(round * row_.size(), row_.size());
  attack_space::pull_gradient(*row_.space_, chunk_->primary, chunk_row_, row_.points_, by_value,
                              out);
  bool zero = true, bad = false;
  for (double& v : out) {
    if (!std::isfinite(v)) {
      bad = true;
      v = 0;
    }
    zero = zero && v == 0;
  }
  if (!zero || bad) result_.zero_gradient = false;
  if (bad) result_.bad_gradient = true;
}

void Live::end_gradients() {
  row_.slope_.answer = row_.answers_[0];
  row_.slope_.values = row_.values_;
  row_.slope_.gradients = row_.gradients_;
}

// ---- the end -----------------------------------------------------------------------------------

AttackResult Live::end() {
  task_ = Task<>();
  result_.distance = row_.best_distance_;
  for (const double eps : plan_.eps)
    if (within(result_.distance, eps)) {
      result_.fooled_at = eps;
      break;
    }
  if (result_.steps == 0) result_.zero_gradient = false;
  if (row_.space_->motion) result_.point = plan_.keep_last ? row_.ended_ : row_.best_;
  return result_;
}

std::vector<double> Live::adversarial() const {
  const std::vector<double>& x = plan_.keep_last ? row_.ended_ : row_.best_;
  if (plan_.keep_last && x.empty() && ended_itself_)
    throw CapabilityError("attack", "an attack that says where it ends, to keep the last point",
                          "one that does not", "use Pgd or Fgsm, or keep the nearest point");
  if (!x.empty() || !plan_.keep_best) return x;
  return kept_.empty() ? row_.x0_ : kept_;
}

}  // namespace leadline::detail::attack_engine
