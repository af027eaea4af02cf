#include <torch/csrc/jit/api/module.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "../small_models.hpp"
#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/torch/models/backends.hpp"

namespace leadline::detail::script_test {

/// A folder of its own, removed at the end.
struct Folder {
  std::filesystem::path path;
  Folder()
      : path(std::filesystem::temp_directory_path() /
             ("leadline_script_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string operator/(const char* name) const { return (path / name).string(); }
};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The linear model as a TorchScript file with a training flag and named outputs on request.
std::string saved(const Folder& folder, const char* name, const char* code) {
  torch::jit::Module module("Net");
  module.register_attribute("training", c10::BoolType::get(), true);
  module.register_parameter("w", test::linear_weight(), false);
  module.register_parameter("b", test::linear_bias(), false);
  module.register_buffer("seen", at::zeros({1}));
  module.define(code);
  module.save(folder / name);
  return folder / name;
}

constexpr const char* plain = R"(
def forward(self, x):
    return torch.addmm(self.b, x, self.w.t())
)";
constexpr const char* counting = R"(
def forward(self, x, scale: Tensor):
    self.seen.add_(1)
    logits = torch.addmm(self.b, x, self.w.t()) * scale
    return {"hidden": x, "logits": logits}
)";

constexpr const char* recurrent = R"(
def forward(self, x, rate: int):
    self.h = self.h + rate
    self.calls = self.calls + 1
    return torch.addmm(self.b, x, self.w.t()) + self.h
)";

/// A script with a hidden state in plain attributes.
torch::jit::Module stateful() {
  torch::jit::Module module("Net");
  module.register_attribute("training", c10::BoolType::get(), false);
  module.register_parameter("w", test::linear_weight(), false);
  module.register_parameter("b", test::linear_bias(), false);
  module.register_attribute("h", c10::TensorType::get(), at::zeros({1}));
  module.register_attribute("calls", c10::IntType::get(), 0);
  module.define(recurrent);
  return module;
}

}  // namespace leadline::detail::script_test

using leadline::StoreError;
using leadline::models::load_script;
namespace script_test = leadline::detail::script_test;

TEST_CASE("a script file gives the logits of the functor with the same weights",
          "[models][script]") {
  const script_test::Folder folder;
  const auto model = load_script(script_test::saved(folder, "net.pt", script_test::plain));
  const at::Tensor x = leadline::test::fixed_tensor({7, 3}, 1.0).to(at::kFloat);
  CHECK(at::allclose(model->call(x).output, leadline::test::linear_model()->call(x).output));
  CHECK(model->info().name == "net");
  CHECK(model->info().digest.rfind("xxh3:", 0) == 0);
  CHECK(model->weight("w").size(0) == 2);
  const auto d = model->pullback(leadline::from_aten(x)).vjp(leadline::from_aten(at::ones({7, 2})));
  CHECK(d.matrix<float>()(0, 2) == 2.5f);
  CHECK_THROWS_AS(model->call(x, {.taps = std::vector<std::string>{"w"}}),
                  leadline::CapabilityError);
}

TEST_CASE("a script with extras, named outputs and a moving buffer is left as found",
          "[models][script]") {
  const script_test::Folder folder;
  const auto model = load_script(script_test::saved(folder, "net.pt", script_test::counting));
  const at::Tensor x = at::ones({2, 3});
  const leadline::models::NamedTensors extras{{"scale", at::full({2, 1}, 2.0f)}};
  {
    const auto token = model->hold();
    const auto result = model->call(x, {.extras = &extras});
    CHECK(result.output[0][1].item<float>() == 1.0f);
    CHECK(result.extras.at("hidden").size(1) == 3);
    CHECK(model->buffers()[0].second.item<float>() == 1.0f);
  }
  CHECK(model->buffers()[0].second.item<float>() == 0.0f);
}

TEST_CASE("a script with a state begins every forward from the state as found",
          "[models][script]") {
  const auto module = script_test::stateful();
  const auto model =
      leadline::models::from_script(module, {.name = "vad"}, {{"rate", std::int64_t{2}}});
  const at::Tensor x = at::ones({2, 3});
  const at::Tensor expected = leadline::test::linear_model()->call(x).output + 2;
  {
    const auto token = model->hold();
    CHECK(at::allclose(model->call(x).output, expected));
    CHECK(at::allclose(model->call(x).output, expected));
  }
  CHECK(module.attr("calls").toInt() == 0);
  CHECK(module.attr("h").toTensor().item<float>() == 0);
  CHECK(model->notes() ==
        std::vector<std::string>{"keeps a state between calls (h, calls); every forward began from "
                                 "the state as found (mode as_is lets it run on)"});
}

