#include "torch/models/outputs.hpp"

#include <ATen/core/Tensor.h>

#include <algorithm>

#include "leadline/core/error.hpp"

namespace leadline::detail::outputs {

template <class Names, class NameOf>
std::string listed(const Names& names, NameOf name_of) {
  std::string text;
  for (const auto& item : names) text += (text.empty() ? "" : ", ") + name_of(item);
  return text.empty() ? "none" : text;
}

std::string present(const models::NamedList& named) {
  return listed(named, [](const auto& item) { return item.first; });
}

std::size_t chosen(const models::NamedList& named, const std::string& primary,
                   std::string_view where) {
  const auto position = [&](std::string_view key) {
    std::size_t i = 0;
    while (i < named.size() && named[i].first != key) ++i;
    return i;
  };
  if (!primary.empty()) {
    if (const auto i = position(primary); i < named.size()) return i;
    throw ValueError(where, "an output named '" + primary + "'", present(named),
                     "set `primary` to one of them");
  }
  for (const char* key : {"logits", "output", "scores"})
    if (const auto i = position(key); i < named.size()) return i;
  return 0;
}

void require_layers(const std::vector<std::string>& layers, const models::TorchModel::Call& call,
                    std::string_view where) {
  for (const auto& tap : call.taps) {
    if (std::ranges::find(layers, tap) != layers.end()) continue;
    if (layers.empty())
      throw CapabilityError(where, "a model with reachable layers", "layer '" + tap + "'",
                            "pass a torch::nn::Sequential, or return the layer as a named output "
                            "and name it in `layers`");
    throw CapabilityError(where,
                          "one of the layers " + listed(layers, [](const auto& n) { return n; }),
                          "'" + tap + "'", "names are those of info().layers");
  }
}

models::TorchModel::Result with_layers(models::NamedList named, const models::TorchOptions& options,
                                       const models::TorchModel::Call& call,
                                       std::string_view where) {
  models::NamedTensors activations;
  for (const auto& tap : call.taps) {
    const auto found = std::ranges::find(named, tap, &models::NamedList::value_type::first);
    if (found == named.end())
      throw ValueError(where, "an output named '" + tap + "', which `layers` names", present(named),
                       "return it beside the scores");
    if (call.edit)
      throw CapabilityError(where, "a layer that can be replaced on its way",
                            "the named output '" + tap + "'", "pass a torch::nn::Sequential");
    activations.insert_or_assign(tap, found->second);
  }
  std::erase_if(named, [&](const auto& item) {
    return item.first != options.primary &&
           std::ranges::find(options.layers, item.first) != options.layers.end();
  });
  auto result = models::choose_primary(std::move(named), options.primary, where);
  result.activations = std::move(activations);
  return result;
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
