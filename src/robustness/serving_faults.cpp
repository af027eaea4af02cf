#include "leadline/robustness/serving_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"
#include "serving_faults_run.hpp"

namespace leadline::detail::serving_faults {

using robustness::ServingFault;

/// The bytes of a host tensor, to be changed row by row.
struct Bytes {
  explicit Bytes(const Tensor& host)
      : shape(host.shape().begin(), host.shape().end()),
        dtype(host.dtype()),
        size(bytes_of(dtype)),
        width(host.size(0) == 0 ? 0 : host.n_elements() / host.size(0)),
        bytes(static_cast<std::size_t>(host.n_elements()) * size) {
    std::memcpy(bytes.data(), host.layout().data, bytes.size());
  }
  std::uint8_t* at(std::int64_t row, std::int64_t element) {
    return bytes.data() + static_cast<std::size_t>(row * width + element) * size;
  }
  Tensor tensor() const { return Tensor::copy(bytes.data(), dtype, shape); }

  std::vector<std::int64_t> shape;
  DType dtype;
  std::size_t size;
  std::int64_t width;
  std::vector<std::uint8_t> bytes;
};

void put_nan(Bytes& rows, std::int64_t row, std::int64_t element) {
  if (rows.dtype == DType::f32) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(rows.at(row, element), &nan, sizeof nan);
  } else if (rows.dtype == DType::f64) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    std::memcpy(rows.at(row, element), &nan, sizeof nan);
  } else {
    throw CapabilityError("serving_faults", "inputs of float32 or float64 for 'nan_input'",
                          std::string(name_of(rows.dtype)), "leave this fault out");
  }
}

/// Pictures [n, c, h, w] or [n, h, w, c] lose a channel, all else one value of each last axis.
void lose_channel(Bytes& rows, std::int64_t row, stats::Rng& random) {
  const auto& shape = rows.shape;
  const auto few = [](std::int64_t c) { return c == 1 || c == 3; };
  const bool first = shape.size() > 2 && (few(shape[1]) || !few(shape.back()));
  const std::int64_t channels = first ? shape[1] : shape.size() > 1 ? shape.back() : 1;
  if (channels == 0 || rows.width == 0) return;
  const auto lost = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(channels)));
  const std::int64_t plane = rows.width / channels;
  for (std::int64_t k = 0; k < plane; ++k)
    std::memset(rows.at(row, first ? lost * plane + k : k * channels + lost), 0, rows.size);
}

void flip_bit(Bytes& rows, std::int64_t row, stats::Rng& random) {
  if (rows.width == 0) return;
  const std::uint64_t bits = static_cast<std::uint64_t>(rows.width) * rows.size * 8;
  const std::uint64_t bit =
      rows.dtype == DType::b8 ? random.below(bits) / 8 * 8 : random.below(bits);
  *(rows.at(row, 0) + bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
}

}  // namespace leadline::detail::serving_faults

namespace leadline::robustness {

Inputs faulty_inputs(ServingFault fault, const Batch& batch, const Batch& before,
                     std::uint64_t seed) {
  namespace faults = detail::serving_faults;
  if (fault == ServingFault::partial_batch) return batch.inputs;
  if (fault == ServingFault::stale_input) return before.inputs;
  faults::Bytes rows(batch.inputs.primary.host());
  const stats::Stream stream(
      seed, names_of(std::type_identity<ServingFault>{})[static_cast<std::size_t>(fault)]);
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    stats::Rng random = stream.at(batch.ids[static_cast<std::size_t>(i)]);
    if (fault == ServingFault::lost_channel)
      faults::lose_channel(rows, i, random);
    else if (fault == ServingFault::bit_flip)
      faults::flip_bit(rows, i, random);
    else if (rows.width > 0)
      faults::put_nan(
          rows, i, static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(rows.width))));
  }
  return Inputs(rows.tensor(), batch.inputs.extras);
}

ServingFaults::ServingFaults(Options options) : options_(std::move(options)) {
  check_options("ServingFaults", options_);
  constexpr auto names = names_of(std::type_identity<ServingFault>{});
  for (const std::string& name : options_.faults) {
    const auto it = std::find(names.begin(), names.end(), name);
    const auto fault = static_cast<ServingFault>(it - names.begin());
    if (it == names.end() || std::find(faults_.begin(), faults_.end(), fault) != faults_.end())
      throw ValueError("ServingFaults",
                       fmt::format("different faults of {}", fmt::join(names, ", ")),
                       "'" + name + "'", "name each fault once");
    faults_.push_back(fault);
  }
  if (faults_.empty())
    throw ValueError("ServingFaults", "at least one fault", "none", "leave the default for all");
}

ProbeInfo ServingFaults::info() const {
  return {.name = "serving_faults",
          .question = "What does it do when the path that feeds it breaks, and does it recover?",
          .access = Access::labels,
          .needs_target = false,
          .needs_random_access = true,
          .relative_cost = 2 + 2 * static_cast<double>(faults_.size())};
}

std::shared_ptr<ProbeRun> ServingFaults::start(Session& session) const {
  return std::make_shared<detail::serving_faults::ServingFaultsRun>(faults_, options_.max_samples,
                                                                    session);
}

}  // namespace leadline::robustness
