#include "leadline/metrics/metric_collection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/state.hpp"

namespace leadline::detail::metric_collection {

constexpr std::string_view type = "metrics.MetricCollection";
using Metrics = std::span<const std::shared_ptr<const Metric>>;

/// "f1", or "f1{average=macro}" with the options in which it differs from others of the name.
std::string name_of(Metrics metrics, const Metric& own) {
  const std::string name = own.info().name;
  const auto arguments = own.arguments();
  std::string different;
  for (const auto& [key, value] : arguments) {
    const bool differs = std::any_of(metrics.begin(), metrics.end(), [&](const auto& other) {
      if (other == nullptr || other->info().name != name) return false;
      const auto others = other->arguments();
      return std::find(others.begin(), others.end(), std::pair(key, value)) == others.end();
    });
    if (!differs) continue;
    const bool quoted = value.size() > 1 && value.front() == '"' && value.back() == '"';
    different += (different.empty() ? "" : ",") + key + "=" +
                 (quoted ? value.substr(1, value.size() - 2) : value);
  }
  return different.empty() ? name : name + "{" + different + "}";
}

void append(Finding& to, Finding from) {
  for (Named& named : from.estimates)
    if (to.find(named.name) == nullptr) to.estimates.push_back(std::move(named));
  for (Check& check : from.checks) {
    const auto same = [&](const Check& other) { return other.name == check.name; };
    if (std::none_of(to.checks.begin(), to.checks.end(), same)) to.checks.push_back(check);
  }
  to.blocks.insert(to.blocks.end(), from.blocks.begin(), from.blocks.end());
  to.warnings.insert(to.warnings.end(), from.warnings.begin(), from.warnings.end());
}

}  // namespace leadline::detail::metric_collection

namespace leadline::metrics {
namespace collection_impl = leadline::detail::metric_collection;

MetricCollection::MetricCollection(std::span<const std::shared_ptr<const Metric>> metrics) {
  for (const auto& metric : metrics) {
    if (metric == nullptr) throw TypeError("MetricCollection", "metrics", "none", "leave it out");
    add(collection_impl::name_of(metrics, *metric), *metric);
  }
  if (parts_.empty())
    throw ValueError("MetricCollection", "at least one metric", "none",
                     "for example metrics::Accuracy()");
}

MetricCollection::MetricCollection(std::span<const Member> metrics) {
  for (const auto& [name, metric] : metrics) {
    if (metric == nullptr) throw TypeError("MetricCollection", "metrics", "none", "leave it out");
    if (name.empty())
      throw ValueError("MetricCollection", "a name for each metric", "''", "name it");
    add(name, *metric);
  }
  if (parts_.empty())
    throw ValueError("MetricCollection", "at least one metric", "none",
                     "for example metrics::Accuracy()");
}

void MetricCollection::add(std::string name, const Metric& metric) {
  for (const Part& part : parts_)
    if (part.name == name)
      throw ValueError("MetricCollection", "metrics of different names or options",
                       fmt::format("'{}' twice", name), "give them names of your own");
  std::size_t keeper = parts_.size();
  const std::string key = metric.state_key();
  for (std::size_t i = 0; i < parts_.size() && !key.empty(); ++i)
    if (parts_[i].keeper == i && parts_[i].metric->state_key() == key) keeper = i;
  parts_.push_back({std::move(name), metric.fresh(), keeper});
}

template <class RowsOf>
void MetricCollection::update_keepers(RowsOf&& rows_of) {
  if (n_states() == 1) {  // its own update is all or nothing
    rows_of(*parts_.front().metric, [&](const Rows& rows) { parts_.front().metric->update(rows); });
    return;
  }
  std::vector<std::shared_ptr<Metric>> batch(parts_.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].keeper != i) continue;
    batch[i] = parts_[i].metric->fresh();
    rows_of(*batch[i], [&](const Rows& rows) { batch[i]->update(rows); });
  }
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (batch[i] != nullptr) parts_[i].metric->merge(*batch[i]);
}

void MetricCollection::update(const Rows& rows) {
  update_keepers([&](const Metric&, auto&& use) { use(rows); });
}

