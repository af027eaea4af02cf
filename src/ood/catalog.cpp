#include "leadline/core/catalog.hpp"
#include "leadline/ood/energy.hpp"
#include "leadline/ood/mahalanobis.hpp"

namespace leadline::ood {

void add_ood(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "ood", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/ood/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::ood
