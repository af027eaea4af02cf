// Everything in leadline::core, room by room: a room adds one declaration and one call.
#include "leadline/core/catalog.hpp"

namespace leadline {

namespace engine {
void add_engine(Catalog& catalog);
}
namespace inside {
void add_inside(Catalog& catalog);
}
namespace metrics {
void add_metrics(Catalog& catalog);
}
namespace ood {
void add_ood(Catalog& catalog);
}

const Catalog& core_catalog() {
  static const Catalog catalog = [] {
    Catalog all;
    engine::add_engine(all);
    inside::add_inside(all);
    metrics::add_metrics(all);
    ood::add_ood(all);
    return all;
  }();
  return catalog;
}

}  // namespace leadline
