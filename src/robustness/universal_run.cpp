#include "universal_run.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "attack_scores.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"

namespace leadline::detail::universal {

namespace {

AttackPlan plan_from(const robustness::UniversalPerturbationOptions& options, Session& session) {
  const robustness::Threat& threat = options.threat;
  AttackPlan plan{.norm = threat.norm, .eps = threat.eps};
  plan.goal = threat.goal;
  plan.classes = threat.classes;
  plan.feature_eps = threat.feature_eps;
  plan.frozen = threat.frozen;
  plan.patch = {threat.patch_shape, threat.patch_aspect};
  plan.bounds = threat.bounds.empty() ? *session.data().info().bounds
                                      : std::pair{threat.bounds[0], threat.bounds[1]};
  plan.output =
      session.output_kind() == OutputKind::unknown ? OutputKind::logits : session.output_kind();
  return plan;
}

}  // namespace

/// Which samples it is fitted and judged on.
struct UniversalRun::Parts {
  std::string fit_role = "test";
  std::vector<SampleId> fit, judge;
};

UniversalRun::UniversalRun(const robustness::UniversalPerturbationOptions& options,
                           Session& session)
    : options_(options),
      plan_(plan_from(options, session)),
      data_(session.data().info()),
      seed_(session.seed()),
      shown_(session.seed()) {
  for (const double eps : robustness::sorted_budgets("universal_perturbation", options.threat))
    levels_.push_back({.eps = eps});
}

UniversalRun::Parts UniversalRun::split(Session& session) const {
  Parts parts;
  const auto take = [](std::span<const SampleId> ids, std::int64_t first, std::int64_t last) {
    return std::vector<SampleId>(ids.begin() + first, ids.begin() + last);
  };
  const auto test = session.ids();  // in keyed order: any part is a random sample
  const std::int64_t n = std::ssize(test);
  std::int64_t n_fit = 0;
  if (session.has("fit")) {
    parts.fit_role = "fit";
    const auto given = session.ids("fit");
    parts.fit = take(given, 0, std::min(std::ssize(given), options_.fit_samples));
  } else {
    n_fit = std::min(static_cast<std::int64_t>(options_.fit_share * static_cast<double>(n)),
                     options_.fit_samples);
    parts.fit = take(test, 0, n_fit);
  }
  const std::int64_t left = n - n_fit;
  parts.judge =
      take(test, n_fit,
           n_fit + (options_.max_samples > 0 ? std::min(options_.max_samples, left) : left));
  if (parts.fit.empty() || parts.judge.empty())
    throw DataError("universal_perturbation", "samples to fit on and others to judge on",
                    std::to_string(parts.fit.size()) + " and " + std::to_string(parts.judge.size()),
                    "give more data, or data of the role fit: also={'fit': ...}");
  return parts;
}

void UniversalRun::work(Session& session) {
  const bool open =
      std::any_of(levels_.begin(), levels_.end(), [](const Level& l) { return !l.done; });
  if (!open) return;
  const Parts parts = split(session);
  if (n_again_ == 0 && options_.check_samples > 0) ask_twice(session, parts);
  for (std::size_t k = 0; k < levels_.size() && !session.stopping(); ++k) {
    if (!levels_[k].done) run_level(session, parts, levels_[k]);
    session.progress(static_cast<std::int64_t>(k + 1), std::ssize(levels_));
    session.checkpoint(*this);
  }
}

void UniversalRun::ask_twice(Session& session, const Parts& parts) {
  Model& model = session.subject_as<Model>();
  const auto most = std::min(options_.check_samples, std::ssize(parts.judge));
  const std::span<const SampleId> ids =
      std::span(parts.judge).first(static_cast<std::size_t>(most));
  for (std::size_t first = 0; first < ids.size();) {
    const auto some = ids.subspan(
        first, std::min(static_cast<std::size_t>(session.batch_size()), ids.size() - first));
    const Inputs inputs = session.data().batch(some).inputs;
    const auto n = std::ssize(some);
    const auto once = decide(model, inputs, plan_.output, n);
    const auto again = decide(model, inputs, plan_.output, n);
    session.count_forwards(2 * n);
    for (std::size_t i = 0; i < some.size(); ++i) n_changed_ += once[i] != again[i];
    n_again_ += n;
    first += some.size();
  }
}

void UniversalRun::run_level(Session& session, const Parts& parts, Level& level) {
  Model& model = session.subject_as<Model>();
  const Dataset& data = session.data(parts.fit_role);
  AttackPlan plan = plan_;
  plan.eps = {level.eps};
  const Tensor like = data.batch({parts.fit.data(), 1}).inputs.primary.host();
  Canvas canvas(like, plan, seed_);
  FitIo io;
  io.fetch = [&](std::span<const SampleId> ids) {
    Inputs inputs = data.batch(ids).inputs;
    attack_space::check_inputs(inputs.primary.host(), std::ssize(ids), plan);
    return inputs;
  };
  io.stop = [&] { return session.stopping(); };
  io.count = [&](std::int64_t forwards, std::int64_t backwards) {
    session.count_forwards(forwards);
    session.count_backwards(backwards);
  };
  const Fitted fitted = fit(model, canvas, parts.fit, options_, session.batch_size(), seed_, io);
  Level next{.eps = level.eps};
  next.n_climbed = fitted.n_climbed;
  next.n_zero = fitted.n_zero;
  if (!fitted.complete || !judge(session, parts, canvas, fitted, next)) return;
  next.done = true;
  level = next;
  show(canvas, fitted);
}

/// A batch as the clean model reads it and with the change on it.
struct UniversalRun::Seen {
  Batch batch;
  Tensor host, changed;
  std::vector<std::int64_t> clean, learned;
};

std::vector<std::int64_t> UniversalRun::ask(Session& session, const Batch& batch,
                                            const Tensor& x) const {
  session.count_forwards(batch.size());
  return decide(session.subject_as<Model>(), Inputs(x, batch.inputs.extras), plan_.output,
                batch.size());
}

/// Calls visit(Seen) for each batch; false when stopped.
bool UniversalRun::look_at(Session& session, const std::string& role, std::span<const SampleId> all,
                           Canvas& canvas, const Fitted& fitted,
                           const std::function<void(const Seen&)>& visit) const {
  const auto step = static_cast<std::size_t>(session.batch_size());
  for (std::size_t first = 0; first < all.size(); first += step) {
    if (session.stopping()) return false;
    const auto ids = all.subspan(first, std::min(step, all.size() - first));
    Seen seen;
    seen.batch = session.data(role).batch(ids);
    seen.host = seen.batch.inputs.primary.host();
    attack_space::check_inputs(seen.host, std::ssize(ids), plan_);
    seen.changed = canvas.put(seen.host, ids, fitted.change, 0);
    seen.clean = ask(session, seen.batch, seen.batch.inputs.primary);
    seen.learned = ask(session, seen.batch, seen.changed);
    visit(seen);
  }
  return true;
}

/// Whether the goal leaves it to be misled.
bool UniversalRun::counts(std::int64_t clean) const {
  return std::find(plan_.classes.begin(), plan_.classes.end(), clean) == plan_.classes.end();
}

bool UniversalRun::judge(Session& session, const Parts& parts, Canvas& canvas, const Fitted& fitted,
                         Level& level) {
  const bool complete =
      look_at(session, parts.fit_role, parts.fit, canvas, fitted, [&](const Seen& seen) {
        for (std::size_t i = 0; i < seen.clean.size(); ++i) {
          level.n_fitted += counts(seen.clean[i]);
          level.fitted_misled +=
              counts(seen.clean[i]) && misled(plan_, seen.clean[i], seen.learned[i]);
        }
      });
  const auto noise = canvas.random(session.rng("random", 0));
  return complete && look_at(session, "test", parts.judge, canvas, fitted, [&](const Seen& seen) {
           count_held_out(session, canvas, noise, seen, level);
         });
}

void UniversalRun::count_held_out(Session& session, Canvas& canvas, std::span<const double> noise,
                                  const Seen& seen, Level& level) const {
  const auto& ids = seen.batch.ids;
  const auto random = ask(session, seen.batch, canvas.put(seen.host, ids, noise, 0));
  const Tensor target = seen.batch.target.host(DType::i64);
  level.n_too_far += canvas.n_too_far(seen.host, seen.changed);
  const std::string column = session.probe_id() + ".fooled_at";
  constexpr double none = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::int64_t label = target.data<std::int64_t>()[i];
    ++level.n_judged;
    level.clean_right += seen.clean[i] == label;
    level.right += seen.learned[i] == label;
    const bool open = counts(seen.clean[i]);
    const bool won = open && misled(plan_, seen.clean[i], seen.learned[i]);
    const bool by_noise = open && misled(plan_, seen.clean[i], random[i]);
    level.n += open;
    level.misled += won;
    level.random_misled += by_noise;
    level.learned_only += won && !by_noise;
    level.random_only += by_noise && !won;
    const double before = session.table().get(column, ids[i]).value_or(none);
    session.table().put(column, ids[i], std::min(before, won ? level.eps : none));
  }
}

