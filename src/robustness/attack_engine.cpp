#include "leadline/robustness/attack_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <new>
#include <unordered_set>

#include "attack_scores.hpp"
#include "attack_space.hpp"
#include "core/heap.hpp"
#include "core/vjp.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::attack_engine {

using namespace robustness;

namespace {

constexpr double log_half_float_step = -17.328679513998632;  // log(2^-25)

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

bool out_of_memory(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         std::string_view(error.what()).find("out of memory") != std::string_view::npos;
}

}  // namespace

/// Samples read together.
struct Chunk {
  Tensor primary;  // host
  std::map<std::string, Tensor, std::less<>> extras;
};

/// A row in flight.
struct Live {
  Row row;
  Task<> task;
  AttackResult result;
  std::shared_ptr<const Chunk> chunk;
  std::int64_t chunk_row = 0;
  bool fooled = false;                                        // within the aim
  int votes = 0;                                              // that confirmed the best point
  bool over = false;                                          // nothing more to ask
  bool started = false;                                       // has asked once
  double nearest = -std::numeric_limits<double>::infinity();  // largest margin within the aim
  std::vector<double> kept;                                   // where it was
};

class Engine {
 public:
  Engine(Model& model, const AttackPlan& plan, const AttackMethod& method,
         std::span<const AttackRow> rows, const AttackIo& io)
      : model_(model),
        plan_(plan),
        method_(method),
        rows_(rows),
        io_(io),
        batch_(plan.batch_size) {}

  bool run() {
    while (true) {
      if (io_.stop && io_.stop()) return false;
      refill();
      if (live_.empty()) return true;
      const auto [looks, climbs] = pending();
      if (climbs > 0 && looks < batch_)
        serve(true);
      else
        serve(false);
      retire();
    }
  }

 private:
  // ---- rows in and out -------------------------------------------------------------------------

  struct Pending {
    std::int64_t looks = 0, climbs = 0;
  };
  [[nodiscard]] Pending pending() const {
    Pending sum;
    for (const auto& live : live_) {
      if (live->row.objectives_.empty())
        sum.looks += points_left(*live);
      else
        ++sum.climbs;
    }
    return sum;
  }
  [[nodiscard]] std::int64_t points_left(const Live& live) const {
    return static_cast<std::int64_t>(live.row.points_.size() / live.row.size()) -
           static_cast<std::int64_t>(live.row.asked_);
  }

  /// Starts rows until a batch of one kind is full.
  void refill() {
    auto [looks, climbs] = pending();
    while (taken_ < rows_.size() && std::max(looks, climbs) < batch_ &&
           std::ssize(live_) < 2 * batch_) {
      const std::size_t position = taken_++;
      if (fallen_.contains(rows_[position].id)) continue;
      auto live = begin(position);
      if (!live->over) resume(*live);
      if (live->over) {
        finish(*live);
        continue;
      }
      if (live->row.objectives_.empty())
        looks += points_left(*live);
      else
        ++climbs;
      live_.push_back(std::move(live));
    }
  }

  void load_chunk(std::size_t first) {
    const std::size_t n =
        std::min<std::size_t>(static_cast<std::size_t>(plan_.batch_size), rows_.size() - first);
    std::vector<SampleId> ids;
    for (std::size_t i = 0; i < n; ++i) ids.push_back(rows_[first + i].id);
    const Inputs inputs = io_.fetch(ids);
    auto chunk = std::make_shared<Chunk>();
    chunk->primary = inputs.primary.host();
    attack_space::check_inputs(chunk->primary, static_cast<std::int64_t>(n), plan_);
    for (const auto& [name, value] : inputs.extras) chunk->extras[name] = value.host();
    if (buffer_ == nullptr) {
      space_ = attack_space::make_space(chunk->primary, plan_);
      buffer_ = attack_space::make_buffer(space_, chunk->primary.dtype());
    } else if (chunk->primary.n_elements() != static_cast<std::int64_t>(n) * space_.n_values) {
      throw ShapeError("attack", "samples of one shape, " + shape_text(space_.shape),
                       chunk->primary.describe(), "attack samples of each shape on their own");
    }
    chunk_ = std::move(chunk);
    chunk_first_ = first;
  }

