#include <algorithm>
#include <array>
#include <limits>

#include "core/base64.hpp"
#include "leadline/core/error.hpp"
#include "report/json.hpp"

namespace leadline::detail::json {

/// A value and its place. Every reading method checks, and names the place when it refuses.
class Node {
 public:
  Node(const Json& value, std::string_view who) : value_(value), who_(who) {}

  [[noreturn]] void refuse(std::string_view expected, std::string_view got) const {
    const auto place = this->place();
    throw StoreError(std::string(who_) + " at " + (place.empty() ? "the top" : place), expected,
                     got, "the file is damaged or was not written by leadline");
  }

  /// An object with exactly these keys.
  template <std::size_t n>
  void expect_keys(const std::array<std::string_view, n>& keys) const {
    if (!value_.is_object()) refuse("an object", value_.type_name());
    for (const auto& [key, member] : value_.items())
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        refuse("no key but those of the schema", "'" + key + "'");
    for (const auto key : keys)
      if (!value_.contains(key)) refuse("the key '" + std::string(key) + "'", "none");
  }
  [[nodiscard]] Node operator[](const char* key) const {
    return Node(value_.at(key), *this, key, no_index);
  }
  [[nodiscard]] Node item(std::size_t index) const {
    return Node(value_.at(index), *this, {}, index);
  }
  [[nodiscard]] bool is_null() const { return value_.is_null(); }
  [[nodiscard]] const Json& json() const { return value_; }

