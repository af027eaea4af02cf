#include "leadline/torch/models/torch_model.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <mutex>

#include "core/vjp.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"
#include "torch/models/random_state.hpp"

namespace leadline::models {

/// Everything mutable beside the weights, shared by copies of the handle.
struct TorchModel::Memory {
  /// Taken by hold and its end; a guard may take the GIL under it, so nobody may wait for it with
  /// the GIL: the bindings let the GIL go first.
  std::mutex holding;
  std::weak_ptr<void> held;
  std::mutex mutex;  // of the rest
  std::vector<std::string> notes;
  bool writes_input = false;  // an in-place first layer was seen
  std::vector<std::pair<const void*, std::uint32_t>> versions;
  std::string digest;
};

/// What `hold()` gives: puts the backend's state back, then the random state.
struct TorchModel::Held {
  std::shared_ptr<Memory> memory;
  std::optional<leadline::detail::random_state::Saved> random;
  std::shared_ptr<void> own;

  Held(std::shared_ptr<Memory> of, at::Device device) : memory(std::move(of)), random(device) {}
  ~Held() {
    std::scoped_lock lock(memory->holding);
    own.reset();
    random.reset();
  }
};

TorchModel::TorchModel() : memory_(std::make_shared<Memory>()) {}
TorchModel::~TorchModel() = default;

std::vector<std::pair<std::string, at::Tensor>> TorchModel::parameters() const { return {}; }
std::vector<std::pair<std::string, at::Tensor>> TorchModel::buffers() const { return {}; }
std::shared_ptr<void> TorchModel::guard() { return nullptr; }

std::shared_ptr<void> TorchModel::hold() {
  std::scoped_lock lock(memory_->holding);
  if (auto held = memory_->held.lock()) return held;
  auto own = guard();
  auto held = std::make_shared<Held>(memory_, device());
  held->own = std::move(own);
  memory_->held = held;
  return held;
}

std::shared_ptr<void> TorchModel::enter() {
  std::scoped_lock lock(memory_->holding);
  if (auto held = memory_->held.lock()) return held;
  return guard();
}

void TorchModel::note(std::string text) {
  std::scoped_lock lock(memory_->mutex);
  if (std::ranges::find(memory_->notes, text) == memory_->notes.end())
    memory_->notes.push_back(std::move(text));
}

std::vector<std::string> TorchModel::notes() const {
  std::scoped_lock lock(memory_->mutex);
  return memory_->notes;
}

}  // namespace leadline::models

namespace leadline::detail::torch_model {

using models::TorchModel;

/// Whether torch refused to write into a leaf that requires a gradient.
bool refuses_leaf(std::string_view message) {
  return message.find("leaf Variable that requires grad") != std::string_view::npos;
}

void check_rows(const at::Tensor& x, const TorchModel::Result& result, const TorchModel& model) {
  if (!result.output.defined())
    throw TypeError(model.info().name + ".forward", "a tensor as output", "an undefined one",
                    "return the scores");
  if (result.output.is_meta())
    throw TypeError(model.info().name + ".forward", "an output that has values",
                    "one on device meta, for an input on " + x.device().str(),
                    "move every part of the model, and what it captures, to one device");
  if (x.dim() == 0 || result.output.dim() == 0 || result.output.size(0) != x.size(0))
    throw ShapeError(model.info().name + ".forward",
                     "an output with as many rows as the input " + shape_text(x.sizes()),
                     shape_text(result.output.sizes()),
                     "return one row a sample along dimension 0, without averaging over the batch");
}

bool widens(at::ScalarType from, at::ScalarType to) {
  if (from == to || to == at::kDouble) return true;
  return to == at::kFloat && (from == at::kHalf || from == at::kBFloat16);
}

at::Tensor fit(at::Tensor value, const TorchModel& model, const std::string& what) {
  const auto dtype = model.dtype();
  const bool convert = dtype && value.is_floating_point() && value.scalar_type() != *dtype;
  if (convert && !widens(value.scalar_type(), *dtype))
    throw TypeError(
        model.info().name + ".forward",
        what + " of dtype " + c10::toString(*dtype) + " or one that widens to it",
        std::string(c10::toString(value.scalar_type())) + " " + shape_text(value.sizes()),
        std::string("convert the data: x.to(") + c10::toString(*dtype) + ")");
  const at::Tensor moved =
      value.to(model.device(), convert ? *dtype : value.scalar_type(), false, false);
  return moved.is_same(value) ? value.clone() : moved;
}

Outputs outputs_of(const TorchModel::Result& result) {
  Outputs outputs;
  outputs.output = from_aten(result.output);
  for (const auto& [name, value] : result.extras) outputs.extras.emplace(name, from_aten(value));
  for (const auto& [name, value] : result.activations)
    outputs.activations.emplace(name, from_aten(value));
  return outputs;
}

at::Tensor pull(const at::Tensor& output, const at::Tensor& x, const Tensor& d_output, bool last) {
  at::Tensor seed = to_aten(d_output).to(output.options());
  if (seed.sizes() != output.sizes())
    throw ShapeError("Pullback.vjp", "the shape of the output " + shape_text(output.sizes()),
                     shape_text(seed.sizes()), "");
  const c10::AutoGradMode on(true);
  auto found = torch::autograd::grad({output}, {x}, {seed}, /*retain_graph=*/!last,
                                     /*create_graph=*/false, /*allow_unused=*/true);
  return found[0].defined() ? found[0] : at::zeros_like(x);
}

/// A module made on the device "meta" has shapes but no values: weights still to be loaded.
void refuse_meta(const std::vector<std::pair<std::string, at::Tensor>>& all) {
  const auto without = std::ranges::find_if(all, [](const auto& p) { return p.second.is_meta(); });
  if (without == all.end()) return;
  const auto with = std::ranges::find_if(all, [](const auto& p) { return !p.second.is_meta(); });
  throw TypeError("model", "parameters that have values",
                  "'" + without->first + "' on device meta" +
                      (with == all.end()
                           ? std::string()
                           : ", while '" + with->first + "' is on " + with->second.device().str()),
                  "load the weights onto one device: model.to_empty(device='cpu'), then "
                  "model.load_state_dict(...)");
}

std::string listed(const std::vector<std::pair<std::string, at::Tensor>>& named) {
  std::string text;
  for (std::size_t i = 0; i < named.size() && i < 12; ++i)
    text += (i > 0 ? ", " : "") + named[i].first;
  return named.size() > 12 ? text + ", ..." : text;
}

}  // namespace leadline::detail::torch_model

