/// Simple black-box attack (Guo et al. 2019, arXiv:1905.07121).
#pragma once

#include "leadline/robustness/attack.hpp"

namespace leadline::robustness {

enum class SimBaBasis : std::uint8_t {
  pixel,  // one value at a time
  dct     // one cosine of a plane at a time, those of low frequency first
};
constexpr std::array<std::string_view, 2> names_of(std::type_identity<SimBaBasis>) {
  return {"pixel", "dct"};
}

struct SimBaOptions {
  Threat threat{.norm = Norm::l2, .eps = 0.5};
  std::int64_t queries = 5000;
  SimBaBasis basis = SimBaBasis::pixel;
  double low_frequencies = 0.125;
  std::optional<double> step_size{};
  std::int64_t max_samples = 0;
  std::int64_t check_samples = 32;

  static Fields fields() {
    return attack_fields<SimBaOptions>(
        {field("queries", &SimBaOptions::queries, "Rows of the model asked, a budget.").at_least(2),
         field("basis", &SimBaOptions::basis, "The directions tried."),
         field("low_frequencies", &SimBaOptions::low_frequencies,
               "Share of the frequencies along each side that dct tries first.")
             .above(0)
             .at_most(1),
         field("step_size", &SimBaOptions::step_size,
               "Length of a step along a direction; none: twice eps (linf; for dct eps times half "
               "the root of the values of a plane), a fifth of it (l2, l1), the range of the value "
               "(l0).")
             .above(0)
             .in("input units")});
  }
};

/// Tries the directions of an orthonormal basis in random order, one step either way, and keeps
/// what raises the log odds of the goal; the ball bounds the sum of the steps. See Attack.
class LEADLINE_API SimBa : public Attack {
 public:
  using Options = SimBaOptions;
  /// Throws ValueError on options out of range, for the cosines in the norm l0.
  explicit SimBa(const Options& options = {});
};

}  // namespace leadline::robustness
