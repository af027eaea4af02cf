#include "attack_run.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "attack_exhibit.hpp"
#include "attack_records.hpp"
#include "core/own_loop.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::attack_run {
namespace {

using robustness::AttackInputs;
using robustness::AttackIo;
using robustness::AttackPlan;

constexpr std::size_t max_verified = 64;

class AttackRun final : public ProbeRun {
 public:
  AttackRun(Recipe recipe, std::uint64_t seed) : recipe_(std::move(recipe)), exhibits_(seed) {}

  std::optional<PassNeeds> next_pass() override {
    if (asked_) return std::nullopt;
    asked_ = true;
    return PassNeeds{};
  }

  void observe(Context& context) override {
    const Predictions& seen = context.predictions();
    if (chosen_.empty() && recipe_.max_samples > 0) choose(context.session());
    const auto& ids = context.batch().ids;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (recipe_.max_samples > 0 && !chosen_.contains(ids[i])) continue;
      Record record;
      record.id = ids[i];
      record.label = seen.target.at(i);
      record.correct = seen.correct.at(i) != 0;
      record.done = !record.correct;
      if (!record.correct) record.fooled_at = 0;
      if (recipe_.plan.targeted) record.target = target_of(seen, i);
      records_.add(record);
    }
  }

  void work(Session& session) override {
    const auto model = models::as_torch(std::dynamic_pointer_cast<Model>(session.subject_handle()));
    AttackPlan plan = recipe_.plan;
    plan.bounds = *session.data().info().bounds;
    plan.output = output_of(session.output_kind());
    plan.batch_size = session.batch_size();
    const auto order = records_.in_order(session.ids());
    const Bench bench{*model, plan, session, [&](std::span<const SampleId> ids) {
                        AttackInputs inputs;
                        const Batch batch = session.data().batch(ids);
                        inputs.x = models::input_for(*model, batch.inputs, &inputs.extras);
                        return inputs;
                      }};
    bool complete = attack_all(bench, order);
    if (complete && recipe_.check_samples > 0 && !checked_) {
      complete = check_all(bench, order);
      checked_ = complete;
    }
    stop_reason_ = complete ? "" : std::string(session.stop_reason());
    mark_counted(order);
    put_clean_errors(session, order);
  }

  void merge(const ProbeRun& other) override {
    const auto& more = dynamic_cast<const AttackRun&>(other);
    for (const Record& record : more.records_.all()) records_.add(record);
    auto mine = tally_.values(), theirs = more.tally_.values();
    for (std::size_t i = 0; i < mine.size(); ++i) mine[i] += theirs[i];
    tally_ = Tally::from(mine);
    exhibits_.merge(more.exhibits_);
    checked_ = checked_ || more.checked_;
    asked_ = asked_ || more.asked_;
    if (stop_reason_.empty()) stop_reason_ = more.stop_reason_;
  }

  [[nodiscard]] std::string save() const override;
  void load(std::string_view text) override;

  [[nodiscard]] Finding finish(Session& session) override {
    const DataInfo data = session.data().info();
    Outcome outcome{.recipe = recipe_, .counted = {}, .tally = tally_, .exhibits = exhibits_};
    for (const Record& record : records_.all())
      if (record.counted) outcome.counted.push_back(&record);
    outcome.checked = checked_;
    outcome.partial = !stop_reason_.empty();
    outcome.stop_reason = stop_reason_;
    outcome.level = session.level();
    outcome.modality = data.modality;
    outcome.bounds = data.bounds.value_or(std::pair{0.0, 1.0});
    return write_finding(outcome);
  }

 private:
  void choose(Session& session) {
    const auto ids = own_loop::chosen_ids(session, recipe_.max_samples);
    chosen_.insert(ids.begin(), ids.end());
  }

  [[nodiscard]] std::int64_t target_of(const Predictions& seen, std::size_t i) const {
    const auto k = static_cast<std::size_t>(seen.n_classes);
    if (seen.scores.size() != k * static_cast<std::size_t>(seen.n))
      return seen.n_classes == 2 ? 1 - seen.target[i] : (seen.target[i] + 1) % seen.n_classes;
    return choose_target(recipe_.threat.target, seen.target[i], {seen.scores.data() + i * k, k});
  }

