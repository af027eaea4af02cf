/// A fuzz target: everything that reads what others may have written has one, a file each.
///
///     LEADLINE_FUZZ(base64, input) { ... }              // `input` is a std::string_view
///     LEADLINE_FUZZ_SEEDS(base64) { return {"TGVh"}; }  // valid inputs to start from
///
/// The law of every target: bad input is refused with a leadline::Error, good input survives being
/// written and read again; anything else (another exception, a signal, a sanitizer's report) is a
/// bug. With LEADLINE_LIBFUZZER a target is `LLVMFuzzerTestOneInput`; otherwise it enters the table
/// of replay.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/core/error.hpp"

namespace fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
  std::vector<std::string> (*seeds)();
};
/// Every target of the program, in no order.
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}
struct Registered {
  explicit Registered(Target target) { targets().push_back(target); }
};

inline void expect(bool held, const char* what) {
  if (!held) throw std::logic_error(what);
}

/// Runs `body`; true when it refused with an error of leadline that says something.
template <class Body>
bool refused(Body&& body) {
  try {
    body();
    return false;
  } catch (const leadline::Error& error) {
    expect(!error.expected().empty() && !error.got().empty(), "an error without its parts");
    return true;
  }
}

}  // namespace fuzz

#ifdef LEADLINE_LIBFUZZER
#define LEADLINE_FUZZ_ENTRY(name)                                                   \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t n) { \
    fuzz_##name(std::string_view(reinterpret_cast<const char*>(bytes), n));         \
    return 0;                                                                       \
  }                                                                                 \
  static_assert(true)
#else
#define LEADLINE_FUZZ_ENTRY(name)                   \
  static const fuzz::Registered registered_##name { \
    { #name, fuzz_##name, seeds_##name }            \
  }
#endif

#define LEADLINE_FUZZ(name, input)                 \
  static void fuzz_##name(std::string_view input); \
  static std::vector<std::string> seeds_##name();  \
  LEADLINE_FUZZ_ENTRY(name);                       \
  static void fuzz_##name(std::string_view input)
#define LEADLINE_FUZZ_SEEDS(name) [[maybe_unused]] static std::vector<std::string> seeds_##name()
