#include "leadline/core/catalog.hpp"
#include "leadline/inside/linear_probe.hpp"

namespace leadline::inside {

void add_inside(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "inside", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/inside/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::inside