  std::unique_ptr<Live> begin(std::size_t position) {
    if (chunk_ == nullptr ||
        position >= chunk_first_ + static_cast<std::size_t>(chunk_->primary.size(0)))
      load_chunk(position);
    auto live = std::make_unique<Live>();
    live->chunk = chunk_;
    live->chunk_row = static_cast<std::int64_t>(position - chunk_first_);
    live->result.row = rows_[position];
    live->result.position = position;
    live->result.zero_gradient = true;
    Row& row = live->row;
    row.what_ = rows_[position];
    row.goal_ = plan_.goal;
    row.norm_ = plan_.norm;
    row.classes_ = plan_.classes;
    row.space_ = &space_;
    row.x0_ = attack_space::coordinates(space_, chunk_->primary, live->chunk_row);
    row.rng_ = io_.rng;
    row.aim_ = plan_.eps.back();
    row.keep_last_ = plan_.keep_last;
    live->task = method_(row, plan_.eps);
    row.waiting_ = live->task.handle();
    live->over = out_of_reach(row);
    return live;
  }

  /// Goal any_of: no other class counts than the row's own.
  [[nodiscard]] bool out_of_reach(const Row& row) const {
    return plan_.goal == Goal::any_of &&
           std::all_of(plan_.classes.begin(), plan_.classes.end(),
                       [&](std::int64_t c) { return c == row.label(); });
  }

  /// Lets the coroutine go on to its next question.
  void resume(Live& live) {
    live.row.waiting_.resume();
    if (live.task.done()) {
      live.task.result();  // throws what the attack threw
      live.over = true;
      return;
    }
    const auto asks = points_left(live);
    live.row.answers_.assign(static_cast<std::size_t>(asks), Answer{});
    if (plan_.query_budget > 0 && live.result.forwards + asks > plan_.query_budget)
      live.over = true;
  }

  void retire() {
    for (auto& live : live_)
      if (live->over || leaves(*live) || (!live->fooled && fallen_.contains(live->result.row.id)))
        finish(*live);
    std::erase_if(live_, [](const auto& live) { return live->task.handle() == nullptr; });
  }

  /// Its goal is reached: nothing that it may still ask matters. A row that asked many points at
  /// once hears of all of them, or the nearest of those that fool would depend on where a batch
  /// ended.
  [[nodiscard]] bool leaves(const Live& live) const {
    return live.fooled && plan_.drop_fooled && !plan_.keep_last && points_left(live) == 0 &&
           live.votes == plan_.confirmations;
  }

  /// Reports a row and drops its coroutine.
  void finish(Live& live) {
    AttackResult& result = live.result;
    const bool cancelled = !live.fooled && fallen_.contains(result.row.id);
    const bool done = live.task.done();
    live.task = Task<>();
    if (cancelled) return;
    if (live.fooled) fallen_.insert(result.row.id);
    result.distance = live.row.best_distance_;
    for (const double eps : plan_.eps)
      if (within(result.distance, eps)) {
        result.fooled_at = eps;
        break;
      }
    if (result.steps == 0) result.zero_gradient = false;
    std::vector<double> x = plan_.keep_last ? live.row.ended_ : live.row.best_;
    if (plan_.keep_last && x.empty() && done)
      throw CapabilityError("attack", "an attack that says where it ends, to keep the last point",
                            "one that does not", "use Pgd or Fgsm, or keep the nearest point");
    if (space_.motion) result.point = x;
    if (x.empty() && plan_.keep_best) x = live.kept.empty() ? live.row.x0_ : live.kept;
    Tensor adversarial;
    if (!x.empty()) {
      const auto buffer = attack_space::make_buffer(space_, live.chunk->primary.dtype());
      buffer->reset(1);
      buffer->place(0, live.chunk->primary, live.chunk_row, live.row.x0_, x);
      adversarial = buffer->take();
    }
    io_.done(result, adversarial);
  }

  // ---- one batch -------------------------------------------------------------------------------

