#include "leadline/core/catalog.hpp"
#include "leadline/torch/attribution/integrated_gradients.hpp"
#include "leadline/torch/attribution/saliency.hpp"

namespace leadline::attribution {

void add_torch_attribution(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "attribution", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/torch/attribution/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::attribution
