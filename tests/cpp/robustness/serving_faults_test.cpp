#include "leadline/robustness/serving_faults.hpp"

#include <bit>
#include <set>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "support/toys.hpp"

using namespace leadline;
using robustness::ServingFault;
using robustness::ServingFaults;

namespace {

DatasetPtr served_rows(std::int64_t n) {
  std::vector<float> x;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(3, "served", i);
    for (int k = 0; k < 3; ++k) x.push_back(static_cast<float>(rng.normal()));
    target.push_back(x[x.size() - 3] > 0);
  }
  return std::make_shared<TensorDataset>(Tensor::own(x, {n, 3}), Tensor::own(target, {n}),
                                         TensorDataset::Options{});
}

std::shared_ptr<Subject> served_model() {
  return toys::rowwise(2, [](const float* x, float* out) {
    out[0] = 0;
    out[1] = x[0] + 0 * x[1] + 0 * x[2];  // NaN in any value comes through
  });
}

Finding serve(std::shared_ptr<Subject> model, DatasetPtr data, std::int64_t batch = 128,
              robustness::ServingFaultsOptions options = {}) {
  EvaluateOptions how;
  how.batch_size = batch;
  const Finding finding =
      toys::run(std::make_shared<ServingFaults>(std::move(options)), std::move(model), data, how);
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  return finding;
}

}  // namespace

TEST_CASE("a linear model lets NaN through, misses lost columns and stale rows in silence",
          "[robustness][serving_faults]") {
  const auto data = served_rows(600);
  const Finding finding = serve(served_model(), data);
  CHECK(finding.at("detected_rate{fault=nan_input}").value() == 1);
  CHECK(finding.at("silent_change_rate{fault=nan_input}").value() == 0);
  // one column in three is the one that is read; then the answer is class 0: half of them change
  CHECK_THAT(finding.at("silent_change_rate{fault=lost_channel}").value(),
             WithinAbs(1.0 / 6, 0.05));
  CHECK(finding.at("silent_error_rate{fault=lost_channel}").value() ==
        finding.at("silent_change_rate{fault=lost_channel}").value());
  CHECK_THAT(finding.at("silent_change_rate{fault=stale_input}").value(), WithinAbs(0.5, 0.07));
  CHECK(finding.at("silent_change_rate{fault=partial_batch}").value() == 0);
  CHECK(finding.at("silent_change_rate{fault=bit_flip}").value() > 0);
  for (const char* fault :
       {"nan_input", "lost_channel", "stale_input", "partial_batch", "bit_flip"})
    CHECK(finding.at(std::string("recovery_rate{fault=") + fault + "}").value() == 1);
  for (const Check& check : finding.checks) {
    INFO(check.name << ": " << check.why);
    CHECK(check.result != Check::fail);
  }
  CHECK(finding.flags.size() == 24);
}

TEST_CASE("a model that raises on one row does not speak for its batch",
          "[robustness][serving_faults]") {
  const auto strict = toys::rowwise(2, [](const float* x, float* out) {
    if (!(std::abs(x[0]) < 1e6F)) throw std::runtime_error("out of range");
    out[0] = 0;
    out[1] = x[0];
  });
  const auto data = served_rows(300);
  const Finding whole = serve(strict, data), small = serve(strict, data, 7);
  const Estimate& detected = whole.at("detected_rate{fault=nan_input}");
  CHECK_THAT(detected.value(), WithinAbs(1.0 / 3, 0.09));
  for (const char* name : {"detected_rate{fault=nan_input}", "silent_change_rate{fault=bit_flip}",
                           "detected_rate{fault=bit_flip}", "recovery_rate{fault=nan_input}"})
    CHECK(whole.at(name).value() == small.at(name).value());
}

TEST_CASE("a state that NaN poisons is caught by recovers", "[robustness][serving_faults][check]") {
  float running = 0;
  const auto stateful = toys::rowwise(2, [&running](const float* x, float* out) {
    running = 0 * running + 0 * x[0];  // NaN stays for ever
    out[0] = 0;
    out[1] = x[0] + running;
  });
  const Finding finding = serve(stateful, served_rows(200));
  const Check& check = toys::check_of(finding, "recovers{fault=nan_input}");
  INFO(check.why);
  CHECK(check.result == Check::fail);
  CHECK(finding.at("recovery_rate{fault=nan_input}").value() < 1);
  CHECK(finding.doubts("silent_change_rate{fault=bit_flip}").size() >= 1);
}

