// Adversarial examples as a file gives them back.
#pragma once

#include <string>

#include "leadline/core/tensor.hpp"

namespace leadline::detail::stored_examples {

/// The .npy file (format 1.0, C order) of a host tensor: what `numpy.load` reads. bfloat16, which
/// NumPy lacks, is written as its 16 bits.
[[nodiscard]] LEADLINE_API std::string npy_of(const Tensor& tensor);

struct ReadBack {
  Tensor examples;
  std::string why;  // not empty: no file could be written, these are the same bytes from memory
};
/// Writes `examples` to a temporary .npy file, reads it again and removes it. `folder`: where;
/// empty: the system's folder for temporary files. Throws StoreError when what comes back is not
/// what was written.
[[nodiscard]] LEADLINE_API ReadBack through_file(const Tensor& examples,
                                                 const std::string& folder = {});

}  // namespace leadline::detail::stored_examples
