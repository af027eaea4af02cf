#include "leadline/core/catalog.hpp"
#include "leadline/torch/robustness/certify.hpp"
#include "leadline/torch/robustness/weight_faults.hpp"

namespace leadline::robustness {

void add_torch_robustness(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "robustness", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/torch/robustness/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::robustness
