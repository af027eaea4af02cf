#include "leadline/torch/models/size.hpp"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "leadline/core/error.hpp"

namespace leadline::detail::size {

using models::ForwardWork;
using Arguments = c10::ArrayRef<const c10::IValue>;

/// Multiply-adds of one operator, or -1 for one that is not counted.
struct Rule {
  std::string_view name;
  std::int64_t (*count)(Arguments in, const at::Tensor& out);
};

const at::Tensor& tensor(Arguments in, std::size_t i) { return in[i].toTensor(); }

/// Products a row of the output: `left` is the argument whose last size is summed over.
template <std::size_t left>
std::int64_t product(Arguments in, const at::Tensor& out) {
  return out.numel() * tensor(in, left).size(-1);
}
/// Weight [out channels, in channels / groups, kernel...].
std::int64_t convolution(Arguments in, const at::Tensor& out) {
  const at::Tensor& weight = tensor(in, 1);
  return out.numel() * (weight.numel() / weight.size(0));
}
/// Weight [in channels, out channels / groups, kernel...]: each input element meets it once.
std::int64_t transposed(Arguments in, const at::Tensor&) {
  const at::Tensor& weight = tensor(in, 1);
  return tensor(in, 0).numel() * (weight.numel() / weight.size(0));
}
std::int64_t either_convolution(Arguments in, const at::Tensor& out) {
  return in.size() > 6 && in[6].isBool() && in[6].toBool() ? transposed(in, out)
                                                           : convolution(in, out);
}
/// Queries [..., l, e], keys [..., s, e], values [..., s, v]: l s e for the scores, l s v after.
std::int64_t attention(Arguments in, const at::Tensor&) {
  const at::Tensor &q = tensor(in, 0), &k = tensor(in, 1), &v = tensor(in, 2);
  return q.numel() / q.size(-1) * k.size(-2) * (q.size(-1) + v.size(-1));
}
template <std::size_t matrix>
std::int64_t whole(Arguments in, const at::Tensor&) {
  return tensor(in, matrix).numel();
}

constexpr Rule rules[] = {{"aten::linear", product<0>},
                          {"aten::mm", product<0>},
                          {"aten::bmm", product<0>},
                          {"aten::addmm", product<1>},
                          {"aten::addmm_", product<1>},
                          {"aten::baddbmm", product<1>},
                          {"aten::mv", whole<0>},
                          {"aten::addmv", whole<1>},
                          {"aten::dot", whole<0>},
                          {"aten::conv1d", convolution},
                          {"aten::conv2d", convolution},
                          {"aten::conv3d", convolution},
                          {"aten::conv_transpose1d", transposed},
                          {"aten::conv_transpose2d", transposed},
                          {"aten::conv_transpose3d", transposed},
                          {"aten::convolution", either_convolution},
                          {"aten::_convolution", either_convolution},
                          {"aten::scaled_dot_product_attention", attention},
                          {"aten::_scaled_dot_product_flash_attention", attention},
                          {"aten::_scaled_dot_product_flash_attention_for_cpu", attention},
                          {"aten::_scaled_dot_product_efficient_attention", attention}};

const Rule* rule_of(std::string_view name) {
  const auto* found = std::ranges::find(rules, name, &Rule::name);
  return found == std::end(rules) ? nullptr : found;
}

/// Operators that only look at or move values.
bool moves_only(std::string_view name) {
  static const std::set<std::string_view> names{"view",
                                                "reshape",
                                                "_reshape_alias",
                                                "_unsafe_view",
                                                "flatten",
                                                "unflatten",
                                                "permute",
                                                "transpose",
                                                "t",
                                                "numpy_T",
                                                "squeeze",
                                                "squeeze_",
                                                "unsqueeze",
                                                "unsqueeze_",
                                                "expand",
                                                "expand_as",
                                                "slice",
                                                "select",
                                                "narrow",
                                                "chunk",
                                                "split",
                                                "split_with_sizes",
                                                "unbind",
                                                "detach",
                                                "detach_",
                                                "alias",
                                                "as_strided",
                                                "contiguous",
                                                "clone",
                                                "copy_",
                                                "to",
                                                "_to_copy",
                                                "empty",
                                                "empty_like",
                                                "empty_strided",
                                                "zeros",
                                                "zeros_like",
                                                "zero_",
                                                "ones",
                                                "full",
                                                "resize_",
                                                "lift_fresh",
                                                "cat",
                                                "stack",
                                                "size",
                                                "item",
                                                "_local_scalar_dense",
                                                "view_as",
                                                "type_as",
                                                "movedim",
                                                "swapaxes",
                                                "moveaxis",
                                                "unfold",
                                                "fill_",
                                                "set_",
                                                "result_type"};
  const auto colon = name.find("::");
  return colon != std::string_view::npos && names.contains(name.substr(colon + 2));
}

/// Operators form a tree: the outermost counted one counts, what it calls is part of it. An
/// operator without counted work below stands for all it calls.
class Collector {
 public:
  /// torch lends the inputs to the start of an operator and the outputs to its end.
  void begin(std::string_view name, Arguments in) {
    frames_.push_back({std::string(name), inside_ == 0 ? rule_of(name) : nullptr});
    if (frames_.back().rule == nullptr) return;
    frames_.back().in.assign(in.begin(), in.end());
    ++inside_;
  }
  void end(c10::ArrayRef<c10::IValue> out) {
    if (frames_.empty()) return;
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.rule != nullptr) {
      --inside_;
      frame.below.clear();
      frame.counted = count(*frame.rule, Arguments(frame.in.data(), frame.in.size()), out);
    }
    if (inside_ > 0) return;
    if (!frame.counted) {
      const bool idle = frame.name == "aten::dropout" && frame.below.empty();
      frame.below.clear();
      if (!idle && !moves_only(frame.name)) frame.below[frame.name] = 1;
    }
    auto& above = frames_.empty() ? work.uncounted : frames_.back().below;
    for (const auto& [name, calls] : frame.below) above[name] += calls;
    if (frame.counted && !frames_.empty()) frames_.back().counted = true;
  }
  void layer(std::string_view name, bool begins) {
    if (begins)
      layers_.emplace_back(name);
    else if (!layers_.empty())
      layers_.pop_back();
  }
  ForwardWork work;

