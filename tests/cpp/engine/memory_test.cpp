// Runs on models that cannot hold the batch size asked for.
#include <new>

#include "engine/toys.hpp"

using namespace leadline;

namespace {

/// Throws for batches beyond `holds`.
class SmallMemory : public toys::HalfPlane {
 public:
  explicit SmallMemory(std::int64_t holds) : holds_(holds) {}
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps) override {
    if (inputs.primary.size(0) > holds_) {
      ++refused;
      throw std::bad_alloc();
    }
    return HalfPlane::forward(inputs, taps);
  }
  int refused = 0;

 private:
  std::int64_t holds_;
};

Suite right_alone() {
  Suite alone;
  alone.add(toys::right());
  return alone;
}

}  // namespace

TEST_CASE("a batch that does not fit is halved, and the report says so", "[engine][memory]") {
  const auto small = std::make_shared<SmallMemory>(20);
  const auto data = toys::points(200);
  const Report report = evaluate(small, data, right_alone(), {.batch_size = 100});
  const Report ample =
      evaluate(std::make_shared<toys::HalfPlane>(), data, right_alone(), {.batch_size = 100});
  CHECK(report["task.right"].value() == ample["task.right"].value());
  CHECK(small->refused == 3);  // 100, 50 and 25 rows, in the first look
  REQUIRE(report.findings.size() == 1);
  const auto& warnings = report.findings[0].warnings;
  CHECK(std::ranges::find(warnings,
                          "the model ran out of memory: at most 12 rows at once from there on") !=
        warnings.end());
  CHECK(ample.findings[0].warnings.empty());
}
