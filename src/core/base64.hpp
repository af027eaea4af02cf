/// Base64 (RFC 4648) for arrays inside JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leadline::detail {

[[nodiscard]] std::string base64_encode(const void* bytes, std::size_t n);
/// nullopt for anything that is not base64.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace leadline::detail
