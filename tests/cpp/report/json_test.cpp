#include <cstring>
#include <fstream>
#include <random>
#include <sstream>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "report/sample.hpp"

namespace json_test {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// The message of the StoreError that reading `json` gives.
std::string refusal(const std::string& json) {
  try {
    (void)leadline::Report::from_json(json);
  } catch (const leadline::StoreError& error) {
    return error.what();
  }
  FAIL("accepted: " << json.substr(0, 200));
  return {};
}

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  REQUIRE(in.good());
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace json_test

using namespace json_test;

TEST_CASE("a report comes back from JSON as it was", "[report][json]") {
  const auto report = sample::report();
  const auto json = report.to_json();
  const auto back = leadline::Report::from_json(json);
  CHECK(back.to_json() == json);
  CHECK(leadline::Report::from_json(report.to_json(-1)).to_json() == json);
  CHECK(back.title == report.title);
  CHECK(back.policy->timing == "before");
  REQUIRE(back.findings.size() == 4);
  const auto& pgd = back.findings[1];
  CHECK(pgd.find("distance")->estimate.value() == 0.1 + 0.2);
  CHECK(pgd.find("area")->estimate.error_bound == 1e-300);
  CHECK(pgd.find("area")->estimate.facts.at("worst") == -sample::infinity);
  CHECK(pgd.find("accuracy@sex=f")->estimate.status == leadline::Status::undefined);
  CHECK(pgd.checks[0].p_value == 0.5);
  CHECK(pgd.checks[1].result == leadline::Check::fail);
  CHECK(pgd.checks[2].evidence.status == leadline::Status::empty);
  CHECK(back.findings[3].status == leadline::Status::failed);
  CHECK(back.verdicts[2].more_samples == 1200);
  CHECK(back.verdicts[1].requirement.comparison == leadline::Comparison::above);
}

TEST_CASE("blocks come back from JSON with kinds, gaps and infinities", "[report][json]") {
  const auto pgd = leadline::Report::from_json(sample::report().to_json()).findings[1];
  const auto& curve = std::get<leadline::Curve>(pgd.blocks[0]);
  CHECK(curve.series[0].x[2] == sample::infinity);
  CHECK(std::isnan(curve.series[0].y[1]));
  CHECK(curve.series[1].style == leadline::Curve::Series::points);
  CHECK(std::get<leadline::Grid>(pgd.blocks[1]).values == std::vector<double>{8, 2, 1, 9});
  const auto& row = std::get<leadline::TableBlock>(pgd.blocks[2]).rows[0];
  CHECK(std::holds_alternative<std::monostate>(row[0]));
  CHECK(std::get<std::int64_t>(row[1]) == 9007199254740993);  // beyond the exact doubles
  CHECK(std::get<double>(row[2]) == 2.0);
  CHECK(std::get<std::string>(row[3]) == "text");
  CHECK(std::get<leadline::Estimate>(row[4]).n == 2);
  CHECK(std::get<double>(row[5]) == sample::infinity);
  const auto& picture = std::get<leadline::Exhibit>(pgd.blocks[3]);
  CHECK(picture.images[0].pixels == std::vector<std::uint8_t>{0, 128, 255, 7});
  CHECK(picture.images[1].channels == 3);
  CHECK(std::get<leadline::Exhibit>(pgd.blocks[4]).kind == leadline::Exhibit::tokens);
}

TEST_CASE("doubles survive JSON bit for bit", "[report][json]") {
  std::mt19937_64 draw(7);
  leadline::Finding finding;
  leadline::Curve::Series series;
  while (series.x.size() < 2000) {
    double value;
    const std::uint64_t bits = draw();
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) series.x.push_back(value);
  }
  series.x.insert(series.x.end(), {0.0, -0.0, 5e-324, 1.7976931348623157e308});
  series.y = series.x;
  leadline::Curve curve;
  curve.series = {series};
  finding.blocks = {curve};
  const auto back = leadline::finding_from_json(leadline::finding_to_json(finding));
  const auto& x = std::get<leadline::Curve>(back.blocks[0]).series[0].x;
  REQUIRE(x.size() == series.x.size());
  CHECK(std::memcmp(x.data(), series.x.data(), x.size() * sizeof(double)) == 0);
}

