#include <cmath>

#include "core/base64.hpp"
#include "leadline/core/error.hpp"
#include "report/json.hpp"

namespace leadline::detail::json {

/// Builds values and remembers where it is, for the message of a refusal.
class Writer {
 public:
  explicit Writer(std::string_view who) : who_(who) {}

  Json report(const Report& report, bool samples);
  Json finding(const Finding& finding, std::string_view place);

 private:
  [[noreturn]] void refuse(std::string_view place, std::string_view expected,
                           std::string_view got) const {
    throw ValueError(std::string(who_) + " at " + std::string(place), expected, got,
                     "correct the probe that made this finding");
  }

  Json number(double value, std::string_view place) const {
    if (std::isnan(value)) refuse(place, "a number", "NaN");
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    return value;
  }
  Json number(const std::optional<double>& value, std::string_view place) const {
    return value ? number(*value, place) : Json(nullptr);
  }
  static Json numbers(const std::vector<double>& values) {
    Json array = Json::array();
    array.get_ref<Json::array_t&>().reserve(values.size());
    for (const double value : values) {
      if (std::isnan(value))
        array.emplace_back(nullptr);
      else if (std::isinf(value))
        array.emplace_back(value > 0 ? "inf" : "-inf");
      else
        array.emplace_back(value);
    }
    return array;
  }
  static Json texts(const std::vector<std::string>& values) {
    Json array = Json::array();
    for (const auto& value : values) array.push_back(value);
    return array;
  }
  static Json pairs(const std::vector<std::pair<std::string, std::string>>& values) {
    Json array = Json::array();
    for (const auto& [name, value] : values) array.push_back({{"name", name}, {"value", value}});
    return array;
  }

  Json estimate(const Estimate& estimate, const std::string& place) const;
  Json check(const Check& check, const std::string& place) const;
  Json verdict(const Verdict& verdict, const std::string& place) const;
  Json block(const Curve& curve, const std::string& place) const;
  Json block(const Grid& grid, const std::string& place) const;
  Json block(const TableBlock& table, const std::string& place) const;
  Json block(const Exhibit& exhibit, const std::string& place) const;
  Json image(const Image& image, const std::string& place) const;
  Json cell(const TableBlock::Cell& cell, const std::string& place) const;
  Json series(const Curve::Series& series, const std::string& place) const;

