/// Where samples come from.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "leadline/core/rows.hpp"
#include "leadline/core/table.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline {

/// What a model reads: a primary tensor [n, ...] and named extras [n, ...] (attention mask,
/// metadata). One tensor converts implicitly.
struct Inputs {
  Tensor primary;
  std::map<std::string, Tensor, std::less<>> extras;

  Inputs() = default;
  Inputs(Tensor tensor) : primary(std::move(tensor)) {}  // NOLINT: implicit on purpose
  Inputs(Tensor tensor, std::map<std::string, Tensor, std::less<>> named)
      : primary(std::move(tensor)), extras(std::move(named)) {}
};

/// Samples with their ids. `target` may be undefined (no labels).
struct Batch {
  std::vector<SampleId> ids;
  Inputs inputs;
  Tensor target;  // classification: integer [n]; regression: float [n] or [n, k]
  std::shared_ptr<const Table> table;  // n rows, or null

  [[nodiscard]] std::int64_t size() const { return std::ssize(ids); }
};

/// "image", "table", "text": chooses the suites and the way exhibits are drawn.
enum class Modality : std::uint8_t { image, table, text };
[[nodiscard]] LEADLINE_API std::string_view name_of(Modality modality);

struct DataInfo {
  std::string name;
  Modality modality = Modality::table;
  std::optional<std::int64_t> size;  // nullopt: an endless or uncounted stream
  bool random_access = true;
  std::string fingerprint;  // "xxh3:..." of the content; "" when it cannot be read twice
  std::vector<std::string> class_names;             // empty: classes are numbers
  std::optional<std::pair<double, double>> bounds;  // declared range of every input value
  std::vector<std::string> feature_names;           // columns of a table
};

/// A source of samples with stable ids.
class LEADLINE_API Dataset {
 public:
  /// Reads forward once.
  struct LEADLINE_API Cursor {
    virtual ~Cursor();
    /// Up to `n` further samples; nullopt at the end.
    virtual std::optional<Batch> next(std::int64_t n) = 0;
  };

  virtual ~Dataset();
  [[nodiscard]] virtual DataInfo info() const = 0;
  /// The samples `ids`, in this order. Throws CapabilityError on a stream, DataError when the
  /// source fails, ValueError for an unknown id.
  [[nodiscard]] virtual Batch batch(std::span<const SampleId> ids) const = 0;
  /// Reads from sample `first` on. Default: over `batch`, ids 0 .. size - 1; streams override it.
  [[nodiscard]] virtual std::unique_ptr<Cursor> open(SampleId first = 0) const;
};

/// A data set held in memory: inputs [n, ...], target [n] or undefined, optional table of n rows.
/// Ids are 0 .. n - 1. Zero copy; batches are gathered copies. Device tensors are moved to the
/// host once.
class LEADLINE_API TensorDataset : public Dataset {
 public:
  struct Options {
    std::string name = "data";
    std::optional<Modality>
        modality{};  // unset: rank 4 (or 3) floats and bytes are images, else table
    std::vector<std::string> class_names{};
    std::optional<std::pair<double, double>> bounds{};
    std::vector<std::string> feature_names{};
  };
  /// Throws ShapeError if lengths differ, DataError if a value is not finite (naming the sample),
  /// ValueError for labels outside [0, n_classes) when class_names are given or below 0.
  TensorDataset(Inputs inputs, Tensor target, Options options,
                std::shared_ptr<const Table> table = nullptr);

  [[nodiscard]] DataInfo info() const override { return info_; }
  [[nodiscard]] Batch batch(std::span<const SampleId> ids) const override;
  [[nodiscard]] const Inputs& inputs() const { return inputs_; }
  [[nodiscard]] const Tensor& target() const { return target_; }

 private:
  DataInfo info_;
  Inputs inputs_;
  Tensor target_;
  std::shared_ptr<const Table> table_;
};

/// Gathers rows of a host, contiguous tensor.
[[nodiscard]] LEADLINE_API Tensor take_rows(const Tensor& host, std::span<const SampleId> rows);

}  // namespace leadline