  struct Place {
    Live* live;
    std::size_t point;  // of the row's question
  };
  /// A point that reached the goal once, to be confirmed.
  struct Lucky {
    Place place;
    std::int64_t decision;
    double confidence;
  };

  /// Answers up to a batch of points, with gradients or without.
  void serve(bool gradients) {
    while (true) {
      std::vector<Place> places;
      for (const auto& live : live_) {
        if (live->row.objectives_.empty() == gradients) continue;
        const auto first = live->row.asked_;
        for (std::int64_t k = 0; k < points_left(*live) && std::ssize(places) < batch_; ++k)
          places.push_back({live.get(), first + static_cast<std::size_t>(k)});
        if (std::ssize(places) == batch_) break;
      }
      try {
        answer(places, gradients);
        return;
      } catch (const std::exception& error) {
        if (batch_ == 1 || !out_of_memory(error)) throw;
        batch_ /= 2;
        if (io_.note)
          io_.note(
              fmt::format("the model ran out of memory; batches of {} rows from there on", batch_));
      }
    }
  }

  [[nodiscard]] Inputs assemble(const std::vector<Place>& places) {
    const auto n = std::ssize(places);
    buffer_->reset(n);
    for (std::int64_t i = 0; i < n; ++i) {
      const auto& [live, point] = places[static_cast<std::size_t>(i)];
      const std::size_t d = live->row.size();
      buffer_->place(i, live->chunk->primary, live->chunk_row, live->row.x0_,
                     live->row.points_.subspan(point * d, d));
    }
    Inputs inputs(buffer_->take());
    for (const auto& [name, like] : places.front().live->chunk->extras) {
      auto shape = std::vector<std::int64_t>(like.shape().begin(), like.shape().end());
      const std::size_t row_bytes =
          static_cast<std::size_t>(like.n_elements() / shape[0]) * bytes_of(like.dtype());
      std::vector<std::byte> bytes(row_bytes * places.size());
      for (std::size_t i = 0; i < places.size(); ++i) {
        const Tensor& all = places[i].live->chunk->extras.at(name);
        std::memcpy(bytes.data() + i * row_bytes,
                    static_cast<const std::byte*>(all.layout().data) +
                        static_cast<std::size_t>(places[i].live->chunk_row) * row_bytes,
                    row_bytes);
      }
      shape[0] = n;
      inputs.extras[name] = Tensor::copy(bytes.data(), like.dtype(), shape);
    }
    return inputs;
  }

