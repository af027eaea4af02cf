#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "leadline/core/error.hpp"
#include "leadline/engine/evaluate.hpp"

namespace leadline {
namespace detail::suite {

/// Ids name files and stand before the first dot of an estimate's name.
void check_id(const std::string& id, std::span<const Suite::Item> items) {
  const auto good = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  if (id.empty() || id.size() > 100 || !std::all_of(id.begin(), id.end(), good))
    throw ValueError("Suite.add", "an id of letters, digits, '_' and '-'", fmt::format("'{}'", id),
                     "choose a plain name such as 'pgd_l2'");
  if (std::any_of(items.begin(), items.end(), [&](const auto& item) { return item.id == id; }))
    throw ValueError("Suite.add", "an id that is not taken", fmt::format("'{}' twice", id),
                     "give the second probe an id of its own: suite.add(probe, \"" + id + "_2\")");
}

}  // namespace detail::suite

Suite& Suite::add(std::shared_ptr<const Probe> probe, std::string id) {
  if (probe == nullptr) throw TypeError("Suite.add", "a probe", "none", "");
  if (id.empty()) id = probe->info().name;
  detail::suite::check_id(id, items_);
  items_.push_back({std::move(id), std::move(probe), {}});
  return *this;
}

Suite& Suite::add_missing(std::string id, std::string why) {
  detail::suite::check_id(id, items_);
  items_.push_back({std::move(id), nullptr, std::move(why)});
  return *this;
}

}  // namespace leadline
