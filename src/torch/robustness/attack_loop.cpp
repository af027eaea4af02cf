#include "leadline/torch/robustness/attack_loop.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "attack_ball.hpp"
#include "attack_loss.hpp"
#include "attack_model.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::attack_loop {
namespace {

using robustness::AttackInputs;
using robustness::AttackIo;
using robustness::AttackPlan;
using robustness::AttackResult;
using robustness::AttackRow;

/// One place of the batch and the row that works there.
struct Slot {
  AttackResult result;
  std::size_t budget = 0;
  int restart = 0;
  int step = 0;
  double best = -std::numeric_limits<double>::infinity();
  bool live = false;    // a row is here
  bool riding = false;  // already reported; stays to its last step
};

enum class Next { idle, step, restart };

class Loop {
 public:
  Loop(models::TorchModel& model, const AttackPlan& plan, std::span<const AttackRow> rows,
       const AttackIo& io)
      : scorer_(model, io), plan_(plan), rows_(rows), io_(io) {}

  bool run() {
    if (rows_.empty()) return true;
    load_chunk();
    allocate();
    refill();
    while (!slots_.empty()) {
      if (io_.stop && io_.stop()) {
        settle();
        return false;
      }
      iterate();
      refill();
    }
    settle();
    return true;
  }

 private:
  // ---- rows in -------------------------------------------------------------------------------

  void load_chunk() {
    const std::size_t n =
        std::min<std::size_t>(static_cast<std::size_t>(plan_.batch_size), rows_.size() - taken_);
    std::vector<SampleId> ids;
    for (std::size_t i = 0; i < n; ++i) ids.push_back(rows_[taken_ + i].id);
    chunk_ = io_.fetch(ids);
    chunk_.x = chunk_.x.contiguous();
    chunk_first_ = taken_;
    attack_model::check_rows(chunk_.x, static_cast<std::int64_t>(n), plan_);
  }

  void allocate() {
    const auto rows = std::min<std::int64_t>(plan_.batch_size, std::ssize(rows_));
    ball_ = attack_ball::make_ball(chunk_.x, rows, plan_.norm, plan_.bounds);
    last_ = at::empty_like(ball_->x);
    if (plan_.keep_best) {
      best_ = at::empty_like(ball_->x);
      last_best_ = at::empty_like(ball_->x);
    }
    // One step from the clean point: the gradient there serves every budget.
    if (plan_.steps == 1 && plan_.restarts == 1 && !plan_.random_start && plan_.eps.size() > 1)
      clean_gradient_ = at::empty_like(ball_->x);
    for (const auto& [name, value] : chunk_.extras) {
      auto sizes = value.sizes().vec();
      sizes[0] = rows;
      extras_[name] = at::empty(sizes, value.options());
      last_extras_[name] = at::empty(sizes, value.options());
    }
    slots_.resize(static_cast<std::size_t>(rows));
  }

  /// Fills empty slots from the queue; when it is empty, closes ranks.
  void refill() {
    if (clean_gradient_.defined()) {  // rows of one age, so that one backward pass serves each
      if (std::any_of(slots_.begin(), slots_.end(), [](auto& s) { return s.live; }))
        return close_ranks();
      slots_.resize(static_cast<std::size_t>(last_.size(0)));
    }
    std::vector<std::int64_t> to, from;
    std::vector<std::size_t> fresh;
    const auto copy = [&] {
      attack_ball::copy_rows(ball_->x0, to, chunk_.x, from);
      for (auto& [name, value] : extras_)
        attack_ball::copy_rows(value, to, chunk_.extras.at(name), from);
      to.clear();
      from.clear();
    };
    for (std::size_t i = 0; i < slots_.size() && taken_ < rows_.size(); ++i) {
      if (slots_[i].live) continue;
      if (taken_ == chunk_first_ + static_cast<std::size_t>(chunk_.x.size(0))) {
        copy();
        load_chunk();
      }
      slots_[i] = Slot{};
      slots_[i].live = true;
      slots_[i].result.row = rows_[taken_];
      slots_[i].result.position = taken_;
      slots_[i].result.zero_gradient = true;
      to.push_back(static_cast<std::int64_t>(i));
      from.push_back(static_cast<std::int64_t>(taken_ - chunk_first_));
      ++taken_;
      fresh.push_back(i);
    }
    copy();
    for (const std::size_t i : fresh) begin(i);
    if (taken_ == rows_.size()) close_ranks();
  }

  /// Starts the job (budget, restart) of slot `i`.
  void begin(std::size_t i) {
    Slot& s = slots_[i];
    s.step = 0;
    if (plan_.random_start) {
      stats::Rng rng = io_.rng(s.result.row.id, s.restart);
      ball_->start(static_cast<std::int64_t>(i), plan_.eps[s.budget], &rng);
    } else {
      ball_->start(static_cast<std::int64_t>(i), plan_.eps[s.budget], nullptr);
    }
  }

