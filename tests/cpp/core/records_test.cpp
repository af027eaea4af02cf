#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/finding.hpp"
#include "leadline/core/sample_table.hpp"
#include "leadline/core/state.hpp"
#include "leadline/core/table.hpp"

#include <limits>

using namespace leadline;

TEST_CASE("a rate carries its Wilson interval", "[core][estimate]") {
  const Estimate e = Estimate::rate(7, 50);  // scipy.stats.binomtest(7, 50).proportion_ci("wilson")
  REQUIRE(e.value() == 0.14);
  REQUIRE_THAT(*e.lower, WithinAbs(0.0695083343, 1e-10));
  REQUIRE_THAT(*e.upper, WithinAbs(0.2618619371, 1e-10));
  REQUIRE(e.n == 50);
  REQUIRE(e.method == "wilson");
  const Estimate exact = Estimate::rate(7, 50, "clopper_pearson");
  REQUIRE_THAT(*exact.lower, WithinAbs(0.0581917003, 1e-10));
  REQUIRE_THAT(*exact.upper, WithinAbs(0.2673960025, 1e-10));
  REQUIRE_THAT(*Estimate::rate(0, 1000, "clopper_pearson").upper, WithinAbs(0.0036820839, 1e-10));
  REQUIRE(*Estimate::rate(0, 10).lower == 0);
  REQUIRE(*Estimate::rate(10, 10).upper == 1);
}

TEST_CASE("a value without an ok status cannot be read by accident", "[core][estimate]") {
  REQUIRE_THROWS_AS(Estimate().value(), ValueError);
  const Estimate none = Estimate::absent(Status::undefined, "no sample of class 3");
  REQUIRE_THROWS_WITH(none.value(), ContainsSubstring("undefined: no sample of class 3"));
  REQUIRE_FALSE(none.value_if_ok().has_value());
  REQUIRE(Estimate::rate(0, 0).status == Status::empty);
  REQUIRE_THROWS_AS(Estimate::of(std::numeric_limits<double>::quiet_NaN(), 1), ValueError);
  REQUIRE_THROWS_AS(Estimate::with(0.5, 0.6, 0.7, 1, "x"), ValueError);
  REQUIRE_THROWS_AS(Estimate::rate(3, 2), ValueError);
  REQUIRE_THROWS_AS(Estimate::absent(Status::ok, ""), ValueError);
}

TEST_CASE("a failed check casts doubt on the estimates it covers and no others",
          "[core][finding]") {
  Finding finding;
  finding.probe = "pgd";
  finding.add("accuracy{eps=0.1}", Estimate::rate(1, 2));
  finding.add("clean", Estimate::rate(2, 2));
  REQUIRE_THROWS_AS(finding.add("clean", Estimate()), ValueError);
  Check check;
  check.name = "unbounded_budget";
  check.result = Check::fail;
  check.applies_to = {"accuracy{eps=0.1}"};
  finding.checks.push_back(check);
  REQUIRE(finding.doubts("accuracy{eps=0.1}").size() == 1);
  REQUIRE(finding.doubts("clean").empty());
  finding.checks.back().applies_to = {"*"};
  REQUIRE(finding.doubts("clean").size() == 1);
  REQUIRE_THROWS_WITH(finding.at("claen"), ContainsSubstring("did you mean 'clean'?"));
}

TEST_CASE("a state comes back bit for bit", "[core][state]") {
  const double awkward = 0.1 + 0.2;
  const State state = State("metrics.Toy", 2)
                          .set("n", std::int64_t{1} << 62)
                          .set("sum", awkward)
                          .set("worst", -std::numeric_limits<double>::infinity())
                          .set("name", "caf\xc3\xa9 \"quoted\"")
                          .set("bins", std::vector<double>{awkward, 5e-324, -0.0})
                          .set("counts", std::vector<std::int64_t>{-1, 7})
                          .set("names", std::vector<std::string>{"a", ""});
  const State back = State::parse(state.dump(), "metrics.Toy", 2);
  REQUIRE(back.integer("n") == std::int64_t{1} << 62);
  REQUIRE(back.number("sum") == awkward);
  REQUIRE(back.number("worst") < -1e308);
  REQUIRE(back.text("name") == "caf\xc3\xa9 \"quoted\"");
  REQUIRE(back.numbers("bins") == std::vector<double>{awkward, 5e-324, -0.0});
  REQUIRE(back.integers("counts", 2) == std::vector<std::int64_t>{-1, 7});
  REQUIRE(back.texts("names").size() == 2);
  REQUIRE_THROWS_AS(back.integers("counts", 3), StoreError);
  REQUIRE_THROWS_AS(back.number("n"), StoreError);
  REQUIRE_THROWS_AS(back.text("absent"), StoreError);
  REQUIRE_THROWS_AS(State("x").set("bad", std::numeric_limits<double>::quiet_NaN()), ValueError);
}

