#include "failure_search_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "badness.hpp"
#include "leadline/core/context.hpp"
#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"
#include "searcher.hpp"

namespace leadline::robustness {

FailureSearch::FailureSearch(std::vector<Parameter> parameters, Simulate simulate, Options options)
    : simulate_(std::move(simulate)), options_(std::move(options)) {
  check_options("FailureSearch", options_);
  if (options_.budget < 1000)
    throw ValueError("FailureSearch", "a budget of at least 1000", std::to_string(options_.budget),
                     "a search with fewer rows finds chance");
  detail::failure_search::check_parameters(parameters);
  if (!simulate_)
    throw TypeError("FailureSearch", "a function simulate(batch, points)", "an empty one",
                    "say what the parameters do to the inputs");
  parameters_ = std::make_shared<const std::vector<Parameter>>(std::move(parameters));
}

ProbeInfo FailureSearch::info() const {
  return {.name = "failure_search",
          .question = "Under which conditions does it fail most often?",
          .access = Access::labels,
          .needs_target = false,
          .needs_random_access = true,
          .relative_cost = 100,
          .alternative = "robustness.Expectations on fixed cases",
          .shards = false};
}

std::vector<std::pair<std::string, std::string>> FailureSearch::options() const {
  auto out = options_text(options_);
  for (const Parameter& p : *parameters_) {
    std::string text =
        fmt::format("[{:g}, {:g}] {}", p.low, p.high,
                    names_of(std::type_identity<Scale>{})[static_cast<std::size_t>(p.scale)]);
    if (!p.categories.empty()) text = fmt::format("{}", fmt::join(p.categories, " | "));
    out.emplace_back("parameter." + p.name, leadline::text_of(OptionValue(text)));
  }
  return out;
}

std::shared_ptr<ProbeRun> FailureSearch::start(Session& session) const {
  return std::make_shared<detail::failure_search::FailureSearchRun>(parameters_, simulate_,
                                                                    options_, session);
}

}  // namespace leadline::robustness

namespace leadline::detail::failure_search {

constexpr std::int64_t most_repeated = 64;  // rows asked twice

/// Samples that serve the search, and those that measure.
struct FailureSearchRun::Halves {
  std::vector<SampleId> search, fresh;
};

FailureSearchRun::FailureSearchRun(Parameters parameters, robustness::Simulate simulate,
                                   robustness::FailureSearchOptions options, Session& session)
    : parameters_(std::move(parameters)),
      simulate_(std::move(simulate)),
      options_(std::move(options)),
      kind_(session.output_kind()),
      failures_(session.seed()) {
  if (kind_ == OutputKind::values)
    throw CapabilityError("failure_search", "a classifier", "a model of values",
                          "use search_failures with a badness of your own");
}

void FailureSearchRun::work(Session& session) {
  if (done_) return;
  const auto ids = session.ids();
  if (ids.size() < 4) return;
  const auto half = static_cast<long>(ids.size() / 2);
  const Halves halves{{ids.begin(), ids.begin() + half}, {ids.begin() + half, ids.end()}};
  const robustness::Trial trial = [&](std::span<const Point> points,
                                      std::span<const std::uint64_t> draws, bool fresh) {
    std::vector<double> bad;
    const auto step = static_cast<std::size_t>(session.batch_size());
    for (std::size_t first = 0; first < points.size(); first += step) {
      if (session.stopping())
        throw Cancelled("failure_search", "to finish its search", "a stop before",
                        "a region is known at the end only: raise the time budget");
      const std::size_t n = std::min(step, points.size() - first);
      const auto part =
          try_batch(session, halves, points.subspan(first, n), draws.subspan(first, n), fresh);
      bad.insert(bad.end(), part.begin(), part.end());
    }
    session.progress(static_cast<std::int64_t>(draws.back()), options_.budget);
    return bad;
  };
  // Rows that check the model, and the answers that stand for labels, are part of the budget.
  auto trials = options_;
  trials.budget -= most_repeated;
  if (!session.data().batch(ids.first(1)).target.defined()) trials.budget /= 2;
  result_ = robustness::search_failures(*parameters_, trial, trials, session.seed(),
                                        session.level(), std::ssize(halves.fresh));
  done_ = true;
}

std::vector<double> FailureSearchRun::try_batch(Session& session, const Halves& halves,
                                                std::span<const Point> points,
                                                std::span<const std::uint64_t> draws, bool fresh) {
  std::vector<SampleId> ids;
  for (const std::uint64_t draw : draws)  // fresh draws follow one another: each sample once
    ids.push_back(fresh ? halves.fresh[draw % halves.fresh.size()]
                        : halves.search[session.rng("sample", static_cast<SampleId>(draw))
                                            .below(halves.search.size())]);
  const Batch batch = session.data().batch(ids);
  const Inputs inputs = simulate_(batch, points);
  if (!inputs.primary.defined() || inputs.primary.size(0) != batch.size())
    throw ShapeError("FailureSearch.simulate", fmt::format("{} rows", batch.size()),
                     inputs.primary.defined() ? inputs.primary.describe() : "nothing",
                     "give one input a point");
  Model& model = session.subject_as<Model>();
  const auto answer = [&](const Inputs& x) {
    session.count_forwards(batch.size());
    return answers::answers_of(model.forward(x).output, kind_, ids);
  };
  const auto said = answer(inputs);
  const auto right = batch.target.defined() ? answers::labels_of(batch.target, batch.size())
                                            : answer(batch.inputs).label;
  std::vector<double> bad;
  for (std::int64_t i = 0; i < batch.size(); ++i)
    bad.push_back(answers::badness(said, i, right[static_cast<std::size_t>(i)], kind_));
  if (!fresh) return bad;
  const Inputs changed(inputs.primary.host(), inputs.extras);
  const Inputs original(batch.inputs.primary.host(), batch.inputs.extras);
  n_inputs_ += batch.size();
  for (std::int64_t i = 0; i < batch.size(); ++i)
    n_same_input_ += answers::same_row(original, changed, i);
  try_again(session, batch, changed, said);
  return bad;
}

void FailureSearchRun::try_again(Session& session, const Batch& batch, const Inputs& inputs,
                                 const answers::Answers& said) {
  const std::int64_t n = std::min(most_repeated - n_repeated_, batch.size());
  if (n <= 0) return;
  std::vector<SampleId> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), SampleId{0});
  const Inputs some = answers::take(inputs, rows);
  const auto again = answers::answers_of(session.subject_as<Model>().forward(some).output, kind_,
                                         std::span(batch.ids).first(rows.size()));
  session.count_forwards(n);
  n_repeated_ += n;
  for (std::int64_t i = 0; i < n; ++i)
    n_unsteady_ += !answers::same_answer(said, i, again, i, 1e-3);
}

