#include "leadline/core/catalog.hpp"
#include "leadline/decisions/expected_cost.hpp"
#include "leadline/decisions/net_benefit.hpp"
#include "leadline/decisions/severity_weighted_error.hpp"

namespace leadline::decisions {

void add_decisions(Catalog& catalog) {
#define LEADLINE_METRIC(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Metric>(Kind::metric, "decisions", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/decisions/catalog.inc"
#undef LEADLINE_METRIC
}

}  // namespace leadline::decisions