namespace leadline::robustness {

Tensor ArrayTraits<at::Tensor>::in(const at::Tensor& tensor) {
  return from_aten(tensor.detach().cpu().contiguous());
}
at::Tensor ArrayTraits<at::Tensor>::out(const Tensor& tensor, const at::Tensor& like) {
  return to_aten(tensor).to(like.options().requires_grad(false), /*non_blocking=*/false,
                            /*copy=*/true);
}

}  // namespace leadline::robustness

namespace leadline::models {

TorchModel::Result TorchModel::run(const at::Tensor& x, const Call& call, const Body& body) {
  const c10::AutoGradMode mode(call.graph);
  const bool leaf = call.graph && x.is_leaf() && x.requires_grad();
  Result result;
  if (leaf && memory_->writes_input) {
    result = body(x.clone());
  } else {
    try {
      result = body(x);
    } catch (const std::exception& error) {
      if (!leaf || !leadline::detail::torch_model::refuses_leaf(error.what())) throw;
      memory_->writes_input = true;
      result = body(x.clone());
    }
  }
  leadline::detail::torch_model::check_rows(x, result, *this);
  return result;
}

at::Tensor input_for(const TorchModel& model, const Inputs& inputs, NamedTensors* extras) {
  if (extras != nullptr) {
    for (const auto& [name, value] : inputs.extras)
      extras->insert_or_assign(
          name, leadline::detail::torch_model::fit(to_aten(value), model, "input '" + name + "'"));
  }
  return leadline::detail::torch_model::fit(to_aten(inputs.primary), model, "input");
}

Outputs TorchModel::forward(const Inputs& inputs, std::span<const std::string> taps) {
  NamedTensors extras;
  const at::Tensor x = input_for(*this, inputs, &extras).detach();
  return leadline::detail::torch_model::outputs_of(call(x, {.extras = &extras, .taps = taps}));
}

Pullback TorchModel::pullback(const Inputs& inputs, std::span<const std::string> taps) {
  auto token = hold();
  NamedTensors extras;
  at::Tensor x = input_for(*this, inputs, &extras).detach();
  if (!x.is_floating_point())
    throw CapabilityError(info().name + ".pullback", "a floating input to differentiate",
                          inputs.primary.describe(),
                          "give embeddings as the input, or use a probe without gradients");
  x.requires_grad_(true);
  const Result result = call(x, {.extras = &extras, .taps = taps, .graph = true});
  if (!result.output.requires_grad())
    throw CapabilityError(info().name + ".pullback", "an output that carries a gradient",
                          "one without a graph, shape " + shape_text(result.output.sizes()),
                          "keep detach(), no_grad() and argmax() out of forward");
  return {leadline::detail::torch_model::outputs_of(result),
          leadline::detail::vjp::Releasing(
              [x, output = result.output, token](const Tensor& d_output, bool last) {
                return from_aten(leadline::detail::torch_model::pull(output, x, d_output, last));
              })};
}

Tensor TorchModel::weight(std::string_view name) const {
  const auto all = parameters();
  if (all.empty()) return Model::weight(name);
  for (const auto& [key, value] : all)
    if (key == name) return from_aten(value.detach());
  throw ValueError(info().name + ".weight", "one of " + leadline::detail::torch_model::listed(all),
                   std::string(name), "names are those of parameters()");
}

std::string TorchModel::digest() const {
  auto all = parameters();
  if (all.empty()) return {};
  for (auto& buffer : buffers()) all.push_back(std::move(buffer));
  leadline::detail::torch_model::refuse_meta(all);
  std::vector<std::pair<const void*, std::uint32_t>> versions;
  for (const auto& [name, value] : all)
    versions.emplace_back(value.const_data_ptr(),
                          value.is_inference() ? 0 : static_cast<std::uint32_t>(value._version()));
  {
    const std::scoped_lock lock(memory_->mutex);
    if (!memory_->digest.empty() && versions == memory_->versions) return memory_->digest;
  }
  // Reading a tensor may call into Python (subclasses): not under a lock.
  Fingerprint print;
  for (const auto& [name, value] : all) print.add(name).add(from_aten(value.detach()).host());
  const std::scoped_lock lock(memory_->mutex);
  memory_->versions = std::move(versions);
  return memory_->digest = print.text();
}

}  // namespace leadline::models
