#include "leadline/torch/robustness/weight_faults.hpp"

#include <ATen/ATen.h>

#include <cstring>
#include <optional>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "torch/robustness/run_probe.hpp"
#include "torch/small_models.hpp"

using namespace leadline;
using robustness::FlippedBit;
using robustness::WeightFaults;
using robustness::WeightFaultsOptions;

namespace {

/// logits = x W^T, with the weight as a parameter that probes can reach.
class WeightedModel : public models::TorchModel {
 public:
  explicit WeightedModel(at::Tensor w) : weight_tensor(std::move(w)) {}
  SubjectInfo info() const override {
    return {.name = "weighted",
            .access = Access::labels | Access::outputs | Access::weights,
            .output = OutputKind::logits};
  }
  Result call(const at::Tensor& x, const Call& call) override {
    ++calls;
    if (fail_at == calls) throw std::runtime_error("out of memory");
    if (learns) weight_tensor.variable_data().select(0, 0).add_(1e-2);
    return run(x, call,
               [&](const at::Tensor& in) { return Result{at::linear(in, weight_tensor)}; });
  }
  std::vector<std::pair<std::string, at::Tensor>> parameters() const override {
    return {{"weight", weight_tensor}};
  }
  at::Device device() const override { return at::kCPU; }
  std::optional<at::ScalarType> dtype() const override { return weight_tensor.scalar_type(); }

  at::Tensor weight_tensor;
  int calls = 0, fail_at = -1;
  bool learns = false;
};

std::shared_ptr<TensorDataset> weight_rows(std::int64_t n) {
  const at::Tensor x = test::fixed_tensor({n, 3}, 1.0).to(at::kFloat).contiguous();
  std::vector<float> values(x.data_ptr<float>(), x.data_ptr<float>() + x.numel());
  return std::make_shared<TensorDataset>(Tensor::own(std::move(values), {n, 3}), Tensor(),
                                         TensorDataset::Options{});
}

std::string bytes_of_tensor(const at::Tensor& t) {
  const at::Tensor host = t.contiguous();
  return {static_cast<const char*>(host.data_ptr()), host.nbytes()};
}

}  // namespace

TEST_CASE("a flipped bit is one bit, and comes back also after an exception",
          "[torch][robustness][weight_faults]") {
  for (const auto dtype : {at::kFloat, at::kDouble, at::kHalf, at::kBFloat16}) {
    for (const bool transposed : {false, true}) {
      at::Tensor w = test::linear_weight(dtype);
      if (transposed) w = w.t();
      const std::string before = bytes_of_tensor(w);
      const auto version = w._version();
      const int width = static_cast<int>(w.element_size()) * 8;
      for (const int bit : {0, 1, width - 2, width - 1}) {
        try {
          const FlippedBit flipped(w, 4, bit);
          const std::string now = bytes_of_tensor(w);
          int changed = 0;
          for (std::size_t k = 0; k < now.size(); ++k)
            changed += __builtin_popcount(static_cast<unsigned char>(now[k] ^ before[k]));
          CHECK(changed == 1);
          const auto first = static_cast<std::size_t>(4 * w.element_size());
          const std::size_t at = first + static_cast<std::size_t>(bit / 8);  // little-endian
          CHECK(now[at] != before[at]);
          throw std::runtime_error("while flipped");
        } catch (const std::runtime_error&) {
        }
        CHECK(bytes_of_tensor(w) == before);
      }
      CHECK(w._version() == version);
    }
  }
  const at::Tensor w = test::linear_weight();
  CHECK_THROWS_AS(FlippedBit(w, 6, 0), ValueError);
  CHECK_THROWS_AS(FlippedBit(w, 0, 32), ValueError);
  CHECK_THROWS_AS(FlippedBit(at::ones({2}, at::kLong), 0, 0), TypeError);
}

