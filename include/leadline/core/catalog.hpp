/// The table of everything shipped. C++ factories, JSON, docs, command line and Python read it.
///
/// A class enters by one line in its room's `catalog.inc`; its options describe themselves once:
///
///     struct BoxOptions {
///       double eps = 0.1;
///       Norm norm = Norm::linf;
///       static Fields fields() {
///         return {field("eps", &BoxOptions::eps, "Radius of the ball.").above(0).in("input
///         units"),
///                 field("norm", &BoxOptions::norm, "Norm of the ball.")};
///       }
///     };
///
/// Member types: bool, int, std::int64_t, double, std::string, std::vector<double|int64|string>,
/// std::optional<double>, an enum with `constexpr auto names_of(std::type_identity<E>)` returning
/// an array of names in the order of its values, or a nested record with `fields()` (flattened).
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/error.hpp"

namespace leadline {

class Metric;
class Probe;

/// monostate is "none" (an optional left unset).
using OptionValue =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<double>,
                 std::vector<std::int64_t>, std::vector<std::string>>;
/// As JSON: 0.5, "linf", [1, 2], null.
[[nodiscard]] LEADLINE_API std::string text_of(const OptionValue& value);

enum class OptionType : std::uint8_t { boolean, integer, number, text, numbers, integers, texts };

struct OptionSpec {
  std::string_view name;
  OptionType type = OptionType::number;
  bool optional = false;  // accepts none
  OptionValue fallback;   // the default
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool above = false, below = false;      // bounds are exclusive
  std::vector<std::string_view> choices;  // of a text
  std::string_view unit, doc;
  std::string_view record;  // nested record it belongs to ("threat"), or ""
};

struct NamedOption {
  std::string name;
  OptionValue value;
};

enum class Kind : std::uint8_t { metric, probe, detector, transform, explainer, judge };
[[nodiscard]] LEADLINE_API std::string_view name_of(Kind kind);

/// Checks names, types and ranges, and fills defaults: one value a spec, in order.
/// Throws ValueError or TypeError naming the wrong option, its range and the nearest known name:
/// `Pgd: expected option 'steps' to be an int >= 1, got 2.5 (use steps=2)`.
[[nodiscard]] LEADLINE_API std::vector<OptionValue> bind_options(
    std::string_view who, std::span<const OptionSpec> specs, std::span<const NamedOption> given);

struct Entry {
  using Made = std::variant<std::shared_ptr<Metric>, std::shared_ptr<Probe>>;

  Kind kind = Kind::metric;
  std::string_view name;       // "f1"
  std::string_view type_name;  // "F1"
  std::string_view room;       // "metrics"
  std::vector<std::string_view> aliases;
  std::string_view doc;  // first line; then details
  std::vector<OptionSpec> options;
  std::function<Made(std::span<const OptionValue>)> build;  // one value a spec, already bound

  /// Binds and builds.
  [[nodiscard]] LEADLINE_API Made make(std::span<const NamedOption> given = {}) const;
  [[nodiscard]] LEADLINE_API std::shared_ptr<Metric> make_metric(
      std::span<const NamedOption> given = {}) const;
  [[nodiscard]] LEADLINE_API std::shared_ptr<Probe> make_probe(
      std::span<const NamedOption> given = {}) const;
};

/// A list of entries with look-up by name or alias.
class LEADLINE_API Catalog {
 public:
  /// Throws ValueError on a name or alias that is taken.
  void add(Entry entry);
  void add(const Catalog& other);
  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }
  [[nodiscard]] const Entry* find(std::string_view name) const;
  /// Throws ValueError naming the nearest entry.
  [[nodiscard]] const Entry& at(std::string_view name) const;
  /// Everything as JSON, for docs and the parity test.
  [[nodiscard]] std::string to_json() const;

 private:
  std::vector<Entry> entries_;
};

/// Everything in leadline::core. (`torch_catalog()` in leadline/torch.hpp adds the LibTorch half.)
[[nodiscard]] LEADLINE_API const Catalog& core_catalog();

