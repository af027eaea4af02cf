#include <ATen/ATen.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/backends.hpp"
#include "torch/models/outputs.hpp"

namespace leadline::detail::function {

using namespace models;  // NOLINT: names of the room this file belongs to

class FunctorModel final : public TorchModel {
 public:
  FunctorModel(Forward forward, TorchOptions options)
      : forward_(std::move(forward)), options_(std::move(options)) {
    if (!forward_) throw TypeError("from_function", "a callable", "an empty function", "");
  }
  using TorchModel::call;
  Result call(const at::Tensor& x, const Call& call) override {
    const std::string where = options_.name + ".forward";
    outputs::require_layers(options_.layers, call, where);
    return run(x, call, [&](const at::Tensor& value) {
      static const NamedTensors none;
      return outputs::with_layers(forward_(value, call.extras != nullptr ? *call.extras : none),
                                  options_, call, where);
    });
  }
  [[nodiscard]] at::Device device() const override {
    return options_.device.value_or(at::Device(at::kCPU));
  }
  [[nodiscard]] std::optional<at::ScalarType> dtype() const override { return options_.dtype; }
  [[nodiscard]] SubjectInfo info() const override {
    SubjectInfo info;
    info.name = options_.name;
    info.backend = "function";
    info.access =
        options_.output == OutputKind::labels ? Access::labels : Access::labels | Access::outputs;
    if (options_.gradients && options_.output != OutputKind::labels)
      info.access = info.access | Access::gradients;
    if (!options_.layers.empty()) info.access = info.access | Access::activations;
    info.output = options_.output;
    info.layers = options_.layers;
    info.device = device().str();
    return info;
  }

 private:
  Forward forward_;
  TorchOptions options_;
};

}  // namespace leadline::detail::function

namespace leadline::models {

std::shared_ptr<TorchModel> from_forward(Forward forward, TorchOptions options) {
  return std::make_shared<leadline::detail::function::FunctorModel>(std::move(forward),
                                                                    std::move(options));
}

std::shared_ptr<TorchModel> from_function(std::function<at::Tensor(at::Tensor)> function,
                                          TorchOptions options) {
  if (!function) throw TypeError("from_function", "a callable", "an empty function", "");
  return from_forward(
      [function = std::move(function)](const at::Tensor& x, const NamedTensors& extras) {
        if (!extras.empty())
          throw ValueError("from_function", "no extra inputs", "'" + extras.begin()->first + "'",
                           "use from_forward, which takes them");
        return named_outputs(function(x));
      },
      std::move(options));
}

}  // namespace leadline::models
