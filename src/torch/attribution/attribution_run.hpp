/// The run behind every gradient attribution: explain, test by deletion, keep pictures.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "leadline/core/probe.hpp"
#include "leadline/torch/attribution/attribute.hpp"

namespace leadline::detail::attribution_run {

struct Recipe {
  std::string name;  // catalog name
  std::function<attribution::Attribution(models::TorchModel&, const at::Tensor&, const at::Tensor&,
                                         const models::NamedTensors*)>
      explain;
  bool complete = false;  // promises that attributions add up to the score difference
  int steps = 1;          // gradient rows a sample
  double baseline = 0;
  double share = 0.1;
  std::int64_t max_samples = 0;
  bool unsigned_parts = false;  // values say how much a part matters, not in which direction
};

/// Throws CapabilityError when the subject is no model.
[[nodiscard]] std::shared_ptr<ProbeRun> make_run(Recipe recipe, Session& session);

}  // namespace leadline::detail::attribution_run
