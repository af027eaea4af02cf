#include "attack_run.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "attack_exhibit.hpp"
#include "attack_records.hpp"
#include "attack_space.hpp"
#include "core/own_loop.hpp"
#include "leadline/core/artefacts.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/random.hpp"
#include "stored_examples.hpp"

namespace leadline::detail::attack_run {
namespace {

using robustness::AttackIo;

constexpr std::size_t max_verified = 64;

/// Adversarial examples as they were found, for the check of the stored copies: of the first
/// samples in the order of visiting that were misled, not of the first to fall, which fell easily.
struct Stored {
  struct Example {
    AttackRow row;
    double eps;
    Tensor adversarial;
    std::vector<double> point;  // norm spatial
  };
  std::map<SampleId, std::size_t> rank;
  std::map<std::size_t, Example> examples;  // by rank
};

class AttackRun final : public ProbeRun {
 public:
  AttackRun(Recipe recipe, std::uint64_t seed)
      : recipe_(std::move(recipe)), stages_(recipe_.stages.size()), exhibits_(seed) {}

  std::optional<PassNeeds> next_pass() override {
    if (asked_) return std::nullopt;
    asked_ = true;
    return PassNeeds{};
  }

  void observe(Context& context) override {
    const Predictions& seen = context.predictions();
    if (chosen_.empty() && recipe_.max_samples > 0) choose(context.session());
    if (recipe_.climbs_dlr && seen.n_classes < 4)
      notes_.insert("with " + std::to_string(seen.n_classes) +
                    " classes the logit ratio is not defined; the margin was climbed instead");
    const auto& ids = context.batch().ids;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (recipe_.max_samples > 0 && !chosen_.contains(ids[i])) continue;
      Record record;
      record.id = ids[i];
      record.label = seen.target.at(i);
      record.correct = seen.correct.at(i) != 0;
      record.done = !record.correct;
      if (!record.correct) record.fooled_at = record.distance = 0;
      add_targets(seen, i, record);
      records_.add(record);
    }
  }

  void work(Session& session) override {
    Model& model = session.subject_as<Model>();
    AttackPlan plan = plan_of(recipe_);
    if (recipe_.threat.bounds.empty()) plan.bounds = *session.data().info().bounds;
    plan.output = output_of(session.output_kind());
    plan.batch_size = session.batch_size();
    const auto order = records_.in_order(session.ids());
    const Bench bench{model, plan, session, [&](std::span<const SampleId> ids) {
                        return session.data().batch(ids).inputs;
                      }};
    if (recipe_.check_samples > 0 && tally_.again_n == 0)
      if (const auto sample = checked_sample(order); !sample.empty())
        run_again(bench, sample, tally_);
    if (tally_.again_changed > 0) {
      plan.confirmations = repeats_of_success;
      notes_.insert("the model draws random numbers: a sample counts as misled where most of " +
                    std::to_string(repeats_of_success) + " further runs mislead it too");
    }
    if (recipe_.learn) learn(bench);
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
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      stages_[i].samples += more.stages_[i].samples;
      stages_[i].forwards += more.stages_[i].forwards;
      stages_[i].backwards += more.stages_[i].backwards;
    }
    exhibits_.merge(more.exhibits_);
    artefacts_.insert(artefacts_.end(), more.artefacts_.begin(), more.artefacts_.end());
    notes_.insert(more.notes_.begin(), more.notes_.end());
    checked_ = checked_ || more.checked_;
    asked_ = asked_ || more.asked_;
    if (stop_reason_.empty()) stop_reason_ = more.stop_reason_;
  }

  [[nodiscard]] std::string save() const override;
  void load(std::string_view text) override;

