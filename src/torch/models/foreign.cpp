#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/custom_function.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/torch_model.hpp"

namespace leadline::detail::foreign {

using namespace models;  // NOLINT: names of the room this file belongs to

/// Carries a `Pullback::vjp` through autograd's saved data.
struct Vjp : ::torch::CustomClassHolder {
  explicit Vjp(std::function<Tensor(const Tensor&)> f) : function(std::move(f)) {}
  std::function<Tensor(const Tensor&)> function;
};

struct Bridge : public ::torch::autograd::Function<Bridge> {
  /// `output` was made by the foreign model; this gives it a graph to `x`.
  static at::Tensor forward(::torch::autograd::AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& output, std::function<Tensor(const Tensor&)> vjp) {
    context->saved_data["vjp"] =
        c10::IValue::make_capsule(c10::make_intrusive<Vjp>(std::move(vjp)));
    context->saved_data["like"] = x.detach().slice(0, 0, 0);
    return output.clone();
  }
  static ::torch::autograd::tensor_list backward(::torch::autograd::AutogradContext* context,
                                                 ::torch::autograd::tensor_list grads) {
    const auto held = context->saved_data["vjp"].toCapsule();
    const auto& vjp = static_cast<const Vjp&>(*held).function;
    const at::Tensor like = context->saved_data["like"].toTensor();
    return {to_aten(vjp(from_aten(grads[0].contiguous()))).to(like.options()), at::Tensor(),
            at::Tensor()};
  }
};

class ForeignModel final : public TorchModel {
 public:
  explicit ForeignModel(std::shared_ptr<Model> model) : model_(std::move(model)) {}
  using TorchModel::call;
  Result call(const at::Tensor& x, const Call& call) override {
    if (call.edit)
      throw CapabilityError(model_->info().name + ".forward", "a LibTorch model to edit layers of",
                            model_->info().backend, "pass the module itself");
    Inputs inputs(from_aten(x.detach()));
    if (call.extras != nullptr)
      for (const auto& [name, value] : *call.extras)
        inputs.extras.emplace(name, from_aten(value.detach()));
    return run(x, call, [&](const at::Tensor& value) {
      if (!call.graph) return result_of(model_->forward(inputs, call.taps));
      Pullback pullback = model_->pullback(inputs, call.taps);
      Result result = result_of(pullback.outputs);
      result.output = Bridge::apply(value, result.output, std::move(pullback.vjp));
      return result;
    });
  }
  [[nodiscard]] at::Device device() const override { return at::kCPU; }
  [[nodiscard]] SubjectInfo info() const override { return model_->info(); }

 protected:
  std::shared_ptr<void> guard() override { return model_->hold(); }

 private:
  static Result result_of(const Outputs& outputs) {
    Result result;
    result.output = to_aten(outputs.output);
    for (const auto& [name, value] : outputs.extras) result.extras.emplace(name, to_aten(value));
    for (const auto& [name, value] : outputs.activations)
      result.activations.emplace(name, to_aten(value));
    return result;
  }

  std::shared_ptr<Model> model_;
};

}  // namespace leadline::detail::foreign

namespace leadline::models {

std::shared_ptr<TorchModel> as_torch(std::shared_ptr<Model> model) {
  if (model == nullptr) throw TypeError("as_torch", "a model", "an empty pointer", "");
  if (auto torch_model = std::dynamic_pointer_cast<TorchModel>(model)) return torch_model;
  return std::make_shared<leadline::detail::foreign::ForeignModel>(std::move(model));
}

}  // namespace leadline::models
