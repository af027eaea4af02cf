#include "leadline/core/tensor.hpp"

#include <cstring>

#include "leadline/core/error.hpp"

namespace leadline {

Storage::~Storage() = default;

std::size_t bytes_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
      return 2;
    case DType::u8:
    case DType::i8:
    case DType::b8:
      break;
  }
  return 1;
}

std::string_view name_of(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return "float16";
    case DType::bf16:
      return "bfloat16";
    case DType::f32:
      return "float32";
    case DType::f64:
      return "float64";
    case DType::u8:
      return "uint8";
    case DType::i8:
      return "int8";
    case DType::i16:
      return "int16";
    case DType::i32:
      return "int32";
    case DType::i64:
      return "int64";
    case DType::b8:
      break;
  }
  return "bool";
}

std::string name_of(Device device) {
  if (device.kind == Device::cpu) return "cpu";
  return (device.kind == Device::cuda ? "cuda:" : "other:") + std::to_string(device.index);
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

namespace detail::tensor {

/// Host memory kept alive by any shared owner.
struct HostStorage final : Storage {
  std::shared_ptr<const void> keep;
  [[nodiscard]] Tensor to_host(const Tensor& tensor) const override;
};

std::int64_t product(std::span<const std::int64_t> shape) {
  std::int64_t n = 1;
  for (const auto size : shape) n *= size;
  return n;
}

Tensor::Layout row_major(const void* data, DType dtype, std::span<const std::int64_t> shape) {
  if (std::ssize(shape) > Tensor::max_rank)
    throw ShapeError("Tensor", "at most 8 dimensions", std::to_string(shape.size()),
                     "flatten the trailing dimensions");
  Tensor::Layout layout{dtype, {}, static_cast<std::uint8_t>(shape.size()), {}, {}, data};
  std::int64_t stride = 1;
  for (int d = static_cast<int>(shape.size()) - 1; d >= 0; --d) {
    if (shape[d] < 0) throw ShapeError("Tensor", "sizes of at least 0", shape_text(shape), "");
    layout.shape[d] = shape[d];
    layout.strides[d] = stride;
    stride *= shape[d];
  }
  return layout;
}

/// Copies element by element in row-major order; any strides, also negative.
void gather(const Tensor::Layout& from, std::size_t width, char* to) {
  const auto* base = static_cast<const char*>(from.data);
  std::array<std::int64_t, Tensor::max_rank> index{};
  const std::int64_t n = product({from.shape.data(), from.rank});
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t offset = 0;
    for (int d = 0; d < from.rank; ++d) offset += index[d] * from.strides[d];
    std::memcpy(to + i * width, base + offset * static_cast<std::int64_t>(width), width);
    for (int d = from.rank - 1; d >= 0; --d) {
      if (++index[d] < from.shape[d]) break;
      index[d] = 0;
    }
  }
}

Tensor HostStorage::to_host(const Tensor& tensor) const {
  if (tensor.is_contiguous()) return tensor;
  const std::size_t width = bytes_of(tensor.dtype());
  auto bytes = std::make_shared<std::vector<char>>(tensor.n_elements() * width);
  gather(tensor.layout(), width, bytes->data());
  return Tensor::borrow(bytes->data(), tensor.dtype(), tensor.shape(), bytes);
}

/// Whether every value of `from` is a value of `to`.
bool widens(DType from, DType to) {
  if (from == to) return true;
  switch (to) {
    case DType::f64:
      return from != DType::i64;
    case DType::f32:
      return from == DType::f16 || from == DType::bf16 || from == DType::u8 || from == DType::i8 ||
             from == DType::i16 || from == DType::b8;
    case DType::i64:
      return !is_floating(from);
    case DType::i32:
      return !is_floating(from) && from != DType::i64;
    case DType::i16:
      return from == DType::u8 || from == DType::i8 || from == DType::b8;
    case DType::u8:
      return from == DType::b8;
    default:
      return false;
  }
}

template <class To, class From>
Tensor convert(const Tensor& host) {
  const auto* from = host.data<From>();
  std::vector<To> values(host.n_elements());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<To>(from[i]);
  return Tensor::own(std::move(values), host.shape());
}

template <class To>
Tensor convert_from(const Tensor& host) {
  switch (host.dtype()) {
    case DType::f16:
      return convert<To, Eigen::half>(host);
    case DType::bf16:
      return convert<To, Eigen::bfloat16>(host);
    case DType::f32:
      return convert<To, float>(host);
    case DType::f64:
      return convert<To, double>(host);
    case DType::u8:
      return convert<To, std::uint8_t>(host);
    case DType::i8:
      return convert<To, std::int8_t>(host);
    case DType::i16:
      return convert<To, std::int16_t>(host);
    case DType::i32:
      return convert<To, std::int32_t>(host);
    case DType::i64:
      return convert<To, std::int64_t>(host);
    case DType::b8:
      break;
  }
  return convert<To, bool>(host);
}

}  // namespace detail::tensor

