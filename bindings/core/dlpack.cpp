/// What a DLPack record may say, without Python.
#include "core/dlpack.hpp"

#include <limits>

#include "leadline/core/error.hpp"

namespace leadline::bindings::dlpack {

std::optional<DType> dtype_of(const DataType& type) {
  if (type.lanes != 1) return std::nullopt;
  switch (type.code * 256 + type.bits) {
    case 0 * 256 + 8:
      return DType::i8;
    case 0 * 256 + 16:
      return DType::i16;
    case 0 * 256 + 32:
      return DType::i32;
    case 0 * 256 + 64:
      return DType::i64;
    case 1 * 256 + 8:
      return DType::u8;
    case 2 * 256 + 16:
      return DType::f16;
    case 2 * 256 + 32:
      return DType::f32;
    case 2 * 256 + 64:
      return DType::f64;
    case 4 * 256 + 16:
      return DType::bf16;
    case 6 * 256 + 8:
      return DType::b8;
    default:
      return std::nullopt;
  }
}

DataType type_of(DType dtype) {
  const auto bits = static_cast<std::uint8_t>(8 * bytes_of(dtype));
  switch (dtype) {
    case DType::bf16:
      return {4, bits, 1};
    case DType::u8:
      return {1, bits, 1};
    case DType::b8:
      return {6, bits, 1};
    default:
      return {static_cast<std::uint8_t>(is_floating(dtype) ? 2 : 0), bits, 1};
  }
}

[[noreturn]] void refuse_dtype(std::string_view who, std::string_view what,
                               const std::string& got) {
  throw TypeError(who,
                  std::string(what) +
                      " of floats (16, 32, 64 bit, bfloat16), signed integers, "
                      "uint8 or bool",
                  got, "convert it, e.g. x.astype('float32') or x.astype('int64')");
}

Tensor::Layout layout_of(const Array& array, std::string_view who, std::string_view what) {
  const auto dtype = dtype_of(array.dtype);
  if (!dtype)
    refuse_dtype(who, what,
                 "DLPack type code " + std::to_string(array.dtype.code) + " with " +
                     std::to_string(array.dtype.bits) + " bits");
  if (array.ndim < 0 || array.ndim > Tensor::max_rank)
    throw ShapeError(who, std::string(what) + " of at most 8 dimensions",
                     std::to_string(array.ndim), "reshape it");
  if (array.ndim > 0 && array.shape == nullptr)
    throw ShapeError(who, std::string(what) + " with a shape", "none", "pass another array");
  Tensor::Layout layout;
  layout.dtype = *dtype;
  const bool host = array.device.type == 1 || array.device.type == 3;
  const bool cuda = array.device.type == 2 || array.device.type == 13;
  layout.device = {host   ? Device::cpu
                   : cuda ? Device::cuda
                          : Device::other,
                   host ? 0 : array.device.index};
  layout.rank = static_cast<std::uint8_t>(array.ndim);
  std::int64_t step = 1;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() / 8;  // bytes, not elements
  for (int d = array.ndim - 1; d >= 0; --d) {
    const std::int64_t size = array.shape[d];
    if (size < 0 || (size > 0 && step > most / size))
      throw ShapeError(who, std::string(what) + " of sizes that memory can hold",
                       shape_text({array.shape, static_cast<std::size_t>(array.ndim)}),
                       "pass another array");
    layout.shape[d] = size;
    layout.strides[d] = array.strides ? array.strides[d] : step;
    step *= size;
  }
  layout.data = static_cast<const std::byte*>(array.data) + array.byte_offset;
  return layout;
}

}  // namespace leadline::bindings::dlpack
