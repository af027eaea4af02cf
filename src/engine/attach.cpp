#include "leadline/engine/attach.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

#include "core/input_rows.hpp"
#include "engine/attach_words.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/memory.hpp"
#include "leadline/core/state.hpp"

namespace leadline {
namespace detail::attach {

using engine::is_stream;
using inputs::rows_of;

constexpr std::string_view state_type = "engine.Attach";

/// Counts of gaps between the two best scores, in quarter octaves: mergeable, constant memory.
/// Gaps are rounded up a bin when they are compared, so that a count is never too low.
struct Gaps {
  static constexpr int n_bins = 512;
  std::vector<std::int64_t> counts = std::vector<std::int64_t>(n_bins, 0);

  static int bin_of(double gap) {
    if (!(gap > 0)) return 0;
    return std::clamp(static_cast<int>(std::floor(4 * std::log2(gap))) + n_bins / 2, 0, n_bins - 1);
  }
  void add(double gap) { ++counts[bin_of(gap)]; }
  [[nodiscard]] std::int64_t below(double margin) const {
    std::int64_t sum = 0;
    if (margin > 0)
      for (int b = 0; b <= bin_of(margin); ++b) sum += counts[b];
    return sum;
  }
};

class AttachRun final : public ProbeRun {
 public:
  explicit AttachRun(std::int64_t rows) : rows_(rows) {}

  std::optional<PassNeeds> next_pass() override {
    return std::exchange(asked_, true) ? std::nullopt : std::optional(PassNeeds{});
  }

  void observe(Context& context) override {
    const Batch& batch = context.batch();
    if (seen_.n == 0 && is_stream(context.session().data())) kept_ = batch.inputs;
    look_at_inputs(batch.inputs.primary);
    look_at_outputs(context.outputs().output, batch.ids);
    seen_.n += batch.size();
  }

  void work(Session& session) override {
    if (again_.done) return;
    Inputs inputs = kept_;
    if (!is_stream(session.data())) {
      const auto ids = session.ids();
      if (ids.empty()) return;
      inputs = session.data().batch(ids.first(std::min<std::size_t>(ids.size(), rows_))).inputs;
    }
    if (!inputs.primary.defined()) return;
    const auto n = std::min(rows_, inputs.primary.size(0));
    auto& model = session.subject_as<Model>();
    RowLimit limit;
    const auto forward = [&](std::int64_t first, std::int64_t count) {
      session.count_forwards(count);
      return scores_of(forward_within(limit, model, rows_of(inputs, first, count)).output);
    };
    const Scores together = forward(0, n), twice = forward(0, n);
    again_.rows = n;
    again_.tolerance = together.tolerance;
    for (const double score : together.values)
      if (std::isfinite(score)) again_.scale = std::max(again_.scale, std::abs(score));
    again_.repeat_change = largest_change(together.values, twice.values);
    const auto width = std::ssize(together.values) / std::max<std::int64_t>(1, n);
    for (std::int64_t i = 0; i < n; ++i) {
      if (session.stopping()) return;
      Scores alone;
      try {
        alone = forward(i, 1);
      } catch (const Cancelled&) {
        throw;
      } catch (const std::exception& error) {  // batch statistics of one sample, say
        again_.alone_error = error.what();
        break;
      }
      again_.alone_change = std::max(
          again_.alone_change,
          largest_change(std::span(together.values).subspan(i * width, width), alone.values));
    }
    again_.done = true;
  }

  void merge(const ProbeRun& other) override {
    const auto* same = dynamic_cast<const AttachRun*>(&other);
    if (same == nullptr) throw ValueError("Attach.merge", "a run of attach", "another probe", "");
    const Seen& from = same->seen_;
    asked_ |= same->asked_;
    seen_.n += from.n;
    seen_.not_finite += from.not_finite;
    if (from.first_bad >= 0 && (seen_.first_bad < 0 || from.first_bad < seen_.first_bad))
      seen_.first_bad = from.first_bad;
    seen_.low = std::min(seen_.low, from.low);
    seen_.high = std::max(seen_.high, from.high);
    seen_.n_outputs = std::max(seen_.n_outputs, from.n_outputs);
    seen_.like_probabilities += from.like_probabilities;
    for (int b = 0; b < Gaps::n_bins; ++b) gaps_.counts[b] += same->gaps_.counts[b];
    // Of the shards' repetitions the worst is kept, whole.
    const auto worse = [](const Again& a, const Again& b) {
      const auto rank = [](const Again& again) {
        return std::tuple(again.done, !again.alone_error.empty(),
                          std::max(again.repeat_change, again.alone_change), again.scale,
                          again.rows);
      };
      return rank(a) > rank(b);
    };
    if (worse(same->again_, again_)) again_ = same->again_;
  }

