/// How large a model is, for subjects that can say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/dataset.hpp"

namespace leadline::cost {

struct ModelSize {
  std::optional<std::int64_t> parameters;
  std::optional<std::int64_t> bytes;          // of parameters and buffers
  std::optional<std::int64_t> multiply_adds;  // of one sample; a multiply with its add counts 1
  std::string convention;                     // what is counted, in one sentence
  std::vector<std::string> uncounted;         // operators that ran and are not in multiply_adds
};

/// A subject implements it beside `Model`; `Latency` asks for it by dynamic_cast.
class LEADLINE_API SizedSubject {
 public:
  virtual ~SizedSubject();
  /// `one`: inputs of a single sample [1, ...].
  [[nodiscard]] virtual ModelSize model_size(const Inputs& one) = 0;
};

}  // namespace leadline::cost
