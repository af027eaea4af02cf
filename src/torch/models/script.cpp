#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/backends.hpp"
#include "torch/models/archive.hpp"
#include "torch/models/buffer_state.hpp"

namespace leadline::detail::script {

using namespace models;  // NOLINT: names of the room this file belongs to
using ::torch::jit::Module;

/// Training flags of a script module; a frozen one has none.
class Flags {
 public:
  explicit Flags(const Module& module) {
    for (const Module& part : module.modules())
      if (part.hasattr("training")) saved_.emplace_back(part, part.attr("training").toBool());
  }
  [[nodiscard]] bool intact() const {
    for (const auto& [part, training] : saved_)
      if (part.attr("training").toBool() != training) return false;
    return true;
  }
  void restore() {
    for (auto& [part, training] : saved_)
      if (part.attr("training").toBool() != training) part.setattr("training", training);
  }

 private:
  std::vector<std::pair<Module, bool>> saved_;
};

class Guard {
 public:
  Guard(Module module, const std::vector<std::pair<std::string, at::Tensor>>& buffers, Mode mode)
      : flags_(module), buffers_(buffers) {
    if (mode == Mode::eval) module.eval();
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    flags_.restore();
    buffers_.restore();
  }

 private:
  Flags flags_;
  buffer_state::Saved buffers_;
};

NamedList of_tuple(const c10::IValue& value) {
  const auto& parts = value.toTupleRef().elements();
  const auto schema = value.type()->expectRef<c10::TupleType>().schema();
  NamedList named;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].isTensor())
      named.emplace_back(schema ? schema->arguments()[i].name() : std::to_string(i),
                         parts[i].toTensor());
  return named;
}

NamedList outputs_of(const c10::IValue& value, const std::string& where) {
  if (value.isTensor()) return named_outputs(value.toTensor());
  NamedList named;
  if (value.isTuple()) {
    named = of_tuple(value);
  } else if (value.isGenericDict()) {
    for (const auto& item : value.toGenericDict())
      if (item.key().isString() && item.value().isTensor())
        named.emplace_back(item.key().toStringRef(), item.value().toTensor());
  } else if (value.isTensorList()) {
    for (const at::Tensor& part : value.toTensorVector())
      named.emplace_back(std::to_string(named.size()), part);
  }
  if (named.empty())
    throw TypeError(where, "a tensor, or a dict, tuple or list of tensors", value.tagKind(),
                    "return the scores");
  return named;
}

class ScriptModel final : public TorchModel {
 public:
  ScriptModel(Module module, TorchOptions options)
      : module_(std::move(module)), options_(std::move(options)) {}

  using TorchModel::call;
  Result call(const at::Tensor& x, const Call& call) override {
    const std::string where = options_.name + ".forward";
    if (!call.taps.empty())
      throw CapabilityError(where, "a model with reachable layers",
                            "a TorchScript file, asked for layer '" + call.taps.front() + "'",
                            "pass the module itself");
    const auto token = enter();
    Flags flags(module_);
    Result result = run(x, call, [&](const at::Tensor& value) {
      std::unordered_map<std::string, c10::IValue> extras;
      if (call.extras != nullptr)
        for (const auto& [name, extra] : *call.extras) extras.emplace(name, extra);
      return choose_primary(outputs_of(module_.forward({value}, extras), where), options_.primary,
                            where);
    });
    if (!flags.intact()) {
      flags.restore();
      note("changed its own mode (training or evaluation) during forward; it was put back");
    }
    return result;
  }

  [[nodiscard]] NamedList parameters() const override {
    NamedList all;
    for (const auto& item : module_.named_parameters()) all.emplace_back(item.name, item.value);
    return all;
  }
  [[nodiscard]] NamedList buffers() const override {
    NamedList all;
    for (const auto& item : module_.named_buffers()) all.emplace_back(item.name, item.value);
    return all;
  }
  [[nodiscard]] at::Device device() const override {
    if (options_.device) return *options_.device;
    for (const at::Tensor& parameter : module_.parameters()) return parameter.device();
    for (const at::Tensor& buffer : module_.buffers()) return buffer.device();
    return at::kCPU;
  }
  [[nodiscard]] std::optional<at::ScalarType> dtype() const override {
    if (options_.dtype) return options_.dtype;
    for (const at::Tensor& parameter : module_.parameters())
      if (parameter.is_floating_point()) return parameter.scalar_type();
    return std::nullopt;
  }
  [[nodiscard]] SubjectInfo info() const override {
    SubjectInfo info;
    info.name = options_.name;
    info.backend = "TorchScript";
    info.digest = digest();
    info.access = Access::labels | Access::outputs | Access::weights;
    if (options_.gradients) info.access = info.access | Access::gradients;
    info.output = options_.output;
    info.device = device().str();
    return info;
  }

 protected:
  std::shared_ptr<void> guard() override {
    return std::make_shared<Guard>(module_, buffers(), options_.mode);
  }

 private:
  Module module_;
  TorchOptions options_;
};

void refuse_others(const std::string& path) {
  const auto kind = archive::kind_of(archive::members(path, "load_script"));
  const std::string where = "load_script '" + path + "'";
  if (kind == archive::Kind::checkpoint)
    throw StoreError(where, "a TorchScript archive",
                     "a torch.save checkpoint: weights or a pickle without code, not executed",
                     "build the module in Python, load its weights and pass the module; or save it "
                     "with torch.jit.script(module).save(path)");
  if (kind == archive::Kind::package)
    throw StoreError(where, "a TorchScript archive", "an AOTInductor package",
                     "use load_aoti, or name the file .pt2");
  if (kind == archive::Kind::other)
    throw StoreError(where, "a TorchScript archive with code/, data.pkl and constants.pkl",
                     "another zip archive",
                     "save the model with torch.jit.script(module).save(path)");
}

}  // namespace leadline::detail::script

namespace leadline::models {

std::shared_ptr<TorchModel> load_script(const std::string& path, TorchOptions options) {
  leadline::detail::script::refuse_others(path);
  if (options.name.empty()) options.name = leadline::detail::archive::stem(path);
  try {
    return std::make_shared<leadline::detail::script::ScriptModel>(
        ::torch::jit::load(path, options.device), std::move(options));
  } catch (const std::exception& error) {  // a damaged archive throws more than c10::Error
    throw StoreError("load_script '" + path + "'", "an archive that this torch can read",
                     leadline::detail::archive::first_line(error.what()),
                     "save it again with a torch as old as this one");
  }
}

}  // namespace leadline::models
