#include "leadline/core/catalog.hpp"
#include "leadline/robustness/apgd.hpp"
#include "leadline/robustness/auto_attack.hpp"
#include "leadline/robustness/boundary_attack.hpp"
#include "leadline/robustness/brendel_bethge.hpp"
#include "leadline/robustness/carlini_wagner.hpp"
#include "leadline/robustness/corruption_benchmark.hpp"
#include "leadline/robustness/ddn.hpp"
#include "leadline/robustness/deep_fool.hpp"
#include "leadline/robustness/ead.hpp"
#include "leadline/robustness/fab.hpp"
#include "leadline/robustness/failure_rate.hpp"
#include "leadline/robustness/fgsm.hpp"
#include "leadline/robustness/fmn.hpp"
#include "leadline/robustness/gaussian_noise.hpp"
#include "leadline/robustness/geoda.hpp"
#include "leadline/robustness/hop_skip_jump.hpp"
#include "leadline/robustness/nes.hpp"
#include "leadline/robustness/patch_attack.hpp"
#include "leadline/robustness/pgd.hpp"
#include "leadline/robustness/randomized_smoothing.hpp"
#include "leadline/robustness/serving_faults.hpp"
#include "leadline/robustness/sign_opt.hpp"
#include "leadline/robustness/simba.hpp"
#include "leadline/robustness/spatial_attack.hpp"
#include "leadline/robustness/spsa.hpp"
#include "leadline/robustness/square.hpp"
#include "leadline/robustness/stress.hpp"
#include "leadline/robustness/transfer.hpp"
#include "leadline/robustness/universal_perturbation.hpp"
#include "leadline/robustness/zoo.hpp"

namespace leadline::robustness {

void add_robustness(Catalog& catalog) {
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "robustness", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/robustness/catalog.inc"
#undef LEADLINE_PROBE
}

}  // namespace leadline::robustness
