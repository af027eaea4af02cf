#include "leadline/core/catalog.hpp"

#include "leadline/torch.hpp"

namespace leadline {

// One line a room of the LibTorch half; each expands its own catalog.inc.
namespace attribution {
void add_torch_attribution(Catalog& catalog);
}
namespace robustness {
void add_torch_robustness(Catalog& catalog);
}

const Catalog& torch_catalog() {
  static const Catalog catalog = [] {
    Catalog all;
    all.add(core_catalog());
    attribution::add_torch_attribution(all);
    robustness::add_torch_robustness(all);
    return all;
  }();
  return catalog;
}

}  // namespace leadline
