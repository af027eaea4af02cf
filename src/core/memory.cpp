#include "leadline/core/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

#include "core/input_rows.hpp"
#include "leadline/core/error.hpp"

namespace leadline {
namespace detail::memory {

Tensor join(std::span<const Tensor> parts) {
  std::vector<Tensor> hosts;
  std::size_t size = 0;
  auto shape = std::vector<std::int64_t>(parts[0].shape().begin(), parts[0].shape().end());
  shape[0] = 0;
  for (const Tensor& part : parts) {
    const Tensor& host = hosts.emplace_back(part.host());
    if (!std::ranges::equal(host.shape().subspan(1), parts[0].shape().subspan(1)))
      throw ShapeError("model output", "rows of one shape, " + parts[0].describe(), host.describe(),
                       "");
    shape[0] += host.size(0);
    size += static_cast<std::size_t>(host.n_elements()) * bytes_of(host.dtype());
  }
  std::vector<std::byte> bytes(size);
  std::size_t at = 0;
  for (const Tensor& host : hosts) {
    const std::size_t own = static_cast<std::size_t>(host.n_elements()) * bytes_of(host.dtype());
    if (own > 0) std::memcpy(bytes.data() + at, host.layout().data, own);
    at += own;
  }
  return Tensor::copy(bytes.data(), parts[0].dtype(), shape);
}

using Named = std::map<std::string, Tensor, std::less<>>;

Named join(std::span<const Outputs> parts, Named Outputs::*member) {
  Named joined;
  for (const auto& [name, first] : parts[0].*member) {
    std::vector<Tensor> tensors;
    for (const Outputs& part : parts) tensors.push_back((part.*member).at(name));
    joined[name] = first.rank() == 0 ? first : join(tensors);
  }
  return joined;
}

Outputs join(std::span<const Outputs> parts) {
  if (parts.size() == 1) return parts[0];
  std::vector<Tensor> outputs;
  for (const Outputs& part : parts) outputs.push_back(part.output);
  return {join(outputs), join(parts, &Outputs::extras), join(parts, &Outputs::activations)};
}

}  // namespace detail::memory

bool out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  constexpr std::array<std::string_view, 7> words{
      "out of memory",      "OutOfMemory", "not enough memory", "allocate memory",
      "Unable to allocate", "MemoryError", "RESOURCE_EXHAUSTED"};
  const std::string_view said = error.what();
  return std::ranges::any_of(
      words, [&](std::string_view word) { return said.find(word) != std::string_view::npos; });
}

void RowLimit::halve(std::int64_t n) { rows_ = std::max<std::int64_t>(1, std::min(rows_, n) / 2); }

std::string RowLimit::note() const {
  if (rows_ == std::numeric_limits<std::int64_t>::max()) return {};
  return fmt::format("the model ran out of memory: at most {} row{} at once from there on", rows_,
                     rows_ == 1 ? "" : "s");
}

Outputs forward_within(RowLimit& limit, Model& model, const Inputs& inputs,
                       std::span<const std::string> taps) {
  const std::int64_t n = inputs.primary.size(0);
  std::vector<Outputs> parts;
  for (std::int64_t first = 0; first < n || parts.empty();) {
    const std::int64_t count = std::min(limit.rows(), n - first);
    try {
      parts.push_back(count == n
                          ? model.forward(inputs, taps)
                          : model.forward(detail::inputs::rows_of(inputs, first, count), taps));
      first += count;
    } catch (const std::exception& error) {
      if (count <= 1 || !out_of_memory(error)) throw;
      limit.halve(count);
    }
  }
  return detail::memory::join(parts);
}

LimitsRows::~LimitsRows() = default;

}  // namespace leadline
