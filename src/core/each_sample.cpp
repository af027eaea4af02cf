#include "leadline/core/each_sample.hpp"

#include <fmt/format.h>

#include <cmath>

#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"
#include "leadline/stats/intervals.hpp"

namespace leadline {
namespace detail::each_sample {

constexpr std::string_view state_type = "core.EachSample";

/// What is kept of one column.
struct Fold {
  stats::Moments moments;
  std::int64_t ones = 0, zeros = 0, missing = 0;

  void merge(const Fold& other) {
    moments.merge(other.moments);
    ones += other.ones;
    zeros += other.zeros;
    missing += other.missing;
  }
  [[nodiscard]] Estimate estimate(double level) const {
    Estimate out;
    if (moments.n == 0) {
      out = Estimate::absent(Status::empty, "no sample has a value");
    } else if (ones + zeros == moments.n) {
      out = Estimate::rate(ones, moments.n, "wilson", level);
    } else if (const auto interval = stats::mean_interval_t(moments, level)) {
      out = Estimate::with(moments.mean, std::min(interval->lower, moments.mean),
                           std::max(interval->upper, moments.mean), moments.n, "t", level);
    } else {
      out = Estimate::of(moments.mean, moments.n, "a single sample has no spread");
    }
    out.facts["missing"] = static_cast<double>(missing);
    return out;
  }
};

class EachSampleRun final : public ProbeRun {
 public:
  EachSampleRun(std::shared_ptr<const EachSample::Options> options,
                std::shared_ptr<const EachSample::Function> function)
      : options_(std::move(options)), function_(std::move(function)) {}

  std::optional<PassNeeds> next_pass() override {
    if (asked_) return std::nullopt;
    asked_ = true;
    return PassNeeds{options_->over, options_->layers};
  }

  void observe(Context& context) override {
    const EachSample::Columns columns = (*function_)(context);
    const auto& ids = context.batch().ids;
    for (const auto& [name, values] : columns) {
      if (values.size() != ids.size())
        throw ShapeError(options_->name, fmt::format("{} numbers in column '{}'", ids.size(), name),
                         std::to_string(values.size()), "return one number a sample");
      for (std::size_t i = 0; i < ids.size(); ++i)
        if (std::isinf(values[i]))
          throw ValueError(options_->name, fmt::format("finite numbers in column '{}'", name),
                           fmt::format("{} at sample {}", values[i], ids[i]),
                           "return NaN where there is no value");
    }
    for (const auto& [name, values] : columns) fold(context, name, values);
  }

  void merge(const ProbeRun& other) override {
    const auto* same = dynamic_cast<const EachSampleRun*>(&other);
    if (same == nullptr)
      throw ValueError(options_->name + ".merge", "a run of the same probe", "another", "");
    asked_ |= same->asked_;
    for (const auto& [name, fold] : same->folds_) folds_[name].merge(fold);
  }

  std::string save() const override {
    State state(state_type);
    std::vector<std::string> names;
    std::vector<double> moments;
    std::vector<std::int64_t> counts;
    for (const auto& [name, fold] : folds_) {
      names.push_back(name);
      const auto& m = fold.moments;
      moments.insert(moments.end(), {m.mean, m.m2, m.min, m.max});
      counts.insert(counts.end(), {m.n, fold.ones, fold.zeros, fold.missing});
    }
    state.set("asked", static_cast<int>(asked_)).set("names", std::move(names));
    return state.set("moments", std::move(moments)).set("counts", std::move(counts)).dump();
  }

  void load(std::string_view text) override {
    const State state = State::parse(text, state_type);
    const auto& names = state.texts("names");
    const auto& moments = state.numbers("moments", 4 * std::ssize(names));
    const auto& counts = state.integers("counts", 4 * std::ssize(names));
    std::map<std::string, Fold, std::less<>> folds;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double* m = &moments[4 * i];
      const std::int64_t* c = &counts[4 * i];
      folds[names[i]] = {{c[0], m[0], m[1], m[2], m[3]}, c[1], c[2], c[3]};
    }
    asked_ = state.integer("asked") != 0;
    folds_ = std::move(folds);
  }

  Finding finish(Session& session) override {
    Finding finding;
    for (const auto& [name, fold] : folds_)
      finding.add(name, fold.estimate(session.level()), options_->better);
    if (finding.estimates.empty())
      finding.add("mean", Estimate::absent(Status::empty, "no sample was seen"));
    const Named& first = finding.estimates.front();
    finding.headline = fmt::format("{}: on average {}", first.name, first.estimate.text());
    return finding;
  }

 private:
  void fold(Context& context, const std::string& name, const std::vector<double>& values) {
    const auto& ids = context.batch().ids;
    Fold& into = folds_[name];
    std::vector<SampleId> present;
    std::vector<double> kept;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const double value = values[i];
      if (std::isnan(value)) {
        ++into.missing;
        continue;
      }
      into.moments.add(value);
      into.ones += value == 1;
      into.zeros += value == 0;
      present.push_back(ids[i]);
      kept.push_back(value);
    }
    if (options_->over == "test")
      context.session().table().put(context.session().probe_id() + "." + name, present, kept);
  }

  std::shared_ptr<const EachSample::Options> options_;
  std::shared_ptr<const EachSample::Function> function_;
  std::map<std::string, Fold, std::less<>> folds_;
  bool asked_ = false;
};

}  // namespace detail::each_sample

EachSample::EachSample(Options options, Function function)
    : options_(std::make_shared<const Options>(std::move(options))),
      function_(std::make_shared<const Function>(std::move(function))) {
  if (!*function_)
    throw TypeError("EachSample", "a function of a batch", "an empty function", "pass a callable");
}

ProbeInfo EachSample::info() const {
  ProbeInfo about;
  about.name = options_->name;
  about.question = options_->question;
  about.access = options_->access;
  if (options_->over != "test") about.roles.push_back(options_->over);
  about.needs_target = options_->needs_target;
  return about;
}

std::vector<std::pair<std::string, std::string>> EachSample::options() const {
  return {{"over", text_of(options_->over)},
          {"layers", text_of(options_->layers)},
          {"version", text_of(options_->version)}};
}

std::shared_ptr<ProbeRun> EachSample::start(Session&) const {
  return std::make_shared<detail::each_sample::EachSampleRun>(options_, function_);
}

}  // namespace leadline