TEST_CASE("JSON text holds no NaN and no bare infinity", "[report][json]") {
  const auto json = sample::report().to_json(-1);
  CHECK(json.find("NaN") == std::string::npos);
  for (const char* bare : {":nan", ",nan", "[nan", ":inf", ",inf", "[inf", "-inf,"})
    CHECK(json.find(bare) == std::string::npos);
  auto report = sample::report();
  report.findings[1].flags[0].severity = std::nan("");
  CHECK_THROWS_WITH(report.to_json(), ContainsSubstring("findings[1].flags[0].severity"));
}

TEST_CASE("a block whose sizes disagree is refused before it is written", "[report][json]") {
  auto report = sample::report();
  SECTION("grid") {
    std::get<leadline::Grid>(report.findings[1].blocks[1]).values.pop_back();
    CHECK_THROWS_WITH(report.to_json(), ContainsSubstring("findings[1].blocks[1].values"));
  }
  SECTION("curve") {
    std::get<leadline::Curve>(report.findings[1].blocks[0]).series[0].lower.pop_back();
    CHECK_THROWS_WITH(report.to_json(), ContainsSubstring("findings[1].blocks[0].series[0]"));
  }
  SECTION("table") {
    std::get<leadline::TableBlock>(report.findings[1].blocks[2]).rows[0].pop_back();
    CHECK_THROWS_WITH(report.to_json(), ContainsSubstring("blocks[2].rows[0]"));
  }
  SECTION("image") {
    std::get<leadline::Exhibit>(report.findings[1].blocks[3]).images[1].pixels.pop_back();
    CHECK_THROWS_WITH(report.to_json(), ContainsSubstring("blocks[3].images[1].pixels"));
  }
}

TEST_CASE("bytes that are no UTF-8 do not cost the report", "[report][json]") {
  auto report = sample::report();
  report.title = "caf\xe9";
  CHECK(leadline::Report::from_json(report.to_json()).title == "caf\xef\xbf\xbd");
}

TEST_CASE("the golden report of version 1 stays readable", "[report][json][golden]") {
  const auto text = file_text(std::string(LEADLINE_SOURCE_DIR) + "/tests/golden/report/v1.json");
  const auto report = leadline::Report::from_json(text);
  CHECK(report.schema == 1);
  CHECK(report.to_json() == sample::report().to_json());
}

TEST_CASE("every member of a wrong type is refused by its place", "[report][json][hostile]") {
  std::istringstream lines(sample::report().to_json());
  std::vector<std::string> text;
  for (std::string line; std::getline(lines, line);) text.push_back(line);
  int tried = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto colon = text[i].find("\": ");
    const auto open = text[i].find('"');
    if (colon == std::string::npos || text[i].back() == '{' || text[i].back() == '[') continue;
    const auto key = text[i].substr(open + 1, colon - open - 1);
    std::string mutated;
    for (std::size_t j = 0; j < text.size(); ++j) {
      if (j != i)
        mutated += text[j];
      else
        mutated += text[j].substr(0, colon + 3) + "[[{}]]" + (text[j].back() == ',' ? "," : "");
      mutated += '\n';
    }
    INFO(text[i]);
    CHECK_THAT(refusal(mutated), ContainsSubstring(key));
    ++tried;
  }
  CHECK(tried > 200);
}

