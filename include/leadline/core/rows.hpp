/// Borrowed per-sample columns: what metrics and monitors read. Nothing here owns or allocates.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "leadline/core/tensor.hpp"

namespace leadline {

/// Stable global number of a sample in its data set.
using SampleId = std::int64_t;

/// A strided [rows, cols] view of host memory in any dtype. Borrows.
struct LEADLINE_API ArrayView {
  const void* data = nullptr;
  DType dtype = DType::f64;
  std::int64_t rows = 0, cols = 1;
  std::int64_t row_stride = 1, col_stride = 1;  // in elements
  int rank = 1;                                 // 1: [rows]; 2: [rows, cols]

  ArrayView() = default;
  template <class T>
  ArrayView(std::span<const T> values)  // NOLINT: implicit, a span is a column
      : data(values.data()), dtype(dtype_of<T>::value), rows(std::ssize(values)) {}
  template <class T>
  ArrayView(std::span<T> values) : ArrayView(std::span<const T>(values)) {}  // NOLINT
  template <class T>
  requires(!std::is_same_v<T, bool>) ArrayView(const std::vector<T>& values)
      : ArrayView(std::span<const T>(values)) {}  // NOLINT
  template <class Derived>
  ArrayView(const Eigen::PlainObjectBase<Derived>& dense)  // NOLINT: implicit on purpose
      : data(dense.data()),
        dtype(dtype_of<typename Derived::Scalar>::value),
        rows(dense.rows()),
        cols(dense.cols()),
        row_stride(Derived::IsRowMajor ? dense.cols() : 1),
        col_stride(Derived::IsRowMajor ? 1 : dense.rows()),
        rank(Derived::ColsAtCompileTime == 1 ? 1 : 2) {}
  /// A host tensor as [rows] (rank 1) or [rows, product of the rest]. The tensor must outlive it.
  explicit ArrayView(const Tensor& host);

  /// Element as double; a switch a call: for tests and messages, not for loops.
  [[nodiscard]] double at(std::int64_t row, std::int64_t col = 0) const;
  /// Whether the rows lie one after another without gaps.
  [[nodiscard]] bool is_contiguous() const {
    return col_stride == 1 && (row_stride == cols || rows <= 1);
  }
};

/// Calls `body(const T* data)` with the element type of `view`: one dtype switch, then a plain
/// loop.
template <class Body>
decltype(auto) visit(const ArrayView& view, Body&& body) {
  switch (view.dtype) {
    case DType::f16:
      return body(static_cast<const Eigen::half*>(view.data));
    case DType::bf16:
      return body(static_cast<const Eigen::bfloat16*>(view.data));
    case DType::f32:
      return body(static_cast<const float*>(view.data));
    case DType::f64:
      return body(static_cast<const double*>(view.data));
    case DType::u8:
      return body(static_cast<const std::uint8_t*>(view.data));
    case DType::i8:
      return body(static_cast<const std::int8_t*>(view.data));
    case DType::i16:
      return body(static_cast<const std::int16_t*>(view.data));
    case DType::i32:
      return body(static_cast<const std::int32_t*>(view.data));
    case DType::i64:
      return body(static_cast<const std::int64_t*>(view.data));
    case DType::b8:
      break;
  }
  return body(static_cast<const bool*>(view.data));
}

struct Column {
  std::string_view name;
  ArrayView values;
};

/// One batch of borrowed columns with the same number of rows.
struct LEADLINE_API Rows {
  std::span<const SampleId> ids;    // empty: samples are anonymous
  std::span<const double> weights;  // empty: every weight is 1
  std::span<const Column> columns;
  std::span<const std::int64_t> clusters{};  // patient, video, ...; empty: independent samples
  /// Weights are how often each row was seen: whole numbers, the row stands for so many samples.
  /// Else they are importances, whose scale does not matter.
  bool counted = false;

  [[nodiscard]] std::int64_t size() const {
    return columns.empty() ? std::ssize(ids) : columns.front().values.rows;
  }
  /// The column, or nullptr.
  [[nodiscard]] const ArrayView* find(std::string_view name) const;
  /// The column. Throws ValueError naming `who`, the missing column and those present.
  [[nodiscard]] const ArrayView& at(std::string_view name, std::string_view who = "Rows.at") const;
};

/// Throws ShapeError or ValueError unless every column has `n` rows, weights, ids and clusters,
/// where given, are one a row, and weights are finite, >= 0 and, if `counted`, whole.
LEADLINE_API void check_rows(const Rows& rows, std::int64_t n, std::string_view who);

/// A copy of some rows in a given order: what filters, groups and clusters are made with.
class LEADLINE_API GatheredRows {
 public:
  /// `order`: row numbers of `rows`, each in [0, rows.size()).
  GatheredRows(const Rows& rows, std::span<const std::int64_t> order);
  GatheredRows(const GatheredRows&) = delete;
  GatheredRows& operator=(const GatheredRows&) = delete;

  [[nodiscard]] std::int64_t size() const { return n_; }
  /// All of it; valid until the next call and while this lives.
  [[nodiscard]] Rows rows() { return part(0, n_); }
  /// Rows [first, first + n) of it, likewise.
  [[nodiscard]] Rows part(std::int64_t first, std::int64_t n);

 private:
  std::int64_t n_;
  bool counted_;
  std::vector<SampleId> ids_;
  std::vector<double> weights_;
  std::vector<std::int64_t> clusters_;
  std::vector<std::vector<std::byte>> values_;
  std::vector<Column> columns_, part_;
};

/// The rows whose "target" is not `label`. Throws as `Rows::at`, TypeError for targets that are
/// not integers.
[[nodiscard]] LEADLINE_API std::vector<std::int64_t> rows_without(const Rows& rows,
                                                                  std::int64_t label,
                                                                  std::string_view who);

}  // namespace leadline
