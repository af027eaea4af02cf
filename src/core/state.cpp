#include "leadline/core/state.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base64.hpp"
#include "leadline/core/error.hpp"

namespace leadline {
namespace detail::state {

using nlohmann::json;

constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

template <class T>
std::string pack(const std::vector<T>& values) {
  return base64_encode(values.data(), values.size() * sizeof(T));
}

template <class T>
std::vector<T> unpack(const json& node, std::string_view type) {
  const auto bytes =
      node.is_string() ? base64_decode(node.get_ref<const std::string&>()) : std::nullopt;
  if (!bytes || bytes->size() % sizeof(T) != 0)
    throw StoreError(type, "an array in base64", "something else",
                     "the state is damaged: delete it and run again");
  std::vector<T> values(bytes->size() / sizeof(T));
  if (!bytes->empty()) std::memcpy(values.data(), bytes->data(), bytes->size());
  return values;
}

double parse_number(const std::string& text, std::string_view type) {
  if (text == "inf") return HUGE_VAL;
  if (text == "-inf") return -HUGE_VAL;
  double value = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::hex);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    throw StoreError(type, "a number as hexadecimal float", "'" + text + "'",
                     "the state is damaged: delete it and run again");
  return value;
}

std::string print_number(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[64];
  const auto [end, problem] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::hex);
  (void)problem;
  return {buffer, end};
}

}  // namespace detail::state

State::State(std::string_view type, int version) : type_(type), version_(version) {}

State& State::set(std::string_view key, std::int64_t value) {
  values_.insert_or_assign(std::string(key), value);
  return *this;
}
State& State::set(std::string_view key, double value) {
  if (std::isnan(value))
    throw ValueError(type_ + ".save", "a number", "NaN in '" + std::string(key) + "'", "");
  values_.insert_or_assign(std::string(key), value);
  return *this;
}
State& State::set(std::string_view key, std::string_view value) {
  values_.insert_or_assign(std::string(key), std::string(value));
  return *this;
}
State& State::set(std::string_view key, std::vector<double> values) {
  values_.insert_or_assign(std::string(key), std::move(values));
  return *this;
}
State& State::set(std::string_view key, std::vector<std::int64_t> values) {
  values_.insert_or_assign(std::string(key), std::move(values));
  return *this;
}
State& State::set(std::string_view key, std::vector<std::string> values) {
  values_.insert_or_assign(std::string(key), std::move(values));
  return *this;
}

bool State::has(std::string_view key) const { return values_.find(key) != values_.end(); }

template <class T>
const T& State::get(std::string_view key, const char* kind) const {
  const auto found = values_.find(key);
  if (found != values_.end())
    if (const auto* value = std::get_if<T>(&found->second)) return *value;
  throw StoreError(type_ + ".load", fmt::format("{} in '{}'", kind, key),
                   found == values_.end() ? "nothing" : "another type",
                   "the state is damaged or of another version: delete it and run again");
}

std::int64_t State::integer(std::string_view key) const {
  return get<std::int64_t>(key, "an integer");
}
double State::number(std::string_view key) const { return get<double>(key, "a number"); }
const std::string& State::text(std::string_view key) const {
  return get<std::string>(key, "a text");
}

namespace detail::state {
void check_size(std::string_view type, std::string_view key, std::size_t size,
                std::int64_t expected) {
  if (expected >= 0 && static_cast<std::int64_t>(size) != expected)
    throw StoreError(std::string(type) + ".load", fmt::format("{} values in '{}'", expected, key),
                     std::to_string(size), "the state belongs to other options");
}
}  // namespace detail::state

const std::vector<double>& State::numbers(std::string_view key, std::int64_t expected_size) const {
  const auto& values = get<std::vector<double>>(key, "numbers");
  detail::state::check_size(type_, key, values.size(), expected_size);
  return values;
}
const std::vector<std::int64_t>& State::integers(std::string_view key,
                                                 std::int64_t expected_size) const {
  const auto& values = get<std::vector<std::int64_t>>(key, "integers");
  detail::state::check_size(type_, key, values.size(), expected_size);
  return values;
}
const std::vector<std::string>& State::texts(std::string_view key) const {
  return get<std::vector<std::string>>(key, "texts");
}

std::string State::dump() const {
  using detail::state::json;
  json values = json::object();
  for (const auto& [key, value] : values_) {
    struct Printer {
      json operator()(std::int64_t v) const { return v; }
      json operator()(double v) const { return {{"f64", detail::state::print_number(v)}}; }
      json operator()(const std::string& v) const { return v; }
      json operator()(const std::vector<double>& v) const {
        return {{"f64s", detail::state::pack(v)}};
      }
      json operator()(const std::vector<std::int64_t>& v) const {
        return {{"i64s", detail::state::pack(v)}};
      }
      json operator()(const std::vector<std::string>& v) const { return v; }
    };
    values[key] = std::visit(Printer{}, value);
  }
  const json all = {{"type", type_}, {"version", version_}, {"values", std::move(values)}};
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

State State::parse(std::string_view text, std::string_view type, int newest_version) {
  using detail::state::json;
  const std::string where = std::string(type) + ".load";
  const json all = json::parse(text, nullptr, false);
  if (!all.is_object() || !all.contains("type") || !all["type"].is_string() ||
      !all.contains("version") || !all["version"].is_number_integer() || !all.contains("values") ||
      !all["values"].is_object())
    throw StoreError(where, "a saved state", "damaged text", "delete it and run again");
  if (all["type"] != type)
    throw StoreError(where, "a state of '" + std::string(type) + "'",
                     "one of '" + all["type"].get<std::string>() + "'",
                     "load what this kind saved");
  if (all["version"] > newest_version || all["version"] < 1)
    throw StoreError(where, fmt::format("version 1 to {}", newest_version), all["version"].dump(),
                     "update leadline");
  const auto damaged = [&](const std::string& expected) {
    throw StoreError(where, expected, "something else",
                     "the state is damaged: delete it and run again");
  };
  State state(type, all["version"].get<int>());
  for (const auto& [key, node] : all["values"].items()) {
    if (node.is_number_integer()) {
      if (node.is_number_unsigned() && node.get<std::uint64_t>() > detail::state::largest)
        damaged("an integer of at most 63 bits in '" + key + "'");
      state.set(key, node.get<std::int64_t>());
    } else if (node.is_string()) {
      state.set(key, std::string_view(node.get_ref<const std::string&>()));
    } else if (node.is_array()) {
      std::vector<std::string> texts;
      for (const auto& item : node) {
        if (!item.is_string()) damaged("texts in '" + key + "'");
        texts.push_back(item.get<std::string>());
      }
      state.set(key, std::move(texts));
    } else if (node.is_object() && node.contains("f64") && node["f64"].is_string()) {
      state.set(key, detail::state::parse_number(node["f64"].get<std::string>(), where));
    } else if (node.is_object() && node.contains("f64s")) {
      state.set(key, detail::state::unpack<double>(node["f64s"], where));
    } else if (node.is_object() && node.contains("i64s")) {
      state.set(key, detail::state::unpack<std::int64_t>(node["i64s"], where));
    } else {
      damaged("a value in '" + key + "'");
    }
  }
  return state;
}

}  // namespace leadline
