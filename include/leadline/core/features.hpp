/// Activations as feature vectors, for everything that fits on a layer.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leadline/config.hpp"
#include "leadline/core/session.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline {

/// [n, d, ...] as [n, d] doubles, averaged over the trailing dimensions. Throws ShapeError below
/// two dimensions, CapabilityError above `max_features`; `who` names the caller.
[[nodiscard]] LEADLINE_API Eigen::MatrixXd features_of(const Tensor& activation,
                                                       std::int64_t max_features,
                                                       std::string_view who);

/// `asked`, or the layer before the last. Throws CapabilityError when the subject shows fewer than
/// two layers.
[[nodiscard]] LEADLINE_API std::string layer_or_default(Session& session, std::string_view asked,
                                                        std::string_view who);

/// "fit" or "train", whichever is given. Throws CapabilityError naming both.
[[nodiscard]] LEADLINE_API std::string fit_role(Session& session, std::string_view who);

}  // namespace leadline
