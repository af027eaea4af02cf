/// GeoDA (Rahmati et al. 2020, arXiv:2003.06468).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

struct GeoDaOptions {
  Threat threat{.norm = Norm::l2, .eps = 0.5};
  std::int64_t queries = 4000;
  int start_tries = 100;
  int initial_evaluations = 60;
  double growth = 1.4;
  double low_frequencies = 0.35;
  std::optional<double> sigma{};
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<GeoDaOptions>(
        {field("queries", &GeoDaOptions::queries, "Rows of the model asked.").at_least(3),
         field("start_tries", &GeoDaOptions::start_tries,
               "Points of noise tried for a first one that fools.")
             .at_least(1),
         field("initial_evaluations", &GeoDaOptions::initial_evaluations,
               "Points behind the first estimate of the boundary's normal.")
             .at_least(2),
         field("growth", &GeoDaOptions::growth, "Factor from one estimate to the next.")
             .at_least(1),
         field(
             "low_frequencies", &GeoDaOptions::low_frequencies,
             "Share of the frequencies along each side in which the normal of a picture is looked "
             "for; inputs that are no pictures: all directions.")
             .above(0)
             .at_most(1),
         field(
             "sigma", &GeoDaOptions::sigma,
             "Deviation at each value of the points around the boundary; none: a hundredth of the "
             "distance over the root of the number of values.")
             .above(0)
             .in("input units")});
  }
};

/// The nearest adversarial from decisions alone, for boundaries that are nearly flat: estimates the
/// normal of the boundary from random smooth changes (cosines of low frequency) of a boundary
/// point, and takes the point of the boundary that lies from the clean one along the normal (l2),
/// its signs (linf) or its largest values (l1). One run answers every budget. See Attack.
class LEADLINE_API GeoDa : public Attack {
 public:
  using Options = GeoDaOptions;
  /// Throws ValueError on options out of range and for the norm l0.
  explicit GeoDa(const Options& options = {});
};

}  // namespace leadline::robustness
