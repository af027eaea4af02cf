#include "leadline/core/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace leadline {
namespace detail::catalog {

using nlohmann::ordered_json;

ordered_json json_of(const OptionValue& value) {
  return std::visit(
      [](const auto& v) -> ordered_json {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(v)>, std::monostate>)
          return nullptr;
        else
          return v;
      },
      value);
}

std::string_view name_of(OptionType type) {
  switch (type) {
    case OptionType::boolean:
      return "bool";
    case OptionType::integer:
      return "int";
    case OptionType::number:
      return "float";
    case OptionType::text:
      return "str";
    case OptionType::numbers:
      return "list of float";
    case OptionType::integers:
      return "list of int";
    case OptionType::texts:
      break;
  }
  return "list of str";
}

/// "an int >= 1", "a float in (0, 1]", "one of linf, l2".
std::string expectation(const OptionSpec& spec) {
  if (!spec.choices.empty()) return fmt::format("one of {}", fmt::join(spec.choices, ", "));
  std::string text = std::string(spec.type == OptionType::integer ? "an " : "a ") +
                     std::string(name_of(spec.type));
  const bool low = std::isfinite(spec.minimum), high = std::isfinite(spec.maximum);
  if (low && high)
    text += fmt::format(" in {}{:g}, {:g}{}", spec.above ? '(' : '[', spec.minimum, spec.maximum,
                        spec.below ? ')' : ']');
  else if (low)
    text += fmt::format(" {} {:g}", spec.above ? ">" : ">=", spec.minimum);
  else if (high)
    text += fmt::format(" {} {:g}", spec.below ? "<" : "<=", spec.maximum);
  if (spec.optional) text += " or none";
  return text;
}

bool in_range(const OptionSpec& spec, double value) {
  if (std::isnan(value)) return false;
  if (spec.above ? value <= spec.minimum : value < spec.minimum) return false;
  return !(spec.below ? value >= spec.maximum : value > spec.maximum);
}

/// The value in the type of the spec: integers widen to floats, scalars to lists of one, and
/// nothing is narrowed. monostate: it does not fit.
OptionValue fit(const OptionSpec& spec, const OptionValue& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  const auto* number = std::get_if<double>(&value);
  const auto* integers = std::get_if<std::vector<std::int64_t>>(&value);
  switch (spec.type) {
    case OptionType::boolean:
      if (std::holds_alternative<bool>(value)) return value;
      break;
    case OptionType::integer:
      if (integer) return value;
      break;
    case OptionType::number:
      if (number) return value;
      if (integer) return static_cast<double>(*integer);
      break;
    case OptionType::text:
      if (std::holds_alternative<std::string>(value)) return value;
      break;
    case OptionType::numbers:
      if (std::holds_alternative<std::vector<double>>(value)) return value;
      if (integers) return std::vector<double>(integers->begin(), integers->end());
      if (number) return std::vector<double>{*number};
      if (integer) return std::vector<double>{static_cast<double>(*integer)};
      break;
    case OptionType::integers:
      if (integers) return value;
      if (integer) return std::vector<std::int64_t>{*integer};
      if (const auto* none = std::get_if<std::vector<double>>(&value); none && none->empty())
        return std::vector<std::int64_t>{};
      break;
    case OptionType::texts:
      if (std::holds_alternative<std::vector<std::string>>(value)) return value;
      if (const auto* text = std::get_if<std::string>(&value))
        return std::vector<std::string>{*text};
      if (const auto* none = std::get_if<std::vector<double>>(&value); none && none->empty())
        return std::vector<std::string>{};
      break;
  }
  return {};
}

std::string suggestion(const OptionSpec& spec, const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value); text && !spec.choices.empty()) {
    const auto nearest = nearest_name(*text, spec.choices);
    return nearest.empty() ? "" : fmt::format("did you mean {}='{}'?", spec.name, nearest);
  }
  if (const auto* number = std::get_if<double>(&value);
      number && spec.type == OptionType::integer && std::isfinite(*number))
    return fmt::format("use {}={}", spec.name,
                       static_cast<std::int64_t>(std::max(std::floor(*number), spec.minimum)));
  return fmt::format("the default is {}", text_of(spec.fallback));
}

template <class E>
[[noreturn]] void refuse(std::string_view who, const OptionSpec& spec, const OptionValue& value) {
  throw E(who, fmt::format("option '{}' to be {}", spec.name, expectation(spec)), text_of(value),
          suggestion(spec, value));
}

