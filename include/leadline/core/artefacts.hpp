/// Files that a probe keeps for people.
#pragma once

#include <string>

#include "leadline/config.hpp"

namespace leadline {

class Session;

/// A `Session` with a run directory, as the engine's may be.
class LEADLINE_API KeepsArtefacts {
 public:
  virtual ~KeepsArtefacts();
  /// `artefacts/<probe id>` of the run directory, made on the first call; "": the run has no
  /// directory. Throws StoreError where it cannot be made.
  [[nodiscard]] virtual std::string artefact_folder() = 0;
};

/// The folder for files of the probe that `session` now serves, which its finding should list; "":
/// none is kept.
[[nodiscard]] LEADLINE_API std::string artefact_folder(Session& session);

}  // namespace leadline