 private:
  struct Frame {
    std::string name;
    const Rule* rule = nullptr;
    bool counted = false;
    std::vector<c10::IValue> in{};
    std::map<std::string, std::int64_t> below{};
  };
  bool count(const Rule& rule, Arguments in, c10::ArrayRef<c10::IValue> out) {
    if (out.empty() || !out[0].isTensor()) return false;  // it threw
    const std::int64_t n = rule.count(in, out[0].toTensor());
    work.multiply_adds += n;
    const std::string name = layers_.empty() ? std::string() : layers_.back();
    const auto found = std::ranges::find(work.layers, name, &ForwardWork::Layer::name);
    if (found != work.layers.end())
      found->multiply_adds += n;
    else if (n > 0)
      work.layers.push_back({name, n});
    return true;
  }

  std::vector<Frame> frames_;
  std::vector<std::string> layers_;
  int inside_ = 0;
};

/// Of the forward that runs on this thread: callbacks of torch are plain functions.
thread_local Collector* collecting = nullptr;

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
  if (collecting != nullptr) collecting->begin(function.name(), function.inputs());
  return nullptr;
}
void end(const at::RecordFunction& function, at::ObserverContext*) {
  if (collecting == nullptr) return;
  collecting->end(function.outputs());
}

/// Registers the callbacks for this thread while it lives.
class Recording {
 public:
  explicit Recording(Collector& into) {
    collecting = &into;
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(&begin, &end)
                                             .needsInputs(true)
                                             .needsOutputs(true)
                                             .scopes({at::RecordScope::FUNCTION}));
  }
  ~Recording() {
    at::removeCallback(handle_);
    collecting = nullptr;
  }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  at::RecordFunctionGuard enabled_{true};
  at::CallbackHandle handle_;
};

}  // namespace leadline::detail::size

namespace leadline::models {

ModelSize size_of(const TorchModel& model) {
  ModelSize size;
  std::set<const void*> seen;
  for (const auto& [name, value] : model.parameters()) {
    if (!seen.insert(value.unsafeGetTensorImpl()).second) continue;
    size.n_parameters += value.numel();
    if (value.requires_grad()) size.n_trainable += value.numel();
    size.bytes += static_cast<std::int64_t>(value.nbytes());
  }
  for (const auto& [name, value] : model.buffers())
    if (seen.insert(value.unsafeGetTensorImpl()).second)
      size.bytes += static_cast<std::int64_t>(value.nbytes());
  return size;
}

ForwardWork forward_work(TorchModel& model, const at::Tensor& x, const NamedTensors* extras) {
  if (x.dim() == 0)
    throw ShapeError("forward_work", "an input [n, ...]", shape_text(x.sizes()),
                     "give a batch of at least one row");
  const auto token =
      model.hold();  // outside of the recording: putting back is no work of the model
  leadline::detail::size::Collector collector;
  collector.work.rows = x.size(0);
  {
    const leadline::detail::size::Recording recording(collector);
    (void)model.call(x, {.extras = extras, .trace = [&](std::string_view layer, bool begins) {
                           collector.layer(layer, begins);
                         }});
  }
  return std::move(collector.work);
}

cost::ModelSize TorchModel::model_size(const Inputs& one) {
  cost::ModelSize out;
  const auto size = size_of(*this);
  if (size.n_parameters > 0) {
    out.parameters = size.n_parameters;
    out.bytes = size.bytes;
  }
  NamedTensors extras;
  const at::Tensor x = input_for(*this, one, &extras);
  const auto work = forward_work(*this, x, &extras);
  out.convention = ForwardWork::convention();
  for (const auto& [name, calls] : work.uncounted) out.uncounted.push_back(name);
  // Compiled code shows no operators: nothing counted is then not zero work.
  if (work.multiply_adds > 0 || !work.uncounted.empty())
    out.multiply_adds = work.multiply_adds / std::max<std::int64_t>(1, work.rows);
  return out;
}

}  // namespace leadline::models
