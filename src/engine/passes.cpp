// The passes: what the runs ask for is united by role, and each batch goes through the model once.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/recording.hpp"
#include "engine/run.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"

namespace leadline::detail::engine {

/// Asks a run for its next pass, and refuses one that this subject or data cannot give.
void Run::ask(Slot& slot) {
  session_.serve(slot.item.id, &slot.cost, slot.whole);
  try {
    slot.needs = slot.run->next_pass();
    slot.passes_done = !slot.needs.has_value();
    if (!slot.needs) return;
    (void)session_.data(slot.needs->over);
    for (const auto& layer : slot.needs->layers) {
      if (!offers(about_.access, Access::activations))
        throw CapabilityError(slot.info.name, fmt::format("activations of layer '{}'", layer),
                              fmt::format("a model that offers {}", text_of(about_.access)),
                              "pass the module itself");
      if (!about_.layers.empty() &&
          std::find(about_.layers.begin(), about_.layers.end(), layer) == about_.layers.end())
        throw CapabilityError(slot.info.name, fmt::format("a layer '{}'", layer),
                              fmt::format("the layers {}", fmt::join(about_.layers, ", ")),
                              "name a layer of the model");
    }
  } catch (...) {
    fail(slot, "next_pass");
  }
}

/// The next pass: other roles than "test" first, so that everything that scores after a fit can
/// share one pass over the test data.
std::optional<Pass> Run::next_group() {
  for (auto& slot : slots_)
    if (slot.live() && !slot.passes_done && !slot.needs) ask(slot);
  const auto waits = [](const Slot& slot) { return slot.live() && slot.needs.has_value(); };
  const Slot* first = nullptr;
  for (const auto& slot : slots_)
    if (waits(slot) &&
        (first == nullptr || (first->needs->over == "test" && slot.needs->over != "test")))
      first = &slot;
  if (first == nullptr) return std::nullopt;
  Pass pass{first->needs->over, first->whole, first->cursor, {}};
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    if (waits(slot) && slot.needs->over == pass.role && slot.whole == pass.whole &&
        slot.cursor == pass.cursor)
      pass.slots.push_back(i);
  }
  return pass;
}

void Run::run_passes() {
  while (!session_.cancelled()) {
    auto pass = next_group();
    if (!pass) return;
    run_pass(std::move(*pass));
  }
}

/// The first batch of a role, looked at before anything runs; nullptr where there is none.
const Batch* Run::first_batch(const std::string& role) {
  Source& source = sources_[role];
  if (!source.looked) {
    source.looked = true;
    const Dataset& data = session_.data(role);
    const auto order = session_.order(role, false);
    if (!order.empty()) {
      const auto n = std::min(std::ssize(order), options_.batch_size);
      source.first = data.batch(order.first(static_cast<std::size_t>(n)));
    } else if (is_stream(data)) {
      source.cursor = data.open(0);
      source.first = source.cursor->next(options_.batch_size);
      source.after_first = source.first.has_value();
    }
  }
  return source.first ? &*source.first : nullptr;
}

/// Of a sharded stream every shard reads all batches and keeps each count-th.
std::optional<Batch> Run::read_stream() {
  Source& source = sources_[pass_.role];
  const auto n = options_.batch_size;
  for (;;) {
    std::optional<Batch> batch;
    if (pass_.cursor == 0 && source.after_first) {
      batch = source.first;
    } else {
      if (source.cursor == nullptr) source.cursor = session_.data(pass_.role).open(pass_.cursor);
      batch = source.cursor->next(n);
    }
    source.after_first = false;
    if (!batch) return std::nullopt;
    if (pass_.whole || pass_.cursor / n % options_.shard.count == options_.shard.rank) return batch;
    pass_.cursor += batch->size();
  }
}

std::optional<Batch> Run::read() {
  const Dataset& data = session_.data(pass_.role);
  if (is_stream(data)) return read_stream();
  const auto order = session_.order(pass_.role, pass_.whole);
  if (pass_.cursor >= std::ssize(order)) return std::nullopt;
  const auto n = std::min(options_.batch_size, std::ssize(order) - pass_.cursor);
  Batch batch = data.batch(order.subspan(pass_.cursor, n));
  if (batch.size() != n)
    throw DataError("Dataset.batch", fmt::format("{} samples", n), std::to_string(batch.size()),
                    "return one row for each id asked for");
  return batch;
}

/// ", 128 samples with ids 7, 3, 4, 0, 9, ...".
std::string samples_text(std::span<const SampleId> ids) {
  if (ids.empty()) return {};
  return fmt::format(", {} samples with ids {}{}", ids.size(),
                     fmt::join(ids.first(std::min<std::size_t>(ids.size(), 5)), ", "),
                     ids.size() > 5 ? ", ..." : "");
}

std::string Run::where_it_failed() {
  const auto order = session_.order(pass_.role, pass_.whole);
  const auto first = std::min(pass_.cursor, std::ssize(order));
  const auto n = std::min(options_.batch_size, std::ssize(order) - first);
  return fmt::format("data set '{}' in the role '{}' failed at batch {}{}",
                     session_.data(pass_.role).info().name, pass_.role,
                     pass_.cursor / options_.batch_size, samples_text(order.subspan(first, n)));
}