TEST_CASE("faults that change nothing and models that are random are caught",
          "[robustness][serving_faults][check]") {
  const auto zeros = std::make_shared<TensorDataset>(
      Tensor::own(std::vector<float>(200, 0.0F), {100, 2}), Tensor(), TensorDataset::Options{});
  const auto model = toys::rowwise(2, [](const float* x, float* out) {
    out[0] = 0;
    out[1] = x[0];
  });
  const Finding idle = serve(model, zeros);
  CHECK(toys::check_of(idle, "fault_changes_input{fault=lost_channel}").result == Check::fail);
  CHECK(toys::check_of(idle, "fault_changes_input{fault=stale_input}").result == Check::fail);
  CHECK(toys::check_of(idle, "fault_changes_input{fault=nan_input}").result == Check::pass);
  CHECK(toys::check_of(idle, "fault_changes_input{fault=partial_batch}").result == Check::not_run);
  CHECK(idle.at("silent_error_rate{fault=bit_flip}").status == Status::not_measured);
  int calls = 0;
  const auto random = toys::rowwise(2, [&calls](const float* x, float* out) {
    out[0] = 0;
    out[1] = x[0] + static_cast<float>(++calls % 7);
  });
  const Finding shaky = serve(random, served_rows(100));
  CHECK(toys::check_of(shaky, "clean_answers_repeat").result == Check::fail);
}

TEST_CASE("rows that see each other are caught by a partial batch",
          "[robustness][serving_faults]") {
  SubjectInfo info;
  info.name = "centred";
  info.output = OutputKind::logits;
  const auto centred = std::make_shared<FunctionModel>(
      [](const Inputs& inputs) {
        const Tensor host = inputs.primary.host();
        const auto x = host.matrix<float>();
        std::vector<float> out;
        for (Eigen::Index i = 0; i < x.rows(); ++i) {
          out.push_back(0);
          out.push_back(x(i, 0) - x.col(0).mean());
        }
        return Outputs{Tensor::own(std::move(out), {x.rows(), 2}), {}, {}};
      },
      info);
  const Finding finding = serve(centred, served_rows(400), 20);
  CHECK(finding.at("silent_change_rate{fault=partial_batch}").value() > 0.02);
}

TEST_CASE("a bit flip changes one bit of each row, a lost channel one channel",
          "[robustness][serving_faults]") {
  std::vector<std::uint8_t> pixels(8 * 3 * 4);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 7 + 1);
  Batch batch;
  for (SampleId id = 0; id < 8; ++id) batch.ids.push_back(id);
  batch.inputs = Inputs(Tensor::own(pixels, {8, 3, 2, 2}));
  const Inputs flipped = robustness::faulty_inputs(ServingFault::bit_flip, batch, batch, 1);
  const auto* f = flipped.primary.data<std::uint8_t>();
  for (std::size_t i = 0; i < 8; ++i) {
    int bits = 0;
    for (std::size_t k = 0; k < 12; ++k)
      bits += std::popcount(static_cast<unsigned>(f[12 * i + k] ^ pixels[12 * i + k]));
    CHECK(bits == 1);
  }
  const Inputs lost = robustness::faulty_inputs(ServingFault::lost_channel, batch, batch, 1);
  const auto* p = lost.primary.data<std::uint8_t>();
  std::set<std::size_t> channels;
  for (std::size_t i = 0; i < 8; ++i) {
    int zero = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const bool gone = std::all_of(p + 12 * i + 4 * c, p + 12 * i + 4 * c + 4,
                                    [](std::uint8_t v) { return v == 0; });
      zero += gone;
      if (gone) channels.insert(c);
    }
    CHECK(zero == 1);
  }
  CHECK(channels.size() > 1);
  CHECK_THROWS_AS(robustness::faulty_inputs(ServingFault::nan_input, batch, batch, 1),
                  CapabilityError);
  CHECK_THROWS_AS(ServingFaults({.faults = {"nan_input", "nan_input"}}), ValueError);
  CHECK_THROWS_AS(ServingFaults({.faults = {"fire"}}), ValueError);
}
