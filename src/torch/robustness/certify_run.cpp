#include "certify_run.hpp"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "certify_attack.hpp"
#include "core/own_loop.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"

namespace leadline::detail::certify {
namespace run {

constexpr std::int64_t most_rows = 32;  // bounded at once: memory grows with rows * classes * width

/// Of the threat, else of the data.
std::pair<double, double> bounds_of(const robustness::CertifyOptions& options, Session& session) {
  const auto& given = options.threat.bounds;
  return given.empty() ? *session.data().info().bounds : std::pair(given[0], given[1]);
}

std::vector<double> numbers(const at::Tensor& t) {
  const at::Tensor host = t.to(at::kCPU, at::kDouble).contiguous();
  return {host.const_data_ptr<double>(), host.const_data_ptr<double>() + host.numel()};
}

std::function<void(std::int64_t, std::int64_t)> counter(Session& session) {
  return [&session](std::int64_t forwards, std::int64_t backwards) {
    session.count_forwards(forwards);
    session.count_backwards(backwards);
  };
}

}  // namespace run

CertifyRun::CertifyRun(const robustness::CertifyOptions& options, Session& session)
    : options_(options),
      eps_(robustness::sorted_budgets("Certify", options.threat)),
      bounds_(run::bounds_of(options, session)),
      output_(session.output_kind()),
      modality_(session.data().info().modality),
      model_(models::as_torch(std::dynamic_pointer_cast<Model>(session.subject_handle()))) {}

void CertifyRun::work(Session& session) {
  const auto ids = own_loop::chosen_ids(session, options_.max_samples);
  n_total_ = std::ssize(ids);
  while (std::ssize(rows_) < n_total_ && !session.stopping()) {
    const auto first = rows_.size();
    const auto n = std::min<std::int64_t>(
        {run::most_rows, session.batch_size(), n_total_ - static_cast<std::int64_t>(first)});
    visit(session,
          session.data().batch(std::span(ids).subspan(first, static_cast<std::size_t>(n))));
    session.progress(std::ssize(rows_), n_total_);
    session.checkpoint(*this);
  }
}

at::Tensor CertifyRun::certified(const at::Tensor& x, const at::Tensor& y) const {
  const robustness::BoundOptions how{.method = options_.method,
                                     .norm = options_.threat.norm,
                                     .bounds = bounds_,
                                     .alpha_steps = options_.alpha_steps,
                                     .alpha_inner = options_.alpha_inner,
                                     .rounding = options_.rounding};
  const auto holds = [&](const at::Tensor& eps) {
    return bounds_of_->margins(x, y, eps, how).amin(1).gt(0);
  };
  const at::TensorOptions wide = at::TensorOptions(at::kDouble).device(x.device());
  at::Tensor low = at::zeros({x.size(0)}, wide), high = at::full_like(low, 2 * eps_.back());
  at::Tensor open = at::ones({x.size(0)}, wide.dtype(at::kBool));
  for (const double eps : eps_) {
    const at::Tensor good = holds(at::full_like(low, eps)).logical_and(open);
    low = at::where(good, at::full_like(low, eps), low);
    high = at::where(open.logical_and(good.logical_not()), at::full_like(low, eps), high);
    open = good;
    if (!open.any().item<bool>()) break;
  }
  for (int i = 0; i < options_.radius_steps; ++i) {
    const at::Tensor middle = 0.5 * (low + high), good = holds(middle);
    low = at::where(good, middle, low);
    high = at::where(good, high, middle);
  }
  return low;
}

/// The recorded operators must give what the model gives, at most 1e-3 of the scores apart.
void CertifyRun::compare(const at::Tensor& given, const at::Tensor& x) {
  const at::Tensor ours = bounds_of_->forward(x);
  const at::Tensor theirs = given.to(at::kDouble).reshape(ours.sizes());
  const at::Tensor gap = (ours - theirs).abs().amax(1) / (1 + theirs.abs().amax(1));
  tally_.compared += x.size(0);
  tally_.differed += gap.le(1e-3).logical_not().sum().item<std::int64_t>();
  tally_.worst = std::max(tally_.worst, gap.nan_to_num(1, 1, 1).max().item<double>());
}

/// Smallest budget at which the attack succeeded, of rows that are not proven there.
at::Tensor CertifyRun::attacked(Session& session, const at::Tensor& x, const at::Tensor& y,
                                const at::Tensor& radius, const at::Tensor& wrong) {
  const InnerAttack attack{options_.threat.norm, bounds_, output_, options_.attack_steps};
  at::Tensor fell = at::full_like(radius, std::numeric_limits<double>::infinity());
  fell = fell.masked_fill(wrong, 0);
  for (const double eps : eps_) {
    const at::Tensor todo = radius.lt(eps).logical_and(fell.isinf()).nonzero().view(-1);
    if (options_.attack_steps == 0 || todo.size(0) == 0) continue;
    const at::Tensor some =
        falls(*model_, attack, x.index_select(0, todo), y.index_select(0, todo),
              at::full({todo.size(0)}, eps, radius.options()), run::counter(session));
    fell.index_fill_(0, todo.masked_select(some), eps);
  }
  return fell;
}

/// The ball of a certificate, attacked from inside: nothing may be found.
void CertifyRun::contradict(Session& session, const at::Tensor& x, const at::Tensor& y,
                            const at::Tensor& radius) {
  const at::Tensor proven = radius.gt(0).nonzero().view(-1);
  const std::int64_t n = std::min(proven.size(0), options_.check_samples - tally_.attacked);
  if (n <= 0) return;
  const at::Tensor which = proven.narrow(0, 0, n);
  const InnerAttack hard{options_.threat.norm, bounds_, output_,
                         std::max(20, options_.attack_steps)};
  const at::Tensor found = falls(*model_, hard, x.index_select(0, which), y.index_select(0, which),
                                 0.9999 * radius.index_select(0, which), run::counter(session));
  tally_.attacked += n;
  tally_.contradicted += found.sum().item<std::int64_t>();
}

void CertifyRun::visit(Session& session, const Batch& batch) {
  const at::NoGradGuard no_grad;
  models::NamedTensors extras;
  const at::Tensor x = models::input_for(*model_, batch.inputs, &extras);
  if (!extras.empty())
    throw CapabilityError("certify", "a model of one input",
                          "further inputs ('" + extras.begin()->first + "')",
                          "certify a model with those fixed");
  if (!batch.target.defined())
    throw DataError("certify", "a target for each sample", "a data set without labels",
                    "give the true classes");
  const at::Tensor y = to_aten(batch.target).to(x.device()).to(at::kLong);
  if (bounds_of_ == nullptr) {
    bounds_of_ = std::make_shared<const robustness::LinearBounds>(*model_, x);
    session.count_forwards(9);  // three forwards of three rows
  }
  const at::Tensor output = model_->call(x.clone()).output;
  session.count_forwards(x.size(0));
  compare(output, x);
  const at::Tensor wrong = misread(output, y, output_);
  const at::Tensor radius = certified(x, y).masked_fill(wrong, 0);
  const at::Tensor fell = attacked(session, x, y, radius, wrong);
  contradict(session, x, y, radius);
  const auto radii = run::numbers(radius), budgets = run::numbers(fell),
             misses = run::numbers(wrong);
  for (std::size_t i = 0; i < radii.size(); ++i)
    rows_.push_back({batch.ids[i], misses[i] == 0, radii[i], budgets[i]});
  session.table().put(session.probe_id() + ".radius", batch.ids, radii);
  session.table().put(session.probe_id() + ".attacked_at", batch.ids, budgets);
}

void CertifyRun::merge(const ProbeRun& other) {
  const auto& more = dynamic_cast<const CertifyRun&>(other);
  rows_.insert(rows_.end(), more.rows_.begin(), more.rows_.end());
  n_total_ += more.n_total_;
  tally_.compared += more.tally_.compared;
  tally_.differed += more.tally_.differed;
  tally_.worst = std::max(tally_.worst, more.tally_.worst);
  tally_.attacked += more.tally_.attacked;
  tally_.contradicted += more.tally_.contradicted;
}

std::string CertifyRun::save() const {
  State state("certify");
  std::vector<std::int64_t> counts{n_total_, tally_.compared, tally_.differed, tally_.attacked,
                                   tally_.contradicted};
  std::vector<double> values{tally_.worst};
  for (const Row& row : rows_) {
    counts.insert(counts.end(), {row.id, row.right});
    values.insert(values.end(), {row.radius, row.attacked_at});
  }
  state.set("counts", std::move(counts));
  state.set("values", std::move(values));
  return state.dump();
}

void CertifyRun::load(std::string_view text) {
  const State state = State::parse(text, "certify");
  const auto& counts = state.integers("counts");
  const auto& values = state.numbers("values");
  const auto damaged = [](const char* expected) {
    throw StoreError("certify.load", expected, "others", "the saved state is damaged; run again");
  };
  if (counts.size() < 5 || (counts.size() - 5) % 2 != 0 || values.size() != counts.size() - 4)
    damaged("two counts and two values a sample");
  if (std::any_of(counts.begin(), counts.begin() + 5, [](std::int64_t c) { return c < 0; }) ||
      counts[2] > counts[1] || counts[4] > counts[3] || !(values[0] >= 0))
    damaged("counts that agree");
  std::vector<Row> rows;
  for (std::size_t i = 5; i < counts.size(); i += 2) {
    rows.push_back({counts[i], counts[i + 1] != 0, values[i - 4], values[i - 3]});
    if (!(rows.back().radius >= 0 && std::isfinite(rows.back().radius)) ||
        !(rows.back().attacked_at >= 0))
      damaged("radii of at least 0");
  }
  rows_ = std::move(rows);
  n_total_ = counts[0];
  tally_ = {counts[1], counts[2], values[0], counts[3], counts[4]};
}

}  // namespace leadline::detail::certify