void MetricCollection::update(std::span<const ArrayView> arrays, const Rows& rest) {
  update_keepers([&](const Metric& metric, auto&& use) {
    const auto reads = metric.info().reads;
    std::vector<Column> columns = columns_of(reads, arrays, "MetricCollection.update");
    columns.insert(columns.end(), rest.columns.begin(), rest.columns.end());
    Rows rows = rest;
    rows.columns = columns;
    use(rows);
  });
}

void MetricCollection::update(const ArrayView& scores, const ArrayView& target,
                              std::span<const double> weights, std::span<const SampleId> ids) {
  const std::array<ArrayView, 2> arrays{scores, target};
  update(arrays, Rows{ids, weights, {}});
}

std::shared_ptr<const Metric> MetricCollection::with_state(const Part& part) const {
  const Part& keeper = parts_[part.keeper];
  if (&keeper == &part) return part.metric;
  auto metric = part.metric->fresh();
  metric->adopt(*keeper.metric);
  return metric;
}

std::vector<Named> MetricCollection::compute() const {
  std::vector<Named> all;
  for (const Part& part : parts_) {
    const MetricInfo info = part.metric->info();
    all.push_back({part.name, with_state(part)->compute(), info.better, info.unit, info.label});
  }
  return all;
}

std::size_t MetricCollection::index(std::string_view name) const {
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].name == name) return i;
    known.push_back(parts_[i].name);
  }
  const auto nearest = nearest_name(name, known);
  throw ValueError(
      "MetricCollection", "one of its metrics", "'" + std::string(name) + "'",
      nearest.empty() ? fmt::format("see names()") : fmt::format("did you mean '{}'?", nearest));
}

Estimate MetricCollection::at(std::string_view name) const { return member(name)->compute(); }

std::shared_ptr<const Metric> MetricCollection::member(std::string_view name) const {
  const Part& part = parts_[index(name)];
  auto copy = part.metric->fresh();
  copy->load(with_state(part)->save());
  return copy;
}

void MetricCollection::describe(Finding& finding, std::string_view prefix) const {
  for (const Part& part : parts_) {
    Finding one;
    with_state(part)->describe(one, prefix);
    collection_impl::append(finding, std::move(one));
  }
}

std::vector<std::string> MetricCollection::signature() const {
  std::vector<std::string> out;
  for (const Part& part : parts_) {
    std::string text = part.name + ": " + part.metric->info().name;
    for (const auto& [name, value] : part.metric->arguments())
      text.append(" ").append(name).append("=").append(value);
    out.push_back(std::move(text));
  }
  return out;
}

MetricCollection MetricCollection::fresh() const {
  std::vector<Member> members;
  for (const Part& part : parts_) members.emplace_back(part.name, part.metric);
  return MetricCollection(members);
}

void MetricCollection::merge(const MetricCollection& other) {
  if (signature() != other.signature())
    throw ValueError("MetricCollection.merge", "the same metrics with the same options", "others",
                     "make both alike, or use fresh()");
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (parts_[i].keeper == i) parts_[i].metric->merge(*other.parts_[i].metric);
}

std::string MetricCollection::save() const {
  std::vector<std::string> states;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (parts_[i].keeper == i) states.push_back(parts_[i].metric->save());
  return State(collection_impl::type)
      .set("members", signature())
      .set("states", std::move(states))
      .dump();
}

void MetricCollection::load(std::string_view text) {
  const State state = State::parse(text, collection_impl::type);
  if (state.texts("members") != signature())
    throw StoreError("MetricCollection.load", "the state of the same metrics and options",
                     "that of others", "make the collection as it was when it was saved");
  const auto& states = state.texts("states");
  if (states.size() != n_states())
    throw StoreError("MetricCollection.load", fmt::format("{} states", n_states()),
                     fmt::format("{}", states.size()), "the saved state is damaged; run again");
  MetricCollection loaded = fresh();
  std::size_t next = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (parts_[i].keeper == i) loaded.parts_[i].metric->load(states[next++]);
  *this = std::move(loaded);
}

std::vector<std::string> MetricCollection::names() const {
  std::vector<std::string> out;
  for (const Part& part : parts_) out.push_back(part.name);
  return out;
}

std::size_t MetricCollection::n_states() const {
  std::size_t n = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) n += parts_[i].keeper == i;
  return n;
}

}  // namespace leadline::metrics
