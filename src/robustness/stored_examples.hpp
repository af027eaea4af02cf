// Adversarial examples as a file gives them back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "leadline/core/finding.hpp"
#include "leadline/core/state.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline::detail::stored_examples {

/// A file that a run keeps.
struct Artefact {
  std::string name;          // below the run directory: "artefacts/pgd/examples.npy"
  std::int64_t samples = 0;  // rows
  std::string fingerprint;   // XXH3-128 of the whole file
};
using Artefacts = std::vector<Artefact>;

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

/// The same through files that stay: `examples.npy` and `ids.npy` (the sample of each row) in
/// `artefacts/<probe>` of the run directory, which is `folder`; further ones of a resumed run are
/// numbered. They are appended to `kept`. Where they cannot be written a temporary file serves, and
/// `why` says so.
[[nodiscard]] LEADLINE_API ReadBack through_artefacts(const Tensor& examples,
                                                      std::span<const SampleId> ids,
                                                      const std::string& folder,
                                                      const std::string& probe, Artefacts& kept);
/// What was kept, for the report.
[[nodiscard]] TableBlock table_of(const Artefacts& kept);
void save(const Artefacts& kept, State& state);
/// Throws StoreError for a damaged state.
[[nodiscard]] Artefacts load(const State& state);

}  // namespace leadline::detail::stored_examples
