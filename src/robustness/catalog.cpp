#include "leadline/core/catalog.hpp"
#include "leadline/robustness/apgd.hpp"
#include "leadline/robustness/fgsm.hpp"
#include "leadline/robustness/gaussian_noise.hpp"
#include "leadline/robustness/pgd.hpp"

namespace leadline::robustness {

void add_robustness(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "robustness", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/robustness/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::robustness
