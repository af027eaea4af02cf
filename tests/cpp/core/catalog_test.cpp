#include "leadline/core/catalog.hpp"

#include "catch.hpp"
#include "leadline/core/metric.hpp"
#include "leadline/core/probe.hpp"

using namespace leadline;

namespace toy {

enum class Norm : std::uint8_t { linf, l2 };
constexpr auto names_of(std::type_identity<Norm>) {
  return std::array<std::string_view, 2>{"linf", "l2"};
}

struct Ball {
  Norm norm = Norm::linf;
  std::vector<double> eps = {0.1};
  static Fields fields() {
    return {field("norm", &Ball::norm, "Norm of the ball."),
            field("eps", &Ball::eps, "Radii.").above(0).in("input units")};
  }
};

struct Options {
  Ball ball;
  int steps = 40;
  bool random_start = true;
  std::optional<double> step_size;
  static Fields fields() {
    return {field("ball", &Options::ball, ""),
            field("steps", &Options::steps, "Steps.").at_least(1),
            field("random_start", &Options::random_start, "Random start."),
            field("step_size", &Options::step_size, "Step.").above(0)};
  }
};

std::vector<OptionValue> bind(std::vector<NamedOption> given) {
  static const auto specs = specs_of<Options>();
  return bind_options("Pgd", specs, given);
}
Options make(std::vector<NamedOption> given) {
  return options_from<Options>(bind(std::move(given)));
}

}  // namespace toy

TEST_CASE("options describe themselves, nested records flat", "[core][catalog]") {
  const auto specs = specs_of<toy::Options>();
  REQUIRE(specs.size() == 5);
  REQUIRE(specs[0].name == "norm");
  REQUIRE(specs[0].record == "ball");
  REQUIRE(specs[0].choices == std::vector<std::string_view>{"linf", "l2"});
  REQUIRE(text_of(specs[1].fallback) == "[0.1]");
  REQUIRE(specs[4].optional);
  REQUIRE(text_of(specs[4].fallback) == "null");
}

TEST_CASE("options are set by name, widened and defaulted", "[core][catalog]") {
  const auto options =
      toy::make({{"norm", std::string("l2")}, {"eps", 1.5}, {"step_size", std::int64_t{2}}});
  REQUIRE(options.ball.norm == toy::Norm::l2);
  REQUIRE(options.ball.eps == std::vector<double>{1.5});
  REQUIRE(options.step_size == 2.0);
  REQUIRE(options.steps == 40);
  REQUIRE(options_text(options)[1] == std::pair<std::string, std::string>("eps", "[1.5]"));
}

TEST_CASE("an option text that is no UTF-8 can be written", "[core][catalog][hostile]") {
  REQUIRE(text_of(OptionValue(std::string("a\xff"))) == "\"a\xef\xbf\xbd\"");
}

TEST_CASE("a wrong option is named with its range and a remedy", "[core][catalog]") {
  REQUIRE_THROWS_WITH(toy::bind({{"steps", 2.5}}),
                      "Pgd: expected option 'steps' to be an int >= 1, got 2.5 (use steps=2)");
  REQUIRE_THROWS_WITH(toy::bind({{"steps", std::int64_t{0}}}),
                      ContainsSubstring("an int >= 1, got 0"));
  REQUIRE_THROWS_WITH(toy::bind({{"step", std::int64_t{3}}}),
                      ContainsSubstring("did you mean 'steps'?"));
  REQUIRE_THROWS_WITH(toy::bind({{"norm", std::string("l1")}}),
                      ContainsSubstring("one of linf, l2, got \"l1\""));
  REQUIRE_THROWS_AS(toy::bind({{"eps", std::vector<double>{0.1, 0}}}), ValueError);
  REQUIRE_THROWS_AS(toy::bind({{"random_start", std::int64_t{1}}}), TypeError);
  REQUIRE_THROWS_AS(toy::bind({{"steps", OptionValue{}}}), TypeError);
  REQUIRE_THROWS_AS(toy::bind({{"steps", std::int64_t{1}}, {"steps", std::int64_t{2}}}),
                    ValueError);
  toy::Options wrong;
  wrong.steps = 0;
  REQUIRE_THROWS_AS(check_options("Pgd", wrong), ValueError);
}

TEST_CASE("the catalog finds names and aliases and suggests the nearest", "[core][catalog]") {
  Catalog catalog;
  Entry entry;
  entry.name = "expected_calibration_error";
  entry.aliases = {"ece"};
  catalog.add(entry);
  REQUIRE(catalog.find("ece") == &catalog.entries()[0]);
  REQUIRE_THROWS_AS(catalog.add(entry), ValueError);
  REQUIRE_THROWS_WITH(catalog.at("ecee"), ContainsSubstring("did you mean 'ece'?"));
  const std::vector<std::string_view> options{"eps", "steps", "restarts"};
  REQUIRE(nearest_name("setps", options) == "steps");  // two letters swapped
  REQUIRE(nearest_name("norm_of_ball", options).empty());
}