  bool attack_all(const Bench& bench, std::span<Record* const> order) {
    Session& session = bench.session;
    std::vector<AttackRow> rows;
    std::vector<Record*> todo;
    for (Record* record : order) {
      if (record->done) continue;
      rows.push_back({record->id, record->label, record->target});
      todo.push_back(record);
    }
    const auto total = std::ssize(order);
    std::int64_t done = total - std::ssize(todo);
    const std::string column = session.probe_id() + ".fooled_at";
    Stored stored;
    AttackIo io;
    io.fetch = bench.fetch;
    io.rng = [&](SampleId id, int restart) {
      return session.rng("start/" + std::to_string(restart), id);
    };
    io.stop = [&] {
      session.progress(done, total);
      session.checkpoint(*this);
      return session.stopping();
    };
    io.count = [&](std::int64_t forwards, std::int64_t backwards) {
      session.count_forwards(forwards);
      session.count_backwards(backwards);
    };
    io.done = [&](const AttackResult& result, const at::Tensor& adversarial) {
      take(*todo[result.position], result);
      session.table().put(column, result.row.id, result.fooled_at);
      ++done;
      if (!std::isfinite(result.fooled_at)) return;
      if (stored.rows.size() + static_cast<std::size_t>(tally_.seen_n) < max_verified)
        stored.keep(result, adversarial);
      show(session, result, adversarial);
    };
    const bool complete = run_attack(bench.model, bench.plan, rows, io);
    verify(bench, stored);
    return complete;
  }

  static void take(Record& record, const AttackResult& result) {
    record.done = true;
    record.fooled_at = result.fooled_at;
    record.steps = result.steps;
    record.zero_gradient = result.zero_gradient;
    record.bad_gradient = result.bad_gradient;
    record.saturated = result.saturated;
  }

  /// Adversarial examples as they were found, for the check of the stored copies.
  struct Stored {
    std::vector<AttackRow> rows;
    std::vector<double> eps;
    std::vector<at::Tensor> adversarial;
    void keep(const AttackResult& result, const at::Tensor& x) {
      rows.push_back(result.row);
      eps.push_back(result.fooled_at);
      adversarial.push_back(x.detach().clone());
    }
  };

  void verify(const Bench& bench, const Stored& stored) {
    if (stored.rows.empty() || recipe_.check_samples == 0) return;
    std::vector<SampleId> ids;
    for (const AttackRow& row : stored.rows) ids.push_back(row.id);
    const auto seen = verify_examples(bench.model, bench.plan, stored.rows, stored.eps,
                                      bench.fetch(ids), at::cat(stored.adversarial));
    bench.session.count_forwards(seen.n);
    tally_.seen_n += seen.n;
    tally_.too_far += seen.too_far;
    tally_.outside += seen.out_of_bounds;
    tally_.not_fooled += seen.not_fooled;
  }

  void show(Session& session, const AttackResult& result, const at::Tensor& adversarial) {
    const auto& eps = recipe_.plan.eps;
    const auto rank = std::lower_bound(eps.begin(), eps.end(), result.fooled_at) - eps.begin();
    const double severity = static_cast<double>(std::ssize(eps) - 1 - rank) + result.confidence;
    if (!exhibits_.wants(result.row.id, severity)) return;
    exhibits_.add(attack_exhibit::make(session.data(), result, adversarial, severity));
  }

  bool check_all(const Bench& bench, std::span<Record* const> order) {
    std::vector<const Record*> sample;
    for (const Record* record : order)
      if (record->correct && std::ssize(sample) < recipe_.check_samples) sample.push_back(record);
    Tally tally;
    if (!run_checks(recipe_, bench, sample, tally)) return false;
    tally.seen_n = tally_.seen_n;
    tally.too_far = tally_.too_far;
    tally.outside = tally_.outside;
    tally.not_fooled = tally_.not_fooled;
    tally_ = tally;
    return true;
  }