  /// Moves the live slots to the front once a quarter of the batch is idle.
  void close_ranks() {
    const auto live = std::count_if(slots_.begin(), slots_.end(), [](auto& s) { return s.live; });
    if (live * 4 > std::ssize(slots_) * 3) return;
    std::vector<std::int64_t> to, from;
    std::size_t hole = 0, last = slots_.size();
    while (true) {
      while (hole < last && slots_[hole].live) ++hole;
      while (last > hole && !slots_[last - 1].live) --last;
      if (hole >= last) break;
      --last;
      slots_[hole] = slots_[last];
      slots_[last].live = false;
      to.push_back(static_cast<std::int64_t>(hole));
      from.push_back(static_cast<std::int64_t>(last));
    }
    slots_.resize(static_cast<std::size_t>(live));
    ball_->move(to, from);
    if (plan_.keep_best) attack_ball::copy_rows(best_, to, best_, from);
    if (clean_gradient_.defined())
      attack_ball::copy_rows(clean_gradient_, to, clean_gradient_, from);
    for (auto& [name, value] : extras_) attack_ball::copy_rows(value, to, value, from);
  }

  // ---- one step of the whole batch -------------------------------------------------------------

  [[nodiscard]] bool final_job(const Slot& s) const {
    return s.budget + 1 == plan_.eps.size() && s.restart + 1 == plan_.restarts;
  }

  void iterate() {
    const auto n = std::ssize(slots_);
    const bool graph = std::any_of(slots_.begin(), slots_.end(),
                                   [&](auto& s) { return s.live && s.step < plan_.steps; });
    at::Tensor leaf = ball_->x.narrow(0, 0, n).detach();
    const at::Tensor output =
        graph ? scorer_.forward_graph(leaf, extras_) : scorer_.forward(leaf.clone(), extras_);
    at::Tensor slope = judge_all(output);
    if (graph && std::find(next_.begin(), next_.end(), Next::step) != next_.end())
      climb(leaf, output, slope);
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (next_[i] == Next::restart) begin(i);
    if (!clean_gradient_.defined()) return;
    at::Tensor gradient = clean_gradient_.narrow(0, 0, n).clone();
    advance(gradient, Next::restart);
  }

  /// Decides every slot on the scores of its iterate; fills `next_`, gives d objective / d output.
  at::Tensor judge_all(const at::Tensor& output) {
    const at::Tensor scores = attack_model::host_scores(output, std::ssize(slots_));
    const std::int64_t k = scores.size(1);
    at::Tensor slope = at::zeros_like(scores);
    const double* z = scores.const_data_ptr<double>();
    double* dz = slope.mutable_data_ptr<double>();
    next_.assign(slots_.size(), Next::idle);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      Slot& s = slots_[i];
      if (!s.live) continue;
      const std::int64_t offset = static_cast<std::int64_t>(i) * k;
      attack_model::check_class(s.result.row, plan_, k);
      const auto judged = attack_loss::judge(z + offset, k, s.result.row, plan_, dz + offset);
      next_[i] = decide(s, static_cast<std::int64_t>(i), judged);
      if (next_[i] != Next::step) std::fill(dz + offset, dz + offset + k, 0.0);
    }
    return slope;
  }

  [[nodiscard]] bool fooled(const AttackRow& row, const attack_loss::Judged& judged) const {
    if (judged.label < 0) return !plan_.targeted;
    return plan_.targeted ? judged.label == row.target : judged.label != row.label;
  }

  Next decide(Slot& s, std::int64_t i, const attack_loss::Judged& judged) {
    if (s.riding) {
      if (s.step < plan_.steps) return Next::step;
      s.live = false;
      return Next::idle;
    }
    if (s.step == 0 && s.restart == 0 && s.budget == 0) s.result.saturated = judged.saturated;
    if (fooled(s.result.row, judged)) {
      report(s, judged, ball_->x.narrow(0, i, 1));
      s.riding = !plan_.drop_fooled && s.step < plan_.steps;
      s.live = s.riding;
      return s.riding ? Next::step : Next::idle;
    }
    if (plan_.keep_best && judged.objective > s.best) {
      s.best = judged.objective;
      attack_ball::copy_rows(best_, {i}, ball_->x, {i});
    }
    if (s.step < plan_.steps) return Next::step;
    if (++s.restart == plan_.restarts) {
      s.restart = 0;
      ++s.budget;
    }
    return Next::restart;
  }

