#include "leadline/core/metrics_probe.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"

namespace leadline {
namespace detail::metrics_probe {

constexpr std::string_view state_type = "core.Metrics";

class MetricsRun final : public ProbeRun {
 public:
  MetricsRun(std::vector<std::shared_ptr<Metric>> metrics, std::string over)
      : metrics_(std::move(metrics)), over_(std::move(over)) {}

  std::optional<PassNeeds> next_pass() override {
    if (asked_) return std::nullopt;
    asked_ = true;
    return PassNeeds{over_, {}};
  }
  void observe(Context& context) override {
    const Rows rows = context.rows();
    for (auto& metric : metrics_) metric->update(rows);
  }
  void merge(const ProbeRun& other) override {
    const auto* same = dynamic_cast<const MetricsRun*>(&other);
    if (same == nullptr || same->metrics_.size() != metrics_.size())
      throw ValueError("Metrics.merge", "a run of the same metrics", "another probe run", "");
    asked_ |= same->asked_;
    for (std::size_t i = 0; i < metrics_.size(); ++i) metrics_[i]->merge(*same->metrics_[i]);
  }
  std::string save() const override {
    std::vector<std::string> states;
    for (const auto& metric : metrics_) states.push_back(metric->save());
    State state(state_type);
    return state.set("asked", static_cast<int>(asked_)).set("metrics", std::move(states)).dump();
  }
  void load(std::string_view text) override {
    const State state = State::parse(text, state_type);
    const auto& states = state.texts("metrics");
    if (states.size() != metrics_.size())
      throw StoreError("Metrics.load", fmt::format("the states of {} metrics", metrics_.size()),
                       std::to_string(states.size()), "load the state of the same probe");
    std::vector<std::shared_ptr<Metric>> loaded;
    for (std::size_t i = 0; i < states.size(); ++i) {
      loaded.push_back(metrics_[i]->fresh());
      loaded.back()->load(states[i]);
    }
    asked_ = state.integer("asked") != 0;
    metrics_ = std::move(loaded);
  }
  Finding finish(Session&) override {
    Finding finding;
    for (const auto& metric : metrics_) metric->describe(finding);
    const MetricInfo first = metrics_.front()->info();
    finding.headline = fmt::format("{}: {}", first.label.empty() ? first.name : first.label,
                                   metrics_.front()->compute().text());
    return finding;
  }

 private:
  std::vector<std::shared_ptr<Metric>> metrics_;
  std::string over_;
  bool asked_ = false;
};

}  // namespace detail::metrics_probe

Metrics::Metrics(std::vector<std::shared_ptr<const Metric>> metrics, Options options)
    : metrics_(std::move(metrics)), options_(std::move(options)) {
  if (metrics_.empty())
    throw ValueError("Metrics", "at least one metric", "none", "for example metrics::Accuracy()");
  std::vector<std::string> names;
  for (const auto& metric : metrics_) {
    if (metric == nullptr) throw TypeError("Metrics", "metrics", "none", "leave it out");
    const std::string name = metric->info().name;
    if (std::find(names.begin(), names.end(), name) != names.end())
      throw ValueError("Metrics", "metrics of different names", fmt::format("'{}' twice", name),
                       "put the second one into a probe of its own");
    names.push_back(name);
  }
}

ProbeInfo Metrics::info() const {
  ProbeInfo about;
  about.name = options_.name;
  about.question = options_.question;
  about.access = Access::labels;
  about.needs_target = false;
  if (options_.over != "test") about.roles.push_back(options_.over);
  for (const auto& metric : metrics_)
    for (const auto& column : metric->info().reads) {
      if (column != "prediction" && column != "target" && column != "correct")
        about.access = Access::outputs;
      about.needs_target |= column == "target" || column == "correct" || column == "loss";
    }
  return about;
}

std::vector<std::pair<std::string, std::string>> Metrics::options() const {
  std::vector<std::string> states;
  for (const auto& metric : metrics_) states.push_back(metric->fresh()->save());
  return {{"over", text_of(options_.over)}, {"metrics", text_of(states)}};
}

std::shared_ptr<ProbeRun> Metrics::start(Session&) const {
  std::vector<std::shared_ptr<Metric>> fresh;
  for (const auto& metric : metrics_) fresh.push_back(metric->fresh());
  return std::make_shared<detail::metrics_probe::MetricsRun>(std::move(fresh), options_.over);
}

}  // namespace leadline
