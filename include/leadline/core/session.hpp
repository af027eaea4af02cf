/// One run's services, as a probe sees them. The engine implements it; tests may implement their
/// own.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/dataset.hpp"
#include "leadline/core/sample_table.hpp"
#include "leadline/core/subject.hpp"

namespace leadline {

namespace stats {
class Rng;
}
class ProbeRun;

class LEADLINE_API Session {
 public:
  virtual ~Session();

  [[nodiscard]] virtual const std::shared_ptr<Subject>& subject_handle() = 0;
  [[nodiscard]] Subject& subject() { return *subject_handle(); }
  /// The subject as a `Model` (or `TextModel`, `models::TorchModel`, ...). Throws CapabilityError.
  template <class T>
  [[nodiscard]] T& subject_as() {
    if (auto* typed = dynamic_cast<T*>(&subject())) return *typed;
    wrong_subject();
  }

  /// What the subject gives: as it says, or as settled on the first batch.
  [[nodiscard]] virtual OutputKind output_kind() { return subject().info().output; }

  /// Roles: "test" (always there), "train", "fit", "calibration", "ood/<name>".
  [[nodiscard]] virtual bool has(std::string_view role) const = 0;
  /// Throws CapabilityError naming the roles given.
  [[nodiscard]] virtual const Dataset& data(std::string_view role = "test") const = 0;
  [[nodiscard]] virtual std::vector<std::string> roles() const = 0;
  /// Ids of this shard in keyed random order, so that the first k are an unbiased sample. Empty
  /// for a stream that cannot be read again.
  [[nodiscard]] virtual std::span<const SampleId> ids(std::string_view role = "test") = 0;
  /// Results of the test role.
  [[nodiscard]] virtual SampleTable& table() = 0;

  /// Id of the probe now served; prefixes its columns and random streams.
  [[nodiscard]] virtual const std::string& probe_id() const = 0;
  [[nodiscard]] virtual std::uint64_t seed() const = 0;
  /// `stats::Rng` (stats/random.hpp) of (seed, probe id + stream, id): the same for any batch size,
  /// order, shard.
  [[nodiscard]] virtual stats::Rng rng(std::string_view stream, SampleId id) const = 0;
  [[nodiscard]] virtual std::int64_t batch_size() const = 0;
  [[nodiscard]] virtual double level() const = 0;  // of intervals, e.g. 0.95

  /// Poll between batches and inside long loops: true when the user cancelled or the time budget
  /// is spent. The probe then stops and answers on what it has.
  [[nodiscard]] virtual bool stopping() = 0;
  /// Why `stopping()` is true: "" , "cancelled", "time budget".
  [[nodiscard]] virtual std::string_view stop_reason() const = 0;
  /// Offers the state for saving; cheap when the last save is less than 30 s ago.
  virtual void checkpoint(const ProbeRun& run) = 0;
  virtual void progress(std::int64_t done, std::int64_t total) = 0;
  /// Rows put through the model by the probe itself (passes are counted by the engine).
  virtual void count_forwards(std::int64_t rows) = 0;
  virtual void count_backwards(std::int64_t rows) = 0;

 private:
  [[noreturn]] void wrong_subject();
};

}  // namespace leadline