/// The known name nearest to `name` by edit distance, or "" when none is close.
[[nodiscard]] LEADLINE_API std::string_view nearest_name(std::string_view name,
                                                         std::span<const std::string_view> known);

// ---- how an options record describes itself -------------------------------------------------

struct OptionField;
/// The options of a record, in order.
using Fields = std::vector<OptionField>;

template <class T>
concept OptionsRecord = requires {
  { T::fields() } -> std::same_as<Fields>;
};

namespace detail::catalog {

template <class T>
constexpr OptionType type_of() {
  if constexpr (std::is_same_v<T, bool>)
    return OptionType::boolean;
  else if constexpr (std::is_integral_v<T>)
    return OptionType::integer;
  else if constexpr (std::is_floating_point_v<T> || std::is_same_v<T, std::optional<double>>)
    return OptionType::number;
  else if constexpr (std::is_same_v<T, std::optional<std::int64_t>>)
    return OptionType::integer;
  else if constexpr (std::is_same_v<T, std::string> || std::is_enum_v<T> ||
                     std::is_same_v<T, std::optional<std::string>>)
    return OptionType::text;
  else if constexpr (std::is_base_of_v<std::vector<double>, T>)
    return OptionType::numbers;
  else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>)
    return OptionType::integers;
  else
    return OptionType::texts;
}

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T>
OptionValue to_value(const T& member) {
  if constexpr (is_optional<T>::value) {
    return member ? to_value(*member) : OptionValue{};
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(names_of(std::type_identity<T>{})[static_cast<std::size_t>(member)]);
  } else if constexpr (std::is_same_v<T, bool>) {
    return member;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::int64_t>(member);
  } else if constexpr (std::is_base_of_v<std::vector<double>, T>) {
    return static_cast<const std::vector<double>&>(member);
  } else {
    return member;
  }
}

template <class T>
void from_value(const OptionValue& value, T& member) {
  if constexpr (is_optional<T>::value) {
    if (std::holds_alternative<std::monostate>(value)) {
      member.reset();
    } else {
      typename T::value_type inner{};
      from_value(value, inner);
      member = std::move(inner);
    }
  } else if constexpr (std::is_enum_v<T>) {
    constexpr auto names = names_of(std::type_identity<T>{});
    const auto& text = std::get<std::string>(value);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == text) member = static_cast<T>(i);
  } else if constexpr (std::is_same_v<T, bool>) {
    member = std::get<bool>(value);
  } else if constexpr (std::is_integral_v<T>) {
    member = static_cast<T>(std::get<std::int64_t>(value));
  } else if constexpr (std::is_base_of_v<std::vector<double>, T>) {
    static_cast<std::vector<double>&>(member) = std::get<std::vector<double>>(value);
  } else {
    member = std::get<T>(value);
  }
}

template <class T>
std::span<const std::string_view> choices_of() {
  if constexpr (std::is_enum_v<T>) {
    static constexpr auto names = names_of(std::type_identity<T>{});
    return names;
  } else {
    return {};
  }
}

/// How a member of one type is read and written. There are few types and many records: behind this
/// table all that is done with options is compiled once, not once a record.
struct Access {
  OptionType type;
  bool optional;
  std::span<const std::string_view> (*choices)();
  OptionValue (*get)(const void* member);
  void (*set)(const OptionValue& value, void* member);
};
template <class T>
inline constexpr Access access_of{
    type_of<T>(), is_optional<T>::value, &choices_of<T>,
    [](const void* member) { return to_value(*static_cast<const T*>(member)); },
    [](const OptionValue& value, void* member) { from_value(value, *static_cast<T*>(member)); }};

/// Member pointers of all records are kept as pointers into this one.
struct AnyRecord;
using AnyMember = char AnyRecord::*;

}  // namespace detail::catalog