namespace detail {
Tensor borrow_host(const void* data, DType dtype, std::span<const std::int64_t> shape,
                   std::int64_t n_available, std::shared_ptr<const void> keep) {
  if (n_available != tensor::product(shape))
    throw ShapeError(
        "Tensor.own",
        std::to_string(tensor::product(shape)) + " values for shape " + shape_text(shape),
        std::to_string(n_available), "pass as many values as the shape holds");
  return Tensor::borrow(data, dtype, shape, std::move(keep));
}
}  // namespace detail

Tensor::Tensor(const Layout& layout, std::shared_ptr<const Storage> owner)
    : layout_(layout), owner_(std::move(owner)) {}

Tensor Tensor::borrow(const void* data, DType dtype, std::span<const std::int64_t> shape,
                      std::shared_ptr<const void> keep) {
  auto storage = std::make_shared<detail::tensor::HostStorage>();
  storage->keep = std::move(keep);
  return {detail::tensor::row_major(data, dtype, shape), std::move(storage)};
}

Tensor Tensor::copy(const void* data, DType dtype, std::span<const std::int64_t> shape) {
  auto bytes =
      std::make_shared<std::vector<char>>(detail::tensor::product(shape) * bytes_of(dtype));
  if (!bytes->empty()) std::memcpy(bytes->data(), data, bytes->size());
  return borrow(bytes->data(), dtype, shape, bytes);
}

std::int64_t Tensor::n_elements() const { return defined() ? detail::tensor::product(shape()) : 0; }

bool Tensor::is_contiguous() const {
  std::int64_t stride = 1;
  for (int d = rank() - 1; d >= 0; --d) {
    if (layout_.shape[d] > 1 && layout_.strides[d] != stride) return false;
    stride *= layout_.shape[d];
  }
  return true;
}

std::string Tensor::describe() const {
  if (!defined()) return "no tensor";
  return std::string(name_of(dtype())) + " " + shape_text(shape()) + " on " + name_of(device());
}

Tensor Tensor::host() const {
  if (!defined()) throw TypeError("Tensor.host", "a defined tensor", "no tensor", "");
  if (device().kind == Device::cpu && is_contiguous()) return *this;
  return owner_->to_host(*this);
}

Tensor Tensor::host(DType as) const {
  const Tensor here = host();
  if (here.dtype() == as) return here;
  if (!detail::tensor::widens(here.dtype(), as))
    throw TypeError("Tensor.host", "a dtype that widens to " + std::string(name_of(as)),
                    std::string(name_of(here.dtype())), "convert it yourself if the loss is meant");
  switch (as) {
    case DType::f64:
      return detail::tensor::convert_from<double>(here);
    case DType::f32:
      return detail::tensor::convert_from<float>(here);
    case DType::i64:
      return detail::tensor::convert_from<std::int64_t>(here);
    case DType::i32:
      return detail::tensor::convert_from<std::int32_t>(here);
    case DType::i16:
      return detail::tensor::convert_from<std::int16_t>(here);
    default:
      break;
  }
  return detail::tensor::convert_from<std::uint8_t>(here);
}

Tensor Tensor::rows(std::int64_t first, std::int64_t n) const {
  if (rank() == 0 || first < 0 || n < 0 || first + n > size(0))
    throw ShapeError("Tensor.rows", "rows within " + std::to_string(size(0)),
                     "[" + std::to_string(first) + ", " + std::to_string(first + n) + ")", "");
  Layout layout = layout_;
  layout.shape[0] = n;
  layout.data = static_cast<const char*>(layout_.data) +
                first * layout_.strides[0] * static_cast<std::int64_t>(bytes_of(dtype()));
  return {layout, owner_};
}

void Tensor::require(DType dtype) const {
  if (!defined() || this->dtype() != dtype || device().kind != Device::cpu || !is_contiguous())
    throw TypeError("Tensor.data", std::string(name_of(dtype)) + ", on cpu, contiguous",
                    describe() + (defined() && !is_contiguous() ? ", strided" : ""),
                    "call host(dtype) first");
}

}  // namespace leadline
