// Policies as TOML, in and out.
#include <fmt/format.h>

// Text of a user can break what toml++ asserts in debug builds, and is refused behind the
// assertion.
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <fstream>
#include <initializer_list>

#include "core/file.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"
#include "leadline/engine/policy.hpp"

namespace leadline {
namespace detail::policy_toml {

constexpr std::array<std::string_view, 4> comparisons{"at_least", "at_most", "above", "below"};

/// Where in the file, for messages.
struct Place {
  std::string_view file;

  [[nodiscard]] std::string at(const toml::source_region& source) const {
    return fmt::format("{}, line {}, column {}", file, source.begin.line, source.begin.column);
  }
  void known_keys(const toml::table& table, std::initializer_list<std::string_view> known) const {
    for (const auto& [key, value] : table)
      if (std::find(known.begin(), known.end(), key.str()) == known.end())
        throw ValueError(at(key.source()),
                         fmt::format("one of the keys {}", fmt::join(known, ", ")),
                         fmt::format("'{}'", key.str()), "check the spelling");
  }
  [[nodiscard]] std::string text(const toml::table& table, std::string_view key) const {
    const auto* node = table.get(key);
    if (node == nullptr) return {};
    if (const auto* value = node->as_string()) return value->get();
    throw ValueError(at(node->source()), fmt::format("a text for '{}'", key), "another type",
                     "write it in double quotes");
  }
};

Requirement read_requirement(const toml::table& table, const Place& place) {
  place.known_keys(
      table, {"estimate", "at_least", "at_most", "above", "below", "slice", "name", "reason"});
  Requirement out;
  out.estimate = place.text(table, "estimate");
  out.slice = place.text(table, "slice");
  out.name = place.text(table, "name");
  out.reason = place.text(table, "reason");
  int n_limits = 0;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    const auto* node = table.get(comparisons[i]);
    if (node == nullptr) continue;
    const auto limit = node->value<double>();
    if (!limit || !node->is_number())
      throw ValueError(place.at(node->source()), fmt::format("a number for '{}'", comparisons[i]),
                       "another type", "write for example 0.9");
    out.comparison = static_cast<Comparison>(i);
    out.limit = *limit;
    ++n_limits;
  }
  if (out.estimate.empty() || n_limits != 1)
    throw ValueError(place.at(table.source()),
                     "'estimate' and one of at_least, at_most, above, below",
                     out.estimate.empty() ? "no estimate" : fmt::format("{} limits", n_limits),
                     "write one [[require]] block a limit");
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace detail::policy_toml

Policy Policy::from_toml(std::string_view text, std::string_view where) {
  namespace impl = detail::policy_toml;
  const impl::Place place{where};
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw ValueError(place.at(error.source()), "TOML", std::string(error.description()),
                     "correct the line");
  }
  place.known_keys(root, {"name", "require", "lock"});
  Policy policy(root.contains("name") ? place.text(root, "name") : std::string("policy"));
  if (const auto* node = root.get("require")) {
    const auto* list = node->as_array();
    if (list == nullptr || !list->is_homogeneous(toml::node_type::table))
      throw ValueError(place.at(node->source()), "[[require]] blocks", "another form",
                       "write [[require]] in double brackets");
    for (const auto& item : *list) {
      const auto requirement = impl::read_requirement(*item.as_table(), place);
      try {
        policy.require(requirement);
      } catch (const ValueError& error) {
        throw ValueError(place.at(item.source()), error.expected(), error.got(), error.remedy());
      }
    }
  }
  if (const auto* node = root.get("lock")) {
    const auto* lock = node->as_table();
    if (lock == nullptr)
      throw ValueError(place.at(node->source()), "a [lock] table", "another form", "use lock()");
    place.known_keys(*lock, {"hash", "time"});
    const std::string hash = place.text(*lock, "hash");
    if (hash != policy.hash())
      throw ValueError(place.at(node->source()), "the requirements that were locked, " + hash,
                       policy.hash() + ": they were edited after locking",
                       "restore the file, or remove [lock] and lock again");
    const std::string time = place.text(*lock, "time");
    if (!detail::engine::is_utc(time))
      throw ValueError(place.at(node->source()), "a UTC time such as 2026-11-21T10:00:00Z",
                       fmt::format("'{}'", time), "restore the file");
    policy.lock(time);
  }
  return policy;
}

Policy Policy::load(const std::string& path) {
  return from_toml(detail::file::read(path, "Policy.load"), path);
}

std::string Policy::to_toml() const {
  using detail::policy_toml::in_quotes;
  std::string out = fmt::format("name = {}\n", in_quotes(name_));
  for (const auto& requirement : requirements_) {
    const auto index = static_cast<std::size_t>(requirement.comparison);
    out += fmt::format("\n[[require]]\nestimate = {}\n{} = {}\n", in_quotes(requirement.estimate),
                       detail::policy_toml::comparisons[index], requirement.limit);
    if (!requirement.slice.empty())
      out += fmt::format("slice = {}\n", in_quotes(requirement.slice));
    if (!requirement.name.empty()) out += fmt::format("name = {}\n", in_quotes(requirement.name));
    if (!requirement.reason.empty())
      out += fmt::format("reason = {}\n", in_quotes(requirement.reason));
  }
  if (locked())
    out +=
        fmt::format("\n[lock]\nhash = {}\ntime = {}\n", in_quotes(hash()), in_quotes(locked_at_));
  return out;
}

void Policy::save(const std::string& path) const {
  detail::file::write_atomically(path, to_toml(), "Policy.save");
}

}  // namespace leadline