void UniversalRun::show(const Canvas& canvas, const Fitted& fitted) {
  const Tensor change = canvas.tensor_of(fitted.change);
  const double eps = canvas.plan().eps.front();
  const bool patch = plan_.norm == Norm::patch;
  auto picture = image_of(change, 0, patch ? std::optional(plan_.bounds) : std::nullopt);
  if (data_.modality != Modality::image || !picture) return;
  Exhibit exhibit;
  exhibit.id = std::ssize(shown_.kept());  // one a budget
  exhibit.severity = eps;
  exhibit.title = patch ? "The patch" : "The change, stretched to the range of grey";
  exhibit.caption = "one for all samples, " + size_words(eps);
  exhibit.images.push_back(std::move(*picture));
  exhibit.labels.emplace_back(patch ? "patch" : "change");
  shown_.add(std::move(exhibit));
}

/// One shard does it all (ProbeInfo::shards): what another part holds is another budget.
void UniversalRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const UniversalRun&>(other);
  for (std::size_t k = 0; k < levels_.size(); ++k)
    if (!levels_[k].done) levels_[k] = run.levels_[k];
  if (n_again_ == 0) {
    n_again_ = run.n_again_;
    n_changed_ = run.n_changed_;
  }
  shown_.merge(run.shown_);
}

