#include "core/base64.hpp"

#include "fuzz.hpp"

LEADLINE_FUZZ(base64, input) {
  using namespace leadline::detail;
  const auto text = base64_encode(input.data(), input.size());
  fuzz::expect(base64_decode(text) == std::string(input), "base64 does not come back");
  if (const auto bytes = base64_decode(input))
    fuzz::expect(base64_decode(base64_encode(bytes->data(), bytes->size())) == bytes,
                 "decoded bytes do not come back");
}

LEADLINE_FUZZ_SEEDS(base64) { return {"", "TGVhZGxpbmU=", "TGVhZA==", "AAAAAAAA8D8AAAAAAAAAQA=="}; }
