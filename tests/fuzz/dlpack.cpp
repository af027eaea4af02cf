#include "core/dlpack.hpp"

#include <array>
#include <cstring>

#include "fuzz.hpp"

/// Bytes as the record that another library hands over: type, device, rank, then sizes. No memory
/// stands behind it, so only the layout is read.
LEADLINE_FUZZ(dlpack, input) {
  using namespace leadline;
  namespace dlpack = bindings::dlpack;
  const auto take = [&](auto& value) {
    const auto n = std::min(sizeof value, input.size());
    std::memcpy(&value, input.data(), n);
    input.remove_prefix(n);
  };
  dlpack::Array array{};
  std::uint8_t has_strides = 0, has_shape = 1;
  take(array.dtype.code);
  take(array.dtype.bits);
  take(array.dtype.lanes);
  take(array.device.type);
  take(array.device.index);
  take(array.ndim);
  take(has_strides);
  take(has_shape);
  std::array<std::int64_t, Tensor::max_rank> shape{}, strides{};
  take(shape);
  take(strides);
  array.shape = has_shape % 2 == 1 ? shape.data() : nullptr;
  array.strides = has_strides % 2 == 1 ? strides.data() : nullptr;
  (void)fuzz::refused([&] {
    const auto layout = dlpack::layout_of(array, "fuzz", "an array");
    const Tensor tensor = [&] { return Tensor(layout, nullptr); }();
    fuzz::expect(tensor.n_elements() >= 0, "a count below 0");
    fuzz::expect(!tensor.describe().empty(), "a tensor without a description");
    (void)tensor.is_contiguous();
    const auto type = dlpack::type_of(layout.dtype);
    fuzz::expect(dlpack::dtype_of(type) == layout.dtype, "a dtype does not come back");
  });
}

LEADLINE_FUZZ_SEEDS(dlpack) {
  const auto record = [](std::uint8_t code, std::uint8_t bits, std::int32_t rank) {
    std::string bytes(1, static_cast<char>(code));
    const auto put = [&](const auto& value) {
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    put(bits);
    put(std::uint16_t{1});
    put(std::int32_t{1});
    put(std::int32_t{0});
    put(rank);
    put(std::uint8_t{0});
    put(std::uint8_t{1});
    put(std::array<std::int64_t, 8>{2, 3, 4, 5, 1, 1, 1, 1});
    put(std::array<std::int64_t, 8>{60, 20, 5, 1});
    return bytes;
  };
  return {record(2, 32, 4), record(0, 64, 1), record(6, 8, 0), record(4, 16, 8)};
}