OptionValue bind_one(std::string_view who, const OptionSpec& spec, const OptionValue& value) {
  if (std::holds_alternative<std::monostate>(value)) {
    if (spec.optional) return value;
    refuse<TypeError>(who, spec, value);
  }
  const OptionValue fitted = fit(spec, value);
  if (std::holds_alternative<std::monostate>(fitted)) refuse<TypeError>(who, spec, value);
  const auto check = [&](double v) {
    if (!in_range(spec, v)) refuse<ValueError>(who, spec, value);
  };
  if (const auto* v = std::get_if<std::int64_t>(&fitted)) check(static_cast<double>(*v));
  if (const auto* v = std::get_if<double>(&fitted)) check(*v);
  if (const auto* v = std::get_if<std::vector<double>>(&fitted)) std::ranges::for_each(*v, check);
  if (const auto* v = std::get_if<std::vector<std::int64_t>>(&fitted))
    for (const auto item : *v) check(static_cast<double>(item));
  if (const auto* v = std::get_if<std::string>(&fitted); v && !spec.choices.empty())
    if (std::ranges::find(spec.choices, *v) == spec.choices.end())
      refuse<ValueError>(who, spec, value);
  return fitted;
}

/// Letters to add, drop, change or swap with their neighbour: "setps" is one from "steps".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> older(b.size() + 1), old(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    older.swap(old);
    old.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({old[j] + 1, row[j - 1] + 1, old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], older[j - 2] + 1);
    }
  }
  return row[b.size()];
}

/// An option of one record that holds a plain value: `member` points into the record.
struct Leaf {
  OptionField field;
  std::string_view inside;  // the nested record it belongs to, or ""
  void* member;

  [[nodiscard]] OptionValue get() const { return field.access->get(member); }
};

void add_leaves(const Fields& fields, void* record, std::string_view inside,
                std::vector<Leaf>& leaves) {
  for (const OptionField& field : fields) {
    void* member = field.locate(record, field.member);
    if (field.nested != nullptr)
      add_leaves(field.nested(), member, field.name, leaves);
    else
      leaves.push_back({field, inside, member});
  }
}

/// In order; nested records are flattened.
std::vector<Leaf> leaves_of(const Fields& fields, void* record) {
  std::vector<Leaf> leaves;
  add_leaves(fields, record, {}, leaves);
  return leaves;
}
/// To be read only.
std::vector<Leaf> leaves_of(const Fields& fields, const void* record) {
  return leaves_of(fields, const_cast<void*>(record));
}

std::vector<OptionSpec> specs_of(const Fields& fields, const void* defaults) {
  std::vector<OptionSpec> specs;
  for (const Leaf& leaf : leaves_of(fields, defaults)) {
    const OptionField& field = leaf.field;
    const auto choices = field.access->choices();
    specs.push_back({.name = field.name,
                     .type = field.access->type,
                     .optional = field.access->optional,
                     .fallback = leaf.get(),
                     .minimum = field.minimum,
                     .maximum = field.maximum,
                     .above = field.exclusive_minimum,
                     .below = field.exclusive_maximum,
                     .choices = {choices.begin(), choices.end()},
                     .unit = field.unit,
                     .doc = field.doc,
                     .record = leaf.inside});
  }
  return specs;
}

void assign(const Fields& fields, void* record, std::span<const OptionValue> values) {
  const std::vector<Leaf> leaves = leaves_of(fields, record);
  for (std::size_t i = 0; i < leaves.size(); ++i)
    leaves[i].field.access->set(values[i], leaves[i].member);
}

std::vector<std::pair<std::string, std::string>> texts_of(const Fields& fields,
                                                          const void* record) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Leaf& leaf : leaves_of(fields, record))
    out.emplace_back(leaf.field.name, text_of(leaf.get()));
  return out;
}

void check(std::string_view who, const Fields& fields, const void* defaults, const void* given) {
  std::vector<NamedOption> named;
  for (const Leaf& leaf : leaves_of(fields, given))
    named.push_back({std::string(leaf.field.name), leaf.get()});
  (void)bind_options(who, specs_of(fields, defaults), named);
}

}  // namespace detail::catalog