TEST_CASE("a damaged, foreign or newer state is refused", "[core][state]") {
  const std::string text =
      State("metrics.Toy", 3).set("sum", 1.5).set("v", std::vector<double>{1}).dump();
  REQUIRE_THROWS_WITH(State::parse(text, "metrics.Other", 3), ContainsSubstring("metrics.Toy"));
  REQUIRE_THROWS_WITH(State::parse(text, "metrics.Toy", 2), ContainsSubstring("update leadline"));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string broken = text;
    broken[i] = '~';
    try {
      (void)State::parse(broken, "metrics.Toy", 3);  // a changed key or digit may still parse
    } catch (const StoreError&) {
    }
    try {
      (void)State::parse(text.substr(0, i), "metrics.Toy", 3);
      FAIL("a truncated state was accepted at " << i);
    } catch (const StoreError&) {
    }
  }
}

TEST_CASE("a state with numbers or lists that it cannot hold is refused",
          "[core][state][hostile]") {
  const auto with = [](const std::string& value) {
    return R"({"type":"toy","version":1,"values":{"a":)" + value + "}}";
  };
  REQUIRE(State::parse(with("9223372036854775807"), "toy").integer("a") > 0);
  REQUIRE_THROWS_WITH(State::parse(with("9223372036854775808"), "toy"),
                      "toy.load: expected an integer of at most 63 bits in 'a', got something else "
                      "(the state is damaged: delete it and run again)");
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  REQUIRE_THROWS_WITH(State::parse(with(deep), "toy"), ContainsSubstring("texts in 'a'"));
}

TEST_CASE("the sample table joins shards and refuses contradictions", "[core][sample_table]") {
  SampleTable a, b;
  a.put("loss", 7, 0.5);
  b.put("loss", 3, std::numeric_limits<double>::infinity());
  b.put("pgd.robust", 7, 1);
  a.merge(b);
  REQUIRE(a.size() == 2);
  REQUIRE(a.get("loss", 7) == 0.5);
  REQUIRE(*a.get("loss", 3) > 1e308);
  REQUIRE(a.get("pgd.robust", 7) == 1);
  REQUIRE_FALSE(a.get("pgd.robust", 3).has_value());
  SampleTable contradiction;
  contradiction.put("loss", 7, 0.25);
  REQUIRE_THROWS_AS(a.merge(contradiction), ValueError);
  REQUIRE_THROWS_AS(a.put("loss", 1, std::numeric_limits<double>::quiet_NaN()), ValueError);
}

TEST_CASE("a saved sample table comes back and damage is noticed", "[core][sample_table]") {
  SampleTable table;
  for (SampleId id = 100; id > 0; --id) table.put("x", id, 1.0 / static_cast<double>(id));
  table.put("late", 5, 2);
  const std::string bytes = table.save();
  const SampleTable back = SampleTable::load(bytes);
  REQUIRE(back.get("x", 3) == 1.0 / 3);
  REQUIRE(back.get("late", 5) == 2);
  REQUIRE(std::vector(back.ids().begin(), back.ids().end()) ==
          std::vector(table.ids().begin(), table.ids().end()));
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string broken = bytes;
    broken[i] = static_cast<char>(broken[i] ^ 0x20);
    REQUIRE_THROWS_AS(SampleTable::load(broken), StoreError);
    REQUIRE_THROWS_AS(SampleTable::load(std::string_view(bytes).substr(0, i)), StoreError);
  }
}

TEST_CASE("a table keeps types, marks missing values and takes rows", "[core][table]") {
  Table table;
  table.add("age", std::vector<std::int64_t>{31, 47, 0}, {1, 1, 0})
      .add("sex", Categories{{1, 0, -1}, {"f", "m"}})
      .add("note", std::vector<std::string>{"a", "b", "c"})
      .add("dose", std::vector<double>{0.5, 1.25, 2});
  REQUIRE(table.text("age", 2) == "missing");
  REQUIRE(table.text("sex", 0) == "m");
  REQUIRE(table.text("sex", 2) == "missing");
  const std::int64_t order[] = {2, 0};
  const auto taken = table.take(order);
  REQUIRE(taken->size() == 2);
  REQUIRE(taken->text("age", 0) == "missing");
  REQUIRE(taken->text("dose", 1) == "0.5");
  REQUIRE_THROWS_AS(table.add("age", std::vector<double>{1, 2, 3}), ValueError);
  REQUIRE_THROWS_AS(table.add("short", std::vector<double>{1}), ShapeError);
  REQUIRE_THROWS_AS(table.add("codes", Categories{{2, 0, 0}, {"f", "m"}}), ValueError);
  REQUIRE_THROWS_WITH(table.at("height"), ContainsSubstring("columns age, sex, note, dose"));
}