  void answer(const std::vector<Place>& places, bool gradients) {
    lucky_.clear();
    const Inputs inputs = assemble(places);
    const auto n = std::ssize(places);
    Pullback pull;
    if (gradients)
      pull = pull_back(inputs);
    else
      pull.outputs = model_.forward(inputs);
    if (io_.count) io_.count(n, 0);
    const auto scores = attack_scores::read(pull.outputs.output, plan_.output, n);
    for (std::int64_t i = 0; i < n; ++i)
      take_answer(places[static_cast<std::size_t>(i)], i, scores);
    if (gradients) take_gradients(places, scores, pull);
    confirm();
    for (const Place& place : places) {
      Live& live = *place.live;
      if (live.over || points_left(live) > 0 || leaves(live)) continue;
      resume(live);
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

  void take_answer(const Place& place, std::int64_t i, const attack_scores::Scores& scores) {
    Live& live = *place.live;
    Row& row = live.row;
    const auto k = static_cast<std::size_t>(scores.k);
    if (point_is_first(row, place.point)) row.logits_.resize(row.answers_.size() * k);
    const std::span<double> logits = std::span(row.logits_).subspan(place.point * k, k);
    std::copy_n(scores.logits.begin() + i * scores.k, k, logits.begin());
    Answer& answer = row.answers_[place.point];
    answer = {scores.label[static_cast<std::size_t>(i)], logits};
    check_class(row, scores.k);
    ++row.asked_;
    ++live.result.forwards;
    judge(place, answer);
  }
  static bool point_is_first(const Row& row, std::size_t point) {
    return point == 0 && row.asked_ == 0;
  }

  void check_class(const Row& row, std::int64_t k) const {
    if (k == 0) return;
    const bool targeted = plan_.goal == Goal::targeted;
    const bool known = std::all_of(plan_.classes.begin(), plan_.classes.end(),
                                   [&](std::int64_t c) { return c >= 0 && c < k; });
    if (row.label() >= 0 && row.label() < k && known &&
        (!targeted || (row.target() >= 0 && row.target() < k && row.target() != row.label())))
      return;
    throw ValueError(
        "attack",
        fmt::format("labels{} below the number of classes, {}",
                    targeted ? " and other targets" : "", k),
        fmt::format("label {}, target {} at sample {}", row.label(), row.target(), row.id()),
        "count classes from 0; check that the labels belong to this model");
  }

  void judge(const Place& place, const Answer& answer) {
    Live& live = *place.live;
    Row& row = live.row;
    const std::span<const double> x = row.points_.subspan(place.point * row.size(), row.size());
    const double confidence = confidence_of(answer, answer.label);
    if (!live.started) {
      live.started = true;
      live.result.saturated = !answer.logits.empty() && answer.label == row.label() &&
                              log_rest(answer, row.label()) < log_half_float_step;
    }
    if (!std::isfinite(row.best_distance_)) {
      live.result.decision = answer.label;
      live.result.confidence = confidence;
    }
    if (row.reached(answer)) {
      if (plan_.confirmations == 0)
        accept(place, answer.label, confidence);
      else if (within(row.distance(x), plan_.eps.back()))
        lucky_.push_back({place, answer.label, confidence});
      return;
    }
    if (!plan_.keep_best || !within(row.distance(x), row.aim_)) return;
    const double margin = row.margin(answer);
    if (margin > live.nearest || live.kept.empty()) {
      live.nearest = margin;
      live.kept.assign(x.begin(), x.end());
    }
  }

  /// A point that reached the goal.
  static void accept(const Place& place, std::int64_t decision, double confidence) {
    Live& live = *place.live;
    Row& row = live.row;
    const std::span<const double> x = row.points_.subspan(place.point * row.size(), row.size());
    const double distance = row.distance(x);
    if (distance < row.best_distance_) {
      row.best_distance_ = distance;
      row.best_.assign(x.begin(), x.end());
      live.result.decision = decision;
      live.result.confidence = confidence;
    }
    live.fooled = live.fooled || within(row.best_distance_, row.aim_);
  }

  /// Asks again the points of this batch that reached the goal once.
  void confirm() {
    if (lucky_.empty()) return;
    std::vector<Place> places;
    for (const Lucky& lucky : lucky_) places.push_back(lucky.place);
    const Inputs inputs = assemble(places);
    const auto n = std::ssize(places);
    std::vector<int> votes(places.size(), 0);
    for (int run = 0; run < plan_.confirmations; ++run) {
      const auto scores = attack_scores::read(model_.forward(inputs).output, plan_.output, n);
      if (io_.count) io_.count(n, 0);
      for (std::size_t i = 0; i < votes.size(); ++i)
        votes[i] += places[i].live->row.reached({scores.label[i], {}});
    }
    for (std::size_t i = 0; i < votes.size(); ++i) {
      Live& live = *places[i].live;
      live.result.forwards += plan_.confirmations;
      if (2 * votes[i] <= plan_.confirmations) continue;
      const double before = live.row.best_distance_;
      accept(places[i], lucky_[i].decision, lucky_[i].confidence);
      if (live.row.best_distance_ < before) live.votes = votes[i];
      if (votes[i] > live.votes) strengthen(places[i], votes[i]);
    }
  }

  /// A point of the same budget that more runs confirm than the nearest one takes its place; how
  /// far the nearest is stays known.
  void strengthen(const Place& place, int votes) const {
    Live& live = *place.live;
    Row& row = live.row;
    const std::span<const double> x = row.points_.subspan(place.point * row.size(), row.size());
    const auto budget = std::ranges::find_if(
        plan_.eps, [&](double eps) { return within(row.best_distance_, eps); });
    if (budget == plan_.eps.end() || !within(row.distance(x), *budget)) return;
    row.best_.assign(x.begin(), x.end());
    live.votes = votes;
  }

  /// log of the probability of all classes but `c`, and of `c` itself.
  static double log_rest(const Answer& answer, std::int64_t c) {
    const double most = *std::max_element(answer.logits.begin(), answer.logits.end());
    double all = 0, rest = 0;
    for (std::int64_t i = 0; i < std::ssize(answer.logits); ++i) {
      const double e = std::exp(answer.logits[static_cast<std::size_t>(i)] - most);
      all += e;
      if (i != c) rest += e;
    }
    return std::log(rest / all);
  }
  static double confidence_of(const Answer& answer, std::int64_t c) {
    if (answer.logits.empty() || c < 0) return 0;
    return -std::expm1(log_rest(answer, c));
  }

  void take_gradients(const std::vector<Place>& places, const attack_scores::Scores& scores,
                      const Pullback& pull) {
    std::size_t rounds = 0;
    for (const Place& place : places) {
      Row& row = place.live->row;
      row.values_.assign(row.objectives_.size(), 0.0);
      row.gradients_.assign(row.objectives_.size() * row.size(), 0.0);
      if (leaves(*place.live)) continue;
      rounds = std::max(rounds, row.objectives_.size());
      ++place.live->result.steps;
    }
    for (std::size_t round = 0; round < rounds; ++round)
      one_gradient(places, scores, pull, round, round + 1 == rounds);
    for (const Place& place : places) {
      Row& row = place.live->row;
      row.slope_.answer = row.answers_[0];
      row.slope_.values = row.values_;
      row.slope_.gradients = row.gradients_;
    }
  }

  void one_gradient(const std::vector<Place>& places, const attack_scores::Scores& scores,
                    const Pullback& pull, std::size_t round, bool last) {
    const auto k = static_cast<std::size_t>(scores.k);
    std::vector<double> dz(places.size() * k, 0.0);
    std::int64_t asked = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
      Row& row = places[i].live->row;
      if (round >= row.objectives_.size() || leaves(*places[i].live)) continue;
      const std::span<double> slope = std::span(dz).subspan(i * k, k);
      if (row.answers_[0].label >= 0)
        row.values_[round] = row.objectives_[round](row.answers_[0].logits, slope);
      ++places[i].live->result.backwards;
      ++asked;
    }
    if (!pull.vjp) return;
    if (io_.count) io_.count(0, asked);
    const Tensor back = attack_scores::slope_of(scores, plan_.output, dz, pull.outputs.output);
    const Tensor gradient =
        (last ? vjp::last_gradient(pull, back) : pull.vjp(back)).host(DType::f64);
    for (std::size_t i = 0; i < places.size(); ++i)
      if (round < places[i].live->row.objectives_.size() && !leaves(*places[i].live))
        take_gradient(*places[i].live, round,
                      gradient.data<double>() + static_cast<std::int64_t>(i) * space_.n_values);
  }

  void take_gradient(Live& live, std::size_t round, const double* by_value) const {
    Row& row = live.row;
    const auto out = std::span(row.gradients_).subspan(round * row.size(), row.size());
    attack_space::pull_gradient(space_, live.chunk->primary, live.chunk_row, row.points_,
                                {by_value, static_cast<std::size_t>(space_.n_values)}, out);
    bool zero = true, bad = false;
    for (double& v : out) {
      if (!std::isfinite(v)) {
        bad = true;
        v = 0;
      }
      zero = zero && v == 0;
    }
    if (!zero || bad) live.result.zero_gradient = false;
    if (bad) live.result.bad_gradient = true;
  }

  Model& model_;
  const AttackPlan& plan_;
  const AttackMethod& method_;
  std::span<const AttackRow> rows_;
  const AttackIo& io_;
  std::int64_t batch_;

  AttackSpace space_;
  std::unique_ptr<attack_space::RowBuffer> buffer_;
  std::shared_ptr<const Chunk> chunk_;
  std::size_t chunk_first_ = 0, taken_ = 0;
  std::vector<std::unique_ptr<Live>> live_;
  std::unordered_set<SampleId> fallen_;
  bool graph_broken_ = false;
  std::vector<Lucky> lucky_;  // of the batch being answered
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
