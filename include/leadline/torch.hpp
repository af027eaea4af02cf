/// The LibTorch half: models, and the probes that need gradients, activations or weights.
#pragma once

#include "leadline/core/catalog.hpp"
#include "leadline/torch/attribution/attribute.hpp"
#include "leadline/torch/attribution/integrated_gradients.hpp"
#include "leadline/torch/attribution/saliency.hpp"
#include "leadline/torch/mitigate/adversarial_training.hpp"
#include "leadline/torch/mitigate/defences.hpp"
#include "leadline/torch/mitigate/transforms.hpp"
#include "leadline/torch/models/backends.hpp"
#include "leadline/torch/models/size.hpp"
#include "leadline/torch/models/torch_model.hpp"
#include "leadline/torch/robustness/certify.hpp"
#include "leadline/torch/robustness/weight_faults.hpp"

namespace leadline {

/// Everything shipped: `core_catalog()` and the LibTorch half.
[[nodiscard]] LEADLINE_API const Catalog& torch_catalog();

}  // namespace leadline