  [[nodiscard]] Finding finish(Session& session) override {
    const DataInfo data = session.data().info();
    const std::vector<std::string> notes(notes_.begin(), notes_.end());
    Outcome outcome{.recipe = recipe_,
                    .counted = {},
                    .tally = tally_,
                    .stages = stages_,
                    .exhibits = exhibits_,
                    .artefacts = artefacts_,
                    .notes = notes};
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

  void add_targets(const Predictions& seen, std::size_t i, Record& record) const {
    const auto k = static_cast<std::size_t>(seen.n_classes);
    const bool scored = seen.probabilities.size() == k * static_cast<std::size_t>(seen.n);
    const std::span<const double> scores =
        scored ? std::span(seen.probabilities).subspan(i * k, k) : std::span<const double>();
    if (recipe_.threat.goal == robustness::Goal::targeted)
      record.target = choose_target(recipe_.threat.target, record.label, seen.n_classes, scores);
    std::int64_t most = 0;
    for (const AttackStage& stage : recipe_.stages) most = std::max(most, stage.n_targets);
    if (most > 0 && record.correct) record.targets = likeliest(most, record.label, scores);
  }

  void learn(const Bench& bench) {
    // Of all data, so that every shard learns the same.
    const std::int64_t n = *bench.session.data().info().size;
    const stats::Permutation rank(n, bench.session.seed(), "surrogate");
    std::vector<SampleId> ids;
    for (std::int64_t i = 0; i < std::min(n, recipe_.learn_samples); ++i)
      ids.push_back(rank.inverse(i));
    const auto learned = recipe_.learn(bench.model, bench.fetch(ids).primary.host(),
                                       bench.plan.output, bench.session.seed());
    recipe_.stages.front().method = learned.method;
    bench.session.count_forwards(learned.forwards);
    if (!learned.note.empty()) notes_.insert(learned.note);
  }

  // ---- the stages ------------------------------------------------------------------------------

  bool attack_all(const Bench& bench, std::span<Record* const> order) {
    Stored stored;
    for (std::size_t i = 0; i < order.size(); ++i) stored.rank[order[i]->id] = i;
    bool complete = true;
    for (std::size_t s = 0; s < recipe_.stages.size() && complete; ++s)
      complete = run_stage(bench, order, s, stored);
    verify(bench, stored);
    return complete;
  }

  /// Rows that some budgets already fooled try the smaller ones only.
  bool run_stage(const Bench& bench, std::span<Record* const> order, std::size_t s,
                 Stored& stored) {
    std::map<double, std::vector<Record*>> groups;
    for (Record* record : order)
      if (!record->done && record->stage == static_cast<std::int64_t>(s))
        groups[record->fooled_at].push_back(record);
    bool complete = true;
    for (auto group = groups.rbegin(); group != groups.rend() && complete; ++group) {
      AttackPlan plan = bench.plan;
      std::erase_if(plan.eps, [&](double eps) { return eps >= group->first; });
      complete = run_group(bench, plan, group->second, order, s, stored);
    }
    return complete;
  }

  bool run_group(const Bench& bench, const AttackPlan& plan, const std::vector<Record*>& todo,
                 std::span<Record* const> order, std::size_t s, Stored& stored) {
    Session& session = bench.session;
    const AttackStage& stage = recipe_.stages[s];
    std::vector<AttackRow> rows;
    std::vector<std::vector<std::int64_t>> targets;
    std::map<SampleId, Record*> by_id;
    std::map<SampleId, std::int64_t> open;  // alternatives in flight
    for (Record* record : todo) {
      rows.push_back({record->id, record->label, record->target});
      targets.push_back(record->targets);
      by_id[record->id] = record;
    }
    rows = rows_of(stage, rows, targets);
    for (const AttackRow& row : rows) ++open[row.id];
    stages_[s].samples += std::ssize(todo);

    const auto total = std::ssize(order);
    std::int64_t done =
        std::count_if(order.begin(), order.end(), [](const Record* r) { return r->done; });
    AttackIo io;
    io.fetch = bench.fetch;
    io.rng = [&](std::string_view stream, SampleId id, std::uint64_t extra) {
      return session.rng(stage.name + "/" + std::string(stream) + "/" + std::to_string(extra), id);
    };
    io.stop = [&] {
      session.progress(done, total);
      session.checkpoint(*this);
      return session.stopping();
    };
    io.count = [&](std::int64_t forwards, std::int64_t backwards) {
      session.count_forwards(forwards);
      session.count_backwards(backwards);
      stages_[s].forwards += forwards;
      stages_[s].backwards += backwards;
    };
    io.note = [&](std::string text) { notes_.insert(std::move(text)); };
    io.done = [&](const AttackResult& result, const Tensor& adversarial) {
      Record& record = *by_id.at(result.row.id);
      const bool fooled = std::isfinite(result.fooled_at);
      take(record, result);
      if (fooled && record.fooled_stage < 0) record.fooled_stage = static_cast<std::int64_t>(s);
      if (result.fooled_at < record.fooled_at) {
        record.fooled_at = result.fooled_at;
        keep(bench, result, adversarial, stored);
      }
      if (!fooled && --open[result.row.id] > 0) return;
      close(record, s, plan.eps.front());
      done += record.done;
      if (record.done) put(session, record);
    };
    return run_attack(bench.model, plan, stage.method, rows, io);
  }

  static void take(Record& record, const AttackResult& result) {
    record.distance = std::min(record.distance, result.distance);
    record.forwards += result.forwards;
    record.backwards += result.backwards;
    record.zero_gradient = record.zero_gradient || result.zero_gradient;
    record.bad_gradient = record.bad_gradient || result.bad_gradient;
    record.saturated = record.saturated || result.saturated;
  }

  /// The stage is through with this sample.
  void close(Record& record, std::size_t s, double smallest) const {
    const bool last = s + 1 == recipe_.stages.size();
    record.done = last || record.fooled_at <= smallest;
    if (!record.done) record.stage = static_cast<std::int64_t>(s) + 1;
  }

  static void put(Session& session, const Record& record) {
    session.table().put(session.probe_id() + ".fooled_at", record.id, record.fooled_at);
    session.table().put(session.probe_id() + ".distance", record.id, record.distance);
  }

  void keep(const Bench& bench, const AttackResult& result, const Tensor& adversarial,
            Stored& stored) {
    stored.examples.insert_or_assign(
        stored.rank.at(result.row.id),
        Stored::Example{result.row, result.fooled_at, adversarial, result.point});
    if (stored.examples.size() + static_cast<std::size_t>(tally_.seen_n) > max_verified)
      stored.examples.erase(std::prev(stored.examples.end()));
    const auto& eps = bench.plan.eps;
    const auto rank = std::lower_bound(eps.begin(), eps.end(), result.fooled_at) - eps.begin();
    const double severity = static_cast<double>(std::ssize(eps) - 1 - rank) + result.confidence;
    if (exhibits_.wants(result.row.id, severity))
      exhibits_.add(attack_exhibit::make(bench.session.data(), result, adversarial, severity));
  }

  // ---- the checks ------------------------------------------------------------------------------

  void verify(const Bench& bench, const Stored& stored) {
    if (stored.examples.empty() || recipe_.check_samples == 0) return;
    std::vector<SampleId> ids;
    std::vector<AttackRow> rows;
    std::vector<double> eps;
    std::vector<Tensor> adversarial;
    std::vector<std::vector<double>> points;
    for (const auto& [rank, example] : stored.examples) {
      ids.push_back(example.row.id);
      rows.push_back(example.row);
      eps.push_back(example.eps);
      adversarial.push_back(example.adversarial);
      points.push_back(example.point);
    }
    const auto read = read_back(bench.session, attack_space::join_rows(adversarial), ids);
    const auto seen = robustness::verify_examples(
        bench.model, bench.plan, rows, eps, bench.fetch(ids), read, repeats_of_success, points);
    bench.session.count_forwards(seen.n * (1 + repeats_of_success) + seen.rounded_n);
    tally_.seen_n += seen.n;
    tally_.too_far += seen.too_far;
    tally_.outside += seen.out_of_bounds;
    tally_.not_fooled += seen.not_fooled;
    tally_.repeat_n += seen.n;
    for (const std::int64_t again : seen.repeats_fooled) {
      tally_.repeat_fooled += again;
      tally_.repeat_square += again * again;
    }
    tally_.byte_n += seen.rounded_n;
    tally_.byte_fooled += seen.rounded_fooled;
  }

  /// The examples as a file gives them back: one that the run directory keeps, or a temporary one.
  [[nodiscard]] Tensor read_back(Session& session, const Tensor& examples,
                                 std::span<const SampleId> ids) {
    const std::string folder = artefact_folder(session);
    if (folder.empty()) {
      const auto read = stored_examples::through_file(examples);
      if (!read.why.empty())
        notes_.insert("the examples were verified from memory, not from disk: " + read.why);
      return read.examples;
    }
    const auto read =
        stored_examples::through_artefacts(examples, ids, folder, session.probe_id(), artefacts_);
    if (!read.why.empty()) notes_.insert("the examples were not kept: " + read.why);
    return read.examples;
  }

  [[nodiscard]] std::vector<const Record*> checked_sample(std::span<Record* const> order) const {
    std::vector<const Record*> sample;
    for (const Record* record : order)
      if (record->correct && std::ssize(sample) < recipe_.check_samples) sample.push_back(record);
    return sample;
  }

  bool check_all(const Bench& bench, std::span<Record* const> order) {
    const auto sample = checked_sample(order);
    Tally tally = tally_;
    if (!run_battery(recipe_, bench, sample, tally)) return false;
    tally_ = tally;
    return true;
  }

  static void put_clean_errors(Session& session, std::span<Record* const> order) {
    for (const Record* record : order)
      if (!record->correct) put(session, *record);
  }

  Recipe recipe_;
  bool asked_ = false, checked_ = false;
  std::string stop_reason_;
  Records records_;
  std::set<SampleId> chosen_;
  std::set<std::string> notes_;
  Tally tally_;
  std::vector<StageTally> stages_;
  Exhibits exhibits_;
  stored_examples::Artefacts artefacts_;
};

constexpr std::string_view state_type = "robustness.Attack";

std::string AttackRun::save() const {
  State state(state_type);
  state.set("name", recipe_.name).set("asked", asked_ ? 1 : 0).set("checked", checked_ ? 1 : 0);
  state.set("stop_reason", stop_reason_);
  records_.save(state);
  state.set("tally", tally_.values());
  std::vector<std::int64_t> spent;
  for (const StageTally& s : stages_)
    spent.insert(spent.end(), {s.samples, s.forwards, s.backwards});
  state.set("spent", spent);
  std::string notes;
  for (const std::string& note : notes_) notes += note + "\n";
  state.set("notes", notes);
  exhibits_.save(state, "exhibits");
  stored_examples::save(artefacts_, state);
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
  const auto& spent = state.integers("spent", 3 * std::ssize(stages_));
  const auto negative = [](std::int64_t v) { return v < 0; };
  if (std::ranges::any_of(tally, negative) || std::ranges::any_of(spent, negative))
    refuse("counts of at least 0");
  Exhibits exhibits = exhibits_;
  exhibits.load(state, "exhibits");
  auto artefacts = stored_examples::load(state);
  const bool asked = state.integer("asked") != 0, checked = state.integer("checked") != 0;
  std::string stop_reason = state.text("stop_reason");
  const std::string notes = state.text("notes");
  records_.load(state, std::ssize(stages_));
  stop_reason_ = std::move(stop_reason);
  asked_ = asked;
  checked_ = checked;
  tally_ = Tally::from(tally);
  for (std::size_t i = 0; i < stages_.size(); ++i)
    stages_[i] = {spent[3 * i], spent[3 * i + 1], spent[3 * i + 2]};
  notes_.clear();
  for (std::size_t at = 0, end; (end = notes.find('\n', at)) != std::string::npos; at = end + 1)
    notes_.insert(notes.substr(at, end - at));
  exhibits_ = std::move(exhibits);
  artefacts_ = std::move(artefacts);
}

}  // namespace