TEST_CASE("malformed reports are refused with the reason", "[report][json][hostile]") {
  const auto json = sample::report().to_json();
  CHECK_THAT(refusal(""), ContainsSubstring("strict JSON"));
  CHECK_THAT(refusal("[]"), ContainsSubstring("an object, got array"));
  CHECK_THAT(refusal("{}"), ContainsSubstring("'format'"));
  CHECK_THAT(refusal(json + "x"), ContainsSubstring("strict JSON"));
  CHECK_THAT(refusal(json.substr(0, json.size() / 2)), ContainsSubstring("strict JSON"));
  CHECK_THAT(refusal(std::string(100, '[')), ContainsSubstring("64 nested levels"));
  CHECK_THAT(refusal(replaced(json, "\"schema\": 1", "\"schema\": 2")),
             ContainsSubstring("a newer leadline"));
  CHECK_THAT(refusal(replaced(json, "\"schema\": 1", "\"schema\": 1, \"schema\": 1")),
             ContainsSubstring("'schema' twice"));
  CHECK_THAT(refusal(replaced(json, "\"partial\": false", "\"partial\": false, \"more\": 1")),
             ContainsSubstring("'more'"));
  CHECK_THAT(refusal(replaced(json, "\"partial\": false,", "")), ContainsSubstring("'partial'"));
  CHECK_THAT(refusal(replaced(json, "\"before\"", "\"never\"")),
             ContainsSubstring("policy.timing: expected one of 'before', 'after', 'unknown'"));
  CHECK_THAT(refusal(replaced(json, "\"value\": 0.91,", "\"value\": null,")),
             ContainsSubstring("estimate.value: expected a number"));
  CHECK_THAT(refusal(replaced(json, "\"value\": 0.91,", "\"value\": 1e999,")),
             ContainsSubstring("strict JSON"));
  CHECK_THAT(refusal(replaced(json, "\"value\": 0.91,", "\"value\": \"inf\",")),
             ContainsSubstring("a finite number"));
  CHECK_THAT(refusal(replaced(json, "\"n\": 10000", "\"n\": -1")),
             ContainsSubstring("verdicts[0].estimate.n: expected an integer >= 0"));
  CHECK_THAT(refusal(replaced(json, "\"n\": 10000", "\"n\": 18446744073709551615")),
             ContainsSubstring("63 bits"));
  CHECK_THAT(refusal(replaced(json, "\"AID/Bw==\"", "\"AID/\"")), ContainsSubstring("4 bytes"));
  CHECK_THAT(refusal(replaced(json, "\"AID/Bw==\"", "\"AI*/Bw==\"")), ContainsSubstring("base64"));
  CHECK_THAT(refusal(replaced(json, "\"height\": 2", "\"height\": 2147483647")),
             ContainsSubstring("findings[1].blocks[3].images[0].height"));
}

TEST_CASE("a fact's name may hold a zero byte and is read whole", "[report][json][hostile]") {
  auto report = sample::report();
  report.findings.at(0).estimates.at(0).estimate.facts[std::string("a\0b", 3)] = 2;
  const auto back = leadline::Report::from_json(report.to_json());
  CHECK(back.findings.at(0).estimates.at(0).estimate.facts.at(std::string("a\0b", 3)) == 2);
}

TEST_CASE("damaged bytes give a StoreError or a report that can be written", "[report][hostile]") {
  const auto json = sample::report().to_json(-1);
  std::mt19937 draw(11);
  int refused = 0;
  for (int trial = 0; trial < 400; ++trial) {
    auto damaged = json;
    for (unsigned k = 0; k <= draw() % 3; ++k) {
      const auto at = draw() % damaged.size();
      switch (draw() % 3) {
        case 0:
          damaged[at] = static_cast<char>(draw() % 256);
          break;
        case 1:
          damaged.erase(at, draw() % 20);
          break;
        default:
          damaged.insert(at, damaged.substr(draw() % damaged.size(), draw() % 20));
      }
    }
    try {
      (void)leadline::Report::from_json(damaged).to_json();
    } catch (const leadline::StoreError&) {
      ++refused;
    }
  }
  CHECK(refused > 200);
}

TEST_CASE("a finding and a report are not mistaken for each other", "[report][json]") {
  const auto json = leadline::finding_to_json(sample::robustness());
  CHECK(leadline::finding_to_json(leadline::finding_from_json(json)) == json);
  CHECK_THAT(refusal(json), ContainsSubstring("'leadline.report', got 'leadline.finding'"));
  CHECK_THROWS_WITH(leadline::finding_from_json(sample::report().to_json()),
                    ContainsSubstring("'leadline.finding', got 'leadline.report'"));
}
