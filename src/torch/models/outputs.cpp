#include <ATen/core/Tensor.h>

#include "leadline/core/error.hpp"
#include "leadline/torch/models/backends.hpp"

namespace leadline::detail::outputs {

std::size_t chosen(const models::NamedList& named, const std::string& primary,
                   std::string_view where) {
  const auto position = [&](std::string_view key) {
    std::size_t i = 0;
    while (i < named.size() && named[i].first != key) ++i;
    return i;
  };
  if (!primary.empty()) {
    if (const auto i = position(primary); i < named.size()) return i;
    std::string present;
    for (const auto& [name, value] : named) present += (present.empty() ? "" : ", ") + name;
    throw ValueError(where, "an output named '" + primary + "'", present,
                     "set `primary` to one of them");
  }
  for (const char* key : {"logits", "output", "scores"})
    if (const auto i = position(key); i < named.size()) return i;
  return 0;
}

}  // namespace leadline::detail::outputs

namespace leadline::models {

TorchModel::Result choose_primary(NamedList named, const std::string& primary,
                                  std::string_view where) {
  if (named.empty())
    throw TypeError(where, "at least one tensor as output", "none", "return the scores");
  const auto i = leadline::detail::outputs::chosen(named, primary, where);
  TorchModel::Result result;
  result.output = std::move(named[i].second);
  named.erase(named.begin() + static_cast<std::ptrdiff_t>(i));
  for (auto& [name, value] : named) result.extras.insert_or_assign(name, std::move(value));
  return result;
}

}  // namespace leadline::models
