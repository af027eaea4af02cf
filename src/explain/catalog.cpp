#include "leadline/core/catalog.hpp"
#include "leadline/explain/permutation_importance.hpp"

namespace leadline::explain {

void add_explain(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "explain", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/explain/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::explain
