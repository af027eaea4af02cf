#include "engine/toys.hpp"
#include "leadline/core/catalog.hpp"

using namespace leadline;
using namespace toys;

namespace {

const Suite::Item* find(const Suite& suite, std::string_view id) {
  for (const auto& item : suite.items())
    if (item.id == id) return &item;
  return nullptr;
}

}  // namespace

TEST_CASE("every named suite begins with attach and can be made", "[engine][suites]") {
  for (const auto modality : {Modality::image, Modality::table, Modality::text})
    for (const auto* name : {"quick", "standard", "deep"}) {
      const Suite suite = Suite::named(name, modality, core_catalog());
      INFO(name << " of " << name_of(modality));
      REQUIRE(suite.name() == name);
      REQUIRE(suite.items().size() >= 6);
      REQUIRE(suite.items()[0].id == "attach");
      REQUIRE(find(suite, "task") != nullptr);
    }
  REQUIRE_THROWS_WITH(Suite::named("fast", Modality::image, core_catalog()),
                      ContainsSubstring("'quick', 'standard' or 'deep', got 'fast'"));
}

TEST_CASE("larger suites hold what smaller ones hold", "[engine][suites]") {
  for (const auto modality : {Modality::image, Modality::table, Modality::text}) {
    const Suite quick = Suite::named("quick", modality, core_catalog()),
                standard = Suite::named("standard", modality, core_catalog()),
                deep = Suite::named("deep", modality, core_catalog());
    for (const auto& item : quick.items()) CHECK(find(standard, item.id) != nullptr);
    for (const auto& item : standard.items()) CHECK(find(deep, item.id) != nullptr);
  }
}

TEST_CASE("a probe that the build lacks is reported as not measured", "[engine][suites]") {
  const Suite suite = Suite::named("quick", Modality::image, Catalog{});
  const Report report = evaluate(std::make_shared<HalfPlane>(), points(20), suite, {});
  for (const auto& finding : report.findings) {
    CHECK(finding.status == Status::not_measured);
    CHECK_THAT(finding.why, ContainsSubstring("this build has no probe"));
  }
}
