// Everything in leadline::core, room by room: a room adds one declaration and one call.
#include "leadline/core/catalog.hpp"

namespace leadline {

namespace cost {
void add_cost(Catalog& catalog);
}
namespace decisions {
void add_decisions(Catalog& catalog);
}
namespace engine {
void add_engine(Catalog& catalog);
}
namespace explain {
void add_explain(Catalog& catalog);
}
namespace fairness {
void add_fairness(Catalog& catalog);
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
namespace robustness {
void add_robustness(Catalog& catalog);
}
namespace uncertainty {
void add_uncertainty(Catalog& catalog);
}

const Catalog& core_catalog() {
  static const Catalog catalog = [] {
    Catalog all;
    engine::add_engine(all);
    inside::add_inside(all);
    metrics::add_metrics(all);
    uncertainty::add_uncertainty(all);
    fairness::add_fairness(all);
    ood::add_ood(all);
    robustness::add_robustness(all);
    explain::add_explain(all);
    cost::add_cost(all);
    decisions::add_decisions(all);
    return all;
  }();
  return catalog;
}

}  // namespace leadline
