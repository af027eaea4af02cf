/// The door at the model border: an immutable, reference-counted, strided handle shaped like
/// DLPack. It holds any dtype on any device, and no algorithm is written on it: the numeric core
/// reads `ArrayView` (rows.hpp), the LibTorch half reads `at::Tensor`.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"

namespace leadline {

enum class DType : std::uint8_t { f16, bf16, f32, f64, u8, i8, i16, i32, i64, b8 };

/// Size of one element in bytes.
[[nodiscard]] LEADLINE_API std::size_t bytes_of(DType dtype);
/// The name torch and NumPy print: "float32", "int64", "bool".
[[nodiscard]] LEADLINE_API std::string_view name_of(DType dtype);
[[nodiscard]] constexpr bool is_floating(DType dtype) { return dtype <= DType::f64; }

struct Device {
  enum Kind : std::uint8_t { cpu, cuda, other } kind = cpu;
  int index = 0;
  bool operator==(const Device&) const = default;
};
/// "cpu", "cuda:1", "other:0".
[[nodiscard]] LEADLINE_API std::string name_of(Device device);

/// "[32, 10]".
[[nodiscard]] LEADLINE_API std::string shape_text(std::span<const std::int64_t> shape);

/// The DType of a C++ scalar; a compile error for any other type.
template <class T>
struct dtype_of;
template <>
struct dtype_of<Eigen::half> {
  static constexpr DType value = DType::f16;
};
template <>
struct dtype_of<Eigen::bfloat16> {
  static constexpr DType value = DType::bf16;
};
template <>
struct dtype_of<float> {
  static constexpr DType value = DType::f32;
};
template <>
struct dtype_of<double> {
  static constexpr DType value = DType::f64;
};
template <>
struct dtype_of<std::uint8_t> {
  static constexpr DType value = DType::u8;
};
template <>
struct dtype_of<std::int8_t> {
  static constexpr DType value = DType::i8;
};
template <>
struct dtype_of<std::int16_t> {
  static constexpr DType value = DType::i16;
};
template <>
struct dtype_of<std::int32_t> {
  static constexpr DType value = DType::i32;
};
template <>
struct dtype_of<std::int64_t> {
  static constexpr DType value = DType::i64;
};
template <>
struct dtype_of<long long> {
  static constexpr DType value = DType::i64;
};
template <>
struct dtype_of<bool> {
  static constexpr DType value = DType::b8;
};

template <class T>
using RowMajorMap =
    Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

class Tensor;

/// Who owns the bytes of a tensor. One subclass a backend (host memory, ATen, Python).
struct LEADLINE_API Storage {
  virtual ~Storage();
  /// The same values on the CPU, contiguous, in the same dtype.
  [[nodiscard]] virtual Tensor to_host(const Tensor& tensor) const = 0;
};

/// Immutable handle to n-dimensional data; at most 8 dimensions, copied by sharing.
class LEADLINE_API Tensor {
 public:
  static constexpr int max_rank = 8;

  struct Layout {
    DType dtype = DType::f32;
    Device device{};
    std::uint8_t rank = 0;
    std::array<std::int64_t, max_rank> shape{};
    std::array<std::int64_t, max_rank> strides{};  // in elements
    const void* data = nullptr;
  };

  /// An undefined tensor: `defined()` is false.
  Tensor() = default;
  Tensor(const Layout& layout, std::shared_ptr<const Storage> owner);

  /// Takes over `values`, row-major, as a host tensor. Throws ShapeError if the sizes disagree.
  template <class T>
  static Tensor own(std::vector<T> values, std::span<const std::int64_t> shape);
  template <class T>
  static Tensor own(std::vector<T> values, std::initializer_list<std::int64_t> shape) {
    return own(std::move(values), std::span<const std::int64_t>(shape.begin(), shape.size()));
  }
  /// Copies `n_elements` of `dtype` from host memory at `data`, row-major.
  static Tensor copy(const void* data, DType dtype, std::span<const std::int64_t> shape);
  /// Borrows host memory, row-major; `keep` (may be null) is held as long as the handle lives.
  static Tensor borrow(const void* data, DType dtype, std::span<const std::int64_t> shape,
                       std::shared_ptr<const void> keep);

  [[nodiscard]] bool defined() const { return owner_ != nullptr; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] const std::shared_ptr<const Storage>& owner() const { return owner_; }
  [[nodiscard]] DType dtype() const { return layout_.dtype; }
  [[nodiscard]] Device device() const { return layout_.device; }
  [[nodiscard]] int rank() const { return layout_.rank; }
  [[nodiscard]] std::span<const std::int64_t> shape() const {
    return {layout_.shape.data(), layout_.rank};
  }
  /// Size of dimension `d`; 0 when undefined.
  [[nodiscard]] std::int64_t size(int d) const { return d < layout_.rank ? layout_.shape[d] : 0; }
  [[nodiscard]] std::int64_t n_elements() const;
  [[nodiscard]] bool is_contiguous() const;
  /// "float32 [32, 10] on cpu".
  [[nodiscard]] std::string describe() const;

  /// On the CPU and contiguous, same dtype; shares when it already is.
  [[nodiscard]] Tensor host() const;
  /// The only conversion: `host()` widened to `as`. Throws TypeError if a value could be lost
  /// (float64 to float32, int64 to float32, any float to any integer).
  [[nodiscard]] Tensor host(DType as) const;

  /// Rows [first, first + n) along dimension 0, sharing memory.
  [[nodiscard]] Tensor rows(std::int64_t first, std::int64_t n) const;

  /// Pointer to host, contiguous data of dtype T. Throws TypeError otherwise; never copies.
  template <class T>
  [[nodiscard]] const T* data() const {
    require(dtype_of<T>::value);
    return static_cast<const T*>(layout_.data);
  }
  /// [shape[0], product of the rest] view; same conditions as `data`.
  template <class T>
  [[nodiscard]] RowMajorMap<T> matrix() const {
    const T* pointer = data<T>();
    const std::int64_t rows = rank() == 0 ? 1 : size(0);
    return {pointer, rows, rows == 0 ? 0 : n_elements() / rows};
  }

 private:
  void require(DType dtype) const;

  Layout layout_{};
  std::shared_ptr<const Storage> owner_;
};

namespace detail {
LEADLINE_API Tensor borrow_host(const void* data, DType dtype, std::span<const std::int64_t> shape,
                                std::int64_t n_available, std::shared_ptr<const void> keep);
}

template <class T>
Tensor Tensor::own(std::vector<T> values, std::span<const std::int64_t> shape) {
  auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  return detail::borrow_host(kept->data(), dtype_of<T>::value, shape,
                             static_cast<std::int64_t>(kept->size()), kept);
}

}  // namespace leadline