/// An option of a record and what it says of itself. Neither the record nor the type of the member
/// is in its type: records are many, and what is done with their options is compiled once.
struct OptionField {
  std::string_view name, doc;
  detail::catalog::AnyMember member;
  void* (*locate)(void* record, detail::catalog::AnyMember member);
  const detail::catalog::Access* access = nullptr;  // null: a nested record
  Fields (*nested)() = nullptr;
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::string_view unit{};

  [[nodiscard]] OptionField at_least(double bound) const {
    auto f = *this;
    f.minimum = bound;
    return f;
  }
  [[nodiscard]] OptionField at_most(double bound) const {
    auto f = *this;
    f.maximum = bound;
    return f;
  }
  [[nodiscard]] OptionField above(double bound) const {
    auto f = at_least(bound);
    f.exclusive_minimum = true;
    return f;
  }
  [[nodiscard]] OptionField below(double bound) const {
    auto f = at_most(bound);
    f.exclusive_maximum = true;
    return f;
  }
  [[nodiscard]] OptionField in(std::string_view text) const {
    auto f = *this;
    f.unit = text;
    return f;
  }
};
/// `member` is one of the record itself, not of a base of it.
template <class Record, class Value>
[[nodiscard]] OptionField field(std::string_view name, Value Record::*member,
                                std::string_view doc) {
  using detail::catalog::AnyMember;
  OptionField f{name, doc, reinterpret_cast<AnyMember>(member),
                [](void* record, AnyMember any) -> void* {
                  return &(static_cast<Record*>(record)->*reinterpret_cast<Value Record::*>(any));
                }};
  if constexpr (OptionsRecord<Value>)
    f.nested = &Value::fields;
  else
    f.access = &detail::catalog::access_of<Value>;
  return f;
}
/// For records that share some of their options.
[[nodiscard]] LEADLINE_API Fields joined(std::initializer_list<Fields> parts);

namespace detail::catalog {

LEADLINE_API std::vector<OptionSpec> specs_of(const Fields& fields, const void* defaults);
LEADLINE_API void assign(const Fields& fields, void* record, std::span<const OptionValue> values);
LEADLINE_API std::vector<std::pair<std::string, std::string>> texts_of(const Fields& fields,
                                                                       const void* record);
LEADLINE_API void check(std::string_view who, const Fields& fields, const void* defaults,
                        const void* given);

}  // namespace detail::catalog

/// The specs of an options record, with its defaults.
template <OptionsRecord Options>
[[nodiscard]] std::vector<OptionSpec> specs_of() {
  const Options defaults{};
  return detail::catalog::specs_of(Options::fields(), &defaults);
}

/// An options record from bound values (one a spec).
template <OptionsRecord Options>
[[nodiscard]] Options options_from(std::span<const OptionValue> values) {
  Options options{};
  detail::catalog::assign(Options::fields(), &options, values);
  return options;
}

/// Name -> JSON text of an options record: what `Probe::options()` returns.
template <OptionsRecord Options>
[[nodiscard]] std::vector<std::pair<std::string, std::string>> options_text(
    const Options& options) {
  return detail::catalog::texts_of(Options::fields(), &options);
}

/// Checks a record built in C++ against its own ranges; call it in the constructor.
template <OptionsRecord Options>
void check_options(std::string_view who, const Options& options) {
  const Options defaults{};
  detail::catalog::check(who, Options::fields(), &defaults, &options);
}

/// The entry of class T: constructible from its `T::Options`, derived from Metric or Probe.
template <class T, class Base>
[[nodiscard]] Entry make_entry(Kind kind, std::string_view room, std::string_view type_name,
                               std::string_view name, std::vector<std::string_view> aliases,
                               std::string_view doc) {
  Entry entry{kind, name, type_name, room, std::move(aliases), doc, specs_of<typename T::Options>(),
              {}};
  // Deleted as a Base: ~T here would compile every virtual function of T's base templates again.
  entry.build = [](std::span<const OptionValue> values) -> Entry::Made {
    Base* made = new T(options_from<typename T::Options>(values));
    return std::shared_ptr<Base>(made);
  };
  return entry;
}

}  // namespace leadline
