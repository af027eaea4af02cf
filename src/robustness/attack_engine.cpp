#include "leadline/robustness/attack_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "attack_batch.hpp"
#include "attack_geometry.hpp"
#include "attack_scores.hpp"
#include "core/heap.hpp"
#include "core/vjp.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/memory.hpp"

namespace leadline::detail::attack_engine {
namespace {

void check_plan(const AttackPlan& plan) {
  const auto fail = [](const char* expected, const std::string& got, const char* remedy) {
    throw ValueError("attack", expected, got, remedy);
  };
  if (plan.eps.empty() || !std::is_sorted(plan.eps.begin(), plan.eps.end()) ||
      !(plan.eps.front() >= 0))
    fail("rising budgets of at least 0", plan.eps.empty() ? "none" : "another order",
         "sort plan.eps");
  if (plan.batch_size < 1) fail("a batch_size of at least 1", std::to_string(plan.batch_size), "");
  if (!(plan.bounds.first < plan.bounds.second))
    fail("bounds (low, high) with low < high", fmt::format("{:g}", plan.bounds.first),
         "pass bounds=(0.0, 1.0) for images scaled to [0, 1]");
}

}  // namespace

class Engine {
 public:
  Engine(Model& model, const AttackPlan& plan, const AttackMethod& method,
         std::span<const AttackRow> rows, const AttackIo& io)
      : model_(model),
        plan_(plan),
        method_(method),
        rows_(rows),
        io_(io),
        batches_(plan, rows, io),
        batch_(plan.batch_size) {}

  bool run() {
    const bool complete = loop();
    if (taken_ > 0 && io_.note) note_wide();
    if (batch_ < plan_.batch_size && io_.note)
      io_.note(
          fmt::format("the model ran out of memory; batches of {} rows from there on", batch_));
    return complete;
  }

 private:
  /// A budget in units of bytes, say, for inputs in [0, 1].
  void note_wide() const {
    if (!is_ball(plan_.norm)) return;
    const double full = attack_geometry::unbounded(batches_.space(), plan_.norm);
    if (plan_.eps.back() > full)
      io_.note(
          fmt::format("a budget of {:g} is larger than all that the bounds leave, {:g}: any "
                      "input lies within it (budgets are in input units: 8/255 of an image in "
                      "[0, 1])",
                      plan_.eps.back(), full));
  }

  bool loop() {
    while (true) {
      if (io_.stop && io_.stop()) return false;
      refill();
      if (live_.empty()) return true;
      const auto [looks, climbs] = pending();
      serve(climbs > 0 && looks < batch_);
      retire();
    }
  }

  // ---- rows in and out -------------------------------------------------------------------------

  struct Pending {
    std::int64_t looks = 0, climbs = 0;
    void add(const Live& live) {
      if (live.climbs())
        ++climbs;
      else
        looks += live.points_left();
    }
  };
  [[nodiscard]] Pending pending() const {
    Pending sum;
    for (const auto& live : live_) sum.add(*live);
    return sum;
  }

  /// Starts rows until a batch of one kind is full.
  void refill() {
    Pending waiting = pending();
    while (taken_ < rows_.size() && std::max(waiting.looks, waiting.climbs) < batch_ &&
           std::ssize(live_) < 2 * batch_) {
      const std::size_t position = taken_++;
      if (fallen_.contains(rows_[position].id)) continue;
      auto live = batches_.begin(position, method_);
      if (!live->over()) live->resume();
      if (live->over()) {
        finish(*live);
        continue;
      }
      waiting.add(*live);
      live_.push_back(std::move(live));
    }
  }

  void retire() {
    std::erase_if(live_, [&](const auto& live) {
      if (!live->over() && !live->leaves() && !cancelled(*live)) return false;
      finish(*live);
      return true;
    });
  }

  /// An alternative of the row succeeded.
  [[nodiscard]] bool cancelled(const Live& live) const {
    return !live.fooled() && fallen_.contains(live.what().id);
  }

  /// Reports a row.
  void finish(Live& live) {
    if (cancelled(live)) return;
    if (live.fooled()) fallen_.insert(live.what().id);
    const AttackResult result = live.end();
    std::vector<double> x = live.adversarial();
    io_.done(result, x.empty() ? Tensor() : batches_.one(live, std::move(x)));
  }

  // ---- one batch -------------------------------------------------------------------------------

  /// Answers up to a batch of points, with gradients or without.
  void serve(bool gradients) {
    while (true) {
      std::vector<Place> places;
      for (const auto& live : live_) {
        if (live->climbs() != gradients) continue;
        const std::size_t first = live->next_point();
        for (std::int64_t k = 0; k < live->points_left() && std::ssize(places) < batch_; ++k)
          places.push_back({live.get(), first + static_cast<std::size_t>(k)});
        if (std::ssize(places) == batch_) break;
      }
      try {
        answer(places, gradients);
        return;
      } catch (const std::exception& error) {
        if (batch_ == 1 || !out_of_memory(error)) throw;
        batch_ /= 2;
      }
    }
  }