Fields joined(std::initializer_list<Fields> parts) {
  Fields all;
  for (const Fields& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::string text_of(const OptionValue& value) {
  // bytes that are no UTF-8 become U+FFFD
  return detail::catalog::json_of(value).dump(-1, ' ', false,
                                              nlohmann::json::error_handler_t::replace);
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::metric:
      return "metric";
    case Kind::probe:
      return "probe";
    case Kind::detector:
      return "detector";
    case Kind::transform:
      return "transform";
    case Kind::explainer:
      return "explainer";
    case Kind::judge:
      break;
  }
  return "judge";
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 2) + 1;
  for (const auto candidate : known) {
    const std::size_t d = detail::catalog::distance(name, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

std::vector<OptionValue> bind_options(std::string_view who, std::span<const OptionSpec> specs,
                                      std::span<const NamedOption> given) {
  std::vector<OptionValue> values;
  for (const auto& spec : specs) values.push_back(spec.fallback);
  std::vector<bool> seen(specs.size());
  for (const auto& option : given) {
    const auto spec = std::ranges::find(specs, option.name, &OptionSpec::name);
    if (spec == specs.end()) {
      std::vector<std::string_view> known;
      for (const auto& s : specs) known.push_back(s.name);
      const auto nearest = nearest_name(option.name, known);
      throw ValueError(
          who, known.empty() ? "no options" : fmt::format("one of {}", fmt::join(known, ", ")),
          "option '" + option.name + "'",
          nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest));
    }
    const auto at = static_cast<std::size_t>(spec - specs.begin());
    if (seen[at]) throw ValueError(who, "each option once", "'" + option.name + "' twice", "");
    seen[at] = true;
    values[at] = detail::catalog::bind_one(who, *spec, option.value);
  }
  return values;
}

Entry::Made Entry::make(std::span<const NamedOption> given) const {
  return build(bind_options(type_name, options, given));
}

std::shared_ptr<Metric> Entry::make_metric(std::span<const NamedOption> given) const {
  if (kind != Kind::metric)
    throw TypeError("Entry.make_metric", "a metric", fmt::format("'{}', a {}", name, name_of(kind)),
                    "");
  return std::get<std::shared_ptr<Metric>>(make(given));
}

std::shared_ptr<Probe> Entry::make_probe(std::span<const NamedOption> given) const {
  if (kind != Kind::probe)
    throw TypeError("Entry.make_probe", "a probe", fmt::format("'{}', a {}", name, name_of(kind)),
                    "");
  return std::get<std::shared_ptr<Probe>>(make(given));
}

void Catalog::add(Entry entry) {
  std::vector<std::string_view> names = entry.aliases;
  names.push_back(entry.name);
  for (const auto name : names)
    if (find(name) != nullptr)
      throw ValueError("Catalog.add", "a new name", "'" + std::string(name) + "' again",
                       "choose another name or alias");
  entries_.push_back(std::move(entry));
}

void Catalog::add(const Catalog& other) {
  for (const auto& entry : other.entries()) add(entry);
}

const Entry* Catalog::find(std::string_view name) const {
  for (const auto& entry : entries_)
    if (entry.name == name || std::ranges::find(entry.aliases, name) != entry.aliases.end())
      return &entry;
  return nullptr;
}

const Entry& Catalog::at(std::string_view name) const {
  if (const auto* entry = find(name)) return *entry;
  std::vector<std::string_view> known;
  for (const auto& entry : entries_) {
    known.push_back(entry.name);
    known.insert(known.end(), entry.aliases.begin(), entry.aliases.end());
  }
  const auto nearest = nearest_name(name, known);
  throw ValueError("catalog", "the name of a metric or probe", "'" + std::string(name) + "'",
                   nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest));
}

std::string Catalog::to_json() const {
  using detail::catalog::ordered_json;
  ordered_json all = ordered_json::array();
  for (const auto& entry : entries_) {
    ordered_json options = ordered_json::array();
    for (const auto& spec : entry.options) {
      ordered_json one = {
          {"name", spec.name},         {"type", detail::catalog::name_of(spec.type)},
          {"optional", spec.optional}, {"default", detail::catalog::json_of(spec.fallback)},
          {"unit", spec.unit},         {"doc", spec.doc},
          {"record", spec.record},     {"choices", spec.choices}};
      one["minimum"] =
          std::isfinite(spec.minimum) ? ordered_json(spec.minimum) : ordered_json(nullptr);
      one["maximum"] =
          std::isfinite(spec.maximum) ? ordered_json(spec.maximum) : ordered_json(nullptr);
      one["exclusive_minimum"] = spec.above;
      one["exclusive_maximum"] = spec.below;
      options.push_back(std::move(one));
    }
    all.push_back({{"kind", name_of(entry.kind)},
                   {"name", entry.name},
                   {"type_name", entry.type_name},
                   {"room", entry.room},
                   {"aliases", entry.aliases},
                   {"doc", entry.doc},
                   {"options", std::move(options)}});
  }
  return all.dump(1);
}

}  // namespace leadline