  static void put_clean_errors(Session& session, std::span<Record* const> order) {
    const std::string column = session.probe_id() + ".fooled_at";
    for (const Record* record : order)
      if (!record->correct) session.table().put(column, record->id, 0.0);
  }

  Recipe recipe_;
  bool asked_ = false, checked_ = false;
  std::string stop_reason_;
  Records records_;
  std::set<SampleId> chosen_;
  Tally tally_;
  Exhibits exhibits_;
};

constexpr std::string_view state_type = "robustness.GradientAttack";

std::string AttackRun::save() const {
  State state(state_type);
  state.set("name", recipe_.name).set("asked", asked_ ? 1 : 0).set("checked", checked_ ? 1 : 0);
  state.set("stop_reason", stop_reason_);
  records_.save(state);
  state.set("tally", tally_.values());
  exhibits_.save(state, "exhibits");
  return state.dump();
}

void AttackRun::load(std::string_view text) {
  const State state = State::parse(text, state_type);
  const auto refuse = [](const char* expected) {
    throw StoreError("robustness.load", expected, "something else",
                     "the saved state is damaged; run again");
  };
  if (state.text("name") != recipe_.name) refuse("the state of the same attack");
  const auto& tally = state.integers("tally", Tally::size);
  if (std::any_of(tally.begin(), tally.end(), [](auto v) { return v < 0; }))
    refuse("counts of at least 0");
  Exhibits exhibits = exhibits_;
  exhibits.load(state, "exhibits");
  const bool asked = state.integer("asked") != 0, checked = state.integer("checked") != 0;
  std::string stop_reason = state.text("stop_reason");
  records_.load(state);
  stop_reason_ = std::move(stop_reason);
  asked_ = asked;
  checked_ = checked;
  tally_ = Tally::from(tally);
  exhibits_ = std::move(exhibits);
}

}  // namespace

OutputKind output_of(OutputKind kind) {
  if (kind == OutputKind::unknown) return OutputKind::logits;
  if (kind == OutputKind::logits || kind == OutputKind::probabilities) return kind;
  throw CapabilityError("attack", "a classifier that gives logits or probabilities",
                        "a model that gives " + std::string(name_of(kind)),
                        "gradient attacks need scores; labels alone carry no gradient");
}

std::int64_t choose_target(robustness::TargetRule rule, std::int64_t label,
                           std::span<const double> scores) {
  const auto k = std::ssize(scores);
  if (k <= 2) return 1 - label;
  if (rule == robustness::TargetRule::next_class) return (label + 1) % k;
  std::int64_t least = label == 0 ? 1 : 0;
  for (std::int64_t i = least + 1; i < k; ++i)
    if (i != label && scores[static_cast<std::size_t>(i)] < scores[static_cast<std::size_t>(least)])
      least = i;
  return least;
}

std::vector<std::int64_t> Tally::values() const {
  return {zero_n,        zero_changed, rise_n,    rise_lost, rise_won,  full_n,    full_left,
          fast_n,        fast_only,    slow_only, more_n,    more_only, less_only, again_n,
          again_changed, seen_n,       too_far,   outside,   not_fooled};
}

Tally Tally::from(std::span<const std::int64_t> v) {
  return {v[0],  v[1],  v[2],  v[3],  v[4],  v[5],  v[6],  v[7],  v[8], v[9],
          v[10], v[11], v[12], v[13], v[14], v[15], v[16], v[17], v[18]};
}

std::shared_ptr<ProbeRun> make(const Recipe& recipe, Session& session) {
  const auto bounds = session.data().info().bounds;
  if (!bounds)
    throw CapabilityError(recipe.name, "declared bounds of the inputs", "a data set without bounds",
                          "declare the range an input can take: Dataset(x, y, bounds=(0.0, 1.0))");
  if (std::dynamic_pointer_cast<Model>(session.subject_handle()) == nullptr)
    throw CapabilityError(recipe.name, "a model from tensors to tensors", "another subject",
                          "gradient attacks work on tensor inputs");
  (void)output_of(session.output_kind());
  return std::make_shared<AttackRun>(recipe, session.seed());
}

}  // namespace leadline::detail::attack_run