TEST_CASE("as is, the state of a script runs on while it is held", "[models][script]") {
  const auto module = script_test::stateful();
  const auto model = leadline::models::from_script(module, {.mode = leadline::models::Mode::as_is},
                                                   {{"rate", std::int64_t{2}}});
  const at::Tensor x = at::ones({2, 3});
  {
    const auto token = model->hold();
    const at::Tensor first = model->call(x).output, second = model->call(x).output;
    CHECK(at::allclose(second, first + 2));
  }
  CHECK(module.attr("calls").toInt() == 0);
}

TEST_CASE("a further argument of a script is asked for by name and type", "[models][script]") {
  const auto model = leadline::models::from_script(script_test::stateful(), {.name = "vad"});
  CHECK_THROWS_WITH(model->call(at::ones({2, 3})),
                    "vad.forward: expected a value for 'rate' (int) of its forward, got none (give "
                    "it as a constant of the model: constants={'rate': ...})");
  const auto other = leadline::models::from_script(script_test::stateful(), {.name = "vad"},
                                                   {{"rate", std::string("fast")}});
  CHECK_THROWS_AS(other->call(at::ones({2, 3})), leadline::Error);
  CHECK_THROWS_WITH(other->call(at::ones({2, 3})),
                    ContainsSubstring("vad.forward: expected outputs for inputs float32 [2, 3]") &&
                        ContainsSubstring("rate"));
}

TEST_CASE("a pickle is refused and never executed", "[models][script]") {
  const script_test::Folder folder;
  const std::string marker = folder / "executed";
  // cos.system: the classic payload. Protocol 2 and protocol 0.
  script_test::write(folder / "two.pt",
                     "\x80\x02"
                     "cposix\nsystem\nX\x00\x00\x00\x00\x85R.");
  script_test::write(folder / "zero.pt", "cposix\nsystem\n(S'touch " + marker + "'\ntR.");
  CHECK_THROWS_AS(load_script(folder / "two.pt"), StoreError);
  CHECK_THROWS_WITH(load_script(folder / "two.pt"), ContainsSubstring("not executed"));
  CHECK_THROWS_AS(load_script(folder / "zero.pt"), StoreError);
  CHECK_FALSE(std::filesystem::exists(marker));
}

TEST_CASE("a script cut at any length is refused, not loaded", "[models][script]") {
  const script_test::Folder folder;
  const std::string bytes =
      script_test::bytes_of(script_test::saved(folder, "net.pt", script_test::plain));
  for (std::size_t part = 0; part < 20; ++part) {
    const std::string cut = folder / "cut.pt";
    script_test::write(cut, bytes.substr(0, bytes.size() * part / 20));
    CHECK_THROWS_AS(load_script(cut), StoreError);
  }
  script_test::write(folder / "less.pt", bytes.substr(0, bytes.size() - 1));
  CHECK_THROWS_AS(load_script(folder / "less.pt"), StoreError);
}

TEST_CASE("a script with any block overwritten is refused or still loads", "[models][script]") {
  const script_test::Folder folder;
  const std::string bytes =
      script_test::bytes_of(script_test::saved(folder, "net.pt", script_test::plain));
  for (std::size_t at = 0; at + 16 < bytes.size(); at += bytes.size() / 40) {
    std::string damaged = bytes;
    for (std::size_t i = 0; i < 16; ++i) damaged[at + i] = static_cast<char>(0xA5 ^ i);
    script_test::write(folder / "damaged.pt", damaged);
    try {
      (void)load_script(folder / "damaged.pt");
    } catch (const StoreError&) {
      SUCCEED();
    }
  }
}

TEST_CASE("what is no model file is named", "[models][script]") {
  const script_test::Folder folder;
  CHECK_THROWS_WITH(load_script(folder / "absent.pt"), ContainsSubstring("check the path"));
  CHECK_THROWS_WITH(load_script(folder.path.string()), ContainsSubstring("directory"));
  script_test::write(folder / "text.pt", "hello, this is a text");
  CHECK_THROWS_WITH(load_script(folder / "text.pt"), ContainsSubstring("another format"));
  script_test::write(folder / "empty.pt", "");
  CHECK_THROWS_WITH(load_script(folder / "empty.pt"), ContainsSubstring("truncated"));
  CHECK_THROWS_WITH(
      leadline::models::load_aoti(script_test::saved(folder, "net.pt", script_test::plain)),
      ContainsSubstring("load_script"));
}