  /// One step of ascent. Rows that reach the last iterate of their last job go to the waiting
  /// room, where a forward pass without a graph judges a full batch of them.
  void climb(at::Tensor& leaf, const at::Tensor& output, const at::Tensor& slope) {
    at::Tensor gradient = scorer_.input_gradient(leaf, output, slope);
    if (clean_gradient_.defined()) {
      std::vector<std::int64_t> rows;
      for (std::size_t i = 0; i < slots_.size(); ++i)
        if (next_[i] == Next::step) rows.push_back(static_cast<std::int64_t>(i));
      attack_ball::copy_rows(clean_gradient_, rows, gradient, rows);
    }
    advance(gradient, Next::step);
  }

  /// Moves the rows whose turn is `turn` along `gradient`.
  void advance(at::Tensor& gradient, Next turn) {
    moves_.clear();
    for (std::size_t i = 0; i < slots_.size(); ++i)
      if (next_[i] == turn)
        moves_.push_back({static_cast<std::int64_t>(i), plan_.eps[slots_[i].budget],
                          plan_.step_size[slots_[i].budget]});
    if (moves_.empty()) return;
    ball_->step(gradient, moves_);
    std::vector<std::int64_t> finished;
    for (const auto& m : moves_) {
      Slot& s = slots_[static_cast<std::size_t>(m.row)];
      if (s.step == 0 && !m.zero) s.result.zero_gradient = false;
      if (m.bad) s.result.bad_gradient = true;
      ++s.step;
      if (!s.riding) ++s.result.steps;
      if (s.step == plan_.steps && (s.riding || final_job(s))) finished.push_back(m.row);
    }
    wait(finished);
  }

  void wait(const std::vector<std::int64_t>& finished) {
    std::vector<std::int64_t> to, from;
    const auto copy = [&] {
      attack_ball::copy_rows(last_, to, ball_->x, from);
      if (plan_.keep_best) attack_ball::copy_rows(last_best_, to, best_, from);
      for (auto& [name, value] : last_extras_)
        attack_ball::copy_rows(value, to, extras_.at(name), from);
      to.clear();
      from.clear();
    };
    for (const std::int64_t i : finished) {
      Slot& s = slots_[static_cast<std::size_t>(i)];
      s.live = false;
      if (s.riding) continue;
      to.push_back(std::ssize(waiting_));
      from.push_back(i);
      waiting_.push_back(s);
      if (std::ssize(waiting_) == last_.size(0)) {
        copy();
        settle();
      }
    }
    copy();
  }

  /// Judges the last iterates in the waiting room.
  void settle() {
    const auto n = std::ssize(waiting_);
    if (n == 0) return;
    const at::Tensor at = last_.narrow(0, 0, n);
    const at::Tensor scores =
        attack_model::host_scores(scorer_.forward(at.clone(), last_extras_), n);
    const std::int64_t k = scores.size(1);
    std::vector<double> unused(static_cast<std::size_t>(k));
    for (std::int64_t i = 0; i < n; ++i) {
      Slot& s = waiting_[static_cast<std::size_t>(i)];
      const auto judged = attack_loss::judge(scores.const_data_ptr<double>() + i * k, k,
                                             s.result.row, plan_, unused.data());
      if (fooled(s.result.row, judged)) {
        report(s, judged, at.narrow(0, i, 1));
        continue;
      }
      s.result.decision = judged.label;
      s.result.confidence = judged.confidence;
      at::Tensor kept;
      if (plan_.keep_best)
        kept = judged.objective > s.best ? at.narrow(0, i, 1) : last_best_.narrow(0, i, 1);
      io_.done(s.result, kept);
    }
    waiting_.clear();
  }

  void report(Slot& s, const attack_loss::Judged& judged, const at::Tensor& adversarial) {
    s.result.fooled_at = plan_.eps[s.budget];
    s.result.decision = judged.label;
    s.result.confidence = judged.confidence;
    if (s.result.steps == 0) s.result.zero_gradient = false;
    io_.done(s.result, adversarial);
  }

  attack_model::Scorer scorer_;
  const AttackPlan& plan_;
  std::span<const AttackRow> rows_;
  const AttackIo& io_;

  AttackInputs chunk_;  // read ahead of the slots
  std::size_t chunk_first_ = 0, taken_ = 0;
  std::unique_ptr<attack_ball::Ball> ball_;
  at::Tensor best_, clean_gradient_;
  models::NamedTensors extras_;
  std::vector<Slot> slots_;
  std::vector<Next> next_;
  std::vector<attack_ball::Move> moves_;
  at::Tensor last_, last_best_;  // the waiting room
  models::NamedTensors last_extras_;
  std::vector<Slot> waiting_;
};

}  // namespace
}  // namespace leadline::detail::attack_loop

namespace leadline::robustness {

bool run_attack(models::TorchModel& model, const AttackPlan& plan, std::span<const AttackRow> rows,
                const AttackIo& io) {
  detail::attack_model::check_plan(plan);
  return detail::attack_loop::Loop(model, plan, rows, io).run();
}

}  // namespace leadline::robustness
