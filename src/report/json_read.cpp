#include "report/json_node.hpp"

namespace leadline::detail::json {

Status read_status(const Node& node) {
  static const auto names =
      names_of<Status>(Status::ok, Status::empty, Status::undefined, Status::not_measured,
                       Status::failed, Status::cancelled);
  return node.choice(names);
}

Estimate read_estimate(const Node& node) {
  node.expect_keys(std::array<std::string_view, 10>{"status", "value", "lower", "upper", "level",
                                                    "method", "n", "why", "error_bound", "facts"});
  const auto status = read_status(node["status"]);
  const auto n = node["n"].count();
  const bool ok = status == Status::ok;
  if (ok == node["value"].is_null())
    node["value"].refuse(ok ? "a number, for the status is ok" : "null, for the status is not ok",
                         ok ? "null" : "a value");
  if (ok && !node["value"].json().is_number())
    node["value"].refuse("a finite number", dump(node["value"].json(), -1).substr(0, 40));
  auto estimate = ok ? Estimate::of(node["value"].number(), n) : Estimate();
  estimate.status = status;
  estimate.n = n;
  estimate.lower = node["lower"].number_if();
  estimate.upper = node["upper"].number_if();
  if (estimate.lower.has_value() != estimate.upper.has_value())
    node.refuse("both ends of the interval, or neither", "one");
  if (estimate.lower && *estimate.lower > *estimate.upper)
    node.refuse("lower <= upper",
                std::to_string(*estimate.lower) + " > " + std::to_string(*estimate.upper));
  estimate.level = node["level"].number();
  estimate.method = node["method"].text();
  estimate.why = node["why"].text();
  estimate.error_bound = node["error_bound"].number();
  const auto facts = node["facts"];
  if (!facts.json().is_object()) facts.refuse("an object", facts.json().type_name());
  for (const auto& [name, value] : facts.json().items())
    estimate.facts[name] = facts.member(name, value).number();
  return estimate;
}

Named read_named(const Node& node) {
  static const auto directions = names_of<Better>(Better::higher, Better::lower, Better::neither);
  node.expect_keys(std::array<std::string_view, 5>{"name", "label", "unit", "better", "estimate"});
  Named named;
  named.name = node["name"].text();
  named.label = node["label"].text();
  named.unit = node["unit"].text();
  named.better = node["better"].choice(directions);
  named.estimate = read_estimate(node["estimate"]);
  return named;
}

Check read_check(const Node& node) {
  static const auto results = names_of<Check::Result>(Check::pass, Check::fail, Check::not_run);
  node.expect_keys(std::array<std::string_view, 7>{"name", "result", "why", "remedy", "applies_to",
                                                   "evidence", "p_value"});
  Check check;
  check.name = node["name"].text();
  check.result = node["result"].choice(results);
  check.why = node["why"].text();
  check.remedy = node["remedy"].text();
  check.applies_to = node["applies_to"].texts();
  if (!node["evidence"].is_null()) check.evidence = read_estimate(node["evidence"]);
  check.p_value = node["p_value"].number_if();
  return check;
}

Cost read_cost(const Node& node) {
  node.expect_keys(
      std::array<std::string_view, 4>{"seconds", "forwards", "backwards", "peak_bytes"});
  Cost cost;
  cost.seconds = node["seconds"].number();
  cost.forwards = node["forwards"].count();
  cost.backwards = node["backwards"].count();
  cost.peak_bytes = node["peak_bytes"].count();
  return cost;
}

void fill_finding(const Node& node, Finding& finding) {
  finding.probe = node["probe"].text();
  finding.kind = node["kind"].text();
  finding.question = node["question"].text();
  finding.status = read_status(node["status"]);
  finding.why = node["why"].text();
  finding.headline = node["headline"].text();
  finding.consequence = node["consequence"].text();
  finding.remedies = node["remedies"].list<Remedy>([](const Node& remedy) {
    remedy.expect_keys(std::array<std::string_view, 2>{"text", "call"});
    return Remedy{remedy["text"].text(), remedy["call"].text()};
  });
  finding.estimates = node["estimates"].list<Named>(read_named);
  finding.checks = node["checks"].list<Check>(read_check);
  finding.blocks = node["blocks"].list<Block>(read_block);
  finding.flags = node["flags"].list<Flag>([](const Node& flag) {
    flag.expect_keys(std::array<std::string_view, 3>{"id", "reason", "severity"});
    return Flag{flag["id"].integer(), flag["reason"].text(), flag["severity"].number()};
  });
  finding.warnings = node["warnings"].texts();
  finding.options = node["options"].pairs();
  finding.cost = read_cost(node["cost"]);
}

Finding read_finding_in_report(const Node& node) {
  node.expect_keys(std::array<std::string_view, 15>{
      "probe", "kind", "question", "status", "why", "headline", "consequence", "remedies",
      "estimates", "checks", "blocks", "flags", "warnings", "options", "cost"});
  Finding finding;
  fill_finding(node, finding);
  return finding;
}

Verdict read_verdict(const Node& node) {
  static const auto outcomes =
      names_of<Outcome>(Outcome::met, Outcome::not_met, Outcome::undecided, Outcome::not_measured);
  static const std::array<std::pair<std::string_view, Comparison>, 4> comparisons{
      {{symbol_of(Comparison::at_least), Comparison::at_least},
       {symbol_of(Comparison::at_most), Comparison::at_most},
       {symbol_of(Comparison::above), Comparison::above},
       {symbol_of(Comparison::below), Comparison::below}}};
  node.expect_keys(
      std::array<std::string_view, 5>{"requirement", "outcome", "why", "estimate", "more_samples"});
  const auto requirement = node["requirement"];
  requirement.expect_keys(std::array<std::string_view, 6>{"name", "estimate", "comparison", "limit",
                                                          "slice", "reason"});
  Verdict verdict;
  verdict.requirement.name = requirement["name"].text();
  verdict.requirement.estimate = requirement["estimate"].text();
  verdict.requirement.comparison = requirement["comparison"].choice(comparisons);
  verdict.requirement.limit = requirement["limit"].number();
  verdict.requirement.slice = requirement["slice"].text();
  verdict.requirement.reason = requirement["reason"].text();
  verdict.outcome = node["outcome"].choice(outcomes);
  verdict.why = node["why"].text();
  if (!node["estimate"].is_null()) verdict.estimate = read_estimate(node["estimate"]);
  if (!node["more_samples"].is_null()) verdict.more_samples = node["more_samples"].count();
  return verdict;
}

/// The version, after checking that this is such a file and not one from the future.
int read_schema(const Node& node, std::string_view format) {
  if (!node.json().is_object()) node.refuse("an object", node.json().type_name());
  for (const char* key : {"format", "schema"})
    if (!node.json().contains(key)) node.refuse("the key '" + std::string(key) + "'", "none");
  if (node["format"].text() != format)
    node["format"].refuse("'" + std::string(format) + "'", "'" + node["format"].text() + "'");
  const auto schema = node["schema"].integer();
  if (schema < 1 || schema > Report::schema_version)
    node["schema"].refuse("a version in [1, " + std::to_string(Report::schema_version) +
                              "]; a newer leadline reads newer files",
                          std::to_string(schema));
  return static_cast<int>(schema);
}

PolicyRecord read_policy(const Node& node) {
  node.expect_keys(std::array<std::string_view, 4>{"name", "hash", "locked_at", "timing"});
  static constexpr std::array<std::pair<std::string_view, int>, 3> timings{
      {{"before", 0}, {"after", 1}, {"unknown", 2}}};
  (void)node["timing"].choice(timings);
  return {node["name"].text(), node["hash"].text(), node["locked_at"].text(),
          node["timing"].text()};
}

/// A file beside the report: no folders, for the report may come from anyone.
Report::SamplesFile read_samples(const Node& node) {
  node.expect_keys(std::array<std::string_view, 2>{"file", "fingerprint"});
  const auto& name = node["file"].text();
  if (name.empty() || name.find_first_of("/\\") != std::string::npos || name.starts_with('.'))
    node["file"].refuse("the name of a file beside the report", "'" + name + "'");
  return {"", name, node["fingerprint"].text()};
}

Report read_report(const Json& value, std::string_view who) {
  const Node node(value, who);
  Report report;
  report.schema = read_schema(node, report_format);
  node.expect_keys(std::array<std::string_view, 11>{"format", "schema", "kind", "title", "created",
                                                    "partial", "partial_why", "provenance",
                                                    "policy", "verdicts", "findings"},
                   "samples");
  report.kind = node["kind"].text();
  report.title = node["title"].text();
  report.created = node["created"].text();
  report.partial = node["partial"].boolean();
  report.partial_why = node["partial_why"].text();
  report.provenance = node["provenance"].pairs();
  if (!node["policy"].is_null()) report.policy = read_policy(node["policy"]);
  report.verdicts = node["verdicts"].list<Verdict>(read_verdict);
  report.findings = node["findings"].list<Finding>(read_finding_in_report);
  if (value.contains("samples")) report.samples_file = read_samples(node["samples"]);
  return report;
}

Finding read_finding(const Json& value, std::string_view who) {
  const Node node(value, who);
  (void)read_schema(node, finding_format);
  node.expect_keys(std::array<std::string_view, 17>{
      "format", "schema", "probe", "kind", "question", "status", "why", "headline", "consequence",
      "remedies", "estimates", "checks", "blocks", "flags", "warnings", "options", "cost"});
  Finding finding;
  fill_finding(node, finding);
  return finding;
}

}  // namespace leadline::detail::json