void Run::run_pass(Pass pass) {
  pass_ = std::move(pass);
  const bool heavy = std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return slot.live() && slot.info.relative_cost > 2;
  });
  session_.begin_stage(pass_.role != "test" ? 0.3 : heavy ? 0.6 : 1.0);
  const Dataset& data = session_.data(pass_.role);
  const auto total = is_stream(data) ? data.info().size.value_or(0)
                                     : std::ssize(session_.order(pass_.role, pass_.whole));
  const std::string stage = "pass over " + pass_.role;
  sources_[pass_.role].cursor =
      pass_.cursor == 0 ? std::move(sources_[pass_.role].cursor) : nullptr;
  bool complete = false;
  while (!session_.stopping()) {
    std::optional<Batch> batch;
    try {
      batch = read();
    } catch (...) {
      data_failed(where_it_failed() + ": " + current_message());
      return;
    }
    complete = !batch;
    if (complete) break;
    const auto n = batch->size();
    serve_batch(std::move(*batch));
    pass_.cursor += n;
    bool any = false;
    for (const auto i : pass_.slots) {
      slots_[i].cursor = pass_.cursor;
      any |= slots_[i].live();
    }
    if (!any) return;
    session_.report_progress(stage, pass_.cursor, total);
    save_if_due();
  }
  end_pass(complete);
}

void Run::serve_batch(Batch batch) {
  const Pass& pass = pass_;
  std::vector<std::string> taps;
  for (const auto i : pass.slots)
    if (slots_[i].live())
      for (const auto& layer : slots_[i].needs->layers)
        if (std::find(taps.begin(), taps.end(), layer) == taps.end()) taps.push_back(layer);
  const auto n = batch.size();
  Context context(session_, std::move(batch), session_.kind_, std::move(taps));
  if (pass.role == "test" && !pass.whole && !recorded_) record(context);
  for (const auto i : pass.slots) {
    Slot& slot = slots_[i];
    if (!slot.live()) continue;
    session_.serve(slot.item.id, &slot.cost, slot.whole);
    const auto began = Clock::now();
    try {
      slot.run->observe(context);
      slot.seen += n;
    } catch (...) {
      fail(slot, fmt::format("observe, batch {} of '{}'{},", pass.cursor / options_.batch_size,
                             pass.role, samples_text(context.batch().ids)));
    }
    slot.cost.seconds += seconds_since(began);
  }
  if (context.ran()) pass_forwards_ += n;
  pass_rows_[pass.role] += n;
}

/// Writes what later stages share: target, prediction, ... (recording.hpp).
void Run::record(Context& context) {
  if (dynamic_cast<Model*>(subject_.get()) == nullptr) return;
  try {
    const Batch& batch = context.batch();
    record_table(session_.table_, batch);
    if (context.kind() == OutputKind::values || context.kind() == OutputKind::unknown)
      record_values(session_.table_, batch.ids, context.outputs().output, batch.target);
    else
      record_predictions(session_.table_, batch.ids, context.predictions());
  } catch (const std::exception&) {
    // The probes that need the outputs meet the same error, and say so in their findings.
  }
}

/// Says once that the model could not hold the batches asked for.
void Run::note_memory() {
  const std::string note = session_.row_limit().note();
  if (note == noted_) return;
  noted_ = note;
  for (const auto i : pass_.slots) slots_[i].warnings.push_back(note);
}

void Run::end_pass(bool complete) {
  note_memory();
  const bool random = !is_stream(session_.data(pass_.role));
  const auto total = std::ssize(session_.order(pass_.role, pass_.whole));
  for (const auto i : pass_.slots) {
    Slot& slot = slots_[i];
    if (!slot.live()) continue;
    if (!complete) {
      freeze(slot);
      slot.warnings.push_back(fmt::format(
          "{}: saw {} of {} samples of '{}', {}", session_.stop_reason(), pass_.cursor,
          random ? std::to_string(total) : "unknown many", pass_.role,
          random ? "drawn at random, so the estimates hold for all of them with wider intervals"
                 : "the first of the stream, which need not be like the rest"));
    }
    slot.needs.reset();
    slot.cursor = 0;
  }
  if (complete && pass_.role == "test" && !pass_.whole) recorded_ = true;
  if (!complete)
    trouble_.push_back(fmt::format("{}: the pass over '{}' ended after {} samples",
                                   session_.stop_reason(), pass_.role, pass_.cursor));
  sources_[pass_.role].cursor = nullptr;
  save();
}

/// The pass cannot go on. What was seen is kept, so that a run resumed on repaired data goes on at
/// this batch; this attempt reports the probes of the pass as failed.
void Run::data_failed(const std::string& why) {
  trouble_.push_back(why);
  for (const auto i : pass_.slots) {
    if (!slots_[i].live()) continue;
    freeze(slots_[i]);
    slots_[i].data_trouble = why;
  }
  sources_[pass_.role].cursor = nullptr;
  save();
}

}  // namespace leadline::detail::engine
