#include <ATen/ATen.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>

#include <algorithm>
#include <typeinfo>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/backends.hpp"
#include "torch/models/buffer_state.hpp"
#include "torch/models/outputs.hpp"

namespace leadline::detail::module {

using namespace models;  // NOLINT: names of the room this file belongs to
using ::torch::nn::Module;
using ::torch::nn::SequentialImpl;

/// Training flags of a module tree, parents first: `train` sets the children too.
class Flags {
 public:
  explicit Flags(const Module& module) {
    for (const auto& part : module.modules()) saved_.emplace_back(part, part->is_training());
  }
  [[nodiscard]] bool intact() const {
    return std::ranges::all_of(saved_,
                               [](const auto& p) { return p.first->is_training() == p.second; });
  }
  void restore() const {
    for (const auto& [part, training] : saved_)
      if (part->is_training() != training) part->train(training);
  }

 private:
  std::vector<std::pair<std::shared_ptr<Module>, bool>> saved_;
};

class Guard {
 public:
  Guard(std::shared_ptr<Module> module,
        const std::vector<std::pair<std::string, at::Tensor>>& buffers, Mode mode)
      : module_(std::move(module)), flags_(*module_), buffers_(buffers) {
    if (mode == Mode::eval) module_->eval();
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    try {
      flags_.restore();
    } catch (const std::exception&) {  // `train` is virtual: a user's one that throws ends here
    }
    buffers_.restore();
  }

 private:
  std::shared_ptr<Module> module_;
  Flags flags_;
  buffer_state::Saved buffers_;
};

/// Only a plain `Sequential` is known to chain its children: a class derived from it may not.
SequentialImpl* plain_sequence(Module& module) {
  return typeid(module) == typeid(SequentialImpl) ? dynamic_cast<SequentialImpl*>(&module)
                                                  : nullptr;
}

/// Runs a `Sequential` child by child, so that layers can be recorded, edited and traced.
TorchModel::Result walk(SequentialImpl& sequence, const std::vector<std::string>& layers,
                        at::Tensor value, const TorchModel::Call& call) {
  TorchModel::Result result;
  std::size_t i = 0;
  for (auto& child : sequence) {
    const std::string& name = layers[i++];
    if (call.trace) call.trace(name, true);
    value = child.forward(std::move(value));
    if (call.trace) call.trace(name, false);
    if (std::ranges::find(call.taps, name) == call.taps.end()) continue;
    if (call.edit) value = call.edit(name, std::move(value));
    result.activations.insert_or_assign(name, value);
  }
  result.output = std::move(value);
  return result;
}

class ModuleModel final : public TorchModel {
 public:
  ModuleModel(std::shared_ptr<Module> module, Forward forward, TorchOptions options)
      : module_(std::move(module)),
        sequence_(options.layers.empty() ? plain_sequence(*module_) : nullptr),
        forward_(std::move(forward)),
        options_(std::move(options)),
        layers_(sequence_ != nullptr ? sequence_->named_children().keys() : options_.layers) {}

  using TorchModel::call;
  Result call(const at::Tensor& x, const Call& call) override {
    outputs::require_layers(layers_, call, options_.name + ".forward");
    const auto token = enter();
    const Flags flags(*module_);
    Result result = run(x, call, [&](const at::Tensor& value) { return once(value, call); });
    if (!flags.intact()) {
      flags.restore();
      note("changed its own mode (training or evaluation) during forward; it was put back");
    }
    return result;
  }

  [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> parameters() const override {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (const auto& item : module_->named_parameters()) all.emplace_back(item.key(), item.value());
    return all;
  }
  [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> buffers() const override {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (const auto& item : module_->named_buffers()) all.emplace_back(item.key(), item.value());
    return all;
  }
  [[nodiscard]] at::Device device() const override {
    if (options_.device) return *options_.device;
    for (const auto& parameter : module_->parameters()) return parameter.device();
    for (const auto& buffer : module_->buffers()) return buffer.device();
    return at::kCPU;
  }
  [[nodiscard]] std::optional<at::ScalarType> dtype() const override {
    if (options_.dtype) return options_.dtype;
    for (const auto& parameter : module_->parameters())
      if (parameter.is_floating_point()) return parameter.scalar_type();
    return std::nullopt;
  }
  [[nodiscard]] SubjectInfo info() const override {
    SubjectInfo info;
    info.name = options_.name;
    info.backend = "torch::nn::Module";
    info.digest = digest();
    info.access = Access::labels | Access::outputs | Access::weights;
    if (options_.gradients) info.access = info.access | Access::gradients;
    if (!layers_.empty()) info.access = info.access | Access::activations;
    info.output = options_.output;
    info.layers = layers_;
    info.device = device().str();
    info.stochastic = options_.mode == Mode::as_is;
    return info;
  }

 protected:
  std::shared_ptr<void> guard() override {
    return std::make_shared<Guard>(module_, buffers(), options_.mode);
  }

 private:
  Result once(const at::Tensor& x, const Call& call) {
    static const NamedTensors none;
    const std::string where = options_.name + ".forward";
    const NamedTensors& extras = call.extras != nullptr ? *call.extras : none;
    if (sequence_ == nullptr || (call.taps.empty() && !call.trace))
      return outputs::with_layers(forward_(x, extras), options_, call, where);
    return walk(*sequence_, layers_, x, call);
  }

  std::shared_ptr<Module> module_;
  SequentialImpl* sequence_;
  Forward forward_;
  TorchOptions options_;
  std::vector<std::string> layers_;
};

}  // namespace leadline::detail::module

namespace leadline::models {

std::shared_ptr<TorchModel> from_any_module(std::shared_ptr<::torch::nn::Module> module,
                                            Forward forward, TorchOptions options) {
  if (module == nullptr) throw TypeError("from_module", "a module", "an empty pointer", "");
  if (!forward) throw TypeError("from_module", "a callable", "an empty function", "");
  return std::make_shared<leadline::detail::module::ModuleModel>(
      std::move(module), std::move(forward), std::move(options));
}

}  // namespace leadline::models