  std::string_view who_;
};

std::string at(std::string_view place, std::string_view list, std::size_t index) {
  std::string text(place);
  if (!text.empty()) text += '.';
  return text.append(list).append("[").append(std::to_string(index)).append("]");
}

std::string_view name_of(Curve::Series::Style style) {
  switch (style) {
    case Curve::Series::line:
      return "line";
    case Curve::Series::step:
      return "step";
    case Curve::Series::points:
      break;
  }
  return "points";
}

std::string_view name_of(Exhibit::Kind kind) {
  switch (kind) {
    case Exhibit::image:
      return "image";
    case Exhibit::tokens:
      return "tokens";
    case Exhibit::row:
      break;
  }
  return "row";
}

Json Writer::estimate(const Estimate& estimate, const std::string& place) const {
  Json facts = Json::object();
  for (const auto& [name, value] : estimate.facts)
    facts[name] = number(value, place + ".facts." + name);
  Json value = nullptr;
  if (const auto known = estimate.value_if_ok()) {
    if (!std::isfinite(*known)) refuse(place + ".value", "a finite number", "NaN or infinity");
    value = *known;
  }
  if (estimate.lower.has_value() != estimate.upper.has_value())
    refuse(place, "both ends of the interval, or neither", "one");
  return {{"status", leadline::name_of(estimate.status)},
          {"value", std::move(value)},
          {"lower", number(estimate.lower, place + ".lower")},
          {"upper", number(estimate.upper, place + ".upper")},
          {"level", number(estimate.level, place + ".level")},
          {"method", estimate.method},
          {"n", estimate.n},
          {"why", estimate.why},
          {"error_bound", number(estimate.error_bound, place + ".error_bound")},
          {"facts", std::move(facts)}};
}

/// An estimate that nobody filled is written as null.
bool is_untouched(const Estimate& estimate) {
  return estimate.status == Status::empty && estimate.n == 0 && estimate.why.empty() &&
         estimate.method.empty() && estimate.facts.empty() && !estimate.lower;
}

Json Writer::check(const Check& check, const std::string& place) const {
  return {
      {"name", check.name},
      {"result", leadline::name_of(check.result)},
      {"why", check.why},
      {"remedy", check.remedy},
      {"applies_to", texts(check.applies_to)},
      {"evidence", is_untouched(check.evidence) ? Json(nullptr)
                                                : estimate(check.evidence, place + ".evidence")},
      {"p_value", number(check.p_value, place + ".p_value")}};
}

Json Writer::series(const Curve::Series& series, const std::string& place) const {
  const auto n = series.x.size();
  if (series.y.size() != n) refuse(place, "as many y as x", std::to_string(series.y.size()));
  if (series.lower.size() != series.upper.size() ||
      (!series.lower.empty() && series.lower.size() != n))
    refuse(place, "lower and upper: none, or one a point", std::to_string(series.lower.size()));
  return {
      {"name", series.name},    {"style", name_of(series.style)}, {"x", numbers(series.x)},
      {"y", numbers(series.y)}, {"lower", numbers(series.lower)}, {"upper", numbers(series.upper)}};
}

Json Writer::block(const Curve& curve, const std::string& place) const {
  Json list = Json::array();
  for (std::size_t i = 0; i < curve.series.size(); ++i)
    list.push_back(series(curve.series[i], at(place, "series", i)));
  return {{"type", "curve"},
          {"title", curve.title},
          {"note", curve.note},
          {"x_label", curve.x_label},
          {"y_label", curve.y_label},
          {"log_x", curve.log_x},
          {"diagonal", curve.diagonal},
          {"level", number(curve.level, place + ".level")},
          {"series", std::move(list)}};
}

Json Writer::block(const Grid& grid, const std::string& place) const {
  if (grid.values.size() != grid.row_names.size() * grid.col_names.size())
    refuse(place + ".values",
           std::to_string(grid.row_names.size() * grid.col_names.size()) +
               " numbers, one a row and column",
           std::to_string(grid.values.size()));
  return {{"type", "grid"},
          {"title", grid.title},
          {"note", grid.note},
          {"row_label", grid.row_label},
          {"col_label", grid.col_label},
          {"row_names", texts(grid.row_names)},
          {"col_names", texts(grid.col_names)},
          {"counts", grid.counts},
          {"values", numbers(grid.values)}};
}

/// Tagged where JSON alone would lose the kind: an infinite number, an estimate.
Json Writer::cell(const TableBlock::Cell& cell, const std::string& place) const {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return *integer;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* value = std::get_if<Estimate>(&cell))
    return {{"estimate", estimate(*value, place)}};
  if (const auto* value = std::get_if<double>(&cell)) {
    if (std::isinf(*value)) return {{"number", number(*value, place)}};
    return number(*value, place);
  }
  return nullptr;
}

Json Writer::block(const TableBlock& table, const std::string& place) const {
  Json rows = Json::array();
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto row_place = at(place, "rows", i);
    if (table.rows[i].size() != table.columns.size())
      refuse(row_place, std::to_string(table.columns.size()) + " cells",
             std::to_string(table.rows[i].size()));
    Json row = Json::array();
    for (std::size_t j = 0; j < table.rows[i].size(); ++j)
      row.push_back(cell(table.rows[i][j], at(row_place, "cells", j)));
    rows.push_back(std::move(row));
  }
  return {{"type", "table"},
          {"title", table.title},
          {"note", table.note},
          {"columns", texts(table.columns)},
          {"rows", std::move(rows)}};
}

Json Writer::image(const Image& image, const std::string& place) const {
  const bool positive = image.height > 0 && image.width > 0;
  if (!positive || (image.channels != 1 && image.channels != 3))
    refuse(place, "a positive height and width, 1 or 3 channels",
           std::to_string(image.height) + " x " + std::to_string(image.width) + " x " +
               std::to_string(image.channels));
  const auto size = static_cast<std::size_t>(image.height) * static_cast<std::size_t>(image.width) *
                    static_cast<std::size_t>(image.channels);
  if (image.pixels.size() != size)
    refuse(place + ".pixels", std::to_string(size) + " bytes", std::to_string(image.pixels.size()));
  return {{"height", image.height},
          {"width", image.width},
          {"channels", image.channels},
          {"pixels", base64_encode(image.pixels.data(), image.pixels.size())}};
}

Json Writer::block(const Exhibit& exhibit, const std::string& place) const {
  Json images = Json::array();
  for (std::size_t i = 0; i < exhibit.images.size(); ++i)
    images.push_back(image(exhibit.images[i], at(place, "images", i)));
  return {{"type", "exhibit"},
          {"kind", name_of(exhibit.kind)},
          {"id", exhibit.id},
          {"title", exhibit.title},
          {"caption", exhibit.caption},
          {"severity", number(exhibit.severity, place + ".severity")},
          {"labels", texts(exhibit.labels)},
          {"values", texts(exhibit.values)},
          {"overlay", numbers(exhibit.overlay)},
          {"images", std::move(images)}};
}

