#include "leadline/core/catalog.hpp"
#include "leadline/engine/attach.hpp"

namespace leadline::engine {

void add_engine(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "engine", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/engine/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::engine