  [[nodiscard]] const std::string& text() const {
    if (!value_.is_string()) refuse("a string", value_.type_name());
    return value_.get_ref<const std::string&>();
  }
  [[nodiscard]] bool boolean() const {
    if (!value_.is_boolean()) refuse("true or false", value_.type_name());
    return value_.get<bool>();
  }
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] std::int64_t count() const {
    const auto value = integer();
    if (value < 0) refuse("an integer >= 0", std::to_string(value));
    return value;
  }
  [[nodiscard]] double number() const;
  [[nodiscard]] std::optional<double> number_if() const {
    return is_null() ? std::nullopt : std::optional(number());
  }
  [[nodiscard]] std::vector<double> numbers() const;
  [[nodiscard]] std::vector<std::string> texts() const {
    return list<std::string>([](const Node& node) { return node.text(); });
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs() const;

  template <class T, class Read>
  [[nodiscard]] std::vector<T> list(Read&& read) const {
    if (!value_.is_array()) refuse("an array", value_.type_name());
    std::vector<T> items;
    items.reserve(value_.size());
    for (std::size_t i = 0; i < value_.size(); ++i) items.push_back(read(item(i)));
    return items;
  }
  /// One of a few names.
  template <class T, std::size_t n>
  [[nodiscard]] T choice(const std::array<std::pair<std::string_view, T>, n>& names) const {
    const auto& given = text();
    std::string known;
    for (const auto& [name, value] : names) {
      if (name == given) return value;
      known += (known.empty() ? "'" : ", '") + std::string(name) + "'";
    }
    refuse("one of " + known, "'" + given + "'");
  }

 private:
  static constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();

  Node(const Json& value, const Node& parent, std::string_view key, std::size_t index)
      : value_(value), who_(parent.who_), parent_(&parent), key_(key), index_(index) {}

  [[nodiscard]] std::string place() const {
    if (parent_ == nullptr) return {};
    auto text = parent_->place();
    if (index_ != no_index) return text + "[" + std::to_string(index_) + "]";
    if (!text.empty()) text += '.';
    return text.append(key_);
  }

  const Json& value_;
  std::string_view who_;
  const Node* parent_ = nullptr;  // alive: a child never outlives the expression that made it
  std::string_view key_;
  std::size_t index_ = no_index;
};

std::int64_t Node::integer() const {
  if (!value_.is_number_integer()) refuse("an integer", dump(value_, -1).substr(0, 40));
  if (value_.is_number_unsigned() &&
      value_.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    refuse("an integer of at most 63 bits", value_.dump());
  return value_.get<std::int64_t>();
}

double Node::number() const {
  if (value_.is_number()) return value_.get<double>();
  if (value_ == "inf") return std::numeric_limits<double>::infinity();
  if (value_ == "-inf") return -std::numeric_limits<double>::infinity();
  refuse("a number, \"inf\" or \"-inf\"", dump(value_, -1).substr(0, 40));
}

std::vector<double> Node::numbers() const {
  return list<double>([](const Node& node) {
    return node.is_null() ? std::numeric_limits<double>::quiet_NaN() : node.number();
  });
}

std::vector<std::pair<std::string, std::string>> Node::pairs() const {
  return list<std::pair<std::string, std::string>>([](const Node& node) {
    node.expect_keys(std::array<std::string_view, 2>{"name", "value"});
    return std::pair(node["name"].text(), node["value"].text());
  });
}

template <class T, class... Values>
auto names_of(Values... values) {
  return std::array<std::pair<std::string_view, T>, sizeof...(Values)>{
      std::pair(leadline::name_of(values), values)...};
}

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
    estimate.facts[name] = facts[name.c_str()].number();
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

Curve::Series read_series(const Node& node) {
  static constexpr std::array<std::pair<std::string_view, Curve::Series::Style>, 3> styles{
      {{"line", Curve::Series::line},
       {"step", Curve::Series::step},
       {"points", Curve::Series::points}}};
  node.expect_keys(std::array<std::string_view, 6>{"name", "style", "x", "y", "lower", "upper"});
  Curve::Series series;
  series.name = node["name"].text();
  series.style = node["style"].choice(styles);
  series.x = node["x"].numbers();
  series.y = node["y"].numbers();
  series.lower = node["lower"].numbers();
  series.upper = node["upper"].numbers();
  const auto n = series.x.size();
  if (series.y.size() != n) node["y"].refuse("as many as x", std::to_string(series.y.size()));
  for (const char* end : {"lower", "upper"}) {
    const auto size = node[end].json().size();
    if (size != series.lower.size() || (size != 0 && size != n))
      node[end].refuse("none, or one a point", std::to_string(size));
  }
  return series;
}

Block read_curve(const Node& node) {
  node.expect_keys(std::array<std::string_view, 9>{"type", "title", "note", "x_label", "y_label",
                                                   "log_x", "diagonal", "level", "series"});
  Curve curve;
  curve.title = node["title"].text();
  curve.note = node["note"].text();
  curve.x_label = node["x_label"].text();
  curve.y_label = node["y_label"].text();
  curve.log_x = node["log_x"].boolean();
  curve.diagonal = node["diagonal"].boolean();
  curve.level = node["level"].number();
  curve.series = node["series"].list<Curve::Series>(read_series);
  return curve;
}

Block read_grid(const Node& node) {
  node.expect_keys(std::array<std::string_view, 9>{"type", "title", "note", "row_label",
                                                   "col_label", "row_names", "col_names", "counts",
                                                   "values"});
  Grid grid;
  grid.title = node["title"].text();
  grid.note = node["note"].text();
  grid.row_label = node["row_label"].text();
  grid.col_label = node["col_label"].text();
  grid.row_names = node["row_names"].texts();
  grid.col_names = node["col_names"].texts();
  grid.counts = node["counts"].boolean();
  grid.values = node["values"].numbers();
  const auto size = grid.row_names.size() * grid.col_names.size();
  if (grid.values.size() != size)
    node["values"].refuse(std::to_string(size) + " numbers, one a row and column",
                          std::to_string(grid.values.size()));
  return grid;
}

TableBlock::Cell read_cell(const Node& node) {
  const auto& value = node.json();
  if (value.is_null()) return std::monostate();
  if (value.is_string()) return node.text();
  if (value.is_number_integer()) return node.integer();
  if (value.is_number_float()) return node.number();
  if (value.is_object() && value.contains("estimate")) {
    node.expect_keys(std::array<std::string_view, 1>{"estimate"});
    return read_estimate(node["estimate"]);
  }
  node.expect_keys(std::array<std::string_view, 1>{"number"});
  return node["number"].number();
}

Block read_table(const Node& node) {
  node.expect_keys(std::array<std::string_view, 5>{"type", "title", "note", "columns", "rows"});
  TableBlock table;
  table.title = node["title"].text();
  table.note = node["note"].text();
  table.columns = node["columns"].texts();
  table.rows = node["rows"].list<std::vector<TableBlock::Cell>>([&](const Node& row) {
    auto cells = row.list<TableBlock::Cell>(read_cell);
    if (cells.size() != table.columns.size())
      row.refuse(std::to_string(table.columns.size()) + " cells", std::to_string(cells.size()));
    return cells;
  });
  return table;
}

std::int32_t read_side(const Node& node) {
  const auto side = node.integer();
  if (side < 1 || side > 65536) node.refuse("a side in [1, 65536]", std::to_string(side));
  return static_cast<std::int32_t>(side);
}

Image read_image(const Node& node) {
  node.expect_keys(std::array<std::string_view, 4>{"height", "width", "channels", "pixels"});
  Image image;
  image.height = read_side(node["height"]);
  image.width = read_side(node["width"]);
  const auto channels = node["channels"].integer();
  if (channels != 1 && channels != 3)
    node["channels"].refuse("1 or 3 channels", std::to_string(channels));
  image.channels = static_cast<std::int32_t>(channels);
  const auto pixels = base64_decode(node["pixels"].text());
  if (!pixels) node["pixels"].refuse("base64", "other text");
  const auto size = std::int64_t{image.height} * image.width * image.channels;
  if (std::ssize(*pixels) != size)
    node["pixels"].refuse(std::to_string(size) + " bytes", std::to_string(pixels->size()));
  image.pixels.assign(pixels->begin(), pixels->end());
  return image;
}

Block read_exhibit(const Node& node) {
  static constexpr std::array<std::pair<std::string_view, Exhibit::Kind>, 3> kinds{
      {{"image", Exhibit::image}, {"tokens", Exhibit::tokens}, {"row", Exhibit::row}}};
  node.expect_keys(std::array<std::string_view, 10>{"type", "kind", "id", "title", "caption",
                                                    "severity", "labels", "values", "overlay",
                                                    "images"});
  Exhibit exhibit;
  exhibit.kind = node["kind"].choice(kinds);
  exhibit.id = node["id"].integer();
  exhibit.title = node["title"].text();
  exhibit.caption = node["caption"].text();
  exhibit.severity = node["severity"].number();
  exhibit.labels = node["labels"].texts();
  exhibit.values = node["values"].texts();
  exhibit.overlay = node["overlay"].numbers();
  exhibit.images = node["images"].list<Image>(read_image);
  return exhibit;
}

Block read_block(const Node& node) {
  using Reader = Block (*)(const Node&);
  static constexpr std::array<std::pair<std::string_view, Reader>, 4> types{
      {{"curve", read_curve},
       {"grid", read_grid},
       {"table", read_table},
       {"exhibit", read_exhibit}}};
  if (!node.json().is_object() || !node.json().contains("type"))
    node.refuse("an object with the key 'type'", node.json().type_name());
  return node["type"].choice(types)(node);
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

Report read_report(const Json& value, std::string_view who) {
  const Node node(value, who);
  Report report;
  report.schema = read_schema(node, report_format);
  node.expect_keys(std::array<std::string_view, 11>{"format", "schema", "kind", "title", "created",
                                                    "partial", "partial_why", "provenance",
                                                    "policy", "verdicts", "findings"});
  report.kind = node["kind"].text();
  report.title = node["title"].text();
  report.created = node["created"].text();
  report.partial = node["partial"].boolean();
  report.partial_why = node["partial_why"].text();
  report.provenance = node["provenance"].pairs();
  if (!node["policy"].is_null()) report.policy = read_policy(node["policy"]);
  report.verdicts = node["verdicts"].list<Verdict>(read_verdict);
  report.findings = node["findings"].list<Finding>(read_finding_in_report);
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
