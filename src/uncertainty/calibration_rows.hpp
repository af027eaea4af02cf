// Confidences and hits of a batch, read and checked a block at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "leadline/core/rows.hpp"
#include "metrics/probability_rows.hpp"

namespace leadline::detail::calibration_rows {

constexpr std::size_t block = 1024;  // a fixed length is what compilers vectorise at -O2

struct Block {
  std::array<double, block> confidence, hit;
};

/// Where the confidences and hits of a batch are.
class Source {
 public:
  Source(const Rows& rows, std::string_view who);
  [[nodiscard]] std::int64_t n() const { return n_; }

  /// Reads and checks rows [first, first + n), n <= block.
  void read(std::int64_t first, std::int64_t n, Block& out);

  /// Whether they lie as a `Confidence` and an int64 a sample, one after the other: unchecked.
  template <class Confidence>
  [[nodiscard]] bool lies_as() const;
  [[nodiscard]] const ArrayView& confidence() const { return confidence_; }
  template <class Confidence>
  [[nodiscard]] const Confidence* confidence_at(std::int64_t row) const {
    return static_cast<const Confidence*>(confidence_.data) + row;
  }
  [[nodiscard]] const std::int64_t* hits() const {
    return static_cast<const std::int64_t*>(correct_.data);
  }

 private:
  void give(const ArrayView& confidence, const ArrayView& correct);
  void refuse(const Block& all, std::int64_t i, std::int64_t row) const;
  void decide(std::int64_t first, std::int64_t n, Block& out);

  const Rows& rows_;
  std::string_view who_;
  ArrayView confidence_, correct_;
  std::optional<probability_rows::Reader> reader_;
  std::int64_t n_ = 0;
};

template <class Confidence>
bool Source::lies_as() const {
  return !reader_ && confidence_.dtype == (sizeof(Confidence) == 4 ? DType::f32 : DType::f64) &&
         confidence_.row_stride == 1 && correct_.dtype == DType::i64 && correct_.row_stride == 1;
}

}  // namespace leadline::detail::calibration_rows
