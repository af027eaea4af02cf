#include "leadline/cost/latency.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>

#include "latency_run.hpp"
#include "leadline/core/error.hpp"

namespace leadline::cost {
SizedSubject::~SizedSubject() = default;
}  // namespace leadline::cost

namespace leadline::detail::latency {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Resident memory in bytes; below 0 where the system does not tell.
double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = -1;
  if (!(file >> total >> resident)) return -1;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Seconds that this thread was ready and waited for a processor; below 0 where unknown.
double waited_seconds() {
  std::ifstream file("/proc/thread-self/schedstat");
  double running = 0, waiting = -1;
  if (!(file >> running >> waiting)) return -1;
  return waiting * 1e-9;
}

double clock_step() {
  double least = 1;
  for (int i = 0; i < 100; ++i) {
    const auto start = Clock::now();
    double step = 0;
    while (step <= 0) step = seconds_since(start);
    least = std::min(least, step);
  }
  return least;
}

/// Seconds of a fixed piece of work, about 10 us: what the machine itself is worth now. As a model
/// does, it fills the arithmetic units and reads more than the first cache holds: a neighbour on
/// the same processor slows such work, and a chain of single operations hardly.
double time_yardstick() {
  thread_local std::array<float, 16384> block{};
  const auto start = Clock::now();
  for (int pass = 0; pass < 4; ++pass)
    for (float& value : block) value = value * 0.75F + 0.5F;
  volatile float done = block[0];  // the compiler must do the work
  (void)done;
  return seconds_since(start);
}

/// One timed query: forward, and the output on the host.
double time_query(Model& model, const Inputs& inputs) {
  const auto start = Clock::now();
  const Tensor output = model.forward(inputs).output.host();
  const double seconds = seconds_since(start);
  if (!output.defined()) throw TypeError("latency", "an output tensor", "none", "");
  return seconds;
}

void LatencyRun::work(Session& session) {
  if (done_) return;
  Model& model = session.subject_as<Model>();
  const auto ids = session.ids();
  if (ids.empty()) return;
  resolution_ = clock_step();
  const double before = resident_bytes();
  if (auto* sized = dynamic_cast<cost::SizedSubject*>(&session.subject()))
    size_ = sized->model_size(session.data().batch(ids.first(1)).inputs);
  time_single(session, model);
  const double between = resident_bytes();
  time_offline(session, model);
  if (before >= 0) memory_growth_ = std::max({0.0, between - before, resident_bytes() - before});
  done_ = !session.stopping();
}

void LatencyRun::time_single(Session& session, Model& model) {
  const auto ids = session.ids();
  // a pool of real samples, so that neither loading nor one lucky input is what is timed
  const auto pool_size = std::min<std::size_t>(ids.size(), 64);
  std::vector<Inputs> pool;
  for (std::size_t i = 0; i < pool_size; ++i)
    pool.push_back(session.data().batch(ids.subspan(i, 1)).inputs);
  std::int64_t n = 0;
  for (; n < options_.warm_up && !session.stopping(); ++n)
    (void)time_query(model, pool[static_cast<std::size_t>(n) % pool_size]);
  session.count_forwards(n);
  single_.clear();
  yardstick_.clear();
  const double waited = waited_seconds();
  const auto start = Clock::now();
  for (std::int64_t i = 0; i < options_.queries; ++i) {
    if (session.stopping() || seconds_since(start) > options_.seconds) break;
    single_.push_back(time_query(model, pool[static_cast<std::size_t>(i) % pool_size]));
    yardstick_.push_back(time_yardstick());
    if (i % 64 == 0) session.progress(i, options_.queries);
  }
  const double after = waited_seconds();
  waited_ = waited < 0 || after < 0 ? -1 : (after - waited) / std::max(1e-9, seconds_since(start));
  session.count_forwards(std::ssize(single_));
}

void LatencyRun::time_offline(Session& session, Model& model) {
  const auto ids = session.ids();
  const std::int64_t wanted = options_.batch_size > 0 ? options_.batch_size : session.batch_size();
  batch_ = std::min<std::int64_t>(wanted, std::ssize(ids));
  const std::int64_t n_pool = std::min<std::int64_t>(8, std::ssize(ids) / batch_);
  std::vector<Inputs> pool;
  for (std::int64_t i = 0; i < n_pool; ++i)
    pool.push_back(session.data()
                       .batch(ids.subspan(static_cast<std::size_t>(i * batch_),
                                          static_cast<std::size_t>(batch_)))
                       .inputs);
  offline_.clear();
  if (session.stopping()) return;
  (void)time_query(model, pool.front());
  const auto start = Clock::now();
  for (std::int64_t i = 0; i < 64; ++i) {
    if (session.stopping() || (i > 2 && seconds_since(start) > options_.seconds)) break;
    offline_.push_back(time_query(model, pool[static_cast<std::size_t>(i % n_pool)]));
  }
  session.count_forwards((std::ssize(offline_) + 1) * batch_);
}

void LatencyRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const LatencyRun&>(other);
  const auto key = [](const LatencyRun& r) { return std::pair(r.single_.size(), r.save()); };
  if (key(run) > key(*this)) *this = run;
}

