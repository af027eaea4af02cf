#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/backends.hpp"
#include "torch/models/archive.hpp"
#include "torch/models/buffer_state.hpp"
#include "torch/models/script_state.hpp"

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
      : flags_(module), buffers_(buffers), attributes_(module) {
    if (mode == Mode::eval) module.eval();
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    flags_.restore();
    buffers_.restore();
    try {
      (void)attributes_.restore();
    } catch (const std::exception&) {  // a state that can no longer be written is left as it is
    }
  }
  [[nodiscard]] script_state::Attributes& attributes() { return attributes_; }

 private:
  Flags flags_;
  buffer_state::Saved buffers_;
  script_state::Attributes attributes_;
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

/// The line of an exception of torch that says what went wrong, without the stack around it.
std::string message_of(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  std::string_view text = own != nullptr ? own->what_without_backtrace() : error.what();
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (text.find("TorchScript interpreter") != std::string_view::npos)
    if (const auto last = text.rfind('\n'); last != std::string_view::npos)
      text.remove_prefix(last + 1);
  return archive::first_line(text);
}

class ScriptModel final : public TorchModel {
 public:
  ScriptModel(Module module, TorchOptions options, const ScriptConstants& constants)
      : module_(std::move(module)), options_(std::move(options)) {
    for (const auto& [name, value] : constants) constants_.insert_or_assign(name, value);
    if (const auto forward = module_.find_method("forward")) {
      const auto& arguments = forward->function().getSchema().arguments();
      for (std::size_t i = 2; i < arguments.size(); ++i)  // after self and x
        if (!arguments[i].default_value() && !constants_.contains(arguments[i].name()))
          needed_.emplace_back(arguments[i].name(), arguments[i].type()->annotation_str());
    }
  }

  using TorchModel::call;
  Result call(const at::Tensor& x, const Call& call) override {
    const std::string where = options_.name + ".forward";
    if (!call.taps.empty())
      throw CapabilityError(where, "a model with reachable layers",
                            "a TorchScript file, asked for layer '" + call.taps.front() + "'",
                            "pass the module itself");
    const auto token = enter();
    Flags flags(module_);
    try {
      Result result = run(x, call, [&](const at::Tensor& value) {
        return choose_primary(once(value, call.extras, where), options_.primary, where);
      });
      settle(flags);
      return result;
    } catch (...) {
      settle(flags);
      throw;
    }
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
    info.stochastic = options_.mode == Mode::as_is;
    return info;
  }

 protected:
  std::shared_ptr<void> guard() override {
    auto made = std::make_shared<Guard>(module_, buffers(), options_.mode);
    guard_ = made;
    return made;
  }

 private:
  NamedList once(const at::Tensor& x, const NamedTensors* extras, const std::string& where) {
    auto named = constants_;
    if (extras != nullptr)
      for (const auto& [name, extra] : *extras) named.insert_or_assign(name, extra);
    for (const auto& [name, type] : needed_)
      if (!named.contains(name))
        throw TypeError(where, "a value for '" + name + "' (" + type + ") of its forward", "none",
                        type == "Tensor" ? "give it with the data: Inputs(x, {'" + name + "': ...})"
                                         : "give it as a constant of the model: constants={'" +
                                               name + "': ...}");
    try {
      return outputs_of(module_.forward({x}, named), where);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      throw Error(where, "outputs for inputs " + from_aten(x.detach()).describe(),
                  message_of(error), "call the script on these inputs outside leadline to see why");
    }
  }

  /// In evaluation mode every forward begins from the state as found: else the answer for a sample
  /// would depend on those before it.
  void settle(Flags& flags) {
    if (!flags.intact()) {
      flags.restore();
      note("changed its own mode (training or evaluation) during forward; it was put back");
    }
    const auto guard = guard_.lock();
    if (guard == nullptr || options_.mode != Mode::eval) return;
    if (const std::string moved = guard->attributes().restore(); !moved.empty())
      note("keeps a state between calls (" + moved +
           "); every forward began from the state as found (mode as_is lets it run on)");
  }

  Module module_;
  TorchOptions options_;
  std::unordered_map<std::string, c10::IValue> constants_;
  std::vector<std::pair<std::string, std::string>> needed_;  // further arguments: name, type
  std::weak_ptr<Guard> guard_;
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

std::shared_ptr<TorchModel> from_script(const ::torch::jit::Module& module, TorchOptions options) {
  return from_script(module, std::move(options), {});
}

std::shared_ptr<TorchModel> from_script(const ::torch::jit::Module& module, TorchOptions options,
                                        const ScriptConstants& constants) {
  return std::make_shared<leadline::detail::script::ScriptModel>(module, std::move(options),
                                                                 constants);
}

std::shared_ptr<TorchModel> load_script(const std::string& path, TorchOptions options) {
  return load_script(path, std::move(options), {});
}

std::shared_ptr<TorchModel> load_script(const std::string& path, TorchOptions options,
                                        const ScriptConstants& constants) {
  leadline::detail::script::refuse_others(path);
  if (options.name.empty()) options.name = leadline::detail::archive::stem(path);
  try {
    return std::make_shared<leadline::detail::script::ScriptModel>(
        ::torch::jit::load(path, options.device), std::move(options), constants);
  } catch (const std::exception& error) {  // a damaged archive throws more than c10::Error
    throw StoreError("load_script '" + path + "'", "an archive that this torch can read",
                     leadline::detail::archive::first_line(error.what()),
                     "save it again with a torch as old as this one");
  }
}

}  // namespace leadline::models