Json Writer::finding(const Finding& finding, std::string_view place) {
  Json remedies = Json::array();
  for (const auto& remedy : finding.remedies)
    remedies.push_back({{"text", remedy.text}, {"call", remedy.call}});
  Json estimates = Json::array();
  for (std::size_t i = 0; i < finding.estimates.size(); ++i) {
    const auto& named = finding.estimates[i];
    estimates.push_back({{"name", named.name},
                         {"label", named.label},
                         {"unit", named.unit},
                         {"better", leadline::name_of(named.better)},
                         {"estimate", estimate(named.estimate, at(place, "estimates", i))}});
  }
  Json checks = Json::array();
  for (std::size_t i = 0; i < finding.checks.size(); ++i)
    checks.push_back(check(finding.checks[i], at(place, "checks", i)));
  Json blocks = Json::array();
  for (std::size_t i = 0; i < finding.blocks.size(); ++i) {
    const auto block_place = at(place, "blocks", i);
    blocks.push_back(
        std::visit([&](const auto& one) { return block(one, block_place); }, finding.blocks[i]));
  }
  Json flags = Json::array();
  for (std::size_t i = 0; i < finding.flags.size(); ++i) {
    const auto& flag = finding.flags[i];
    flags.push_back({{"id", flag.id},
                     {"reason", flag.reason},
                     {"severity", number(flag.severity, at(place, "flags", i) + ".severity")}});
  }
  return {{"probe", finding.probe},
          {"kind", finding.kind},
          {"question", finding.question},
          {"status", leadline::name_of(finding.status)},
          {"why", finding.why},
          {"headline", finding.headline},
          {"consequence", finding.consequence},
          {"remedies", std::move(remedies)},
          {"estimates", std::move(estimates)},
          {"checks", std::move(checks)},
          {"blocks", std::move(blocks)},
          {"flags", std::move(flags)},
          {"warnings", texts(finding.warnings)},
          {"options", pairs(finding.options)},
          {"cost",
           {{"seconds", number(finding.cost.seconds, std::string(place) + ".cost.seconds")},
            {"forwards", finding.cost.forwards},
            {"backwards", finding.cost.backwards},
            {"peak_bytes", finding.cost.peak_bytes}}}};
}

Json Writer::verdict(const Verdict& verdict, const std::string& place) const {
  const auto& requirement = verdict.requirement;
  return {{"requirement",
           {{"name", requirement.name},
            {"estimate", requirement.estimate},
            {"comparison", symbol_of(requirement.comparison)},
            {"limit", number(requirement.limit, place + ".requirement.limit")},
            {"slice", requirement.slice},
            {"reason", requirement.reason}}},
          {"outcome", leadline::name_of(verdict.outcome)},
          {"why", verdict.why},
          {"estimate",
           verdict.estimate ? estimate(*verdict.estimate, place + ".estimate") : Json(nullptr)},
          {"more_samples", verdict.more_samples ? Json(*verdict.more_samples) : Json(nullptr)}};
}

Json Writer::report(const Report& report, bool samples) {
  Json verdicts = Json::array();
  for (std::size_t i = 0; i < report.verdicts.size(); ++i)
    verdicts.push_back(verdict(report.verdicts[i], at("", "verdicts", i)));
  Json findings = Json::array();
  for (std::size_t i = 0; i < report.findings.size(); ++i)
    findings.push_back(finding(report.findings[i], at("", "findings", i)));
  Json policy = nullptr;
  if (report.policy) {
    policy = {{"name", report.policy->name},
              {"hash", report.policy->hash},
              {"locked_at", report.policy->locked_at},
              {"timing", report.policy->timing}};
  }
  Json value = {{"format", report_format},
                {"schema", Report::schema_version},
                {"kind", report.kind},
                {"title", report.title},
                {"created", report.created},
                {"partial", report.partial},
                {"partial_why", report.partial_why},
                {"provenance", pairs(report.provenance)},
                {"policy", std::move(policy)},
                {"verdicts", std::move(verdicts)},
                {"findings", std::move(findings)}};
  if (samples && report.samples_file)
    value["samples"] = {{"file", report.samples_file->name},
                        {"fingerprint", report.samples_file->fingerprint}};
  return value;
}

Json write(const Report& report, std::string_view who, bool samples) {
  return Writer(who).report(report, samples);
}

Json write(const Finding& finding, std::string_view who) {
  Json value = {{"format", finding_format}, {"schema", Report::schema_version}};
  value.update(Writer(who).finding(finding, ""));
  return value;
}

}  // namespace leadline::detail::json
