#include "leadline/core/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"

namespace leadline {

std::string_view name_of(Modality modality) {
  switch (modality) {
    case Modality::image:
      return "image";
    case Modality::table:
      return "table";
    case Modality::text:
      break;
  }
  return "text";
}

Dataset::~Dataset() = default;
Dataset::Cursor::~Cursor() = default;

namespace detail::dataset {

/// The default cursor: ids first .. size - 1 through `batch`.
class Counting final : public Dataset::Cursor {
 public:
  Counting(const Dataset& data, SampleId next, std::int64_t size)
      : data_(data), next_(next), size_(size) {}
  std::optional<Batch> next(std::int64_t n) override {
    const std::int64_t count = std::min(n, size_ - next_);
    if (count <= 0) return std::nullopt;
    std::vector<SampleId> ids(count);
    std::iota(ids.begin(), ids.end(), next_);
    next_ += count;
    return data_.batch(ids);
  }

 private:
  const Dataset& data_;
  SampleId next_;
  std::int64_t size_;
};

/// Index of the first element that is not finite, or -1.
std::int64_t first_not_finite(const Tensor& host) {
  if (!is_floating(host.dtype())) return -1;
  const ArrayView view(host);
  const std::int64_t n = host.n_elements();
  return visit(view, [n](const auto* values) -> std::int64_t {
    using T = std::remove_cvref_t<decltype(*values)>;
    if constexpr (std::is_integral_v<T>) {
      return -1;
    } else {
      for (std::int64_t i = 0; i < n; ++i)
        if (!std::isfinite(static_cast<float>(values[i])) &&
            !std::isfinite(static_cast<double>(values[i])))
          return i;
      return -1;
    }
  });
}

void require_finite(const Tensor& host, std::int64_t n_rows, std::string_view what) {
  const std::int64_t bad = first_not_finite(host);
  if (bad < 0) return;
  const std::int64_t width = std::max<std::int64_t>(1, host.n_elements() / n_rows);
  throw DataError("Dataset", "finite values",
                  fmt::format("{} in {} of sample {}", ArrayView(host).at(bad / width, bad % width),
                              what, bad / width),
                  "remove or impute the sample before evaluating");
}

void require_labels(const Tensor& target, std::int64_t n_classes) {
  if (is_floating(target.dtype()) || target.rank() != 1) return;
  const ArrayView view(target);
  for (std::int64_t i = 0; i < view.rows; ++i) {
    const double label = view.at(i);
    if (label < 0 || (n_classes > 0 && label >= static_cast<double>(n_classes)))
      throw ValueError(
          "Dataset",
          n_classes > 0 ? fmt::format("labels in [0, {})", n_classes)
                        : std::string("labels of at least 0"),
          fmt::format("{} at sample {}", label, i),
          n_classes > 0 ? "name every class in class_names, count from 0" : "count classes from 0");
  }
}

Modality guess(const Tensor& primary) {
  return primary.rank() >= 3 ? Modality::image : Modality::table;
}

}  // namespace detail::dataset

std::unique_ptr<Dataset::Cursor> Dataset::open(SampleId first) const {
  const auto size = info().size;
  if (!size)
    throw CapabilityError("Dataset.open", "a data set that knows its size or its own cursor",
                          "'" + info().name + "', a stream", "override open()");
  return std::make_unique<detail::dataset::Counting>(*this, first, *size);
}

TensorDataset::TensorDataset(Inputs inputs, Tensor target, Options options,
                             std::shared_ptr<const Table> table)
    : inputs_(std::move(inputs)), target_(std::move(target)), table_(std::move(table)) {
  if (!inputs_.primary.defined() || inputs_.primary.rank() < 1)
    throw ShapeError("Dataset", "inputs of shape [n, ...]", inputs_.primary.describe(),
                     "stack the samples along the first dimension");
  inputs_.primary = inputs_.primary.host();
  const std::int64_t n = inputs_.primary.size(0);
  if (n == 0)
    throw DataError("Dataset", "at least one sample", "0 samples", "check how the data was loaded");
  detail::dataset::require_finite(inputs_.primary, n, "the inputs");
  for (auto& [name, extra] : inputs_.extras) {
    extra = extra.host();
    if (extra.size(0) != n)
      throw ShapeError("Dataset", fmt::format("{} rows in input '{}'", n, name),
                       std::to_string(extra.size(0)), "give every input one row a sample");
    detail::dataset::require_finite(extra, n, "input '" + name + "'");
  }
  if (target_.defined()) {
    target_ = target_.host();
    if (target_.rank() < 1 || target_.size(0) != n)
      throw ShapeError("Dataset", fmt::format("{} targets, one a sample", n),
                       shape_text(target_.shape()), "inputs and targets must have the same length");
    detail::dataset::require_finite(target_, n, "the target");
    detail::dataset::require_labels(target_, std::ssize(options.class_names));
  }
  if (table_ && table_->size() != n)
    throw ShapeError("Dataset", fmt::format("{} rows in the table", n),
                     std::to_string(table_->size()), "give the table one row a sample");
  if (options.bounds && !(options.bounds->first < options.bounds->second))
    throw ValueError("Dataset", "bounds (low, high) with low < high",
                     fmt::format("({}, {})", options.bounds->first, options.bounds->second),
                     "swap or correct them");
  info_.name = std::move(options.name);
  info_.modality = options.modality.value_or(detail::dataset::guess(inputs_.primary));
  info_.size = n;
  info_.class_names = std::move(options.class_names);
  info_.bounds = options.bounds;
  info_.feature_names = std::move(options.feature_names);
  Fingerprint fingerprint;
  fingerprint.add(inputs_.primary).add(target_);
  for (const auto& [name, extra] : inputs_.extras) fingerprint.add(name).add(extra);
  info_.fingerprint = fingerprint.text();
}

Tensor take_rows(const Tensor& host, std::span<const SampleId> rows) {
  const std::int64_t n = host.size(0);
  std::vector<std::int64_t> shape(host.shape().begin(), host.shape().end());
  shape[0] = std::ssize(rows);
  const std::size_t width =
      bytes_of(host.dtype()) * (n == 0 ? 0 : static_cast<std::size_t>(host.n_elements() / n));
  auto bytes = std::make_shared<std::vector<char>>(width * rows.size());
  const auto* from = static_cast<const char*>(host.layout().data);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (width > 0) std::memcpy(bytes->data() + i * width, from + rows[i] * width, width);
  return Tensor::borrow(bytes->data(), host.dtype(), shape, bytes);
}

Batch TensorDataset::batch(std::span<const SampleId> ids) const {
  for (const auto id : ids)
    if (id < 0 || id >= *info_.size)
      throw ValueError("Dataset.batch", fmt::format("ids in [0, {})", *info_.size),
                       std::to_string(id), "ask for samples it has");
  Batch batch;
  batch.ids.assign(ids.begin(), ids.end());
  batch.inputs.primary = take_rows(inputs_.primary, ids);
  for (const auto& [name, extra] : inputs_.extras)
    batch.inputs.extras[name] = take_rows(extra, ids);
  if (target_.defined()) batch.target = take_rows(target_, ids);
  if (table_) batch.table = table_->take(ids);
  return batch;
}

}  // namespace leadline