/// One shard does it all: the others are empty.
void FailureSearchRun::merge(const ProbeRun& other) {
  const auto& run = dynamic_cast<const FailureSearchRun&>(other);
  if (!run.done_) return;
  n_same_input_ = run.n_same_input_;
  n_inputs_ = run.n_inputs_;
  n_unsteady_ = run.n_unsteady_;
  n_repeated_ = run.n_repeated_;
  result_ = run.result_;
  done_ = true;
}

namespace {

void put_estimate(std::vector<std::int64_t>& counts, const Estimate& e) {
  counts.push_back(std::llround(e.value() * static_cast<double>(e.n)));
  counts.push_back(e.n);
}

}  // namespace

std::string FailureSearchRun::save() const {
  State state("failure_search");
  std::vector<std::int64_t> counts{static_cast<std::int64_t>(done_),
                                   n_same_input_,
                                   n_inputs_,
                                   n_unsteady_,
                                   n_repeated_,
                                   result_.rows};
  std::vector<double> numbers;
  if (done_) {
    put_estimate(counts, result_.overall);
    for (std::size_t k = 0; k < result_.found.size(); ++k) {
      const RegionFound& found = result_.found[k];
      put_estimate(counts, found.failure_rate);
      counts.push_back(found.rows);
      numbers.insert(numbers.end(), {found.region.volume, found.searched_rate});
      for (const auto& [low, high] : found.region.range) numbers.insert(numbers.end(), {low, high});
      state.set(fmt::format("curve_rows.{}", k), found.curve_rows);
      state.set(fmt::format("curve_rate.{}", k), found.curve_rate);
    }
  }
  state.set("counts", std::move(counts)).set("numbers", std::move(numbers));
  return state.dump();
}

void FailureSearchRun::load(std::string_view text) {
  const State state = State::parse(text, "failure_search");
  const auto& counts = state.integers("counts");
  const auto damaged = [](bool is) {
    if (is)
      throw StoreError("failure_search.load", "counts that agree", "others",
                       "the saved state is damaged; run again");
  };
  damaged(counts.size() != 6 && counts.size() != 17);
  damaged(std::any_of(counts.begin(), counts.end(), [](std::int64_t c) { return c < 0; }));
  const bool done = counts[0] != 0;
  damaged(done != (counts.size() == 17));
  const auto width = 2 + 2 * std::ssize(*parameters_);
  const auto& numbers = state.numbers("numbers", done ? 3 * width : 0);
  robustness::FailureSearchResult result;
  result.rows = counts[5];
  const double level = 0.95;  // set anew by `finish`
  for (std::size_t k = 0; done && k < 3; ++k) {
    const std::size_t c = 8 + 3 * k;
    damaged(counts[c] > counts[c + 1] || counts[c + 1] == 0);
    RegionFound found;
    found.method = static_cast<SearchMethod>(k);
    found.failure_rate = Estimate::rate(counts[c], counts[c + 1], "clopper_pearson", level);
    found.rows = counts[c + 2];
    const double* at = numbers.data() + static_cast<std::int64_t>(k) * width;
    found.region.volume = at[0];
    found.searched_rate = at[1];
    for (std::size_t p = 0; p < parameters_->size(); ++p)
      found.region.range.emplace_back(at[2 + 2 * p], at[3 + 2 * p]);
    found.curve_rows = state.numbers(fmt::format("curve_rows.{}", k));
    found.curve_rate = state.numbers(fmt::format("curve_rate.{}", k), std::ssize(found.curve_rows));
    result.found.push_back(std::move(found));
    if (result.found[k].failure_rate.value() > result.found[result.worst].failure_rate.value())
      result.worst = k;
  }
  if (done) {
    damaged(counts[6] > counts[7] || counts[7] == 0);
    result.overall = Estimate::rate(counts[6], counts[7], "clopper_pearson", level);
  }
  done_ = done;
  n_same_input_ = counts[1];
  n_inputs_ = counts[2];
  n_unsteady_ = counts[3];
  n_repeated_ = counts[4];
  result_ = std::move(result);
}

}  // namespace leadline::detail::failure_search
