#include "report/json_node.hpp"

namespace leadline::detail::json {

std::int64_t Node::integer() const {
  if (!value_.is_number_integer()) refuse("an integer", dump(value_, -1).substr(0, 40));
  if (value_.is_number_unsigned() &&
      value_.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    refuse("an integer of at most 63 bits", value_.dump());
  return value_.get<std::int64_t>();
}

double Node::number() const {
  if (value_.is_number()) return value_.get<double>();
  if (value_ == "inf") return std::numeric_limits<double>::infinity();
  if (value_ == "-inf") return -std::numeric_limits<double>::infinity();
  refuse("a number, \"inf\" or \"-inf\"", dump(value_, -1).substr(0, 40));
}

std::vector<double> Node::numbers() const {
  return list<double>([](const Node& node) {
    return node.is_null() ? std::numeric_limits<double>::quiet_NaN() : node.number();
  });
}

std::vector<std::pair<std::string, std::string>> Node::pairs() const {
  return list<std::pair<std::string, std::string>>([](const Node& node) {
    node.expect_keys(std::array<std::string_view, 2>{"name", "value"});
    return std::pair(node["name"].text(), node["value"].text());
  });
}

}  // namespace leadline::detail::json