  std::string save() const override {
    State state(state_type);
    state.set("asked", static_cast<int>(asked_)).set("gaps", gaps_.counts);
    state.set("seen", std::vector<std::int64_t>{seen_.n, seen_.not_finite, seen_.first_bad,
                                                seen_.n_outputs, seen_.like_probabilities,
                                                again_.rows, again_.done ? 1 : 0});
    state.set("range", std::vector<double>{seen_.low, seen_.high, again_.scale, again_.tolerance,
                                           again_.repeat_change, again_.alone_change});
    state.set("alone_error", again_.alone_error);
    return state.dump();
  }

  void load(std::string_view text) override {
    const State state = State::parse(text, state_type);
    const auto& counts = state.integers("gaps", Gaps::n_bins);
    const auto& seen = state.integers("seen", 7);
    const auto& range = state.numbers("range", 6);
    const auto asked = state.integer("asked");
    gaps_.counts = counts;
    seen_ = {seen[0], seen[1], seen[2], seen[3], seen[4], range[0], range[1]};
    again_ = {
        seen[6] != 0, seen[5], range[2], range[3], range[4], range[5], state.text("alone_error")};
    asked_ = asked != 0;
  }

  Finding finish(Session& session) override {
    const double margin = 2 * again_.alone_change;
    const bool known = again_.done && again_.alone_error.empty();
    return describe(session, seen_, again_, known ? gaps_.below(margin) : -1);
  }

 private:
  void look_at_inputs(const Tensor& inputs) {
    if (!inputs.defined()) return;
    const Tensor host = inputs.host();
    const auto n = host.n_elements();
    visit(ArrayView(host), [&](const auto* values) {
      for (std::int64_t i = 0; i < n; ++i) {
        const double value = static_cast<double>(values[i]);
        if (value < seen_.low) seen_.low = value;
        if (value > seen_.high) seen_.high = value;
      }
    });
  }

  void look_at_outputs(const Tensor& output, std::span<const SampleId> ids) {
    const Scores scores = scores_of(output);
    const auto n = std::ssize(ids);
    if (n == 0 || std::ssize(scores.values) % n != 0) return;
    const auto width = std::ssize(scores.values) / n;
    seen_.n_outputs = std::max<std::int64_t>(seen_.n_outputs, width);
    for (std::int64_t i = 0; i < n; ++i) {
      const std::span row(scores.values.data() + i * width, static_cast<std::size_t>(width));
      double best = -std::numeric_limits<double>::infinity(), second = best, sum = 0;
      bool finite = true, fraction = !scores.labels;
      for (const double score : row) {
        finite &= std::isfinite(score);
        fraction &= score >= 0 && score <= 1;
        sum += score;
        if (score > best) {
          second = std::exchange(best, score);
        } else {
          second = std::max(second, score);
        }
      }
      if (!finite) {
        ++seen_.not_finite;
        if (seen_.first_bad < 0 || ids[i] < seen_.first_bad) seen_.first_bad = ids[i];
        continue;
      }
      seen_.like_probabilities += fraction && width > 1 && std::abs(sum - 1) <= 1e-3;
      if (width > 1) gaps_.add(best - second);
    }
  }

  std::int64_t rows_;
  bool asked_ = false;
  Seen seen_;
  Again again_;
  Gaps gaps_;
  Inputs kept_;  // the first batch of a stream; not saved: without it those checks are not run
};

}  // namespace detail::attach

Attach::Attach(Options options) : options_(options) { check_options("Attach", options_); }

ProbeInfo Attach::info() const {
  ProbeInfo about;
  about.name = "attach";
  about.question = "Is the model wired to the data as declared?";
  about.access = Access::labels;
  about.needs_target = false;
  about.relative_cost = 0;
  return about;
}

std::vector<std::pair<std::string, std::string>> Attach::options() const {
  return options_text(options_);
}

std::shared_ptr<ProbeRun> Attach::start(Session&) const {
  return std::make_shared<detail::attach::AttachRun>(options_.rows);
}

}  // namespace leadline
