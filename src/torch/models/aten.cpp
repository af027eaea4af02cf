#include <ATen/ATen.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/torch_model.hpp"

namespace leadline {
namespace detail::aten {

/// The ATen tensor behind a handle; unwrapped by `to_aten`.
struct AtenStorage final : Storage {
  explicit AtenStorage(at::Tensor value) : tensor(std::move(value)) {}
  [[nodiscard]] Tensor to_host(const Tensor& handle) const override {
    return from_aten(to_aten(handle).detach().to(at::kCPU).contiguous());
  }
  at::Tensor tensor;
};

constexpr std::pair<DType, at::ScalarType> dtypes[] = {
    {DType::f16, at::kHalf},   {DType::bf16, at::kBFloat16}, {DType::f32, at::kFloat},
    {DType::f64, at::kDouble}, {DType::u8, at::kByte},       {DType::i8, at::kChar},
    {DType::i16, at::kShort},  {DType::i32, at::kInt},       {DType::i64, at::kLong},
    {DType::b8, at::kBool}};

at::ScalarType scalar_of(DType dtype) {
  for (const auto& [ours, theirs] : dtypes)
    if (ours == dtype) return theirs;
  throw TypeError("to_aten", "a known dtype", std::to_string(static_cast<int>(dtype)), "");
}

DType dtype_of(const at::Tensor& tensor) {
  for (const auto& [ours, theirs] : dtypes)
    if (theirs == tensor.scalar_type()) return ours;
  throw TypeError(
      "from_aten", "a floating, integer or bool dtype",
      std::string(c10::toString(tensor.scalar_type())) + " " + shape_text(tensor.sizes()),
      tensor.is_complex()     ? "pass real and imaginary part as two channels"
      : tensor.is_quantized() ? "dequantise it first: tensor.dequantize()"
                              : "convert it: tensor.to(torch.float32)");
}

void check(const at::Tensor& tensor) {
  if (!tensor.defined()) throw TypeError("from_aten", "a defined tensor", "an undefined one", "");
  if (tensor.layout() != at::kStrided || !tensor.has_storage())
    throw TypeError("from_aten", "a strided tensor with memory",
                    tensor.layout() == at::kStrided  ? "a wrapped tensor without memory"
                    : tensor.layout() == at::kMkldnn ? "layout mkldnn"
                                                     : "layout sparse",
                    tensor.layout() == at::kStrided ? "take it out of the transform first"
                                                    : "convert it: tensor.to_dense()");
  if (tensor.is_meta())
    throw TypeError("from_aten", "a tensor with memory", "a tensor on device meta",
                    "load the weights first");
  if (tensor.dim() > Tensor::max_rank)
    throw ShapeError("from_aten", "at most 8 dimensions", shape_text(tensor.sizes()),
                     "flatten the trailing dimensions");
}

Device device_of(const at::Tensor& tensor) {
  const at::Device device = tensor.device();
  const int index = device.has_index() ? device.index() : 0;
  if (device.is_cpu()) return {};
  return {device.is_cuda() ? Device::cuda : Device::other, index};
}

/// A handle that moved within the memory of `tensor` (rows of a batch), as a view of it, so that
/// the graph stays.
at::Tensor view_of(const at::Tensor& tensor, const Tensor::Layout& layout) {
  const at::IntArrayRef shape(layout.shape.data(), layout.rank);
  const at::IntArrayRef strides(layout.strides.data(), layout.rank);
  const auto* start = static_cast<const char*>(tensor.const_data_ptr());
  if (layout.data == start && shape == tensor.sizes() && strides == tensor.strides()) return tensor;
  const auto moved = (static_cast<const char*>(layout.data) - start) /
                     static_cast<std::ptrdiff_t>(bytes_of(layout.dtype));
  return tensor.as_strided(shape, strides, tensor.storage_offset() + moved);
}

}  // namespace detail::aten

Tensor from_aten(at::Tensor tensor) {
  detail::aten::check(tensor);
  const DType dtype = detail::aten::dtype_of(tensor);
  if (tensor.is_neg()) tensor = tensor.resolve_neg();
  Tensor::Layout layout{
      dtype, detail::aten::device_of(tensor), static_cast<std::uint8_t>(tensor.dim()), {},
      {},    tensor.const_data_ptr()};
  for (int d = 0; d < tensor.dim(); ++d) {
    layout.shape[d] = tensor.size(d);
    layout.strides[d] = tensor.stride(d);
  }
  return {layout, std::make_shared<const detail::aten::AtenStorage>(std::move(tensor))};
}

at::Tensor to_aten(const Tensor& tensor) {
  if (!tensor.defined()) throw TypeError("to_aten", "a defined tensor", "no tensor", "");
  const Tensor::Layout& layout = tensor.layout();
  if (const auto* own = dynamic_cast<const detail::aten::AtenStorage*>(tensor.owner().get()))
    return detail::aten::view_of(own->tensor, layout);
  if (layout.device.kind == Device::other)
    throw TypeError("to_aten", "memory on the CPU or on CUDA", tensor.describe(),
                    "move it to the CPU first: tensor.host()");
  const auto device =
      layout.device.kind == Device::cpu
          ? at::Device(at::kCPU)
          : at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(layout.device.index));
  const auto options =
      at::TensorOptions().dtype(detail::aten::scalar_of(layout.dtype)).device(device);
  const at::IntArrayRef shape(layout.shape.data(), layout.rank);
  const at::IntArrayRef strides(layout.strides.data(), layout.rank);
  for (const auto stride : strides) {
    if (stride < 0) return to_aten(tensor.host());  // ATen has no negative strides: the one copy
  }
  // ATen has no const data; `input_for` clones before a model may write.
  return at::from_blob(
      const_cast<void*>(layout.data), shape, strides, [owner = tensor.owner()](void*) {}, options,
      device);
}

}  // namespace leadline
