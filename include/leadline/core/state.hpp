/// The saved state of a metric or probe run: a small typed record that survives as text. Saved
/// states come back from files that anyone may have edited, so reading checks everything.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "leadline/config.hpp"

namespace leadline {

/// Numbers come back bit for bit (infinities too); the text is JSON with arrays as base64.
class LEADLINE_API State {
 public:
  /// `type` names the owner ("metrics.Accuracy"); `State::parse` refuses another one.
  explicit State(std::string_view type, int version = 1);
  /// Throws StoreError on malformed text, another type or a newer version.
  static State parse(std::string_view text, std::string_view type, int newest_version = 1);

  State& set(std::string_view key, std::int64_t value);
  State& set(std::string_view key, int value) { return set(key, static_cast<std::int64_t>(value)); }
  State& set(std::string_view key, double value);
  State& set(std::string_view key, std::string_view value);
  State& set(std::string_view key, const char* value) { return set(key, std::string_view(value)); }
  State& set(std::string_view key, std::vector<double> values);
  State& set(std::string_view key, std::vector<std::int64_t> values);
  State& set(std::string_view key, std::vector<std::string> values);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] int version() const { return version_; }
  /// Each throws StoreError when the key is missing or holds another type.
  [[nodiscard]] std::int64_t integer(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] const std::string& text(std::string_view key) const;
  /// `expected_size` >= 0 also checks the length.
  [[nodiscard]] const std::vector<double>& numbers(std::string_view key,
                                                   std::int64_t expected_size = -1) const;
  [[nodiscard]] const std::vector<std::int64_t>& integers(std::string_view key,
                                                          std::int64_t expected_size = -1) const;
  [[nodiscard]] const std::vector<std::string>& texts(std::string_view key) const;

  [[nodiscard]] std::string dump() const;

 private:
  using Value = std::variant<std::int64_t, double, std::string, std::vector<double>,
                             std::vector<std::int64_t>, std::vector<std::string>>;
  template <class T>
  const T& get(std::string_view key, const char* kind) const;

  std::string type_;
  int version_;
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace leadline
