#include "leadline/core/catalog.hpp"
#include "leadline/cost/latency.hpp"

namespace leadline::cost {

void add_cost(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "cost", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/cost/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::cost
