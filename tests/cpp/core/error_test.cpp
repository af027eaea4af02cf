#include "leadline/core/error.hpp"

#include "catch.hpp"

TEST_CASE("an error joins where, expected, got and remedy", "[core][error]") {
  const leadline::ValueError error("Ece.update", "confidence in [0, 1]", "3.7 at sample 12",
                                   "pass probabilities");
  CHECK(std::string(error.what()) ==
        "Ece.update: expected confidence in [0, 1], got 3.7 at sample 12 (pass probabilities)");
  CHECK(error.remedy() == "pass probabilities");
}

TEST_CASE("an error thrown in the library is caught by its base here", "[core][error]") {
  CHECK_THROWS_AS(throw leadline::ShapeError("a", "b", "c", "d"), leadline::Error);
  CHECK_THROWS_WITH(throw leadline::DataError("a", "b", "c", ""), ContainsSubstring("got c"));
}
