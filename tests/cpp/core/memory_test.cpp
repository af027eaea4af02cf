// A model that cannot hold as many rows as it is given.
#include "leadline/core/memory.hpp"

#include <new>
#include <numeric>
#include <stdexcept>

#include "catch.hpp"

using namespace leadline;

namespace {

/// Each row twice its value, and a layer that is the input; no more than `holds` rows.
class NarrowModel : public Model {
 public:
  explicit NarrowModel(std::int64_t holds) : holds_(holds) {}
  SubjectInfo info() const override { return {.name = "narrow"}; }
  Outputs forward(const Inputs& inputs, std::span<const std::string> taps) override {
    const Tensor x = inputs.primary.host(DType::f64);
    batches.push_back(x.size(0));
    if (x.size(0) > holds_) throw std::runtime_error("CUDA out of memory. Tried to allocate 2 GiB");
    std::vector<double> twice;
    for (std::int64_t i = 0; i < x.n_elements(); ++i) twice.push_back(2 * x.data<double>()[i]);
    CHECK(inputs.extras.at("bias").size(0) == x.size(0));  // cut alike
    Outputs out{Tensor::own(std::move(twice), {x.size(0), 2}), {}, {}};
    for (const auto& tap : taps) out.activations[tap] = x;
    return out;
  }
  std::vector<std::int64_t> batches;

 private:
  std::int64_t holds_;
};

Inputs ten_rows() {
  std::vector<double> values(20);
  std::iota(values.begin(), values.end(), 0.0);
  return {Tensor::own(std::move(values), {10, 2}),
          {{"bias", Tensor::own(std::vector<double>(10, 0.0), {10})}}};
}

}  // namespace

TEST_CASE("rows that do not fit are given in halves, once and for all", "[core][memory]") {
  NarrowModel model(3);
  RowLimit limit;
  const std::vector<std::string> taps{"input"};
  for (int run = 0; run < 2; ++run) {
    const Outputs out = forward_within(limit, model, ten_rows(), taps);
    REQUIRE(out.output.size(0) == 10);
    REQUIRE(out.activations.at("input").size(0) == 10);
    for (int i = 0; i < 20; ++i) {
      CHECK(out.output.data<double>()[i] == 2 * i);
      CHECK(out.activations.at("input").data<double>()[i] == i);
    }
  }
  CHECK(model.batches == std::vector<std::int64_t>{10, 5, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2});
  CHECK(limit.note() == "the model ran out of memory: at most 2 rows at once from there on");
}

TEST_CASE("rows that fit are given as they are, and nothing is said", "[core][memory]") {
  NarrowModel model(10);
  RowLimit limit;
  CHECK(forward_within(limit, model, ten_rows()).output.size(0) == 10);
  CHECK(model.batches == std::vector<std::int64_t>{10});
  CHECK(limit.note().empty());
}

TEST_CASE("a single row that does not fit is an error", "[core][memory]") {
  NarrowModel model(0);
  RowLimit limit;
  CHECK_THROWS_AS(forward_within(limit, model, ten_rows()), std::runtime_error);
  CHECK(limit.rows() == 1);
}

TEST_CASE("want of memory is told from other errors", "[core][memory]") {
  CHECK(out_of_memory(std::bad_alloc()));
  for (const char* said :
       {"CUDA out of memory. Tried to allocate 20.00 MiB", "torch.OutOfMemoryError: x",
        "[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: you tried",
        "Unable to allocate 8.00 GiB for an array", "RESOURCE_EXHAUSTED: Out of memory"})
    CHECK(out_of_memory(std::runtime_error(said)));
  CHECK_FALSE(out_of_memory(std::runtime_error("mat1 and mat2 shapes cannot be multiplied")));
}
