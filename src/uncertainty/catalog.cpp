#include "leadline/core/catalog.hpp"
#include "leadline/uncertainty/calibration.hpp"
#include "leadline/uncertainty/expected_calibration_error.hpp"
#include "leadline/uncertainty/maximum_calibration_error.hpp"

namespace leadline::uncertainty {

void add_uncertainty(Catalog& catalog) {
#define LEADLINE_METRIC(Type, name, doc, ...) \
  catalog.add(                                \
      make_entry<Type, Metric>(Kind::metric, "uncertainty", #Type, name, {__VA_ARGS__}, doc));
#define LEADLINE_PROBE(Type, name, doc, ...) \
  catalog.add(make_entry<Type, Probe>(Kind::probe, "uncertainty", #Type, name, {__VA_ARGS__}, doc));
#include "leadline/uncertainty/catalog.inc"
#undef LEADLINE_METRIC
#undef LEADLINE_PROBE
}

}  // namespace leadline::uncertainty
