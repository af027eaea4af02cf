#include "leadline/engine/nightly_gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "core/file.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"

namespace leadline {
namespace detail::nightly_gate {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown_nights = 30;
constexpr double most_evidence = 1e300;  // beyond, bets overflow; an alarm was raised long before

void check(const NightlyGate::Options& options) {
  if (!(options.margin >= 0 && options.margin < 1))
    throw ValueError("NightlyGate", "margin in [0, 1)", fmt::format("{}", options.margin),
                     "it is how much worse is still accepted, e.g. 0.01 for a point");
  if (!(options.alpha > 0 && options.alpha < 1))
    throw ValueError("NightlyGate", "alpha in (0, 1)", fmt::format("{}", options.alpha),
                     "0.05 is usual");
}

stats::SequentialGate part(const NightlyGate::Options& options, stats::Dependence dependence) {
  check(options);
  return stats::SequentialGate({options.alpha / 3, options.margin, 0, dependence});
}

template <class T>
T member(const Json& value, const char* key, const std::string& place) {
  try {
    const Json& found = value.at(key);
    if constexpr (std::is_integral_v<T>)  // a fraction, or a number beyond 63 bits, is not a count
      if (!found.is_number_integer() ||
          (found.is_number_unsigned() && found.get<std::uint64_t>() > INT64_MAX))
        throw StoreError("NightlyGate.from_json", fmt::format("an integer '{}' in {}", key, place),
                         std::string(found.type_name()),
                         "the file is damaged; start a new history");
    return found.get<T>();
  } catch (const nlohmann::json::exception& error) {
    throw StoreError("NightlyGate.from_json", fmt::format("'{}' in {}", key, place), error.what(),
                     "the file is damaged; start a new history");
  }
}

TableBlock table_of(std::span<const NightlyGate::Night> nights) {
  TableBlock table;
  table.title = "Nights";
  table.columns = {"night",      "time",    "data",     "samples", "got worse",
                   "got better", "e-value", "evidence", "alarm"};
  if (nights.size() > shown_nights)
    table.note = fmt::format("The last {} of {}.", shown_nights, nights.size());
  const std::size_t first = nights.size() > shown_nights ? nights.size() - shown_nights : 0;
  for (std::size_t i = first; i < nights.size(); ++i) {
    const auto& night = nights[i];
    table.rows.push_back({static_cast<std::int64_t>(i + 1), night.time,
                          std::string(night.fresh ? "fresh" : "seen before"), night.n, night.only_a,
                          night.only_b, night.e_value, night.evidence, night.alarm});
  }
  return table;
}

Curve curve_of(std::span<const NightlyGate::Night> nights, double threshold) {
  Curve curve;
  curve.title = "Evidence that the second model is worse";
  curve.x_label = "night";
  curve.y_label = "log10 of the evidence";
  curve.note =
      "Nights on fresh data multiply, nights on the same data add; either alarms at the line.";
  Curve::Series fresh{"fresh data", {}, {}, {}, {}, Curve::Series::step};
  Curve::Series seen{"the same data", {}, {}, {}, {}, Curve::Series::step};
  for (std::size_t i = 0; i < nights.size(); ++i) {
    Curve::Series& series = nights[i].fresh ? fresh : seen;
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(std::log10(std::max(nights[i].evidence, 1e-12)));
  }
  const double line = std::log10(threshold);
  Curve::Series limit{"alarm", {1, static_cast<double>(nights.size())}, {line, line}, {}, {}};
  for (auto* series : {&fresh, &seen, &limit})
    if (!series->x.empty()) curve.series.push_back(std::move(*series));
  return curve;
}

}  // namespace detail::nightly_gate

NightlyGate::NightlyGate(Options options)
    : options_(options),
      fresh_(detail::nightly_gate::part(options, stats::Dependence::sequential)),
      seen_(detail::nightly_gate::part(options, stats::Dependence::arbitrary)) {}

bool NightlyGate::alarmed() const {
  return std::any_of(nights_.begin(), nights_.end(),
                     [](const Night& night) { return !night.alarm.empty(); });
}

const NightlyGate::Night& NightlyGate::add(const stats::PairedCounts& counts, std::string data,
                                           double slice_p, std::string time) {
  namespace impl = detail::nightly_gate;
  if (counts.n() < 1)
    throw ValueError("NightlyGate.add", "counts of at least one sample", "none",
                     "count the pairs of this night");
  if (!(slice_p >= 0 && slice_p <= 1))
    throw ValueError("NightlyGate.add", "slice_p in [0, 1]", fmt::format("{}", slice_p),
                     "pass 1 when no group is watched");
  Night night;
  night.fresh = std::none_of(nights_.begin(), nights_.end(), [&](const Night& before) {
    return !data.empty() && before.data == data;
  });
  stats::SequentialGate& gate = night.fresh ? fresh_ : seen_;
  night.e_value = std::min(gate.update(counts), impl::most_evidence);
  night.evidence = std::min(gate.evidence(), impl::most_evidence);
  night.time = time.empty() ? detail::engine::now_utc() : std::move(time);
  night.data = std::move(data);
  night.n = counts.n();
  night.only_a = counts.only_first;
  night.only_b = counts.only_second;
  night.slice_p = slice_p;
  const auto k = static_cast<double>(nights_.size() + 1);
  if (night.evidence >= threshold())
    night.alarm = night.fresh ? "evidence" : "same data";
  else if (slice_p <= options_.alpha / 3 / (k * (k + 1)))
    night.alarm = "group";
  nights_.push_back(std::move(night));
  return nights_.back();
}

Finding NightlyGate::finding() const {
  Finding finding;
  finding.probe = "gate";
  finding.kind = "compare.gate";
  finding.question = "Over all nights so far, is there evidence that the second model is worse?";
  if (nights_.empty())
    return absent_finding(finding.probe, finding.kind, finding.question, Status::empty,
                          "no night was added");
  finding.options = {{"margin", fmt::format("{}", options_.margin)},
                     {"alpha", fmt::format("{}", options_.alpha)}};
  const Night& last = nights_.back();
  finding.add("nights", Estimate::of(static_cast<double>(nights_.size()), last.n, "a count"));
  finding.add("evidence", Estimate::of(last.evidence, last.n, "evidence has no interval"),
              Better::lower, "evidence that it is worse; an alarm at the threshold");
  finding.add("threshold", Estimate::of(threshold(), last.n, "a limit"));
  if (last.alarm.empty()) {
    finding.headline = fmt::format(
        "No alarm on night {}; the chance of ever raising a false one is at most {:g} %.",
        nights_.size(), 100 * options_.alpha);
  } else {
    finding.headline = fmt::format("Alarm on night {}: {}.", nights_.size(),
                                   last.alarm == "group"
                                       ? std::string("a group got worse")
                                       : fmt::format("the second model is worse by more than {:g} "
                                                     "points",
                                                     100 * options_.margin));
    finding.consequence = fmt::format(
        "Of {:.0f} honest histories, at most one ever raises such an "
        "alarm.",
        1 / options_.alpha);
    finding.remedies.push_back(
        {"Keep the first model, look at the flips, and start a new history after the repair.",
         "comparison.flips.worse"});
  }
  finding.blocks.emplace_back(detail::nightly_gate::curve_of(nights_, threshold()));
  finding.blocks.emplace_back(detail::nightly_gate::table_of(nights_));
  return finding;
}

std::string NightlyGate::to_json() const {
  using detail::nightly_gate::Json;
  Json nights = Json::array();
  for (const Night& night : nights_)
    nights.push_back({{"time", night.time},
                      {"data", night.data},
                      {"n", night.n},
                      {"only_a", night.only_a},
                      {"only_b", night.only_b},
                      {"slice_p", night.slice_p},
                      {"e_value", night.e_value},
                      {"evidence", night.evidence},
                      {"alarm", night.alarm}});
  const Json value = {{"format", "leadline.gate"},
                      {"schema", 1},
                      {"margin", options_.margin},
                      {"alpha", options_.alpha},
                      {"nights", std::move(nights)}};
  // bytes of a name that are no UTF-8 become U+FFFD
  return value.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

NightlyGate NightlyGate::from_json(std::string_view json) {
  namespace impl = detail::nightly_gate;
  constexpr std::string_view who = "NightlyGate.from_json";
  const auto value = impl::Json::parse(json, nullptr, false);
  if (!value.is_object() || !value.contains("format") || value["format"] != "leadline.gate")
    throw StoreError(who, "a history saved by NightlyGate", "another file",
                     "give history= a file of its own");
  if (impl::member<int>(value, "schema", "the top") != 1)
    throw StoreError(who, "schema 1", "a newer one", "read it with a newer leadline");
  NightlyGate gate(Options{impl::member<double>(value, "margin", "the top"),
                           impl::member<double>(value, "alpha", "the top")});
  const auto nights = impl::member<impl::Json>(value, "nights", "the top");
  for (std::size_t i = 0; i < nights.size(); ++i) {
    const std::string place = fmt::format("nights[{}]", i);
    const auto n = impl::member<std::int64_t>(nights[i], "n", place);
    const auto a = impl::member<std::int64_t>(nights[i], "only_a", place);
    const auto b = impl::member<std::int64_t>(nights[i], "only_b", place);
    if (n < 1 || a < 0 || b < 0 || a > n || b > n - a)
      throw StoreError(who, "counts that fit in " + place, fmt::format("{}, {}, {}", n, a, b),
                       "the file is damaged; start a new history");
    gate.add({n - a - b, a, b, 0}, impl::member<std::string>(nights[i], "data", place),
             impl::member<double>(nights[i], "slice_p", place),
             impl::member<std::string>(nights[i], "time", place));
  }
  return gate;
}

void NightlyGate::save(const std::string& path) const {
  detail::file::write_atomically(path, to_json(), "NightlyGate.save");
}

NightlyGate NightlyGate::load(const std::string& path) {
  return from_json(detail::file::read(path, "NightlyGate.load"));
}

}  // namespace leadline