std::string LatencyRun::save() const {
  State state("latency");
  state.set("done", done_ ? 1 : 0).set("single", single_).set("offline", offline_);
  state.set("yardstick", yardstick_)
      .set("batch", batch_)
      .set("resolution", resolution_)
      .set("memory", memory_growth_);
  state.set("waited", waited_);
  state.set("size",
            std::vector<std::int64_t>{size_.parameters.value_or(-1), size_.bytes.value_or(-1),
                                      size_.multiply_adds.value_or(-1)});
  state.set("convention", size_.convention).set("uncounted", size_.uncounted);
  return state.dump();
}

void LatencyRun::load(std::string_view text) {
  const State state = State::parse(text, "latency");
  LatencyRun loaded(options_);
  loaded.done_ = state.integer("done") != 0;
  loaded.single_ = state.numbers("single");
  loaded.yardstick_ = state.numbers("yardstick", std::ssize(loaded.single_));
  loaded.offline_ = state.numbers("offline");
  loaded.batch_ = state.integer("batch");
  loaded.resolution_ = state.number("resolution");
  loaded.memory_growth_ = state.number("memory");
  loaded.waited_ = state.number("waited");
  const auto& size = state.integers("size", 3);
  const auto known = [](std::int64_t v) { return v < 0 ? std::nullopt : std::optional(v); };
  loaded.size_ = {known(size[0]), known(size[1]), known(size[2]), state.text("convention"),
                  state.texts("uncounted")};
  const auto good = [](double s) { return s >= 0 && std::isfinite(s); };
  if (!std::all_of(loaded.single_.begin(), loaded.single_.end(), good) ||
      !std::all_of(loaded.yardstick_.begin(), loaded.yardstick_.end(), good) ||
      !std::all_of(loaded.offline_.begin(), loaded.offline_.end(), good) || loaded.batch_ < 0 ||
      !good(loaded.resolution_) || !std::isfinite(loaded.memory_growth_) ||
      !std::isfinite(loaded.waited_))
    throw StoreError("latency.load", "finite times >= 0", "others",
                     "the saved state is damaged; run again");
  *this = std::move(loaded);
}

}  // namespace leadline::detail::latency

namespace leadline::cost {

Latency::Latency(Options options) : options_(options) { check_options("Latency", options_); }

ProbeInfo Latency::info() const {
  return {.name = "latency",
          .question = "How long does an answer take?",
          .access = Access::labels,
          .needs_target = false,
          .needs_random_access = true,
          .relative_cost = 1,
          .shards = false};
}

std::shared_ptr<ProbeRun> Latency::start(Session&) const {
  return std::make_shared<leadline::detail::latency::LatencyRun>(options_);
}

}  // namespace leadline::cost
