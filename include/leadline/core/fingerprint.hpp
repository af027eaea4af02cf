/// Fingerprints for identity, not for security: XXH3-128.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "leadline/config.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline {

/// Streaming XXH3-128 of everything added, in order. `text()` is "xxh3:" and 32 hex digits.
class LEADLINE_API Fingerprint {
 public:
  Fingerprint();
  ~Fingerprint();
  Fingerprint(const Fingerprint&) = delete;
  Fingerprint& operator=(const Fingerprint&) = delete;

  Fingerprint& add(const void* bytes, std::size_t n);
  /// Length first, so that ("ab", "c") and ("a", "bc") differ.
  Fingerprint& add(std::string_view text);
  Fingerprint& add(std::int64_t value);
  /// dtype, shape and values.
  Fingerprint& add(const Tensor& tensor);
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace leadline
