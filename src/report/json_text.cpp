#include <set>
#include <vector>

#include "leadline/core/error.hpp"
#include "report/json.hpp"

namespace leadline::detail::json {

constexpr int max_depth = 64;

std::string dump_flat(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_plain_list(const Json& value) {
  if (!value.is_array()) return false;
  for (const auto& entry : value)
    if (entry.is_structured()) return false;
  return true;
}

void append(std::string& text, const Json& value, int indent, std::size_t depth) {
  if (!value.is_structured() || value.empty() || is_plain_list(value)) {
    text += dump_flat(value);
    return;
  }
  const auto new_line = [&](std::size_t level) {
    text += '\n';
    text.append(level * static_cast<std::size_t>(indent), ' ');
  };
  const bool object = value.is_object();
  bool first = true;
  text += object ? '{' : '[';
  for (const auto& [key, member] : value.items()) {
    if (!first) text += ',';
    first = false;
    new_line(depth + 1);
    if (object) text += dump_flat(Json(key)) + ": ";
    append(text, member, indent, depth + 1);
  }
  new_line(depth);
  text += object ? '}' : ']';
}

std::string dump(const Json& value, int indent) {
  if (indent < 0) return dump_flat(value);
  std::string text;
  append(text, value, indent, 0);
  text += '\n';
  return text;
}

/// Watches a parse: refuses what JSON libraries silently repair or what would exhaust the stack.
class Strictness {
 public:
  explicit Strictness(std::string_view who) : who_(who) {}

  bool operator()(int depth, Json::parse_event_t event, const Json& value) {
    if (depth > max_depth)
      throw StoreError(who_, "at most " + std::to_string(max_depth) + " nested levels", "more",
                       "give the file that leadline wrote");
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second)
        throw StoreError(who_, "each key once in an object", "'" + key + "' twice",
                         "give the file that leadline wrote");
    }
    return true;
  }

 private:
  std::string_view who_;
  std::vector<std::set<std::string>> keys_;
};

Json parse(std::string_view text, std::string_view who) {
  try {
    return Json::parse(text.begin(), text.end(), Strictness(who));
  } catch (const Json::exception& error) {
    throw StoreError(who, "strict JSON", error.what(),
                     "the file is damaged or was not written by leadline");
  }
}

}  // namespace leadline::detail::json