namespace leadline::robustness {

Certify::Certify(Options options) : options_(std::move(options)) {
  check_options("Certify", options_);
  const Threat& threat = options_.threat;
  (void)sorted_budgets("Certify", threat);
  check_threat("Certify", threat, Knowledge::labels);
  const auto refuse = [](const char* expected, const char* got, const char* remedy) {
    throw ValueError("Certify", expected, got, remedy);
  };
  if (threat.goal != Goal::untargeted)
    refuse("the goal 'untargeted'", "another goal",
           "a certificate holds against every other class: drop 'goal'");
  if (threat.norm == Norm::l0)
    refuse("norm linf, l2 or l1", "l0", "an l0 ball has no linear bounds");
  if (!threat.feature_eps.empty() || !threat.frozen.empty())
    refuse("a ball of one radius for all input values", "'feature_eps' or 'frozen'",
           "certify the whole ball: what holds in it holds in any part of it");
}

std::vector<std::pair<std::string, std::string>> Certify::options() const {
  return options_text(options_);
}

ProbeInfo Certify::info() const {
  return {.name = "certify",
          .question = "For how many inputs can no small change alter the answer?",
          .access = Access::outputs | Access::gradients,
          .needs_random_access = true,
          .relative_cost = 500,
          .alternative = "robustness.RandomizedSmoothing"};
}

std::shared_ptr<ProbeRun> Certify::start(Session& session) const {
  if (options_.threat.bounds.empty() && !session.data().info().bounds)
    throw CapabilityError("certify", "a data set with declared bounds", "none",
                          "Dataset(x, y, bounds=(0.0, 1.0))");
  const OutputKind kind = session.output_kind();
  if (kind == OutputKind::labels || kind == OutputKind::values)
    throw CapabilityError("certify", "scores or probabilities of classes",
                          std::string(name_of(kind)),
                          "use robustness.RandomizedSmoothing, which needs labels only");
  return std::make_shared<leadline::detail::certify::CertifyRun>(options_, session);
}

}  // namespace leadline::robustness
