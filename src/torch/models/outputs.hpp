/// Layers that a forward hands out itself, as named outputs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "leadline/torch/models/backends.hpp"

namespace leadline::detail::outputs {

/// Throws CapabilityError for a tap that is not among `layers`.
void require_layers(const std::vector<std::string>& layers, const models::TorchModel::Call& call,
                    std::string_view where);

/// `choose_primary`, with the outputs of `options.layers` as activations: those tapped are kept,
/// the others dropped. Throws ValueError when a tapped layer was not returned, CapabilityError when
/// it is to be edited.
[[nodiscard]] models::TorchModel::Result with_layers(models::NamedList named,
                                                     const models::TorchOptions& options,
                                                     const models::TorchModel::Call& call,
                                                     std::string_view where);

}  // namespace leadline::detail::outputs
