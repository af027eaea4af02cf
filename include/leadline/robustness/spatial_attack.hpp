/// Rotations and shifts as an attack (Engstrom et al. 2019, arXiv:1712.02779).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

enum class SpatialSearch : std::uint8_t {
  grid,     // all combinations of evenly spaced rotations and shifts
  random,   // the worst of `tries` motions drawn uniformly
  gradient  // from each of `tries` such motions, steps along the sign of the slope
};
constexpr std::array<std::string_view, 3> names_of(std::type_identity<SpatialSearch>) {
  return {"grid", "random", "gradient"};
}

struct SpatialAttackOptions {
  Threat threat{.norm = Norm::spatial, .eps = 1.0};
  SpatialSearch search = SpatialSearch::grid;
  int rotations = 31;
  int translations = 5;
  int tries = 10;
  int steps = 20;
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<SpatialAttackOptions>(
        {field("search", &SpatialAttackOptions::search, "How motions are chosen."),
         field("rotations", &SpatialAttackOptions::rotations, "Rotations of the grid.").at_least(1),
         field("translations", &SpatialAttackOptions::translations,
               "Shifts of the grid down, and as many to the right.")
             .at_least(1),
         field("tries", &SpatialAttackOptions::tries,
               "Motions drawn, for the searches random and gradient.")
             .at_least(1),
         field("steps", &SpatialAttackOptions::steps,
               "Steps from each motion drawn, for the search gradient: the first of half the "
               "budget, then shorter in proportion to what is left.")
             .at_least(1)});
  }
};

/// Turns and shifts each picture within the limits of the threat until the model errs. Grid and
/// random motions need decisions only; the search by gradient climbs the cross-entropy, and finds
/// less than a grid does (Engstrom et al., section 4). See Attack.
///
/// A motion has three coordinates, rotation, shift down and shift right, each as a share of its
/// limit, and the size of their largest: eps = 0.5 allows half of each. The picture turns about its
/// centre, then moves; values between pixels are bilinear, what comes in from outside is the
/// nearest pixel of the edge. The defaults are 31 x 5 x 5 motions within 30 degrees and a tenth of
/// a side, largest rotations first.
class LEADLINE_API SpatialAttack : public Attack {
 public:
  using Options = SpatialAttackOptions;
  /// Throws ValueError on options out of range and for every norm but spatial. Runs throw
  /// ShapeError for what is no picture [channels, height, width].
  explicit SpatialAttack(const Options& options = {});
};

}  // namespace leadline::robustness
