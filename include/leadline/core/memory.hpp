/// A model that cannot hold as many rows as it was given: fewer at a time, once and for all.
#pragma once

#include <cstdint>
#include <exception>
#include <limits>
#include <span>
#include <string>

#include "leadline/core/subject.hpp"

namespace leadline {

/// Whether `error` says that memory ran out, on the host or on a device: std::bad_alloc, or the
/// words of PyTorch, NumPy, CUDA and XLA.
[[nodiscard]] LEADLINE_API bool out_of_memory(const std::exception& error);

/// Rows of a model at once; falls where it runs out of memory.
class LEADLINE_API RowLimit {
 public:
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// Half of `n` from now on, at least 1.
  void halve(std::int64_t n);
  /// "the model ran out of memory: at most 64 rows at once from there on"; "": it never did.
  [[nodiscard]] std::string note() const;

 private:
  std::int64_t rows_ = std::numeric_limits<std::int64_t>::max();
};

/// `model.forward(inputs, taps)` of at most `limit.rows()` rows at a time. Where the model runs out
/// of memory the limit is halved and the rows are given again; their parts are joined on the host.
/// Throws what the model throws, that it ran out of memory for a single row only.
[[nodiscard]] LEADLINE_API Outputs forward_within(RowLimit& limit, Model& model,
                                                  const Inputs& inputs,
                                                  std::span<const std::string> taps = {});

class Session;
/// A `Session` that knows how many rows its model can hold, as the engine's does.
class LEADLINE_API LimitsRows {
 public:
  virtual ~LimitsRows();
  [[nodiscard]] virtual RowLimit& row_limit() = 0;
};

}  // namespace leadline
