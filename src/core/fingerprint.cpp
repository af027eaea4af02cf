#include "leadline/core/fingerprint.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace leadline {

struct Fingerprint::State {
  XXH3_state_t hash;
};

Fingerprint::Fingerprint() : state_(std::make_unique<State>()) {
  XXH3_128bits_reset(&state_->hash);
}
Fingerprint::~Fingerprint() = default;

Fingerprint& Fingerprint::add(const void* bytes, std::size_t n) {
  XXH3_128bits_update(&state_->hash, bytes, n);
  return *this;
}

Fingerprint& Fingerprint::add(std::string_view text) {
  add(static_cast<std::int64_t>(text.size()));
  return add(text.data(), text.size());
}

Fingerprint& Fingerprint::add(std::int64_t value) { return add(&value, sizeof value); }

Fingerprint& Fingerprint::add(const Tensor& tensor) {
  add(static_cast<std::int64_t>(tensor.defined() ? static_cast<int>(tensor.dtype()) : -1));
  if (!tensor.defined()) return *this;
  add(static_cast<std::int64_t>(tensor.rank()));
  for (const auto size : tensor.shape()) add(size);
  const Tensor host = tensor.host();
  return add(host.layout().data, host.n_elements() * bytes_of(host.dtype()));
}

std::string Fingerprint::text() const {
  const auto digest = XXH3_128bits_digest(&state_->hash);
  return fmt::format("xxh3:{:016x}{:016x}", digest.high64, digest.low64);
}

}  // namespace leadline