  void answer(std::span<const Place> places, bool gradients) {
    const Inputs inputs = batches_.assemble(places);
    const auto n = std::ssize(places);
    Pullback pull;
    if (gradients)
      pull = pull_back(inputs);
    else
      pull.outputs = model_.forward(inputs);
    if (io_.count) io_.count(n, 0);
    const auto scores = attack_scores::read(pull.outputs.output, plan_.output, n);
    std::vector<Place> lucky;  // reached the goal once, to be confirmed
    const auto k = static_cast<std::size_t>(scores.k);
    for (std::size_t i = 0; i < places.size(); ++i)
      if (places[i].live->answer(places[i].point, scores.label[i],
                                 std::span(scores.logits).subspan(i * k, k)))
        lucky.push_back(places[i]);
    if (gradients) take_gradients(places, scores, pull);
    if (!lucky.empty()) confirm(lucky);
    for (const Place& place : places) {
      Live& live = *place.live;
      if (live.over() || live.points_left() > 0 || live.leaves()) continue;
      live.resume();
    }
  }

  /// A model whose output does not depend on its input through the graph has gradient zero: the
  /// attack goes on, blind, and says so.
  Pullback pull_back(const Inputs& inputs) {
    if (!is_floating(inputs.primary.dtype()))
      throw CapabilityError("attack", "floating-point inputs, which have gradients",
                            std::string(name_of(inputs.primary.dtype())),
                            "give the data as float32 in the units of the bounds, or use an attack "
                            "that needs no gradients such as Square");
    if (graph_broken_) return {model_.forward(inputs), {}};
    try {
      return model_.pullback(inputs);
    } catch (const CapabilityError&) {
      if (!offers(model_.info().access, Access::gradients)) throw;
      graph_broken_ = true;
      return {model_.forward(inputs), {}};
    }
  }

  /// Asks the model again about points that reached the goal.
  void confirm(std::span<const Place> places) {
    const Inputs inputs = batches_.assemble(places);
    const auto n = std::ssize(places);
    std::vector<int> votes(places.size(), 0);
    for (int run = 0; run < plan_.confirmations; ++run) {
      const auto scores = attack_scores::read(model_.forward(inputs).output, plan_.output, n);
      if (io_.count) io_.count(n, 0);
      for (std::size_t i = 0; i < votes.size(); ++i)
        votes[i] += places[i].live->reached(scores.label[i]);
    }
    for (std::size_t i = 0; i < votes.size(); ++i)
      places[i].live->confirm(places[i].point, votes[i]);
  }

  void take_gradients(std::span<const Place> places, const attack_scores::Scores& scores,
                      const Pullback& pull) {
    std::size_t rounds = 0;
    for (const Place& place : places) {
      place.live->begin_gradients();
      if (!place.live->leaves()) rounds = std::max(rounds, place.live->rounds());
    }
    for (std::size_t round = 0; round < rounds; ++round)
      one_gradient(places, scores, pull, round, round + 1 == rounds);
    for (const Place& place : places) place.live->end_gradients();
  }

  void one_gradient(std::span<const Place> places, const attack_scores::Scores& scores,
                    const Pullback& pull, std::size_t round, bool last) {
    const auto k = static_cast<std::size_t>(scores.k);
    const auto d = static_cast<std::size_t>(batches_.space().n_values);
    const auto asks = [&](const Place& place) {
      return round < place.live->rounds() && !place.live->leaves();
    };
    std::vector<double> dz(places.size() * k, 0.0);
    for (std::size_t i = 0; i < places.size(); ++i)
      if (asks(places[i])) places[i].live->slope(round, std::span(dz).subspan(i * k, k));
    if (!pull.vjp) return;
    if (io_.count) io_.count(0, std::ranges::count_if(places, asks));
    const Tensor back = attack_scores::slope_of(scores, plan_.output, dz, pull.outputs.output);
    const Tensor gradient =
        (last ? vjp::last_gradient(pull, back) : pull.vjp(back)).host(DType::f64);
    for (std::size_t i = 0; i < places.size(); ++i)
      if (asks(places[i])) places[i].live->gradient(round, {gradient.data<double>() + i * d, d});
  }

  Model& model_;
  const AttackPlan& plan_;
  const AttackMethod& method_;
  std::span<const AttackRow> rows_;
  const AttackIo& io_;
  Batches batches_;
  std::int64_t batch_;

  std::size_t taken_ = 0;
  std::vector<std::unique_ptr<Live>> live_;
  std::unordered_set<SampleId> fallen_;
  bool graph_broken_ = false;
};

}  // namespace leadline::detail::attack_engine

namespace leadline::robustness {

bool run_attack(Model& model, const AttackPlan& plan, const AttackMethod& method,
                std::span<const AttackRow> rows, const AttackIo& io) {
  leadline::detail::attack_engine::check_plan(plan);
  leadline::detail::heap::keep_freed();
  return leadline::detail::attack_engine::Engine(model, plan, method, rows, io).run();
}

namespace {
Task<> over_budgets(Row& row, std::span<const double> budgets,
                    std::function<Task<>(Row&, double)> attempt) {
  for (const double eps : budgets) {
    row.aim(eps);
    Task<> one = attempt(row, eps);
    co_await one;
  }
}
}  // namespace

AttackMethod each_budget(std::function<Task<>(Row& row, double eps)> attempt) {
  return [attempt = std::move(attempt)](Row& row, std::span<const double> budgets) {
    return over_budgets(row, budgets, attempt);
  };
}

}  // namespace leadline::robustness
