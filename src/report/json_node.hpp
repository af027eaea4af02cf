/// Reading JSON by the schema: every step checks, and names the place when it refuses.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "leadline/core/error.hpp"
#include "report/json.hpp"

namespace leadline::detail::json {

/// A value and its place. Every reading method checks, and names the place when it refuses.
class Node {
 public:
  Node(const Json& value, std::string_view who) : value_(value), who_(who) {}

  [[noreturn]] void refuse(std::string_view expected, std::string_view got) const {
    const auto place = this->place();
    throw StoreError(std::string(who_) + " at " + (place.empty() ? "the top" : place), expected,
                     got, "the file is damaged or was not written by leadline");
  }

  /// An object with exactly these keys, `optional` besides.
  template <std::size_t n>
  void expect_keys(const std::array<std::string_view, n>& keys,
                   std::string_view optional = {}) const {
    if (!value_.is_object()) refuse("an object", value_.type_name());
    for (const auto& [key, member] : value_.items())
      if (key != optional && std::find(keys.begin(), keys.end(), key) == keys.end())
        refuse("no key but those of the schema", "'" + key + "'");
    for (const auto key : keys)
      if (!value_.contains(key)) refuse("the key '" + std::string(key) + "'", "none");
  }
  [[nodiscard]] Node operator[](const char* key) const {
    return Node(value_.at(key), *this, key, no_index);
  }
  /// The member that iteration found under `key`.
  [[nodiscard]] Node member(std::string_view key, const Json& value) const {
    return Node(value, *this, key, no_index);
  }
  [[nodiscard]] Node item(std::size_t index) const {
    return Node(value_.at(index), *this, {}, index);
  }
  [[nodiscard]] bool is_null() const { return value_.is_null(); }
  [[nodiscard]] const Json& json() const { return value_; }

  [[nodiscard]] const std::string& text() const {
    if (!value_.is_string()) refuse("a string", value_.type_name());
    return value_.get_ref<const std::string&>();
  }
  [[nodiscard]] bool boolean() const {
    if (!value_.is_boolean()) refuse("true or false", value_.type_name());
    return value_.get<bool>();
  }
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] std::int64_t count() const {
    const auto value = integer();
    if (value < 0) refuse("an integer >= 0", std::to_string(value));
    return value;
  }
  [[nodiscard]] double number() const;
  [[nodiscard]] std::optional<double> number_if() const {
    return is_null() ? std::nullopt : std::optional(number());
  }
  [[nodiscard]] std::vector<double> numbers() const;
  [[nodiscard]] std::vector<std::string> texts() const {
    return list<std::string>([](const Node& node) { return node.text(); });
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs() const;

  template <class T, class Read>
  [[nodiscard]] std::vector<T> list(Read&& read) const {
    if (!value_.is_array()) refuse("an array", value_.type_name());
    std::vector<T> items;
    items.reserve(value_.size());
    for (std::size_t i = 0; i < value_.size(); ++i) items.push_back(read(item(i)));
    return items;
  }
  /// One of a few names.
  template <class T, std::size_t n>
  [[nodiscard]] T choice(const std::array<std::pair<std::string_view, T>, n>& names) const {
    const auto& given = text();
    std::string known;
    for (const auto& [name, value] : names) {
      if (name == given) return value;
      known += (known.empty() ? "'" : ", '") + std::string(name) + "'";
    }
    refuse("one of " + known, "'" + given + "'");
  }

 private:
  static constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();

  Node(const Json& value, const Node& parent, std::string_view key, std::size_t index)
      : value_(value), who_(parent.who_), parent_(&parent), key_(key), index_(index) {}

  [[nodiscard]] std::string place() const {
    if (parent_ == nullptr) return {};
    auto text = parent_->place();
    if (index_ != no_index) return text + "[" + std::to_string(index_) + "]";
    if (!text.empty()) text += '.';
    return text.append(key_);
  }

  const Json& value_;
  std::string_view who_;
  const Node* parent_ = nullptr;  // alive: a child never outlives the expression that made it
  std::string_view key_;
  std::size_t index_ = no_index;
};

/// The names of enumerators, for `Node::choice`.
template <class T, class... Values>
auto names_of(Values... values) {
  return std::array<std::pair<std::string_view, T>, sizeof...(Values)>{
      std::pair(leadline::name_of(values), values)...};
}

Estimate read_estimate(const Node& node);
/// json_read_block.cpp
Block read_block(const Node& node);

}  // namespace leadline::detail::json
