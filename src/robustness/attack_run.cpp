#include "attack_run.hpp"

#include <algorithm>
#include <set>

#include "attack_battery.hpp"
#include "attack_examples.hpp"
#include "attack_exhibit.hpp"
#include "attack_records.hpp"
#include "attack_scores.hpp"
#include "attack_stages.hpp"
#include "core/own_loop.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::detail::attack_run {
namespace {

constexpr std::int64_t max_verified = 64;

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
    if (seen.target.empty() && context.batch().size() > 0)
      throw CapabilityError(recipe_.name, "integer class labels [n]",
                            context.batch().target.describe(),
                            "one-hot targets: y.argmax(1); labels in a column: y.squeeze(1)");
    if (chosen_.empty() && recipe_.max_samples > 0) choose(context.session());
    if (recipe_.climbs_dlr && seen.n_classes < dlr_classes(recipe_))
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
      const auto k = static_cast<std::size_t>(seen.n_classes);
      const bool scored = seen.probabilities.size() == k * static_cast<std::size_t>(seen.n);
      if (record.correct)
        choose_targets(
            recipe_, seen.n_classes,
            scored ? std::span(seen.probabilities).subspan(i * k, k) : std::span<const double>(),
            record);
      records_.add(record);
    }
    if (recipe_.check_samples > 0 && context.kind() == OutputKind::logits) count_sums(seen);
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
    learn(bench);
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
    tally_ += more.tally_;
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
  /// Rows declared as logits, and those of them that look like probabilities.
  void count_sums(const Predictions& seen) {
    const auto k = static_cast<std::size_t>(seen.n_classes);
    for (std::size_t at = 0; at + k <= seen.scores.size(); at += k) {
      ++tally_.logit_n;
      tally_.sum_to_one += attack_scores::like_probabilities(std::span(seen.scores).subspan(at, k));
    }
  }

  void choose(Session& session) {
    const auto ids = own_loop::chosen_ids(session, recipe_.max_samples);
    chosen_.insert(ids.begin(), ids.end());
  }

  /// Methods that depend on the model, from samples of all data, so that every shard learns the
  /// same.
  void learn(const Bench& bench) {
    const std::int64_t n = *bench.session.data().info().size;
    const stats::Permutation rank(n, bench.session.seed(), "surrogate");
    for (AttackStage& stage : recipe_.stages) {
      if (!stage.learn) continue;
      std::vector<SampleId> ids;
      for (std::int64_t i = 0; i < std::min(n, stage.learn_samples); ++i)
        ids.push_back(rank.inverse(i));
      const auto learned = stage.learn(bench.model, bench.fetch(ids).primary.host(),
                                       bench.plan.output, bench.session.seed());
      stage.method = learned.method;
      bench.session.count_forwards(learned.forwards);
      if (!learned.note.empty()) notes_.insert(learned.note);
    }
  }

  /// The stages, and what they found checked from its stored copies.
  bool attack_all(const Bench& bench, std::span<Record* const> order) {
    const std::int64_t seen = std::min(tally_.seen_n, max_verified);
    Examples examples(order, static_cast<std::size_t>(max_verified - seen));
    Session& session = bench.session;
    std::int64_t done = std::ranges::count_if(order, [](const Record* r) { return r->done; });
    StageIo io;
    io.fetch = bench.fetch;
    io.rng = [&](const AttackStage& stage, std::string_view stream, SampleId id,
                 std::uint64_t extra) {
      return session.rng(stage.name + "/" + std::string(stream) + "/" + std::to_string(extra), id);
    };
    io.stop = [&] {
      session.progress(done, std::ssize(order));
      session.checkpoint(*this);
      return session.stopping();
    };
    io.count = [&](std::size_t stage, std::int64_t forwards, std::int64_t backwards) {
      session.count_forwards(forwards);
      session.count_backwards(backwards);
      stages_[stage].forwards += forwards;
      stages_[stage].backwards += backwards;
    };
    io.note = [&](std::string text) { notes_.insert(std::move(text)); };
    io.found = [&](const AttackResult& result, const Tensor& adversarial, bool fell) {
      if (!fell) return;
      examples.keep(result, adversarial);
      show(bench, result, adversarial);
    };
    io.closed = [&](const Record& record, bool again) {
      done += !again;
      put(session, record);
    };
    const bool complete = run_stages(bench.model, bench.plan, recipe_.stages, order, stages_, io);
    if (recipe_.check_samples > 0) examples.verify(bench, tally_, artefacts_, notes_);
    return complete;
  }

  static void put(Session& session, const Record& record) {
    session.table().put(session.probe_id() + ".fooled_at", record.id, record.fooled_at);
    session.table().put(session.probe_id() + ".distance", record.id, record.distance);
  }

  /// Keeps a picture of it when it tells more than those kept.
  void show(const Bench& bench, const AttackResult& result, const Tensor& adversarial) {
    const auto& eps = bench.plan.eps;
    const auto rank = std::lower_bound(eps.begin(), eps.end(), result.fooled_at) - eps.begin();
    const double severity = static_cast<double>(std::ssize(eps) - 1 - rank) + result.confidence;
    if (exhibits_.wants(result.row.id, severity))
      exhibits_.add(attack_exhibit::make(bench.session.data(), result, adversarial, severity));
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
  tally_.save(state);
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
  const Tally tally = Tally::load(state);
  const auto& spent = state.integers("spent", 3 * std::ssize(stages_));
  if (std::ranges::any_of(spent, [](std::int64_t v) { return v < 0; }))
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
  tally_ = tally;
  for (std::size_t i = 0; i < stages_.size(); ++i)
    stages_[i] = {spent[3 * i], spent[3 * i + 1], spent[3 * i + 2]};
  notes_.clear();
  for (std::size_t at = 0, end; (end = notes.find('\n', at)) != std::string::npos; at = end + 1)
    notes_.insert(notes.substr(at, end - at));
  exhibits_ = std::move(exhibits);
  artefacts_ = std::move(artefacts);
}

}  // namespace

std::shared_ptr<ProbeRun> make(const Recipe& recipe, Session& session) {
  if (!session.data().info().bounds && recipe.threat.bounds.empty())
    throw CapabilityError(recipe.name, "declared bounds of the inputs", "a data set without bounds",
                          "declare the range an input can take: Dataset(x, y, bounds=(0.0, 1.0))");
  (void)session.subject_as<Model>();
  (void)output_of(session.output_kind());
  return std::make_shared<AttackRun>(recipe, session.seed());
}

}  // namespace leadline::detail::attack_run