std::vector<std::int64_t> Tally::values() const {
  return {zero_n,    zero_changed, rise_n,        rise_lost,   rise_won,      full_n,
          full_left, fast_n,       fast_only,     slow_only,   more_n,        more_only,
          less_only, blind_n,      blind_only,    seeing_only, smooth_n,      smooth_only,
          noise_n,   noise_only,   slope_n,       slope_wrong, flat_n,        flat_ce,
          flat_dlr,  again_n,      again_changed, alone_n,     alone_changed, seen_n,
          too_far,   outside,      not_fooled,    repeat_n,    repeat_fooled, repeat_square,
          byte_n,    byte_fooled};
}

Tally Tally::from(std::span<const std::int64_t> v) {
  Tally t;
  std::size_t i = 0;
  for (std::int64_t* count :
       {&t.zero_n,        &t.zero_changed,  &t.rise_n,      &t.rise_lost,     &t.rise_won,
        &t.full_n,        &t.full_left,     &t.fast_n,      &t.fast_only,     &t.slow_only,
        &t.more_n,        &t.more_only,     &t.less_only,   &t.blind_n,       &t.blind_only,
        &t.seeing_only,   &t.smooth_n,      &t.smooth_only, &t.noise_n,       &t.noise_only,
        &t.slope_n,       &t.slope_wrong,   &t.flat_n,      &t.flat_ce,       &t.flat_dlr,
        &t.again_n,       &t.again_changed, &t.alone_n,     &t.alone_changed, &t.seen_n,
        &t.too_far,       &t.outside,       &t.not_fooled,  &t.repeat_n,      &t.repeat_fooled,
        &t.repeat_square, &t.byte_n,        &t.byte_fooled})
    *count = v[i++];
  return t;
}

std::shared_ptr<ProbeRun> make(const Recipe& recipe, Session& session) {
  if (!session.data().info().bounds && recipe.threat.bounds.empty())
    throw CapabilityError(recipe.name, "declared bounds of the inputs", "a data set without bounds",
                          "declare the range an input can take: Dataset(x, y, bounds=(0.0, 1.0))");
  (void)session.subject_as<Model>();
  (void)output_of(session.output_kind());
  return std::make_shared<AttackRun>(recipe, session.seed());
}

}  // namespace leadline::detail::attack_run
