#include "leadline/core/catalog.hpp"
#include "leadline/fairness/fairness.hpp"

namespace leadline::fairness {

void add_fairness(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "fairness", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/fairness/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::fairness