namespace {
constexpr std::string_view state_of_universal = "robustness.UniversalPerturbation";

/// The counts of a level, in order.
auto counts_of(auto& level) {
  return std::array{
      &level.n,           &level.misled,        &level.random_misled, &level.learned_only,
      &level.random_only, &level.n_judged,      &level.clean_right,   &level.right,
      &level.n_fitted,    &level.fitted_misled, &level.n_climbed,     &level.n_zero,
      &level.n_too_far};
}
}  // namespace

std::string UniversalRun::save() const {
  State state(state_of_universal);
  std::vector<std::int64_t> values{n_again_, n_changed_};
  for (const Level& level : levels_) {
    values.push_back(level.done ? 1 : 0);
    for (const auto* count : counts_of(level)) values.push_back(*count);
  }
  state.set("counts", values);
  shown_.save(state, "shown");
  return state.dump();
}

void UniversalRun::load(std::string_view text) {
  const State state = State::parse(text, state_of_universal);
  const auto width = 1 + std::ssize(counts_of(levels_.front()));
  const auto& values = state.integers("counts", 2 + width * std::ssize(levels_));
  if (std::any_of(values.begin(), values.end(), [](std::int64_t v) { return v < 0; }))
    throw StoreError("universal_perturbation.load", "counts of at least 0", "less",
                     "the saved state is damaged; run again");
  std::vector<Level> levels = levels_;
  std::size_t at = 2;
  for (Level& level : levels) {
    level.done = values[at++] != 0;
    for (auto* count : counts_of(level)) *count = values[at++];
    if (level.misled > level.n || level.random_misled > level.n || level.n > level.n_judged ||
        level.right > level.n_judged || level.clean_right > level.n_judged ||
        level.fitted_misled > level.n_fitted || level.n_zero > level.n_climbed)
      throw StoreError("universal_perturbation.load", "counts that agree", "others",
                       "the saved state is damaged; run again");
  }
  if (values[1] > values[0])
    throw StoreError("universal_perturbation.load", "counts that agree", "others",
                     "the saved state is damaged; run again");
  shown_.load(state, "shown");
  levels_ = std::move(levels);
  n_again_ = values[0];
  n_changed_ = values[1];
}

}  // namespace leadline::detail::universal