TEST_CASE("a flipped sign of the only weight changes every answer, low bits change none",
          "[torch][robustness][weight_faults]") {
  // one weight a class: logits (x0, 0): a sign flip of W[0][0] turns the answer of every row
  const auto model = std::make_shared<WeightedModel>(at::ones({1, 3}));
  const auto data = weight_rows(50);
  test::LoneSession session(model, data);
  session.id = "weight_faults";
  const auto run = WeightFaults({.flips = 3, .max_samples = 20}).start(session);
  const std::string before = bytes_of_tensor(model->weight_tensor);
  run->work(session);
  CHECK(bytes_of_tensor(model->weight_tensor) == before);
  const Finding finding = run->finish(session);
  REQUIRE(finding.status == Status::ok);
  CHECK(finding.at("critical_rate").n == 32 * 3);
  CHECK(finding.at("critical_rate{bits=sign}").value() == 1);
  CHECK(finding.at("critical_rate{bits=mantissa}").value() < 0.4);
  CHECK(finding.at("critical_rate{bits=exponent}").n == 8 * 3);
  // weights of 1.0 = 0x3f800000: the top exponent bit makes inf, which is detected
  CHECK(finding.at("detected_rate{bits=exponent}").value() > 0);
  CHECK(finding.at("detected_rate{bits=mantissa}").value() == 0);
  CHECK(session.forwards == 20 * (2 + 32 * 3));
  for (const Check& check : finding.checks) CHECK(check.result == Check::pass);
  const auto& grid = std::get<Grid>(finding.blocks.front());
  CHECK(grid.values.size() == 32);
  CHECK(grid.col_names.front() == "31");
}

TEST_CASE("a run resumed in the middle gives the same finding",
          "[torch][robustness][weight_faults]") {
  const auto model = std::make_shared<WeightedModel>(test::linear_weight());
  const auto data = weight_rows(40);
  test::LoneSession whole(model, data), part(model, data), rest(model, data);
  const WeightFaults probe({.flips = 2, .max_samples = 16});
  const auto one = probe.start(whole);
  one->work(whole);
  int offered = 0;
  part.on_checkpoint = [&](const ProbeRun&) { ++offered; };
  part.stop = [&] { return offered >= 17; };
  const auto two = probe.start(part);
  two->work(part);
  const auto three = probe.start(rest);
  three->load(two->save());
  three->work(rest);
  CHECK(one->save() == three->save());
  CHECK_THROWS_AS(three->load("{}"), StoreError);
}

TEST_CASE("a model that raises under a flip is left as found",
          "[torch][robustness][weight_faults]") {
  const auto model = std::make_shared<WeightedModel>(test::linear_weight());
  const std::string before = bytes_of_tensor(model->weight_tensor);
  test::LoneSession session(model, weight_rows(16));
  const auto run = WeightFaults({.flips = 1, .max_samples = 16}).start(session);
  model->fail_at = 10;
  run->work(session);
  CHECK(bytes_of_tensor(model->weight_tensor) == before);
  const Finding finding = run->finish(session);
  CHECK(finding.status == Status::ok);
}

TEST_CASE("a model that changes its own weights is caught",
          "[torch][robustness][weight_faults][check]") {
  const auto model = std::make_shared<WeightedModel>(test::linear_weight().clone());
  model->learns = true;
  test::LoneSession session(model, weight_rows(16));
  const auto run = WeightFaults({.flips = 1, .max_samples = 16}).start(session);
  run->work(session);
  const Finding finding = run->finish(session);
  for (const char* name : {"weights_restored", "clean_answers_repeat"}) {
    const auto check = std::find_if(finding.checks.begin(), finding.checks.end(),
                                    [&](const Check& c) { return c.name == name; });
    REQUIRE(check != finding.checks.end());
    CHECK(check->result == Check::fail);
  }
}

TEST_CASE("a model without reachable weights is refused", "[torch][robustness][weight_faults]") {
  test::LoneSession session(test::linear_model(), weight_rows(8));
  CHECK_THROWS_AS(WeightFaults().start(session), CapabilityError);
}
